"""What everybody knows, what is published, and the sets of people about whom nobody may learn too much."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product
from typing import Any

from ikut_eval.contract.errors import DisclosureError

Code = str | int | float
Conditions = tuple[tuple[str, tuple[Code, ...]], ...]
"""A set of people: for each attribute named, the codes that belong to the set; () is everybody."""


def conditions(where: Mapping[str, Sequence[Code]] | None) -> Conditions:
    """Return a mapping of attribute to codes in its hashable form.

    Examples
    --------
    >>> conditions({"employed": ["yes"]})
    (('employed', ('yes',)),)
    """
    return tuple((attribute, tuple(codes)) for attribute, codes in sorted((where or {}).items()))


@dataclass(frozen=True)
class Cohort:
    """A cohort and the sizes that the public thinks possible."""

    name: str
    least: int
    most: int


@dataclass(frozen=True)
class Block:
    """Attributes that belong together: each person is in one cell of their cross-table.

    Parameters
    ----------
    attributes : tuple of (name, codes)
        Every attribute with all its codes.
    nonresponse : bool
        Whether members may be in no cell.
    sizes_free : bool
        Whether a version of the data may hold more or fewer people than the public size.
    """

    name: str
    attributes: tuple[tuple[str, tuple[Code, ...]], ...]
    nonresponse: bool = False
    sizes_free: bool = False

    @cached_property
    def cells(self) -> tuple[tuple[Code, ...], ...]:
        return tuple(product(*(codes for _, codes in self.attributes)))

    def inside(self, where: Conditions) -> list[bool]:
        """Return for each cell whether its people are in the set."""
        wanted = dict(where)
        for attribute, codes in where:
            known = self.codes(attribute)
            for code in codes:
                if code not in known:
                    raise DisclosureError("audit_unknown_name", kind="code", name=f"{self.name}.{attribute}={code}")
        return [all(code in wanted.get(attribute, (code,)) for (attribute, _), code in zip(self.attributes, cell, strict=True)) for cell in self.cells]

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
    """How two versions of one cohort's data can differ, as far as the public knows; None is any number."""

    block: str
    cohort: str
    earlier: str
    later: str
    least_removed: int = 0
    most_removed: int | None = None
    least_added: int = 0
    most_added: int | None = None


@dataclass(frozen=True)
class Universe:
    """The public facts."""

    cohorts: tuple[Cohort, ...]
    blocks: tuple[Block, ...]
    total_n: int | None = None
    links: tuple[VersionLink, ...] = ()

    @cached_property
    def _cohorts(self) -> dict[str, Cohort]:
        return {cohort.name: cohort for cohort in self.cohorts}

    @cached_property
    def _blocks(self) -> dict[str, Block]:
        return {block.name: block for block in self.blocks}

    def cohort(self, name: str) -> Cohort:
        if name not in self._cohorts:
            raise DisclosureError("audit_unknown_name", kind="cohort", name=name)
        return self._cohorts[name]

    def block(self, name: str) -> Block:
        if name not in self._blocks:
            raise DisclosureError("audit_unknown_name", kind="block", name=name)
        return self._blocks[name]

    def sizes(self, cohorts: Sequence[str]) -> tuple[int, int]:
        """Return the least and the most people that some cohorts can have together."""
        members = [self.cohort(name) for name in cohorts]
        return sum(c.least for c in members), sum(c.most for c in members)


