"""Odd calls of every public function of inference and analysis: a result or a clear refusal, never a bare Python error; and never a long wait."""

import inspect
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from importlib import import_module
from math import inf, nan
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.inference.inversion import division_limits
from ikut_eval.inference.results import Estimate, Result
from tests.analysis.conftest import attended, bounded, counted, rose

MODULES = {
    "inference": ("groups", "intervals", "missing", "paired", "planning", "pooling", "reliability", "survival", "tables"),
    "analysis": ("change", "comparison", "limits", "shrinkage"),
}
"""Left out: scores, arguments, permutation and inversion, which take what these have checked; results has no functions."""
ANSWER = "7654321"
ODD: dict[str, Any] = {
    "None": None,
    "text": ANSWER,
    "empty": [],
    "empty text": "",
    "NaN": nan,
    "NA": pd.NA,
    "infinite": inf,
    "0": 0,
    "-1": -1,
    "1": 1,
    "half": 1.5,
    "huge": 10**400,
    "large": 10**12,
    "tiny": 1e-320,
    "list": [1, 2, 3],
    "with None": [1, None, 2],
    "of None": [None, None, None],
    "of text": [ANSWER, ANSWER],
    "mixed": [1, ANSWER, None, 2.5],
    "with NaN": [nan, 1.0, 2.0],
    "negative": [-5, -6],
    "infinite in it": [inf, 1, 2],
    "huge in it": [10**400, 1, 2],
    "nested": [[1, 2], [3]],
    "nested None": [[None, 1], [2, 3]],
    "dict": {"a": 1},
    "dict of None": {None: None},
    "set": {1, 2},
    "True": True,
    "complex": 1j,
    "decimal": Decimal("sNaN"),
    "bytes": b"ab",
    "array": np.arange(4).reshape(2, 2),
    "frame": pd.DataFrame({"a": [1, None]}),
    "empty frame": pd.DataFrame(),
    "date": date(2026, 1, 1),
    "object": object(),
}
ANSWERS = pd.DataFrame({"participant_id": ["P1", "P2"], "item": "a", "before": [1, 2], "after": [2, 3], "not_yet": False, "versions": "1"})
SIX, TWO = [1, 2, 3, 4, 5, 7], [True, False] * 3
SCORES = partial(
    pd.DataFrame, {"participant_id": ["P1", "P2"], "cohort_id": ["C1", "C1"], "instrument": ["x", "x"], "wave": ["start", "exit"], "state": "scored"}
)
SOUND: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "group_test": ((SIX, TWO), {"stratum": [1, 1, 1, 1, 2, 2], "scores": "raw"}),
    "probability_of_superiority": ((SIX, SIX), {}),
    "clopper_pearson": ((1, 4), {"level": 0.9}),
    "counts_people": ((counted({"C1": (1, 4)}),), {}),
    "with_interval": ((counted({"C1": (1, 4)}),), {"level": 0.9}),
    "rate_interval": ((1, 4), {"level": 0.9, "method": "blaker"}),
    "event_rate_interval": ((1, 4.0), {"level": 0.9, "mid_p": True}),
    "clustered_rate": (([1, 2, 3], [4, 4, 4]), {}),
    "rate_bounds": ((1, 3, 1), {}),
    "adjusted_rate": ((1, 3, 1), {"odds_ratio": 2.0}),
    "change_bounds": (([1, 2, 3], [2, 3, None]), {"lowest": 1, "highest": 5}),
    "tipping_change": (([1, 2, 3], [2, 3, None]), {"changes": [-1, 0, 1], "alpha": 0.5}),
    "signed_rank_test": ((SIX, SIX[::-1]), {"zeros": "pratt"}),
    "mean_change_test": ((SIX, SIX[::-1]), {}),
    "sign_test": ((SIX, SIX[::-1]), {}),
    "smallest_p": ((6,), {}),
    "smallest_p_two_groups": ((3, 3), {}),
    "rank_biserial": ((SIX, SIX[::-1]), {}),
    "rank_biserial_limits": ((0.5, 12, 0.9), {}),
    "detectable_share": ((6,), {"power": 0.7, "alpha": 0.05}),
    "detectable_mean_change": ((6,), {"power": 0.7, "alpha": 0.05}),
    "detectable_change": ((6,), {"power": 0.7, "alpha": 0.05, "method": "sign", "sides": "two"}),
    "normal_shrinkage": (([1, 2, 3], [1, 1, 1]), {"prior": "half-Cauchy", "scale": 0.5}),
    "rate_shrinkage": (([1, 2], [3, 3]), {"mu_prior": (1, 1), "rho_prior": (1, 4)}),
    "quantile": ((0.9, 4.0), {}),
    "normal_level": ((1.96,), {}),
    "heterogeneity": (([1, 2, 3], [1, 1, 1]), {}),
    "classify_change": (([1, 2], [2, 3]), {"sd": 1, "reliability": 0.8, "criterion": 1.96}),
    "cutoffs": ((1, 1, 2, 1), {}),
    "cronbach_alpha": (([[1, 2], [3, 4], [2, 2]],), {}),
    "likeness_within_cohorts": (([[1, 2], [3, 5]],), {}),
    "staying": (([1, 2], [True, False]), {"at": [1]}),
    "median_stay": (([1, 2], [True, False]), {}),
    "median_stay_interval": (([1, 2], [True, False]), {"level": 0.9}),
    "freeman_halton_test": (([[1, 2], [3, 4]],), {}),
    "stratified_odds_test": (([[[1, 2], [3, 4]]],), {}),
    "trend_test": (([1, 2], [3, 3]), {"scores": [1, 2]}),
    "yes_no_change_test": ((1, 2), {}),
    "holm": (([0.1, 0.2],), {}),
    "item_shift": ((ANSWERS,), {"zeros": "pratt"}),
    "planned_contrast": ((SCORES(), {"start": -1, "exit": 1}), {}),
    "reliable_change": ((rose(1, 2),), {"sd": 1, "reliability_outside": 0.8}),
    "compare_groups": ((SCORES(), {"P1": "a", "P2": "b"}), {"first": "a", "start": "start", "end": "exit"}),
    "compare_cohorts": ((counted({"C1": (1, 4), "C2": (2, 4)}),), {"method": "trend", "order": ("C1", "C2"), "level": 0.9, "group": "completed"}),
    "counts_sessions": ((counted({"C1": (1, 4)}),), {}),
    "measure_of": ((counted({"C1": (1, 4)}),), {}),
    "checked_changes": (([rose(1, 2)],), {}),
    "versions_in": (([rose(1, 2)],), {}),
    "one_row_a_cohort": ((counted({"C1": (1, 4)}), None), {}),
    "refuse_doubles": ((["C1", "C2"],), {}),
    "clustered_rates": ((attended({"C1": [(1, 2), (2, 2)]}),), {}),
    "people_by_cohort": ((attended({"C1": [(1, 2), (2, 2)]}),), {}),
    "detectable_effect": ((6,), {"power": 0.7, "alpha": 0.05, "method": "sign", "sides": "two"}),
    "tipping_point": ((rose(1, 2),), {"share": 0.5, "alpha": 0.05}),
    "time_in_training": ((pd.DataFrame({"participant_id": ["P1", "P2"], "cohort_id": "C1", "weeks": [3.0, 10.0], "left": [True, False]}),), {"weeks": 10}),
    "cohort_shrinkage": (([rose(1, 2), rose(2, 4, cohort="C2")],), {"scale": 0.5, "group": None}),
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: function
    for folder, modules in MODULES.items()
    for module in modules
    for name, function in inspect.getmembers(import_module(f"ikut_eval.{folder}.{module}"), inspect.isfunction)
    if function.__module__ == f"ikut_eval.{folder}.{module}" and not name.startswith("_")
}


