"""The design proof: every possible data set of a group, and what each published output reveals about it.

A design is proved for public sizes alone, before any outcome is known. For every output of a family the proof
collects all data sets that give this output, and asks of every set of categories, in every cohort and in every
union of cohorts, which counts a reader must still think possible. That is what a reader who knows this software
can conclude, no more and no less.

Data sets are enumerated over the whole group. Which counts a cohort can have then follows without enumerating
its data sets one by one (`leaks.possible_in_part`); tests compare both methods.

Where people are asked, figures tell that somebody was. A reader may then exclude that nothing is known of anybody, so
that this data set is left out of those among which a figure leaves the choice. It is itself published as "not asked" at most.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import combinations
from math import comb, prod
from pathlib import Path
from typing import Any

import numpy as np

from ikut_eval.disclosure.families import DataSets, Family, outputs, scores_of
from ikut_eval.disclosure.leaks import FINDINGS, Flags, Limits, leaks_in_values, possible_in_part
from ikut_eval.disclosure.policy import Policy

Step = tuple[Family, tuple[int, ...]]
"""A family, and the sizes of the cohorts that it is published of together."""


@dataclass(frozen=True)
class Proof:
    """What the enumeration of one family and one group found.

    Attributes
    ----------
    sizes : tuple of int – members of each cohort of the group
    parameters : str – all that the outputs depend on, as JSON
    n_data_sets, n_leaking : int – possible data sets, counted cohort by cohort; of these, how many have an output that leaks
    worst : str – the gravest finding, its categories and its number of people; empty if there is none
    """

    family: str
    view: str
    sizes: tuple[int, ...]
    parameters: str
    n_data_sets: int
    n_leaking: int
    worst: str

    @property
    def safe(self) -> bool:
        return self.n_leaking == 0

    @property
    def row(self) -> dict[str, object]:
        """The proof as a row of a release's table: the sizes as text, and `n`, their sum."""
        return asdict(self) | {"sizes": "+".join(map(str, self.sizes)), "n": sum(self.sizes)}


def plan_of(policy: Policy, cohort_sizes: Sequence[int]) -> tuple[Step, ...]:
    """Return all that a release under this policy can publish about cohorts of these public sizes, step by step.

    Raises ConfigurationError if there are more cohorts than the policy's partition has places for.
    """
    groups = policy.groups_of(cohort_sizes)
    return tuple(
        (family, sizes)
        for family in policy.families
        if family.view != "delivery"
        for sizes in dict.fromkeys(tuple(cohort_sizes[position - 1] for position in group) for group in groups[family.view])
    )


