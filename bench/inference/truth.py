"""The true answer by a route of its own: every sign or division up to 20 people, whole numbers up to 200."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from math import comb
from typing import Any

import numpy as np
from scipy.stats import rankdata

Answer = float | tuple[float, float]
LEVEL = 0.95


def truth(question: str, data: dict[str, Any]) -> Answer | None:
    """Return the true answer; None where there are too many people for it."""
    n = len(data["before"])
    changes = np.array(data["after"]) - np.array(data["before"])
    first = np.array(data["first"])
    if question == "mean interval, two decimals":
        return mean_interval(np.round(100 * np.array(data["fine"])).astype(int), 100) if n <= 20 else None
    if question == "mean interval":
        return mean_interval(changes, 1) if n <= 20 else None
    if question == "signed-rank interval":
        return signed_rank_interval(changes) if n <= 12 else None
    if question == "sign":
        return sign_flips(np.sign(changes)) if n <= 1000 else None
    if question == "yes–no change":
        return sign_flips(np.repeat([1, -1], [data["gained"], data["lost"]]))
    if n > 200:
        return None
    if question == "mean":
        return sign_flips(changes)
    if question == "signed rank, Pratt":
        return sign_flips(signed_ranks(changes))
    if question == "signed rank, zeros dropped":
        return sign_flips(signed_ranks(changes[changes != 0]))
    if question == "two groups, ranks":
        return divisions([(2 * rankdata(data["after"]), first)])
    if question == "two groups, raw":
        return divisions([(np.array(data["after"]), first)])
    if question == "four cohorts, ranks":
        ranks, cohort = 2 * rankdata(data["after"]), np.array(data["cohort"])
        return divisions([(ranks[cohort == c], first[cohort == c]) for c in sorted(set(data["cohort"]))])
    return None


def signed_ranks(changes: np.ndarray) -> np.ndarray:
    return (2 * np.sign(changes) * rankdata(abs(changes))).astype(int)


def sign_flips(signed: Sequence[int] | np.ndarray) -> float:
    """Return the two-sided p of the sum under sign flips: every one, or by counting each total."""
    values = [int(v) for v in signed if v]
    far = abs(sum(values))
    if len(values) <= 20:
        totals = np.zeros(1, dtype=int)
        for value in values:
            totals = np.concatenate([totals - value, totals + value])
        return float((abs(totals) >= far).mean())
    ways = {0: 1}
    for value in values:
        following: Counter[int] = Counter()
        for total, number in ways.items():
            following[total + value] += number
            following[total - value] += number
        ways = dict(following)
    return float(Fraction(sum(number for total, number in ways.items() if abs(total) >= far), 2 ** len(values)))


def divisions(strata: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return the two-sided p of the first group's sum, by its distance from the mean."""
    observed = sum(int(scores[first].sum()) for scores, first in strata)
    centre = sum((Fraction(int(scores.sum()) * int(first.sum()), len(scores)) for scores, first in strata), Fraction(0))
    ways = {0: 1}
    for scores, first in strata:
        here = subsets([int(s) for s in scores], int(first.sum()))
        following: Counter[int] = Counter()
        for total, number in ways.items():
            for more, times in here.items():
                following[total + more] += number * times
        ways = dict(following)
    return float(Fraction(sum(number for total, number in ways.items() if abs(total - centre) >= abs(observed - centre)), sum(ways.values())))


def subsets(scores: list[int], size: int) -> Counter[int]:
    if len(scores) <= 20:
        return Counter(map(sum, combinations(scores, size)))
    ways: list[Counter[int]] = [Counter({0: 1}), *(Counter() for _ in range(size))]
    for value, times in Counter(scores).items():
        for chosen in range(size, 0, -1):
            for taken in range(1, min(times, chosen) + 1):
                for total, number in list(ways[chosen - taken].items()):
                    ways[chosen][total + taken * value] += number * comb(times, taken)
    return ways[size]


def mean_interval(changes: np.ndarray, unit: int) -> tuple[float, float] | None:
    """Return the limits as order statistics of the means of all subsets."""
    n = len(changes)
    rank = int(round((1 - LEVEL) / 2 * 2**n, 9))
    if rank < 1:
        return None
    sums, sizes = np.zeros(1), np.zeros(1)
    for change in changes:
        sums, sizes = np.concatenate([sums, sums + change]), np.concatenate([sizes, sizes + 1])
    means = np.sort(sums[1:] / sizes[1:])
    return float(means[rank - 1]) / unit, float(means[-rank]) / unit


def signed_rank_interval(changes: np.ndarray) -> tuple[float, float] | None:
    """Return the hull of the shifts that every sign tried does not reject."""
    points = sorted({(a + b) / 2 for a in changes for b in changes})
    tried = sorted({*points, *((a + b) / 2 for a, b in pairwise(points))})
    kept = [shift for shift in tried if sign_flips(signed_ranks(4 * changes - int(4 * shift))) > 1 - LEVEL + 1e-12]
    if 2 ** (1 - len(changes)) > 1 - LEVEL:
        return None
    return max(p for p in points if p <= kept[0]), min(p for p in points if p >= kept[-1])
