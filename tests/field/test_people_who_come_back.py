"""Whoever comes back under the same code counts in the register of each cohort, and once in the pilot.

`11_returner.xlsx`: PY373DJ left cohort 1 on 1.10.2021 and did all of cohort 2: 36 entries there (22 attended) and 58 here.
"""

from datetime import date

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from ikut_eval.data.rules import missing_register_rows
from tests.field.conftest import INPUTS
from tests.measures.conftest import A, B, Build, counts

RETURNER = "PY373DJ"
FIRST, SECOND, THIRD = (
    {"cohort_id": "C1", "start_date": "2021-09-06", "end_date": "2021-11-12"},
    {"cohort_id": "C2", "start_date": "2022-01-31", "end_date": "2022-04-08"},
    {"cohort_id": "C3", "start_date": "2022-05-02", "end_date": "2022-07-08"},
)


@pytest.fixture(scope="module")
def pilot() -> PilotData:
    return ikut.read_pilot(INPUTS / "11_returner.xlsx", date="2023-12-31")


def of_person(pilot: PilotData, person: str = RETURNER) -> list[tuple[object, ...]]:
    table = ikut.attendance_rate(pilot, by="person")
    rows = table[(table["group"] == person) & (table["measure"] == "attendance_rate")]
    return counts(rows, "cohort_id", "numerator", "denominator", "n_missing")


def test_fifty_eight_sessions_are_counted(pilot: PilotData) -> None:
    assert of_person(pilot) == [("C1", 22, 36, 0), ("C2", 58, 58, 0)]


def test_nobody_is_missed_after_going_on(pilot: PilotData) -> None:
    """34 sessions of cohort 1 after 1.10.2021 need no entry of the returner; the other six gaps have another reason."""
    gaps = missing_register_rows(pilot.tables)
    assert (gaps["participant_id"] == RETURNER).sum() == 0
    assert ikut.attendance_rate(pilot)["n_missing"].tolist()[:2] == [5, 1]


def test_cohort_alone_shows_the_same(pilot: PilotData) -> None:
    second = pilot.cohort("C2")
    assert of_person(second) == [("C2", 58, 58, 0)]
    for measure in (ikut.attendance_rate, ikut.attended_hours, ikut.group_viability, ikut.attendance_spread, ikut.late_share):
        whole = measure(pilot)
        pd.testing.assert_frame_equal(measure(second), whole[whole["cohort_id"] == "C2"].reset_index(drop=True))


def test_once_in_the_pilot_and_said_where_the_person_went_on(pilot: PilotData) -> None:
    table = ikut.participants(pilot)
    assert counts(table, "cohort_id", "numerator", "n_also") == [("C1", 4, 0), ("C2", 5, 1), ("C3", 5, 0), ("C4", 6, 0)]
    said = ikut.plot_participants(table, ikut.completion(pilot), language="en").sentence.splitlines()
    assert ["In addition, 1 person went on from an earlier cohort" in line for line in said] == [False, True, False, False]


def test_spread_comparison_and_staying_know_the_person_in_both(pilot: PilotData) -> None:
    assert counts(ikut.attendance_spread(pilot), "numerator", "denominator")[:2] == [(4, 4), (5, 5)]
    assert [row.n for row in ikut.compare_cohorts(ikut.attendance_rate(pilot, by="person")).rows] == [4, 6, 5, 6]
    times = ikut.weeks_in_training(pilot)
    own = times[times["participant_id"] == RETURNER]
    assert counts(own, "cohort_id", "weeks", "left") == [("C1", 32 / 7, True), ("C2", 10.0, False)]
    assert ikut.time_in_training(times).n == len(times)


def test_rule_is_told_by_the_check() -> None:
    report = ikut.validate(INPUTS / "11_returner.xlsx")
    (issue,) = [i for i in report.issues if i.code == "other_cohort"]
    assert len(issue.rows) == 58


