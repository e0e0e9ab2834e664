"""The local stage: all values that a sum can take, by joining sets of attainable sums cohort by cohort.

A table matters to the rest only through its contributions to the sums that cross its border. So each table is reduced to the set of
its contributions; sets are joined along the constraints, narrowest first, and a constraint is applied and then dropped as soon as
everything that it touches is joined. A second pass from the root back keeps what fits with all the rest. Everything is in integers.

References
----------
Dechter, R. (1999). Bucket elimination. Artificial Intelligence 113, 41–85.
Yannakakis, M. (1981). Algorithms for acyclic database schemes. VLDB, 82–94.
"""

from bisect import bisect_right
from collections.abc import Sequence
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
    """Return an origin and strides that give each row between two corners an integer of its own."""
    size = 1
    strides = []
    for width in (high - low + 1).tolist():
        strides.append(size)
        size *= width
        if size >= 2**62:
            raise TooLargeError
    return low, np.array(strides, dtype=np.int64)


def _decoded(codes: _Rows, low: _Rows, strides: _Rows) -> _Rows:
    found = np.empty((len(codes), len(strides)), dtype=np.int64)
    left = codes
    for column in range(len(strides) - 1, -1, -1):
        found[:, column], left = np.divmod(left, strides[column])
    return found + low


_Column = tuple[int, int]
"""A constraint and one of its sums."""

SET_TABLES = 3
"""Up to so many linked tables, all values of a sum are followed; beyond, the solver is asked for its ends."""


@dataclass(eq=False)
class _Node:
    """Some joined tables: `rows` are the contributions that fit with everything, one column for each sum that crosses the border."""

    tables: frozenset[int]
    columns: tuple[_Column, ...]
    rows: _Rows
    children: tuple["_Node", "_Node"] | None = None
    parent: "_Node | None" = None


@dataclass(frozen=True)
class _Tree:
    """The joined tables of a system: a leaf for each table, and above each table the root of the part that constraints link to it."""

    leaves: tuple[_Node, ...]
    roots: tuple[_Node, ...]

    @property
    def possible(self) -> bool:
        return all(len(root.rows) for root in self.roots)


@lru_cache(maxsize=50_000)
def join_tree(system: System) -> _Tree:
    """Return the joined tables of a system.

    Raises
    ------
    TooLargeError
        If a set of contributions grows too large.
    """
    leaves = []
    for table in range(len(system.shapes)):
        columns, rows = _leaf(system, table, ())
        leaves.append(_Node(frozenset([table]), columns, rows[:, :-1]))
    above = list(leaves)
    for together in sorted(system.touched, key=lambda tables: (len(tables), min(tables))):
        joining = list(dict.fromkeys(above[table] for table in sorted(together)))
        while len(joining) > 1:
            parent = _join(system, joining[0], joining[1])
            joining = [parent, *joining[2:]]
        for table in joining[0].tables:
            above[table] = joining[0]
    if all(len(node.rows) for node in above):
        for node in dict.fromkeys(above):
            _keep_what_fits(system, node)
    return _Tree(tuple(leaves), tuple(above))


@lru_cache(maxsize=200_000)
def values_of(system: System, terms: Terms) -> frozenset[int]:
    """Return all values of a sum in a possible system.

    Raises
    ------
    TooLargeError
        If a set of contributions grows too large, or the sum touches many tables that constraints link.
    """
    tree = join_tree(system)
    target = _by_table(system, terms)
    values = frozenset([0])
    left = frozenset(target)
    while left:
        wanted = left & tree.roots[min(left)].tables
        left -= wanted
        if len(wanted) > SET_TABLES:
            raise TooLargeError
        node = tree.leaves[min(wanted)]
        while node.parent is not None and not wanted <= node.tables:
            node = node.parent
        here = set(_followed(system, node, target)[:, -1].tolist())
        values = frozenset(a + b for a in values for b in here)
    return values


_ByTable = dict[int, list[tuple[int, int]]]
"""A sum by table: cells and their coefficients."""


def _by_table(system: System, terms: Terms) -> _ByTable:
    found: _ByTable = {}
    for unknown, coefficient in terms:
        table = bisect_right(system.offsets, unknown) - 1
        found.setdefault(table, []).append((unknown - system.offsets[table], coefficient))
    return found


def _leaf(system: System, table: int, target: Sequence[tuple[int, int]]) -> tuple[tuple[_Column, ...], _Rows]:
    """Return a table's contributions to the sums of constraints that reach beyond it, and last to the target."""
    columns, vectors = _cell_vectors(system, table)
    shape = system.shapes[table]
    last = np.zeros((shape.cells, 1), dtype=np.int64)
    for cell, coefficient in target:
        last[cell] = coefficient
    wide = np.hstack([vectors, last])
    return _settle(system, frozenset([table]), columns, multisets(wide.tobytes(), wide.shape, shape.least, shape.most))


@lru_cache(maxsize=50_000)
def _cell_vectors(system: System, table: int) -> tuple[tuple[_Column, ...], _Rows]:
    """Return what a person in each cell of a table adds to the sums of the constraints."""
    start, cells = system.offsets[table], system.shapes[table].cells
    here = [place for place, tables in enumerate(system.touched) if table in tables]
    columns = tuple((place, part) for place in here for part in range(len(system.constraints[place].sums)))
    vectors = np.zeros((cells, len(columns)), dtype=np.int64)
    for column, (place, part) in enumerate(columns):
        for unknown, coefficient in system.constraints[place].sums[part]:
            if start <= unknown < start + cells:
                vectors[unknown - start, column] = coefficient
    return columns, vectors


