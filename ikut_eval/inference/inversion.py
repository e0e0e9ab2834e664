"""Limits of a shift: the hull of the shifts that the same exact test does not reject.

A shift changes the order of the scores only where it equals a difference (or, for pairs, a Walsh average), so the
test is computed at each of those and once between two. Ties and zeros at a shift change the null distribution; but they
move the statistic under every sign or division by a known amount at most, so that the distribution without ties
already shows most shifts to be rejected, and the test itself is computed only near the limits.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import ceil, floor

import numpy as np

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.permutation import NullDistribution, divisions, sign_flips
from ikut_eval.inference.scores import exact_alpha, midranks

Strata = Sequence[tuple[Sequence[int], Sequence[int]]]
"""Whole scores of the first and of the second group of each stratum."""
_MOST_RANKED = 800
_MOST_DIVISIONS = 4_000_000_000
_FEW, _MOST_FLIPS = 40, 4_000_000_000
"""What is computed in some seconds: an interval takes many tests."""
_SAFE = 1 - Fraction(1, 10**9)
"""Keeps rounding from rejecting what the test itself would not."""


def in_points(limits: tuple[Fraction, Fraction], unit: Fraction) -> tuple[float, float]:
    """Return limits in scale points."""
    return float(unit * limits[0]), float(unit * limits[1])


def ranks_within(strata: Strata, weights: Sequence[int]) -> Strata:
    """Return twice the midranks within each stratum, times its weight."""
    ranked = []
    for (ones, others), weight in zip(strata, weights, strict=True):
        ranks = [weight * rank for rank in midranks([*ones, *others])]
        ranked.append((ranks[: len(ones)], ranks[len(ones) :]))
    return ranked


def sum_of_first(strata: Strata) -> tuple[NullDistribution, int]:
    """Return the null distribution of the sum of the first group's scores, and that sum."""
    return divisions([([*ones, *others], len(ones)) for ones, others in strata]), sum(sum(ones) for ones, _ in strata)


def signed_ranks(differences: Sequence[int], zeros: str) -> tuple[list[int], int]:
    """Return twice the midranks of the non-zero differences, and the sum of the positive ones."""
    kept = [d for d in differences if d] if zeros == "wilcoxon" else list(differences)
    ranks = midranks([abs(d) for d in kept])
    return [r for r, d in zip(ranks, kept, strict=True) if d], sum(r for r, d in zip(ranks, kept, strict=True) if d > 0)


