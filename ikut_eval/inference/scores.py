"""Scores as exact numbers: 1.4 − 1.1 ties with 1.0 − 0.7."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from numbers import Rational

from ikut_eval.contract.errors import UsageError


def exact(value: object) -> Fraction | None:
    """Return a score as a fraction; None where it is missing.

    A float is taken as the decimal that it prints as.

    Raises
    ------
    UsageError
        If it is text or not finite. The message never holds the value.
    """
    if value is None or value != value:
        return None
    if isinstance(value, Rational):
        return Fraction(value)
    if isinstance(value, Decimal):
        return Fraction(value)
    if isinstance(value, str) or not hasattr(value, "__float__"):
        raise UsageError("score_is_text")
    number = float(value)
    if not isfinite(number):
        raise UsageError("score_not_finite")
    return Fraction(repr(number))


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
    pairs = list(zip(exact_scores(before), exact_scores(after), strict=True))
    differences = [b - a for a, b in pairs if a is not None and b is not None]
    if len(differences) < 2:
        raise UsageError("too_few_pairs", n=len(differences))
    return differences, len(pairs) - len(differences)


def midranks(values: Sequence[Fraction] | Sequence[int]) -> list[int]:
    """Return twice the midrank of each value: whole numbers, also with ties."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in range(first, last + 1):
            ranks[order[place]] = first + last + 2
        first = last + 1
    return ranks
