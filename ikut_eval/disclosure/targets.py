"""What must stay open: sets of people of whom nobody may learn too much."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ikut_eval.disclosure.facts import Fact
from ikut_eval.disclosure.universe import Block, Code, Conditions, Universe

FEW_CODES = 4
"""Up to so many unordered codes, every set of codes is a target."""


@dataclass(frozen=True)
class Target:
    """A protected set within a group.

    Parameters
    ----------
    where : conditions
        The protected set.
    base : conditions
        The group; () is everybody in the cohorts, by their public size.
    weight : str
        An attribute whose sum over the set is protected, instead of the number of people.
    difference : (str, str), optional
        Two versions of the data: what people removed or added between them had.
    version : str, optional
        The version of the data; None is every version.
    """

    block: str
    cohorts: tuple[str, ...]
    where: Conditions = ()
    base: Conditions = ()
    weight: str = ""
    difference: tuple[str, str] | None = None
    version: str | None = None


def versions_of(universe: Universe, facts: Sequence[Fact], block: str) -> list[str]:
    """Return the versions of a block's data that figures or links name."""
    named = [fact.version for fact in facts if fact.block == block]
    named += [version for link in universe.links if link.block == block for version in (link.earlier, link.later)]
    return list(dict.fromkeys(named)) or [facts[-1].version if facts else ""]


def each_version(universe: Universe, facts: Sequence[Fact], targets: Iterable[Target]) -> Iterator[Target]:
    """Yield each target once a version."""
    known = {block.name: versions_of(universe, facts, block.name) for block in universe.blocks}
    for target in targets:
        if target.difference is not None or target.version is not None:
            yield target
        else:
            universe.block(target.block)
            yield from (replace(target, version=version) for version in known[target.block])


def default_targets(universe: Universe, facts: Sequence[Fact], *, min_group: int) -> list[Target]:
    """Return every protected set of every cohort, of every published group, and of every small group that figures tell apart.

    A finding of the kind "everybody" or "nobody" on a larger union of cohorts is also found on each of the cohorts,
    so that unions need no target of their own.
    """
    found: dict[Target, None] = {}
    for block in universe.blocks:
        here = [fact for fact in facts if fact.block == block.name]
        sets = list(dict.fromkeys([*_sets(block), *((fact.where, fact.of) for fact in here if fact.where)]))
        sums = [attribute for attribute, codes in block.attributes if len(codes) > 2 and block.is_numeric(attribute)]
        for group in _groups(universe, here, min_group):
            found |= dict.fromkeys(Target(block.name, group, where=where, base=base) for where, base in sets)
            found |= dict.fromkeys(Target(block.name, group, weight=attribute) for attribute in sums)
        for link in universe.links:
            if link.block == block.name:
                versions = link.earlier, link.later
                found |= dict.fromkeys(Target(block.name, (link.cohort,), where=where, difference=versions) for where, base in sets if not base)
    return list(found)


def _sets(block: Block) -> Iterator[tuple[Conditions, Conditions]]:
    for attribute, codes in block.attributes:
        for chosen in _code_sets(codes, ordered=block.is_numeric(attribute)):
            yield ((attribute, chosen),), ()
            for other, others in block.attributes:
                if other != attribute:
                    for code in others:
                        base = (other, (code,))
                        yield tuple(sorted([base, (attribute, chosen)])), (base,)


def _code_sets(codes: tuple[Code, ...], *, ordered: bool) -> Iterator[tuple[Code, ...]]:
    """Yield single codes, and codes up to or from one where they are ordered, else their complements or all sets of few."""
    if not ordered and len(codes) <= FEW_CODES:
        for size in range(1, len(codes)):
            yield from combinations(codes, size)
        return
    found: dict[tuple[Code, ...], None] = {(code,): None for code in codes}
    for place in range(len(codes)):
        found |= dict.fromkeys([codes[: place + 1], codes[place:]] if ordered else [tuple(code for code in codes if code != codes[place])])
    yield from (chosen for chosen in found if len(chosen) < len(codes))


def _groups(universe: Universe, facts: Sequence[Fact], min_group: int) -> Iterator[tuple[str, ...]]:
    """Yield each cohort, each published group, and the groups below twice the least size that published groups tell apart."""
    order = {cohort.name: place for place, cohort in enumerate(universe.cohorts)}
    published = [frozenset(group) for group in dict.fromkeys(fact.cohorts for fact in facts)]
    groups = {frozenset([name]): None for name in order} | dict.fromkeys(published)
    told_apart: dict[frozenset[str], None] = {}
    containing: dict[str, list[frozenset[str]]] = {}
    for group in published:
        for cohort in group:
            containing.setdefault(cohort, []).append(group)
    atoms: dict[tuple[frozenset[str], ...], list[str]] = {}
    for cohort, its_groups in containing.items():
        atoms.setdefault(tuple(its_groups), []).append(cohort)
    told_apart |= {frozenset(atom): None for atom in atoms.values()}
    for first in published:
        for second in {id(group): group for cohort in first for group in containing[cohort]}.values():
            told_apart |= dict.fromkeys([first - second, first & second])
    for group in [*published, *told_apart]:
        if universe.sizes(tuple(group))[0] < 2 * min_group:
            groups[group] = None
            for size in range(2, len(group)):
                told_apart_inside = (frozenset(some) for some in combinations(sorted(group, key=order.__getitem__), size))
                groups |= dict.fromkeys(some for some in told_apart_inside if universe.sizes(tuple(some))[0] < min_group)
    for group in groups:
        if group:
            yield tuple(sorted(group, key=order.__getitem__))
