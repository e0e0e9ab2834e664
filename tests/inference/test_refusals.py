"""What cannot be answered is refused by name, in three languages, and no message holds a participant's value."""

from collections.abc import Callable
from decimal import Decimal
from math import inf, nan

import numpy as np
import pandas as pd
import pytest

from ikut_eval.analysis.change import holm
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.inference.groups import group_test
from ikut_eval.inference.intervals import clopper_pearson, event_rate_interval, rate_interval
from ikut_eval.inference.missing import rate_bounds
from ikut_eval.inference.paired import mean_change_test, sign_test, signed_rank_test
from ikut_eval.inference.planning import detectable_mean_change, detectable_share
from ikut_eval.inference.scores import exact
from ikut_eval.inference.survival import staying
from ikut_eval.inference.tables import freeman_halton_test, stratified_odds_test, trend_test, yes_no_change_test

VALUE = 7654321
"""Stands for what a participant answered: in no message."""
SIX = [VALUE + n for n in range(6)]
Call = Callable[[], object]

PAIRS: list[tuple[str, list[object], list[object], str]] = [
    ("one-pair", [VALUE], [2], "too_few_pairs"),
    ("one-complete-pair", [VALUE, None, nan], [2, 3, 4], "too_few_pairs"),
    ("all-missing", [None, pd.NA], [VALUE, VALUE], "too_few_pairs"),
    ("text", [f"{VALUE}", 1], [1, 2], "score_is_text"),
    ("infinite", [VALUE, inf], [1, 2], "score_not_finite"),
    ("infinite-decimal", [VALUE, Decimal("-Infinity")], [1, 2], "score_not_finite"),
    ("unequal-lengths", [VALUE, 2, 3], [1, 2], "unequal_lengths"),
]
REFUSED: dict[str, tuple[Call, str]] = {
    "unknown zero rule": (lambda: signed_rank_test(SIX, SIX, zeros="drop"), "unknown_choice"),
    "level above 1": (lambda: mean_change_test([0] * 6, SIX).interval(95), "impossible_level"),
    "level 0": (lambda: signed_rank_test([0] * 6, SIX).interval(0), "impossible_level"),
    "level not a number": (lambda: signed_rank_test([0] * 6, SIX).interval(nan), "impossible_level"),
    "groups of unequal length": (lambda: group_test(SIX, [True, False]), "unequal_lengths"),
    "strata of unequal length": (lambda: group_test(SIX, [True, False] * 3, stratum=[1, 2]), "unequal_lengths"),
    "empty group": (lambda: group_test(SIX, [True] * 6), "empty_group"),
    "group empty once the missing are left out": (lambda: group_test([VALUE, VALUE, None], [True, True, False]), "empty_group"),
    "strata of one": (lambda: group_test(SIX, [True, False] * 3, stratum=range(6)), "no_contrast"),
    "each group in strata of its own": (lambda: group_test(SIX, [True, False] * 3, stratum=[1, 2] * 3), "no_contrast"),
    "text in groups": (lambda: group_test([f"{VALUE}", 1], [True, False]), "score_is_text"),
    "unknown scores": (lambda: group_test(SIX, [True, False] * 3, scores="ranks"), "unknown_choice"),
    "negative count in a table": (lambda: freeman_halton_test([[1, -VALUE], [2, 3]]), "impossible_counts"),
    "half a person in a table": (lambda: freeman_halton_test([[1.5, 2], [2, 3]]), "impossible_counts"),  # type: ignore[list-item]
    "missing count in a table": (lambda: freeman_halton_test([[nan, 2], [2, 3]]), "impossible_counts"),  # type: ignore[list-item]
    "ragged table": (lambda: freeman_halton_test([[1, 2], [2]]), "impossible_counts"),
    "table of too many people": (lambda: freeman_halton_test([[60, 60, 60]] * 4), "table_too_large"),
    "negative count in a stratum": (lambda: stratified_odds_test([[[1, -1], [2, 3]]]), "impossible_counts"),
    "more than all": (lambda: trend_test([VALUE, 1], [2, 2]), "impossible_counts"),
    "half a person in a trend": (lambda: trend_test([1.5, 1], [2, 2]), "impossible_counts"),  # type: ignore[list-item]
    "scores that fall": (lambda: trend_test([1, 1], [2, 2], scores=[2, 1]), "scores_must_rise"),
    "score missing": (lambda: trend_test([1, 1], [2, 2], scores=[2, None]), "scores_must_rise"),
    "score as text": (lambda: trend_test([1, 1], [2, 2], scores=["MARKER", 1]), "score_is_text"),
    "trend of unequal length": (lambda: trend_test([1, 1], [2, 2, 2]), "unequal_lengths"),
    "negative change": (lambda: yes_no_change_test(-VALUE, 2), "impossible_counts"),
    "negative successes": (lambda: clopper_pearson(-1, 2), "impossible_counts"),
    "half a success": (lambda: clopper_pearson(1.5, 2), "impossible_counts"),  # type: ignore[arg-type]
    "unknown interval": (lambda: rate_interval(1, 2, method="wald"), "unknown_choice"),
    "negative events": (lambda: event_rate_interval(-1, 2), "impossible_counts"),
    "no exposure": (lambda: event_rate_interval(1, 0), "impossible_counts"),
    "level of events": (lambda: event_rate_interval(1, 2, level=2), "impossible_level"),
    "negative unreached": (lambda: rate_bounds(1, 2, -1), "impossible_counts"),
    "time not known": (lambda: staying([VALUE, nan], [True, False], at=[1]), "impossible_counts"),
    "p above 1": (lambda: holm([0.2, 1.1]), "impossible_probability"),
    "p below 0": (lambda: holm([-0.1]), "impossible_probability"),
    "p not a number": (lambda: holm([nan]), "impossible_probability"),
    "power 1": (lambda: detectable_share(6, power=1), "impossible_probability"),
    "alpha 0": (lambda: detectable_mean_change(6, alpha=0), "impossible_probability"),
    "nobody planned": (lambda: detectable_share(0), "too_few_people"),
    "one planned": (lambda: detectable_mean_change(1), "too_few_pairs"),
    "alpha out of reach": (lambda: detectable_share(5), "alpha_not_attainable"),
    "scores too fine for so many": (lambda: mean_change_test([0] * 60, [2.0**-n for n in range(60)]), "scores_too_fine"),
    "too many people for divisions": (lambda: group_test(range(2100), [True, False] * 1050), "scores_too_fine"),
    "too many people for sign flips": (lambda: mean_change_test([0] * 2001, [1] * 2001), "scores_too_fine"),
}


