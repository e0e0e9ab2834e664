"""The internal bundle tells every figure exactly, of cohorts and never of a person."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package, system

import ikut_eval as ikut
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.measure_catalogue import measure_catalogue
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.data.writing import write_csv_folder
from ikut_eval.release.internal import build_internal
from ikut_eval.release.package import bundle_schema
from ikut_eval.release.store import Bundle, read_bundle
from tests.conftest import MARKER, marked_rows

Tables = Mapping[str, pd.DataFrame]
COHORTS = ("C1", "C2", "C3", "C4")


def built(pilot: PilotData, folder: Path) -> Bundle:
    build_internal(pilot, folder, about={"for": "a test"}, plan=ikut.AnalysisPlan())
    return read_bundle(folder, audience="internal")


def tables_of(bundle: Bundle) -> Tables:
    return {name: bundle.table(name) for name in bundle.schemas}


@pytest.fixture(scope="module")
def pilot() -> PilotData:
    return read_pilot("synthetic")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, pilot: PilotData) -> Path:
    place = tmp_path_factory.mktemp("bundles") / "internal"
    build_internal(pilot, place, about={"for": "a test"}, plan=ikut.AnalysisPlan())
    return place


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    return read_bundle(folder, audience="internal")


@pytest.fixture(scope="module")
def tables(bundle: Bundle) -> Tables:
    return tables_of(bundle)


@pytest.fixture(scope="module")
def measures(tables: Tables) -> pd.DataFrame:
    return tables["measures"]


def row(frame: pd.DataFrame, **wanted: object) -> pd.Series:
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def csv_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def test_bundle_says_what_it_is_of(bundle: Bundle, pilot: PilotData) -> None:
    assert (bundle.data_date, bundle.synthetic, dict(bundle.about)) == (pilot.reporting_date, True, {"for": "a test"})
    assert list(bundle.schemas) == ["cohorts", "measures", "changes", "item_shifts", "transitions"]


def test_who_people_are_what_was_noted_and_the_order_of_rows_change_no_byte(folder: Path, tmp_path: Path) -> None:
    """The same people under other ids, with a marker in every id and note, their rows in another order."""
    write_csv_folder(tmp_path / "data", load_contract(), marked_rows(), language="en")
    marked = read_pilot(tmp_path / "data")
    assert all(MARKER in frame.to_csv() for frame in (marked["participant"], marked["session"], marked["need"]))
    turned = replace(marked, tables={name: frame.sample(frac=1, random_state=7) for name, frame in marked.tables.items()}, synthetic=True)
    build_internal(turned, tmp_path / "internal", about={"for": "a test"}, plan=ikut.AnalysisPlan())
    written = {path.name: path.read_bytes() for path in (tmp_path / "internal").iterdir()}
    assert [name for name, content in written.items() if MARKER.encode() in content] == []
    assert written == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_text_is_a_known_code(tables: Tables, pilot: PilotData) -> None:
    lists = pilot.contract.code_lists
    codes = {code for each in lists.values() for code in (each.name, *each.codes)} | set(measure_catalogue()) | {*COHORTS, "all", "", "unknown"}
    codes |= {"cohort", "week", "month", "outcome", "plan", "planned", "held", "share", "count", "points", "minutes", "hours", *map(str, range(1, 13))}
    codes |= {"in_work", "in_work_trial", "in_study", "fair_work", "seeking_work", "next_service", "other", "not_known", "not_yet"}
    codes |= {"mean_change", "nobody", "always", "never", "from"}
    found = {text for frame in tables.values() for name in frame.select_dtypes("str") for text in frame[name]}
    assert found - codes == set()


def test_every_measure_is_there(measures: pd.DataFrame) -> None:
    assert set(measures["measure"]) == set(measure_catalogue()) - {"paired_change"}


def test_a_figure_is_there_once(measures: pd.DataFrame) -> None:
    keys = ["measure", "cohort_id", "wave", "by", "group", "threshold"]
    assert not measures.duplicated(keys).any()


def test_cohorts_tell_plan_and_people(tables: Tables) -> None:
    cohorts = tables["cohorts"]
    assert cohorts[["cohort_id", "people", "planned_places", "data_refused"]].to_numpy().tolist() == [
        ["C1", 4, 5, 0],
        ["C2", 5, 5, 0],
        ["C3", 5, 5, 0],
        ["C4", 6, 6, 0],
    ]
    assert cohorts["emphasis"].tolist() == ["base", *["everyday_wellbeing"] * 3]


@pytest.mark.parametrize("outcome", ["in_work", "fair_work", "next_service"])
def test_bounds_reach_from_the_least_to_the_most(outcome: str, measures: pd.DataFrame, pilot: PilotData) -> None:
    for own in ikut.with_interval(ikut.outcome_bounds(pilot, outcome)).itertuples():
        told = row(measures, measure="outcome_bounds", wave="m6", group=outcome, cohort_id=own.cohort_id)
        assert (told["at_least"], told["at_most"], told["n_not_yet"], pd.isna(told["value"])) == (own.at_least, own.at_most, own.n_not_yet, True)
        assert (told["lower"], told["upper"]) == pytest.approx((own.lower, own.upper))


def test_all_cohorts_are_the_sum_with_an_interval_of_their_own(measures: pd.DataFrame, pilot: PilotData) -> None:
    reach = ikut.follow_up_reach(pilot)
    m6 = reach[reach["wave"] == "m6"]
    told = row(measures, measure="follow_up_reach", wave="m6", cohort_id="all")
    assert [told[c] for c in ("numerator", "denominator", "n_missing", "n_not_yet")] == m6[
        ["numerator", "denominator", "n_missing", "n_not_yet"]
    ].sum().tolist()
    assert told["value"] == pytest.approx(told["numerator"] / told["denominator"])
    assert (told["lower"], told["upper"]) == pytest.approx(ikut.clopper_pearson(int(told["numerator"]), int(told["denominator"])))
    together = row(measures, measure="outcome_bounds", wave="m6", group="in_work", cohort_id="all")
    assert (together["at_least"] < together["at_most"], pd.isna(together["value"])) == (True, True)


@pytest.mark.parametrize("measure", ["attendance_rate", "attendance_rate_b"])
@pytest.mark.parametrize("cohort", COHORTS)
def test_attendance_has_the_interval_over_people(measure: str, cohort: str, measures: pd.DataFrame, pilot: PilotData) -> None:
    people = ikut.attendance_rate(pilot.cohort(cohort), by="person").loc[lambda t: t["measure"] == measure]
    own = ikut.clustered_rate(people["numerator"].tolist(), people["denominator"].tolist())
    told = row(measures, measure=measure, by="cohort", cohort_id=cohort)
    assert (told["value"], told["lower"], told["upper"]) == pytest.approx((own.estimate, own.interval().lower, own.interval().upper))


def test_sessions_have_no_interval_as_if_they_were_people(measures: pd.DataFrame) -> None:
    with_one = set(measures.loc[measures["lower"].notna(), "measure"])
    assert with_one.isdisjoint({"group_viability", "notification_rate", "late_share", "attended_hours", "delivered_hours", "score_summary", "participants"})
    assert measures.loc[measures["measure"].eq("attendance_rate") & measures["by"].ne("cohort"), "lower"].isna().all()


def test_changes_are_those_of_the_same_people(tables: Tables, pilot: PilotData) -> None:
    for cohort in COHORTS:
        own = ikut.paired_change(ikut.scale_scores(pilot.cohort(cohort), "rights_awareness"))
        told = row(tables["changes"], instrument="rights_awareness", cohort_id=cohort)
        assert [told[c] for c in ("n_paired", "improved", "same", "worse")] == [own.n_paired, own.improved, own.same, own.worse]
        test = own.exact_test()
        assert (told["p"], told["p_floor"]) == pytest.approx((test.p, test.p_floor))
        assert own.telling_interval(test, 0.95) is None
        assert told[["lower", "upper"]].isna().all()
        assert told["highest_level"] == pytest.approx(test.highest_level)
    whole = ikut.paired_change(ikut.scale_scores(pilot, "rights_awareness"))
    told, found = row(tables["changes"], instrument="rights_awareness", cohort_id="all"), whole.telling_interval(whole.exact_test(), 0.95)
    assert found is not None
    assert (told["lower"], told["upper"], told["alpha"]) == pytest.approx((found.lower, found.upper, 0.05))


def test_one_persons_change_is_not_told_as_a_mean(tables: Tables) -> None:
    alone = tables["changes"].loc[lambda t: t["n_paired"] < 2]
    assert len(alone) > 0
    assert (
        alone[["mean", "median", "estimate", "lower", "upper", "highest_level", "p", "p_floor", "tipping", "tipping_from"]]
        .replace("", pd.NA)
        .isna()
        .all(axis=None)
    )
    assert alone["improved"].notna().all()


def test_statements_shift_as_counted(tables: Tables, pilot: PilotData) -> None:
    own = ikut.item_shift(ikut.item_answers(pilot.cohort("C2"), "rights_awareness")).to_frame().set_index("item")
    told = tables["item_shifts"].loc[lambda t: (t["cohort_id"] == "C2") & (t["instrument"] == "rights_awareness")].set_index("item")
    assert told[["n_paired", "improved", "same", "worse"]].to_numpy().tolist() == own[["n", "rose", "same", "fell"]].to_numpy().tolist()
    assert told["p_holm"].tolist() == pytest.approx(own["p_holm"].tolist())


def test_transitions_count_everybody_once(tables: Tables, pilot: PilotData) -> None:
    moved = tables["transitions"]
    people = moved.groupby(["cohort_id", "end"])["people"].sum()
    assert {key: int(n) for key, n in people.items()} == {(c, end): n for c, n in zip(COHORTS, (4, 5, 5, 6), strict=True) for end in ("m3", "m6", "m12")}
    work = moved[(moved["end"] == "m6") & (moved["after"] == "in_work")].groupby("cohort_id")["people"].sum()
    known = ikut.outcome_bounds(pilot, "in_work").set_index("cohort_id")["numerator"]
    assert {c: int(work.get(c, 0)) for c in COHORTS} == known.to_dict()


@pytest.mark.parametrize("case", ["tiny", "empty"])
def test_two_people_and_nobody_have_a_bundle_that_other_tools_find_sound(case: str, tmp_path: Path) -> None:
    tables = tables_of(built(read_pilot(f"synthetic:{case}"), tmp_path / "internal"))
    assert tables["cohorts"]["people"].tolist() == [2 if case == "tiny" else 0]
    assert set(tables["measures"]["measure"]) == set(measure_catalogue()) - {"paired_change"}
    assert tables["changes"]["n_paired"].max() == tables["cohorts"]["people"].sum()
    assert (tables["transitions"]["people"].sum() == 0) == (case == "empty")
    with system.use_context(trusted=True):
        report = Package(str(tmp_path / "internal" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "note"])


def test_tables_and_columns_have_their_words() -> None:
    for schema in bundle_schema().values():
        columns = schema["schema"]["fields"]
        described = [each[kind] for each in (schema, *columns) for kind in ("titles", "descriptions")]
        assert all(set(words) == set(LANGUAGES) for words in described)
        assert all(text and text.strip() == text for words in described for text in words.values())
        for language in LANGUAGES:
            assert len({column["titles"][language] for column in columns}) == len(columns)
