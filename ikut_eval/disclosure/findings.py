"""When what can be concluded about a protected set is too much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ikut_eval.disclosure.bounds import Bound
from ikut_eval.disclosure.model import Layout, Linear, Sum, Terms
from ikut_eval.disclosure.universe import Target


@dataclass(frozen=True)
class AuditPolicy:
    """When what can be concluded is too much.

    Parameters
    ----------
    min_group : int
        Groups below this size may not be determined (`exact`) or nearly so (`narrow`).
    min_candidates : int
        Fewest values that must stay possible in such a group.
    coalition, sensitive_coalition : int
        How many members pool what they know of themselves; the second for the blocks in `sensitive`.
    small : int
        A count below it may not be determined in a larger group.
    mean_min_sums : int
        Fewest sums that must stay possible behind a mean.
    seconds : float
        Time for each question to the solver; after it the audit fails.
    """

    min_group: int = 8
    min_candidates: int = 3
    coalition: int = 1
    small: int = 3
    mean_min_sums: int = 4
    sensitive: frozenset[str] = frozenset()
    sensitive_coalition: int = 2
    seconds: float = 60.0

    def insiders(self, block: str) -> int:
        return max(self.coalition, self.sensitive_coalition) if block in self.sensitive else self.coalition


@dataclass(frozen=True)
class Group:
    """What tells about a group: the people in its protected set, all its people, and those not in the set."""

    protected: Sum
    size: Sum
    rest: Sum


@dataclass(frozen=True)
class Question:
    """What must be bounded for a target: its own expression with its group, or those who changed between two versions."""

    amount: Sum
    enough: int
    groups: tuple[Group, ...]

    def sums(self) -> Iterator[tuple[Terms, int]]:
        """Yield the sums of unknowns to bound, and how far to count the values of each."""
        for one, enough in [(self.amount, self.enough), *((one, 1) for group in self.groups for one in (group.protected, group.size, group.rest))]:
            if one.terms:
                yield one.terms, enough


def question(layout: Layout, target: Target, policy: AuditPolicy) -> Question:
    """Return what must be bounded for a target."""
    block = layout.universe.block(target.block)
    inside = [int(member) for member in block.inside(target.where)]
    everybody = [1] * len(inside)
    if target.difference is not None:
        earlier, later = (layout.people(version, target.block, target.cohorts, inside) for version in target.difference)
        changed = []
        for link in layout.universe.links:
            if link.block == target.block and link.cohort in target.cohorts and (link.earlier, link.later) == target.difference:
                for kind in ("removed", "added"):
                    protected, size = layout.changed(kind, link, inside), layout.changed(kind, link, everybody)
                    changed.append(_group(layout, protected, size))
        return Question(layout.sum_of(earlier.add(later, -1)), 1, tuple(changed))
    version = target.version or ""
    if target.base:
        size = layout.people(version, target.block, target.cohorts, [int(member) for member in block.inside(target.base)])
    elif block.nonresponse and not block.sizes_free:
        size = layout.size(target.cohorts)
    else:
        size = layout.people(version, target.block, target.cohorts, everybody)
    protected = layout.people(version, target.block, target.cohorts, inside)
    group = _group(layout, protected, size)
    if not target.weight:
        return Question(group.protected, policy.min_candidates, (group,))
    scores = [member * score for member, score in zip(inside, block.scores(target.weight), strict=True)]
    return Question(layout.sum_of(layout.people(version, target.block, target.cohorts, scores)), policy.mean_min_sums, (group,))


def _group(layout: Layout, protected: Linear, size: Linear) -> Group:
    return Group(layout.sum_of(protected), layout.sum_of(size), layout.sum_of(size.add(protected, -1)))


@dataclass(frozen=True)
class Known:
    """What is known of an expression."""

    low: int | Fraction
    high: int | Fraction
    candidates: int


def known(one: Sum, answers: Mapping[Terms, Bound]) -> Known:
    bound = answers[one.terms] if one.terms else Bound(0, 0, 1)
    low, high = sorted(_over(end + one.constant, one.scale) for end in (bound.low, bound.high))
    return Known(low, high, bound.candidates)


def _over(number: int | Fraction, scale: int) -> int | Fraction:
    exact = Fraction(number) / scale if scale not in (1, -1) or isinstance(number, Fraction) else number * scale
    return int(exact) if exact.denominator == 1 else exact


def findings(layout: Layout, target: Target, asked: Question, answers: Mapping[Terms, Bound], policy: AuditPolicy) -> Iterator[str]:
    """Yield the types of finding on a target."""
    insiders = policy.insiders(target.block)
    amount = known(asked.amount, answers)
    if target.difference is not None:
        kinds = {kind for group in asked.groups for kind in _everybody_or_nobody(group, answers, insiders)}
        yield from sorted({"person" if kind in ("group_all", "group_none") else kind for kind in kinds})
        return
    size = known(asked.groups[0].size, answers)
    if target.weight:
        scores = layout.universe.block(target.block).scores(target.weight)
        widest = size.high * (max(scores) - min(scores)) + 1
        if amount.candidates < min(Fraction(policy.mean_min_sums), widest):
            yield "sum"
        return
    yield from _everybody_or_nobody(asked.groups[0], answers, insiders)
    if size.low < policy.min_group:
        if amount.candidates == 1 and size.high > 0:
            yield "exact"
        elif amount.candidates < min(policy.min_candidates, size.high + 1):
            yield "narrow"
    elif amount.candidates == 1 and 1 <= amount.low < policy.small:
        yield "small"


def _everybody_or_nobody(group: Group, answers: Mapping[Terms, Bound], insiders: int) -> Iterator[str]:
    most = known(group.size, answers).high
    for name, expression in (("group_all", group.rest), ("group_none", group.protected)):
        exceptions = known(expression, answers).high
        if most > 0 and exceptions <= 0:
            yield name
        elif most > insiders and exceptions <= insiders:
            yield f"{name}_but_insider"
