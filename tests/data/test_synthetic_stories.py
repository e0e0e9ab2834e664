"""The synthetic pilot is the same for the same seed, and has the stories of the real one."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.schema import Contract
from ikut_eval.data.pilot import PilotData, open_source, read_pilot, validate
from ikut_eval.data.reading import data_digest, read_source
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.writing import write_synthetic


@pytest.fixture(scope="module")
def pilot() -> PilotData:
    return read_pilot("synthetic")


def content(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(path.iterdir())} if path.is_dir() else {path.name: path.read_bytes()}


@pytest.mark.parametrize("name", ["pilot.xlsx", "pilot"], ids=["workbook", "csv"])
@pytest.mark.parametrize("case", ["ordinary", "messy"])
def test_same_seed_gives_the_same_bytes(case: str, name: str, contract: Contract, tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        write_synthetic(tmp_path / place / name, contract, case=case, seed=5, language="fi")
    assert content(tmp_path / "one" / name) == content(tmp_path / "two" / name)


def test_other_seed_gives_another_pilot(contract: Contract) -> None:
    assert synthetic_rows(contract, seed=1) != synthetic_rows(contract, seed=2)


def test_the_default_seed_is_that_of_the_shipped_pilot(contract: Contract, tmp_path: Path, pilot: PilotData) -> None:
    write_synthetic(tmp_path / "pilot", contract, case="ordinary", seed=None, language="en")
    stored = read_pilot(tmp_path / "pilot")
    assert all(stored[name].equals(pilot[name]) for name in pilot.tables)


def test_cohorts_have_four_five_five_and_six_people(pilot: PilotData) -> None:
    assert pilot["participant"].groupby("cohort_id").size().to_dict() == {"C1": 4, "C2": 5, "C3": 5, "C4": 6}


@pytest.mark.parametrize(("cohort", "first", "last"), [("C1", date(2021, 8, 30), date(2021, 11, 12)), ("C4", date(2022, 8, 29), date(2022, 11, 4))])
def test_public_dates_are_as_they_were(cohort: str, first: date, last: date, pilot: PilotData) -> None:
    row = pilot["cohort"].set_index("cohort_id").loc[cohort]
    assert (row["start_date"].date(), row["end_date"].date()) == (first, last)


def test_first_cohort_spans_eleven_calendar_weeks_for_ten_of_the_design(pilot: PilotData) -> None:
    group = pilot.cohort("C1")["session"].loc[lambda s: s["mode"] == "group"]
    assert set(group["week"]) == set(range(1, 11))
    assert (group["date"].max().isocalendar().week - group["date"].min().isocalendar().week) == 10


def came_to_group_sessions(pilot: PilotData, cohort: str) -> list[int]:
    group = pilot.cohort(cohort)
    held = group["session"].loc[lambda s: (s["mode"] == "group") & (s["status"] == "held"), "session_id"]
    came = group["attendance"].loc[lambda a: a["status"].isin(["present", "late"])].groupby("session_id").size()
    return came.reindex(held, fill_value=0).tolist()


def test_sometimes_one_person_came_to_a_group_of_the_first_cohort(pilot: PilotData) -> None:
    assert 1 in came_to_group_sessions(pilot, "C1")


def test_absences_were_not_always_notified(pilot: PilotData) -> None:
    found = pilot.cohort("C1")["attendance"]["status"].value_counts()
    assert found["absent_unnotified"] > found["absent_notified"] > 0


def test_somebody_has_individual_guidance_only(pilot: PilotData) -> None:
    alone = pilot["participant"].loc[lambda p: p["track"] == "individual", "participant_id"]
    group = pilot["session"].loc[lambda s: s["mode"] == "group", "session_id"]
    rows = pilot["attendance"].loc[lambda a: a["participant_id"].isin(alone)]
    assert len(alone) == 1
    assert len(rows) > 0
    assert not rows["session_id"].isin(group).any()


def test_later_cohorts_have_more_everyday_hours(pilot: PilotData) -> None:
    hours = pilot["cohort_plan"].loc[lambda p: p["session_type"] == "everyday"].set_index("cohort_id")["planned_hours"]
    assert all(hours[later] > 2 * hours["C1"] for later in ("C2", "C3", "C4"))


def test_not_everybody_is_reached_at_six_months(pilot: PilotData) -> None:
    reached = pilot["outcome"].loc[lambda o: o["wave"] == "m6", "reached"]
    assert set(reached) == {True, False}


def test_the_register_has_a_gap(pilot: PilotData) -> None:
    assert [i.code for i in validate("synthetic").issues] == ["register_gap"]


def test_last_cohort_is_of_women(contract: Contract) -> None:
    rows = synthetic_rows(contract)
    women = {r["participant_id"] for r in rows["background"] if r["gender"] == "f"}
    assert {r["participant_id"] for r in rows["participant"] if r["cohort_id"] == "C4"} <= women


def test_nothing_is_known_after_the_project_ended(pilot: PilotData) -> None:
    assert pilot.reporting_date <= date(2023, 2, 28)


@pytest.mark.parametrize("case", ["ordinary", "tiny", "empty"])
@pytest.mark.parametrize("seed", [2021, 77])
def test_sound_cases_are_sound_for_any_seed(case: str, seed: int, contract: Contract, tmp_path: Path) -> None:
    assert validate(write_synthetic(tmp_path / "pilot", contract, case=case, seed=seed, language="fi")[0]).ok


@pytest.mark.parametrize("name", ["messy", "messy.xlsx"], ids=["csv", "workbook"])
def test_messy_case_is_not_sound(name: str, contract: Contract, tmp_path: Path) -> None:
    report = validate(write_synthetic(tmp_path / name, contract, case="messy", seed=None, language="fi")[0])
    wanted = {"identifier", "duplicate_key", "dangling_key", "not_a_number", "not_a_date", "required", "individual_in_group", "cancelled_with_attendance"}
    assert wanted <= {i.code for i in report.issues if i.severity == "error"}


def test_check_of_the_messy_case_exits_with_eleven(command: Callable[..., CompletedProcess[str]]) -> None:
    assert command("check", "synthetic:messy").returncode == 11


def test_check_of_the_sound_case_exits_with_zero(command: Callable[..., CompletedProcess[str]]) -> None:
    assert command("check", "synthetic:tiny").returncode == 0


@pytest.mark.parametrize("name", ["pilot.xlsx", "pilot"], ids=["workbook", "csv"])
def test_what_is_synthetic_says_so(name: str, contract: Contract, tmp_path: Path) -> None:
    path = write_synthetic(tmp_path / name, contract, case="tiny", seed=None, language="sv")[0]
    assert read_source(path).synthetic
    assert "synthetic" in repr(read_pilot(path))


def test_csv_without_its_descriptor_is_not_called_synthetic(contract: Contract, tmp_path: Path) -> None:
    write_synthetic(tmp_path / "pilot", contract, case="tiny", seed=None, language="sv")
    (tmp_path / "pilot" / "datapackage.json").unlink()
    assert not read_source(tmp_path / "pilot").synthetic


@pytest.mark.parametrize("language", ["sv", "en"])
def test_workbook_of_each_language_reads_the_same(language: str, contract: Contract, tmp_path: Path) -> None:
    path = write_synthetic(tmp_path / "pilot.xlsx", contract, case="tiny", seed=None, language=language)[0]
    found, expected = read_pilot(path), read_pilot("synthetic:tiny")
    assert all(found[name].equals(expected[name]) for name in expected.tables)


def test_digest_changes_with_the_data(contract: Contract, tmp_path: Path) -> None:
    path = write_synthetic(tmp_path / "pilot", contract, case="tiny", seed=None, language="en")[0]
    before = data_digest(path)
    (path / "target.csv").write_text("indicator,value,unit,source\n", encoding="utf-8")
    assert (before == data_digest(path), data_digest("synthetic") == data_digest("synthetic:tiny")) == (False, False)


def test_synthetic_source_is_marked(contract: Contract) -> None:
    assert open_source("synthetic", contract).synthetic


def test_unknown_case_is_refused(contract: Contract, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_synthetic(tmp_path / "pilot", contract, case="large", seed=None, language="en")


def test_other_suffix_is_refused(contract: Contract, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_synthetic(tmp_path / "pilot.ods", contract, case="tiny", seed=None, language="en")
