"""What everybody knows of the cohorts, what is published about them, and the sets of people that are protected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, permutations, product

from ikut_eval.contract.errors import DisclosureError

Code = str | int | float
Conditions = tuple[tuple[str, tuple[Code, ...]], ...]
"""A set of people: for each attribute named, the codes that belong to the set; () is everybody."""
Number = int | Fraction
Range = tuple[Number | None, Number | None]
"""The least and the greatest value; None is open."""


def conditions(where: Mapping[str, Sequence[Code]]) -> Conditions:
    """Return a mapping of attribute to codes in its hashable form."""
    return tuple((attribute, tuple(codes)) for attribute, codes in sorted(where.items()))


@dataclass(frozen=True)
class CohortSize:
    """A cohort, and the fewest and the most people that it has as far as the public knows."""

    name: str
    least: int
    most: int


@dataclass(frozen=True)
class Block:
    """Attributes that are asked together, with all their codes: each person is in one cell of their cross-table.

    Attributes
    ----------
    nonresponse : bool – whether members may be in no cell
    sizes_free : bool – whether the data of this block may hold more or fewer people than the public size
    sensitive : bool – whether the policy expects more insiders here to share what they know
    """

    name: str
    attributes: tuple[tuple[str, tuple[Code, ...]], ...]
    nonresponse: bool = False
    sizes_free: bool = False
    sensitive: bool = False

    @cached_property
    def cells(self) -> tuple[tuple[Code, ...], ...]:
        return tuple(product(*(codes for _, codes in self.attributes)))

    def inside(self, where: Conditions) -> list[int]:
        """Return for each cell 1 if its people are in the set, else 0."""
        wanted = dict(where)
        for attribute, codes in where:
            for code in codes:
                if code not in self.codes(attribute):
                    raise DisclosureError("audit_unknown_name", kind="code", name=f"{self.name}.{attribute}={code}")
        names = [name for name, _ in self.attributes]
        return [int(all(code in wanted.get(name, (code,)) for name, code in zip(names, cell, strict=True))) for cell in self.cells]

    def codes(self, attribute: str) -> tuple[Code, ...]:
        for name, codes in self.attributes:
            if name == attribute:
                return codes
        raise DisclosureError("audit_unknown_name", kind="attribute", name=f"{self.name}.{attribute}")

    def scores(self, attribute: str) -> list[Fraction]:
        """Return for each cell the attribute's code as a number."""
        if not self.is_numeric(attribute):
            raise DisclosureError("audit_not_a_number", name=f"{self.name}.{attribute}")
        place = [name for name, _ in self.attributes].index(attribute)
        return [Fraction(str(cell[place])) for cell in self.cells]

    def is_numeric(self, attribute: str) -> bool:
        return all(isinstance(code, int | float) for code in self.codes(attribute))


@dataclass(frozen=True)
class VersionLink:
    """How many people of a cohort were removed and added between two versions of the data; each version is a block of its own."""

    earlier: str
    later: str
    cohort: str
    least_removed: int
    most_removed: int
    most_added: int


@dataclass(frozen=True)
class Universe:
    """The public facts. Two versions of the data that no link joins are unrelated to the reader."""

    cohorts: tuple[CohortSize, ...]
    blocks: tuple[Block, ...]
    total_n: int | None = None
    links: tuple[VersionLink, ...] = ()

    @cached_property
    def _cohorts(self) -> dict[str, CohortSize]:
        return {cohort.name: cohort for cohort in self.cohorts}

    @cached_property
    def _blocks(self) -> dict[str, Block]:
        return {block.name: block for block in self.blocks}

    def cohort(self, name: str) -> CohortSize:
        if name not in self._cohorts:
            raise DisclosureError("audit_unknown_name", kind="cohort", name=name)
        return self._cohorts[name]

    def block(self, name: str) -> Block:
        if name not in self._blocks:
            raise DisclosureError("audit_unknown_name", kind="block", name=name)
        return self._blocks[name]

    def fewest(self, cohorts: Iterable[str]) -> int:
        """Return the fewest people that some cohorts can have together."""
        return sum(self.cohort(name).least for name in cohorts)