def signed_rank_limits(whole: Sequence[int], zeros: str, level: float) -> tuple[Fraction, Fraction]:
    """Return the limits of the shift for differences between pairs, in their unit, for the signed-rank test."""
    alpha, n = exact_alpha(level), len(whole)
    if n > _MOST_RANKED:
        raise UsageError("interval_too_large")
    values = _array(whole)
    first, second = np.triu_indices(n)
    averages, times = np.unique(values[first] + values[second], return_counts=True)
    alike, most = Counter(whole), n * (n + 1) // 2
    slack = times
    if zeros == "wilcoxon":
        slack = times + 2 * n * np.array([0 if a % 2 else alike[a // 2] for a in averages.tolist()])
    untied = sign_flips(range(1, n + 1))
    critical = _critical(untied, lambda apart: (most + apart + 1) // 2, most, alpha)

    def kept(doubled: Fraction) -> bool:
        weights, positive = signed_ranks([2 * doubled.denominator * d - doubled.numerator for d in whole], zeros)
        return sign_flips(weights).two_sided(positive) > alpha

    low, high = _hull(averages, times, slack, critical + _moved_by_ties(alike.values()), kept)
    return Fraction(low, 2), Fraction(high, 2)


def division_limits(strata: Strata, weights: Sequence[int], level: float) -> tuple[Fraction, Fraction]:
    """Return the limits of the shift of the first group over the second, for the sum of the weighted ranks within strata."""
    alpha = exact_alpha(level)
    if sum((len(a) + len(b)) ** 3 * min(len(a), len(b)) for a, b in strata) > _MOST_DIVISIONS:
        raise UsageError("interval_too_large")
    differences, times = _differences(strata, weights)
    alike = sum(w * _moved_by_ties([*Counter(ones).values(), *Counter(others).values()]) for (ones, others), w in zip(strata, weights, strict=True))
    untied = divisions([([2 * w * rank for rank in range(1, len(a) + len(b) + 1)], len(a)) for (a, b), w in zip(strata, weights, strict=True)])
    centre = sum(w * len(a) * (len(a) + len(b) + 1) for (a, b), w in zip(strata, weights, strict=True))
    critical = _critical(untied, lambda apart: centre + apart, int(times.sum()), alpha)

    def kept(shift: Fraction) -> bool:
        moved = [([shift.denominator * v - shift.numerator for v in ones], [shift.denominator * v for v in others]) for ones, others in strata]
        null, observed = sum_of_first(ranks_within(moved, weights))
        return null.two_sided(observed) > alpha

    low, high = _hull(differences, times, times, critical + alike, kept)
    return Fraction(low), Fraction(high)


def hodges_lehmann(whole: Sequence[int]) -> Fraction:
    """Return the median of the averages of all pairs, each person with themselves too."""
    values, (first, second) = _array(whole), np.triu_indices(len(whole))
    sums = values[first] + values[second]
    places = [(len(sums) - 1) // 2, len(sums) // 2]
    return Fraction(sum(int(s) for s in np.partition(sums, places)[places]), 4)


def hodges_lehmann_between(strata: Strata, weights: Sequence[int]) -> Fraction:
    """Return the Hodges–Lehmann shift of the first group over the second: the weighted median of the differences within strata."""
    differences, times = _differences(strata, weights)
    sums = np.cumsum(times)
    middle = [int(differences[np.searchsorted(2 * sums, sums[-1], side=side)]) for side in ("left", "right")]
    return Fraction(sum(middle), 2)


def _differences(strata: Strata, weights: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return every difference within a stratum once, rising, with the sum of its weights."""
    pairs = [np.subtract.outer(_array(ones), _array(others)).ravel() for ones, others in strata]
    each = np.concatenate([np.full(len(p), w) for p, w in zip(pairs, weights, strict=True)])
    differences, place = np.unique(np.concatenate(pairs), return_inverse=True)
    times = np.zeros(len(differences), dtype=np.int64)
    np.add.at(times, place, each)
    return differences, times


def mean_limits(whole: Sequence[int], level: float) -> tuple[Fraction, Fraction]:
    """Return the limits of the mean change for differences between pairs, in their unit, for the sign-flip test.

    The probability of a mean at least as large, if m were true, is the share of subsets of people whose mean change
    is at most m, the empty one included; so the limits are order statistics of the subset means.
    """
    n = len(whole)
    if n > _FEW and n * n * sum(map(abs, whole)) > _MOST_FLIPS:
        raise UsageError("interval_too_large")
    rank = floor(exact_alpha(level) / 2 * 2**n)
    return _subset_mean(whole, rank), -_subset_mean([-d for d in whole], rank)


def _subset_mean(whole: Sequence[int], rank: int) -> Fraction:
    """Return the subset mean of that rank: by the exact count at fractions with denominators up to n, until none is left between two."""
    n = len(whole)
    share = Fraction(rank + 1, 2**n)
    low, high = Fraction(min(whole) - 1), Fraction(max(whole))
    while True:
        at = _simplest(low + (high - low) / 4, high - (high - low) / 4)
        if at.denominator > n:
            at = ((low + high) / 2).limit_denominator(n)
            if not low < at < high:
                return high
        moved = [at.denominator * d - at.numerator for d in whole]
        enough = sign_flips([abs(d) for d in moved]).at_least(sum(d for d in moved if d > 0)) >= share
        low, high = (low, at) if enough else (at, high)


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the smallest denominator from low to high."""
    whole = ceil(low)
    if whole <= high:
        return Fraction(whole)
    return whole - 1 + 1 / _simplest(1 / (high - whole + 1), 1 / (low - whole + 1))


def _array(values: Sequence[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64 if max(map(abs, values), default=0) < 2**60 else object)


def _moved_by_ties(counts: Iterable[int]) -> int:
    """Return how far ties among equal scores move twice the statistic at most: a quarter of the square of their number."""
    return sum((t * t + 3) // 4 for t in counts if t > 1)


def _critical(untied: NullDistribution, statistic: Callable[[int], int], most: int, alpha: Fraction) -> int:
    """Return the smallest distance from the mean that is rejected without ties."""
    low, high = 0, most + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if untied.two_sided(statistic(middle)) <= alpha * _SAFE else (middle + 1, high)
    return low


def _hull(points: np.ndarray, times: np.ndarray, slack: np.ndarray, critical: int, kept: Callable[[Fraction], bool]) -> tuple[Fraction, Fraction]:
    """Return the outermost points that are kept, or that end a gap that is kept."""
    below = np.cumsum(times) - times
    total = int(times.sum())
    distance = total - 2 * below - times
    at = np.abs(distance) - slack < critical
    gap = np.abs(total - 2 * (below + times))[:-1] < critical
    middle = int(np.argmin(np.abs(distance)))

    def point(place: int) -> Fraction:
        return Fraction(int(points[place]))

    def outermost(order: Iterable[int], side: int) -> Fraction:
        for place in order:
            beside = min(place, place + side)
            if at[place] and kept(point(place)):
                return point(place)
            if 0 <= beside < len(gap) and gap[beside] and kept((point(beside) + point(beside + 1)) / 2):
                return point(place)
        return point(middle)

    return outermost(range(len(points)), 1), outermost(range(len(points) - 1, -1, -1), -1)
