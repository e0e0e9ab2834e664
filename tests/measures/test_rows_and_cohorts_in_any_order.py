"""Properties that hold for any register and any outcomes: order, cohorts, rates, gaps, bounds."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from ikut_eval.data.rules import enrolments
from tests.measures.conftest import MEASURES, A, B, Build, C, D

PEOPLE = {A: "C1", B: "C1", C: "C2", D: "C2"}
SESSIONS = {"S1": "C1", "S2": "C1", "S3": "C2", "S4": "C2", "S5": "C2"}
MARKS = ("present", "late", "absent_notified", "absent_unnotified", "excused")
WHO_WHERE = [(s, p) for s, cohort in SESSIONS.items() for p, own in PEOPLE.items() if own == cohort]
ATTENDANCE = ("attendance_rate", "notification_rate", "late_share", "minutes_late", "attendance_spread", "group_viability", "attended_hours")
REGISTER = [MEASURES[name] for name in MEASURES if name.startswith(ATTENDANCE) and name.endswith(("cohort", "late", "spread"))]
SIMPLE = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEW = settings(SIMPLE, max_examples=2)

registers = st.lists(st.sampled_from([*MARKS, None]), min_size=len(WHO_WHERE), max_size=len(WHO_WHERE))
outcomes = st.lists(st.sampled_from(["work_open", "self_employed", "jobseeking", "health", "unknown", None]), min_size=4, max_size=4)


@pytest.fixture(scope="module")
def two_cohorts(build: Build) -> PilotData:
    """Two cohorts of two, five sessions of different weeks and themes, everybody past six months."""
    sessions = [
        {"session_id": s, "cohort_id": cohort, "week": 1 + n % 2, "session_type": ("it", "finnish")[n % 2]} for n, (s, cohort) in enumerate(SESSIONS.items())
    ]
    people = [{"participant_id": p, "cohort_id": cohort} for p, cohort in PEOPLE.items()]
    later = [{"participant_id": A, "wave": "m12", "status": "health", "obs_date": "2022-11-20"}]
    return build(cohort=["C1", "C2"], participant=people, session=sessions, attendance=[("S1", A, "late", 10)], outcome=later)


def with_rows(pilot: PilotData, table: str, rows: list[dict[str, object]]) -> PilotData:
    """Return the pilot with other rows in one table, typed as before."""
    old = pilot[table]
    frame = pd.DataFrame(rows, columns=old.columns, index=pd.RangeIndex(2, 2 + len(rows), name="row")).astype(old.dtypes.to_dict())
    tables = {**pilot.tables, table: frame}
    return replace(pilot, tables=tables, enrolments=enrolments(tables))


def with_register(pilot: PilotData, marks: list[str | None]) -> PilotData:
    rows = [{"session_id": s, "participant_id": p, "status": mark} for (s, p), mark in zip(WHO_WHERE, marks, strict=True) if mark]
    return with_rows(pilot, "attendance", rows)


def with_outcomes(pilot: PilotData, statuses: list[str | None]) -> PilotData:
    rows = [
        {"participant_id": p, "wave": "m6", "status": status, "reached": status != "unknown", "obs_date": pd.Timestamp(2022, 5, 20), "source": "worker"}
        for p, status in zip(PEOPLE, statuses, strict=True)
        if status
    ]
    return with_rows(pilot, "outcome", rows)


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    keys = [c for c in ("measure", "at_least", "cohort_id", "wave", "group") if c in table]
    return table.sort_values(keys, kind="stable").reset_index(drop=True)


def shuffled(pilot: PilotData, seed: int) -> PilotData:
    order = np.random.default_rng(seed)
    return replace(pilot, tables={name: table.iloc[order.permutation(len(table))] for name, table in pilot.tables.items()})


@pytest.fixture(scope="module")
def of_cohort(synthetic: PilotData) -> Callable[[str, str], pd.DataFrame]:
    """Return a function that gives a measure's table of one cohort, computed once."""
    return cache(lambda name, cohort: MEASURES[name](synthetic.cohort(cohort)))


@given(seed=st.integers(0, 2**32 - 1))
@FEW
def test_order_of_rows_changes_nothing(synthetic: PilotData, of_cohort: Callable[[str, str], pd.DataFrame], seed: int) -> None:
    other = shuffled(synthetic.cohort("C2"), seed)  # with a gap, and a person on the individual track
    for name, measure in MEASURES.items():
        pd.testing.assert_frame_equal(of_cohort(name, "C2"), measure(other))


