"""Each attack gets the verdict, the finding and the exact bounds that the scenario states, and a safe release none."""

from fractions import Fraction

import pytest

from ikut_eval.disclosure.audit import audit
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.universe import Block, CohortSize, Fact, Universe
from tests.attacks.scenarios import Scenario, attacks, audited, limits_of, target_of

SCENARIOS = [pytest.param(scenario, id=scenario["id"]) for scenario in attacks()["scenarios"]]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_verdict(scenario: Scenario) -> None:
    assert audited(scenario["id"]).verdict == scenario["expected"]["verdict"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_stated_finding_with_its_bounds(scenario: Scenario) -> None:
    found = {(found.target.where, found.target.cohorts, found.target.weight, kind, found.low, found.high) for kind, found in audited(scenario["id"]).findings}
    stated = [(target_of(must["target"]), must) for must in scenario["expected"]["must_find"]]
    assert {(target.where, target.cohorts, target.weight, must["type"], must["lo"], must["hi"]) for target, must in stated} <= found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_found_without_being_told_what_to_look_for(scenario: Scenario) -> None:
    assert audited(scenario["id"], by_default=True).verdict == scenario["expected"]["verdict"]


def test_limits_of_the_scenarios_are_those_of_the_policy() -> None:
    assert limits_of({}) == load_policy().limits


def test_small_group_left_between_two_published_ones_is_looked_at() -> None:
    """c, d and e are told apart from a and b by a difference; c has a figure of its own, so that they are not one group to the figures."""
    sizes = {"a": 6, "b": 6, "c": 2, "d": 2, "e": 2}
    universe = Universe(tuple(CohortSize(name, n, n) for name, n in sizes.items()), (Block("b", (("work", ("no", "yes")),)),))
    where = (("work", ("yes",)),)
    facts = [Fact("count", tuple(group), "b", where, value=Fraction(k)) for group, k in (("abcde", 9), ("ab", 6))]
    found = audit(universe, [*facts, Fact("count", ("c",), "b", where)], limits=load_policy().limits)
    assert (("c", "d", "e"), "exact", 3, 3) in {(f.target.cohorts, kind, f.low, f.high) for kind, f in found.findings if f.target.where == where}


def test_range_that_leaves_enough_values_is_safe_beside_the_figure_of_both() -> None:
    public = Universe((CohortSize("c1", 4, 4), CohortSize("c2", 5, 5)), (Block("b", (("work", ("no", "yes")),)),))
    where = (("work", ("yes",)),)
    figures = [Fact("count", ("c1", "c2"), "b", where, value=Fraction(5)), Fact("count", ("c1",), "b", where, least=Fraction(0), most=Fraction(2))]
    assert audit(public, figures, limits=load_policy().limits).verdict == "safe"
