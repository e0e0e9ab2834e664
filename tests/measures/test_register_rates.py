"""Coming to sessions: rates A and B, notification, lateness.

The register that most tests share (P: present, L: late, N: absent and reported, U: absent and not reported, E: excused):

    session  week  theme     mode        hours   A        B        C (individual track)
    S1       1     finnish   group       2       P        L 15 min
    S2       1     it        group       2       N        E
    S3       2     finnish   group       2       L 30 min (gap)
    S4       2     finnish   cancelled
    S5       1     it        group       2       U        P
    I1       2     guidance  individual  1                         P
"""

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import A, B, Build, C, counts

GUIDANCE = {"session_type": "individual_guidance", "mode": "individual", "hours": 1}
SESSIONS = [
    "S1",
    {"session_id": "S2", "session_type": "it"},
    {"session_id": "S3", "week": 2},
    {"session_id": "S4", "week": 2, "status": "cancelled"},
    {"session_id": "S5", "session_type": "it"},
    {"session_id": "I1", "week": 2, **GUIDANCE},
]
ROWS = [
    ("S1", A, "present"),
    ("S1", B, "late", 15),
    ("S2", A, "absent_notified", None, "health"),
    ("S2", B, "excused", None, "legal"),
    ("S3", A, "late", 30),
    ("S5", A, "absent_unnotified"),
    ("S5", B, "present"),
    ("I1", C, "present"),
]
ONLY_GUIDANCE = {"participant_id": C, "track": "individual"}


@pytest.fixture(scope="module")
def register(build: Build) -> PilotData:
    return build(participant=[A, B, ONLY_GUIDANCE], session=SESSIONS, attendance=ROWS)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param("cohort", [("all", 5, 8, 1)], id="cohort: A 2 of 4, B 2 of 3, C 1 of 1"),
        pytest.param("person", [(A, 2, 4, 0), (B, 2, 3, 1), (C, 1, 1, 0)], id="person"),
        pytest.param("week", [("1", 3, 6, 0), ("2", 2, 2, 1)], id="week: S1 S2 S5, then S3 I1"),
        pytest.param("session_type", [("individual_guidance", 1, 1, 0), ("finnish", 3, 3, 1), ("it", 1, 4, 0)], id="theme"),
        pytest.param("mode", [("group", 4, 7, 1), ("individual", 1, 1, 0)], id="mode"),
    ],
)
def test_rate_a_is_all_who_came_of_all_rows(register: PilotData, by: str, expected: list[tuple[object, ...]]) -> None:
    table = ikut.attendance_rate(register, by=by)
    assert counts(table[table["measure"] == "attendance_rate"]) == expected


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param("cohort", [("all", 5, 7, 1)], id="cohort: B's excused row is left out"),
        pytest.param("person", [(A, 2, 4, 0), (B, 2, 2, 1), (C, 1, 1, 0)], id="person"),
        pytest.param("week", [("1", 3, 5, 0), ("2", 2, 2, 1)], id="week"),
        pytest.param("session_type", [("individual_guidance", 1, 1, 0), ("finnish", 3, 3, 1), ("it", 1, 3, 0)], id="theme"),
        pytest.param("mode", [("group", 4, 6, 1), ("individual", 1, 1, 0)], id="mode"),
    ],
)
def test_rate_b_leaves_excused_absences_out(register: PilotData, by: str, expected: list[tuple[object, ...]]) -> None:
    table = ikut.attendance_rate(register, by=by)
    assert counts(table[table["measure"] == "attendance_rate_b"]) == expected


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param("cohort", [("all", 1, 2, 0)], id="cohort: A reported one of two absences"),
        pytest.param("person", [(A, 1, 2, 0), (B, 0, 0, 0), (C, 0, 0, 0)], id="person: B's absence is excused"),
        pytest.param("week", [("1", 1, 2, 0), ("2", 0, 0, 0)], id="week: a gap is no absence"),
    ],
)
def test_told_in_advance(register: PilotData, by: str, expected: list[tuple[object, ...]]) -> None:
    assert counts(ikut.notification_rate(register, by=by)) == expected


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param("cohort", [("all", 2, 5, 0)], id="cohort: A and B once each, of five arrivals"),
        pytest.param("person", [(A, 1, 2, 0), (B, 1, 2, 0), (C, 0, 1, 0)], id="person"),
        pytest.param("mode", [("group", 2, 4, 0), ("individual", 0, 1, 0)], id="mode"),
    ],
)
def test_late_of_those_who_came(register: PilotData, by: str, expected: list[tuple[object, ...]]) -> None:
    assert counts(ikut.late_share(register, by=by)) == expected


