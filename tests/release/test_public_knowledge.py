"""What a reader of everything ever published knows: the plan is safe whatever the data, and what must not be added is refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ikut_eval.contract.errors import ConfigurationError, DisclosureError
from ikut_eval.disclosure.audit import INCONSISTENT, LEAK, SAFE
from ikut_eval.disclosure.coded_figures import CodedFigure, code_family, delivery, not_shown
from ikut_eval.disclosure.families import Family, outputs
from ikut_eval.disclosure.leaks import leaks_in_values
from ikut_eval.disclosure.proof import compositions
from ikut_eval.release.ledger import Ledger, append, read_ledger
from ikut_eval.release.public_knowledge import audit_known, fact_of, published, standing, universe
from tests.disclosure.designs import cohort_band, pair_count, pair_mean
from tests.release.judged import (
    COMPLETION,
    COUNTED,
    OF_PEOPLE,
    PAIRED,
    PILOT,
    POLICY,
    cohorts,
    counted,
    counted_pair,
    only,
    people,
    plan_figures,
    release,
    true_count,
    verdict,
)

# The plan


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.data())
def test_plan_is_safe_whatever_the_data_and_the_sizes(data: st.DataObject) -> None:
    sizes = data.draw(cohorts())
    drawn = {family.id: data.draw(people(family, sizes)) for family in OF_PEOPLE}
    until = data.draw(st.sampled_from([2, 3, 4]))
    figures = plan_figures(POLICY, sizes[:until], drawn)
    assert len(figures) == {2: 11, 3: 11, 4: 24}[until]
    found = audit_known(POLICY, sizes[:until], sum(sizes[:until]), Ledger(), figures)
    assert (found.verdict, found.findings) == (SAFE, ())


@pytest.mark.parametrize("sizes", list(combinations_with_replacement((4, 5, 6), 2)))
@pytest.mark.parametrize("family", [f for f in OF_PEOPLE if f.view != "final_pooled" and not f.sensitive], ids=lambda family: family.id)
def test_everything_that_can_be_published_of_a_pair_is_safe(family: Family, sizes: tuple[int, int]) -> None:
    data_sets = compositions(sum(sizes), len(family.cells))
    _, one_of_each = np.unique(outputs(family, sum(sizes), data_sets, limits=POLICY.limits), return_index=True)
    for row in data_sets[one_of_each].tolist():
        figures = code_family(family, dict(zip(family.cells, row, strict=True)), group=(1, 2), n_public=sum(sizes), limits=POLICY.limits)
        assert verdict(only(family.id), sizes, figures) == SAFE


def test_nothing_published_is_safe() -> None:
    assert verdict(POLICY, PILOT, []) == SAFE
    assert verdict(POLICY, (), []) == SAFE


def test_sizes_that_contradict_the_published_total_are_inconsistent() -> None:
    assert audit_known(POLICY, PILOT, 22, Ledger(), []).verdict == INCONSISTENT


def test_figures_of_another_size_than_the_public_one_are_inconsistent() -> None:
    figure = pair_count(5, indicator="completed", group=(1, 2), n_public=10)
    assert verdict(POLICY, PILOT, [figure]) == INCONSISTENT
    assert verdict(POLICY, (4, 6), [figure]) == SAFE


def test_universe_has_a_block_for_each_family_that_counts_people() -> None:
    public = universe(POLICY, PILOT, 20)
    assert [(c.name, c.least, c.most) for c in public.cohorts] == [("1", 4, 4), ("2", 5, 5), ("3", 5, 5), ("4", 6, 6)]
    assert [(block.name, block.attributes) for block in public.blocks] == [(family.id, (("cell", family.cells),)) for family in OF_PEOPLE]
    assert public.total_n == 20


# What must not be added


def every_data_set(sizes: Sequence[int]) -> np.ndarray:
    return np.array(list(product(*(range(size + 1) for size in sizes))))


def leaks_in(left: np.ndarray, sizes: Sequence[int], groups: Sequence[Sequence[int]]) -> bool:
    """Whether the data sets that are left tell too much of a group, by the definition that the design proof uses."""
    for group in groups:
        had = left[:, [position - 1 for position in group]].sum(axis=1)
        n = sum(sizes[position - 1] for position in group)
        for values in (had, n - had):
            possible = np.bincount(values, minlength=n + 1) > 0
            if any(found.any() for found in leaks_in_values(possible, POLICY.limits).values()):
                return True
    return False


ALL_GROUPS = [group for r in range(1, 5) for group in combinations((1, 2, 3, 4), r)]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data())
def test_any_ranges_added_to_the_plan_are_judged_as_by_trying_every_data_set(data: st.DataObject) -> None:
    sizes = data.draw(cohorts())
    everything = every_data_set(sizes)
    truth = everything[data.draw(st.integers(0, len(everything) - 1))]
    figures = [
        pair_count(int(truth[[p - 1 for p in pair]].sum()), indicator="completed", group=pair, n_public=sum(sizes[p - 1] for p in pair))
        for pair in POLICY.partition
    ]
    for group in data.draw(st.lists(st.sampled_from(ALL_GROUPS), max_size=3)):
        had, n = int(truth[[p - 1 for p in group]].sum()), sum(sizes[p - 1] for p in group)
        lo, hi = data.draw(st.integers(max(0, had - 3), had)), data.draw(st.integers(had, min(n, had + 3)))
        figures.append(counted("completed", group, sizes, lo, hi))
    left = everything
    for figure in figures:
        had = left[:, [p - 1 for p in figure.group]].sum(axis=1)
        left = left[(had >= figure.lo) & (had <= figure.hi)]
    found = verdict(COMPLETION, sizes, figures)
    if leaks_in(left, sizes, [(1,), (2,), (3,), (4,), *(figure.group for figure in figures)]):
        assert found == LEAK
    elif not leaks_in(left, sizes, ALL_GROUPS):
        assert found == SAFE


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.data())
def test_exact_count_of_a_cohort_is_refused(data: st.DataObject) -> None:
    family, indicator = data.draw(st.sampled_from(COUNTED))
    sizes = data.draw(cohorts())
    drawn = {family.id: data.draw(people(family, sizes))}
    position = data.draw(st.integers(1, 4))
    added = counted(indicator.id, (position,), sizes, true_count(family, indicator.id, drawn, (position,)))
    policy = only(family.id)
    assert verdict(policy, sizes, [*plan_figures(policy, sizes, drawn), added]) == LEAK


@settings(max_examples=16, deadline=None, derandomize=True)
@given(st.data())
def test_total_less_all_cohorts_but_one_is_refused(data: st.DataObject) -> None:
    """The complement: a running total before and after a cohort tells of that cohort alone."""
    family, indicator = data.draw(st.sampled_from(PAIRED))
    sizes = data.draw(cohorts())
    drawn = {family.id: data.draw(people(family, sizes))}
    until = data.draw(st.integers(2, 4))
    running = [tuple(range(1, last + 1)) for last in (until - 1, until)]
    added = [counted(indicator.id, group, sizes, true_count(family, indicator.id, drawn, group)) for group in running]
    policy = only(family.id)
    assert verdict(policy, sizes, [*plan_figures(policy, sizes, drawn), *added]) == LEAK


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (2, 0), (2, 5), (4, 2), (9, 11), (8, 11), (7, 5), (3, 10)])
def test_exact_total_beside_a_pair_with_a_coded_end_is_refused_where_it_tells_the_end(first: int, second: int) -> None:
    pairs = [counted_pair(first, (1, 2)), counted_pair(second, (3, 4))]
    assert verdict(COMPLETION, PILOT, pairs) == SAFE
    total = counted("completed", (1, 2, 3, 4), PILOT, first + second)
    codes = [range(int(figure.lo), int(figure.hi) + 1) for figure in pairs]
    possible = [(a, b) for a in codes[0] for b in codes[1] if a + b == first + second]
    told = any(leaks_of_pair({pair[place] for pair in possible}, (9, 11)[place]) for place in (0, 1)) or first + second in (0, 1, 2)
    assert verdict(COMPLETION, PILOT, [*pairs, total]) == (LEAK if told else SAFE)


def leaks_of_pair(values: set[int], n: int) -> bool:
    """Whether the possible counts of a pair are everybody or nobody but an insider, or exactly one or two."""
    return max(values) <= 1 or min(values) >= n - 1 or values in ({1}, {2}) or values in ({n - 1}, {n - 2})


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_two_harmless_ranges_that_meet_in_one_value_are_refused(data: st.DataObject) -> None:
    """As a mean and a standard deviation do: each leaves three values, both leave one."""
    family, indicator = data.draw(st.sampled_from([(f, i) for f, i in PAIRED if not f.sensitive]))
    position, size = data.draw(st.integers(1, 4)), data.draw(st.integers(4, 6))
    value = data.draw(st.integers(2, size - 2))
    sizes = tuple(size if place == position else 5 for place in range(1, 5))
    lower, upper = (counted(indicator.id, (position,), sizes, *ends) for ends in ((value - 2, value), (value, value + 2)))
    policy = only(family.id)
    assert verdict(policy, sizes, [lower, upper]) == LEAK
    assert [verdict(policy, sizes, [one]) for one in (lower, upper) if one.hi >= 2 and one.lo <= size - 2] == [SAFE, SAFE]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.data())
def test_figure_computed_again_with_another_value_is_refused(data: st.DataObject) -> None:
    family = data.draw(st.sampled_from(OF_PEOPLE))
    sizes = data.draw(cohorts())
    policy = only(family.id)
    before, after = (plan_figures(policy, sizes, {family.id: data.draw(people(family, sizes))}) for _ in range(2))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new and old.lo is not None and new.lo is not None]
    assume(changed)
    assert verdict(policy, sizes, [*before, changed[0][1]]) == INCONSISTENT
    assert verdict(policy, sizes, [*before, *before]) == SAFE


@pytest.mark.parametrize("value", [Fraction(12, 5), Fraction(19, 2)])
def test_mean_in_place_of_a_count_is_inconsistent(value: Fraction) -> None:
    assert verdict(POLICY, PILOT, [counted("completed", (1, 2), PILOT, value)]) == INCONSISTENT


def test_both_versions_of_one_indicator_leak_as_often_as_the_page_says() -> None:
    """V1 and V2 together: 54 % of all data sets of 4, 5, 5 and 6 people."""
    outputs: Counter[tuple[CodedFigure, ...]] = Counter()
    for row in every_data_set(PILOT).tolist():
        pairs = [counted_pair(sum(row[p - 1] for p in pair), pair) for pair in POLICY.partition]
        bands = [cohort_band(row[p - 1], bands="half", indicator="completed", group=(p,), n_public=PILOT[p - 1]) for p in (2, 3, 4)]
        outputs[(*pairs, *bands)] += 1
    leaking = sum(n for figures, n in outputs.items() if verdict(COMPLETION, PILOT, figures) == LEAK)
    assert (f"{100 * leaking / outputs.total():.2f}", outputs.total()) == ("54.29", 1260)


def test_sensitive_family_is_audited_for_two_insiders() -> None:
    """Completion is published with two people in its ends, support with three."""
    ends = [counted("completed", (1, 2), PILOT, 0, 2), counted("support_at_six_months", (1, 2), PILOT, 0, 3)]
    assert verdict(POLICY, PILOT, ends) == SAFE
    found = audit_known(POLICY, PILOT, 20, Ledger(), [replace(figure, hi=2, display="0-2 of 9") for figure in ends])
    assert {(kind, finding.target.block) for kind, finding in found.findings} == {
        ("group_none_but_insider", "support"),
        ("group_all_but_insider", "support"),
    }


def test_whatever_tells_of_work_study_service_or_safety_is_sensitive() -> None:
    """As the rule says in words: also a service that the project itself gives after the training."""
    told = {"outcome_bounds", "follow_up_reach", "fair_work_criteria", "support_continuing", "handed_over"}
    sensitive = {family.id for family, indicator in COUNTED if indicator.measure in told}
    assert sensitive == {family.id for family in OF_PEOPLE if family.sensitive} == {"six_months", "support"}


@pytest.mark.parametrize("rule", ["min_candidates", "small", "coalition"])
def test_limits_of_the_policy_are_those_of_the_audit(rule: str) -> None:
    figures = {"min_candidates": ((1,), 1, 3), "small": ((1, 2), 3, 3), "coalition": ((1, 2), 0, 2)}[rule]
    assert verdict(COMPLETION, PILOT, [counted("completed", figures[0], PILOT, *figures[1:])]) == SAFE
    tighter = replace(COMPLETION, limits=replace(COMPLETION.limits, **{rule: getattr(COMPLETION.limits, rule) + 1}))
    assert verdict(tighter, PILOT, [counted("completed", figures[0], PILOT, *figures[1:])]) == LEAK


# One figure


def test_figure_that_shows_nothing_says_nothing() -> None:
    family = POLICY.family_of("completed")
    for status in ("too_few_people", "not_yet", "by_design", "withdrawn"):
        assert fact_of(not_shown("completed", view="pair_count", group=(1, 2), n_public=9, status=status), family) is None
    hours = delivery(Fraction(25, 2), indicator="hours_by_component", group=(1,), n_public=4)
    assert fact_of(hours, POLICY.family_of("hours_by_component")) is None
    assert verdict(POLICY, PILOT, [hours, replace(hours, indicator="hours_by_component of one")]) == SAFE


def test_figure_says_its_range_of_the_people_in_its_cells() -> None:
    family = POLICY.family_of("in_work")
    said = fact_of(counted("in_work", (1, 2), PILOT, 5, 9), family)
    assert said is not None
    assert (said.block, said.cohorts, said.interval) == ("six_months", ("1", "2"), (5, 9))
    assert dict(said.where) == {"cell": ("other_work", "other_work_next_service", "fair_work", "fair_work_next_service")}


def test_people_told_as_if_they_were_hours_are_refused() -> None:
    hidden = delivery(3, indicator="in_work", group=(2,), n_public=5)
    with pytest.raises(DisclosureError, match="in_work"):
        verdict(POLICY, PILOT, [hidden])


def test_mean_is_refused() -> None:
    means = replace(POLICY.family_of("completed"), view="pair_mean", cells=("1", "2", "3", "4", "5"))
    with pytest.raises(DisclosureError) as raised:
        fact_of(pair_mean(Fraction(12, 5), indicator="completed", group=(1, 2), n_public=9), means)
    assert raised.value.key == "view_without_code"


def test_indicator_that_is_not_in_the_policy_is_refused() -> None:
    figure = counted("completed", (1, 2), PILOT, 4)
    with pytest.raises(ConfigurationError, match="completed"):
        verdict(POLICY, PILOT, [replace(figure, indicator="complted")])


def test_cohort_without_a_size_is_refused() -> None:
    with pytest.raises(DisclosureError):
        verdict(POLICY, PILOT[:2], [counted("completed", (3, 4), PILOT, 4)])


# The ledger


def test_what_was_withdrawn_no_longer_stands_but_stays_known(tmp_path: Path) -> None:
    early, other, late = counted_pair(4, (1, 2)), counted("support_at_six_months", (1, 2), PILOT, 5), counted_pair(6, (3, 4))
    release(tmp_path / "ledger.jsonl", [early, other])
    assert standing(read_ledger(tmp_path / "ledger.jsonl")) == published(read_ledger(tmp_path / "ledger.jsonl")) == (early, other)
    append(tmp_path / "ledger.jsonl", kind="withdrawal", who="A", when="2022", content={"indicator": "completed"})
    assert standing(read_ledger(tmp_path / "ledger.jsonl")) == (other,)
    ledger = release(tmp_path / "ledger.jsonl", [late])
    assert standing(ledger) == (other, late)
    assert published(ledger) == (early, other, late)
    assert verdict(POLICY, PILOT, [], ledger) == SAFE
    assert verdict(POLICY, PILOT, [counted_pair(5, (1, 2))], ledger) == INCONSISTENT
    assert verdict(POLICY, PILOT, [counted("completed", (1,), PILOT, 0, 2)], ledger) == SAFE
    assert verdict(POLICY, PILOT, [counted("completed", (1,), PILOT, 0, 1)], ledger) == LEAK


def test_new_figure_is_judged_together_with_those_published_before(tmp_path: Path) -> None:
    total = counted("completed", (1, 2, 3, 4), PILOT, 16)
    assert verdict(POLICY, PILOT, [counted_pair(6, (1, 2)), total]) == LEAK
    ledger = release(tmp_path / "ledger.jsonl", [counted_pair(6, (1, 2))])
    assert verdict(POLICY, PILOT, [], ledger) == verdict(POLICY, PILOT, [total]) == SAFE
    assert verdict(POLICY, PILOT, [total], ledger) == LEAK
