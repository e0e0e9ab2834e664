"""What a call may give: lists, labels, counts, levels, tables. Anything else is refused by name, never by the value."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import InvalidOperation
from fractions import Fraction
from math import inf, isfinite
from numbers import Rational
from typing import Any

import numpy as np
import pandas as pd

from ikut_eval.contract.errors import UsageError

_PLAIN = {int, str, bool}
"""Types of labels that are never missing."""
_MOST_COUNTED = 1_000_000_000
"""Largest count: what lies above is a slip, and nothing could be computed from it."""


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN or pandas' NA; what cannot be compared with itself is not."""
    if value is None or value is pd.NA:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError, InvalidOperation):
        return False


def listed(values: Any) -> list[Any]:
    """Return values as a list.

    Raises
    ------
    UsageError
        If it is a single value, a text or a table.
    """
    if isinstance(values, list):
        return values
    if isinstance(values, str | bytes | Mapping | pd.DataFrame) or not hasattr(values, "__iter__"):
        raise UsageError("list_needed")
    try:
        return list(values)
    except TypeError:
        raise UsageError("list_needed") from None


def as_float(value: Any) -> float:
    """Return a number as a float; raise UsageError for text, what is no number, and what is too large for one."""
    if isinstance(value, str | bytes) or not hasattr(value, "__float__"):
        raise UsageError("score_is_text")
    try:
        return float(value)
    except OverflowError:
        return inf
    except (TypeError, ValueError):
        raise UsageError("score_is_text") from None


def finite(value: Any) -> float:
    """Return a number as a float; raise UsageError if it is missing or not finite, too."""
    number = value if type(value) is float else as_float(value)
    if not isfinite(number):
        raise UsageError("score_not_finite")
    return number


def number_between(value: Any, refused: str, *, most: float = 1.0) -> float:
    """Return a number above 0 and below `most`, or raise UsageError with the key `refused`."""
    if type(value) is float and 0 < value < most:
        return value
    try:
        number = as_float(value)
    except UsageError:
        raise UsageError(refused) from None
    if not 0 < number < most:
        raise UsageError(refused)
    return number


def check_level(level: Any) -> None:
    """Raise UsageError if a confidence level is not a number between 0 and 1."""
    number_between(level, "impossible_level")


def check_probabilities(*probabilities: Any) -> None:
    """Raise UsageError if a power or alpha is not a number between 0 and 1."""
    for each in probabilities:
        number_between(each, "impossible_probability")


def counts(*values: Any) -> list[int]:
    """Return whole numbers from 0.

    Raises
    ------
    UsageError
        If one is missing, text, negative, not whole, or above a thousand million.
    """
    found = []
    for value in values:
        if type(value) is int and 0 <= value <= _MOST_COUNTED:
            found.append(value)
            continue
        if is_missing(value) or isinstance(value, str) or not hasattr(value, "__float__"):
            raise UsageError("impossible_counts")
        number = Fraction(value) if isinstance(value, Rational) else as_float(value)
        if not 0 <= number < inf or number % 1:
            raise UsageError("impossible_counts")
        if number > _MOST_COUNTED:
            raise UsageError("table_too_large")
        found.append(int(number))
    return found


def labels(values: Any) -> list[Hashable]:
    """Return the labels of groups or cohorts, one a person; raise UsageError if one is missing or cannot be one."""
    found = listed(values)
    if set(map(type, found)) <= _PLAIN:
        return found
    if any(is_missing(label) or not isinstance(label, Hashable) for label in found):
        raise UsageError("label_missing")
    return found


def flags(values: Any) -> list[bool]:
    """Return yes or no for each person; raise UsageError for anything but True, False, 1 and 0."""
    found = labels(values)
    if set(map(type, found)) == {bool}:
        return found  # type: ignore[return-value]
    if not all(isinstance(flag, bool | int | float | np.bool_ | np.number) and flag in (0, 1) for flag in found):
        raise UsageError("flag_needed")
    return [bool(flag) for flag in found]


def check_table(table: Any, named: Iterable[str], *, counted: Iterable[str] = (), known: Iterable[str] = ()) -> pd.DataFrame:
    """Return a table if it has its columns and each value is of its kind.

    Parameters
    ----------
    named, counted, known : iterable of str
        Columns of labels, of whole numbers from 0, and those that are checked where they are used.

    Raises
    ------
    UsageError
        If it is no table or lacks columns (names those that it needs), a label is missing, or a count cannot be one.
    """
    names, numbers = list(named), list(counted)
    needed = [*names, *numbers, *known]
    if not isinstance(table, pd.DataFrame) or not set(needed) <= set(table.columns):
        raise UsageError("table_needed", columns=", ".join(needed))
    for name in names:
        labels(table[name])
    for name in numbers:
        counts(*table[name])
    return table


def same_length(*lists: Sequence[Any]) -> None:
    """Raise UsageError if lists differ in length."""
    if len(set(map(len, lists))) > 1:
        raise UsageError("unequal_lengths")
