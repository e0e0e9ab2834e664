"""What looks the same is the same: composed or not, with or without characters that nobody sees, with lines above the headings."""

import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ikut_eval.contract.locale import plain
from ikut_eval.data.pilot import check_source, open_source, validate
from ikut_eval.data.writing import write_synthetic
from tests.conftest import ikut_eval
from tests.field.conftest import CONTRACT, INPUTS, column_of, errors, found

Changed = Callable[[Callable[[openpyxl.Workbook], object]], Path]
Style = Callable[[str], str]
STYLES: dict[str, Style] = {
    "decomposed": lambda words: unicodedata.normalize("NFD", words),
    "zero-width-space": lambda words: f"{words}\u200b",
    "byte-order-mark": lambda words: f"\ufeff{words}",
    "soft-hyphen": lambda words: f"{words[:1]}\u00ad{words[1:]}",
    "direction": lambda words: f"\u200e{words}\u200f",
    "full-width": lambda words: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in words),
    "hyphen-that-does-not-break": lambda words: words.replace("-", "\u2011"),
    "no-break-space": lambda words: words.replace(" ", "\u00a0"),
}


@cache
def expected_tables() -> Mapping[str, pd.DataFrame]:
    return check_source(open_source("synthetic:tiny", CONTRACT), CONTRACT)[0]


def same(path: Path) -> None:
    tables, report = check_source(open_source(path, CONTRACT), CONTRACT)
    assert [i for i in report.issues if i.code != "synthetic_changed"] == []
    expected = expected_tables()
    for name, frame in expected.items():
        assert tables[name].reset_index(drop=True).equals(frame.reset_index(drop=True)), name


@pytest.mark.parametrize("file", ["05_headings_decomposed_fi.xlsx", "06_zero_width_space.xlsx", "08_sep_line"])
def test_field_inputs_are_sound(file: str) -> None:
    assert errors(INPUTS / file) == []


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_word_of_a_workbook(style: Style, tmp_path: Path) -> None:
    path = write_synthetic(tmp_path / "pilot.xlsx", CONTRACT, case="tiny", seed=None, language="fi")[0]
    book = openpyxl.load_workbook(path)
    for sheet in book:
        if sheet.title[:1] not in "S_" and style is not STYLES["full-width"]:
            sheet.title = style(sheet.title)
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, str) and sheet.title != "SYNTHETIC":
                    cell.value = style(cell.value)
    book.save(path)
    same(path)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_word_of_csv_files(style: Style, tmp_path: Path) -> None:
    write_synthetic(tmp_path / "pilot", CONTRACT, case="tiny", seed=None, language="fi")
    for path in (tmp_path / "pilot").glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(",".join(style(each) if each else each for each in line.split(",")) for line in lines), encoding="utf-8")
    same(tmp_path / "pilot")


def test_digits_of_other_scripts_are_digits() -> None:
    assert plain("\u0661\u0662 \uff11\uff12 \u06f3") == "12 12 3"


def test_what_is_seen_stays() -> None:
    assert plain("5² – 1½ … ”ä”") == "5² – 1½ … ”ä”"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "byte-order-mark"])
@pytest.mark.parametrize("quote", ["", '"'], ids=["", "quoted"])
def test_sep_line(separator: str, start: str, quote: str, tmp_path: Path) -> None:
    """Excel's own line says the separator; rows are counted without it, as spreadsheets show them."""
    lines = [f"{quote}sep={separator}{quote}", separator.join(("indicator", "value", "unit", "source")), separator.join(("in_work", "many", "count", "plan"))]
    (tmp_path / "target.csv").write_text(start + "\r\n".join(lines), encoding="utf-8", newline="")
    assert [e for e in errors(tmp_path) if e[1] == "Targets"] == [("not_a_number", "Targets", "Target", (2,))]


def test_titles_above_the_headings_are_named_once(changed: Changed) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Sessions"].insert_rows(1, 3)
        book["Sessions"]["A1"] = "Sessions"
        book["Sessions"]["A2"] = "Printed 1.2.2022"

    report = validate(changed(change))
    assert report.ok
    assert found(report) == [("rows_above_headings", "Sessions", None, (1, 2))]


def test_title_that_is_a_heading_itself(changed: Changed) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["Attendance"].insert_rows(1)
        book["Attendance"]["A1"] = "Attendance"

    assert found(validate(changed(change))) == [("rows_above_headings", "Attendance", None, (1,))]


def test_data_above_the_headings_is_refused(changed: Changed) -> None:
    """A sheet sorted with its headings: what stands above them would be lost."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Needs"]
        for column in range(1, sheet.max_column + 1):
            sheet.cell(1, column).value, sheet.cell(3, column).value = sheet.cell(3, column).value, sheet.cell(1, column).value

    assert ("headings_not_first", "Needs", None, (1, 2)) in errors(changed(change))


@pytest.mark.parametrize("word", ["Total", "Yhteensä", "Summa:", "TOTALT", "Kaikki yhteensä", "Average", "Keskiarvo"])
def test_total_row_is_named_once(word: str, changed: Changed) -> None:
    last: list[int] = []

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Sessions"]
        sheet.append([word])
        sheet.cell(sheet.max_row, column_of(sheet, "Hours")).value = 99
        last.append(sheet.max_row)

    report = validate(changed(change))
    assert report.ok
    assert found(report) == [("total_row", "Sessions", None, (last[0],))]


def test_last_row_of_numbers_alone_is_named_once(changed: Changed) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Sessions"]
        sheet.cell(sheet.max_row + 1, column_of(sheet, "Hours")).value = 99

    assert [code for code, *_ in errors(changed(change))] == ["numbers_without_code"]


def test_note_that_says_total_is_no_total_row(changed: Changed) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Planned hours"]
        sheet.cell(2, column_of(sheet, "Reason")).value = "Total"

    assert found(validate(changed(change))) == []


@pytest.mark.parametrize("word", ["attendance_rate\u200b", "\uff41ttendance_rate", "attendance\u00ad_rate"])
def test_words_of_the_command_line(word: str) -> None:
    assert ikut_eval("explain", word).stdout == ikut_eval("explain", "attendance_rate").stdout != ""
