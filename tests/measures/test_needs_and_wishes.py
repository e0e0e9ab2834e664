"""Needs at start, needs met at exit, and the support that people want."""

from datetime import date

import pandas as pd
import pytest

import ikut_eval as ikut
from tests.measures.conftest import A, B, Build, C, D, counts

PEOPLE = [A, B, C, D]


def rights(table: pd.DataFrame) -> list[tuple[object, ...]]:
    return counts(table[table["group"] == "rights"])


def test_clear_need_is_level_two_or_three(build: Build) -> None:
    """A 2, B 1, C 3; D was not rated."""
    pilot = build(participant=PEOPLE, need=[(A, "start", "rights", 2), (B, "start", "rights", 1), (C, "start", "rights", 3)])
    assert rights(ikut.need_level(pilot)) == [("rights", 2, 3, 1)]


def test_level_at_exit_is_its_own(build: Build) -> None:
    pilot = build(participant=[A], need=[(A, "start", "rights", 3), (A, "exit", "rights", 0)])
    assert rights(ikut.need_level(pilot, wave="exit")) == [("rights", 0, 1, 0)]


def test_every_domain_has_a_row(build: Build) -> None:
    pilot = build()
    assert list(ikut.need_level(pilot)["group"]) == list(pilot.contract.code_lists["need_domain"].codes)


def test_met_is_clear_at_start_and_not_at_exit(build: Build) -> None:
    """A 2 to 1: met. B 3 to 2: not. C 2 and not rated again: missing. D 1 to 0: was no clear need."""
    levels = {A: (2, 1), B: (3, 2), C: (2, None), D: (1, 0)}
    rows = [(p, wave, "rights", n) for p, pair in levels.items() for wave, n in zip(("start", "exit"), pair, strict=True) if n is not None]
    assert rights(ikut.needs_met(build(participant=PEOPLE, need=rows, today=date(2021, 12, 11)))) == [("rights", 1, 2, 1)]


def test_need_found_only_at_exit_is_not_unmet(build: Build) -> None:
    assert rights(ikut.needs_met(build(participant=[A], need=[(A, "exit", "rights", 3)]))) == [("rights", 0, 0, 0)]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        pytest.param("preferred_support_first", {"individual_f2f": 1, "peer": 1}, id="first: A face to face, B peers"),
        pytest.param("preferred_support", {"individual_f2f": 1, "peer": 2}, id="named at all"),
    ],
)
def test_support_that_people_want(build: Build, measure: str, expected: dict[str, int]) -> None:
    """A: face to face, then peers; B: peers; C said nothing."""
    wishes = [(A, "start", "individual_f2f", 1), (A, "start", "peer", 2), (B, "start", "peer", 1), (C, "exit", "written", 1)]
    table = ikut.preferred_support(build(participant=[A, B, C], preferred_support=wishes))
    here = table[table["measure"] == measure]
    assert {group: n for group, n, _, _ in counts(here) if n} == expected
    assert set(counts(here, "denominator", "n_missing")) == {(2, 1)}
