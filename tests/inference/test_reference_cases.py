"""All 110 reference cases: values of R packages and published tables, each checked by a second route."""

import json
from collections.abc import Callable, Mapping
from math import inf
from pathlib import Path
from typing import Any

import pytest

from ikut_eval.analysis.change import holm
from ikut_eval.contract.errors import UsageError
from ikut_eval.inference import groups, intervals, missing, paired, planning, pooling, reliability, survival, tables
from ikut_eval.inference.results import Interval

CASES = json.loads((Path(__file__).parents[1] / "reference/stat_reference.json").read_text(encoding="utf-8"))
Values = Mapping[str, Any]
Compute = Callable[[Values], Values]


def ends(interval: Interval | None) -> list[float | None]:
    return [interval.lower, interval.upper] if interval else [None, None]


def zeros_before(case: Values) -> tuple[list[int], list[float | None]]:
    return [0] * len(case["d"]), case["d"]


def signed_rank(case: Values) -> Values:
    r = paired.signed_rank_test(case["before"], case["after"], zeros=case["zeros"])
    total = r.n * (r.n + 1) / 2 if case["zeros"] == "pratt" else r.n_nonzero * (r.n_nonzero + 1) / 2
    zero_ranks = (r.n - r.n_nonzero) * (r.n - r.n_nonzero + 1) / 2 if case["zeros"] == "pratt" else 0
    minus = total - zero_ranks - r.statistic
    return {"n_pairs": r.n, "n_nonzero": r.n_nonzero, "w_plus": r.statistic, "w_minus": minus, "p_two_sided": r.p, "p_greater": r.p_greater, "p_less": r.p_less}


def mean_change(case: Values) -> Values:
    r = paired.mean_change_test(case["before"], case["after"])
    return {"n_pairs": r.n, "n_nonzero": r.n_nonzero, "mean_change": r.estimate, "p_two_sided": r.p, "p_greater": r.p_greater, "p_less": r.p_less}


def two_groups(case: Values) -> Values:
    r = groups.group_test(case["values"], [bool(g) for g in case["group"]], stratum=case.get("stratum"), scores=case["scores"])
    doubled = min(1, 2 * min(r.p_greater, r.p_less))
    sizes = {"n1": sum(case["group"]), "n0": len(case["group"]) - sum(case["group"])}
    return sizes | {"statistic": r.statistic, "p_two_sided_absdev": r.p, "p_greater": r.p_greater, "p_less": r.p_less, "p_two_sided_doubled": doubled}


def with_interval_or_refusal(r: Any, level: float) -> dict[str, Any]:
    try:
        return {"estimate": r.estimate} | dict(zip(("lower", "upper"), ends(r.interval(level)), strict=True))
    except UsageError as refusal:
        best = float(refusal.values["best"])
        low, high = ends(r.interval(best))
        return {"estimate": r.estimate, "attainable": False, "max_level": best, "range_lower": low, "range_upper": high}


def shift(case: Values) -> Values:
    return with_interval_or_refusal(paired.signed_rank_test(*zeros_before(case), zeros=case.get("zeros", "pratt")), case["level"])


def mean_interval(case: Values) -> Values:
    r = paired.mean_change_test(*zeros_before(case))
    rank = int((1 - case["level"]) / 2 * 2**r.n)
    return with_interval_or_refusal(r, case["level"]) | {"achieved_level": 1 - 2 * rank / 2**r.n}


def shift_of_two(case: Values) -> Values:
    r = groups.group_test([*case["x"], *case["y"]], [True] * len(case["x"]) + [False] * len(case["y"]))
    return dict(zip(("estimate", "lower", "upper"), [r.estimate, *ends(r.interval(case["level"]))], strict=True))