def read_universe(given: Mapping[str, Any], *, links: Sequence[Mapping[str, Any]] = ()) -> Universe:
    """Return the public facts from their JSON form.

    Examples
    --------
    >>> read_universe({"cohorts": {"c1": {"n": 4}}, "blocks": {"work": {"attributes": {"employed": ["no", "yes"]}}}}).sizes(["c1"])
    (4, 4)
    """
    cohorts = tuple(Cohort(name, size.get("n", size.get("n_min", 0)), size["n"] if "n" in size else size["n_max"]) for name, size in given["cohorts"].items())
    blocks = tuple(
        Block(
            name,
            tuple((attribute, tuple(codes)) for attribute, codes in block["attributes"].items()),
            nonresponse=bool(block.get("nonresponse", False)),
            sizes_free=bool(block.get("epoch_sizes_free", False)),
        )
        for name, block in given["blocks"].items()
    )
    read = tuple(
        VersionLink(
            block=link["block"],
            cohort=link["cohort"],
            earlier=link["from"],
            later=link["to"],
            least_removed=link.get("min_removed", 0),
            most_removed=link.get("max_removed"),
            least_added=link.get("min_added", 0),
            most_added=link.get("max_added"),
        )
        for link in links
    )
    return Universe(cohorts, blocks, given.get("total_n"), read)


STATISTICS = ("count", "n", "percent", "mean", "sd", "median", "min", "max")
KEYS = {"stat", "block", "cohorts", "where", "of", "attr", "value", "decimals", "base", "range", "n", "ddof", "masked", "reason", "epoch"}

Interval = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True)
class Fact:
    """One figure as it is printed: a value with its rounding, a range, or a mask.

    Parameters
    ----------
    stat : {"count", "n", "percent", "mean", "sd", "median", "min", "max"}
        A percentage is of the people in `of`; mean to max are of `attribute`, among the people in `where`.
    value, decimals, base
        The printed number, rounded to so many decimals or to a multiple of `base`; with neither it is exact.
    least, most
        The printed range instead; None is open.
    n, ddof
        The number of people behind a median or standard deviation, where it is printed; `ddof` is 1 for the sample's.
    masked : bool
        No figure is printed.
    version : str
        The version of the data.
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
    masked: bool = False
    version: str = ""

    def __post_init__(self) -> None:
        if self.stat not in STATISTICS:
            raise DisclosureError("audit_unknown_name", kind="stat", name=self.stat)

    @property
    def interval(self) -> Interval:
        """The values that print as this; a tie may have been rounded either way."""
        if self.value is None:
            return self.least, self.most
        half = self.base / 2 if self.base is not None else Fraction(1, 2 * 10**self.decimals) if self.decimals is not None else Fraction(0)
        return self.value - half, self.value + half


@dataclass(frozen=True)
class Release:
    """Figures that were, or are to be, published together from one version of the data."""

    id: str
    facts: tuple[Fact, ...]


def read_fact(given: Mapping[str, Any], *, version: str = "") -> Fact:
    """Return a figure from its JSON form.

    Examples
    --------
    >>> fact = read_fact({"stat": "mean", "block": "rights", "attr": "score", "cohorts": ["c2"], "value": 4.8, "decimals": 1})
    >>> [float(end) for end in fact.interval]
    [4.75, 4.85]
    """
    for key in given:
        if key not in KEYS:
            raise DisclosureError("audit_unknown_name", kind="key", name=key)
    masked = bool(given.get("masked", False))
    if not masked and ("value" in given) == ("range" in given):
        raise DisclosureError("audit_no_value", name=str(given.get("stat")))
    least, most = given.get("range", (None, None))
    return Fact(
        stat=given["stat"],
        cohorts=tuple(dict.fromkeys(given["cohorts"])),
        block=given.get("block", ""),
        where=conditions(given.get("where")),
        of=conditions(given.get("of")),
        attribute=given.get("attr", ""),
        value=_exact(given.get("value")),
        decimals=given.get("decimals"),
        base=_exact(given.get("base")),
        least=_exact(least),
        most=_exact(most),
        n=given.get("n"),
        ddof=given.get("ddof", 1),
        masked=masked,
        version=given.get("epoch", version),
    )


def read_releases(given: Sequence[Mapping[str, Any]]) -> tuple[Release, ...]:
    """Return releases from their JSON form; a figure is of its release's version of the data."""
    return tuple(Release(r["id"], tuple(read_fact(fact, version=r.get("epoch", "")) for fact in r["facts"])) for r in given)


def _exact(number: object) -> Fraction | None:
    return None if number is None else Fraction(str(number))


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
