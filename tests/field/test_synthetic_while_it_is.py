"""The mark of invented people holds for the very rows that the program wrote, in workbooks as in CSV files."""

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from ikut_eval.batch.job import run_job
from ikut_eval.contract.errors import NotAllowedError
from ikut_eval.data.pilot import read_pilot, validate
from ikut_eval.data.workspace import create_workspace, open_workspace
from ikut_eval.data.writing import refuse_real_data
from tests.field.conftest import CONTRACT, column_of

Changed = Callable[[Callable[[openpyxl.Workbook], object]], Path]


def _first_cell(book: openpyxl.Workbook, sheet: str, heading: str, value: object) -> None:
    book[sheet].cell(2, column_of(book[sheet], heading)).value = value


def test_workbook_saved_by_another_program_stays_synthetic(changed: Changed) -> None:
    path = changed(lambda book: None)
    assert read_pilot(path).synthetic
    assert validate(path).issues == ()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda book: _first_cell(book, "Sessions", "Hours", 7.75), id="a-cell"),
        pytest.param(lambda book: _first_cell(book, "Cohorts", "Target group", "somebody"), id="an-optional-cell"),
        pytest.param(lambda book: book["Targets"].append(["in_work", 3, "Count", "plan"]), id="a-row"),
        pytest.param(lambda book: book["Support afterwards"].delete_rows(2), id="a-row-less"),
        pytest.param(lambda book: book.create_sheet("Notes").append(["a real name"]), id="a-sheet"),
    ],
)
def test_whatever_is_changed_makes_it_real(change: Callable[[openpyxl.Workbook], object], changed: Changed) -> None:
    path = changed(change)
    report = validate(path)
    assert "synthetic_changed" in {i.code for i in report.issues}
    if report.ok:
        assert not read_pilot(path).synthetic
    with pytest.raises(NotAllowedError):
        refuse_real_data(path)


def test_sheet_of_the_mark_in_a_workbook_of_real_people(changed: Changed) -> None:
    """The sheet alone is no mark."""

    def change(book: openpyxl.Workbook) -> None:
        people = book["Participants"]
        for number in range(2, people.max_row + 1):
            people.cell(number, column_of(people, "Participant")).value = f"PREAL{number}"

    assert "synthetic_changed" in {i.code for i in validate(changed(change)).issues}


def test_csv_folder_that_was_changed_says_so(tmp_path: Path) -> None:
    from ikut_eval.data.writing import write_synthetic

    write_synthetic(tmp_path / "pilot", CONTRACT, case="tiny", seed=None, language="en")
    assert read_pilot(tmp_path / "pilot").synthetic
    path = tmp_path / "pilot" / "target.csv"
    path.write_text(path.read_text(encoding="utf-8") + "fair_work,2,count,plan\n", encoding="utf-8")
    assert [i.code for i in validate(tmp_path / "pilot").issues] == ["synthetic_changed"]
    assert not read_pilot(tmp_path / "pilot").synthetic


def test_verdict_of_another_version_of_the_program_is_not_kept(changed: Changed, tmp_path: Path) -> None:
    """Rows typed into the synthetic workbook were once taken for invented people, and a workspace remembers what was read."""
    path = changed(lambda book: _first_cell(book, "Sessions", "Hours", 7.75))
    create_workspace(tmp_path / "space", language="en", languages=("en",), data=str(path))
    space = open_workspace(tmp_path / "space")
    assert not run_job(space, dry_run=True).synthetic
    kept = space.runs / "cohorts.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text(encoding="utf-8")), "synthetic": True, "package": "another"}), encoding="utf-8")
    assert not run_job(space, dry_run=True).synthetic
