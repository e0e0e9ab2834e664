"""The audit: what a reader of everything published, who knows the public facts, can conclude about a protected set."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from ikut_eval.disclosure.bounds import Bound, bounds
from ikut_eval.disclosure.layout import Layout, constraints_of, lay_out, public_constraints
from ikut_eval.disclosure.leaks import Limits, kinds_of_leak
from ikut_eval.disclosure.model import Linear, Terms, tidy
from ikut_eval.disclosure.universe import Block, Fact, Number, Target, Universe, default_targets

SAFE, LEAK, INCONSISTENT = "safe", "leak", "inconsistent"


@dataclass(frozen=True)
class TargetBounds:
    """The least and the greatest value that a reader must think possible for a target, and the kinds of finding that this is."""

    target: Target
    low: Number = field(repr=False)
    high: Number = field(repr=False)
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Audit:
    """The verdict on everything published together.

    Attributes
    ----------
    verdict : {"safe", "leak", "inconsistent"} – inconsistent: no data set fits the figures, so that at least one is wrong
    bounds : tuple of TargetBounds – one a target; none where inconsistent. As confidential as the data where there is a finding
    """

    verdict: str
    bounds: tuple[TargetBounds, ...]

    @property
    def findings(self) -> tuple[tuple[str, TargetBounds], ...]:
        """Every kind of conclusion that no reader may be able to draw, with its target."""
        return tuple((kind, row) for row in self.bounds for kind in row.findings)

    def __repr__(self) -> str:
        kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(Counter(kind for kind, _ in self.findings).items()))
        return f"Audit(verdict={self.verdict!r}, targets={len(self.bounds)}, findings={{{kinds}}})"

    def to_frame(self) -> pd.DataFrame:
        """Return the bounds, one row a target.

        Returns
        -------
        DataFrame
            block, cohorts, where, base, weight, since : str – the target
            lo, hi : object – least and greatest possible value [people, or the sum's unit]
            findings : str – finding types, separated by commas; empty where there is none
        """
        columns = ["block", "cohorts", "where", "base", "weight", "since", "lo", "hi", "findings"]
        return pd.DataFrame([_row(row) for row in self.bounds], columns=columns)


def _row(row: TargetBounds) -> tuple[object, ...]:
    target = row.target
    where, base = (" & ".join(f"{name}={'|'.join(map(str, codes))}" for name, codes in some) for some in (target.where, target.base))
    return target.block, " ".join(target.cohorts), where, base, target.weight, target.since, row.low, row.high, ",".join(row.findings)


def audit(universe: Universe, facts: Iterable[Fact], targets: Iterable[Target] | None = None, *, limits: Limits, seconds: float = 60.0) -> Audit:
    """Return what can be concluded from the public facts and all figures that are, or are to be, published.

    Parameters
    ----------
    targets : iterable of Target, optional
        What to protect; by default every set of codes in every cohort, published group and small group that figures tell apart.

    Raises
    ------
    DisclosureError
        If a name is unknown, or a bound cannot be proved in the seconds for each question to the solver: nothing is then
        known to be safe.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from ikut_eval.disclosure.policy import load_policy
    >>> from ikut_eval.disclosure.universe import Block, CohortSize
    >>> limits, yes = load_policy().limits, (("employed", ("yes",)),)
    >>> public = Universe((CohortSize("c1", 4, 4), CohortSize("c2", 5, 5)), (Block("work", (("employed", ("no", "yes")),)),))
    >>> both = Fact("count", ("c1", "c2"), "work", yes, value=Fraction(5))
    >>> audit(public, [both], limits=limits)
    Audit(verdict='safe', targets=6, findings={})
    >>> audit(public, [both, Fact("count", ("c1",), "work", yes, value=Fraction(1))], limits=limits)
    Audit(verdict='leak', targets=6, findings={exact 4, group_all_but_insider 2, group_none_but_insider 2})
    """
    facts = list(facts)
    for fact in facts:
        universe.fewest(fact.cohorts)
    wanted = default_targets(universe, facts, min_group=limits.min_group) if targets is None else list(targets)
    layout = lay_out(universe, facts, [(target.block, cohort) for target in wanted for cohort in target.cohorts])
    constraints = tidy([*public_constraints(layout), *(constraint for fact in facts for constraint in constraints_of(layout, fact))])
    if constraints is None:
        return Audit(INCONSISTENT, ())
    questions = [_question(layout, target, limits) for target in wanted]
    sums: dict[Terms, int] = {}
    for question in questions:
        for expression, enough in [(question.amount, question.enough), *((one, 1) for group in question.groups for one in group)]:
            if expression.terms:
                sums[expression.terms] = max(enough, sums.get(expression.terms, 1))
    answers = bounds(layout.system(constraints), sums, seconds=seconds)
    if answers is None:
        return Audit(INCONSISTENT, ())
    answers[()] = Bound(0, 0, 1)
    rows = []
    for question in questions:
        found = answers[question.amount.terms]
        low, high = question.amount.values(found.low, found.high)
        rows.append(TargetBounds(question.target, low, high, tuple(_findings(universe.block(question.target.block), question, limits, answers))))
    return Audit(LEAK if any(row.findings for row in rows) else SAFE, tuple(rows))


@dataclass(frozen=True)
class _Question:
    """What must be bounded for a target: an amount, how far its possible values must be counted, and the groups that it is about.

    Of each group there are its people in the protected set, all its people, and those not in the set.
    """

    target: Target
    amount: Linear
    enough: int
    groups: Sequence[Sequence[Linear]]


def _question(layout: Layout, target: Target, limits: Limits) -> _Question:
    block = layout.universe.block(target.block)
    inside = block.inside(target.where)
    protected = layout.people(target.block, target.cohorts, inside)
    if target.since:
        links = [link for link in layout.universe.links if (link.earlier, link.later) == (target.since, target.block) and link.cohort in target.cohorts]
        outside = [1 - member for member in inside]
        changed = [[layout.changed(kind, link, some) for some in (inside, [1] * len(inside), outside)] for link in links for kind in ("removed", "added")]
        return _Question(target, layout.people(target.since, target.cohorts, inside).minus(protected), 1, changed)
    if block.nonresponse and not block.sizes_free and not target.base:
        everybody = layout.size(target.cohorts)
    else:
        everybody = layout.people(target.block, target.cohorts, block.inside(target.base))
    group = protected, everybody, everybody.minus(protected)
    if not target.weight:
        return _Question(target, protected, limits.min_candidates, [group])
    scores = [member * score for member, score in zip(inside, block.scores(target.weight), strict=True)]
    return _Question(target, layout.people(target.block, target.cohorts, scores), limits.mean_min_sums, [group])


def _findings(block: Block, asked: _Question, limits: Limits, answers: Mapping[Terms, Bound]) -> Iterator[str]:
    """Yield the kinds of finding on a target. What follows from the public size of a group alone is not a finding."""

    def ends(one: Linear) -> tuple[Number, Number]:
        found = answers[one.terms]
        return one.values(found.low, found.high)

    target, left = asked.target, answers[asked.amount.terms].candidates
    if target.weight:
        scores = block.scores(target.weight)
        widest = ends(asked.groups[0][1])[1] * (max(scores) - min(scores)) + 1
        if left < limits.mean_min_sums and left < widest:
            yield "sum"
        return
    kinds: dict[str, None] = {}
    for protected, everybody, rest in asked.groups:
        size, most = map(int, ends(everybody))
        if most > 0:
            insiders = limits.insiders(block.sensitive)
            leaks = kinds_of_leak(
                low=ends(protected)[0],
                left=left,
                most_in=ends(protected)[1],
                most_out=ends(rest)[1],
                size=size,
                limits=limits,
                enough=min(limits.min_candidates, most + 1),
                insiders=insiders if most > insiders else 0,
            )
            kinds |= dict.fromkeys(kind for kind, holds in leaks.items() if holds)
    if target.since:
        yield from sorted({"person" if kind in ("group_all", "group_none") else kind for kind in kinds if kind.startswith("group")})
    else:
        yield from kinds
