"""The integer unknowns: how many people of a cohort are in each cell, and the linear sums that figures fix."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import ceil, floor, gcd, lcm

from ikut_eval.disclosure.universe import Block, Fact, Interval, Universe, VersionLink

Terms = tuple[tuple[int, int], ...]
"""A linear sum of unknowns: (unknown, integer coefficient), in rising order of the unknown."""
Box = tuple[tuple[int | None, int | None], ...]
"""One interval for each of some linear sums."""
Key = tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """A table of counts that are not negative and sum to between `least` and `most` people."""

    cells: int
    least: int
    most: int


@dataclass(frozen=True)
class Constraint:
    """Some linear sums, of which at least one box holds true."""

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


@dataclass
class Linear:
    """A linear expression in the unknowns."""

    terms: dict[int, Fraction | int] = field(default_factory=dict)
    constant: Fraction | int = 0

    def add(self, other: "Linear", times: Fraction | int = 1) -> "Linear":
        terms = dict(self.terms)
        for unknown, coefficient in other.terms.items():
            terms[unknown] = terms.get(unknown, 0) + times * coefficient
        return Linear(terms, self.constant + times * other.constant)


@dataclass(frozen=True)
class Layout:
    """Where each table's unknowns stand; a cohort of public size, and a sum of everybody in it, are constants."""

    universe: Universe
    shapes: tuple[Shape, ...]
    starts: Mapping[Key, int]
    fixed: Mapping[int, tuple[int, int]]
    """First unknown of each table of a fixed size: its cells and its size."""

    def people(self, version: str, block: str, cohorts: Iterable[str], weights: Sequence[Fraction | int]) -> Linear:
        """Return the sum of the cells' weights over the people of some cohorts."""
        terms: dict[int, Fraction | int] = {}
        constant: Fraction | int = 0
        everybody = weights[0] if all(weight == weights[0] for weight in weights) else None
        for cohort in cohorts:
            start = self.starts["cells", version, block, cohort]
            if everybody is not None and start in self.fixed:
                constant += everybody * self.fixed[start][1]
            else:
                terms |= {start + cell: weight for cell, weight in enumerate(weights) if weight}
        return Linear(terms, constant)

    def size(self, cohorts: Iterable[str]) -> Linear:
        found = Linear()
        for cohort in cohorts:
            public = self.universe.cohort(cohort)
            found = found.add(Linear(constant=public.least) if public.least == public.most else Linear({self.starts["size", cohort]: 1}))
        return found

    def changed(self, kind: str, link: VersionLink, weights: Sequence[Fraction | int]) -> Linear:
        """Return the sum of the cells' weights over the people who were removed or added between two versions."""
        start = self.starts[kind, link.block, link.cohort, link.earlier, link.later]
        if start in self.fixed and all(weight == weights[0] for weight in weights):
            return Linear(constant=weights[0] * self.fixed[start][1])
        return Linear({start + cell: weight for cell, weight in enumerate(weights) if weight})

    def sum_of(self, expression: Linear) -> "Sum":
        """Return an expression as a sum of unknowns: equal sums for expressions that differ by a factor or by the size of a table."""
        terms = dict(expression.terms)
        constant = expression.constant
        for start in {self.table_starts[bisect_right(self.table_starts, unknown) - 1] for unknown in terms}:
            if start in self.fixed and terms.get(start):
                cells, size = self.fixed[start]
                spare = terms[start]
                constant += spare * size
                terms |= {unknown: terms.get(unknown, 0) - spare for unknown in range(start, start + cells)}
        found, scale, shift = whole(Linear(terms, constant))
        if found and found[0][1] < 0:
            found, scale, shift = tuple((unknown, -c) for unknown, c in found), -scale, -shift
        return Sum(found, scale, shift)

    @cached_property
    def table_starts(self) -> list[int]:
        return sorted(self.starts.values())


@dataclass(frozen=True)
class Sum:
    """An expression as (sum of unknowns + constant) / scale."""

    terms: Terms
    scale: int
    constant: int | Fraction


