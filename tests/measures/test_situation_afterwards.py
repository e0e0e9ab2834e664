"""Where people are afterwards: what is known of each, the bounds, and fair work."""

from datetime import date

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import A, B, Build, counts

CRITERIA = ("written_terms", "pay_tes", "payslip", "hours", "safe", "documents", "no_fee", "free_to_leave")
AFTER_SIX_MONTHS = date(2022, 7, 1)
"""Everybody who left on 12.11.2021 is past the window of 28.4. to 12.6.2022."""


def at_six(person: str, status: str, **more: object) -> dict[str, object]:
    return {"participant_id": person, "wave": "m6", "status": status, **more}


# Who: (main activity or None without a row, criteria that are not yes, fair work)
PEOPLE: dict[str, tuple[str | None, dict[str, str | None], str]] = {
    "PALLYES": ("work_open", {}, "yes"),
    "PONENO": ("work_open", {"safe": "no"}, "no"),
    "PNOANDDK": ("work_subsidised", {"safe": "no", "hours": "unknown"}, "no"),
    "PUNSURE": ("work_subsidised", {"hours": "unknown"}, "unknown"),
    "PNOTASKD": ("work_open", {"hours": None}, "unknown"),
    "PSELFEMP": ("self_employed", dict.fromkeys(CRITERIA), "unknown"),
    "PHEALTH": ("health", dict.fromkeys(CRITERIA), "no"),
    "PTRYOUT": ("work_trial", dict.fromkeys(CRITERIA), "no"),
    "PSTUDY": ("study_language", dict.fromkeys(CRITERIA), "no"),
    "PINVAIN": ("unknown", dict.fromkeys(CRITERIA), "unknown"),
    "PNOTTRY": (None, dict.fromkeys(CRITERIA), "unknown"),
}


@pytest.fixture(scope="module")
def afterwards(build: Build) -> PilotData:
    """Return the people above at six months, and one who is still in the training."""
    outcome = [at_six(p, status, reached="false" if status == "unknown" else "true") for p, (status, _, _) in PEOPLE.items() if status]
    fair = [(p, "m6", c, others.get(c, "yes")) for p, (_, others, _) in PEOPLE.items() for c in CRITERIA if others.get(c, "yes")]
    ongoing = {"participant_id": "PONGOING", "exit_date": None, "exit_type": "ongoing"}
    return build(participant=[*PEOPLE, ongoing], outcome=outcome, fair_work=fair, today=AFTER_SIX_MONTHS)


@pytest.mark.parametrize(("person", "expected"), [pytest.param(p, fair, id=p) for p, (_, _, fair) in PEOPLE.items()])
def test_fair_work_needs_all_eight(afterwards: PilotData, person: str, expected: str) -> None:
    people = ikut.situation(afterwards, at="m6").set_index("participant_id")
    assert people.loc[person, "fair_work"] == expected


@pytest.mark.parametrize(
    ("person", "state"),
    [
        pytest.param("PALLYES", "reached", id="reached"),
        pytest.param("PINVAIN", "not_reached", id="tried in vain"),
        pytest.param("PNOTTRY", "not_asked", id="nobody tried and the window is over"),
        pytest.param("PONGOING", "not_yet", id="still in the training"),
    ],
)
def test_state_of_a_person(afterwards: PilotData, person: str, state: str) -> None:
    assert ikut.situation(afterwards, at="m6").set_index("participant_id").loc[person, "state"] == state


@pytest.mark.parametrize(
    ("outcome", "least", "most"),
    [
        pytest.param("in_work", 6, 8, id="six work, two are not known"),
        pytest.param("fair_work", 1, 6, id="one fair; not sure, not asked, self-employed and two unreached may be"),
        pytest.param("in_work_trial", 1, 3, id="a try-out is no work"),
        pytest.param("in_study", 1, 3, id="studies"),
    ],
)
def test_at_least_and_at_most(afterwards: PilotData, outcome: str, least: int, most: int) -> None:
    """Eleven are due; the one still in the training is in no count."""
    table = ikut.outcome_bounds(afterwards, outcome, at="m6")
    columns = ("numerator", "denominator", "n_missing", "at_least", "at_most", "n_not_yet", "value")
    assert counts(table, *columns) == [(least, 11, most - least, least, most, 1, None)]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param(date(2022, 4, 27), (0, 0, 0, 2), id="before the window"),
        pytest.param(date(2022, 6, 12), (0, 0, 0, 2), id="on its last day"),
        pytest.param(date(2022, 6, 13), (2, 0, 2, 0), id="the day after: not known, so anything from 0 to 2"),
    ],
)
def test_not_yet_is_never_zero(build: Build, today: date, expected: tuple[int, ...]) -> None:
    table = ikut.outcome_bounds(build(today=today), "in_work", at="m6")
    assert counts(table, "denominator", "at_least", "at_most", "n_not_yet") == [expected]


