"""The integer unknowns: how many people of a cohort are in each cell, and the linear sums that figures fix."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import ceil, floor, gcd, lcm

from ikut_eval.disclosure.universe import Block, Fact, Range, Universe, VersionLink
from ikut_eval.disclosure.views import Number

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
class Constraint:
    """Some linear sums, and boxes: in at least one of the boxes, each sum lies in its interval."""

    sums: tuple[Terms, ...]
    boxes: tuple[Box, ...]


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
        return tuple(self.tables(*constraint.sums) for constraint in self.constraints)

    def tables(self, *sums: Terms) -> frozenset[int]:
        """Return the tables that sums touch."""
        return frozenset(bisect_right(self.offsets, unknown) - 1 for terms in sums for unknown, _ in terms)

    def span(self, terms: Terms) -> tuple[int, int]:
        """Return the least and the greatest value of a sum, as far as the tables' sizes alone say."""
        coefficients = dict(terms)
        low = high = 0
        for table in self.tables(terms):
            shape, start = self.shapes[table], self.offsets[table]
            here = [coefficients.get(unknown, 0) for unknown in range(start, start + shape.cells)]
            low += min(here) * (shape.most if min(here) < 0 else shape.least)
            high += max(here) * (shape.most if max(here) > 0 else shape.least)
        return low, high


@dataclass(frozen=True)
class Linear:
    """A linear expression: a weight for each cell of some tables (by the table's first unknown), and a constant."""

    weights: Mapping[int, Sequence[Number]] = field(default_factory=dict)
    constant: Number = 0

    def plus(self, other: "Linear", times: int = 1) -> "Linear":
        weights = dict(self.weights)
        for start, added in other.weights.items():
            here = weights.get(start, [0] * len(added))
            weights[start] = [one + times * another for one, another in zip(here, added, strict=True)]
        return Linear(weights, self.constant + times * other.constant)


@dataclass(frozen=True)
class Sum:
    """An expression as factor * terms + constant, with the smallest integers as coefficients of the terms."""

    terms: Terms
    factor: Number
    constant: Number

    def values(self, low: int, high: int) -> tuple[Number, Number]:
        """Return the expression's least and greatest value from those of its terms."""
        first, second = (_whole(self.factor * end + self.constant) for end in (low, high))
        return (first, second) if self.factor > 0 else (second, first)

    def ends(self, interval: Range) -> tuple[int | None, int | None]:
        """Return the least and the greatest value of the terms for which the expression lies in an interval."""
        low, high = interval if self.factor > 0 else interval[::-1]
        least = None if low is None else ceil((low - self.constant) / self.factor)
        return least, None if high is None else floor((high - self.constant) / self.factor)


def _whole(number: Number) -> Number:
    return int(number) if number.denominator == 1 else number