def session(name: str, cohort: str, day: str) -> dict[str, object]:
    return {"session_id": name, "cohort_id": cohort, "date": day}


SESSIONS = [
    session("S1", "C1", "2021-09-07"),
    session("S2", "C1", "2021-10-05"),
    session("S3", "C1", "2021-11-09"),
    session("T1", "C2", "2022-02-01"),
    session("T2", "C2", "2022-03-01"),
    session("T3", "C2", "2022-04-05"),
    session("U1", "C3", "2022-05-03"),
    session("U2", "C3", "2022-07-05"),
]


def came(build: Build, *to: str, exit_date: str = "2022-07-08", **more: object) -> PilotData:
    """A is in C1, with the last day in the project, and B in C1 to its end; both were present where it is said."""
    people = [{"participant_id": A, "exit_date": exit_date}, B]
    entries = [(name, A, "present") for name in to] + [(name, B, "present") for name in ("S1", "S2", "S3")]
    return build(cohort=[FIRST, SECOND, THIRD], participant=people, session=SESSIONS, attendance=entries, **more)


def test_three_cohorts(build: Build) -> None:
    """A left C1 after S1, C2 after T2, and stayed in C3 to the end: nothing is missing."""
    assert of_person(came(build, "S1", "T1", "T2", "U1", "U2"), A) == [("C1", 1, 1, 0), ("C2", 2, 2, 0), ("C3", 2, 2, 0)]


def test_gap_between_entries_of_a_further_cohort_is_missing(build: Build) -> None:
    """T2 lies between T1 and T3, which A attended; U1 and U2 follow before A's last day, and A went on to no further cohort."""
    assert of_person(came(build, "S1", "T1", "T3", exit_date="2022-04-08"), A) == [("C1", 1, 1, 0), ("C2", 2, 2, 1)]


def test_further_cohort_goes_on_to_the_last_day(build: Build) -> None:
    assert of_person(came(build, "S1", "T1", exit_date="2022-04-08"), A) == [("C1", 1, 1, 0), ("C2", 1, 1, 2)]


def test_return_to_the_same_cohort_has_a_gap_that_is_said(build: Build) -> None:
    """A was away at S2: the register does not say why, so that the entry is missing and no absence."""
    assert of_person(came(build, "S1", "S3", exit_date="2021-11-12"), A) == [("C1", 2, 2, 1)]


def test_overlapping_cohorts_count_entries_and_miss_none(build: Build) -> None:
    """A is in C1 to its end and visits two sessions of another group meanwhile: both count there, and the one between is not missed."""
    visited = [session("V1", "C2", "2021-09-14"), session("V2", "C2", "2021-10-12"), session("V3", "C2", "2021-11-02")]
    entries = [("S1", A, "present"), ("S2", A, "present"), ("S3", A, "present"), ("V1", A, "present"), ("V3", A, "present")]
    second = {"cohort_id": "C2", "start_date": "2021-09-06", "end_date": "2021-11-12"}
    pilot = build(cohort=[FIRST, second], participant=[A], session=[*SESSIONS[:3], *visited], attendance=entries)
    assert of_person(pilot, A) == [("C1", 3, 3, 0), ("C2", 2, 2, 0)]
    assert counts(ikut.participants(pilot), "n_also") == [(0,), (0,)]


def test_outcomes_of_a_returner_count_once_from_the_last_day(build: Build) -> None:
    """A's last day is 8.7.2022: six months open on 22.12.2022, whatever C1 did."""
    outcome = [{"participant_id": A, "wave": "m6", "status": "work_open", "obs_date": "2023-01-10"}]
    pilot = came(build, "S1", "T1", "T2", "U1", outcome=outcome, today=date(2023, 3, 1))
    assert counts(ikut.outcome_bounds(pilot, "in_work", at="m6"), "cohort_id", "numerator", "denominator") == [("C1", 1, 2), ("C2", 0, 0), ("C3", 0, 0)]
    assert len(ikut.follow_ups_due(pilot)) == 2 * 4
