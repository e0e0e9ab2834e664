"""Tables of people whose counts are not known, linear sums of these counts, and what is known of the sums."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from math import ceil, floor, gcd, lcm

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ikut_eval.disclosure.universe import Number, Range

Terms = tuple[tuple[int, int], ...]
"""A linear sum of unknowns: (unknown, integer coefficient), in rising order of the unknown."""
Box = tuple[tuple[int | None, int | None], ...]
"""One interval for each of some linear sums."""


@dataclass(frozen=True)
class Shape:
    """A table of counts that are not negative and sum to between `least` and `most` people."""

    cells: int
    least: int
    most: int


@dataclass(frozen=True)
class Linear:
    """A linear expression of the unknowns: coefficients, none of them 0, in rising order of the unknown; and a constant."""

    coefficients: tuple[tuple[int, Number], ...]
    constant: Number = 0

    def minus(self, other: "Linear") -> "Linear":
        first, second = dict(self.coefficients), dict(other.coefficients)
        difference = ((unknown, first.get(unknown, 0) - second.get(unknown, 0)) for unknown in sorted(first.keys() | second.keys()))
        return Linear(tuple((unknown, c) for unknown, c in difference if c), self.constant - other.constant)

    @cached_property
    def factor(self) -> Number:
        """The number by which the coefficients are divided to give the terms."""
        if not self.coefficients:
            return 1
        scale = lcm(*(c.denominator for _, c in self.coefficients))
        divisor = gcd(*(int(c * scale) for _, c in self.coefficients)) * (1 if self.coefficients[0][1] > 0 else -1)
        return divisor if scale == 1 else Fraction(divisor, scale)

    @cached_property
    def terms(self) -> Terms:
        """The expression without its constant, with the smallest integer coefficients of which the first is above 0."""
        return tuple((unknown, int(c // self.factor)) for unknown, c in self.coefficients)

    def values(self, low: int, high: int) -> tuple[Number, Number]:
        """Return the expression's least and greatest value from those of its terms."""
        first, second = (_whole(self.factor * end + self.constant) for end in (low, high))
        return (first, second) if self.factor > 0 else (second, first)

    def ends(self, interval: Range) -> tuple[int | None, int | None]:
        """Return the least and the greatest value of the terms for which the expression lies in an interval."""
        low, high = (None if end is None else Fraction(end - self.constant) / self.factor for end in interval)
        if self.factor < 0:
            low, high = high, low
        return None if low is None else ceil(low), None if high is None else floor(high)


def _whole(number: Number) -> Number:
    return int(number) if number.denominator == 1 else number


@dataclass(frozen=True)
class Constraint:
    """Some linear sums, and boxes: in at least one of the boxes, each sum lies in its interval."""

    sums: tuple[Terms, ...]
    boxes: tuple[Box, ...]


def within(expression: Linear, low: Number | None, high: Number | None) -> Constraint:
    """Return the constraint that an expression lies in an interval."""
    return in_a_box([expression], [[(low, high)]])


def in_a_box(expressions: Sequence[Linear], boxes: Iterable[Sequence[Range]]) -> Constraint:
    """Return the constraint that in at least one box every expression lies in its interval; constants are compared at once."""
    kept: dict[Box, None] = {}
    for box in boxes:
        ends = [one.ends(interval) for one, interval in zip(expressions, box, strict=True)]
        if all(
            (low is None or high is None or low <= high) and (one.terms or (low or 0) <= 0 <= (high or 0))
            for one, (low, high) in zip(expressions, ends, strict=True)
        ):
            kept[tuple(end for one, end in zip(expressions, ends, strict=True) if one.terms)] = None
    return Constraint(tuple(one.terms for one in expressions if one.terms), tuple(kept))


