"""Change between two waves for the same people."""

from datetime import date
from fractions import Fraction

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from tests.measures.conftest import A, B, Build, C, D, answers, counts

ONGOING = {"exit_date": None, "exit_type": "ongoing"}


def change(build: Build, pairs: dict[str, tuple[str, str]], **words: object) -> ikut.PairedChange:
    """Return the change in rights awareness between each person's two sets of answers."""
    given = [
        row for person, both in pairs.items() for wave, values in zip(("start", "exit"), both, strict=True) for row in answers(person, wave, "R01", values)
    ]
    return ikut.paired_change(ikut.scale_scores(build(participant=list(pairs), answer=given), "rights_awareness"), **words)


def test_equal_changes_of_decimals_are_equal(build: Build) -> None:
    """Ten items: 24/10 - 21/10 and 20/10 - 17/10 are both 3/10, which as floats differ."""
    ten = {A: ("2 2 2 2 2 2 2 2 2 3", "2 2 2 2 2 2 3 3 3 3"), B: ("1 1 1 2 2 2 2 2 2 2", "2 2 2 2 2 2 2 2 2 2")}
    assert 2.4 - 2.1 != 2.0 - 1.7
    found = change(build, ten, smallest_change=0.3)
    assert found.changes == (Fraction(3, 10), Fraction(3, 10))
    assert (found.improved, found.same, found.worse) == (2, 0, 0)


TWO = "2 2 2 2 2 2 2 2 2 2 2 2"
UP_BY_2, UP_BY_3 = "2 2 2 2 2 2 2 2 2 2 3 3", "2 2 2 2 2 2 2 2 2 3 3 3"
MOVES = {A: (TWO, UP_BY_3), B: (TWO, UP_BY_2), C: (UP_BY_3, TWO), D: (TWO, TWO)}


@pytest.mark.parametrize(
    ("smallest", "expected"),
    [
        pytest.param(None, (1, 2, 1), id="declared 0.25 = 3 of 12 items one step"),
        pytest.param(0.5, (0, 4, 0), id="half a point: nobody"),
        pytest.param(0, (2, 1, 1), id="any change at all"),
    ],
)
def test_smallest_change_decides_up_same_and_down(build: Build, smallest: float | None, expected: tuple[int, int, int]) -> None:
    """Changes in points: A +3/12, B +2/12, C -3/12, D 0."""
    found = change(build, MOVES, smallest_change=smallest)
    assert (found.improved, found.same, found.worse) == expected


def test_median_and_order_of_changes(build: Build) -> None:
    """-3/12, 0, 2/12, 3/12: median 1/12."""
    found = change(build, MOVES)
    assert found.changes == (Fraction(-1, 4), Fraction(0), Fraction(1, 6), Fraction(1, 4))
    assert found.median_change == pytest.approx(1 / 12)


def test_measure_table_of_a_change(build: Build) -> None:
    table = change(build, MOVES).to_frame()
    assert counts(table, "cohort_id", "wave", "group", "numerator", "denominator", "n_missing", "value") == [
        ("C1", "exit", "improved", 1, 4, 0, 0.25),
        ("C1", "exit", "same", 2, 4, 0, 0.5),
        ("C1", "exit", "worse", 1, 4, 0, 0.25),
    ]


def test_not_yet_is_not_missing(build: Build) -> None:
    """A has both; B only the start although the end's window has closed; D only the end; C is still in the training."""
    given = [
        *answers(A, "start", "C01", "1 1 1"),
        *answers(A, "exit", "C01", "2 2 2"),
        *answers(B, "start", "C01", "1 1 1"),
        *answers(C, "start", "C01", "1 1 1"),
        *answers(D, "exit", "C01", "1 1 1"),
    ]
    pilot = build(participant=[A, B, {"participant_id": C, **ONGOING}, D], answer=given, today=date(2021, 12, 11))
    found = ikut.paired_change(ikut.scale_scores(pilot, "rights_confidence"))
    assert (found.n_paired, found.n_missing, found.n_not_yet) == (1, 2, 1)


def test_too_few_answers_make_no_pair(build: Build) -> None:
    found = change(build, {A: (TWO, "3 3 3 3 3 3 3 3 -7 -7 -7 -7")})
    assert (found.n_paired, found.n_missing) == (0, 1)


def test_change_of_a_sum_is_in_its_points(build: Build) -> None:
    """WHO-5: 40 then 52 = +12, at least the customary 10."""
    pilot = build(participant=[A], answer=answers(A, "start", "W01", "2 2 2 2 2") + answers(A, "exit", "W01", "3 3 3 2 2"))
    found = ikut.paired_change(ikut.scale_scores(pilot, "who5"))
    assert (found.pairs, found.improved) == (((Fraction(40), Fraction(52)),), 1)


def test_later_waves_can_be_compared(build: Build) -> None:
    pilot = build(participant=[A], answer=answers(A, "exit", "C01", "3 3 3") + answers(A, "m6", "C01", "1 1 1"))
    assert ikut.paired_change(ikut.scale_scores(pilot, "rights_confidence"), start="exit", end="m6").worse == 1


def test_nobody_has_no_change(build: Build) -> None:
    found = change(build, {})
    assert (found.n_paired, found.n_missing, found.n_not_yet, found.median_change) == (0, 0, 0, None)
    assert list(found.to_frame()["value"].isna()) == [True] * 3


def test_wave_that_is_not_asked_is_refused(build: Build) -> None:
    with pytest.raises(UsageError, match="start, exit, m6, m12"):
        change(build, {A: (TWO, TWO)}, end="mid")


def test_two_questionnaires_are_refused(synthetic: ikut.PilotData) -> None:
    both = pd.concat([ikut.scale_scores(synthetic, name) for name in ("who5", "rights_awareness")])
    with pytest.raises(UsageError, match="2"):
        ikut.paired_change(both)


def test_negative_smallest_change_is_refused(build: Build) -> None:
    with pytest.raises(UsageError, match="0 or more"):
        change(build, {A: (TWO, TWO)}, smallest_change=-0.25)
