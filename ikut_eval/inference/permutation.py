"""Exact null distributions by generating functions.

Small problems are one Python integer in which every coefficient has its own field of bits: multiplying by
``1 + x**a`` is one shift and one addition, strata are multiplied, and a tail is one remainder, all exact. Larger
ones are arrays of float64 to which only non-negative numbers are added, so that the relative error stays near n
times 1e-16 even where the probability is 1e-300; and as only tails are asked for, two groups are counted in two
halves of the people, never joined.

References
----------
Streitberg, B. and Röhmel, J. (1986). Exact distributions for permutation and rank tests.
Statistical Software Newsletter 12, 10–17.
Pagano, M. and Tritchler, D. (1983). On obtaining permutation distributions in polynomial time.
Journal of the American Statistical Association 78, 435–440. doi:10.2307/2288653
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import ceil, comb, floor, gcd, lcm, prod

import numpy as np

from ikut_eval.contract.errors import UsageError

_SMALL, _TINY = 400_000, 40_000
_FEW = 44
"""Up to so many bits the packed integer is quicker than arrays, and exact; with more people fewer, as their scores are often equal."""


Probability = Fraction | float


@dataclass(frozen=True)
class Tails:
    """Probabilities of an observed statistic under the null distribution.

    Attributes
    ----------
    greater, less : Fraction or float – of a statistic at least, at most as large
    two_sided : Fraction or float – of a statistic at least as far from the mean ("absdev")
    at : Fraction or float – of exactly this statistic
    as_far : Fraction or float – of a statistic exactly as far from the mean, on either side
    smallest : Fraction or float – the smallest two-sided probability that these scores can reach
    """

    greater: Probability
    less: Probability
    two_sided: Probability
    at: Probability
    as_far: Probability
    smallest: Probability

    @property
    def mid(self) -> Probability:
        """Return the two-sided mid-P: what lies farther, and half of what lies exactly as far; 1 at the mean."""
        return self.two_sided - self.as_far / 2 if self.two_sided < 1 else 1


_LONGEST_ARRAY = 4_000_000
_MOST_SUMS = 1 << 22
_DENSE = 8
"""Sums that are so close together are counted by their place, without sorting."""
_HALVES_PAY = 100
"""So many additions to an array take as long as one sum of half of the people sorted and looked up."""
_MOST_IN_FLOATS = 1000
"""The number of divisions of so many people is still a float64."""
_SMALL_WORK = 300_000_000
"""Up to so many bits added, divisions into groups are counted in packed integers."""
_MOST_WORK = 20_000_000_000
"""Additions after which a count of divisions would take minutes."""


def as_integers(values: Sequence[Fraction]) -> tuple[list[int], Fraction]:
    """Return the values as whole multiples of the largest common unit, and that unit."""
    whole = lcm(*(v.denominator for v in values)) if values else 1
    numbers = [v.numerator * (whole // v.denominator) for v in values]
    unit = gcd(*numbers) or 1
    return [n // unit for n in numbers], Fraction(unit, whole)


def _field_sum(packed: int, width: int) -> int:
    """Return the sum of all fields: 2**width is 1 modulo 2**width - 1, and the sum is smaller than that."""
    return packed % ((1 << width) - 1)


def sign_flip_tails(weights: Sequence[int], positive: int) -> Tails:
    """Return the tails of the sum of the weights with a plus, when every sign is equally likely.

    Parameters
    ----------
    weights : sequence of int
        Whole, not negative; zeros change nothing.
    positive : int
        Observed sum of the weights that carry a plus.

    Notes
    -----
    The distribution is symmetric, so the two-sided probability (of a sum at least as far from its mean)
    is twice the smaller tail.
    """
    active = sorted(w for w in weights if w)
    total = sum(active)
    far = max(positive, total - positive)
    n = len(active)
    width = n + 2
    tail: Probability
    at: Probability
    if total * width <= (_SMALL if n <= _FEW else _TINY):
        packed = 1
        for weight in active:
            packed += packed << (weight * width)
        tail = Fraction(_field_sum(packed >> (far * width), width), 1 << n)
        at = Fraction((packed >> (far * width)) & ((1 << width) - 1), 1 << n)
    else:
        size = _halves(active)[2]
        pays = size * (_HALVES_PAY if total > _DENSE * size else _DENSE) < (total - far + 1) * n
        count = _sign_flip_halves if pays or total > _LONGEST_ARRAY else _sign_flip_array
        tail, at = count(active, total, far)
    other: Probability = 1 - tail + at
    greater, less = (tail, other) if positive == far else (other, tail)
    middle = 2 * far == total
    return Tails(greater, less, min(1, 2 * tail), at, at if middle else 2 * at, min(Fraction(1), Fraction(2, 1 << n)))


def _sign_flip_array(active: Sequence[int], total: int, far: int) -> tuple[float, float]:
    """Return P(sum >= far) and P(sum = far): by symmetry the lower tail, of which only the sums up to total - far are kept."""
    near = total - far
    mass = np.zeros(near + 1)
    mass[0] = 1.0
    reach = 0
    for weight in active:
        grown = min(reach + weight, near)
        mass[: grown + 1] *= 0.5
        if weight <= near:
            top = min(reach, near - weight)
            mass[weight : weight + top + 1] += mass[: top + 1].copy()
        reach = grown
    return float(mass.sum()), float(mass[near])


def _halves(active: Sequence[int]) -> tuple[list[tuple[int, int]], list[tuple[int, int]], int]:
    """Return the scores with how often each is there, in two halves with about as many sums, and how many sums the larger has."""
    halves: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    sizes = [1, 1]
    for weight, times in sorted(Counter(active).items(), key=lambda pair: -pair[1]):
        side = int(sizes[1] < sizes[0])
        halves[side].append((weight, times))
        sizes[side] *= times + 1
    return *halves, max(sizes)


def _binomial(times: int) -> np.ndarray:
    """Return the chance of each number of pluses among so many."""
    if times > _MOST_IN_FLOATS:
        return np.array([comb(times, k) / (1 << times) for k in range(times + 1)])
    k = np.arange(times)
    return np.cumprod(np.concatenate([[2.0**-times], (times - k) / (k + 1)]))


def _sums(scores: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of scores that carry a plus, in order, and the chance of each. Equal scores are taken together."""
    sums: np.ndarray = np.zeros(1, dtype=np.int64)
    chances: np.ndarray = np.ones(1)
    for weight, times in scores:
        longer = np.add.outer(sums, weight * np.arange(times + 1, dtype=np.int64)).ravel()
        mass = np.multiply.outer(chances, _binomial(times)).ravel()
        if int(longer.max()) < _DENSE * len(longer):
            chances = np.bincount(longer, mass)
            sums = np.flatnonzero(chances)
            chances = chances[sums]
        else:
            sums, place = np.unique(longer, return_inverse=True)
            chances = np.bincount(place, mass)
    return sums, chances


