"""The same questions, put to every program that Python can call."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy import stats
from truth import LEVEL, Answer

from ikut_eval.inference import groups, paired, tables

Data = dict[str, Any]
Call = Callable[[Data], Answer]
OURS = "ikut_eval"


def interval(found: Any) -> tuple[float, float]:
    return found.lower, found.upper


def both(d: Data) -> tuple[list[int], list[int]]:
    return [a for a, f in zip(d["after"], d["first"], strict=True) if f], [a for a, f in zip(d["after"], d["first"], strict=True) if not f]


def wilcoxon(method: str, zeros: str) -> Call:
    return lambda d: float(stats.wilcoxon(d["after"], d["before"], zero_method=zeros, method=method).pvalue)


def mannwhitneyu(method: str) -> Call:
    return lambda d: float(stats.mannwhitneyu(*both(d), method=method).pvalue)


def shift(d: Data) -> tuple[float, float]:
    return interval(groups.group_test(d["after"], d["first"]).interval(LEVEL))


def all_signs(d: Data) -> float:
    changes = np.array(d["after"]) - np.array(d["before"])
    return float(stats.permutation_test((changes,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue)


def all_divisions(d: Data) -> float:
    return float(stats.permutation_test(both(d), lambda a, b, axis: np.sum(a, axis=axis), vectorized=True, n_resamples=np.inf).pvalue)


def signs(d: Data) -> tuple[int, int]:
    changes = np.array(d["after"]) - np.array(d["before"])
    return int((changes > 0).sum()), int((changes != 0).sum())


def odds(d: Data) -> list[list[list[int]]]:
    return [table for table in d["odds"] if all(map(sum, table))]


PROGRAMS: dict[str, dict[str, Call]] = {
    "signed rank, Pratt": {
        OURS: lambda d: paired.signed_rank_test(d["before"], d["after"]).p,
        "scipy wilcoxon auto": wilcoxon("auto", "pratt"),
        "scipy wilcoxon exact": wilcoxon("exact", "pratt"),
        "scipy wilcoxon asymptotic": wilcoxon("asymptotic", "pratt"),
    },
    "signed rank, zeros dropped": {
        OURS: lambda d: paired.signed_rank_test(d["before"], d["after"], zeros="wilcoxon").p,
        "scipy wilcoxon auto": wilcoxon("auto", "wilcox"),
        "scipy wilcoxon exact": wilcoxon("exact", "wilcox"),
        "scipy wilcoxon asymptotic": wilcoxon("asymptotic", "wilcox"),
    },
    "mean": {OURS: lambda d: paired.mean_change_test(d["before"], d["after"]).p, "scipy permutation_test all": all_signs},
    "sign": {OURS: lambda d: paired.sign_test(d["before"], d["after"]).p, "scipy binomtest": lambda d: float(stats.binomtest(*signs(d)).pvalue)},
    "yes–no change": {OURS: lambda d: tables.yes_no_change_test(d["gained"], d["lost"]).p},
    "two groups, ranks": {
        OURS: lambda d: groups.group_test(d["after"], d["first"]).p,
        "scipy mannwhitneyu auto": mannwhitneyu("auto"),
        "scipy mannwhitneyu exact": mannwhitneyu("exact"),
        "scipy mannwhitneyu asymptotic": mannwhitneyu("asymptotic"),
    },
    "two groups, raw": {OURS: lambda d: groups.group_test(d["after"], d["first"], scores="raw").p, "scipy permutation_test all": all_divisions},
    "four cohorts, ranks": {OURS: lambda d: groups.group_test(d["after"], d["first"], stratum=d["cohort"]).p},
    "four cohorts, yes–no": {OURS: lambda d: tables.stratified_odds_test(odds(d)).p},
    "outcome by cohort": {
        OURS: lambda d: tables.freeman_halton_test(d["table"]).p,
        "scipy fisher_exact": lambda d: float(stats.fisher_exact(d["table"]).pvalue),
    },
    "signed-rank interval": {OURS: lambda d: interval(paired.signed_rank_test(d["before"], d["after"]).interval(LEVEL))},
    "signed-rank interval, two decimals": {OURS: lambda d: interval(paired.signed_rank_test([0] * len(d["fine"]), d["fine"]).interval(LEVEL))},
    "mean interval": {OURS: lambda d: interval(paired.mean_change_test(d["before"], d["after"]).interval(LEVEL))},
    "mean interval, two decimals": {OURS: lambda d: interval(paired.mean_change_test([0] * len(d["fine"]), d["fine"]).interval(LEVEL))},
    "two-group interval": {OURS: shift},
}


def absent() -> list[str]:
    """Add statsmodels' rows where it can be imported, and return what cannot."""
    if find_spec("statsmodels") is None:
        return ["statsmodels"]
    from statsmodels.stats.contingency_tables import StratifiedTable, mcnemar
    from statsmodels.stats.descriptivestats import sign_test

    PROGRAMS["sign"]["statsmodels sign_test"] = lambda d: float(sign_test(np.array(d["after"]) - np.array(d["before"]))[1])
    PROGRAMS["yes–no change"]["statsmodels mcnemar exact"] = lambda d: float(mcnemar([[0, d["gained"]], [d["lost"], 0]], exact=True).pvalue)
    PROGRAMS["four cohorts, yes–no"]["statsmodels StratifiedTable"] = lambda d: float(
        StratifiedTable([np.array(t, dtype=float) for t in odds(d)]).test_null_odds(correction=True).pvalue
    )
    return []
