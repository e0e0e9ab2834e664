"""What the audit does not understand or cannot prove is an error, never a safe release; and it tells no value by itself."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure import bounds, sums
from ikut_eval.disclosure.audit import audit
from ikut_eval.disclosure.findings import AuditPolicy
from ikut_eval.disclosure.universe import Universe, read_releases, read_universe
from tests.attacks.scenarios import attacks, run

COUNT = {"stat": "count", "block": "work", "cohorts": ["c1", "c2"], "where": {"employed": ["yes"]}, "value": 5}


@pytest.fixture
def universe() -> Universe:
    return read_universe({"cohorts": {"c1": {"n": 4}, "c2": {"n": 5}}, "blocks": {"work": {"attributes": {"employed": ["no", "yes"]}}}, "total_n": 9})


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
        ({"cohorts": ["c9"]}, "audit_unknown_name"),
        ({"block": "health"}, "audit_unknown_name"),
        ({"where": {"employed": ["perhaps"]}}, "audit_unknown_name"),
        ({"where": {"unemployed": ["yes"]}}, "audit_unknown_name"),
        ({"note": "1–2 people"}, "audit_unknown_name"),
        ({"stat": "mean", "attr": "employed", "where": {}}, "audit_not_a_number"),
        ({"range": [0, 2]}, "audit_no_value"),
    ],
    ids=["statistic", "cohort", "block", "code", "attribute", "key", "mean of words", "value and range"],
)
def test_figure_that_is_not_understood_stops_the_audit(universe: Universe, change: dict[str, Any], key: str) -> None:
    with pytest.raises(DisclosureError) as caught:
        audit(universe, read_releases([{"id": "r", "facts": [COUNT | change]}]))
    assert (caught.value.key, caught.value.exit_code) == (key, 13)


def test_figure_without_value_or_range_stops_the_audit(universe: Universe) -> None:
    with pytest.raises(DisclosureError, match="count"):
        audit(universe, read_releases([{"id": "r", "facts": [{key: COUNT[key] for key in ("stat", "block", "cohorts", "where")}]}]))


@pytest.mark.usefixtures("solver_only")
def test_solver_without_time_is_an_error(universe: Universe, monkeypatch: pytest.MonkeyPatch) -> None:
    milp = bounds.milp
    monkeypatch.setattr(bounds, "milp", lambda *given, **named: SimpleNamespace(**(milp(*given, **named) | {"status": bounds.STOPPED})))
    with pytest.raises(DisclosureError) as caught:
        audit(universe, read_releases([{"id": "r", "facts": [COUNT]}]), policy=AuditPolicy(seconds=1))
    assert caught.value.key == "audit_not_finished"


@pytest.mark.usefixtures("solver_only")
@pytest.mark.parametrize(
    "wrong",
    [{"status": 4}, {"x": None}, {"mip_dual_bound": -7.0}, {"x": np.zeros(4)}, {"x": np.array([2.0, 2.0, 1.0, 4.0])}],
    ids=["numerical trouble", "no table", "bound not reached", "tables too small", "tables that do not fit"],
)
def test_solver_answer_that_does_not_stand_the_check_is_an_error(universe: Universe, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]) -> None:
    milp = bounds.milp
    monkeypatch.setattr(bounds, "milp", lambda *given, **named: SimpleNamespace(**(milp(*given, **named) | wrong)))
    with pytest.raises(DisclosureError) as caught:
        audit(universe, read_releases([{"id": "r", "facts": [COUNT]}]))
    assert caught.value.key == "audit_not_proved"


def test_public_sizes_that_do_not_add_up_are_inconsistent() -> None:
    public = {"cohorts": {"c1": {"n": 4}}, "blocks": {"work": {"attributes": {"employed": ["no", "yes"]}}}, "total_n": 5}
    assert audit(read_universe(public), []).verdict == "inconsistent"


@pytest.mark.parametrize("scenario", [pytest.param(s, id=s["id"]) for s in attacks()["scenarios"] if s["expected"]["verdict"] == "leak"])
def test_nothing_that_is_concluded_shows_by_itself(scenario: dict[str, Any]) -> None:
    found = run(scenario)
    assert "low" not in repr(found) + repr(found.findings) + repr(found.bounds)
    frame = found.to_frame()
    assert len(frame) == len(found.bounds)
    assert frame["findings"].ne("").any()