def _sign_flip_halves(active: Sequence[int], total: int, far: int) -> tuple[float, float]:
    """Return P(sum >= far) and P(sum = far) from the sums of each half of the scores, looked up in pairs.

    Raises
    ------
    UsageError
        If there are too many different scores for it, or they are finer than 64 bits.
    """
    first, second, size = _halves(active)
    if size > _MOST_SUMS or total >= 2**62:
        raise UsageError("scores_too_fine")
    (ones, chances), (others, more) = _sums(first), _sums(second)
    reach = np.int64(total - far) - ones
    below = np.concatenate([[0.0], np.cumsum(more)])
    up_to, under = np.searchsorted(others, reach, side="right"), np.searchsorted(others, reach, side="left")
    return float(chances @ below[up_to]), float(chances @ np.where(up_to > under, more[np.minimum(under, len(more) - 1)], 0.0))


Stratum = tuple[list[int], int]
"""Scores from 0 upwards, rising, and how many of them are in a group that is not the larger one."""


def stratified_tails(strata: Sequence[tuple[Sequence[int], int]], observed: int) -> Tails:
    """Return the tails of the sum of the chosen scores over all strata, when in each stratum every subset is equally likely.

    Parameters
    ----------
    strata : sequence of (scores, size)
        The scores of a stratum, whole and not negative, and how many of them are in the first group.
    observed : int
        Observed sum of the scores in the first group.

    Raises
    ------
    UsageError
        If there are too many people for a count in reasonable time.
    """
    parts, base, unit = _reduced(strata)
    if not parts:
        one = Fraction(1)
        return Tails(one, one, one, one, one, one)
    here = (observed - base) // unit
    centre = sum((Fraction(size * sum(scores), len(scores)) for scores, size in parts), Fraction(0))
    mirror, apart = 2 * centre - here, abs(here - centre)
    low, high = floor(centre - apart), ceil(centre + apart)
    width = prod(comb(len(scores), size) for scores, size in parts).bit_length() + 1
    bits = width * sum(sum(scores[-size:]) for scores, size in parts)
    count = _packed_divisions if bits * sum(len(scores) * size for scores, size in parts) <= _SMALL_WORK else _divisions_in_halves
    above, below, at = count(parts)
    as_far = at(here) + (at(int(mirror)) if mirror.denominator == 1 and mirror != here else 0)
    two_sided = min(1, below(low) + above(high)) if here != centre else Fraction(1)
    return Tails(above(here), below(here), two_sided, at(here), as_far, _smallest(parts, centre))


