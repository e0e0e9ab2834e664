"""The exact interval of a rate of few people, and the tables that it refuses."""

import json
from fractions import Fraction
from math import comb
from pathlib import Path

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.measure_catalogue import measure_catalogue
from ikut_eval.data.pilot import PilotData, read_pilot
from tests.measures.conftest import MEASURES

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "clopper_pearson.json").read_text(encoding="utf-8"))
RATES, BOUNDS = REFERENCE["rates"], REFERENCE["bounds"]


@pytest.fixture(scope="module")
def pilot() -> PilotData:
    return read_pilot("synthetic")


@pytest.mark.parametrize("case", RATES, ids=[c["id"] for c in RATES])
def test_agrees_with_other_software(case: dict[str, float]) -> None:
    found = ikut.clopper_pearson(case["k"], case["n"], level=case["level"])
    assert found == pytest.approx((case["lower"], case["upper"]), abs=case["tolerance"])


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        pytest.param(4, 4, 0.025 ** (1 / 4), 1, id="4 of 4: the fourth root of 0.025 is 0.398"),
        pytest.param(0, 4, 0, 1 - 0.025 ** (1 / 4), id="0 of 4: its mirror"),
        pytest.param(1, 1, 0.025, 1, id="1 of 1"),
        pytest.param(0, 1, 0, 0.975, id="0 of 1"),
        pytest.param(0, 22, 0, 1 - 0.025 ** (1 / 22), id="0 of 22"),
        pytest.param(0, 0, 0, 1, id="nobody: nothing is known"),
    ],
)
def test_ends_in_closed_form(k: int, n: int, low: float, high: float) -> None:
    assert ikut.clopper_pearson(k, n) == pytest.approx((low, high), abs=1e-12)


def test_four_of_four_is_40_to_100_per_cent() -> None:
    low, high = ikut.clopper_pearson(4, 4)
    assert (round(low, 3), high) == (0.398, 1.0)


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_coverage_is_never_below_the_level(n: int, level: float) -> None:
    """For every true share in steps of 1/200 the exact chance of an interval that holds it, by enumeration."""
    intervals = [ikut.clopper_pearson(k, n, level=level) for k in range(n + 1)]
    for step in range(201):
        p = Fraction(step, 200)
        covered = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k, (low, high) in enumerate(intervals) if low <= p <= high)
        assert covered >= Fraction(str(level))


@pytest.mark.parametrize("n", range(1, 9))
def test_mirror_image(n: int) -> None:
    for k in range(n + 1):
        low, high = ikut.clopper_pearson(k, n)
        assert ikut.clopper_pearson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize(("k", "n"), [pytest.param(-1, 4, id="below 0"), pytest.param(5, 4, id="more than all"), pytest.param(0, -1, id="fewer than nobody")])
def test_impossible_counts_are_refused(k: int, n: int) -> None:
    with pytest.raises(UsageError, match="0 ≤ k ≤ n"):
        ikut.clopper_pearson(k, n)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_impossible_level_is_refused(level: float) -> None:
    with pytest.raises(UsageError, match=r"0\.95"):
        ikut.clopper_pearson(1, 4, level=level)


CATALOGUE = measure_catalogue()


@pytest.mark.parametrize("measure", [measure.id for measure in CATALOGUE.values() if measure.counts != "people"])
def test_counts_of_sessions_and_hours_are_refused(measure: str) -> None:
    """Whatever the catalogue says counts no people gets no binomial interval, also among rows that count people."""
    rows = pd.DataFrame({"measure": ["completion", measure], "numerator": [3, 3], "denominator": [4, 4]})
    assert len(ikut.with_interval(rows[:1])) == 1
    with pytest.raises(UsageError, match="count sessions, not participants"):
        ikut.with_interval(rows)


@pytest.mark.parametrize("name", MEASURES)
def test_only_tables_of_people_get_an_interval(pilot: PilotData, name: str) -> None:
    """Every measure function's own table is refused or not as the catalogue says of its measures."""
    table = MEASURES[name](pilot)
    if not {"measure", "numerator", "denominator"} <= set(table):
        return
    kinds = {CATALOGUE[measure].counts for measure in table["measure"]}
    if kinds <= {"people"}:
        assert {"lower", "upper"} <= set(ikut.with_interval(table))
    else:
        with pytest.raises(UsageError, match="count sessions, not participants"):
            ikut.with_interval(table)


def test_measure_that_is_not_in_the_catalogue_is_refused() -> None:
    with pytest.raises(UsageError, match="measure"):
        ikut.with_interval(pd.DataFrame({"measure": ["visits"], "numerator": [3], "denominator": [4]}))


@pytest.mark.parametrize("name", ["needs_met", "knowledge_answers", "fair_work_criteria at m6", "follow_up_reach", "completion"])
def test_every_rate_of_people_gets_an_interval_around_it(pilot: PilotData, name: str) -> None:
    table = ikut.with_interval(MEASURES[name](pilot))
    known = table.dropna(subset=["value"])
    assert len(known)
    assert ((known["lower"] <= known["value"]) & (known["value"] <= known["upper"])).all()


def test_nobody_gets_the_whole_range() -> None:
    table = ikut.with_interval(ikut.needs_met(read_pilot("synthetic:empty")))
    assert set(zip(table["lower"], table["upper"], strict=True)) == {(0.0, 1.0)}


@pytest.mark.parametrize("case", BOUNDS, ids=[c["id"] for c in BOUNDS])
def test_people_not_reached_widen_the_interval(pilot: PilotData, case: dict[str, float]) -> None:
    """From the lower end for none of the unreached to the upper end for all of them."""
    bounds = ikut.outcome_bounds(pilot.cohort("C1"), "in_work").astype("object")
    bounds[["numerator", "at_least", "at_most", "denominator"]] = case["at_least"], case["at_least"], case["at_most"], case["n"]
    row = ikut.with_interval(bounds, level=case["level"]).iloc[0]
    assert (row["lower"], row["upper"]) == pytest.approx((case["lower"], case["upper"]), abs=case["tolerance"])