def signs(case: Values) -> Values:
    r = paired.sign_test(*zeros_before(case))
    down = r.n_nonzero - r.statistic
    found = {"improved": r.statistic, "same": r.n - r.n_nonzero, "worsened": down, "p_two_sided": r.p, "p_greater": r.p_greater}
    found["prob_improvement"] = (r.statistic + (r.n - r.n_nonzero) / 2) / r.n
    if r.n_nonzero and r.inversion:
        found["cond_lower"], found["cond_upper"] = r.inversion(0.95)
    return found


def mcnemar(case: Values) -> Values:
    r = tables.yes_no_change_test(case["gained"], case["lost"])
    return {"p_two_sided": r.p, "or": r.estimate} | dict(zip(("or_lower", "or_upper"), ends(r.interval()), strict=True))


def rate(case: Values) -> Values:
    found = {name: ends(intervals.rate_interval(case["x"], case["n"], level=case["level"], method=name)) for name in intervals.RATE_METHODS}
    return {**found, "jeffreys_boundary": found.pop("jeffreys")}


def odds(case: Values) -> Values:
    r = tables.stratified_odds_test(case["tables"])
    found = {"s": r.statistic, "p_two_sided_minlike": r.p, "p_greater": r.p_greater, "p_less": r.p_less, "or_cmle": r.estimate}
    return found | dict(zip(("or_lower", "or_upper"), ends(r.interval()), strict=True))


def trend(case: Values) -> Values:
    r = tables.trend_test(case["successes"], case["totals"], scores=case["scores"])
    return {"statistic": r.statistic, "p_two_sided_absdev": r.p, "p_increasing": r.p_greater, "p_decreasing": r.p_less}


def shrinkage(case: Values) -> Values:
    prior = case["tau_prior"]
    r = pooling.normal_shrinkage(case["y"], case["sigma"], prior=prior["name"], scale=prior.get("scale", 0.5))
    found = {"mu_median": r.median, "mu_mean": r.estimate, "mu_sd": r.sd, "mu_ci_central": ends(r.interval())}
    return found | {"tau_median": r.tau_median, "tau_mean": r.tau_mean, "tau_upper95": r.tau_upper, "theta_mean": r.theta_mean, "theta_sd": r.theta_sd}


def heterogeneity(case: Values) -> Values:
    r = pooling.heterogeneity(case["y"], case["sigma"])
    found = {name: getattr(r, name) for name in ("q", "q_p", "tau2_dl", "tau2_pm", "tau2_reml", "mu_dl")}
    return found | {"mu_pm": r.estimate, "hk_ci_dl": r.dl_limits(0.95), "hk_ci_pm": ends(r.interval())}


def rate_shrinkage(case: Values) -> Values:
    r = pooling.rate_shrinkage(case["successes"], case["totals"], mu_prior=tuple(case["mu_prior"]), rho_prior=tuple(case["rho_prior"]))
    return {"mu_mean": r.estimate, "mu_sd": r.sd, "rho_mean": r.rho_mean, "theta_mean": r.theta_mean, "theta_sd": r.theta_sd}


def reliable(case: Values) -> Values:
    single = not isinstance(case["pre"], list)
    before, after = ([case["pre"]], [case["post"]]) if single else (case["pre"], case["post"])
    r = reliability.classify_change(before, after, sd=case["sd_pre"], reliability=case["reliability"], higher_is_better=case["higher_is_better"])
    index, kind = (r.index[0], r.kind[0]) if single else (r.index, r.kind)
    return {"se_measurement": r.error, "s_diff": r.error_of_change, "min_reliable_change": r.smallest, "rci": index, "class": kind}


def alpha(case: Values) -> Values:
    r = reliability.cronbach_alpha(case["items"])
    low, high = ends(r.interval(case["level"]))
    return {"n": r.n, "k": r.n_items, "alpha": r.estimate, "lower": low, "upper": high}


