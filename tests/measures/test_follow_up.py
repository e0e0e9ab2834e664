"""Staying in touch: what is due, who was reached, whether support goes on.

Everybody leaves on 12.11.2021. Windows: end 5.11.–10.12.2021, three months 27.1.–13.3., six months
28.4.–12.6., twelve months 13.10.–12.12.2022.
"""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import A, B, Build, C, counts

REACHED, IN_VAIN = {"status": "health"}, {"status": "unknown", "reached": "false"}


def outcome(person: str, wave: str, what: dict[str, str]) -> dict[str, str]:
    return {"participant_id": person, "wave": wave, **what}


@pytest.fixture(scope="module")
def followed(build: Build) -> PilotData:
    """A was reached at the end and tried in vain at three months."""
    return build(participant=[A], outcome=[outcome(A, "exit", REACHED), outcome(A, "m3", IN_VAIN)])


@pytest.mark.parametrize(
    ("on", "states"),
    [
        pytest.param(date(2021, 11, 1), ["reached", "not_reached", "not_yet", "not_yet"], id="1.11.2021"),
        pytest.param(date(2022, 4, 27), ["reached", "not_reached", "not_yet", "not_yet"], id="the day before six months open"),
        pytest.param(date(2022, 4, 28), ["reached", "not_reached", "due", "not_yet"], id="six months open"),
        pytest.param(date(2022, 6, 12), ["reached", "not_reached", "due", "not_yet"], id="last day"),
        pytest.param(date(2022, 6, 13), ["reached", "not_reached", "overdue", "not_yet"], id="the day after"),
        pytest.param(date(2022, 12, 13), ["reached", "not_reached", "overdue", "overdue"], id="a year later"),
    ],
)
def test_what_is_due_on_a_day(followed: PilotData, on: date, states: list[str]) -> None:
    due = ikut.follow_ups_due(replace(followed, reporting_date=on))
    assert list(zip(due["wave"], due["state"], strict=True)) == list(zip(("exit", "m3", "m6", "m12"), states, strict=True))


def test_due_list_names_the_row_never_the_person(build: Build) -> None:
    """The sheet's first row is its heading, so that A is on row 2 and B on row 3."""
    due = ikut.follow_ups_due(build(today=date(2022, 5, 1)))
    assert list(due.columns) == ["row", "cohort_id", "wave", "opens", "closes", "state"]
    assert sorted(set(due["row"])) == [2, 3]


def test_windows_of_a_follow_up(build: Build) -> None:
    due = ikut.follow_ups_due(build(participant=[A])).set_index("wave")
    assert (due.loc["m6", "opens"], due.loc["m6", "closes"]) == (pd.Timestamp(2022, 4, 28), pd.Timestamp(2022, 6, 12))


def test_still_in_the_training_is_not_yet(build: Build) -> None:
    pilot = build(participant=[{"participant_id": A, "exit_date": None, "exit_type": "ongoing"}], today=date(2022, 12, 31))
    assert set(ikut.follow_ups_due(pilot)["state"]) == {"not_yet"}


def test_reached_of_those_who_are_due(build: Build) -> None:
    """On 1.5.2022. End: A reached, B in vain, C not tried. Three months: A reached, B and C not tried. Six months: A early, two wait."""
    rows = [outcome(A, "exit", REACHED), outcome(B, "exit", IN_VAIN), outcome(A, "m3", REACHED), outcome(A, "m6", REACHED)]
    table = ikut.follow_up_reach(build(participant=[A, B, C], outcome=rows, today=date(2022, 5, 1)))
    assert counts(table, "wave", "numerator", "denominator", "n_missing", "n_not_yet") == [
        ("exit", 1, 3, 1, 0),
        ("m3", 1, 3, 2, 0),
        ("m6", 1, 1, 0, 2),
        ("m12", 0, 0, 0, 3),
    ]


def test_support_that_goes_on(build: Build) -> None:
    """On 1.3.2022. Month 1: A had two contacts, B is not noted. Month 3: A none, B not noted. Later months have not passed."""
    table = ikut.support_continuing(build(support_after=[(A, 1, 2), (A, 3, 0)], today=date(2022, 3, 1)))
    assert counts(table, "group", "numerator", "denominator", "n_missing", "n_not_yet") == [
        ("1", 1, 1, 1, 0),
        ("3", 0, 1, 1, 0),
        ("6", 0, 0, 0, 2),
        ("12", 0, 0, 0, 2),
    ]


@pytest.mark.parametrize(
    ("today", "missing", "not_yet"),
    [pytest.param(date(2021, 12, 11), 0, 1, id="the day before"), pytest.param(date(2021, 12, 12), 1, 0, id="a month after 12.11.")],
)
def test_month_has_passed(build: Build, today: date, missing: int, not_yet: int) -> None:
    table = ikut.support_continuing(build(participant=[A], today=today), months=(1,))
    assert counts(table, "denominator", "n_missing", "n_not_yet") == [(0, missing, not_yet)]


def test_month_noted_early_counts(build: Build) -> None:
    table = ikut.support_continuing(build(participant=[A], support_after=[(A, 1, 1)], today=date(2021, 11, 20)), months=(1,))
    assert counts(table, "numerator", "denominator", "n_missing", "n_not_yet") == [(1, 1, 0, 0)]


def test_handover_is_the_latest_note(build: Build) -> None:
    """A: employment services, then an NGO. B: no next service. C: nothing noted."""
    notes = [(A, 2, 1, None, "ngo"), (A, 1, 1, None, "te"), (B, 1, 0, None, "none"), (C, 1, 1)]
    table = ikut.handed_over(build(participant=[A, B, C], support_after=notes))
    assert [row for row in counts(table) if row[1]] == [("ngo", 1, 2, 1), ("none", 1, 2, 1)]


def test_handover_not_known_is_no_note(build: Build) -> None:
    table = ikut.handed_over(build(participant=[A], support_after=[(A, 1, 1, None, "unknown")]))
    assert set(counts(table, "numerator", "denominator", "n_missing")) == {(0, 0, 1)}