def answers_or_refuses(call: Callable[[], Any]) -> None:
    """Call; a refusal must be ours, in every language and without the value; a result must speak."""
    refusal, found = None, None
    try:
        found = call()
    except UsageError as problem:
        refusal = problem
    assert refusal is None or not any(ANSWER in refusal.message(language) for language in LANGUAGES)
    for result in found if isinstance(found, tuple) else (found,):
        if isinstance(result, Result):
            assert result.sentence("en")
            result.to_frame()


def test_every_public_function_is_called() -> None:
    assert set(FUNCTIONS) == set(SOUND)


@pytest.mark.parametrize("name", SOUND)
def test_odd_value_in_every_place(name: str) -> None:
    places, words = SOUND[name]
    for odd in ODD.values():
        for place in range(len(places)):
            answers_or_refuses(partial(FUNCTIONS[name], *places[:place], odd, *places[place + 1 :], **words))
        for word in words:
            answers_or_refuses(partial(FUNCTIONS[name], *places, **words | {word: odd}))
        if places and len(places) > 1:
            answers_or_refuses(partial(FUNCTIONS[name], *[odd] * len(places), **words))


PILOT = ikut.read_pilot("synthetic")
GROUPS = {person: "ab"[n % 2] for n, person in enumerate(PILOT["participant"]["participant_id"])}
TABLES: dict[str, tuple[pd.DataFrame, tuple[Callable[[pd.DataFrame], Any], ...]]] = {
    "answers": (ANSWERS, (ikut.item_shift,)),
    "people": (counted({"C1": (1, 4), "C2": (2, 4)}), (ikut.compare_cohorts, ikut.cohort_shrinkage, ikut.with_interval)),
    "attendance": (attended({"C1": [(1, 2), (2, 2)], "C2": [(1, 2), (2, 3)]}), (ikut.compare_cohorts, ikut.cohort_shrinkage)),
    "bounds": (bounded({"C1": (1, 2, 4), "C2": (1, 1, 4)}), (ikut.tipping_point, ikut.compare_cohorts, ikut.with_interval)),
    "weeks": (ikut.weeks_in_training(PILOT), (ikut.time_in_training,)),
    "scores": (
        ikut.scale_scores(PILOT, "rights_awareness"),
        (lambda t: ikut.planned_contrast(t, {"start": -1, "exit": 1}), lambda t: ikut.compare_groups(t, GROUPS, first="a")),
    ),
    "participants": (ikut.participants(PILOT), (ikut.detectable_effect,)),
}


