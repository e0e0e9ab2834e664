"""Sets of integer rows: their sums, which are distinct, which are among others; each row as one integer."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

MOST_PAIRS = 1_000_000
"""Most pairs of rows that one sum of sets may look at."""


class TooLargeError(Exception):
    """The sets of contributions are too large for this stage."""


@lru_cache(maxsize=10_000)
def multisets(raw: bytes, shape: tuple[int, int], least: int, most: int) -> Rows:
    """Return the distinct sums of `least` to `most` vectors, with repetition."""
    vectors = np.frombuffer(raw, dtype=np.int64).reshape(shape)
    steps = distinct(vectors)
    rows = np.zeros((1, vectors.shape[1]), dtype=np.int64)
    kept = [rows] if least == 0 else []
    for people in range(1, most + 1):
        rows = sumset(rows, steps)
        if people >= least:
            kept.append(rows)
    return distinct(np.concatenate(kept)) if kept else rows[:0]


def sumset(first: Rows, second: Rows) -> Rows:
    """Return the distinct sums of a row of the first set and a row of the second."""
    if not len(first) or not len(second):
        return first[:0]
    sums, low, strides = codes_of_sums(first, second)
    return decoded(np.unique(sums), low, strides)


def codes_of_sums(first: Rows, second: Rows) -> tuple[Rows, Rows, Rows]:
    """Return the codes of all sums of a row of the first and a row of the second, with their origin and strides."""
    if len(first) * len(second) > MOST_PAIRS:
        raise TooLargeError
    low = first.min(axis=0), second.min(axis=0)
    origin, strides = _coding(low[0] + low[1], first.max(axis=0) + second.max(axis=0))
    return ((first - low[0]) @ strides)[:, None] + ((second - low[1]) @ strides)[None, :], origin, strides


def distinct(rows: Rows) -> Rows:
    if len(rows) < 2:
        return rows
    low, strides = _coding(rows.min(axis=0), rows.max(axis=0))
    return decoded(np.unique((rows - low) @ strides), low, strides)


def grouped(rows: Rows, least: Rows, greatest: Rows) -> tuple[Rows, Rows, Rows]:
    low, strides = _coding(rows.min(axis=0), rows.max(axis=0))
    codes, group = np.unique((rows - low) @ strides, return_inverse=True)
    lower = np.full(len(codes), np.iinfo(np.int64).max)
    upper = np.full(len(codes), np.iinfo(np.int64).min)
    np.minimum.at(lower, group, least)
    np.maximum.at(upper, group, greatest)
    return decoded(codes, low, strides), lower, upper


def among(rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """Return which rows are among the others."""
    if not len(rows) or not len(others):
        return np.zeros(len(rows), dtype=bool)
    low, strides = _coding(np.minimum(rows.min(axis=0), others.min(axis=0)), np.maximum(rows.max(axis=0), others.max(axis=0)))
    return np.isin((rows - low) @ strides, (others - low) @ strides)


def _coding(low: Rows, high: Rows) -> tuple[Rows, Rows]:
    """Return an origin and strides that give each row between two corners an integer of its own."""
    size = 1
    strides = []
    for width in (high - low + 1).tolist():
        strides.append(size)
        size *= width
        if size >= 2**62:
            raise TooLargeError
    return low, np.array(strides, dtype=np.int64)


def decoded(codes: Rows, low: Rows, strides: Rows) -> Rows:
    found = np.empty((len(codes), len(strides)), dtype=np.int64)
    left = codes
    for column in range(len(strides) - 1, -1, -1):
        found[:, column], left = np.divmod(left, strides[column])
    return found + low