def test_percentage_comes_from_counts_not_from_percentages(build: Build) -> None:
    """A came 1 of 1 and B 0 of 3: 1 of 4, not the mean of 100 % and 0 %."""
    rows = [("S1", A, "present"), *((s, B, "absent_notified") for s in ("S1", "S2", "S3"))]
    table = ikut.attendance_rate(build(session=["S1", "S2", "S3"], attendance=rows))
    assert list(table["value"]) == [0.25, 0.25]


def test_minutes_late_with_median_and_range(register: PilotData) -> None:
    """15 and 30 minutes: median 22.5."""
    columns = ("numerator", "denominator", "n_missing", "value", "minimum", "maximum", "unit")
    assert counts(ikut.minutes_late(register), *columns) == [(2, 2, 0, 22.5, 15, 30, "minutes")]


def test_lateness_without_minutes_is_missing_not_zero(build: Build) -> None:
    pilot = build(session=["S1"], attendance=[("S1", A, "late", 20), ("S1", B, "late")])
    assert counts(ikut.minutes_late(pilot), "numerator", "denominator", "n_missing", "value") == [(1, 2, 1, 20.0)]


def test_nobody_late_has_no_minutes(build: Build) -> None:
    pilot = build(session=["S1"], attendance=[("S1", A, "present"), ("S1", B, "present")])
    assert counts(ikut.minutes_late(pilot), "numerator", "denominator", "value", "minimum", "maximum") == [(0, 0, None, None, None)]


def test_spread_over_people_in_group_sessions(register: PilotData) -> None:
    """A 2 of 4 = 50 %, B 2 of 3 = 66.7 %: median 7/12. C, on the individual track, is not among them."""
    row = ikut.attendance_spread(register).iloc[0]
    assert (row["numerator"], row["denominator"], row["n_missing"], row["minimum"], row["maximum"]) == (2, 2, 0, 50, 67)
    assert row["value"] == pytest.approx(7 / 12)


def test_spread_counts_people_without_rows(build: Build) -> None:
    pilot = build(session=["S1"], attendance=[("S1", A, "present")])
    assert counts(ikut.attendance_spread(pilot), "numerator", "denominator", "n_missing", "value") == [(1, 2, 1, 1.0)]


def test_gap_is_not_an_absence(build: Build) -> None:
    pilot = build(session=["S1"], attendance=[("S1", A, "present")])
    assert counts(ikut.attendance_rate(pilot)) == [("all", 1, 1, 1), ("all", 1, 1, 1)]


def test_individual_track_is_never_absent_from_a_group(build: Build) -> None:
    pilot = build(participant=[A, ONLY_GUIDANCE], session=["S1"], attendance=[("S1", A, "present")])
    table = ikut.attendance_rate(pilot, by="person")
    assert counts(table[table["measure"] == "attendance_rate"]) == [(A, 1, 1, 0), (C, 0, 0, 0)]


def test_cancelled_session_counts_nowhere(build: Build) -> None:
    pilot = build(session=[{"session_id": "S1", "status": "cancelled"}])
    assert counts(ikut.attendance_rate(pilot), "numerator", "denominator", "n_missing", "value") == [(0, 0, 0, None)] * 2


@pytest.mark.parametrize(
    "person",
    [
        pytest.param({"participant_id": B, "exit_date": "2021-09-07", "exit_type": "early_other"}, id="left the day before"),
        pytest.param({"participant_id": B, "start_date": "2021-09-09"}, id="began the day after"),
    ],
)
def test_nobody_is_missed_outside_their_own_dates(build: Build, person: dict[str, object]) -> None:
    """S1 is on 8.9.2021."""
    pilot = build(participant=[A, person], session=["S1"], attendance=[("S1", A, "present")])
    assert counts(ikut.attendance_rate(pilot))[0] == ("all", 1, 1, 0)


