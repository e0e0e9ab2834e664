"""What a reader of everything ever published knows, in the auditor's terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ikut_eval.contract.errors import ConfigurationError, DisclosureError
from ikut_eval.contract.toml_tables import TomlTable
from ikut_eval.data.workspace import LARGEST_COHORT, MOST_COHORTS
from ikut_eval.disclosure.audit import INCONSISTENT, LEAK, SAFE, Audit, audit
from ikut_eval.disclosure.coded_figures import CodedFigure, code_family, figure_json, read_figure
from ikut_eval.disclosure.families import Family, Group, outputs
from ikut_eval.disclosure.leaks import Limits
from ikut_eval.disclosure.policy import Policy
from ikut_eval.disclosure.proof import compositions
from ikut_eval.disclosure.universe import Block, CohortSize, Fact, Universe, VersionLink
from ikut_eval.release.ledger import Entry, Ledger
from ikut_eval.release.outside_facts import CELL, count_fact, entry_value, outside_facts, statement_blocks

Key = tuple[str, Group]
"""An indicator and a group."""


@dataclass(frozen=True)
class PublicFacts:
    """Members of each cohort, in the order in which the cohorts started, and of all of them, as they are public."""

    cohort_sizes: tuple[int, ...]
    total: int


def read_public_facts(section: Mapping[str, Any], *, file: str) -> PublicFacts:
    """Return the facts of a section ``[public]``: ``cohort_sizes`` and, if it is public before all cohorts have started, ``total``.

    Raises ConfigurationError if there is no such section, a key is unknown, or a size is not a whole number above zero or more than the proof can try.
    """
    if not section:
        raise ConfigurationError("no_public_facts", file=file)
    table = TomlTable(file, "public", section)
    table.check_keys(("cohort_sizes", "total"))
    sizes = section.get("cohort_sizes")
    if not isinstance(sizes, list) or not sizes or not all(type(n) is int and n >= 1 for n in sizes):
        raise table.wrong_kind("cohort_sizes", "cohort_sizes = [4, 5]")
    for key, number, most in (("cohort_sizes", max(sizes), LARGEST_COHORT), ("len(cohort_sizes)", len(sizes), MOST_COHORTS)):
        if number > most:
            raise ConfigurationError("cohort_too_large", file=file, key=key, most=most)
    total = table.value("total", sum(sizes))
    if type(total) is not int or not sum(sizes) <= total <= LARGEST_COHORT * MOST_COHORTS:
        raise table.wrong_kind("total", f"total = {sum(sizes)}")
    return PublicFacts(tuple(sizes), total)


def universe(policy: Policy, cohort_sizes: Sequence[int], total: int, statements: Sequence[Block] = ()) -> Universe:
    """Return the public facts as the auditor takes them.

    Parameters
    ----------
    cohort_sizes, total
        As in `PublicFacts`. If they contradict one another, nothing fits: the audit is inconsistent.
    statements : sequence of Block
        Statements whose mean others have published.

    Returns
    -------
    Universe
        Cohorts "1", "2", … and a block for each family that counts people; its attribute "cell" has the family's cells.
    """
    cohorts = tuple(CohortSize(str(position), size, size) for position, size in enumerate(cohort_sizes, 1))
    blocks = tuple(Block(family.id, ((CELL, family.cells),), sensitive=family.sensitive) for family in policy.families if family.view != "delivery")
    return Universe(cohorts, (*blocks, *statements), total)


def fact_of(figure: CodedFigure, family: Family) -> Fact | None:
    """Return what a figure says about people, or None for what is about the service and for what shows nothing.

    Raises DisclosureError if a figure about people is said to be about the service, or the family publishes means.
    """
    if (figure.view == "delivery") != (family.view == "delivery"):
        raise DisclosureError("figure_not_sound", indicator=figure.indicator)
    if figure.view == "delivery" or figure.lo is None or figure.hi is None:
        return None
    return count_fact(family, figure.indicator, figure.group, figure.lo, figure.hi)


def published(ledger: Ledger) -> tuple[CodedFigure, ...]:
    """Return all figures ever published, in order, also those withdrawn: what was once read stays known; and figures whose holding back told something."""
    return tuple(figure for entry in ledger.entries if entry.kind == "release" for figure in figures_in(entry))


def standing(ledger: Ledger) -> tuple[CodedFigure, ...]:
    """Return the figures that no later entry withdrew; of those that were corrected, the last version."""
    left: dict[Key, CodedFigure] = {}
    for entry in ledger.entries:
        if entry.kind == "release":
            left |= by_key(figures_in(entry))
        left = {key: figure for key, figure in left.items() if key[0].partition(".")[0] not in _withdrawn_by(entry)}
    return tuple(left.values())


def withdrawn(ledger: Ledger) -> set[str]:
    """Return the indicators that were withdrawn."""
    return {name for entry in ledger.entries for name in _withdrawn_by(entry)}


def _withdrawn_by(entry: Entry) -> set[str]:
    """Return the indicators that an entry withdrew; a withdrawal of earlier days names one alone."""
    alone = entry.kind == "withdrawal" and "withdrawn" not in entry.content
    return {entry_value(entry, "indicator")} if alone else set(entry.content.get("withdrawn", ()))


def figures_in(entry: Entry) -> list[CodedFigure]:
    """Return the figures of an entry that is a release."""
    return [read_figure(given) for given in entry_value(entry, "figures")]


def with_release(ledger: Ledger, figures: Sequence[CodedFigure], **more: Any) -> Ledger:
    """Return what the ledger would say after a release of figures; for a look ahead, never to be written."""
    content = {"figures": [figure_json(figure) for figure in figures], **more}
    return Ledger((*ledger.entries, Entry(len(ledger.entries) + 1, "release", "", "", content, ledger.head, "")))


def by_key(figures: Iterable[CodedFigure]) -> dict[Key, CodedFigure]:
    """Return figures by their indicator and group."""
    return {(figure.indicator, figure.group): figure for figure in figures}


@dataclass(frozen=True)
class Told:
    """What one release says of one group by one family of figures about people: by what it shows, and by what it holds back.

    Attributes
    ----------
    version : int – 1; one more with each correction, as that is of other data
    """

    family: Family
    group: Group
    version: int
    figures: tuple[CodedFigure, ...]

    @property
    def block(self) -> str:
        """The name of the auditor's block of this version's data."""
        return self.family.id if self.version == 1 else f"{self.family.id}:{self.version}"

    def facts(self, limits: Limits) -> list[Fact]:
        """Return what a reader who knows this software concludes of the data."""
        found = []
        for figure in self.figures:
            if said := fact_of(figure, self.family):
                found += [replace(said, block=self.block), Fact("n", said.cohorts, value=Fraction(figure.n_public))]
        if found and self.family.view == "final_pooled":
            every_category = {figure.indicator for figure in self.figures if figure.lo is not None} == {i.id for i in self.family.indicators}
            least, most = (Fraction(limits.small), None) if every_category else (None, Fraction(limits.small - 1))
            found.append(Fact("smallest", tuple(map(str, self.group)), self.block, least=least, most=most))
        return found


def told(ledger: Ledger, policy: Policy) -> list[Told]:
    """Return all that was ever told of people, release by release.

    Raises DisclosureError if an entry is not whole or a figure is not sound; ConfigurationError if the policy does not have a figure's indicator.
    """
    of_people = {indicator.id for family in policy.families if family.view != "delivery" for indicator in family.indicators}
    versions: dict[tuple[str, Group], int] = {}
    found: list[Told] = []
    for entry in (one for one in ledger.entries if one.kind == "release"):
        here: dict[tuple[Family, Group], list[CodedFigure]] = {}
        for figure in figures_in(entry):
            if figure.view != "delivery" or figure.indicator in of_people:
                here.setdefault((policy.family_of(figure.indicator), figure.group), []).append(figure)
        corrected = {(one["family"], tuple(one["group"])) for one in entry.content.get("corrected", ())}
        for (family, group), figures in here.items():
            key = (family.id, group)
            versions[key] = versions.get(key, 1) + (key in corrected)
            found.append(Told(family, group, versions[key], tuple(figures)))
    return found


def audit_families(policy: Policy, facts: PublicFacts, ledger: Ledger) -> dict[str, Audit]:
    """Return, for each family of figures about people, what a reader can conclude from all that was ever published and is known from elsewhere.

    Under "" stands what others have published of single statements. Nothing links two families, so that what is known of one cannot hold up another.

    Raises
    ------
    DisclosureError
        If a figure is not sound, or names a cohort that has no size.
    ConfigurationError
        If a figure's indicator is not in the policy.
    """
    everything, outside = told(ledger, policy), outside_facts(ledger, policy)
    families = [family for family in policy.families if family.view != "delivery"]
    found = {family.id: _audit_family(policy, facts, family, [one for one in everything if one.family == family], outside) for family in families}
    own = {family.id for family in families}
    if statements := [fact for fact in outside if fact.block not in own]:
        public = universe(replace(policy, families=()), facts.cohort_sizes, facts.total, statement_blocks(statements))
        found[""] = audit(public, statements, limits=policy.limits)
    return found


def _audit_family(policy: Policy, public: PublicFacts, family: Family, here: Sequence[Told], outside: Sequence[Fact]) -> Audit:
    """Return what can be concluded of one family.

    Each version of the data is a block of its own. How many people changed between two of them the reader is not told: at most all of the group.
    """
    alone = universe(replace(policy, families=(family,)), public.cohort_sizes, public.total)
    (block,) = alone.blocks
    later = [one for one in here if one.version > 1]
    links = []
    for one in {(one.block, one.group): one for one in later}.values():
        earlier = replace(one, version=one.version - 1).block
        sizes = {str(position): public.cohort_sizes[position - 1] for position in one.group}
        links += [VersionLink(earlier, one.block, cohort, 0, size, size) for cohort, size in sizes.items()]
    blocks = (block, *(replace(block, name=name) for name in dict.fromkeys(one.block for one in later)))
    facts = [*(fact for fact in outside if fact.block == family.id), *dict.fromkeys(fact for one in here for fact in one.facts(policy.limits))]
    found = audit(replace(alone, blocks=blocks, links=tuple(links)), facts, limits=policy.limits)
    corrected: dict[str, set[str]] = {}
    for one in later:
        corrected.setdefault(one.block, set()).update(map(str, one.group))
    kept = (row for row in found.bounds if set(row.target.cohorts) <= corrected.get(row.target.block, set(row.target.cohorts)))
    return Audit(found.verdict, tuple(kept))


def together(audits: Iterable[Audit]) -> Audit:
    """Return one audit of several that nothing links: the gravest verdict, and all bounds."""
    found = list(audits)
    verdict = max((one.verdict for one in found), key=(SAFE, LEAK, INCONSISTENT).index, default=SAFE)
    return Audit(verdict, tuple(row for one in found for row in one.bounds))


def audit_known(policy: Policy, cohort_sizes: Sequence[int], total: int, ledger: Ledger, new_figures: Sequence[CodedFigure] = ()) -> Audit:
    """Return what a reader can conclude from all that was ever published, new figures, and what others have published, as `audit_families`."""
    known = with_release(ledger, new_figures) if new_figures else ledger
    return together(audit_families(policy, PublicFacts(tuple(cohort_sizes), total), known).values())


def may_follow(policy: Policy, facts: PublicFacts, ledger: Ledger, family: Family, group: Group) -> bool:
    """Return whether a family can be published of a group beside all that is known: whatever the data, and so without telling anything by the answer.

    Where nothing is known of the family in any of the group's cohorts, the design proof has said it. Else each possible publication is audited.
    One that cannot be, as it contradicts what is known, is no reason to publish another: data that was corrected or erased since would show.
    """
    own = [one for one in told(ledger, policy) if one.family == family]
    outside = [fact for fact in outside_facts(ledger, policy) if fact.block == family.id]
    if _audit_family(policy, facts, family, own, outside).verdict != SAFE:
        return False
    cohorts = set(map(str, group))
    if not any(cohorts & set(fact.cohorts) for fact in (*outside, *(fact for one in own for fact in one.facts(policy.limits)))):
        return True
    n = sum(facts.cohort_sizes[position - 1] for position in group)
    data_sets = compositions(n, len(family.cells))
    _, one_of_each = np.unique(outputs(family, n, data_sets, limits=policy.limits), return_index=True)
    for row in data_sets[one_of_each].tolist():
        figures = code_family(family, dict(zip(family.cells, row, strict=True)), group=group, n_public=n, limits=policy.limits)
        if _audit_family(policy, facts, family, [*own, Told(family, group, 1, figures)], outside).verdict != SAFE:
            return False
    return True
