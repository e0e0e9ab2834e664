"""The coding that a policy chooses is safe for every pair of trainings, and leaves a reader the least of what its alternatives leave."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest

from ikut_eval.disclosure.coded_figures import code_family
from ikut_eval.disclosure.families import NOT_PUBLISHED, Family
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.proof import codings, compositions, plan_of, prove, range_left
from tests.disclosure.brute_force import splits

POLICY = load_policy()
PILOT = (4, 5, 5, 6)
PAIRS = list(combinations_with_replacement((4, 5, 6), 2))
OF_PAIRS = [family for family in POLICY.families if family.view in ("pair_count", "pair_change")]
SMALL = [family for family in OF_PAIRS if len(family.cells) <= 3]


@pytest.mark.parametrize("sizes", PAIRS, ids=str)
@pytest.mark.parametrize("family", OF_PAIRS, ids=lambda family: family.id)
def test_chosen_coding_is_safe_for_every_pair_of_trainings(family: Family, sizes: tuple[int, ...]) -> None:
    ((proof,), _) = prove([(family, sizes)], POLICY.limits)
    assert proof.safe, proof.worst


@pytest.mark.parametrize("sizes", PAIRS, ids=str)
def test_chosen_coding_leaves_the_least_of_those_that_are_safe(sizes: tuple[int, ...]) -> None:
    rows = codings([(family, sizes) for family in OF_PAIRS], POLICY.limits)
    for family in OF_PAIRS:
        own = [row for row in rows if row["family"] == family.id]
        (chosen,) = [row for row in own if row["chosen"]]
        assert chosen["n_leaking"] == 0
        assert all(chosen["left"] < row["left"] for row in own if not row["chosen"] and not row["n_leaking"]), family.id  # type: ignore[operator]


@pytest.mark.parametrize("family", SMALL, ids=lambda family: family.id)
@pytest.mark.parametrize("n", range(8, 13))
def test_no_other_coding_of_a_small_family_leaves_less(family: Family, n: int) -> None:
    """Every coding with ends of one to four people, also of figures that are not published, and coded alike or not."""
    codes = [(NOT_PUBLISHED, 0), ("half", 0), *((bands, k) for bands in ("three", "exact") for k in range(1, 5) if 2 * k < n)]
    sizes = [pair for pair in PAIRS if sum(pair) == n]
    tried = [(one,) for one in codes] if len(family.indicators) == 1 else [(one, other) for one in codes for other in codes]
    own = range_left(family, n, limits=POLICY.limits)
    for coding in tried:
        other = replace(family, indicators=tuple(replace(i, bands=b, k=k, by_size=()) for i, (b, k) in zip(family.indicators, coding, strict=True)))
        if range_left(other, n, limits=POLICY.limits) < own - 1e-12:
            assert not all(proof.safe for proof in prove([(other, pair) for pair in sizes], POLICY.limits)[0]), coding


@pytest.mark.parametrize("family", SMALL, ids=lambda family: family.id)
@pytest.mark.parametrize("n", [9, 11])
def test_what_is_left_is_as_counted_by_hand(family: Family, n: int) -> None:
    """Every data set of the group is published, and the counts of those that look alike are gathered."""
    rest = family.cells.index(family.left_over)
    data_sets = [one for one in splits(n, len(family.cells)) if not (family.asked and one[rest] == n)]
    alike = defaultdict(list)
    for one in data_sets:
        figures = code_family(family, dict(zip(family.cells, one, strict=True)), group=(1, 2), n_public=n, limits=POLICY.limits)
        alike[tuple((figure.lo, figure.hi) for figure in figures)].append(one)
    shares = []
    for indicator in family.indicators:
        cells = [family.cells.index(cell) for cell in indicator.cells]
        shares += [len({sum(one[cell] for cell in cells) for one in same}) / (n + 1) for same in alike.values() for _ in same]
    assert range_left(family, n, limits=POLICY.limits) == pytest.approx(np.mean(shares), abs=1e-12)


def test_table_names_the_counterexamples_of_what_leaks() -> None:
    """Thirds of reached, work and fair work leak in a pair of nine and hold in a pair of eleven; two exact figures of change leak in both."""
    rows = codings(plan_of(POLICY, PILOT), POLICY.limits)
    thirds = "reached_at_six_months three 3; in_work three 3; fair_work three 3; next_service none"
    leaking = {row["sizes"]: row["n_leaking"] for row in rows if row["coding"] == thirds}
    assert leaking["4+5"] > 0 == leaking["5+6"]  # type: ignore[operator]
    exact = [row for row in rows if row["coding"] == "rights_awareness_improved exact 2; rights_awareness_worse exact 2"]
    assert len(exact) == 2
    assert all(0 < row["n_leaking"] < row["n_data_sets"] for row in exact)  # type: ignore[operator]


def test_figure_that_is_not_published_of_a_size_says_so_whatever_its_count() -> None:
    family = POLICY.family_of("reached_at_six_months")
    told = set()
    for row in compositions(9, len(family.cells))[::97].tolist():
        figures = code_family(family, dict(zip(family.cells, row, strict=True)), group=(1, 2), n_public=9, limits=POLICY.limits)
        told.add(next((f.status, f.display, f.reason) for f in figures if f.indicator == "reached_at_six_months"))
    assert told == {("by_design", "", "published.reason.by_design")}
