"""What is not known is met with the form that it must have or the word that it nearly is, and never with advice to delete it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from ikut_eval import read_pilot, scale_scores
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import CATALOGUES, LANGUAGES
from ikut_eval.data.pilot import validate
from tests.field.conftest import CONTRACT, INPUTS, column_of, errors, found

Changed = Callable[[Callable[[openpyxl.Workbook], object]], Path]
PEOPLE, SESSIONS = ("PAAAA1", "PBBBB2"), ("C1-G01", "C1-G02", "C1-G03")
WIDE = {
    "days": ("Attendance", "Session", ["1.9.2021", "2.9.2021", "3.9."]),
    "weeks": ("Attendance", "Session", ["Week 1", "Week 2", "Week 3"]),
    "months": ("Support afterwards", "Month", ["1 kk", "2 kk", "3 kk"]),
}


def _rewritten(book: openpyxl.Workbook, name: str, rows: list[list[object]]) -> None:
    sheet = book[name]
    sheet.delete_rows(1, sheet.max_row)
    for place, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            sheet.cell(place, column).value = value


@pytest.mark.parametrize(("sheet", "listed", "titles"), WIDE.values(), ids=WIDE)
def test_sheet_with_a_column_for_each_value(sheet: str, listed: str, titles: list[str], changed: Changed) -> None:
    table = next(t for t in CONTRACT.tables.values() if t.labels["en"] == sheet)
    waves = ["Wave"] if "wave" in table.primary_key else []
    rows = [["Participant", *waves, *titles], [PEOPLE[0], *waves, *["1"] * len(titles)]]
    report = validate(changed(lambda book: _rewritten(book, sheet, rows)))
    of_sheet = [i for i in report.issues if i.sheet == table.labels]
    assert [i.code for i in of_sheet] == ["wide_sheet"]
    said = of_sheet[0].to_dict("en")
    assert listed in said["problem"]
    assert all(f.labels["en"] in said["to_do"] for f in table.fields if f.required)


def test_register_on_a_sheet_of_its_own(changed: Changed) -> None:
    people = [row["participant_id"] for row in read_pilot("synthetic:tiny")["participant"].to_dict("records")]

    def change(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Our list")
        sheet.append(["Name", "1.9.2021", "2.9.2021"])
        for person in people:
            sheet.append([person, "x", "x"])

    issues = [i for i in validate(changed(change)).issues if i.code == "wide_unknown_sheet"]
    assert [(i.values["sheet"]["en"], i.values["listed"]["en"]) for i in issues] == [("Attendance", "Session")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_advice_deletes_columns_or_sheets(language: str) -> None:
    words = (CATALOGUES / f"{language}.po").read_text(encoding="utf-8")
    advice = dict(re.findall(r'msgid "issue\.(\w+)\.do"\n(?:msgid_plural .*\n)?msgstr.* "(.*)"', words))
    of_structure = ("unknown_column", "unknown_sheet", "column_without_title", "column_twice", "sheet_twice", "wide_sheet", "wide_unknown_sheet", "total_row")
    assert [code for code in of_structure if re.search(r"[Rr]emove|[Dd]elete|[Cc]lear its|[Pp]oista|[Tt]yhjennä|[Tt]a bort|töm den", advice[code])] == []


def test_unknown_headings_are_named_once(changed: Changed) -> None:
    def change(book: openpyxl.Workbook) -> None:
        for place in (20, 21, 22):
            book["Sessions"].cell(1, place).value = f"Zzz {place}"

    issues = [i for i in validate(changed(change)).issues if i.code == "unknown_column"]
    assert [i.values["letters"] for i in issues] == ["T, U, V"]


def _set(sheet: str, heading: str, value: str) -> Callable[[openpyxl.Workbook], object]:
    def change(book: openpyxl.Workbook) -> None:
        book[sheet].cell(2, column_of(book[sheet], heading)).value = value

    return change


@pytest.mark.parametrize(
    ("sheet", "heading", "typed", "code"),
    [
        ("Answer sets", "Questionnaire", "rights_awarness", "nearly_a_code"),
        ("Answer sets", "Wave", "strat", "nearly_a_code"),
        ("Needs", "Area of need", "everydya", "nearly_a_code"),
        ("Cohorts", "Cohort", "c1", "wrong_case"),
        ("Participants", "Cohort", "c1", "key_in_other_letters"),
        ("Sessions", "Cohort", "c1", "key_in_other_letters"),
    ],
)
def test_near_misses_in_cells(sheet: str, heading: str, typed: str, code: str, changed: Changed) -> None:
    report = validate(changed(_set(sheet, heading, typed)))
    assert (code, sheet, heading, (2,)) in found(report)
    assert typed not in report.to_text("en")


def test_what_nearly_is_a_code_of_a_person_is_not_named(changed: Changed) -> None:
    """A hint would say the cell's content: in a column that says something of a person, the codes are listed and none is named."""
    assert errors(changed(_set("Outcomes", "Source", "participnt"))) == [("not_a_code", "Outcomes", "Source", (2,))]


@pytest.mark.parametrize("name", ["Attendence", "Attendance 2021", "Läsnäololista", "Närvarolista", "attendance list"])
def test_near_misses_of_sheet_names(name: str, changed: Changed) -> None:
    assert errors(changed(lambda book: setattr(book["Attendance"], "title", name))) == [("sheet_nearly_known", "Attendance", None, ())]


def test_near_misses_of_file_names(tmp_path: Path) -> None:
    shutil.copytree(INPUTS / "08_sep_line", tmp_path / "pilot")
    (tmp_path / "pilot" / "attendance.csv").rename(tmp_path / "pilot" / "attendence.csv")
    assert errors(tmp_path / "pilot") == [("sheet_nearly_known", "Attendance", None, ())]


def test_near_misses_of_words_in_the_api() -> None:
    pilot = read_pilot("synthetic:tiny")
    with pytest.raises(UsageError, match=r"Did you mean C1\?"):
        pilot.cohort("c1")
    with pytest.raises(UsageError, match=r"Did you mean rights_awareness\?"):
        scale_scores(pilot, "rights_awarness")


def test_headings_and_labels_of_earlier_templates_are_read(changed: Changed) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Cohorts"].cell(1, column_of(book["Cohorts"], "Target group")).value = "Who could join"
        book["Outcomes"].cell(1, column_of(book["Outcomes"], "Further service")).value = "Next service"

    assert found(validate(changed(change))) == []