def kaplan_meier(case: Values) -> Values:
    points = survival.staying(case["time"], case["event"], at=case["at"])
    found = {"n_risk": [p.n_at_risk for p in points], "surv": [p.estimate for p in points], "greenwood_se": [p.error for p in points]}
    found["lower"], found["upper"] = zip(*(ends(p.log_log(case["level"])) for p in points), strict=True)
    low, high = ends(survival.median_stay_interval(case["time"], case["event"], level=case["level"]))
    return found | {"median": survival.median_stay(case["time"], case["event"]), "median_lower": low, "median_upper": None if high == inf else high}


def beta_product(case: Values) -> Values:
    points = survival.staying(case["time"], case["event"], at=case["at"])
    limits, mid = ([ends(f(case["level"])) for f in fs] for fs in ([p.interval for p in points], [p.mid_p for p in points]))
    found = {"surv": [p.estimate for p in points], "lower": [low for low, _ in limits], "upper": [high for _, high in limits]}
    return found | {"midp_lower": [low for low, _ in mid], "midp_upper": [high for _, high in mid]}


def attendance(case: Values) -> Values:
    r = intervals.clustered_rate(case["attended"], case["held"])
    low, high = ends(r.interval(case["level"])) if not r.degenerate else (r.estimate, r.estimate)
    found = {"n_participants": r.n, "sessions": r.n_sessions, "rate": r.estimate, "se_naive": r.error_naive, "se_cr1": r.error_cr1, "se_cr2": r.error}
    return found | {"df_satterthwaite": r.df, "lower": low, "upper": high}


def events(case: Values) -> Values:
    r, mid = (intervals.event_rate_interval(case["events"], case["exposure"], level=case["level"], mid_p=m) for m in (False, True))
    return {"rate": case["events"] / case["exposure"], "lower": r.lower, "upper": r.upper, "midp_lower": mid.lower, "midp_upper": mid.upper}


def detectable_share(case: Values) -> Values:
    try:
        share, power, size = planning.detectable_share(case["n"], power=case["power"], alpha=case["alpha"])
    except UsageError as refusal:
        return {"attainable": False, "min_p": float(refusal.values["floor"])}
    return {"p_improve_min": share, "power_at_p": power, "size": size}


def smallest_p(case: Values) -> Values:
    if case["kind"] == "two_sample":
        return {"p_two_sided": paired.smallest_p_two_groups(case["n1"], case["n0"])}
    return {"p_two_sided": paired.smallest_p(case.get("n_nonzero", case.get("n_clusters")))}


def biserial(case: Values) -> Values:
    before, after = zeros_before(case)
    r = paired.rank_biserial(before, after)
    moved = sum(d is not None and d != 0 for d in case["d"])
    assert (r.inversion is None) == (moved < paired.FEWEST_FOR_INTERVAL)
    low, high = paired.rank_biserial_limits(r.estimate, moved, case["level"])
    return {"r": r.estimate, "lower": low, "upper": high}


def superiority(case: Values) -> Values:
    r = groups.probability_of_superiority(case["x"], case["y"])
    return dict(zip(("auc", "lower", "upper"), [r.estimate, *ends(r.interval(case["level"]))], strict=True))


def bounds(case: Values) -> Values:
    r = missing.rate_bounds(case["successes"], case["observed"], case["missing"])
    found = {"observed_rate": r.observed, "lower": r.lower, "upper": r.upper, "width": r.upper - r.lower}
    found["cp_lower"], found["cp_upper"] = ends(r.interval(case["level"]))
    found["imbens_manski_lower"], found["imbens_manski_upper"] = ends(r.imbens_manski(case["level"]))
    return found


def paired_bounds(case: Values) -> Values:
    low, high = missing.change_bounds(case["before"], case["after"], lowest=case["scale_min"], highest=case["scale_max"])
    observed = paired.mean_change_test(case["before"], case["after"]).estimate
    found = {"observed_mean_change": observed, "lower_mean_change": low.estimate, "upper_mean_change": high.estimate}
    return found | {"p_at_lower": low.p, "p_at_upper": high.p}


