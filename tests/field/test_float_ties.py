"""Scores that are means of items are fractions, whatever their type: floats, decimals and fractions give one exact answer."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from random import Random

import numpy as np
import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.inference.groups import SCORES
from ikut_eval.inference.results import ExactTest
from ikut_eval.inference.scores import exact, exact_scores

GROUPS = 1000
"""Random groups a test: all ten tests together try 10,000."""


def groups(seed: int, number: int = GROUPS) -> Iterator[tuple[list[Fraction], list[Fraction]]]:
    """Give random scores before and after of 3 to 8 people, each the mean of 2 to 24 items from 1 to 5; every fourth group with items missing."""
    draw = Random(seed)
    for place in range(number):
        n, items = draw.randint(3, 8), draw.randint(2, 24)
        counts = [items - draw.randint(0, min(2, items - 2)) if place % 4 == 0 else items for _ in range(2 * n)]
        scores = [Fraction(draw.randint(k, 5 * k), k) for k in counts]
        yield scores[:n], scores[n:]


def figures(test: ExactTest) -> tuple[float | None, ...]:
    return test.p, test.p_greater, test.p_less, test.p_mid, test.estimate, test.statistic


@pytest.mark.parametrize("name", ["mean_change_test", "signed_rank_test", "sign_test"])
@pytest.mark.parametrize("subtracted", [False, True], ids=["scores", "differences"])
def test_pairs(name: str, subtracted: bool) -> None:
    test, wrong = getattr(ikut, name), 0
    for before, after in groups(11):
        first, last = ([float(v) for v in side] for side in (before, after))
        found = test([0.0] * len(first), [b - a for a, b in zip(first, last, strict=True)]) if subtracted else test(first, last)
        wrong += figures(found) != figures(test(before, after))
    assert wrong == 0


@pytest.mark.parametrize("scores", SCORES)
def test_two_groups_and_strata(scores: str) -> None:
    wrong = 0
    for ones, others in groups(12):
        sides, cohorts = [True] * len(ones) + [False] * len(others), [n % 2 for n in range(2 * len(ones))]
        for stratum in (None, cohorts):
            true, found = (ikut.group_test(values, sides, stratum=stratum, scores=scores) for values in ([*ones, *others], [*map(float, [*ones, *others])]))
            wrong += figures(true) != figures(found)
    assert wrong == 0


def test_intervals_and_superiority() -> None:
    for before, after in groups(13, 150):
        first, last = ([float(v) for v in side] for side in (before, after))
        for test in (ikut.mean_change_test, ikut.signed_rank_test):
            true, found = test(before, after), test(first, last)
            assert true.interval(true.highest_level) == found.interval(found.highest_level)
        assert ikut.probability_of_superiority(before, after) == ikut.probability_of_superiority(first, last)


def test_the_cases_that_were_seen() -> None:
    before, after = [29, 33, 33, 23], [27, 37, 37, 21]
    assert ikut.mean_change_test([k / 12 for k in before], [k / 12 for k in after]).p == 0.75
    third = [8 / 3, 7 / 3, 3.0, 10 / 3]
    for kind in (np.float64, np.float32, Decimal, pd.Series):
        side = kind(third) if kind is pd.Series else [kind(v) for v in third]
        assert exact_scores(side) == [Fraction(8, 3), Fraction(7, 3), 3, Fraction(10, 3)]


def test_score_column_and_change_agree() -> None:
    pilot = ikut.read_pilot("synthetic")
    for cohort in pilot.cohort_ids:
        scores = ikut.scale_scores(pilot.cohort(cohort), "rights_confidence")
        wide = scores.pivot(index="participant_id", columns="wave", values="score")
        change = ikut.paired_change(scores)
        if change.n_paired < 2:
            continue
        for method in ("mean_change", "signed_rank"):
            found = getattr(ikut, f"{method}_test")(wide[change.start], wide[change.end])
            assert found.p == change.exact_test(method).p


@pytest.mark.parametrize(
    ("value", "fraction"),
    [(0.1 + 0.2 - 0.3, 0), (-1 / 3, Fraction(-1, 3)), (1e6 + 1 / 3, Fraction(3000001, 3)), (0.12345678, Fraction(12345678, 10**8)), (1e-9, Fraction(1, 10**9))],
)
def test_nearest_small_fraction_or_the_decimal(value: float, fraction: Fraction) -> None:
    assert exact(value) == fraction


def test_scores_in_tiny_units_are_told_apart() -> None:
    assert ikut.mean_change_test([0] * 6, [1e-15 * k for k in range(1, 7)]).p == 2**-5