def prove(plan: Sequence[Step], limits: Limits, known: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[tuple[Proof, ...], dict[str, dict[str, Any]]]:
    """Return a proof for each step of a plan, and plain data for a later call, which the caller can keep as JSON.

    A proof is taken from such data, `known`, where the view, the sizes in any order, the parameters, the limits and the
    disclosure code are the same.
    """
    proofs = []
    keep: dict[str, dict[str, Any]] = {}
    for family, sizes in plan:
        key = hashlib.sha256(json.dumps([family.parameters, sorted(sizes), asdict(limits), _code_digest()], sort_keys=True).encode()).hexdigest()
        keep[key] = dict((known or {}).get(key) or _prove(family, tuple(sizes), limits))
        proofs.append(Proof(family.id, family.view, tuple(sizes), family.parameters, **keep[key]))
    return tuple(proofs), keep


@cache
def _code_digest() -> str:
    """Return a hash over the source of the disclosure package: after any change to it, every proof is made again."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sources)).hexdigest()


@cache
def _prove(family: Family, sizes: tuple[int, ...], limits: Limits) -> dict[str, int | str]:
    n, cells = sum(sizes), len(family.cells)
    data_sets = _possible(family, n)
    label = outputs(family, n, data_sets, limits=limits)
    n_data_sets = prod(comb(size + cells - 1, cells - 1) for size in sizes)
    leaking = np.zeros(int(label.max()) + 1, dtype=bool)
    worst = (len(FINDINGS), "")
    parts = sorted({sum(some) for r in range(1, len(sizes) + 1) for some in combinations(sizes, r)})
    for kind, found, who, part in _found(family, n, data_sets, label, parts, limits):
        leaking |= found
        if found.any() and FINDINGS.index(kind) < worst[0]:
            worst = (FINDINGS.index(kind), f"{kind}: {who}, {part}")
    n_leaking = int(_ways(data_sets[leaking[label]], sizes).sum()) if leaking.any() else 0
    return {"n_data_sets": n_data_sets, "n_leaking": n_leaking, "worst": worst[1]}


def _found(family: Family, n: int, data_sets: DataSets, label: DataSets, parts: Sequence[int], limits: Limits) -> Iterator[tuple[str, Flags, str, int]]:
    """Yield every kind of finding with the outputs that have it, the categories and the number of people concerned."""
    classes, cells = int(label.max()) + 1, len(family.cells)
    for some in (s for r in range(1, cells) for s in combinations(range(cells), r)):
        possible = np.zeros((classes, n + 1), dtype=bool)
        possible[label, data_sets[:, some].sum(axis=1)] = True
        who = "+".join(family.cells[cell] for cell in some)
        for part in parts:
            leaks = leaks_in_values(possible_in_part(possible, part), limits, sensitive=family.sensitive)
            yield from ((kind, found, who, part) for kind, found in leaks.items())
    if scores := scores_of(family):
        low, span = min(scores), max(scores) - min(scores)
        totals = np.zeros((classes, n * span + 1), dtype=bool)
        totals[label, data_sets @ (np.array(scores) - low)] = True
        yield from (("sum", possible_in_part(totals, part, span).sum(axis=-1) < limits.mean_min_sums, "sum", part) for part in parts)


def codings(plan: Sequence[Step], limits: Limits) -> list[dict[str, object]]:
    """Return how each family of a plan is coded, then its alternatives that a group of this size can have: whether they are safe, and what they leave.

    Each row has family, view, sizes, n, coding (bands and k of each figure), chosen, n_data_sets, n_leaking and left, as `range_left`.
    """
    rows: list[dict[str, object]] = []
    for family, sizes in plan:
        n = sum(sizes)
        for tried in (family, *family.alternatives):
            codes = {i.id: i.coding(n) for i in tried.indicators}
            own = [i.coding(n) for i in family.indicators]
            if tried is not family and (list(codes.values()) == own or any(2 * k >= n for _, k in codes.values())):
                continue
            (proof,), _ = prove([(tried, sizes)], limits)
            said = "; ".join(f"{name} {bands or 'exact'}{f' {k}' if k else ''}" for name, (bands, k) in codes.items())
            found = {"coding": said, "chosen": tried is family, "left": round(range_left(tried, n, limits=limits), 3)}
            rows.append({name: value for name, value in proof.row.items() if name not in ("parameters", "worst")} | found)
    return rows


def _possible(family: Family, n: int) -> DataSets:
    """Return the data sets among which a reader of a family's figures has the choice before reading them."""
    data_sets = compositions(n, len(family.cells))
    return data_sets[data_sets[:, family.cells.index(family.left_over)] < n] if family.asked else data_sets


@cache
def range_left(family: Family, n: int, *, limits: Limits) -> float:
    """Return how much of the possible range a reader is left with: of the n + 1 counts that each figure can have, the share that stays possible.

    The mean over the family's figures, also those that are not published of a group of n people, as others tell something of them; and
    over all data sets that the group can have, each as likely as any other.
    """
    data_sets = _possible(family, n)
    label = outputs(family, n, data_sets, limits=limits)
    shares = []
    for indicator in family.indicators:
        possible = np.zeros((int(label.max()) + 1, n + 1), dtype=bool)
        possible[label, data_sets[:, [family.cells.index(cell) for cell in indicator.cells]].sum(axis=1)] = True
        shares.append(possible.mean(axis=1)[label].mean())
    return float(np.mean(shares))


@cache
def compositions(n: int, cells: int) -> DataSets:
    """Return every way to put `n` people into categories, one row each."""
    bars = np.array(list(combinations(range(n + cells - 1), cells - 1)), dtype=np.int64).reshape(-1, cells - 1)
    ends = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), n + cells - 1)])
    rows = np.diff(ends, axis=1) - 1
    rows.flags.writeable = False
    return rows


def _ways(data_sets: DataSets, sizes: Sequence[int]) -> DataSets:
    """Return how many data sets, cohort by cohort, add up to each data set of the group."""
    first, *rest = sizes
    if not rest:
        return np.ones(len(data_sets), dtype=np.int64)
    total = np.zeros(len(data_sets), dtype=np.int64)
    for part in compositions(first, data_sets.shape[1]):
        left = data_sets - part
        fits = (left >= 0).all(axis=1)
        total[fits] += _ways(left[fits], rest)
    return total
