"""What the audit does not understand or cannot prove is an error, never a safe release; and it tells no value by itself."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure import bounds, sums
from ikut_eval.disclosure.audit import audit
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.universe import Block, CohortSize, Fact, Universe
from tests.attacks.scenarios import attacks, audited

LIMITS = load_policy().limits
UNIVERSE = Universe((CohortSize("c1", 4, 4), CohortSize("c2", 5, 5)), (Block("work", (("employed", ("no", "yes")),)),), total_n=9)
COUNT = Fact("count", ("c1", "c2"), "work", (("employed", ("yes",)),), value=Fraction(5))


@pytest.fixture
def solver_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    caches = (sums.join_tree, sums.values_of, sums.multisets)
    monkeypatch.setattr(sums, "MOST_PAIRS", 0)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"stat": "quantile"}, "audit_unknown_name"),
        ({"cohorts": ("c9",)}, "audit_unknown_name"),
        ({"block": "health"}, "audit_unknown_name"),
        ({"where": (("employed", ("perhaps",)),)}, "audit_unknown_name"),
        ({"where": (("unemployed", ("yes",)),)}, "audit_unknown_name"),
        ({"stat": "mean", "attribute": "employed", "where": ()}, "audit_not_a_number"),
    ],
    ids=["statistic", "cohort", "block", "code", "attribute", "mean of words"],
)
def test_figure_that_is_not_understood_stops_the_audit(change: dict[str, Any], key: str) -> None:
    with pytest.raises(DisclosureError) as caught:
        audit(UNIVERSE, [replace(COUNT, **change)], limits=LIMITS)
    assert (caught.value.key, caught.value.exit_code) == (key, 13)


@pytest.mark.usefixtures("solver_only")
def test_solver_without_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    milp = bounds.milp
    monkeypatch.setattr(bounds, "milp", lambda *given, **named: SimpleNamespace(**(milp(*given, **named) | {"status": bounds.STOPPED})))
    with pytest.raises(DisclosureError) as caught:
        audit(UNIVERSE, [COUNT], limits=LIMITS, seconds=1)
    assert caught.value.key == "audit_not_finished"


@pytest.mark.usefixtures("solver_only")
@pytest.mark.parametrize(
    "wrong",
    [{"status": 4}, {"x": None}, {"mip_dual_bound": -7.0}, {"x": np.zeros(4)}, {"x": np.array([2.0, 2.0, 1.0, 4.0])}],
    ids=["numerical trouble", "no table", "bound not reached", "tables too small", "tables that do not fit"],
)
def test_solver_answer_that_does_not_stand_the_check_is_an_error(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]) -> None:
    milp = bounds.milp
    monkeypatch.setattr(bounds, "milp", lambda *given, **named: SimpleNamespace(**(milp(*given, **named) | wrong)))
    with pytest.raises(DisclosureError) as caught:
        audit(UNIVERSE, [COUNT], limits=LIMITS)
    assert caught.value.key == "audit_not_proved"


def test_public_sizes_that_do_not_add_up_are_inconsistent() -> None:
    assert audit(replace(UNIVERSE, total_n=10), [], limits=LIMITS).verdict == "inconsistent"


@pytest.mark.parametrize("scenario", [pytest.param(s, id=s["id"]) for s in attacks()["scenarios"] if s["expected"]["verdict"] == "leak"])
def test_nothing_that_is_concluded_shows_by_itself(scenario: dict[str, Any]) -> None:
    found = audited(scenario["id"])
    assert "low" not in repr(found) + repr(found.findings) + repr(found.bounds)
    frame = found.to_frame()
    assert len(frame) == len(found.bounds)
    assert frame["findings"].ne("").any()