def test_last_day_still_counts(build: Build) -> None:
    leaver = {"participant_id": B, "exit_date": "2021-09-08", "exit_type": "early_other"}
    pilot = build(participant=[A, leaver], session=["S1"], attendance=[("S1", A, "present")])
    assert counts(ikut.attendance_rate(pilot))[0] == ("all", 1, 1, 1)


def test_only_excused_leaves_rate_b_without_a_value(build: Build) -> None:
    pilot = build(participant=[A], session=["S1"], attendance=[("S1", A, "excused", None, "legal")])
    assert counts(ikut.attendance_rate(pilot), "numerator", "denominator", "value") == [(0, 1, 0.0), (0, 0, None)]


def test_week_is_the_one_entered_not_the_calendars(build: Build) -> None:
    """A session in the last calendar week, entered for week 1 of the design."""
    pilot = build(participant=[A], session=[{"session_id": "S1", "date": "2021-11-10", "week": 1}], attendance=[("S1", A, "present")])
    assert counts(ikut.attendance_rate(pilot, by="week"))[:2] == [("1", 1, 1, 0), ("2", 0, 0, 0)]


def test_session_without_a_week_is_not_lost(build: Build) -> None:
    pilot = build(participant=[A], session=["S1", {"session_id": "S2", "week": None}], attendance=[("S1", A, "present"), ("S2", A, "absent_notified")])
    table = ikut.attendance_rate(pilot, by="week")
    assert counts(table[table["measure"] == "attendance_rate"]) == [("1", 1, 1, 0), ("2", 0, 0, 0), ("unknown", 0, 1, 0)]


def test_visitor_from_another_cohort_counts_where_the_session_was(build: Build) -> None:
    """B of C2 visits one of C1's two sessions: one entry more in C1, and no gap for the other; nothing in C2."""
    pilot = build(
        cohort=["C1", "C2"],
        participant=[A, {"participant_id": B, "cohort_id": "C2"}],
        session=["S1", "S2", {"session_id": "T1", "cohort_id": "C2"}],
        attendance=[("S1", A, "present"), ("S2", A, "present"), ("S1", B, "present"), ("T1", B, "present")],
    )
    assert counts(ikut.attendance_rate(pilot), "cohort_id", "numerator", "denominator", "n_missing")[:2] == [("C1", 3, 3, 0), ("C2", 1, 1, 0)]


def test_refused_data_is_in_no_rate(build: Build) -> None:
    refuser = {"participant_id": B, "data_use_ok": "false", "exit_type": "withdrew_data"}
    pilot = build(participant=[A, refuser], session=["S1"], attendance=[("S1", A, "present"), ("S1", B, "absent_unnotified")])
    assert counts(ikut.attendance_rate(pilot))[0] == ("all", 1, 1, 0)
    assert counts(ikut.notification_rate(pilot)) == [("all", 0, 0, 0)]


@pytest.mark.parametrize("by", ["cohort", "person", "week", "session_type", "mode"])
def test_groups_add_up_to_the_cohort(synthetic: PilotData, by: str) -> None:
    columns = ["numerator", "denominator"]
    parts, whole = ikut.attendance_rate(synthetic, by=by), ikut.attendance_rate(synthetic)
    pd.testing.assert_frame_equal(parts.groupby(["measure", "cohort_id"])[columns].sum(), whole.groupby(["measure", "cohort_id"])[columns].sum())


def test_session_of_a_person_whose_data_is_refused_is_no_gap(build: Build) -> None:
    """I1 was held for B, who does not let the data be used: nothing is missing, and nothing shows it."""
    refused = {"participant_id": B, "data_use_ok": "false"}
    pilot = build(participant=[A, refused], session=["S1", {"session_id": "I1", **GUIDANCE}], attendance=[("S1", A, "present"), ("I1", B, "present")])
    assert counts(ikut.attendance_rate(pilot)) == [("all", 1, 1, 0), ("all", 1, 1, 0)]