@dataclass(frozen=True)
class Layout:
    """Where each table's unknowns stand."""

    universe: Universe
    shapes: tuple[Shape, ...]
    starts: Mapping[tuple[object, ...], int]
    fixed: Mapping[int, int]
    """First unknown of each table of a fixed size, and its size."""

    def people(self, block: str, cohorts: Iterable[str], weights: Sequence[Number]) -> Linear:
        """Return the sum of the cells' weights over the people of some cohorts."""
        return Linear({self.starts["cells", block, cohort]: weights for cohort in cohorts})

    def size(self, cohorts: Iterable[str]) -> Linear:
        public = [self.universe.cohort(cohort) for cohort in cohorts]
        unknown = {self.starts["size", cohort.name]: [1] for cohort in public if cohort.least < cohort.most}
        return Linear(unknown, sum(cohort.least for cohort in public if cohort.least == cohort.most))

    def changed(self, kind: str, link: VersionLink, weights: Sequence[Number]) -> Linear:
        """Return the sum of the cells' weights over the people who were "removed" or "added" between two versions."""
        return Linear({self.starts[kind, link]: weights})

    def sum_of(self, expression: Linear) -> Sum:
        """Return an expression as a sum of unknowns: the same sum for expressions that differ by a factor or by the size of a table."""
        constant, terms = expression.constant, []
        for start, weights in sorted(expression.weights.items()):
            spare = weights[0] if start in self.fixed else 0
            constant += spare * self.fixed.get(start, 0)
            terms += [(start + cell, weight - spare) for cell, weight in enumerate(weights) if weight != spare]
        if not terms:
            return Sum((), 1, constant)
        scale = lcm(*(weight.denominator for _, weight in terms))
        whole = [int(weight * scale) for _, weight in terms]
        divisor = gcd(*whole) if whole[0] > 0 else -gcd(*whole)
        factor = divisor if scale == 1 else Fraction(divisor, scale)
        return Sum(tuple((unknown, weight // divisor) for (unknown, _), weight in zip(terms, whole, strict=True)), factor, constant)

    def constraint(self, expressions: Sequence[Linear], boxes: Iterable[Sequence[Range]]) -> Constraint:
        """Return the constraint that in at least one box every expression lies in its interval; constants are compared at once."""
        sums = [self.sum_of(expression) for expression in expressions]
        kept = []
        for box in boxes:
            ends = [one.ends(interval) for one, interval in zip(sums, box, strict=True)]
            if all(_holds(one, end) for one, end in zip(sums, ends, strict=True)):
                kept.append(tuple(end for one, end in zip(sums, ends, strict=True) if one.terms))
        return Constraint(tuple(one.terms for one in sums if one.terms), tuple(dict.fromkeys(kept)))

    def span(self, expression: Linear) -> tuple[Number, Number]:
        """Return the least and the greatest value of an expression, as far as the tables' sizes alone say."""
        found = self.sum_of(expression)
        return found.values(*System(self.shapes, ()).span(found.terms))


def _holds(one: Sum, ends: tuple[int | None, int | None]) -> bool:
    """Return whether an interval is possible: it holds the value of a constant, and it is not empty."""
    low, high = ends
    if not one.terms:
        return (low or 0) <= 0 <= (high or 0)
    return low is None or high is None or low <= high


def lay_out(universe: Universe, facts: Sequence[Fact], wanted: Iterable[tuple[str, str]]) -> Layout:
    """Return the layout of all tables that figures, version links and the wanted (block, cohort) touch."""
    shapes: dict[tuple[object, ...], Shape] = {("size", c.name): Shape(1, c.least, c.most) for c in universe.cohorts if c.least < c.most}
    touched = {(fact.block, cohort): None for fact in facts if fact.block for cohort in fact.cohorts}
    touched |= dict.fromkeys((block, link.cohort) for link in universe.links for block in (link.earlier, link.later))
    touched |= dict.fromkeys(wanted)
    for name, cohort in touched:
        shapes["cells", name, cohort] = _cells(universe, universe.block(name), cohort, facts)
    for link in universe.links:
        cells = len(universe.block(link.later).cells)
        shapes["removed", link] = Shape(cells, link.least_removed, link.most_removed)
        shapes["added", link] = Shape(cells, 0, link.most_added)
    starts = dict(zip(shapes, accumulate((shape.cells for shape in shapes.values()), initial=0), strict=False))
    fixed = {starts[key]: shape.most for key, shape in shapes.items() if shape.least == shape.most}
    return Layout(universe, tuple(shapes.values()), starts, fixed)


def _cells(universe: Universe, block: Block, cohort: str, facts: Sequence[Fact]) -> Shape:
    public = universe.cohort(cohort)
    if not block.sizes_free:
        return Shape(len(block.cells), 0 if block.nonresponse else public.least, public.most)
    changed = sum(link.most_removed + link.most_added for link in universe.links if link.cohort == cohort)
    printed = [end for fact in facts if fact.stat == "count" and cohort in fact.cohorts for end in fact.interval if end is not None]
    return Shape(len(block.cells), 0, public.most + changed + max(map(ceil, printed), default=0))


def public_constraints(layout: Layout) -> list[Constraint]:
    """Return the constraints from the cohorts' sizes, their total and the links between versions."""
    universe = layout.universe
    found = []
    if universe.total_n is not None:
        total = Fraction(universe.total_n)
        found.append(layout.constraint([layout.size(cohort.name for cohort in universe.cohorts)], [[(total, total)]]))
    for kind, *key in layout.starts:
        if kind == "cells":
            name, cohort = map(str, key)
            block, public = universe.block(name), universe.cohort(cohort)
            if not block.sizes_free and public.least < public.most:
                spare = layout.size([cohort]).plus(layout.people(name, [cohort], [1] * len(block.cells)), -1)
                found.append(layout.constraint([spare], [[(Fraction(0), None if block.nonresponse else Fraction(0))]]))
    for link in universe.links:
        found += _link(layout, link)
    return found


def _link(layout: Layout, link: VersionLink) -> Iterable[Constraint]:
    """In each cell: no more people are removed than were there, and those who stayed and those added make up the later version."""
    cells = len(layout.universe.block(link.later).cells)
    for cell in range(cells):
        one = [int(place == cell) for place in range(cells)]
        kept = layout.people(link.earlier, [link.cohort], one).plus(layout.changed("removed", link, one), -1)
        later = kept.plus(layout.changed("added", link, one)).plus(layout.people(link.later, [link.cohort], one), -1)
        yield layout.constraint([kept], [[(Fraction(0), None)]])
        yield layout.constraint([later], [[(Fraction(0), Fraction(0))]])


def tidy(constraints: Iterable[Constraint]) -> tuple[tuple[Constraint, ...], bool]:
    """Return the constraints with those on one and the same sum joined, and whether none is impossible by itself."""
    joined: dict[Terms, tuple[int | None, int | None]] = {}
    others: dict[Constraint, None] = {}
    for constraint in constraints:
        if not constraint.boxes:
            return (), False
        if len(constraint.sums) == 1 and len(constraint.boxes) == 1:
            terms, ((low, high),) = constraint.sums[0], constraint.boxes[0]
            known = joined.get(terms, (None, None))
            joined[terms] = _either(max, known[0], low), _either(min, known[1], high)
        elif constraint.sums:
            others[constraint] = None
    possible = all(low is None or high is None or low <= high for low, high in joined.values())
    return (*(Constraint((terms,), ((box,),)) for terms, box in joined.items() if box != (None, None)), *others), possible


def _either(choose: Callable[[int, int], int], first: int | None, second: int | None) -> int | None:
    return second if first is None else first if second is None else choose(first, second)


def split(system: System) -> list[tuple[System, dict[int, int]]]:
    """Return the parts that no constraint links, each with its own numbers of the unknowns."""
    parent = list(range(len(system.shapes)))

    def root(table: int) -> int:
        while parent[table] != table:
            parent[table] = parent[parent[table]]
            table = parent[table]
        return table

    for tables in system.touched:
        first = root(min(tables))
        for table in tables:
            parent[root(table)] = first
    members: dict[int, list[int]] = {}
    for table in range(len(system.shapes)):
        members.setdefault(root(table), []).append(table)
    inside: dict[int, list[Constraint]] = {}
    for constraint, tables in zip(system.constraints, system.touched, strict=True):
        inside.setdefault(root(min(tables)), []).append(constraint)
    found = []
    for top, together in members.items():
        numbers: dict[int, int] = {}
        for table in together:
            for unknown in range(system.offsets[table], system.offsets[table + 1]):
                numbers[unknown] = len(numbers)
        local = tuple(Constraint(tuple(renumber(terms, numbers) for terms in c.sums), c.boxes) for c in inside.get(top, []))
        found.append((System(tuple(system.shapes[table] for table in together), local), numbers))
    return found


def renumber(terms: Terms, numbers: Mapping[int, int]) -> Terms:
    return tuple((numbers[unknown], coefficient) for unknown, coefficient in terms)