def adjusted(case: Values) -> Values:
    counts = (case["successes"], case["observed"], case["missing"])
    return {"rate": [missing.adjusted_rate(*counts, odds_ratio=each) for each in case["imor"]]}


def tipping(case: Values) -> Values:
    r = missing.tipping_change(case["before"], case["after"], changes=case["grid"], alpha=case["alpha"])
    return {"p": r.p, "mean": r.means, "smallest_change_still_significant": r.smallest_still}


def likeness(case: Values) -> Values:
    r = reliability.likeness_within_cohorts(case["groups"])
    return {"icc": r.estimate, "F": r.f, "p": r.p} | dict(zip(("lower", "upper"), ends(r.interval(case["level"])), strict=True))


METHODS: Mapping[str, Compute] = {
    "paired_signed_rank_exact": signed_rank,
    "paired_fisher_pitman_exact": mean_change,
    "two_sample_permutation_exact": two_groups,
    "stratified_permutation_exact": two_groups,
    "hodges_lehmann_paired": shift,
    "hodges_lehmann_paired_exact_tied": shift,
    "hodges_lehmann_two_sample": shift_of_two,
    "fisher_pitman_mean_ci": mean_interval,
    "sign_test_exact": signs,
    "mcnemar_exact": mcnemar,
    "binomial_interval": rate,
    "fisher_freeman_halton": lambda case: {"p": tables.freeman_halton_test(case["table"]).p},
    "cmh_exact": odds,
    "cochran_armitage_exact": trend,
    "normal_normal_shrinkage": shrinkage,
    "random_effects_hartung_knapp": heterogeneity,
    "beta_binomial_shrinkage": rate_shrinkage,
    "reliable_change_index": reliable,
    "jacobson_truax_cutoffs": lambda case: dict(zip("abc", reliability.cutoffs(**case), strict=True)),
    "cronbach_alpha_feldt": alpha,
    "kaplan_meier": kaplan_meier,
    "kaplan_meier_beta_product": beta_product,
    "cluster_robust_rate": attendance,
    "poisson_rate_exact": events,
    "holm": lambda case: {"adjusted": holm(case["p"])},
    "mde_paired_t": lambda case: {"dz": planning.detectable_mean_change(case["n"], power=case["power"], alpha=case["alpha"])},
    "mde_sign_test_exact": detectable_share,
    "p_value_floor": smallest_p,
    "matched_rank_biserial": biserial,
    "probability_of_superiority": superiority,
    "manski_bounds_proportion": bounds,
    "manski_bounds_paired": paired_bounds,
    "imor_adjusted_rate": adjusted,
    "tipping_point_paired": tipping,
    "icc_oneway": likeness,
}


def same(found: Any, expected: Any, tolerance: float, *, is_p: bool) -> bool:
    if isinstance(expected, list):
        return len(found) == len(expected) and all(same(f, e, tolerance, is_p=is_p) for f, e in zip(found, expected, strict=True))
    if expected is None or isinstance(expected, bool) or (isinstance(expected, str) and expected != "inf"):
        return bool(found == expected)
    number = inf if expected == "inf" else float(expected)
    if found is None:
        return False
    absolute = abs(number) < 1e-9 and not is_p
    return bool(found == number or abs(found - number) <= tolerance * (1 if absolute else abs(number)))


def test_there_are_110_cases() -> None:
    assert len(CASES) == 110
    assert {case["method"] for case in CASES} == set(METHODS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference_case(case: Values) -> None:
    compute, expected = METHODS[case["method"]], case["expected"]
    if "error" in expected:
        with pytest.raises(UsageError):
            compute(case["input"])
        return
    found = compute(case["input"])
    left_out = {"jeffreys"}  # beside "jeffreys_boundary": only that one ends at 0 or 1 where the count does
    assert set(expected) - left_out <= set(found)
    wrong = {k: (found[k], e) for k, e in expected.items() if k not in left_out and not same(found[k], e, case["tolerance"], is_p=k.startswith("p"))}
    assert wrong == {}
