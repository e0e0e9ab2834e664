"""The unknown counts of people of a universe, and what its public facts and printed figures say about them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import ceil

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.model import Constraint, Linear, Shape, System, in_a_box, within
from ikut_eval.disclosure.universe import Block, Fact, Number, Universe, VersionLink

_Table = tuple[object, ...]
"""("size", cohort), ("cells", block, cohort), ("removed", link) or ("added", link)."""


@dataclass(frozen=True)
class Layout:
    """Where each table's unknowns stand."""

    universe: Universe
    shapes: Mapping[_Table, Shape]
    starts: Mapping[_Table, int]

    def people(self, block: str, cohorts: Iterable[str], weights: Sequence[Number]) -> Linear:
        """Return the sum of the cells' weights over the people of some cohorts."""
        return self._sum((("cells", block, cohort) for cohort in cohorts), weights)

    def changed(self, kind: str, link: VersionLink, weights: Sequence[Number]) -> Linear:
        """Return the sum of the cells' weights over the people who were "removed" or "added" between two versions."""
        return self._sum([(kind, link)], weights)

    def size(self, cohorts: Iterable[str]) -> Linear:
        public = [self.universe.cohort(cohort) for cohort in cohorts]
        unknown = self._sum((("size", cohort.name) for cohort in public if cohort.least < cohort.most), [1])
        return Linear(unknown.coefficients, sum(cohort.least for cohort in public if cohort.least == cohort.most))

    def _sum(self, tables: Iterable[_Table], weights: Sequence[Number]) -> Linear:
        """Return a sum over tables. In a table of a fixed size the first cell's count follows from the others and gets no term."""
        coefficients: list[tuple[int, Number]] = []
        constant: Number = 0
        for table in sorted(dict.fromkeys(tables), key=self.starts.__getitem__):
            shape, start = self.shapes[table], self.starts[table]
            spare = weights[0] if shape.least == shape.most else 0
            constant += spare * shape.most
            coefficients += [(start + cell, weight - spare) for cell, weight in enumerate(weights) if weight != spare]
        return Linear(tuple(coefficients), constant)

    def system(self, constraints: tuple[Constraint, ...] = ()) -> System:
        return System(tuple(self.shapes.values()), constraints)


def lay_out(universe: Universe, facts: Sequence[Fact], wanted: Iterable[tuple[str, str]]) -> Layout:
    """Return the layout of all tables that figures, version links and the wanted (block, cohort) touch."""
    shapes: dict[_Table, Shape] = {("size", c.name): Shape(1, c.least, c.most) for c in universe.cohorts if c.least < c.most}
    touched = {(fact.block, cohort): None for fact in facts if fact.block for cohort in fact.cohorts}
    touched |= dict.fromkeys((block, link.cohort) for link in universe.links for block in (link.earlier, link.later))
    touched |= dict.fromkeys(wanted)
    for name, cohort in touched:
        shapes["cells", name, cohort] = _cells(universe, universe.block(name), cohort, facts)
    for link in universe.links:
        cells = len(universe.block(link.later).cells)
        shapes["removed", link] = Shape(cells, link.least_removed, link.most_removed)
        shapes["added", link] = Shape(cells, 0, link.most_added)
    return Layout(universe, shapes, dict(zip(shapes, System(tuple(shapes.values()), ()).offsets, strict=False)))


def _cells(universe: Universe, block: Block, cohort: str, facts: Sequence[Fact]) -> Shape:
    public = universe.cohort(cohort)
    if not block.sizes_free:
        return Shape(len(block.cells), 0 if block.nonresponse else public.least, public.most)
    changed = sum(link.most_removed + link.most_added for link in universe.links if link.cohort == cohort)
    printed = [end for fact in facts if fact.stat == "count" and cohort in fact.cohorts for end in fact.interval if end is not None]
    return Shape(len(block.cells), 0, public.most + changed + max(map(ceil, printed), default=0))


