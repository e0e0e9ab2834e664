"""What all measure tables share, and that `measures.toml` tells of each and of nothing else."""

import inspect

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.measure_catalogue import measure_catalogue
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import MEASURES, Build

SHARED = ["measure", "cohort_id", "wave", "group", "numerator", "denominator", "n_missing", "value", "unit"]
NO_TABLE = {"primary_change", "situation", "scale_scores", "follow_ups_due", "item_answers", "still_to_come", "weeks_in_training"}
"""Functions of a pilot that list people and no counts."""
FREE_VALUE = {"minutes_late", "attendance_spread", "score_summary", "attended_hours", "delivered_hours", "weekly_group_hours", "outcome_bounds"}
"""Measures whose value is a median or hours, or is left out; the others' value is the share."""
MAY_EXCEED = {"participants", "delivered_hours", "weekly_group_hours"}
"""Measures beside a plan that more than what was planned may come to."""


@pytest.fixture(scope="module")
def tables(synthetic: PilotData) -> dict[str, pd.DataFrame]:
    changes = [ikut.paired_change(ikut.scale_scores(synthetic.cohort(c), "who5")).to_frame() for c in synthetic.cohort_ids]
    return {name: measure(synthetic) for name, measure in MEASURES.items()} | {"paired_change": pd.concat(changes)}


NAMES = [*MEASURES, "paired_change"]


@pytest.mark.parametrize("name", NAMES)
def test_shared_columns_come_first_in_one_order(tables: dict[str, pd.DataFrame], name: str) -> None:
    assert list(tables[name].columns[:9]) == SHARED


@pytest.mark.parametrize("name", NAMES)
def test_columns_have_fixed_types(tables: dict[str, pd.DataFrame], name: str) -> None:
    table = tables[name]
    counted = "Float64" if set(table["unit"]) == {"hours"} else "Int64"
    expected = dict.fromkeys(SHARED, "str") | {"numerator": counted, "denominator": counted, "n_missing": "Int64", "value": "Float64"}
    extra = dict.fromkeys(table.columns[9:], counted) | ({"versions": "str"} if "versions" in table else {})
    assert table.dtypes.astype("str").to_dict() == expected | extra


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_possible(tables: dict[str, pd.DataFrame], name: str) -> None:
    table = tables[name]
    assert (table["numerator"] >= 0).all()
    assert (table["n_missing"] >= 0).all()
    beside = table[~table["measure"].isin(MAY_EXCEED)]
    assert (beside["numerator"] <= beside["denominator"]).all()


@pytest.mark.parametrize("name", NAMES)
def test_share_is_the_quotient_of_its_counts(tables: dict[str, pd.DataFrame], name: str) -> None:
    table = tables[name].loc[lambda t: ~t["measure"].isin(FREE_VALUE)]
    expected = (table["numerator"].astype("float64") / table["denominator"].astype("float64")).tolist()
    assert table["value"].astype("float64").tolist() == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("name", NAMES)
def test_unit_is_the_catalogues(tables: dict[str, pd.DataFrame], name: str) -> None:
    known = measure_catalogue()
    assert {(m, u) for m, u in zip(tables[name]["measure"], tables[name]["unit"], strict=True)} <= {(m.id, m.unit) for m in known.values()}


@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_one_group(tables: dict[str, pd.DataFrame], name: str) -> None:
    keys = ["measure", "cohort_id", "wave", "group", *(["at_least"] if name.startswith("group_viability") else [])]
    assert not tables[name].duplicated(keys).any()


@pytest.mark.parametrize("name", NAMES)
def test_cohorts_are_in_order_of_their_first_day(tables: dict[str, pd.DataFrame], name: str) -> None:
    assert list(dict.fromkeys(tables[name]["cohort_id"])) == ["C1", "C2", "C3", "C4"]


def test_catalogue_and_functions_tell_of_the_same_measures(tables: dict[str, pd.DataFrame]) -> None:
    made = {(measure, name.split(" ")[0]) for name, table in tables.items() for measure in set(table["measure"])}
    assert made == {(m.id, m.function) for m in measure_catalogue().values()}


def test_every_function_of_a_pilot_is_tested_here() -> None:
    public = {name for name in ikut.__all__ if next(iter(_parameters(name)), "") == "pilot" and not name.startswith(("plot_", "title"))}
    assert public == {name.split(" ")[0] for name in MEASURES} | NO_TABLE


def _parameters(name: str) -> list[str]:
    found = getattr(ikut, name)
    return list(inspect.signature(found).parameters) if inspect.isfunction(found) else []


def test_pilot_without_cohorts_gives_empty_tables(build: Build) -> None:
    nothing = build(cohort=[], participant=[])
    assert {name: len(measure(nothing)) for name, measure in MEASURES.items()} == dict.fromkeys(MEASURES, 0)