def _join(system: System, left: _Node, right: _Node) -> _Node:
    columns, first, second = _aligned(left.columns, left.rows, right.columns, right.rows)
    tables = left.tables | right.tables
    columns, rows = _settle(system, tables, columns, _sumset(first, second))
    left.parent = right.parent = joined = _Node(tables, columns, rows, (left, right))
    return joined


def _aligned(left: tuple[_Column, ...], first: _Rows, right: tuple[_Column, ...], second: _Rows) -> tuple[tuple[_Column, ...], _Rows, _Rows]:
    """Return both sets with the columns of either; columns after the named ones (the target) stay last."""
    columns = tuple(sorted({*left, *right}))
    return columns, _widened(left, first, columns), _widened(right, second, columns)


def _widened(own: tuple[_Column, ...], rows: _Rows, columns: tuple[_Column, ...]) -> _Rows:
    extra = rows.shape[1] - len(own)
    found = np.zeros((len(rows), len(columns) + extra), dtype=np.int64)
    found[:, [columns.index(column) for column in own]] = rows[:, : len(own)]
    if extra:
        found[:, len(columns) :] = rows[:, len(own) :]
    return found


def _fits(system: System, tables: frozenset[int], columns: tuple[_Column, ...], rows: _Rows) -> NDArray[np.bool_]:
    """Return which rows hold the constraints that lie wholly inside the tables."""
    good = np.ones(len(rows), dtype=bool)
    for place in dict.fromkeys(place for place, _ in columns):
        if system.touched[place] <= tables:
            first = columns.index((place, 0))
            one = np.zeros(len(rows), dtype=bool)
            for box in system.constraints[place].boxes:
                inside = np.ones(len(rows), dtype=bool)
                for part, (low, high) in enumerate(box):
                    if low is not None:
                        inside &= rows[:, first + part] >= low
                    if high is not None:
                        inside &= rows[:, first + part] <= high
                one |= inside
            good &= one
    return good


def _open(system: System, tables: frozenset[int], columns: tuple[_Column, ...]) -> list[int]:
    return [index for index, (place, _) in enumerate(columns) if not system.touched[place] <= tables]


def _settle(system: System, tables: frozenset[int], columns: tuple[_Column, ...], rows: _Rows) -> tuple[tuple[_Column, ...], _Rows]:
    """Return the rows that hold the constraints inside the tables, without those constraints' columns."""
    left = _open(system, tables, columns)
    if len(left) == len(columns):
        return columns, rows
    good = rows[_fits(system, tables, columns, rows)]
    extra = range(len(columns), rows.shape[1])
    return tuple(columns[index] for index in left), _distinct(good[:, [*left, *extra]])


def _keep_what_fits(system: System, node: _Node) -> None:
    """Keep below a node, in each set, only contributions that some contribution of every other part completes."""
    waiting = [node]
    while waiting:
        parent = waiting.pop()
        if parent.children is None:
            continue
        left, right = parent.children
        columns, first, second = _aligned(left.columns, left.rows, right.columns, right.rows)
        sums, low, strides = _codes_of_sums(first, second)
        codes = np.unique(sums)
        rows = _decoded(codes, low, strides)
        good = _fits(system, parent.tables, columns, rows)
        good &= _among(rows[:, _open(system, parent.tables, columns)], parent.rows)
        fits = good[np.searchsorted(codes, sums)]
        left.rows = left.rows[fits.any(axis=1)]
        right.rows = right.rows[fits.any(axis=0)]
        waiting += [left, right]


def _upwards(top: _Node, target: _ByTable) -> list[_Node]:
    """Return the nodes below and at a node that hold a table of the target, children before parents."""
    found = []
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if not node.tables.isdisjoint(target):
            found.append(node)
            waiting += node.children or ()
    return found[::-1]


def _followed(system: System, top: _Node, target: _ByTable) -> _Rows:
    """Return a node's fitting contributions with the target's value in a further, last column."""
    known: dict[int, _Rows] = {}
    for node in _upwards(top, target):
        if node.children is None:
            (table,) = node.tables
            _, rows = _leaf(system, table, target[table])
        else:
            left, right = node.children
            parts = [known.pop(id(child)) if id(child) in known else np.pad(child.rows, ((0, 0), (0, 1))) for child in node.children]
            columns, first, second = _aligned(left.columns, parts[0], right.columns, parts[1])
            _, rows = _settle(system, node.tables, columns, _sumset(first, second))
        known[id(node)] = rows[_among(rows[:, :-1], node.rows)]
    return known[id(top)]


def narrowed(system: System) -> System:
    """Return the system without the constraints on many tables; nothing that was possible becomes impossible."""
    pairs = zip(system.constraints, system.touched, strict=True)
    return System(system.shapes, tuple(constraint for constraint, tables in pairs if len(tables) <= SET_TABLES))


def outer_span(narrow: System, terms: Terms) -> tuple[int, int]:
    """Return ends that no value of a sum lies beyond: by joining, or from the tables' sizes alone where that is too large."""
    try:
        values = values_of(narrow, terms)
    except TooLargeError:
        return narrow.span(terms)
    return min(values), max(values)