def _reduced(strata: Sequence[tuple[Sequence[int], int]]) -> tuple[list[Stratum], int, int]:
    """Return the strata that have more than one sum, by the smaller group and from 0; what that took off the sum, and the common unit."""
    parts: list[Stratum] = []
    base = 0
    for scores, size in strata:
        if 2 * size <= len(scores):
            lowest = min(scores)
            base += size * lowest
            kept, fewer = sorted(s - lowest for s in scores), size
        else:
            highest, fewer = max(scores), len(scores) - size
            base += sum(scores) - fewer * highest
            kept = sorted(highest - s for s in scores)
        if fewer and kept[-1]:
            parts.append((kept, fewer))
    unit = gcd(*(s for kept, _ in parts for s in kept)) or 1
    return [([s // unit for s in kept], size) for kept, size in parts], base, unit


def _smallest(parts: Sequence[Stratum], centre: Fraction) -> Fraction:
    """Return the probability of the sums that lie farthest from the mean."""
    ends = []
    for turn in (1, -1):
        distance, chance = Fraction(0), Fraction(1)
        for scores, size in parts:
            ordered = scores[::turn]
            distance += sum(ordered[:size])
            chance *= Fraction(comb(scores.count(ordered[size - 1]), ordered[:size].count(ordered[size - 1])), comb(len(scores), size))
        ends.append((abs(distance - centre), chance))
    (far_low, low), (far_high, high) = ends
    return low + high if far_low == far_high else low if far_low > far_high else high


Count = Callable[[int], Probability]
"""Probability of a sum at least, at most, or exactly so large."""


def _packed_divisions(parts: Sequence[Stratum]) -> tuple[Count, Count, Count]:
    whole = prod(comb(len(scores), size) for scores, size in parts)
    width = whole.bit_length() + 1
    packed = prod(_packed_subsets(scores, size, width) for scores, size in parts)

    def above(least: int) -> Fraction:
        return Fraction(_field_sum(packed >> (max(least, 0) * width), width), whole)

    return above, lambda most: 1 - above(most + 1), lambda total: Fraction((packed >> (total * width)) & ((1 << width) - 1) if total >= 0 else 0, whole)


def _packed_subsets(scores: Sequence[int], size: int, width: int) -> int:
    """Return how many subsets of that size have each sum, one field a sum."""
    ways = [1] + [0] * size
    for seen, score in enumerate(scores):
        for chosen in range(min(seen + 1, size), max(0, size - len(scores) + seen), -1):
            ways[chosen] += ways[chosen - 1] << (score * width)
    return ways[size]


def _divisions_in_halves(parts: Sequence[Stratum]) -> tuple[Count, Count, Count]:
    """Return the tails of a sum of two independent parts, for every way to share the first group between them."""
    joined = _halves_of_one(*parts[0]) if len(parts) == 1 else _halves_of_many(parts)

    def above(least: int) -> float:
        return sum(weight * _above(first, second, least - start) for weight, first, second, start in joined)

    def below(most: int) -> float:
        return sum(weight * _above(first[::-1], second[::-1], start + len(first) + len(second) - 2 - most) for weight, first, second, start in joined)

    def at(total: int) -> float:
        return sum(weight * _at(first, second, total - start) for weight, first, second, start in joined)

    return above, below, at


Joined = list[tuple[float, np.ndarray, np.ndarray, int]]
"""Weight, shares of each sum of the first and of the second part, and the smallest sum of both."""


def _halves_of_one(scores: Sequence[int], size: int) -> Joined:
    middle = len(scores) // 2
    halves = [_subset_shares(half, min(size, len(half))) for half in (scores[:middle], scores[middle:])]
    other = len(scores) - middle
    joined: Joined = []
    for chosen in range(max(0, size - other), min(size, middle) + 1):
        weight = float(Fraction(comb(middle, chosen) * comb(other, size - chosen), comb(len(scores), size)))
        first, second = sum(scores[:chosen]), sum(scores[middle : middle + size - chosen])
        joined.append((weight, halves[0][chosen], halves[1][size - chosen], first + second))
    return joined


def _halves_of_many(parts: Sequence[Stratum]) -> Joined:
    halves = [(np.ones(1), 0), (np.ones(1), 0)]
    shares = [(_subset_shares(scores, size)[size], sum(scores[:size])) for scores, size in parts]
    for share, start in sorted(shares, key=lambda each: len(each[0]), reverse=True):
        halves.sort(key=lambda each: len(each[0]))
        halves[0] = (np.convolve(halves[0][0], share), halves[0][1] + start)
    return [(1.0, halves[0][0], halves[1][0], halves[0][1] + halves[1][1])]


def _above(first: np.ndarray, second: np.ndarray, least: int) -> float:
    tail = np.append(second[::-1].cumsum()[::-1], 0.0)
    return float(first @ tail[np.clip(least - np.arange(len(first)), 0, len(second))])


def _at(first: np.ndarray, second: np.ndarray, total: int) -> float:
    lowest, highest = max(0, total - len(second) + 1), min(len(first) - 1, total)
    return float(first[lowest : highest + 1] @ second[total - highest : total - lowest + 1][::-1]) if lowest <= highest else 0.0


def _subset_shares(scores: Sequence[int], most: int) -> list[np.ndarray]:
    """Return, for 0 … most of the rising scores, the share of the subsets that have each sum, counted from the smallest sum.

    Subsets of more than half are the mirror image of those left out.
    """
    n = len(scores)
    grown = min(most, n // 2)
    smallest, largest = [0, *accumulate(scores)], [0, *accumulate(reversed(scores))]
    if n > _MOST_IN_FLOATS or sum(largest[k] - smallest[k] + 1 for k in range(grown + 1)) * n > _MOST_WORK:
        raise UsageError("scores_too_fine")
    rows = [np.zeros(largest[k] - smallest[k] + 1) for k in range(grown + 1)]
    rows[0][0] = 1.0
    for seen, score in enumerate(scores):
        for chosen in range(min(seen + 1, grown), 0, -1):
            reach = smallest[seen] - smallest[seen - chosen + 1] - smallest[chosen - 1] + 1
            start = smallest[chosen - 1] + score - smallest[chosen]
            rows[chosen][start : start + reach] += rows[chosen - 1][:reach]
    shares = [row / float(comb(n, k)) for k, row in enumerate(rows)]
    return [shares[k] if k <= grown else shares[n - k][::-1] for k in range(most + 1)]
