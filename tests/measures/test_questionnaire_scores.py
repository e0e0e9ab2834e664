"""Scores: how many answers they need, what missing codes do, and who is not yet due."""

from datetime import date

import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import A, B, Build, C, answers, counts

COUNTS = ("state", "total", "n_answered", "n_dont_know", "n_declined", "n_not_asked", "n_not_applicable", "score")


CASES = [
    pytest.param("rights_awareness", "R01", "5 4 3 5 4 3 5 4 3 . . .", ("scored", 36, 9, 0, 0, 0, 0, 4.0), id="mean of 9: 36 / 9"),
    pytest.param("rights_awareness", "R01", "5 5 5 5 5 5 5 5 . . . .", ("too_few_answers", 40, 8, 0, 0, 0, 0, None), id="8 of 12 are too few"),
    pytest.param("rights_awareness", "R01", "5 5 5 5 5 5 5 5 -6 -7 -8 -9", ("too_few_answers", 40, 8, 1, 1, 1, 1, None), id="codes -6 to -9 are no answers"),
    pytest.param("rights_awareness", "R01", "3 3 3 3 3 3 3 3 3 -7 -7 -8", ("scored", 27, 9, 2, 1, 0, 0, 3.0), id="codes do not pull the mean down"),
    pytest.param("rights_confidence", "C01", "2 3 5", ("scored", 10, 3, 0, 0, 0, 0, 10 / 3), id="all three: 10 / 3"),
    pytest.param("rights_confidence", "C01", "2 3 -9", ("too_few_answers", 5, 2, 0, 0, 1, 0, None), id="two of three are too few"),
    pytest.param("time_everyday", "T01", "1 2 -6 3 4 5", ("scored", 15, 5, 0, 0, 0, 1, 3.0), id="T03 does not concern me: 15 / 5"),
    pytest.param("who5", "W01", "3 3 3 3 3", ("scored", 15, 5, 0, 0, 0, 0, 60.0), id="WHO-5: 15 x 4"),
    pytest.param("who5", "W01", "0 0 0 0 0", ("scored", 0, 5, 0, 0, 0, 0, 0.0), id="WHO-5: a true 0"),
    pytest.param("who5", "W01", "5 5 5 5 -8", ("too_few_answers", 20, 4, 0, 1, 0, 0, None), id="WHO-5 needs all five"),
    pytest.param(
        "rights_knowledge",
        "K01",
        "false true true dk -7 true",
        ("scored", 2, 6, 2, 0, 0, 0, 2.0),
        id="knowledge: K01 K02 right, K03 K06 wrong, two do not know",
    ),
    pytest.param("rights_knowledge", "K01", "false true true dk dk -8", ("too_few_answers", 2, 5, 2, 1, 0, 0, None), id="knowledge needs all six"),
    pytest.param("rights_knowledge", "K01", "dk dk dk dk dk dk", ("scored", 0, 6, 6, 0, 0, 0, 0.0), id="knowledge: all do not know is 0 right"),
    pytest.param("rights_knowledge", "K01", "-9 -9 -9 -9 -9 -9", ("too_few_answers", 0, 0, 0, 0, 6, 0, None), id="knowledge: not asked is no 0"),
]


@pytest.fixture(scope="module")
def answered(build: Build) -> PilotData:
    """One person a case: P0000 for the first, and so on."""
    given = [row for n, case in enumerate(CASES) for row in answers(f"P{n:04d}", "start", *case.values[1:3])]
    return build(participant=[f"P{n:04d}" for n in range(len(CASES))], answer=given)


@pytest.mark.parametrize(("person", "instrument", "expected"), [pytest.param(n, c.values[0], c.values[3], id=c.id) for n, c in enumerate(CASES)])
def test_score(answered: PilotData, person: int, instrument: str, expected: tuple[object, ...]) -> None:
    scores = ikut.scale_scores(answered, instrument)
    own = scores[(scores["wave"] == "start") & (scores["participant_id"] == f"P{person:04d}")]
    assert counts(own, *COUNTS) == [pytest.approx(expected)]


def test_every_person_and_wave_has_a_row(build: Build) -> None:
    """The data ends on 12.11.2021: the end's window is open (5.11. to 10.12.), six and twelve months are ahead."""
    pilot = build(answer=answers(A, "start", "C01", "1 1 1"))
    assert counts(ikut.scale_scores(pilot, "rights_confidence"), "participant_id", "wave", "state") == [
        (A, "start", "scored"),
        (B, "start", "no_answers"),
        (A, "exit", "not_yet"),
        (B, "exit", "not_yet"),
        (A, "m6", "not_yet"),
        (B, "m6", "not_yet"),
        (A, "m12", "not_yet"),
        (B, "m12", "not_yet"),
    ]


@pytest.mark.parametrize(
    ("today", "state"),
    [
        pytest.param(date(2021, 12, 10), "not_yet", id="28 days after the end the window is open"),
        pytest.param(date(2021, 12, 11), "no_answers", id="the day after it has closed"),
    ],
)
def test_not_yet_until_the_window_closes(build: Build, today: date, state: str) -> None:
    scores = ikut.scale_scores(build(participant=[A], today=today), "who5")
    assert counts(scores[scores["wave"] == "exit"], "state") == [(state,)]


def test_answers_before_the_window_count(build: Build) -> None:
    scores = ikut.scale_scores(build(participant=[A], answer=answers(A, "exit", "C01", "4 4 4"), today=date(2021, 10, 1)), "rights_confidence")
    assert counts(scores[scores["wave"] == "exit"], "state", "score") == [("scored", 4.0)]


def test_nobody_is_due_while_the_data_tells_no_day(build: Build) -> None:
    """Nothing has been held or answered and nobody has left: there is no day to judge by."""
    pilot = build(participant=[{"participant_id": A, "exit_date": None, "exit_type": "ongoing"}])
    assert pilot.reporting_date is None
    assert set(ikut.scale_scores(pilot, "who5")["state"]) == {"not_yet"}


def test_summary_is_the_median_of_those_with_a_score(build: Build) -> None:
    """A has 3, B has 4, C answered two of three: median 3.5 of 2 of 3."""
    given = answers(A, "start", "C01", "3 3 3") + answers(B, "start", "C01", "4 4 4") + answers(C, "start", "C01", "5 5 -7")
    summary = ikut.score_summary(build(participant=[A, B, C], answer=given), "rights_confidence")
    columns = ("wave", "numerator", "denominator", "n_missing", "value", "n_not_yet")
    assert counts(summary, *columns) == [("start", 2, 3, 1, 3.5, 0), ("exit", 0, 0, 0, None, 3), ("m6", 0, 0, 0, None, 3), ("m12", 0, 0, 0, None, 3)]


@pytest.mark.parametrize("instrument", ["feedback", "abilitator", "x3x10d"])
def test_instruments_without_a_score_are_refused(build: Build, instrument: str) -> None:
    with pytest.raises(UsageError, match="rights_awareness"):
        ikut.scale_scores(build(), instrument)


def test_items_agreed_with_are_counted(build: Build) -> None:
    """Answers 4 or 5 of C01 to C03: one; a missing code is no agreement; WHO-5 declares none."""
    scores = ikut.scale_scores(build(participant=[A], answer=answers(A, "start", "C01", "5 3 -7")), "rights_confidence")
    assert counts(scores[scores["wave"] == "start"], "n_agree") == [(1,)]
    other = ikut.scale_scores(build(participant=[A], answer=answers(A, "start", "W01", "5 5 5 5 5")), "who5")
    assert counts(other[other["wave"] == "start"], "n_agree") == [(0,)]
