"""Whether there was a group: sessions with at least two (three) people, and what gaps leave open.

session  week  theme    A   B   C        people there   at least 2   at least 3
S1       1     finnish  P   P   L        3              yes          yes
S2       1     finnish  P   P   U        2              yes          no
S3       2     it       P   U   N        1              no           no
S4       2     it       P   gap U        1 or 2         open         no
S5       2     it       P   P   gap      2 or 3         yes          open
S6       2     cancelled; I1 individual: neither is a held group session
"""

import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import A, B, Build, C, D, counts

COLUMNS = ("at_least", "group", "numerator", "denominator", "n_missing")
P, L, N, U = "present", "late", "absent_notified", "absent_unnotified"
SESSIONS = [
    "S1",
    "S2",
    *({"session_id": s, "session_type": "it", "week": 2} for s in ("S3", "S4", "S5")),
    {"session_id": "S6", "week": 2, "status": "cancelled"},
    {"session_id": "I1", "week": 2, "mode": "individual", "session_type": "mapping"},
]
MARKS = {"S1": (P, P, L), "S2": (P, P, U), "S3": (P, U, N), "S4": (P, None, U), "S5": (P, P, None)}
ROWS = [(session, person, mark) for session, marks in MARKS.items() for person, mark in zip((A, B, C), marks, strict=True) if mark]


@pytest.fixture(scope="module")
def group(build: Build) -> PilotData:
    return build(participant=[A, B, C], session=SESSIONS, attendance=[*ROWS, ("I1", A, P)])


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param("cohort", [(2, "all", 3, 4, 1), (3, "all", 1, 4, 1)], id="cohort"),
        pytest.param("week", [(2, "1", 2, 2, 0), (2, "2", 1, 2, 1), (3, "1", 1, 2, 0), (3, "2", 0, 2, 1)], id="week"),
        pytest.param("session_type", [(2, "finnish", 2, 2, 0), (2, "it", 1, 2, 1), (3, "finnish", 1, 2, 0), (3, "it", 0, 2, 1)], id="theme"),
    ],
)
def test_sessions_with_a_group(group: PilotData, by: str, expected: list[tuple[object, ...]]) -> None:
    assert counts(ikut.group_viability(group, by=by), *COLUMNS) == expected


def test_any_size_can_be_asked_for(group: PilotData) -> None:
    """Somebody came to each of the five."""
    assert counts(ikut.group_viability(group, at_least=(1,)), *COLUMNS) == [(1, "all", 5, 5, 0)]


def test_session_without_any_register_is_open(build: Build) -> None:
    assert counts(ikut.group_viability(build(session=["S1"])), *COLUMNS) == [(2, "all", 0, 0, 1), (3, "all", 0, 1, 0)]


def test_person_whose_data_may_not_be_used_is_not_an_absence(build: Build) -> None:
    """D may have been there: S1 had 1 or 2 people, S2 had 2 or 3."""
    refuser = {"participant_id": D, "data_use_ok": "false", "exit_type": "withdrew_data"}
    rows = [("S1", A, P), ("S1", B, U), ("S2", A, P), ("S2", B, P)]
    pilot = build(participant=[A, B, refuser], session=["S1", "S2"], attendance=rows)
    assert counts(ikut.group_viability(pilot), *COLUMNS) == [(2, "all", 1, 1, 1), (3, "all", 0, 1, 1)]


def test_one_person_alone_is_no_group(build: Build) -> None:
    """Cohort 1's story: sometimes a single person came."""
    pilot = build(session=["S1"], attendance=[("S1", A, P), ("S1", B, U)])
    assert counts(ikut.group_viability(pilot, at_least=(2,)), "numerator", "denominator", "value") == [(0, 1, 0.0)]
