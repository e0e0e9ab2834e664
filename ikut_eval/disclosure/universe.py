"""What everybody knows before anything is published: cohorts and their sizes, and what is asked with which codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
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
