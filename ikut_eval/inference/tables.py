"""Counts in tables: exact tests of association, within strata and along a trend."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, partial
from itertools import pairwise
from math import comb, exp, factorial, inf, log, prod

import numpy as np
from scipy.optimize import brentq

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.arguments import counts, listed, same_length
from ikut_eval.inference.intervals import clopper_pearson
from ikut_eval.inference.permutation import as_integers, divisions, sign_tails
from ikut_eval.inference.results import ExactTest
from ikut_eval.inference.scores import exact_scores

_Counts = Sequence[Sequence[int]]
_MOST_STEPS = 20_000_000
_MOST_WEIGHED = 3_000_000_000
"""Products of two numbers of ways, each as long as there are people: some seconds."""
_MOST_SUMS_OF_YES = 4000
_FARTHEST_LOG_ODDS = 60.0
_test = partial(ExactTest, unit="ratio", bounded=True)


def _checked(table: _Counts) -> list[list[int]]:
    rows = [counts(*listed(row)) for row in listed(table)]
    if len({len(row) for row in rows}) != 1:
        raise UsageError("impossible_counts")
    return rows


def freeman_halton_test(table: _Counts) -> ExactTest:
    """Whether outcomes differ by cohort, exactly, in an r × c table; always the same for the same table.

    p is the probability, given the margins, of all tables that are no more probable than the observed one. Tables are
    taken column by column and equal remainders together; where the remaining columns can only lead to rarer, or
    only to more probable, tables, they are not enumerated.

    Raises
    ------
    UsageError
        If the table is not one of counts, or has too many people for it.

    References
    ----------
    Mehta, C. R. and Patel, N. R. (1983). Journal of the American Statistical Association 78, 427–434. doi:10.2307/2288652
    Freeman, G. H. and Halton, J. H. (1951). Biometrika 38, 141–149. doi:10.1093/biomet/38.1-2.141
    """
    rows = [row for row in _checked(table) if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)]
    n = sum(map(sum, rows))
    if len(rows) > len(columns):
        rows, columns = [list(column) for column in columns], [tuple(row) for row in rows]
    if len(rows) < 2 or len(columns) < 2:
        return _freeman_halton(n, *[Fraction(1)] * 4)
    margins = tuple(sorted(sum(row) for row in rows))
    sizes = [sum(column) for column in columns]
    if prod(m + 1 for m in margins[1:]) * sum(comb(size + len(rows) - 1, size) for size in sizes) > _MOST_STEPS:
        raise UsageError("table_too_large")
    seen = prod(_divisions(column) for column in columns)

    @cache
    def steps(size: int, left: tuple[int, ...]) -> list[tuple[int, tuple[int, ...]]]:
        """Return for each way to fill a column its weight and what it leaves of the rows, in rising order: their order tells nothing."""
        return [(_divisions(part), tuple(sorted(a - b for a, b in zip(left, part, strict=True)))) for part in _parts(size, left)]

    @cache
    def extremes(place: int, left: tuple[int, ...]) -> tuple[int, int, int]:
        """Return the least and the greatest weight of the columns from this place on, and how many tables have the least."""
        if place == len(sizes):
            return 1, 1, 1
        ends = [(times, extremes(place + 1, rest)) for times, rest in steps(sizes[place], left)]
        least = min(times * low for times, (low, _, _) in ends)
        return least, max(times * high for times, (_, high, _) in ends), sum(ways for times, (low, _, ways) in ends if times * low == least)

    rarer = 0
    weights: dict[tuple[int, ...], dict[int, int]] = {margins: {1: 1}}
    for place, size in enumerate(sizes, start=1):
        following: dict[tuple[int, ...], dict[int, int]] = {}
        for left, known in weights.items():
            for times, rest in steps(size, left):
                least, most, _ = extremes(place, rest)
                into, whole = following.setdefault(rest, {}), _divisions(rest)
                for weight, ways in known.items():
                    grown = weight * times
                    if grown * most < seen:
                        rarer += grown * ways * whole
                    elif grown * least <= seen:
                        into[grown] = into.get(grown, 0) + ways
        weights = following
    total = _divisions(margins)
    alike = seen * sum(ways for known in weights.values() for ways in known.values())
    rarest, _, ways = extremes(0, margins)
    return _freeman_halton(n, Fraction(rarer + alike, total), Fraction(rarest * ways, total), Fraction(2 * rarer + alike, 2 * total), Fraction(seen, total))


def _freeman_halton(n: int, p: Fraction, floor: Fraction, mid: Fraction, seen: Fraction) -> ExactTest:
    return _test(
        method="freeman_halton",
        n=n,
        n_nonzero=n,
        p=float(p),
        p_floor=float(floor),
        p_mid=float(mid),
        statistic=float(seen),
        two_sided_rule="minlike",
        assumption="exchangeable_people",
    )


def _divisions(counts: Sequence[int]) -> int:
    """Return in how many ways people can be divided into groups of these sizes."""
    return factorial(sum(counts)) // prod(map(factorial, counts))


def _parts(size: int, limits: Sequence[int]) -> list[tuple[int, ...]]:
    if len(limits) == 1:
        return [(size,)]
    return [(n, *rest) for n in range(max(0, size - sum(limits[1:])), min(size, limits[0]) + 1) for rest in _parts(size - n, limits[1:])]


def stratified_odds_test(tables: Sequence[_Counts]) -> ExactTest:
    """Whether two groups differ in a yes–no outcome within cohorts, exactly, with the common odds ratio.

    Parameters
    ----------
    tables : sequence of 2 × 2 counts
        One a cohort: rows are the groups, the first column is yes.

    Returns
    -------
    ExactTest
        estimate: conditional maximum likelihood odds ratio, 0 or inf at the ends; p: two-sided, by tables no more
        probable than the observed; statistic: sum of the first cells; `interval`: exact, equal tails.

    Raises
    ------
    UsageError
        If a table is not 2 × 2, a count is negative, or no cohort could have come out in two ways.

    References
    ----------
    Gart, J. J. (1970). Biometrika 57, 471–475. Mehta, C. R., Patel, N. R. and Gray, R. (1985). JASA 80, 969–973.
    """
    ways, lowest, statistic, n, steps = np.ones(1, dtype=object), 0, 0, 0, 0
    for table in map(_checked, listed(tables)):
        if [len(row) for row in table] != [2, 2]:
            raise UsageError("impossible_counts")
        (a, b), (c, d) = table
        first, second, yes = a + b, c + d, a + c
        fewest, most = max(0, yes - second), min(first, yes)
        steps += len(ways) * (most - fewest + 1) * (n + first + second)
        if steps > _MOST_WEIGHED or len(ways) + most - fewest > _MOST_SUMS_OF_YES:
            raise UsageError("table_too_large")
        ways = np.convolve(ways, np.array([comb(first, k) * comb(second, yes - k) for k in range(fewest, most + 1)], dtype=object))
        lowest, statistic, n = lowest + fewest, statistic + a, n + first + second
    if len(ways) < 2:
        raise UsageError("no_contrast")
    weights: list[int] = ways.tolist()
    whole, place, last = sum(weights), statistic - lowest, len(weights) - 1
    logs = [log(w) for w in weights]

    def chances(log_odds: float) -> list[float]:
        tilted = [each + k * log_odds for k, each in enumerate(logs)]
        top = max(tilted)
        mass = [exp(each - top) for each in tilted]
        total = sum(mass)
        return [each / total for each in mass]

    def odds_where(function: Callable[[list[float]], float], value: float) -> float:
        return exp(brentq(lambda log_odds: function(chances(log_odds)) - value, -_FARTHEST_LOG_ODDS, _FARTHEST_LOG_ODDS, xtol=1e-13))

    def ends(level: float) -> tuple[float, float]:
        tail = (1 - level) / 2
        lower = odds_where(lambda chance: sum(chance[place:]), tail) if place else 0.0
        return lower, odds_where(lambda chance: sum(chance[: place + 1]), tail) if place < last else inf

    def mean(chance: list[float]) -> float:
        return sum(k * each for k, each in enumerate(chance))

    p = Fraction(sum(w for w in weights if w <= weights[place]), whole)
    return _test(
        method="stratified_odds",
        n_nonzero=n,
        estimate=0.0 if not place else inf if place == last else odds_where(mean, place),
        n=n,
        p=float(p),
        p_greater=float(Fraction(sum(weights[place:]), whole)),
        p_less=float(Fraction(sum(weights[: place + 1]), whole)),
        p_mid=float(p - Fraction(weights.count(weights[place]) * weights[place], 2 * whole)),
        p_floor=float(Fraction(weights.count(min(weights)) * min(weights), whole)),
        statistic=float(statistic),
        two_sided_rule="minlike",
        assumption="exchangeable_within_stratum",
        inversion=ends,
    )


def trend_test(successes: Sequence[int], totals: Sequence[int], *, scores: Sequence[object] | None = None) -> ExactTest:
    """Whether a share rises or falls over cohorts in an order set beforehand, exactly (Cochran–Armitage).

    Returns
    -------
    ExactTest
        p: two-sided by distance from the mean; p_greater, p_less: rising, falling; statistic: sum of the scores of
        those with a yes. No interval. The order must be set before the data.

    Raises
    ------
    UsageError
        If counts are impossible, lengths differ, or a score is text, missing or not above the one before.
    """
    successes, totals = counts(*listed(successes)), counts(*listed(totals))
    known = exact_scores(scores if scores is not None else range(1, len(totals) + 1))
    ranks = [s for s in known if s is not None]
    same_length(successes, totals, known)
    if not totals:
        raise UsageError("impossible_counts")
    if any(k > n for k, n in zip(successes, totals, strict=True)):
        raise UsageError("impossible_counts")
    if len(ranks) < len(known) or any(b <= a for a, b in pairwise(ranks)):
        raise UsageError("scores_must_rise")
    whole, unit = as_integers(ranks)
    scored = [rank for rank, n in zip(whole, totals, strict=True) for _ in range(n)]
    observed = sum(k * rank for k, rank in zip(successes, whole, strict=True))
    null = divisions([(scored, sum(successes))] if scored else [])
    ends = (sum(part) for part in (scored[: sum(successes)], scored[::-1][: sum(successes)]))
    return _test(
        method="trend",
        n=sum(totals),
        n_nonzero=sum(totals),
        **null.tails(observed),
        p_floor=float(min(null.two_sided(end) for end in ends)),
        statistic=float(unit * observed),
        two_sided_rule="absdev",
        assumption="exchangeable_people",
    )


def yes_no_change_test(gained: int, lost: int) -> ExactTest:
    """Whether more people gained a yes than lost it, exactly (McNemar).

    Parameters
    ----------
    gained, lost : int
        People with a yes after and not before, and the other way round. Those without a change do not count.

    Returns
    -------
    ExactTest
        estimate: odds ratio gained / lost; inf where nobody lost, None where nobody moved; `interval`: of the odds
        ratio, from Clopper–Pearson.

    Raises
    ------
    UsageError
        If a count is negative.

    References
    ----------
    Fay, M. P. and Lumbard, K. (2021). Statistics in Medicine 40, 1147–1159. doi:10.1002/sim.8829
    """
    gained, lost = counts(gained, lost)
    n = gained + lost

    def ends(level: float) -> tuple[float, float]:
        low, high = clopper_pearson(gained, n, level=level)
        return low / (1 - low) if low < 1 else inf, high / (1 - high) if high < 1 else inf

    return _test(
        method="yes_no_change",
        n_nonzero=n,
        estimate=gained / lost if lost else inf if gained else None,
        n=n,
        **sign_tails(gained, lost),
        p_floor=min(1.0, 2.0 ** (1 - n)),
        statistic=float(gained),
        two_sided_rule="symmetric",
        assumption="exchangeable_within_person",
        inversion=ends,
    )
