"""What a reader of everything ever published knows, in the auditor's terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ikut_eval.contract.errors import ConfigurationError, DisclosureError
from ikut_eval.contract.toml_tables import TomlTable
from ikut_eval.disclosure.audit import INCONSISTENT, SAFE, Audit, audit
from ikut_eval.disclosure.coded_figures import CodedFigure, read_figure
from ikut_eval.disclosure.families import Family, Group
from ikut_eval.disclosure.policy import Policy
from ikut_eval.disclosure.universe import Block, CohortSize, Fact, Universe, conditions
from ikut_eval.release.ledger import Ledger
from ikut_eval.release.outside_facts import CELL, count_fact, entry_value, outside_facts, statement_blocks


@dataclass(frozen=True)
class PublicFacts:
    """Members of each cohort, in the order in which the cohorts started, and of all of them, as they are public."""

    cohort_sizes: tuple[int, ...]
    total: int


def read_public_facts(section: Mapping[str, Any], *, file: str) -> PublicFacts:
    """Return the facts of a section ``[public]``: ``cohort_sizes`` and, if it is public before all cohorts have started, ``total``.

    Raises ConfigurationError if there is no such section, a key is unknown, or a size is not a whole number above zero.
    """
    if not section:
        raise ConfigurationError("no_public_facts", file=file)
    table = TomlTable(file, "public", section)
    table.check_keys(("cohort_sizes", "total"))
    sizes = section.get("cohort_sizes")
    if not isinstance(sizes, list) or not sizes or not all(type(n) is int and n >= 1 for n in sizes):
        raise table.wrong_kind("cohort_sizes", "cohort_sizes = [4, 5]")
    total = table.value("total", sum(sizes))
    if type(total) is not int or total < sum(sizes):
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
    """Return all figures ever published, in order, also those withdrawn: what was once read stays known."""
    return tuple(read_figure(given) for entry in ledger.entries if entry.kind == "release" for given in entry_value(entry, "figures"))


def standing(ledger: Ledger) -> tuple[CodedFigure, ...]:
    """Return the figures that no later entry withdrew."""
    left: list[CodedFigure] = []
    for entry in ledger.entries:
        if entry.kind == "release":
            left += map(read_figure, entry_value(entry, "figures"))
        elif entry.kind == "withdrawal":
            left = [figure for figure in left if figure.indicator.partition(".")[0] != entry_value(entry, "indicator")]
    return tuple(left)


def by_key(figures: Iterable[CodedFigure]) -> dict[tuple[str, Group], CodedFigure]:
    """Return figures by their indicator and group."""
    return {(figure.indicator, figure.group): figure for figure in figures}


def audit_known(policy: Policy, cohort_sizes: Sequence[int], total: int, ledger: Ledger, new_figures: Sequence[CodedFigure] = ()) -> Audit:
    """Return what a reader can conclude from all that was ever published, new figures, and what others have published.

    Raises
    ------
    DisclosureError
        If a figure is not sound, or names a cohort that has no size.
    ConfigurationError
        If a figure's indicator is not in the policy.

    Notes
    -----
    A figure over all cohorts that shows its main category alone reveals that some category has fewer people than the rule `small` says.
    That is no linear row, so each category is taken in turn to be the small one. What follows from the state follows
    from every turn that fits; where all of them leak, the state is taken to leak as well.
    """
    figures = (*published(ledger), *new_figures)
    of_people = {indicator.id for family in policy.families if family.view != "delivery" for indicator in family.indicators}
    facts: dict[Fact, None] = {}
    for figure in (figure for figure in figures if figure.view != "delivery" or figure.indicator in of_people):
        if fact := fact_of(figure, policy.family_of(figure.indicator)):
            facts |= {fact: None, Fact("n", fact.cohorts, value=Fraction(figure.n_public)): None}
    outside = outside_facts(ledger, policy)
    public = universe(policy, cohort_sizes, total, statement_blocks(outside))
    everything = [*outside, *facts]
    found = audit(public, everything, limits=policy.limits)
    for family, group in _main_only(policy, figures):
        small = [
            Fact("count", tuple(map(str, group)), family.id, conditions({CELL: (cell,)}), least=Fraction(0), most=Fraction(policy.limits.small - 1))
            for cell in family.cells
        ]
        turns = [audit(public, [*everything, fact], limits=policy.limits) for fact in small]
        fitting = [turn for turn in turns if turn.verdict != INCONSISTENT]
        if found.verdict == SAFE and not any(turn.verdict == SAFE for turn in fitting):
            found = fitting[0] if fitting else turns[0]
    return found


def _main_only(policy: Policy, figures: Sequence[CodedFigure]) -> dict[tuple[Family, Group], None]:
    """Return the families over all cohorts of which the main category was published and no other."""
    shown = [figure for figure in figures if figure.lo is not None]
    values = {(figure.indicator, figure.group) for figure in shown}
    pooled = dict.fromkeys((policy.family_of(figure.indicator), figure.group) for figure in shown if figure.view == "final_pooled")
    return {(family, group): None for family, group in pooled if any((i.id, group) not in values for i in family.indicators)}
