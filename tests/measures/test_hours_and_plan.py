"""Hours received, held and planned."""

import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import A, B, Build, C, counts

PLAN = [("C1", "finnish", 10), ("C1", "it", 4), ("C1", "psychologist", 3)]
SESSIONS = [
    "S1",  # two hours of Finnish in week 1
    {"session_id": "S2", "status": "cancelled"},
    {"session_id": "S3", "session_type": "everyday", "week": 2},
    {"session_id": "S4", "hours": 1.5, "week": None},
    {"session_id": "I1", "session_type": "psychologist", "mode": "individual", "hours": 1},
]


@pytest.fixture(scope="module")
def delivery(build: Build) -> PilotData:
    return build(session=SESSIONS, cohort_plan=PLAN)


def test_hours_held_of_hours_planned(delivery: PilotData) -> None:
    """2 + 2 + 1.5 + 1 held of 10 + 4 + 3 planned; one session cancelled."""
    assert counts(ikut.delivered_hours(delivery)) == [("all", 6.5, 17.0, 1)]


def test_hours_by_component(delivery: PilotData) -> None:
    """Everyday life was not planned: no plan, not a plan of 0. IT was planned and not held."""
    assert counts(ikut.delivered_hours(delivery, by="session_type")) == [
        ("psychologist", 1.0, 3.0, 0),
        ("finnish", 3.5, 10.0, 1),
        ("it", 0.0, 4.0, 0),
        ("everyday", 2.0, None, 0),
    ]


def test_group_hours_of_each_week_of_the_design(delivery: PilotData) -> None:
    """The psychologist is no group; S4 has no week and is reported as missing."""
    columns = ("group", "numerator", "denominator", "most", "n_missing")
    assert counts(ikut.weekly_group_hours(delivery), *columns) == [("1", 2.0, 12.0, 15, 1), ("2", 2.0, 12.0, 15, 1)]


def test_weekly_hours_without_a_plan(build: Build) -> None:
    """Week 2 is over, and neither it nor a later week is in the register: its hours are not known."""
    cohort = {"cohort_id": "C1", "planned_group_hours_week_min": None, "planned_group_hours_week_max": None}
    pilot = build(cohort=[cohort], session=["S1"])
    assert counts(ikut.weekly_group_hours(pilot), "group", "numerator", "denominator", "most") == [("1", 2.0, None, None), ("2", None, None, None)]


def test_emphasis_is_everyday_life_and_psychologist(delivery: PilotData) -> None:
    """Planned 3 of 17; held everyday 2 + psychologist 1 = 3 of 6.5."""
    table = ikut.everyday_wellbeing_share(delivery)
    assert counts(table, "group", "numerator", "denominator") == [("planned", 3.0, 17.0), ("held", 3.0, 6.5)]
    assert list(table["value"]) == pytest.approx([3 / 17, 3 / 6.5])


def test_emphasis_of_nothing_has_no_value(build: Build) -> None:
    assert counts(ikut.everyday_wellbeing_share(build()), "group", "value") == [("planned", None), ("held", None)]


def test_cohorts_that_begin_on_one_day_keep_one_order(build: Build) -> None:
    pilot = build(cohort=["C2", "C1"], participant=[])
    assert list(dict.fromkeys(ikut.weekly_group_hours(pilot)["cohort_id"])) == list(pilot.cohort_ids) == ["C1", "C2"]


RECEIVED = {
    "cohort": [("all", 8.25, 17.0, 1)],
    "person": [(A, 3.5, 8.0, 0), (B, 3.75, 8.0, 1), (C, 1.0, 1.0, 0)],
    "week": [("1", 5.75, 12.0, 0), ("2", 2.5, 5.0, 1)],
    "mode": [("group", 7.25, 16.0, 1), ("individual", 1.0, 1.0, 0)],
}


@pytest.fixture(scope="module")
def received(build: Build) -> PilotData:
    """A: S1 2 h, S3 2 h less 30 min; B: S1 2 h less 15 min, S5 2 h; C: I1 1 h. Held for them: 8 + 8 + 1 h."""
    sessions = ["S1", "S2", {"session_id": "S3", "week": 2}, "S5", {"session_id": "I1", "week": 2, "session_type": "mapping", "mode": "individual", "hours": 1}]
    rows = [
        ("S1", A, "present"),
        ("S1", B, "late", 15),
        ("S2", A, "absent_notified"),
        ("S2", B, "excused", None, "care"),
        ("S3", A, "late", 30),  # B has a gap
        ("S5", A, "absent_unnotified"),
        ("S5", B, "present"),
        ("I1", C, "present"),
    ]
    return build(participant=[A, B, {"participant_id": C, "track": "individual"}], session=sessions, attendance=rows)


@pytest.mark.parametrize("by", RECEIVED)
def test_hours_received_less_minutes_late(received: PilotData, by: str) -> None:
    assert counts(ikut.attended_hours(received, by=by)) == RECEIVED[by]


def test_lateness_beyond_the_session_is_no_negative_dose(build: Build) -> None:
    pilot = build(participant=[A], session=["S1"], attendance=[("S1", A, "late", 180)])
    assert counts(ikut.attended_hours(pilot), "numerator", "denominator", "value") == [(0.0, 2.0, 0.0)]


def test_late_without_minutes_received_the_whole_session(build: Build) -> None:
    pilot = build(participant=[A], session=["S1"], attendance=[("S1", A, "late")])
    assert counts(ikut.attended_hours(pilot), "numerator") == [(2.0,)]
