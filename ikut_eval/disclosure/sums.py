"""The local stage: all values that a sum can take, by joining sets of attainable sums cohort by cohort.

A table matters to the rest only through its contributions to the sums that cross its border. So each table is reduced to the set of
its contributions; sets are joined along the constraints, narrowest first, and a constraint is applied and then dropped as soon as
everything that it touches is joined. A second pass from the root back keeps what fits with all the rest. Everything is in integers.

References
----------
Dechter, R. (1999). Bucket elimination. Artificial Intelligence 113, 41–85.
Yannakakis, M. (1981). Algorithms for acyclic database schemes. VLDB, 82–94.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ikut_eval.disclosure.model import System, Terms

_Rows = NDArray[np.int64]

MOST_PAIRS = 1_000_000
"""Most pairs of rows that one sum of sets may look at."""


class TooLargeError(Exception):
    """The sets of contributions are too large for this stage."""


@lru_cache(maxsize=10_000)
def multisets(raw: bytes, shape: tuple[int, int], least: int, most: int) -> _Rows:
    """Return the distinct sums of `least` to `most` vectors, with repetition."""
    vectors = np.frombuffer(raw, dtype=np.int64).reshape(shape)
    steps = _distinct(vectors)
    rows = np.zeros((1, vectors.shape[1]), dtype=np.int64)
    kept = [rows] if least == 0 else []
    for people in range(1, most + 1):
        rows = _sumset(rows, steps)
        if people >= least:
            kept.append(rows)
    return _distinct(np.concatenate(kept)) if kept else rows[:0]


def _sumset(first: _Rows, second: _Rows) -> _Rows:
    """Return the distinct sums of a row of the first set and a row of the second."""
    if not len(first) or not len(second):
        return first[:0]
    sums, low, strides = _codes_of_sums(first, second)
    return _decoded(np.unique(sums), low, strides)


def _codes_of_sums(first: _Rows, second: _Rows) -> tuple[_Rows, _Rows, _Rows]:
    """Return the codes of all sums of a row of the first and a row of the second, with their origin and strides."""
    if len(first) * len(second) > MOST_PAIRS:
        raise TooLargeError
    low = first.min(axis=0), second.min(axis=0)
    origin, strides = _coding(low[0] + low[1], first.max(axis=0) + second.max(axis=0))
    return ((first - low[0]) @ strides)[:, None] + ((second - low[1]) @ strides)[None, :], origin, strides


def _distinct(rows: _Rows) -> _Rows:
    if len(rows) < 2:
        return rows
    low, strides = _coding(rows.min(axis=0), rows.max(axis=0))
    return _decoded(np.unique((rows - low) @ strides), low, strides)


def _among(rows: _Rows, others: _Rows) -> NDArray[np.bool_]:
    """Return which rows are among the others."""
    if not len(rows) or not len(others):
        return np.zeros(len(rows), dtype=bool)
    low, strides = _coding(np.minimum(rows.min(axis=0), others.min(axis=0)), np.maximum(rows.max(axis=0), others.max(axis=0)))
    return np.isin((rows - low) @ strides, (others - low) @ strides)


def _coding(low: _Rows, high: _Rows) -> tuple[_Rows, _Rows]:
    """Return an origin and strides that give each row between two corners an integer of its own; a column of one value has stride 0."""
    size = 1
    strides = []
    for width in (high - low + 1).tolist():
        strides.append(size if width > 1 else 0)
        size *= width
        if size >= 2**62:
            raise TooLargeError
    return low, np.array(strides, dtype=np.int64)


def _decoded(codes: _Rows, low: _Rows, strides: _Rows) -> _Rows:
    found = np.zeros((len(codes), len(strides)), dtype=np.int64)
    left = codes
    for column in np.flatnonzero(strides)[::-1]:
        found[:, column], left = np.divmod(left, strides[column])
    return found + low


SET_TABLES = 3
"""Up to so many linked tables, all values of a sum are followed; beyond, the solver is asked for its ends."""


@dataclass(eq=False)
class _Node:
    """Some joined tables, and their contributions that fit with everything.

    `rows` has a column for each of `columns`: the sums of constraints that reach beyond the tables. `closed` are the constraints that were
    applied here: those inside the tables that reach beyond each child.
    """

    tables: frozenset[int]
    closed: tuple[int, ...]
    columns: tuple[int, ...]
    rows: _Rows
    children: tuple["_Node", ...] = ()
    parent: "_Node | None" = None


@lru_cache(maxsize=50_000)
def join_tree(system: System) -> tuple[tuple[_Node, ...], _Node]:
    """Return a leaf for each table of a system that constraints link as a whole, and the root: all tables joined.

    Raises TooLargeError if a set of contributions grows too large.
    """
    leaves = tuple(_node(system, frozenset([table]), _of_table(system, table, ())) for table in range(len(system.shapes)))
    above = list(leaves)
    for together in sorted(system.touched, key=lambda tables: (len(tables), min(tables))):
        first, *others = dict.fromkeys(above[table] for table in sorted(together))
        for other in others:
            first = _node(system, first.tables | other.tables, _sumset(_wide(system, first), _wide(system, other)), (first, other))
        for table in first.tables:
            above[table] = first
    if len(above[0].rows):
        _keep_what_fits(system, above[0])
    return leaves, above[0]


def _node(system: System, tables: frozenset[int], rows: _Rows, children: tuple[_Node, ...] = ()) -> _Node:
    inside = [place for place, touched in enumerate(system.touched) if touched <= tables]
    closed = tuple(place for place in inside if not any(system.touched[place] <= child.tables for child in children))
    open_sums = {column for place, columns in enumerate(system.columns) for column in columns if place not in inside and tables & system.touched[place]}
    columns = tuple(sorted(open_sums))
    node = _Node(tables, closed, columns, _settled(system, closed, rows)[:, columns], children)
    for child in children:
        child.parent = node
    return node


def _wide(system: System, node: _Node) -> _Rows:
    """Return a node's contributions with a column for the sums of all constraints (0 where applied or not touched), and for the target."""
    found = np.zeros((len(node.rows), system.n_sums + 1), dtype=np.int64)
    found[:, node.columns] = node.rows
    return found