def public_constraints(layout: Layout) -> Iterator[Constraint]:
    """Yield the constraints from the cohorts' sizes, their total and the links between versions.

    In each cell of a link no more people are removed than were there, and those who stayed and those added make up the later version.
    """
    universe = layout.universe
    if universe.total_n is not None:
        yield within(layout.size(cohort.name for cohort in universe.cohorts), universe.total_n, universe.total_n)
    for kind, *key in layout.starts:
        if kind == "cells":
            name, cohort = map(str, key)
            block, public = universe.block(name), universe.cohort(cohort)
            if not block.sizes_free and public.least < public.most:
                spare = layout.size([cohort]).minus(layout.people(name, [cohort], [1] * len(block.cells)))
                yield within(spare, 0, None if block.nonresponse else 0)
    for link in universe.links:
        cells = len(universe.block(link.later).cells)
        for cell in range(cells):
            one = [int(place == cell) for place in range(cells)]
            stayed = layout.people(link.earlier, [link.cohort], one).minus(layout.changed("removed", link, one))
            yield within(stayed, 0, None)
            later = layout.people(link.later, [link.cohort], one).minus(layout.changed("added", link, one))
            yield within(stayed.minus(later), 0, 0)


def constraints_of(layout: Layout, fact: Fact) -> list[Constraint]:
    """Return the constraints that a published figure puts on the unknown counts; refuse a name that is not among the public facts."""
    if fact.stat == "n":
        return [within(layout.size(fact.cohorts), *fact.interval)]
    block = layout.universe.block(fact.block)
    members = block.inside(fact.where)

    def people(weights: Sequence[Number]) -> Linear:
        return layout.people(fact.block, fact.cohorts, weights)

    if fact.stat == "count":
        return [within(people(members), *fact.interval)]
    if fact.stat == "smallest":
        cells = range(len(block.cells))
        in_each = [people([int(place == cell) for place in cells]) for cell in cells]
        low, high = fact.interval
        return [in_a_box(in_each, [[(low, high if place == cell else None) for place in cells] for cell in cells])]
    if fact.stat == "percent":
        return _quotient(fact, people, [100 * member for member in members], block.inside(fact.of))
    scores = block.scores(fact.attribute)
    if fact.stat == "mean":
        return _quotient(fact, people, [member * score for member, score in zip(members, scores, strict=True)], members)
    if fact.stat not in ("sd", "median", "min", "max"):
        raise DisclosureError("audit_unknown_name", kind="stat", name=fact.stat)
    everybody, steps = people(members), sorted(set(scores))
    least, most = everybody.values(*layout.system().span(everybody.terms)) if fact.n is None else (fact.n, fact.n)
    with_score = [people([member * int(score == step) for member, score in zip(members, scores, strict=True)]) for step in steps]
    groups = (answers for n in range(int(least), int(most) + 1) for answers in combinations_with_replacement(steps, n) if _prints(fact, answers))
    return [in_a_box(with_score, ([(answers.count(step), answers.count(step)) for step in steps] for answers in groups))]


def _quotient(fact: Fact, people: Callable[[Sequence[Number]], Linear], above: Sequence[Number], below: Sequence[Number]) -> list[Constraint]:
    """A printed quotient of two sums: each end times the lower sum bounds the upper one; nobody has no quotient."""
    found = [within(people(below), 1, None)]
    for end, interval in zip(fact.interval, ((0, None), (None, 0)), strict=True):
        if end is not None:
            found.append(within(people([upper - end * lower for upper, lower in zip(above, below, strict=True)]), *interval))
    return found


def _prints(fact: Fact, answers: Sequence[Fraction]) -> bool:
    """Return whether scores in rising order have the standard deviation, median, least or greatest score that is printed."""
    n, (low, high) = len(answers), fact.interval
    if n < 1 or (fact.stat == "sd" and n <= fact.ddof):
        return False
    if fact.stat == "sd":
        value = (sum(score**2 for score in answers) - sum(answers) ** 2 / n) / (n - fact.ddof)
        low, high = (None if low is None else max(low, Fraction(0)) ** 2), (None if high is None else high * abs(high))
    elif fact.stat == "median":
        value = (answers[(n - 1) // 2] + answers[n // 2]) / 2
    else:
        value = answers[0] if fact.stat == "min" else answers[-1]
    return (low is None or low <= value) and (high is None or value <= high)
