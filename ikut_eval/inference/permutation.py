"""Exact null distributions by generating functions.

Small problems are one Python integer in which every coefficient has its own field of bits: multiplying by
``1 + x**a`` is one shift and one addition, and a tail is one remainder, exact. Larger ones are arrays of
float64 to which only non-negative numbers are added, so that the relative error stays near n times 1e-16 even
where the probability is 1e-300.

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
from math import ceil, comb, floor, gcd, lcm

import numpy as np

from ikut_eval.contract.errors import UsageError

_SMALL = 400_000
"""Up to so many bits the packed integer is quicker than arrays, and exact."""


Probability = Fraction | float


@dataclass(frozen=True)
class Tails:
    """Probabilities of an observed statistic under the null distribution.

    Attributes
    ----------
    greater, less : Fraction or float – of a statistic at least, at most as large
    two_sided : Fraction or float – of a statistic at least as far from the mean ("absdev")
    at : Fraction or float – of exactly this statistic
    """

    greater: Probability
    less: Probability
    two_sided: Probability
    at: Probability


_LONGEST_ARRAY = 4_000_000
_MOST_IN_HALVES = 44
_MANY = 40
"""Up to so many people the two-sample distribution is computed in whole numbers."""


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
    if total * width <= _SMALL:
        packed = 1
        for weight in active:
            packed += packed << (weight * width)
        tail = Fraction(_field_sum(packed >> (far * width), width), 1 << n)
        at = Fraction((packed >> (far * width)) & ((1 << width) - 1), 1 << n)
    else:
        count = _sign_flip_array if total <= _LONGEST_ARRAY else _sign_flip_halves
        tail, at = count(active, total, far)
    other: Probability = 1 - tail + at
    two_sided: Probability = min(1, 2 * tail)
    return Tails(tail, other, two_sided, at) if positive == far else Tails(other, tail, two_sided, at)


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


def _sign_flip_halves(active: Sequence[int], total: int, far: int) -> tuple[float, float]:
    """Return P(sum >= far) and P(sum = far) for scores too fine for an array: all sums of each half, then counted in pairs.

    Raises
    ------
    UsageError
        If there are too many people for it, or the scores are finer than 64 bits.
    """
    if len(active) > _MOST_IN_HALVES or total >= 2**62:
        raise UsageError("scores_too_fine")
    halves = []
    for part in (active[::2], active[1::2]):
        sums = np.zeros(1, dtype=np.int64)
        for weight in part:
            sums = np.concatenate([sums, sums + weight])
        halves.append(np.sort(sums))
    reach = np.int64(total - far) - halves[0]
    up_to = np.searchsorted(halves[1], reach, side="right")
    below = np.searchsorted(halves[1], reach, side="left")
    number = 2.0 ** len(active)
    return float(up_to.sum()) / number, float((up_to - below).sum()) / number


def subset_sums(scores: Sequence[int], size: int) -> dict[int, int]:
    """Return how many subsets of `size` scores have each sum. Equal scores are taken together.

    Parameters
    ----------
    scores : sequence of int
        Whole numbers, not negative.
    size : int
        How many of them are chosen.
    """
    ways: list[dict[int, int]] = [{} for _ in range(size + 1)]
    ways[0][0] = 1
    counts = Counter(scores)
    seen = 0
    for score, times in sorted(counts.items()):
        for chosen in range(min(size, seen + times), 0, -1):
            into = ways[chosen]
            for taken in range(1, min(times, chosen) + 1):
                factor, gain = comb(times, taken), taken * score
                for total, number in ways[chosen - taken].items():
                    into[total + gain] = into.get(total + gain, 0) + number * factor
        seen += times
    return ways[size]


def _subset_array(scores: Sequence[int], size: int) -> np.ndarray:
    """Return the share of subsets of `size` scores that have each sum, counted from 0."""
    ordered = sorted(scores)
    lowest = ordered[0]
    shifted = [s - lowest for s in ordered]
    n = len(shifted)
    size_up = min(size, n - size)
    mirrored = size_up != size
    width = sum(shifted[n - size_up :]) + 1
    mass = np.zeros((size_up + 1, width))
    mass[0, 0] = 1.0
    for seen, score in enumerate(shifted, start=1):
        # mass[k] is the share of k-subsets of the first `seen` scores: C(seen, k) of them, of which C(seen - 1, k - 1) hold the newest
        fewest, most = max(1, size_up - (n - seen)), min(size_up, seen)
        for chosen in range(most, fewest - 1, -1):
            with_newest = chosen / seen
            if chosen < seen:
                mass[chosen] *= 1.0 - with_newest
            mass[chosen, score:] += with_newest * mass[chosen - 1, : width - score]
    share = mass[size_up]
    if mirrored:
        total = sum(shifted)
        whole = np.zeros(total + 1)
        whole[total - width + 1 :] = share[::-1]
        share = whole
    return np.concatenate([np.zeros(lowest * size), share])


def stratified_tails(strata: Sequence[tuple[Sequence[int], int]], observed: int) -> Tails:
    """Return the tails of the sum of the chosen scores over all strata, when in each stratum every subset is equally likely.

    Parameters
    ----------
    strata : sequence of (scores, size)
        The scores of a stratum, whole and not negative, and how many of them are in the first group.
    observed : int
        Observed sum of the scores in the first group.
    """
    many = sum(len(scores) for scores, _ in strata) > _MANY
    if not many:
        exact: dict[int, int] = {0: 1}
        for scores, size in strata:
            sums = subset_sums(scores, size)
            joined: dict[int, int] = {}
            for first, a in exact.items():
                for second, b in sums.items():
                    joined[first + second] = joined.get(first + second, 0) + a * b
            exact = joined
        whole = sum(exact.values())
        mean = Fraction(sum(s * w for s, w in exact.items()), whole)
        far = abs(observed - mean)
        return Tails(
            Fraction(sum(w for s, w in exact.items() if s >= observed), whole),
            Fraction(sum(w for s, w in exact.items() if s <= observed), whole),
            Fraction(sum(w for s, w in exact.items() if abs(s - mean) >= far), whole),
            Fraction(exact.get(observed, 0), whole),
        )
    share = np.ones(1)
    for scores, size in strata:
        share = np.convolve(share, _subset_array(scores, size))
    centre = sum((Fraction(size * sum(scores), len(scores)) for scores, size in strata), Fraction(0))
    apart = abs(observed - centre)
    low, high = floor(centre - apart), ceil(centre + apart)
    below = float(share[: max(low + 1, 0)].sum())
    above = float(share[high:].sum())
    two_sided = min(1.0, below + above) if apart else 1.0
    return Tails(float(share[observed:].sum()), float(share[: observed + 1].sum()), two_sided, float(share[observed]))
