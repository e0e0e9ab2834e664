"""Confidence intervals for counts and rates of people, for events, and for sessions, which are clustered in people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, sqrt

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import bdtr, betaincinv, chdtri, ndtri, pdtr, stdtrit

from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.contract.measure_catalogue import measure_named
from ikut_eval.inference.arguments import check_level, check_table, counts, flags, listed, number_between, same_length
from ikut_eval.inference.permutation import as_integers
from ikut_eval.inference.results import Estimate, Interval
from ikut_eval.inference.scores import exact_scores


def clopper_pearson(k: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper–Pearson) interval of a rate of `k` in `n`.

    Parameters
    ----------
    k, n : int
        Successes and people; n = 0 gives (0, 1): nothing is known.
    level : float
        Confidence level, between 0 and 1.

    Raises
    ------
    UsageError
        If the counts are negative or not whole, k is above n, or the level is not between 0 and 1.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). Biometrika 26, 404–413. doi:10.1093/biomet/26.4.404
    """
    k, n = _of(k, n)
    check_level(level)
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def _of(k: int, n: int) -> tuple[int, int]:
    """Return k of n as whole numbers; raise UsageError if they cannot be."""
    some, everybody = counts(k, n)
    if some > everybody:
        raise UsageError("impossible_counts")
    return some, everybody


def counts_people(table: pd.DataFrame) -> bool:
    """Return whether every measure of a table counts people, as `measures.toml` says.

    Sessions and hours of one person are alike, so a binomial interval of them would be far too narrow.

    Raises
    ------
    UsageError
        If a measure is not in the catalogue.
    """
    check_table(table, ["measure"])
    return all(measure_named(measure).counts == "people" for measure in table["measure"].unique())