@dataclass(frozen=True)
class Fact:
    """One figure as it is printed: a value with its rounding, or a range.

    Attributes
    ----------
    stat : {"count", "n", "smallest", "percent", "mean", "sd", "median", "min", "max"} – "n" is the size of the cohorts, "smallest" the number of
        people in the smallest cell of the block, which the form of a publication tells. A percentage is of the people in `of`;
        "mean" to "max" are of `attribute`, among the people in `where`
    value, decimals, base – the printed number, rounded to so many decimals or to a multiple of `base`; with neither it is exact
    least, most – the printed range instead; None is open. A figure with no end at all says nothing, as where it is masked
    n, ddof – the number of people behind a median or standard deviation, where it is printed; `ddof` is 1 for the sample's

    Examples
    --------
    >>> Fact("percent", ("1", "2"), "work", where=conditions({"employed": ["yes"]}), value=Fraction(44), decimals=0).interval
    (Fraction(87, 2), Fraction(89, 2))
    """

    stat: str
    cohorts: tuple[str, ...]
    block: str = ""
    where: Conditions = ()
    of: Conditions = ()
    attribute: str = ""
    value: Fraction | None = None
    decimals: int | None = None
    base: Fraction | None = None
    least: Fraction | None = None
    most: Fraction | None = None
    n: int | None = None
    ddof: int = 1

    @property
    def interval(self) -> tuple[Fraction | None, Fraction | None]:
        """The values that print as this; a tie may have been rounded either way."""
        if self.value is None:
            return self.least, self.most
        half = self.base / 2 if self.base is not None else Fraction(1, 2 * 10**self.decimals) if self.decimals is not None else Fraction(0)
        return self.value - half, self.value + half


@dataclass(frozen=True)
class Target:
    """A protected set within a group.

    Attributes
    ----------
    where, base : conditions – the set, and the group; () is everybody in the cohorts, by their public size
    weight : str – an attribute whose sum over the set is protected, instead of the number of people
    since : str – the block of an earlier version of the data: what the people who were removed or added since then had
    """

    block: str
    cohorts: tuple[str, ...]
    where: Conditions = ()
    base: Conditions = ()
    weight: str = ""
    since: str = ""


FEW_CODES = 4
"""Up to so many unordered codes, every set of codes is a target."""


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
            if link.later == block.name:
                found |= dict.fromkeys(Target(block.name, (link.cohort,), where=where, since=link.earlier) for where, base in sets if not base)
    return list(found)


def _sets(block: Block) -> Iterator[tuple[Conditions, Conditions]]:
    """Yield protected sets with their groups: codes of one attribute, among everybody and among the people with a code of another."""
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


def _groups(universe: Universe, facts: Sequence[Fact], min_group: int) -> list[tuple[str, ...]]:
    """Return each cohort, each published group, and the groups below twice the least size that published groups tell apart."""
    order = {cohort.name: place for place, cohort in enumerate(universe.cohorts)}
    published = list(dict.fromkeys(frozenset(fact.cohorts) for fact in facts))
    in_same_groups: dict[tuple[bool, ...], list[str]] = {}
    for name in order:
        in_same_groups.setdefault(tuple(name in group for group in published), []).append(name)
    told_apart = [frozenset(cohorts) for inside, cohorts in in_same_groups.items() if any(inside)]
    told_apart += [part for first, second in permutations(published, 2) for part in (first - second, first & second)]
    groups = dict.fromkeys([*(frozenset([name]) for name in order), *published])
    for group in dict.fromkeys([*published, *told_apart]):
        if universe.fewest(group) < 2 * min_group:
            parts = (frozenset(some) for size in range(2, len(group)) for some in combinations(sorted(group, key=order.__getitem__), size))
            groups |= dict.fromkeys([group, *(part for part in parts if universe.fewest(part) < min_group)])
    return [tuple(sorted(group, key=order.__getitem__)) for group in groups if group]
