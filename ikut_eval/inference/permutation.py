"""Exact null distributions, by counting in how many ways each sum of scores can come about.

Adding a person to an array of counts is one shift and one addition, so the work grows with people times scores and
not with 2**n. People are counted in two halves, which are joined only for the tails that are asked for. Counts are
float64 to which only counts are added: exact up to 2**53 (about 50 people), and beyond that with a relative error
near n times 1e-16, even where the probability is 1e-300.

References
----------
Streitberg, B. and Röhmel, J. (1986). Exact distributions for permutation and rank tests.
Statistical Software Newsletter 12, 10–17.
Pagano, M. and Tritchler, D. (1983). On obtaining permutation distributions in polynomial time.
Journal of the American Statistical Association 78, 435–440. doi:10.2307/2288653
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import ceil, comb, floor, gcd, lcm, prod
from typing import Any

import numpy as np

from ikut_eval.contract.errors import UsageError

_MOST_DIVIDED = 1000
"""People whose number of divisions is still a float64."""
_MOST_FLIPPED = 2000
"""People whose signs are counted: twice the number whose ways are still a float64."""
_MOST_SIGNS = 50_000
"""People whose ups and downs are counted."""
_MOST_SUMS = 1 << 22
"""Longest list of sums of one half of the people."""
_SHORT = 20_000
"""A list that is counted by place, without looking whether one by value would be shorter."""
_FEW_CELLS, _MOST_LISTED = 2_000_000, 200_000
"""Divisions that are listed by value where the table of sums would be larger."""
_MOST_CELLS = 60_000_000
"""Largest table of sums by size of the first group: half a gigabyte."""


def as_integers(values: Sequence[Fraction]) -> tuple[list[int], Fraction]:
    """Return the values as whole multiples of the largest common unit, and that unit."""
    whole = lcm(*(v.denominator for v in values)) if values else 1
    numbers = [v.numerator * (whole // v.denominator) for v in values]
    unit = gcd(*numbers) or 1
    return [n // unit for n in numbers], Fraction(unit, whole)


@dataclass(frozen=True)
class NullDistribution:
    """How often each sum comes about, as the sum of two independent halves.

    Attributes
    ----------
    sums, others : arrays of int, rising – the sums of the first and of the second half
    ways, other_ways : arrays of float, one row for each way to share the first group between the halves – in how many
        ways, out of `ways_in_all` for both halves together, each sum comes about
    ways_in_all : int – 1 where the ways are probabilities
    start, unit : int – a statistic is `start` and `unit` times a sum
    centre : Fraction – mean of the sum; symmetric : bool – both tails are known to be alike
    """

    sums: np.ndarray
    ways: np.ndarray
    others: np.ndarray
    other_ways: np.ndarray
    ways_in_all: int
    start: int
    unit: int
    centre: Fraction
    symmetric: bool = False

    @cached_property
    def _up_to(self) -> np.ndarray:
        sums = np.zeros((len(self.ways), len(self.others) + 1))
        self.other_ways.cumsum(axis=1, out=sums[:, 1:])
        return sums

    @cached_property
    def _from(self) -> np.ndarray:
        sums = np.zeros((len(self.ways), len(self.others) + 1))
        self.other_ways[:, ::-1].cumsum(axis=1, out=sums[:, -2::-1])
        return sums

    def _share(self, rest: np.ndarray) -> Fraction:
        ways = float(np.einsum("ij,ij->", self.ways, rest))
        return Fraction(min(ways, 1.0)) if self.ways_in_all == 1 else Fraction(min(int(ways), self.ways_in_all), self.ways_in_all)

    def _smaller(self, sums: np.ndarray) -> np.ndarray:
        """Return how many of the other half's sums are smaller than each."""
        first, number = self.others[0], len(self.others)
        return np.minimum(np.maximum(sums - first, 0), number) if self.others[-1] - first == number - 1 else self.others.searchsorted(sums)

    def _from_sum(self, least: int) -> Fraction:
        return self._share(self._from.take(self._smaller(least - self.sums), axis=1))

    def _up_to_sum(self, most: int) -> Fraction:
        return self._share(self._up_to.take(self._smaller(most + 1 - self.sums), axis=1))

    def at_least(self, statistic: int) -> Fraction:
        """Return the probability of a statistic at least as large."""
        return self._from_sum((statistic - self.start) // self.unit)

    def at_most(self, statistic: int) -> Fraction:
        """Return the probability of a statistic at most as large."""
        return self._up_to_sum((statistic - self.start) // self.unit)

    def two_sided(self, statistic: int, *, farther: bool = False) -> Fraction:
        """Return the probability of a statistic at least as far from the mean ("absdev"); or farther from it."""
        apart = abs((statistic - self.start) // self.unit - self.centre)
        if not apart and not farther:
            return Fraction(1)
        low, high = (ceil(self.centre - apart) - 1, floor(self.centre + apart) + 1) if farther else (floor(self.centre - apart), ceil(self.centre + apart))
        above = self._from_sum(high)
        return min(Fraction(1), above + (above if self.symmetric else self._up_to_sum(low)))

    def tails(self, statistic: int) -> dict[str, Any]:
        """Return p, p_greater, p_less and p_mid of an observed statistic, as `ExactTest` has them; p_mid is 1 at the mean."""
        greater, less = self.at_least(statistic), self.at_most(statistic)
        p = min(Fraction(1), 2 * min(greater, less)) if self.symmetric else self.two_sided(statistic)
        mid = (p + self.two_sided(statistic, farther=True)) / 2 if p < 1 else p
        return {"p": float(p), "p_greater": float(greater), "p_less": float(less), "p_mid": float(mid)}


def sign_tails(up: int, down: int) -> dict[str, Any]:
    """Return p, p_greater, p_less and p_mid of so many ups and downs, when both are equally likely."""
    n = up + down
    if n > _MOST_SIGNS:
        raise UsageError("table_too_large")
    ways = chosen = 1
    for k in range(up):
        chosen = chosen * (n - k) // (k + 1)
        ways += chosen
    here, less = Fraction(chosen, 2**n), Fraction(ways, 2**n)
    greater = 1 - less + here
    p = min(Fraction(1), 2 * min(greater, less))
    return {"p": float(p), "p_greater": float(greater), "p_less": float(less), "p_mid": float(p - here) if p < 1 else 1.0}


def sign_flips(weights: Sequence[int]) -> NullDistribution:
    """Return the distribution of the sum of the weights with a plus, when every sign is equally likely.

    Parameters
    ----------
    weights : sequence of int
        Whole, not negative; zeros change nothing.

    Raises
    ------
    UsageError
        If there are too many people, or too many different scores that are too fine to be counted by place.
    """
    times = Counter(w for w in weights if w)
    total, n = sum(w * t for w, t in times.items()), times.total()
    if n > _MOST_FLIPPED:
        raise UsageError("scores_too_fine")
    order = sorted(times, key=times.__getitem__)
    (sums, ways), (others, other_ways) = (_subsets([w for w in part for _ in range(times[w])]) for part in (order[::2], order[1::2]))
    return NullDistribution(sums, ways[None, :], others, other_ways[None, :], 1, 0, 1, Fraction(total, 2), symmetric=True)


def _subsets(scores: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums that subsets of the scores have, rising, and the probability of each.

    Sums are counted by place; of few people with fine scores, by value.
    """
    ways: np.ndarray
    total = sum(scores)
    if total < _SHORT or total < min(10 * (different := prod(n + 1 for n in Counter(scores).values())), _MOST_SUMS):
        first, reach = min(len(scores), _MOST_FLIPPED // 2), 0
        ways = np.zeros(total + 1)
        ways[0] = 2.0**-first
        for score in scores:
            ways[score : score + reach + 1] += ways[: reach + 1]
            reach += score
        return np.arange(total + 1), ways * 2.0 ** (first - len(scores))
    if different > _MOST_SUMS or total >= 2**62:
        raise UsageError("scores_too_fine")
    sums: np.ndarray = np.zeros(1, dtype=np.int64)
    ways = np.ones(1)
    for score, n in Counter(scores).items():
        chosen = [comb(n, k) / 2**n for k in range(n + 1)]
        sums, place = np.unique(np.add.outer(sums, score * np.arange(n + 1)), return_inverse=True)
        ways = np.bincount(place.ravel(), np.outer(ways, chosen).ravel())
    return sums, ways


def divisions(strata: Sequence[tuple[Sequence[int], int]]) -> NullDistribution:
    """Return the distribution of the sum of the chosen scores over all strata, when in each stratum every subset is equally likely.

    Parameters
    ----------
    strata : sequence of (scores, size)
        The whole scores of a stratum, and how many of them are in the first group.

    Raises
    ------
    UsageError
        If there are too many people for a count in reasonable time.

    Notes
    -----
    Scores are counted from the middle of their stratum and in their common unit, so that sums stay small, and by the
    smaller of the two groups.
    """
    unit = gcd(*(score - scores[0] for scores, _ in strata for score in scores)) or 1
    start, centre, parts = 0, Fraction(0), []
    for scores, size in strata:
        middle = scores[0] + unit * round(Fraction(sum(scores) - len(scores) * scores[0], len(scores) * unit))
        kept = sorted(((score - middle) // unit for score in scores), key=abs)
        start += size * middle
        centre += Fraction(size * sum(kept), len(kept))
        if 2 * size > len(kept):
            start += unit * sum(kept)
            centre -= sum(kept)
            kept, size = [-score for score in kept], len(kept) - size
        if size and any(kept):
            parts.append((kept, size))
    ways_in_all = prod(comb(len(kept), size) for kept, size in parts)
    people, spread = sum(len(kept) for kept, _ in parts), sum(abs(score) for kept, _ in parts for score in kept)
    cells = (max((size for _, size in parts), default=0) + 1) * spread
    if cells > _FEW_CELLS and ways_in_all <= _MOST_LISTED:
        sums, ways = _listed_divisions(parts)
        return NullDistribution(np.zeros(1, dtype=np.int64), np.ones((1, 1)), sums, ways[None, :], ways_in_all, start, unit, centre)
    if people > _MOST_DIVIDED or cells > _MOST_CELLS:
        raise UsageError("scores_too_fine")
    if len(parts) == 1:
        ((kept, size),) = parts
        halves = kept[::2], kept[1::2]
        lowest, first = _chosen(halves[0], size - len(halves[1]), min(size, len(halves[0])))
        other_lowest, second = _chosen(halves[1], size - len(halves[0]), min(size, len(halves[1])))
        fewest, most = max(0, size - len(second) + 1), len(first) - 1
        first, second = first[fewest : most + 1], second[size - most : size - fewest + 1][::-1]
    else:
        parts.sort(key=lambda part: len(part[0]))
        (lowest, first), (other_lowest, second) = _summed(parts[::2]), _summed(parts[1::2])
    sums, others = lowest + np.arange(first.shape[1]), other_lowest + np.arange(second.shape[1])
    return NullDistribution(sums, first, others, second, ways_in_all, start, unit, centre)


def _listed_divisions(parts: Sequence[tuple[Sequence[int], int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return every sum over the strata, rising, and in how many ways it comes about: by value, for few people with fine scores."""
    if sum(abs(score) for kept, _ in parts for score in kept) >= 2**62:
        raise UsageError("scores_too_fine")
    known: Counter[int] = Counter({0: 1})
    for kept, size in parts:
        by_size: list[Counter[int]] = [Counter({0: 1}), *(Counter() for _ in range(size))]
        for score in kept:
            for chosen in range(size, 0, -1):
                for total, times in by_size[chosen - 1].items():
                    by_size[chosen][total + score] += times
        following: Counter[int] = Counter()
        for (total, times), (more, ways) in product(known.items(), by_size[size].items()):
            following[total + more] += times * ways
        known = following
    sums = sorted(known)
    return np.array(sums, dtype=np.int64), np.array([known[total] for total in sums], dtype=float)


def _summed(parts: Sequence[tuple[Sequence[int], int]]) -> tuple[int, np.ndarray]:
    """Return the lowest sum over the strata, and a row of how many ways lead to each sum."""
    lowest, ways = 0, np.ones(1)
    for scores, size in parts:
        low, rows = _chosen(scores, size, size)
        lowest, ways = lowest + low, rows[-1] if len(ways) == 1 else np.convolve(ways, rows[-1])
    return lowest, ways[None, :]


def _chosen(scores: Sequence[int], fewest: int, most: int) -> tuple[int, np.ndarray]:
    """Return the lowest sum, and for 0 … most chosen scores a row of how many ways lead to each sum.

    Rows below `fewest` are not complete. Subsets of more than half of the scores mirror those that are left out.
    """
    low, high = sum(s for s in scores if s < 0), sum(s for s in scores if s > 0)
    grown = min(most, len(scores) // 2)
    rows = np.zeros((grown + 1, 1 + high - low))
    left, right = -low, 1 - low
    rows[0, left:right] = 1
    for seen, score in enumerate(scores, start=1):
        bottom, top = max(1, min(fewest, len(scores) - most) - len(scores) + seen), min(seen, grown)
        rows[bottom : top + 1, left + score : right + score] += rows[bottom - 1 : top, left:right]
        left, right = left + min(score, 0), right + max(score, 0)
    return low, np.concatenate([rows, rows[len(scores) - most : len(scores) - grown][::-1, ::-1]])