def with_interval(table: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Return a measure table of people with its exact intervals.

    Returns
    -------
    pandas.DataFrame
        The same rows, with lower and upper : float – bounds of the interval [0–1]. Where the table has
        bounds for people not reached (`outcome_bounds`), from the lower end for "at least" to the
        upper end for "at most".

    Raises
    ------
    UsageError
        If the table counts sessions or hours, not people, or a measure is not in the catalogue.
    """
    if not counts_people(table):
        raise UsageError("clustered")
    check_table(table, [], known=["numerator", "denominator"])
    fewest, most = (table[name if name in table else "numerator"] for name in ("at_least", "at_most"))
    rows = list(zip(fewest, most, table["denominator"], strict=True))
    lower = [clopper_pearson(k, n, level=level)[0] for k, _, n in rows]
    upper = [clopper_pearson(k, n, level=level)[1] for _, k, n in rows]
    return table.assign(lower=lower, upper=upper)


_CLOSE = 1e-13
_STEPS = 400
_MOST_HELD = 10**60
"""Sessions of one person, in the unit that all have in common, that floats can square."""
_MOST_FOR_BLAKER = 100_000
"""People whose chances are listed at every step."""


def _mid_p(at_most: Callable[[float], float], tail: float, far: float) -> tuple[float, float]:
    """Return the values up to `far` at which the mid-P of at most, and of at least, what was seen is above the tail."""
    lower = brentq(lambda value: at_most(value) - (1 - tail), 0, far, xtol=_CLOSE) if at_most(0.0) > 1 - tail else 0.0
    upper = brentq(lambda value: at_most(value) - tail, 0, far, xtol=_CLOSE) if at_most(far) < tail else far
    return float(lower), float(upper)


def _binomial_mid_p(k: int, n: int, tail: float) -> tuple[float, float]:
    return _mid_p(lambda rate: float(bdtr(k, n, rate) + (bdtr(k - 1, n, rate) if k else 0)) / 2, tail, 1.0)


def _blaker(k: int, n: int, tail: float) -> tuple[float, float]:
    """Return the hull of the rates whose acceptability is above 1 − level (Blaker 2000)."""
    counts = np.arange(n + 1)

    def accepted(rate: float) -> bool:
        at_most = bdtr(counts, n, rate)
        chance = np.diff(at_most, prepend=0)
        rarest = np.minimum(at_most, 1 - at_most + chance)
        return bool(chance[rarest <= rarest[k] + _CLOSE].sum() > 2 * tail)

    outer = clopper_pearson(k, n, level=1 - 2 * tail)

    def limit(start: float, end: float) -> float:
        steps = [start + (end - start) * i / _STEPS for i in range(_STEPS + 1)]
        inside = next(i for i, rate in enumerate(steps) if accepted(rate))
        if inside == 0:
            return start
        low, high = steps[inside - 1], steps[inside]
        while abs(high - low) > _CLOSE:
            middle = (low + high) / 2
            low, high = (low, middle) if accepted(middle) else (middle, high)
        return high

    centre = k / n
    return 0.0 if k == 0 else limit(outer[0], centre), 1.0 if k == n else limit(outer[1], centre)


def _wilson(k: int, n: int, tail: float) -> tuple[float, float]:
    z = float(ndtri(1 - tail))
    centre, half = (k + z * z / 2) / (n + z * z), z * sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return max(0.0, centre - half), min(1.0, centre + half)


def _jeffreys(k: int, n: int, tail: float) -> tuple[float, float]:
    lower = 0.0 if k == 0 else float(betaincinv(k + 0.5, n - k + 0.5, tail))
    upper = 1.0 if k == n else float(betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return lower, upper


RATE_METHODS: Mapping[str, Callable[[int, int, float], tuple[float, float]]] = {
    "clopper_pearson": lambda k, n, tail: clopper_pearson(k, n, level=1 - 2 * tail),
    "mid_p": _binomial_mid_p,
    "blaker": _blaker,
    "wilson": _wilson,
    "jeffreys": _jeffreys,
}


def rate_interval(k: int, n: int, *, level: float = 0.95, method: str = "clopper_pearson") -> Interval:
    """Return an interval of a rate of `k` in `n` people.

    Parameters
    ----------
    method : {"clopper_pearson", "mid_p", "blaker", "wilson", "jeffreys"}
        Only Clopper–Pearson and Blaker never cover less than the level; Jeffreys ends at 0 or 1 where k does.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 857–872. Blaker, H. (2000). Canadian Journal of Statistics 28,
    783–798. Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Statistical Science 16, 101–133.
    """
    check_choice("method", method, RATE_METHODS)
    k, n = _of(k, n)
    check_level(level)
    if method == "blaker" and n > _MOST_FOR_BLAKER:
        raise UsageError("table_too_large")
    lower, upper = RATE_METHODS[method](k, n, (1 - level) / 2) if n else (0.0, 1.0)
    return Interval(lower, upper, level)


def event_rate_interval(events: int, exposure: float, *, level: float = 0.95, mid_p: bool = False) -> Interval:
    """Return the exact interval of a rate of events in an exposure, for example per session (Poisson).

    References
    ----------
    Garwood, F. (1936). Biometrika 28, 437–442. doi:10.1093/biomet/28.3-4.437
    """
    (events,), (mid_p,) = counts(events), flags([mid_p])
    exposure = number_between(exposure, "impossible_counts", most=inf)
    check_level(level)
    tail = (1 - level) / 2
    if not mid_p:
        lower = 0.0 if events == 0 else float(chdtri(2 * events, 1 - tail)) / 2
        return Interval(lower / exposure, float(chdtri(2 * events + 2, tail)) / 2 / exposure, level)

    lower, upper = _mid_p(lambda mean: float(pdtr(events, mean) + (pdtr(events - 1, mean) if events else 0)) / 2, tail, 10.0 * (events + 10))
    return Interval(lower / exposure, upper / exposure, level)


def _whole_sessions(attended: Sequence[object], held: Sequence[object]) -> tuple[list[tuple[int, int]], int, Fraction | int]:
    """Return each person's sessions as whole multiples of a unit, so that equal rates are equal; how many people are left out; and the unit."""
    first, second = listed(attended), listed(held)
    same_length(first, second)
    known: list[tuple[int, int]]
    unit: Fraction | int
    if set(map(type, first + second)) == {int}:
        known, unit = [(a, h) for a, h in zip(first, second, strict=True) if h > 0], 1
    else:
        pairs = [(a, h) for a, h in zip(exact_scores(first), exact_scores(second), strict=True) if a is not None and h is not None and h > 0]
        numbers, unit = as_integers([v for pair in pairs for v in pair])
        known = list(zip(numbers[::2], numbers[1::2], strict=True))
    if len(known) < 2:
        raise UsageError("too_few_people", n=len(known))
    return known, len(first) - len(known), unit


@dataclass(frozen=True, repr=False, kw_only=True)
class ClusteredRate(Estimate):
    """A rate of sessions with the person as the unit.

    Attributes
    ----------
    estimate : float – attended / held; n : int – people
    n_sessions : int – person-sessions
    error : float – cluster-robust (CR2); error_cr1, error_naive : float – for comparison only
    df : float – Satterthwaite
    degenerate : bool – everybody's rate is the same: there is no interval; report the number of people instead
    """

    n_sessions: int
    error: float
    error_cr1: float
    error_naive: float
    df: float
    degenerate: bool


def clustered_rate(attended: Sequence[float | None], held: Sequence[float | None]) -> ClusteredRate:
    """An attendance rate with its cluster-robust (CR2) interval.

    The interval may go beyond [0, 1]: the normal approximation then fails, and each person should be looked at instead.

    Parameters
    ----------
    attended, held : sequence of numbers
        One a person; a person with a missing value or no sessions is left out.

    Raises
    ------
    UsageError
        If lengths differ, there are fewer than two people, or more was attended than held.

    References
    ----------
    Bell, R. M. and McCaffrey, D. F. (2002). Survey Methodology 28, 169–181.
    Pustejovsky, J. E. and Tipton, E. (2018). JBES 36, 672–683. doi:10.1080/07350015.2016.1247004
    """
    known, people_missing, unit = _whole_sessions(attended, held)
    if any(a < 0 or a > h for a, h in known):
        raise UsageError("impossible_counts")
    if max(h for _, h in known) > _MOST_HELD:
        raise UsageError("table_too_large")
    whole, present, people = sum(h for _, h in known), sum(a for a, _ in known), len(known)
    rate, total = present / whole, float(whole)
    part = [h / whole for _, h in known]
    residual = [((a * whole - present * h) / whole) ** 2 for a, h in known]
    cr2 = sqrt(sum(e / (1 - p) for e, p in zip(residual, part, strict=True))) / total
    cr1 = sqrt(people / (people - 1) * sum(residual)) / total
    ratio = [p**2 / (1 - p) for p in part]
    df = 1 / (sum(p**2 for p in part) + sum(ratio) ** 2 - sum(r**2 for r in ratio))

    def limits(level: float) -> tuple[float, float]:
        half = float(stdtrit(df, (1 + level) / 2)) * cr2
        return rate - half, rate + half

    naive = sqrt(max(0.0, rate * (1 - rate)) / total)
    return ClusteredRate(
        method="clustered_rate",
        estimate=rate,
        n=people,
        n_missing=people_missing,
        assumption="people_alike",
        inversion=None if cr2 == 0 else limits,
        n_sessions=round(whole * unit),
        error=cr2,
        error_cr1=cr1,
        error_naive=naive,
        df=df,
        degenerate=cr2 == 0,
    )
