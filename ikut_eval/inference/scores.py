"""Scores as exact numbers: 1.4 − 1.1 ties with 1.0 − 0.7."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from numbers import Rational

import numpy as np
import pandas as pd

from ikut_eval.contract.errors import UsageError


def exact(value: object) -> Fraction | None:
    """Return a score as a fraction; None where it is missing.

    A float is taken as the decimal that it prints as. None, NaN and pandas' NA are missing.

    Raises
    ------
    UsageError
        If it is text or not finite. The message never holds the value.
    """
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, Rational):
        return Fraction(value)
    if isinstance(value, str) or not hasattr(value, "__float__"):
        raise UsageError("score_is_text")
    if not isfinite(value):
        raise UsageError("score_not_finite")
    return Fraction(str(value)) if isinstance(value, Decimal | np.floating) else Fraction(repr(float(value)))


def exact_scores(values: Iterable[object]) -> list[Fraction | None]:
    """Return scores as fractions, missing ones as None."""
    return [exact(v) for v in values]


def paired_differences(before: Sequence[object], after: Sequence[object]) -> tuple[list[Fraction], int]:
    """Return after − before of the complete pairs, and how many pairs are not complete.

    Raises
    ------
    UsageError
        If the lengths differ, or there are fewer than two complete pairs.
    """
    if len(before) != len(after):
        raise UsageError("unequal_lengths")
    differences = [d for d in map(_difference, before, after) if d is not None]
    if len(differences) < 2:
        raise UsageError("too_few_pairs", n=len(differences))
    return differences, len(before) - len(differences)


def _difference(before: object, after: object) -> Fraction | None:
    if type(before) is int and type(after) is int:
        return Fraction(after - before)
    first, second = exact(before), exact(after)
    return None if first is None or second is None else second - first


def exact_alpha(level: float) -> Fraction:
    """Return 1 − level of the level as it prints: 1 − 0.9 is a tenth."""
    return 1 - Fraction(repr(float(level)))


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
