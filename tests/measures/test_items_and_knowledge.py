"""Item by item: agreement of the same people, and knowledge with "I don't know" apart."""

from datetime import date

import pytest

import ikut_eval as ikut
from tests.measures.conftest import A, B, Build, C, D, counts

COLUMNS = ("wave", "numerator", "denominator", "n_missing")
CLOSED = date(2022, 12, 31)
"""After the last day on which anybody can answer."""


def test_agreement_is_of_the_same_people(build: Build) -> None:
    """R01: A 3 then 4, C 4 then 3, B only at start: of A and C one agrees before and one after."""
    given = [(A, "start", "R01", 3), (A, "exit", "R01", 4), (B, "start", "R01", 5), (C, "start", "R01", 4), (C, "exit", "R01", 3)]
    table = ikut.item_agreement(build(participant=[A, B, C], answer=given, today=CLOSED), "rights_awareness")
    assert counts(table[table["group"] == "R01"], *COLUMNS) == [("start", 1, 2, 1), ("exit", 1, 2, 1)]


def test_missing_code_is_no_pair(build: Build) -> None:
    given = [(A, "start", "R01", 5), (A, "exit", "R01", -7), (B, "start", "R01", 2), (B, "exit", "R01", 4)]
    table = ikut.item_agreement(build(answer=given, today=CLOSED), "rights_awareness")
    assert counts(table[table["group"] == "R01"], *COLUMNS) == [("start", 0, 1, 1), ("exit", 1, 1, 1)]


def test_pairs_are_found_item_by_item(build: Build) -> None:
    """A answers R01 both times and R02 once."""
    given = [(A, "start", "R01", 5), (A, "exit", "R01", 5), (A, "start", "R02", 5)]
    table = ikut.item_agreement(build(answer=given, today=CLOSED), "rights_awareness")
    assert counts(table[table["group"] == "R02"], *COLUMNS) == [("start", 0, 0, 2), ("exit", 0, 0, 2)]


def test_one_wave_alone_counts_everybody(build: Build) -> None:
    given = [(A, "exit", "F01", 5), (B, "exit", "F01", 2)]
    table = ikut.item_agreement(build(answer=given), "feedback", start="exit", end=None)
    assert counts(table[table["group"] == "F01"], *COLUMNS) == [("exit", 1, 2, 0)]


def test_other_waves_can_be_compared(build: Build) -> None:
    given = [(A, "exit", "R01", 3), (A, "m6", "R01", 4), (A, "start", "R01", 1)]
    table = ikut.item_agreement(build(answer=given, today=CLOSED), "rights_awareness", start="exit", end="m6")
    assert counts(table[table["group"] == "R01"], *COLUMNS) == [("exit", 0, 1, 1), ("m6", 1, 1, 1)]


@pytest.mark.parametrize(
    ("measure", "numerator"),
    [
        pytest.param("knowledge_correct", 1, id="A: false is right"),
        pytest.param("knowledge_wrong", 1, id="C: true is wrong"),
        pytest.param("knowledge_dont_know", 1, id="B: does not know, and is not wrong"),
    ],
)
def test_right_wrong_and_do_not_know_apart(build: Build, measure: str, numerator: int) -> None:
    """K01 is false. D would not answer: 3 answers, 1 missing."""
    given = [(A, "start", "K01", "false"), (B, "start", "K01", "dk"), (C, "start", "K01", "true"), (D, "start", "K01", "-8")]
    table = ikut.knowledge_answers(build(participant=[A, B, C, D], answer=given))
    here = table[(table["measure"] == measure) & (table["wave"] == "start") & (table["group"] == "K01")]
    assert counts(here, "numerator", "denominator", "n_missing") == [(numerator, 3, 1)]


def test_code_for_cannot_say_is_do_not_know(build: Build) -> None:
    table = ikut.knowledge_answers(build(participant=[A], answer=[(A, "start", "K01", "-7")]))
    here = table[(table["wave"] == "start") & (table["group"] == "K01")]
    assert counts(here, "measure", "numerator", "denominator") == [("knowledge_correct", 0, 1), ("knowledge_wrong", 0, 1), ("knowledge_dont_know", 1, 1)]


def test_right_wrong_and_do_not_know_are_all_answers(synthetic: ikut.PilotData) -> None:
    table = ikut.knowledge_answers(synthetic)
    whole = table.groupby(["cohort_id", "wave", "group"]).agg({"numerator": "sum", "denominator": "first"})
    assert (whole["numerator"] == whole["denominator"]).all()