def test_tried_in_vain_is_due_before_the_window_closes(build: Build) -> None:
    pilot = build(outcome=[at_six(A, "unknown", reached="false")], today=date(2022, 5, 1))
    assert counts(ikut.outcome_bounds(pilot, "in_work", at="m6"), "denominator", "at_least", "at_most", "n_not_yet") == [(1, 0, 1, 1)]


# Who: (main activity, whether seeking work, next service)
TOLD: dict[str, tuple[str, str | None, str | None]] = {
    "PSEEKER": ("jobseeking", None, "te"),
    "PWORKER": ("work_open", "true", "none"),
    "PILLNESS": ("health", "false", "unknown"),
    "PSILENT": ("health", None, None),
    "PBESIDE": ("health", "true", None),
}


@pytest.fixture(scope="module")
def reported(build: Build) -> pd.DataFrame:
    rows = [at_six(p, status, seeking_work=seeking, next_service=service) for p, (status, seeking, service) in TOLD.items()]
    return ikut.situation(build(participant=list(TOLD), outcome=rows), at="m6").set_index("participant_id")


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        pytest.param("PSEEKER", "yes", id="main activity is job seeking"),
        pytest.param("PWORKER", "yes", id="works and seeks"),
        pytest.param("PILLNESS", "no", id="does not seek"),
        pytest.param("PSILENT", "unknown", id="was not asked"),
    ],
)
def test_seeking_work(reported: pd.DataFrame, person: str, expected: str) -> None:
    assert reported.loc[person, "seeking_work"] == expected


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        pytest.param("PSEEKER", "jobseeking", id="job seeking"),
        pytest.param("PWORKER", "in_work", id="works and seeks"),
        pytest.param("PBESIDE", "other", id="seeks beside something else"),
        pytest.param("PSELFEMP", "in_work", id="self-employed"),
        pytest.param("PTRYOUT", "in_work_trial", id="work try-out"),
        pytest.param("PSTUDY", "in_study", id="studies"),
        pytest.param("PINVAIN", "not_known", id="tried in vain"),
        pytest.param("PNOTTRY", "not_known", id="not asked"),
        pytest.param("PONGOING", "not_yet", id="still in the training"),
    ],
)
def test_everybody_has_one_main_activity(reported: pd.DataFrame, afterwards: PilotData, person: str, expected: str) -> None:
    """Job seeking is the main activity of those who do it for the most part; the outcome "seeking work" may go with any other."""
    people = pd.concat([reported, ikut.situation(afterwards, at="m6").set_index("participant_id")])
    assert people.loc[person, "main_activity"] == expected


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        pytest.param("PSEEKER", "yes", id="employment services"),
        pytest.param("PWORKER", "no", id="none"),
        pytest.param("PILLNESS", "unknown", id="not known"),
        pytest.param("PSILENT", "unknown", id="empty"),
    ],
)
def test_next_service(reported: pd.DataFrame, person: str, expected: str) -> None:
    assert reported.loc[person, "next_service"] == expected


def test_one_follow_up_says_nothing_about_another(build: Build) -> None:
    pilot = build(participant=[A, B], outcome=[at_six(A, "work_open")], today=date(2022, 12, 20))
    assert counts(ikut.outcome_bounds(pilot, "in_work", at="m12"), "denominator", "at_least", "at_most") == [(2, 0, 2)]


@pytest.mark.parametrize(
    ("criterion", "yes", "known", "missing"),
    [
        pytest.param("payslip", 5, 5, 0, id="payslip: all five employees"),
        pytest.param("safe", 3, 5, 0, id="safe: two no"),
        pytest.param("hours", 2, 2, 3, id="hours: two not known, one not asked"),
    ],
)
def test_criteria_of_those_employed(afterwards: PilotData, criterion: str, yes: int, known: int, missing: int) -> None:
    """The self-employed are not asked; five people are in paid or pay-subsidised work."""
    table = ikut.fair_work_criteria(afterwards)
    assert counts(table[table["group"] == criterion]) == [(criterion, yes, known, missing)]


def test_every_criterion_has_a_row(build: Build) -> None:
    assert tuple(ikut.fair_work_criteria(build())["group"]) == CRITERIA
