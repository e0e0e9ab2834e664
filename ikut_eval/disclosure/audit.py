"""The audit: what a reader of everything published, who knows the public facts, can conclude about a protected set."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import pandas as pd

from ikut_eval.disclosure.bounds import bounds
from ikut_eval.disclosure.figures import constraints_of
from ikut_eval.disclosure.findings import AuditPolicy, findings, known, question
from ikut_eval.disclosure.model import System, Terms, lay_out, public_constraints, tidy
from ikut_eval.disclosure.universe import Fact, Release, Target, Universe, default_targets, each_version

SAFE, LEAK, INCONSISTENT = "safe", "leak", "inconsistent"


@dataclass(frozen=True)
class TargetBounds:
    """The least and the greatest value that a reader must think possible for a target."""

    target: Target
    low: int | Fraction = field(repr=False)
    high: int | Fraction = field(repr=False)
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A conclusion that nobody may be able to draw."""

    type: str
    target: Target
    low: int | Fraction = field(repr=False)
    high: int | Fraction = field(repr=False)


@dataclass(frozen=True, repr=False)
class Audit:
    """The verdict on everything published together.

    Attributes
    ----------
    verdict : {"safe", "leak", "inconsistent"}
        Inconsistent: no data set fits the figures, so that at least one is wrong.
    bounds : tuple of TargetBounds
        One a target and version; none where inconsistent. As confidential as the data where there is a finding.
    """

    verdict: str
    bounds: tuple[TargetBounds, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(Finding(kind, row.target, row.low, row.high) for row in self.bounds for kind in row.findings)

    def __repr__(self) -> str:
        kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(Counter(finding.type for finding in self.findings).items()))
        return f"Audit(verdict={self.verdict!r}, targets={len(self.bounds)}, findings={{{kinds}}})"

    def to_frame(self) -> pd.DataFrame:
        """Return the bounds.

        Returns
        -------
        DataFrame
            One row per target and version of the data.
            block, cohorts, where, base, weight, version : str – the target
            lo, hi : object – least and greatest possible value [people, or the sum's unit]
            findings : str – finding types, separated by commas; empty where there is none
        """
        columns = ["block", "cohorts", "where", "base", "weight", "version", "lo", "hi", "findings"]
        return pd.DataFrame([_row(row) for row in self.bounds], columns=columns)


def _row(row: TargetBounds) -> tuple[object, ...]:
    target = row.target
    where, base = (" & ".join(f"{name}={'|'.join(map(str, codes))}" for name, codes in some) for some in (target.where, target.base))
    version = " → ".join(target.difference) if target.difference else target.version
    return target.block, " ".join(target.cohorts), where, base, target.weight, version, row.low, row.high, ",".join(row.findings)


def audit(
    universe: Universe,
    releases: Iterable[Release],
    targets: Iterable[Target] | None = None,
    *,
    policy: AuditPolicy | None = None,
    knows: Iterable[Fact] = (),
) -> Audit:
    """Return what can be concluded from releases, public facts and facts known from elsewhere.

    Parameters
    ----------
    targets : iterable of Target, optional
        What to protect; by default every set of codes in every cohort, published group and small group that figures tell apart.
    knows : iterable of Fact
        What others have published, and what the reader knows otherwise.

    Raises
    ------
    DisclosureError
        If a name is unknown, or a bound cannot be proved in time: nothing is then known to be safe.

    Notes
    -----
    Versions of the data that no link of the universe joins are unrelated to the reader.

    Examples
    --------
    >>> from ikut_eval.disclosure.universe import read_releases
    >>> from ikut_eval.disclosure.universe import read_universe
    >>> public = read_universe({"cohorts": {"c1": {"n": 4}, "c2": {"n": 5}}, "blocks": {"work": {"attributes": {"employed": ["no", "yes"]}}}})
    >>> count = {"stat": "count", "block": "work", "where": {"employed": ["yes"]}}
    >>> first = [{"id": "first", "facts": [count | {"cohorts": ["c1", "c2"], "value": 5}]}]
    >>> audit(public, read_releases(first))
    Audit(verdict='safe', targets=6, findings={})
    >>> audit(public, read_releases([*first, {"id": "second", "facts": [count | {"cohorts": ["c1"], "range": [0, 2]}]}])).verdict
    'safe'
    >>> audit(public, read_releases([*first, {"id": "second", "facts": [count | {"cohorts": ["c1"], "value": 1}]}]))
    Audit(verdict='leak', targets=6, findings={exact 4, group_all_but_insider 2, group_none_but_insider 2})
    """
    policy = policy or AuditPolicy()
    facts = [*knows, *(fact for release in releases for fact in release.facts)]
    for fact in facts:
        universe.sizes(fact.cohorts)
    wanted = default_targets(universe, facts, min_group=policy.min_group) if targets is None else list(targets)
    each = list(each_version(universe, facts, wanted))
    touched = [(version, t.block, c) for t in each for version in (t.difference or (t.version or "",)) for c in t.cohorts]
    layout = lay_out(universe, facts, touched)
    constraints, possible = tidy([*public_constraints(layout), *(c for fact in facts for c in constraints_of(layout, fact))])
    if not possible:
        return Audit(INCONSISTENT, ())
    asked = [question(layout, target, policy) for target in each]
    sums: dict[Terms, int] = {}
    for terms, enough in (pair for one in asked for pair in one.sums()):
        sums[terms] = max(enough, sums.get(terms, 1))
    answers = bounds(System(layout.shapes, constraints), sums, seconds=policy.seconds)
    if answers is None:
        return Audit(INCONSISTENT, ())
    rows = []
    for target, one in zip(each, asked, strict=True):
        amount = known(one.amount, answers)
        rows.append(TargetBounds(target, amount.low, amount.high, tuple(findings(layout, target, one, answers, policy))))
    return Audit(LEAK if any(row.findings for row in rows) else SAFE, tuple(rows))
