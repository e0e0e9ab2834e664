"""Figures and data sets of the pilot for the tests of what a reader of everything published knows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from ikut_eval.disclosure.coded_figures import CodedFigure, code_family, figure_json
from ikut_eval.disclosure.families import Family
from ikut_eval.disclosure.policy import Policy, load_policy
from ikut_eval.release.ledger import Ledger, append
from ikut_eval.release.public_knowledge import audit_known
from tests.disclosure.designs import pair_count

POLICY = load_policy()
PILOT = (4, 5, 5, 6)
OF_PEOPLE = [family for family in POLICY.families if family.view != "delivery"]
COUNTED = [(family, indicator) for family in OF_PEOPLE for indicator in family.indicators]
PAIRED = [(family, indicator) for family, indicator in COUNTED if family.view != "final_pooled"]
Data = dict[str, list[list[int]]]
"""For each family, people of each cohort in each cell."""


def only(family: str) -> Policy:
    return replace(POLICY, families=tuple(f for f in POLICY.families if f.id == family))


COMPLETION = only("completion")


@st.composite
def cohorts(draw: st.DrawFn) -> tuple[int, ...]:
    return draw(st.tuples(*[st.integers(4, 6)] * 4))


@st.composite
def people(draw: st.DrawFn, family: Family, sizes: Sequence[int]) -> list[list[int]]:
    """Draw people of each cohort in each cell; often all of them in few cells."""
    some = draw(st.lists(st.sampled_from(range(len(family.cells))), min_size=1, max_size=len(family.cells), unique=True))
    members = [Counter(draw(st.lists(st.sampled_from(some), min_size=size, max_size=size))) for size in sizes]
    return [[cohort[cell] for cell in range(len(family.cells))] for cohort in members]


def plan_figures(policy: Policy, sizes: Sequence[int], data: Data) -> list[CodedFigure]:
    """Return what the policy publishes of some data."""
    figures = []
    for family in policy.families:
        if family.view != "delivery":
            for group in policy.groups_of(sizes)[family.view]:
                counts = np.sum([data[family.id][position - 1] for position in group], axis=0).tolist()
                n = sum(sizes[position - 1] for position in group)
                figures += code_family(family, dict(zip(family.cells, counts, strict=True)), group=group, n_public=n, limits=policy.limits)
    return figures


def true_count(family: Family, indicator: str, data: Data, group: Sequence[int]) -> int:
    (told,) = (i.cells for i in family.indicators if i.id == indicator)
    return sum(data[family.id][position - 1][family.cells.index(cell)] for position in group for cell in told)


def counted(indicator: str, group: Sequence[int], sizes: Sequence[int], lo: int | Fraction, hi: int | Fraction | None = None) -> CodedFigure:
    """Return a figure that no view of the policy publishes: any range of any group."""
    hi = lo if hi is None else hi
    n = sum(sizes[position - 1] for position in group)
    view = POLICY.family_of(indicator).view
    return CodedFigure(indicator, view, tuple(group), n, lo, hi, f"{lo}-{hi}", "shown" if lo == hi else "coded", "")


def verdict(policy: Policy, sizes: Sequence[int], figures: Sequence[CodedFigure], ledger: Ledger | None = None) -> str:
    return audit_known(policy, sizes, sum(sizes), ledger or Ledger(), figures).verdict


def release(path: Path, figures: Sequence[CodedFigure]) -> Ledger:
    return append(path, kind="release", who="A", when="2022", content={"figures": [figure_json(figure) for figure in figures]})


def counted_pair(count: int, group: tuple[int, int]) -> CodedFigure:
    return pair_count(count, indicator="completed", group=group, n_public=sum(PILOT[p - 1] for p in group))
