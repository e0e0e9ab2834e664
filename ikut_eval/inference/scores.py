"""Scores as exact numbers: 1.4 − 1.1 ties with 1.0 − 0.7, and so do means of three, six or twelve items."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import floor, isqrt
from numbers import Rational

import numpy as np

from ikut_eval.contract.errors import UsageError
from ikut_eval.inference.arguments import as_float, finite, is_missing, listed, number_between, same_length

_LARGEST_DENOMINATOR = 10_000
"""Of the fraction that a float may stand for."""
_FARTHEST = 10**300
"""Scores from here on are as good as infinite."""
_ROUNDING = 2.0**-40
"""What subtraction and division leave of scores up to some thousand, as a share of the largest, or of 1."""


def exact(value: object, *, largest: float = 1.0) -> Fraction | None:
    """Return a score as a fraction; None where it is missing.

    A float, or a decimal number, is taken as the fraction with a denominator up to 10,000 that it stands for within
    rounding, so that a mean of 3, 6 or 12 items, or a difference of two, is what it would be as a fraction. Where there
    is none, it is the decimal that it prints as. None, NaN and pandas' NA are missing.

    Parameters
    ----------
    largest : float
        The largest absolute score beside it: what is far smaller is what subtraction leaves of 0.

    Raises
    ------
    UsageError
        If it is text or anything else that is no number, or not finite. The message never holds the value.
    """
    if is_missing(value):
        return None
    if isinstance(value, Rational):
        if not -_FARTHEST < int(value.numerator) < _FARTHEST:
            raise UsageError("score_not_finite")
        return Fraction(value)
    number = finite(value)
    coarse = float(np.finfo(type(value)).eps) if isinstance(value, np.floating) else 2.0**-52
    found = _stands_for(number, max(_ROUNDING * min(1.0, largest), 4 * coarse * abs(number)))
    return Fraction(str(value)) if found is None else found


@lru_cache(maxsize=4096)
def _stands_for(value: float, rounding: float) -> Fraction | None:
    """Return the fraction that a float stands for within rounding; None if there is none, or rounding allows for several.

    A fraction so near is a convergent of the continued fraction.
    """
    most = isqrt(int(0.25 / max(rounding, 0.25 / _LARGEST_DENOMINATOR**2)))
    above, below, before, last = 1, 0, 0, 1
    rest = value
    while True:
        whole = floor(rest)
        above, before = whole * above + before, above
        below, last = whole * below + last, below
        if below <= most and abs(above / below - value) <= rounding:
            return Fraction(above, below)
        if rest - whole < 1 / (most + 1):
            return None
        rest = 1 / (rest - whole)


def exact_scores(values: Iterable[object]) -> list[Fraction | None]:
    """Return scores as fractions, missing ones as None; each as `exact` does beside the others."""
    scores = listed(values)
    if set(map(type, scores)) == {int} and _ordinary(scores):
        return list(map(Fraction, scores))
    largest = max((abs(as_float(v)) for v in scores if not is_missing(v)), default=1.0)
    return [exact(v, largest=largest) for v in scores]


def _ordinary(scores: Sequence[int]) -> bool:
    return min(scores) > -_FARTHEST and max(scores) < _FARTHEST


def paired_differences(before: Sequence[object], after: Sequence[object]) -> tuple[list[Fraction], int]:
    """Return after − before of the complete pairs, and how many pairs are not complete.

    Raises
    ------
    UsageError
        If the lengths differ, or there are fewer than two complete pairs.
    """
    ones, others = listed(before), listed(after)
    same_length(ones, others)
    if set(map(type, ones)) == set(map(type, others)) == {int} and _ordinary(ones) and _ordinary(others):
        differences = [Fraction(b - a) for a, b in zip(ones, others, strict=True)]
    else:
        pairs = zip(exact_scores(ones), exact_scores(others), strict=True)
        differences = [b - a for a, b in pairs if a is not None and b is not None]
    if len(differences) < 2:
        raise UsageError("too_few_pairs", n=len(differences))
    return differences, len(ones) - len(differences)


def exact_alpha(level: float) -> Fraction:
    """Return 1 − level of the level as it prints: 1 − 0.9 is a tenth."""
    return 1 - Fraction(repr(number_between(level, "impossible_level")))


def alpha_of(level: float) -> float:
    """Return 1 − level without the noise of floats: 0.1 for 0.9, so that p = 0.1 is not above it."""
    return float(exact_alpha(level))


def midranks(values: Sequence[Fraction] | Sequence[int]) -> list[int]:
    """Return twice the midrank of each value: whole numbers, also with ties."""
    counts: Counter[Fraction | int] = Counter(values)
    below, ranks = 0, {}
    for value in sorted(counts):
        ranks[value] = 2 * below + counts[value] + 1
        below += counts[value]
    return [ranks[value] for value in values]