def tidy(constraints: Iterable[Constraint]) -> tuple[Constraint, ...] | None:
    """Return the constraints with those on one and the same sum joined; None if one is impossible by itself."""
    ends: dict[Terms, tuple[list[int], list[int]]] = {}
    others: dict[Constraint, None] = {}
    for constraint in constraints:
        if not constraint.boxes:
            return None
        if len(constraint.sums) == 1 and len(constraint.boxes) == 1:
            for known, end in zip(ends.setdefault(constraint.sums[0], ([], [])), constraint.boxes[0][0], strict=True):
                known += [] if end is None else [end]
        elif constraint.sums:
            others[constraint] = None
    joined = {terms: (max(lows, default=None), min(highs, default=None)) for terms, (lows, highs) in ends.items()}
    if any(low is not None and high is not None and low > high for low, high in joined.values()):
        return None
    return (*(Constraint((terms,), ((box,),)) for terms, box in joined.items() if box != (None, None)), *others)


@dataclass(frozen=True)
class System:
    """Tables, numbered cell by cell, and the constraints between them."""

    shapes: tuple[Shape, ...]
    constraints: tuple[Constraint, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.shapes, self.constraints))

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The first unknown of each table, and the number of unknowns."""
        return tuple(accumulate((shape.cells for shape in self.shapes), initial=0))

    @cached_property
    def touched(self) -> tuple[frozenset[int], ...]:
        """The tables that each constraint touches."""
        return tuple(frozenset(table for terms in constraint.sums for table in self.by_table(terms)) for constraint in self.constraints)

    @cached_property
    def columns(self) -> tuple[range, ...]:
        """The places of each constraint's sums among the sums of all constraints."""
        return tuple(range(first, end) for first, end in pairwise(accumulate((len(constraint.sums) for constraint in self.constraints), initial=0)))

    @property
    def n_sums(self) -> int:
        return self.columns[-1].stop if self.columns else 0

    def by_table(self, terms: Terms) -> dict[int, list[tuple[int, int]]]:
        """Return for each table that a sum touches the cells and their coefficients."""
        found: dict[int, list[tuple[int, int]]] = {}
        for unknown, coefficient in terms:
            table = bisect_right(self.offsets, unknown) - 1
            found.setdefault(table, []).append((unknown - self.offsets[table], coefficient))
        return found

    def span(self, terms: Terms) -> tuple[int, int]:
        """Return the least and the greatest value of a sum, as far as the tables' sizes alone say."""
        low = high = 0
        for table, cells in self.by_table(terms).items():
            shape = self.shapes[table]
            here = [c for _, c in cells] + [0] * (len(cells) < shape.cells)
            low += min(here) * (shape.most if min(here) < 0 else shape.least)
            high += max(here) * (shape.most if max(here) > 0 else shape.least)
        return low, high


def split(system: System) -> tuple[list[System], dict[int, tuple[int, int]]]:
    """Return the parts that no constraint links, and for each unknown its part and its number there."""
    links = np.array([(min(tables), table) for tables in system.touched for table in tables], dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(len(system.shapes), len(system.shapes)))
    n, part_of = connected_components(graph, directed=False)
    shapes: list[list[Shape]] = [[] for _ in range(n)]
    constraints: list[list[Constraint]] = [[] for _ in range(n)]
    home: dict[int, tuple[int, int]] = {}
    for part, shape, start in zip(part_of.tolist(), system.shapes, system.offsets, strict=False):
        first = sum(earlier.cells for earlier in shapes[part])
        home |= {start + cell: (part, first + cell) for cell in range(shape.cells)}
        shapes[part].append(shape)
    for constraint, tables in zip(system.constraints, system.touched, strict=True):
        local = tuple(tuple((home[unknown][1], c) for unknown, c in terms) for terms in constraint.sums)
        constraints[part_of[min(tables)]].append(Constraint(local, constraint.boxes))
    return [System(tuple(own), tuple(inside)) for own, inside in zip(shapes, constraints, strict=True)], home


def pieces(terms: Terms, home: Mapping[int, tuple[int, int]]) -> list[tuple[int, Terms]]:
    """Return a sum as sums over independent parts, in the numbers of each part."""
    inside: dict[int, list[tuple[int, int]]] = {}
    for unknown, coefficient in terms:
        part, number = home[unknown]
        inside.setdefault(part, []).append((number, coefficient))
    return [(part, tuple(some)) for part, some in inside.items()]
