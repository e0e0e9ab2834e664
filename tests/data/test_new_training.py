"""What is written down before a training begins: random codes, sessions with their days and weeks, and the sheet for the names."""

import re
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess

import openpyxl
import pytest

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.schema import Contract
from ikut_eval.data.pilot import validate
from ikut_eval.data.template import new_training
from ikut_eval.data.workspace import create_workspace

Command = Callable[..., CompletedProcess[str]]
GIVEN = ("--cohort", "C2", "--people", "4", "--start", "2026-11-09", "--weeks", "10", "--days", "mon,tue,wed,thu", "--off", "52")


def days_of(rows: dict[str, list[dict[str, object]]]) -> list[tuple[object, object]]:
    return [(row["date"], row["week"]) for row in rows["session"] if row["mode"] == "group"]


def test_codes_are_of_the_contracts_form_and_never_the_same(contract: Contract) -> None:
    codes = [row["participant_id"] for _ in range(3) for row in new_training(contract, cohort="C1", people=40)["participant"]]
    pattern = contract.tables["participant"].field("participant_id").pattern or ""
    assert all(re.fullmatch(pattern, str(code)) and not str(code)[1:].isalpha() and not str(code)[1:].isdigit() for code in codes)
    assert len(set(codes)) == 120


@pytest.mark.parametrize("off", ["52", "2026-12-24", "21.12.2026"])
def test_week_off_has_no_session_and_no_number(off: str, contract: Contract) -> None:
    days = days_of(new_training(contract, cohort="C1", start=date(2026, 11, 9), weeks=10, days=["mon", "to", "ons"], off=[off]))
    assert (len(days), days[0], days[-1]) == (30, (date(2026, 11, 9), 1), (date(2027, 1, 21), 10))
    assert not any(date(2026, 12, 21) <= day <= date(2026, 12, 27) for day, _ in days)
    assert [week for day, week in days if day >= date(2026, 12, 14)][:4] == [6, 6, 6, 7]


def test_days_before_the_first_one_are_left_out(contract: Contract) -> None:
    rows = new_training(contract, cohort="C1", start=date(2026, 11, 11), weeks=2, days=["mon", "wed"])
    assert days_of(rows) == [(date(2026, 11, 11), 1), (date(2026, 11, 16), 2), (date(2026, 11, 18), 2)]
    assert (rows["cohort"][0]["start_date"], rows["cohort"][0]["end_date"], rows["cohort"][0]["planned_weeks"]) == (date(2026, 11, 11), date(2026, 11, 18), 2)


def test_day_that_is_named_twice_has_two_sessions(contract: Contract) -> None:
    rows = new_training(contract, cohort="C1", start=date(2026, 11, 9), weeks=1, days=["wed", "mon", "mon"])
    assert days_of(rows) == [(date(2026, 11, 9), 1), (date(2026, 11, 9), 1), (date(2026, 11, 11), 1)]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"cohort": "2"}, "not_a_cohort"),
        ({"cohort": "C1", "start": date(2026, 11, 9)}, "not_weekdays"),
        ({"cohort": "C1", "start": date(2026, 11, 9), "days": ["xyz"]}, "not_weekdays"),
        ({"cohort": "C1", "start": date(2026, 11, 9), "days": ["mon"], "off": ["30"]}, "week_not_within"),
        ({"cohort": "C1", "start": date(2026, 11, 9), "days": ["mon"], "off": ["soon"]}, "not_a_day"),
    ],
)
def test_what_is_not_valid_is_refused(given: dict[str, object], key: str, contract: Contract) -> None:
    with pytest.raises(UsageError) as refused:
        new_training(contract, **given)
    assert refused.value.key == key


def test_command_writes_cohort_people_sessions_and_rows_that_wait(tmp_path: Path, command: Command) -> None:
    assert command("template", tmp_path / "c2.xlsx", *GIVEN).returncode == 0
    book = openpyxl.load_workbook(tmp_path / "c2.xlsx")
    people = [row[0] for row in book["Participants"].iter_rows(2, 5, values_only=True)]
    record = book["Attendance record C2"]
    head = next(row for row in record.iter_rows(values_only=True) if row[0] == "Date")
    assert [each for each in head if each in people] == people
    assert [row[1] for row in book["Needs"].iter_rows(2, 9, values_only=True)] == ["Start"] * 4 + ["End"] * 4
    assert book["Cohorts"]["A2"].value == "C2"
    rules = {rule.formula1 for rule in book["Rights awareness"].data_validations.dataValidation if "A2" in rule.sqref}
    assert rules == {"'Participants'!$A$2:$A$500"}
    still = {(i.code, i.column["en"]) for i in validate(tmp_path / "c2.xlsx").issues if i.severity == "error" and i.column}
    assert still == {("required", name) for name in ("Emphasis", "Form of training", "First day", "Data may be used")}


def test_key_is_written_for_its_owner_only_with_an_empty_line_for_each_name(tmp_path: Path, command: Command) -> None:
    assert command("template", tmp_path / "c2.xlsx", *GIVEN, "--key", tmp_path / "key.xlsx").returncode == 0
    assert stat.S_IMODE((tmp_path / "key.xlsx").stat().st_mode) == 0o600
    people = [row[0] for row in openpyxl.load_workbook(tmp_path / "c2.xlsx")["Participants"].iter_rows(2, 5, values_only=True)]
    (sheet,) = openpyxl.load_workbook(tmp_path / "key.xlsx").worksheets
    assert list(sheet.iter_rows(3, values_only=True)) == [(code, None) for code in people]


@pytest.mark.parametrize("place", ["key.xlsx", "data/key.xlsx", "link/key.xlsx"])
def test_key_inside_a_workspace_is_refused_and_nothing_is_written(place: str, tmp_path: Path, command: Command) -> None:
    space = tmp_path / "space"
    create_workspace(space, language="en", languages=("en",))
    (space / "data").mkdir(exist_ok=True)
    (tmp_path / "link").symlink_to(space / "data")
    key = tmp_path / place if place.startswith("link") else space / place
    assert command("template", tmp_path / "c2.xlsx", *GIVEN, "--key", key).returncode == 14
    assert not key.exists()
    assert not (tmp_path / "c2.xlsx").exists()


def test_key_that_is_there_is_never_replaced(tmp_path: Path, command: Command) -> None:
    (tmp_path / "key.xlsx").write_text("older")
    assert command("template", tmp_path / "c2.xlsx", *GIVEN, "--overwrite", "--key", tmp_path / "key.xlsx").returncode == 14
    assert ((tmp_path / "key.xlsx").read_text(), (tmp_path / "c2.xlsx").exists()) == ("older", False)


@pytest.mark.parametrize(
    "words",
    [("--key", "key.xlsx"), ("--days", "mon"), ("--off", "52"), ("--background", "--people", "4")],
    ids=["key-without-people", "days-without-start", "off-without-start", "background"],
)
def test_options_that_need_another_are_refused(words: tuple[str, ...], tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("template", "c2.xlsx", *words).returncode == 2
    assert list(tmp_path.iterdir()) == []