@pytest.mark.parametrize("name", TABLES)
def test_odd_cell_in_every_column(name: str) -> None:
    table, calls = TABLES[name]
    for column in table.columns:
        for odd in (None, nan, pd.NA, ANSWER, -1, 1.5, inf, 10**12, [1]):
            changed = table.astype(object)
            changed.at[changed.index[0], column] = odd
            for call in calls:
                answers_or_refuses(partial(call, changed))


@pytest.mark.parametrize("odd", [None, "95", nan, 0, 1, -1, 95, inf, [0.9]])
def test_odd_level_of_every_result(odd: Any) -> None:
    results = [FUNCTIONS[name](*places, **words) for name, (places, words) in SOUND.items() if name not in ("planned_contrast", "compare_groups")]
    for result in results:
        if isinstance(result, Estimate):
            with pytest.raises(UsageError):
                result.interval(odd)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        pytest.param(lambda: ikut.holm([0.02, None]), "impossible_probability", id="holm"),
        pytest.param(lambda: ikut.group_test(SIX, [True, None, False, True, False, False]), "label_missing", id="no group"),
        pytest.param(lambda: ikut.group_test(SIX, TWO, stratum=[1, nan, 1, 1, 1, 1]), "label_missing", id="no cohort"),
        pytest.param(lambda: ikut.group_test(SIX, ["a", "b"] * 3), "flag_needed", id="names for flags"),
        pytest.param(lambda: ikut.change_bounds([1, 9], [2, 3], lowest=1, highest=5), "outside_scale", id="outside the scale"),
        pytest.param(lambda: ikut.normal_shrinkage([1, 2], [1, 1], scale=-1), "scale_not_positive", id="negative scale"),
        pytest.param(lambda: ikut.normal_shrinkage([1, 2], [1, -1]), "error_not_positive", id="negative error"),
        pytest.param(lambda: ikut.detectable_effect(6, alpha=1), "impossible_probability", id="alpha 1"),
        pytest.param(lambda: ikut.compare_cohorts(None), "list_needed", id="nothing to compare"),
    ],
)
def test_refused_by_its_name(call: Callable[[], Any], key: str) -> None:
    with pytest.raises(UsageError) as refusal:
        call()
    assert refusal.value.key == key


def test_tiny_p_is_said_in_words() -> None:
    found = ikut.mean_change_test([0] * 1500, [1] * 1500)
    assert all(found.sentence(language, level=level) for language in LANGUAGES for level in (0.95, 0.999999))


LARGE = [float(n % 5) for n in range(1000)]
SIDES, COHORTS = [n % 2 == 0 for n in range(1000)], [n // 2 % 4 for n in range(1000)]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: ikut.freeman_halton_test([[1000, 1200], [900, 1100]] * 2), id="table of thousands"),
        pytest.param(lambda: ikut.stratified_odds_test([[[1000, 1000], [1100, 900]]] * 4).interval(), id="four tables of thousands"),
        pytest.param(lambda: ikut.trend_test([500, 550, 600], [1000] * 3), id="trend of 3 x 1000"),
        pytest.param(lambda: ikut.yes_no_change_test(10**6, 10**6), id="a million moved"),
        pytest.param(lambda: ikut.mean_change_test([0] * 1000, LARGE).interval(), id="mean"),
        pytest.param(lambda: ikut.signed_rank_test([0] * 1000, LARGE).interval(), id="ranks"),
        pytest.param(lambda: ikut.probability_of_superiority(LARGE * 5, LARGE * 5), id="superiority"),
        pytest.param(lambda: ikut.detectable_effect(1000), id="planned"),
    ],
)
def test_large_calls_answer_or_say_at_once_that_they_will_not(call: Callable[[], Any]) -> None:
    started = perf_counter()
    answers_or_refuses(call)
    assert perf_counter() - started < 20


def test_interval_of_strata_of_a_thousand_is_refused_before_it_starts() -> None:
    halves = [([k % 5 for k in range(125)], [k % 4 for k in range(125)]) for _ in range(4)]
    with pytest.raises(UsageError) as refusal:
        division_limits(halves, [1] * 4, 0.95)
    assert refusal.value.key == "interval_too_large"


def test_fine_scores_of_two_small_groups_are_counted() -> None:
    """Means of 17, 19 and 23 items have no short common scale."""
    scores = [Fraction(40 + 7 * n % 11, (17, 19, 23, 24)[n % 4]) for n in range(12)]
    found = ikut.group_test(scores, [True, False] * 6, scores="raw")
    assert 0 < found.p <= 1