@given(seed=st.integers(0, 2**32 - 1))
@FEW
def test_order_of_cohorts_changes_nothing(synthetic: PilotData, seed: int) -> None:
    assert shuffled(synthetic, seed).cohort_ids == synthetic.cohort_ids


@pytest.mark.parametrize("name", MEASURES)
def test_cohorts_apart_are_the_rows_of_the_whole(synthetic: PilotData, of_cohort: Callable[[str, str], pd.DataFrame], name: str) -> None:
    apart = pd.concat([of_cohort(name, cohort) for cohort in synthetic.cohort_ids], ignore_index=True)
    pd.testing.assert_frame_equal(tidy(apart), tidy(MEASURES[name](synthetic)))


@given(marks=registers, visits=st.lists(st.tuples(st.sampled_from(list(SESSIONS)), st.sampled_from(list(PEOPLE))), max_size=3))
@SIMPLE
def test_cohorts_apart_are_the_whole_for_any_register(two_cohorts: PilotData, marks: list[str | None], visits: list[tuple[str, str]]) -> None:
    """Also where people visit the other cohort's sessions."""
    pilot = with_register(two_cohorts, marks)
    rows = pilot["attendance"].to_dict("records")
    rows += [{"session_id": s, "participant_id": p, "status": "present"} for s, p in dict.fromkeys(visits) if PEOPLE[p] != SESSIONS[s]]
    pilot = with_rows(pilot, "attendance", rows)
    for measure in (ikut.attendance_rate, ikut.group_viability, ikut.attended_hours):
        apart = pd.concat([measure(pilot.cohort(c)) for c in pilot.cohort_ids], ignore_index=True)
        pd.testing.assert_frame_equal(tidy(apart), tidy(measure(pilot)))


@given(marks=registers)
@SIMPLE
def test_rate_a_is_never_above_rate_b(two_cohorts: PilotData, marks: list[str | None]) -> None:
    table = ikut.attendance_rate(with_register(two_cohorts, marks), by="person").pivot(index="group", columns="measure", values="value")
    both = table.dropna()
    assert (both["attendance_rate"] <= both["attendance_rate_b"]).all()


@given(marks=registers, place=st.integers(0, len(WHO_WHERE) - 1))
@SIMPLE
def test_absence_that_becomes_a_gap_changes_no_attended_count(two_cohorts: PilotData, marks: list[str | None], place: int) -> None:
    before = [*marks[:place], "absent_unnotified", *marks[place + 1 :]]
    after = [*marks[:place], None, *marks[place + 1 :]]
    known, gap = (ikut.attendance_rate(with_register(two_cohorts, m)) for m in (before, after))
    assert known["numerator"].tolist() == gap["numerator"].tolist()
    assert known["denominator"].sum() - gap["denominator"].sum() == 2  # one row less in A and in B
    assert gap["n_missing"].sum() - known["n_missing"].sum() == 2


@given(marks=registers)
@SIMPLE
def test_session_of_gaps_alone_changes_no_numerator(two_cohorts: PilotData, marks: list[str | None]) -> None:
    pilot = with_register(two_cohorts, marks)
    extra = {**pilot["session"].iloc[0].to_dict(), "session_id": "S9"}
    longer = with_rows(pilot, "session", [*pilot["session"].to_dict("records"), extra])
    for measure in REGISTER:
        assert measure(longer)["numerator"].tolist() == measure(pilot)["numerator"].tolist()


@given(statuses=outcomes, outcome=st.sampled_from(["in_work", "fair_work", "seeking_work", "in_study"]))
@SIMPLE
def test_bounds_are_ordered_and_as_wide_as_what_is_not_known(two_cohorts: PilotData, statuses: list[str | None], outcome: str) -> None:
    table = ikut.outcome_bounds(with_outcomes(two_cohorts, statuses), outcome, at="m6")
    assert (table["at_least"] <= table["at_most"]).all()
    assert (table["at_most"] <= table["denominator"]).all()
    assert (table["at_most"] - table["at_least"] == table["n_missing"]).all()


@given(statuses=outcomes, found=st.sampled_from(["work_open", "health"]), place=st.integers(0, 3))
@SIMPLE
def test_reaching_one_more_never_widens_the_bounds(two_cohorts: PilotData, statuses: list[str | None], found: str, place: int) -> None:
    lost = [*statuses[:place], None, *statuses[place + 1 :]]
    met = [*statuses[:place], found, *statuses[place + 1 :]]
    before, after = (ikut.outcome_bounds(with_outcomes(two_cohorts, s), "in_work", at="m6") for s in (lost, met))
    assert (before["at_least"] <= after["at_least"]).all()
    assert (after["at_most"] <= before["at_most"]).all()
