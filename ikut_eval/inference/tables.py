"""Counts in tables: exact tests of association, within strata and along a trend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import comb, exp, factorial, inf, log, prod

from scipy.optimize import brentq

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.intervals import clopper_pearson
from ikut_eval.inference.results import Interval

Counts = Sequence[Sequence[int]]
_FARTHEST_LOG_ODDS = 60.0


def _checked(table: Counts) -> list[list[int]]:
    rows = [[int(n) for n in row] for row in table]
    if not rows or len({len(row) for row in rows}) != 1 or any(n < 0 for row in rows for n in row):
        raise UsageError("impossible_counts")
    return rows


def freeman_halton_test(table: Counts) -> float:
    """Whether outcomes differ by cohort: the exact two-sided p of an r × c table, always the same for the same table.

    The probability, given the margins, of all tables that are no more probable than the observed one. Tables are
    taken column by column and equal remainders together, so that no table is visited twice.

    References
    ----------
    Freeman, G. H. and Halton, J. H. (1951). Biometrika 38, 141–149. doi:10.1093/biomet/38.1-2.141

    Examples
    --------
    >>> round(freeman_halton_test([[3, 1], [1, 3]]), 6)
    0.485714
    """
    rows = [row for row in _checked(table) if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)]
    if len(rows) < 2 or len(columns) < 2:
        return 1.0
    margins = tuple(sum(row) for row in rows)
    sizes = [sum(column) for column in columns]
    total = factorial(sum(sizes))
    scale = Fraction(prod(factorial(m) for m in margins) * prod(factorial(s) for s in sizes), total)
    observed = Fraction(1, prod(factorial(n) for row in rows for n in row))
    weights: dict[tuple[int, ...], dict[int, int]] = {margins: {1: 1}}
    for size in sizes:
        following: dict[tuple[int, ...], dict[int, int]] = {}
        for left, known in weights.items():
            for part in _parts(size, left):
                rest = tuple(a - b for a, b in zip(left, part, strict=True))
                divisor = prod(factorial(k) for k in part)
                into = following.setdefault(rest, {})
                for product, ways in known.items():
                    into[product * divisor] = into.get(product * divisor, 0) + ways
        weights = following
    ends = weights[tuple(0 for _ in margins)]
    return float(scale * sum(Fraction(ways, product) for product, ways in ends.items() if Fraction(1, product) <= observed))


def _parts(size: int, limits: Sequence[int]) -> list[tuple[int, ...]]:
    if len(limits) == 1:
        return [(size,)] if size <= limits[0] else []
    return [(n, *rest) for n in range(min(size, limits[0]) + 1) for rest in _parts(size - n, limits[1:])]


@dataclass(frozen=True)
class StratifiedOdds:
    """Exact Cochran–Mantel–Haenszel result.

    Attributes
    ----------
    statistic : int – sum of the first cells
    p : float – two-sided, by tables no more probable than the observed
    p_greater, p_less : float – one-sided
    odds_ratio : float – conditional maximum likelihood; 0 or inf at the ends
    interval : Interval – exact, equal tails
    """

    statistic: int
    p: float
    p_greater: float
    p_less: float
    odds_ratio: float
    interval: Interval


def stratified_odds_test(tables: Sequence[Counts], *, level: float = 0.95) -> StratifiedOdds:
    """Whether two groups differ in a yes–no outcome within cohorts, exactly, with the common odds ratio.

    References
    ----------
    Gart, J. J. (1970). Biometrika 57, 471–475. Mehta, C. R., Patel, N. R. and Gray, R. (1985). JASA 80, 969–973.
    """
    weights: dict[int, int] = {0: 1}
    statistic = 0
    for table in tables:
        (a, b), (c, d) = _checked(table)
        first, second, yes = a + b, c + d, a + c
        statistic += a
        here = {k: comb(first, k) * comb(second, yes - k) for k in range(max(0, yes - second), min(first, yes) + 1)}
        joined: dict[int, int] = {}
        for s, w in weights.items():
            for k, v in here.items():
                joined[s + k] = joined.get(s + k, 0) + w * v
        weights = joined
    whole, seen = sum(weights.values()), weights[statistic]
    low, high = min(weights), max(weights)

    def tilted(log_odds: float, keep: Mapping[int, int]) -> float:
        top = max(log(w) + s * log_odds for s, w in weights.items())
        return sum(exp(log(w) + s * log_odds - top) for s, w in keep.items()) / sum(exp(log(w) + s * log_odds - top) for s, w in weights.items())

    def mean(log_odds: float) -> float:
        top = max(log(w) + s * log_odds for s, w in weights.items())
        mass = {s: exp(log(w) + s * log_odds - top) for s, w in weights.items()}
        return sum(s * m for s, m in mass.items()) / sum(mass.values())

    def solve(function: Callable[[float], float]) -> float:
        return exp(brentq(function, -_FARTHEST_LOG_ODDS, _FARTHEST_LOG_ODDS, xtol=1e-13))

    tail = (1 - level) / 2
    at_least = {s: w for s, w in weights.items() if s >= statistic}
    at_most = {s: w for s, w in weights.items() if s <= statistic}
    odds = 0.0 if statistic == low else inf if statistic == high else solve(lambda x: mean(x) - statistic)
    lower = 0.0 if statistic == low else solve(lambda x: tilted(x, at_least) - tail)
    upper = inf if statistic == high else solve(lambda x: tilted(x, at_most) - tail)
    return StratifiedOdds(
        statistic,
        float(Fraction(sum(w for w in weights.values() if w <= seen), whole)),
        float(Fraction(sum(at_least.values()), whole)),
        float(Fraction(sum(at_most.values()), whole)),
        odds,
        Interval(lower, upper, level),
    )


@dataclass(frozen=True)
class Trend:
    """Exact trend over ordered cohorts. p is two-sided by distance from the mean; the order must be set before the data."""

    statistic: float
    p: float
    p_increasing: float
    p_decreasing: float


def trend_test(successes: Sequence[int], totals: Sequence[int], *, scores: Sequence[object] | None = None) -> Trend:
    """Whether a share rises or falls over cohorts in an order set beforehand, exactly (Cochran–Armitage).

    Raises
    ------
    UsageError
        If counts are impossible, lengths differ, or the scores do not rise.
    """
    ranks = [Fraction(str(s)) for s in (scores if scores is not None else range(1, len(totals) + 1))]
    if not len(successes) == len(totals) == len(ranks):
        raise UsageError("unequal_lengths")
    if any(k < 0 or k > n for k, n in zip(successes, totals, strict=True)):
        raise UsageError("impossible_counts")
    if any(b <= a for a, b in pairwise(ranks)):
        raise UsageError("scores_must_rise")
    ways: dict[tuple[int, Fraction], int] = {(0, Fraction(0)): 1}
    yes = sum(successes)
    for n, score in zip(totals, ranks, strict=True):
        joined: dict[tuple[int, Fraction], int] = {}
        for (k, total), w in ways.items():
            for more in range(min(n, yes - k) + 1):
                key = (k + more, total + more * score)
                joined[key] = joined.get(key, 0) + w * comb(n, more)
        ways = joined
    ends = {total: w for (k, total), w in ways.items() if k == yes}
    whole = sum(ends.values())
    observed = sum((k * s for k, s in zip(successes, ranks, strict=True)), Fraction(0))
    centre = sum((t * w for t, w in ends.items()), Fraction(0)) / whole

    def share(keep: Callable[[Fraction], bool]) -> float:
        return float(Fraction(sum(w for t, w in ends.items() if keep(t)), whole))

    return Trend(
        float(observed),
        share(lambda t: abs(t - centre) >= abs(observed - centre)),
        share(lambda t: t >= observed),
        share(lambda t: t <= observed),
    )


@dataclass(frozen=True)
class YesNoChange:
    """Exact McNemar result: who gained and who lost a yes.

    Attributes
    ----------
    p : float – two-sided
    odds_ratio : float – gained / lost; inf where nobody lost, missing (nan) where nobody moved
    interval : Interval – of the odds ratio, from Clopper–Pearson
    """

    p: float
    odds_ratio: float
    interval: Interval


def yes_no_change_test(gained: int, lost: int, *, level: float = 0.95) -> YesNoChange:
    """Whether more people gained a yes than lost it, exactly (McNemar).

    References
    ----------
    Fay, M. P. and Lumbard, K. (2021). Statistics in Medicine 40, 1147–1159. doi:10.1002/sim.8829

    Examples
    --------
    >>> yes_no_change_test(6, 1).p
    0.125
    """
    low, high = clopper_pearson(gained, gained + lost, level=level)
    n, smaller = gained + lost, min(gained, lost)
    p = min(1.0, float(Fraction(2 * sum(comb(n, k) for k in range(smaller + 1)), 2**n)))
    odds = gained / lost if lost else (inf if gained else float("nan"))
    return YesNoChange(p, odds, Interval(low / (1 - low) if low < 1 else inf, high / (1 - high) if high < 1 else inf, level))