def refused(call: Call, key: str) -> UsageError:
    with pytest.raises(UsageError) as refusal:
        call()
    assert refusal.value.key == key
    words = [refusal.value.message(language) for language in LANGUAGES]
    assert len(set(words)) == len(LANGUAGES)
    assert all(str(VALUE) not in each and "MARKER" not in each and "{" not in each for each in words)
    return refusal.value


@pytest.mark.parametrize("test", [signed_rank_test, mean_change_test, sign_test])
@pytest.mark.parametrize(("before", "after", "key"), [pytest.param(*rest, id=name) for name, *rest in PAIRS])
def test_pairs_that_cannot_be_compared_are_refused(test: Callable[[object, object], object], before: list[object], after: list[object], key: str) -> None:
    refused(lambda: test(before, after), key)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name: str) -> None:
    refused(*REFUSED[name])


@pytest.mark.parametrize("test", [signed_rank_test, mean_change_test])
@pytest.mark.parametrize(("n", "best"), [(2, 0.5), (3, 0.75), (5, 0.9375), (6, 0.96875)])
def test_level_out_of_reach_names_the_best_and_that_one_works(test: Callable[..., object], n: int, best: float) -> None:
    result = test([0] * n, SIX[:n])
    refusal = refused(lambda: result.interval(0.99), "level_not_attainable")  # type: ignore[attr-defined]
    assert float(refusal.values["best"]) == best
    found = result.interval(best)  # type: ignore[attr-defined]
    assert (found.lower, found.upper) == (SIX[0], SIX[n - 1])


@pytest.mark.parametrize(("first", "second", "best"), [(3, 3, 0.9), (2, 3, 0.8), (1, 2, 1 / 3)])
def test_level_out_of_reach_of_two_groups_names_the_best(first: int, second: int, best: float) -> None:
    ones, others = SIX[:first], SIX[:second]
    refusal = refused(lambda: group_test([*ones, *others], [True] * first + [False] * second).interval(0.99), "level_not_attainable")
    assert float(refusal.values["best"]) == pytest.approx(best)  # type: ignore[arg-type]


def test_every_kind_of_missing_is_missing_and_floats_are_the_decimals_they_print_as() -> None:
    assert [exact(v) for v in (None, nan, pd.NA, pd.NaT, Decimal("NaN"), np.float64("nan"))] == [None] * 6
    assert exact(np.float32(1.4)) == exact(1.4) == exact(Decimal("1.4")) == exact(np.float64(1.4))


def test_power_that_is_there_without_any_effect_needs_none() -> None:
    assert detectable_share(20, power=0.01, alpha=0.5)[0] == 0.5
    assert detectable_mean_change(20, power=0.01, alpha=0.5) == 0
    assert detectable_mean_change(2, power=0.999, alpha=0.001) > 50