@lru_cache(maxsize=200_000)
def values_of(system: System, terms: Terms) -> frozenset[int]:
    """Return all values of a sum in a system that constraints link as a whole: none if no counts fit its constraints.

    Raises TooLargeError if a set of contributions grows too large, or the sum touches many tables.
    """
    leaves, root = join_tree(system)
    target = system.by_table(terms)
    if len(target) > SET_TABLES:
        raise TooLargeError
    if not target:
        return frozenset([0] if len(root.rows) else [])
    node = leaves[min(target)]
    while not target.keys() <= node.tables:
        node = node.parent or root
    return frozenset(_followed(system, node, target)[:, -1].tolist())


_Cells = Sequence[tuple[int, int]]
"""Cells of a table and their coefficients."""


def _of_table(system: System, table: int, target: _Cells) -> _Rows:
    """Return a table's contributions to the sums of all constraints, and last to the target."""
    shape, vectors = system.shapes[table], _cell_vectors(system)[table].copy()
    for cell, coefficient in target:
        vectors[cell, -1] = coefficient
    return multisets(vectors.tobytes(), vectors.shape, shape.least, shape.most)


@lru_cache(maxsize=1_000)
def _cell_vectors(system: System) -> list[_Rows]:
    """Return for each table what a person in each of its cells adds to the sums of the constraints."""
    vectors = [np.zeros((shape.cells, system.n_sums + 1), dtype=np.int64) for shape in system.shapes]
    for column, terms in enumerate(terms for constraint in system.constraints for terms in constraint.sums):
        for table, cells in system.by_table(terms).items():
            for cell, coefficient in cells:
                vectors[table][cell, column] = coefficient
    return vectors


def _fits(system: System, places: Sequence[int], rows: _Rows) -> NDArray[np.bool_]:
    """Return which wide rows hold some constraints."""
    good = np.ones(len(rows), dtype=bool)
    for place in places:
        one = np.zeros(len(rows), dtype=bool)
        for box in system.constraints[place].boxes:
            inside = np.ones(len(rows), dtype=bool)
            for column, (low, high) in zip(system.columns[place], box, strict=True):
                if low is not None:
                    inside &= rows[:, column] >= low
                if high is not None:
                    inside &= rows[:, column] <= high
            one |= inside
        good &= one
    return good


def _settled(system: System, places: Sequence[int], rows: _Rows) -> _Rows:
    """Return the wide rows that hold some constraints, without those constraints' sums."""
    if not places:
        return rows
    good = rows[_fits(system, places, rows)]
    for place in places:
        good[:, system.columns[place]] = 0
    return _distinct(good)


def _keep_what_fits(system: System, node: _Node) -> None:
    """Keep below a node, in each set, only contributions that some contribution of every other part completes."""
    waiting = [node]
    while waiting:
        parent = waiting.pop()
        if parent.children:
            left, right = parent.children
            sums, low, strides = _codes_of_sums(_wide(system, left), _wide(system, right))
            codes = np.unique(sums)
            rows = _decoded(codes, low, strides)
            good = _fits(system, parent.closed, rows) & _among(rows[:, parent.columns], parent.rows)
            fits = good[np.searchsorted(codes, sums)]
            left.rows = left.rows[fits.any(axis=1)]
            right.rows = right.rows[fits.any(axis=0)]
            waiting += [left, right]


def _followed(system: System, node: _Node, target: Mapping[int, _Cells]) -> _Rows:
    """Return a node's fitting contributions as wide rows, with the target's value last."""
    if node.tables.isdisjoint(target):
        return _wide(system, node)
    if node.children:
        left, right = (_followed(system, child, target) for child in node.children)
        rows = _sumset(left, right)
    else:
        rows = _of_table(system, min(node.tables), target[min(node.tables)])
    rows = _settled(system, node.closed, rows)
    return rows[_among(rows[:, node.columns], node.rows)]