def lay_out(universe: Universe, facts: Sequence[Fact], wanted: Iterable[tuple[str, str, str]]) -> Layout:
    """Return the layout of all tables that figures, version links and the wanted (version, block, cohort) touch."""
    shapes: dict[Key, Shape] = {("size", c.name): Shape(1, c.least, c.most) for c in universe.cohorts if c.least < c.most}
    touched = {(fact.version, fact.block, cohort): None for fact in facts if fact.block for cohort in fact.cohorts}
    touched |= dict.fromkeys((version, link.block, link.cohort) for link in universe.links for version in (link.earlier, link.later))
    touched |= dict.fromkeys(wanted)
    for version, name, cohort in touched:
        shapes["cells", version, name, cohort] = _cells(universe, universe.block(name), cohort, facts)
    for link in universe.links:
        most = shapes["cells", link.earlier, link.block, link.cohort].most, shapes["cells", link.later, link.block, link.cohort].most
        key = link.block, link.cohort, link.earlier, link.later
        cells = len(universe.block(link.block).cells)
        shapes["removed", *key] = Shape(cells, link.least_removed, most[0] if link.most_removed is None else link.most_removed)
        shapes["added", *key] = Shape(cells, link.least_added, most[1] if link.most_added is None else link.most_added)
    starts: dict[Key, int] = {}
    fixed = {}
    place = 0
    for place_key, shape in shapes.items():
        starts[place_key] = place
        if shape.least == shape.most:
            fixed[place] = shape.cells, shape.most
        place += shape.cells
    return Layout(universe, tuple(shapes.values()), starts, fixed)


def _cells(universe: Universe, block: Block, cohort: str, facts: Sequence[Fact]) -> Shape:
    public = universe.cohort(cohort)
    if not block.sizes_free:
        return Shape(len(block.cells), 0 if block.nonresponse else public.least, public.most)
    printed = [end for f in facts if f.stat == "count" and f.block == block.name and cohort in f.cohorts for end in f.interval if end is not None]
    changed = [link.most_removed or 0 for link in universe.links if (link.block, link.cohort) == (block.name, cohort)]
    added = [link.most_added or 0 for link in universe.links if (link.block, link.cohort) == (block.name, cohort)]
    return Shape(len(block.cells), 0, public.most + sum(changed) + sum(added) + max(map(ceil, printed), default=0))


def single(expression: Linear, interval: Interval) -> Constraint:
    """Return the constraint that an expression lies in an interval, in the smallest integers."""
    terms, scale, constant = whole(expression)
    divisor = gcd(*(coefficient for _, coefficient in terms)) or 1
    low, high = ((None if end is None else Fraction(end * scale - constant) / divisor) for end in interval)
    if not terms:
        holds = (low is None or low <= 0) and (high is None or high >= 0)
        return Constraint((), ((),) if holds else ())
    box = (None if low is None else ceil(low), None if high is None else floor(high))
    return Constraint((tuple((unknown, c // divisor) for unknown, c in terms),), ((box,),))


def whole(expression: Linear) -> tuple[Terms, int, int | Fraction]:
    """Return integer terms, the factor that made them so, and the constant times that factor."""
    kept = {unknown: c for unknown, c in expression.terms.items() if c}
    scale = lcm(*(c.denominator for c in kept.values()))
    return tuple((unknown, int(kept[unknown] * scale)) for unknown in sorted(kept)), scale, expression.constant * scale


def public_constraints(layout: Layout) -> list[Constraint]:
    """Return what sizes, the total and the links between versions say."""
    universe = layout.universe
    found = []
    if universe.total_n is not None:
        total = Fraction(universe.total_n)
        found.append(single(layout.size(c.name for c in universe.cohorts), (total, total)))
    for kind, *key in layout.starts:
        if kind != "cells":
            continue
        version, name, cohort = key
        block = universe.block(name)
        public = universe.cohort(cohort)
        if not block.sizes_free and public.least < public.most:
            spare = layout.size([cohort]).add(layout.people(version, name, [cohort], [1] * len(block.cells)), -1)
            found.append(single(spare, (Fraction(0), None if block.nonresponse else Fraction(0))))
    for link in universe.links:
        found += _link(layout, link)
    return found


def _link(layout: Layout, link: VersionLink) -> Iterable[Constraint]:
    cells = len(layout.universe.block(link.block).cells)
    for cell in range(cells):
        one = [int(place == cell) for place in range(cells)]
        kept = layout.people(link.earlier, link.block, [link.cohort], one).add(layout.changed("removed", link, one), -1)
        later = kept.add(layout.changed("added", link, one)).add(layout.people(link.later, link.block, [link.cohort], one), -1)
        yield single(kept, (Fraction(0), None))
        yield single(later, (Fraction(0), Fraction(0)))


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


def span(system: System, terms: Terms) -> tuple[int, int]:
    """Return the least and the greatest value of a sum, as far as the tables' sizes alone say."""
    coefficients = dict(terms)
    low = high = 0
    for table in system.tables(terms):
        shape, start = system.shapes[table], system.offsets[table]
        here = [coefficients.get(unknown, 0) for unknown in range(start, start + shape.cells)]
        low += min(here) * (shape.most if min(here) < 0 else shape.least)
        high += max(here) * (shape.most if max(here) > 0 else shape.least)
    return low, high
