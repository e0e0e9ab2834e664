"""An interval is that of the method beside it; none is shown where it would be people's own changes; exact claims name what they assume."""

from fractions import Fraction

import numpy as np
import pytest

import ikut_eval as ikut
from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.inference.planning import detectable_change, detectable_mean_change
from tests.analysis.conftest import attended, rose

STEPS = (1, 2, -4, 9, 2, 7, 0, 3, 5)
EXACT_IF = {"en": "exact if", "sv": "exakt om", "fi": "tarkka jos"}


def shown(change: ikut.PairedChange, method: str, language: str = "en") -> tuple[str, list[str]]:
    made = ikut.plot_mean_change(change, plan=AnalysisPlan(change.instrument, method=method), language=language)
    return " ".join(words for _, words in made.lines), made.table.iloc[0].tolist()


def test_interval_is_the_plans_own() -> None:
    change = rose(*STEPS)
    limits = {method: change.exact_test(method).interval() for method in ("mean_change", "signed_rank", "sign")}
    assert len(set(limits.values())) == 3
    for method, found in limits.items():
        assert change.telling_interval(change.exact_test(method), 0.95) == found


@pytest.mark.parametrize("language", EXACT_IF)
@pytest.mark.parametrize("method", ["mean_change", "signed_rank", "sign"])
def test_interval_says_what_it_assumes(method: str, language: str) -> None:
    assert EXACT_IF[language] in shown(rose(*STEPS), method, language)[0]


def test_sign_counts_from_the_smallest_change() -> None:
    change = ikut.PairedChange(
        "", "start", "exit", ("C1",), Fraction(1, 2), 3, 4, 0, 0, 0, tuple((Fraction(0), Fraction(k, 10)) for k in (1, 2, 3, 4, 5, 6, 7))
    )
    assert (change.exact_test("sign").n_nonzero, change.exact_test("sign").p) == (3, 0.25)


@pytest.mark.parametrize("steps", [(1, 2, 3, 4), (1, 2, 3, 4, 5, 7), (2,) * 8], ids=["level not reached", "range of the changes", "all alike"])
@pytest.mark.parametrize("method", ["mean_change", "signed_rank"])
def test_interval_that_is_peoples_changes_is_not_shown(steps: tuple[int, ...], method: str) -> None:
    words, cells = shown(rose(*steps), method)
    assert "none is shown" in words
    assert rose(*steps).telling_interval(rose(*steps).exact_test(method), 0.95) is None
    assert "–" in cells


def test_everybody_tied_has_no_interval() -> None:
    assert ikut.probability_of_superiority([3, 3, 3], [3, 3]).inversion is None
    assert "50% to 50%" not in ikut.probability_of_superiority([3, 3, 3], [3, 3]).sentence("en")
    assert ikut.clustered_rate([1, 2, 3], [3, 6, 9]).degenerate
    assert ikut.clustered_rate([7 / 3, 14 / 3, 7], [10, 20, 30]).degenerate


def test_over_people_is_approximate_and_says_where_it_is_cut() -> None:
    people = attended({"C1": [(20, 20), (20, 20), (14, 20)], "C2": [(10, 20), (11, 20), (12, 20), (9, 20)]})
    said = " ".join(words for _, words in ikut.plot_comparison(ikut.compare_cohorts(people), language="en").lines)
    assert "approximate" in said
    assert "cut at 0% or 100%: C1" in said


def test_spread_names_a_median_and_the_scale() -> None:
    together = ikut.cohort_shrinkage([rose(1, 3, 5, cohort="C1"), rose(-2, 0, 4, cohort="C2"), rose(6, 8, 7, cohort="C3")])
    said = " ".join(words for _, words in ikut.plot_spread(together, language="en").lines)
    assert "most likely" not in said
    assert "median" in said
    assert "scale of the prior is 0.5" in said


def test_plan_is_judged_by_the_test_that_is_planned() -> None:
    """Six people show a rise only if all rise: 0.8 ** (1 / 6) each, 1.79 standard deviations, not the t test's 1.43."""
    for method in ("mean_change", "signed_rank", "sign"):
        found = detectable_change(6, method=method)
        assert (round(found.effect, 2), found.error) == (1.79, 0.0)
    assert round(detectable_mean_change(6), 2) == 1.43
    eight = detectable_change(8)
    assert 1.17 < eight.effect < 1.21
    assert 0 < eight.error < 0.02
    row = ikut.detectable_effect(6).rows[0]
    assert (round(row["effect"], 2), row["effect_error"]) == (1.79, 0.0)
    assert ikut.detectable_effect(5, sides="greater").rows[0]["effect"] > 0


def test_simulated_effect_has_the_power_it_promises() -> None:
    """By the exact test itself, on other data sets."""
    draw, effect = np.random.default_rng(5), detectable_change(8).effect
    shown_ = [ikut.mean_change_test([0] * 8, np.round(draw.normal(effect, 1, 8), 3).tolist()) for _ in range(800)]
    assert abs(sum(t.p <= 0.05 and t.estimate > 0 for t in shown_) / 800 - 0.8) < 0.05
