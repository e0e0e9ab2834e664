"""However sound data is written down, it reads as the same tables."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.schema import Contract, Field, Table
from ikut_eval.data.columns import coerce
from ikut_eval.data.issues import Report
from ikut_eval.data.pilot import cell_text, check_source, open_source

TypedRows = dict[str, list[dict[str, object]]]
Read = tuple[dict[str, pd.DataFrame], Report]


@dataclass(frozen=True)
class Style:
    """How somebody's computer writes a file. Without a language: names and codes of the contract."""

    language: str | None = None
    separator: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"
    day: str = "iso"
    decimal: str = "."
    padding: str = "{}"
    letters: Callable[[str], str] = str
    empty_rows: bool = False
    reverse_columns: bool = False
    left_out: tuple[str, ...] = ()
    quoting: int = csv.QUOTE_MINIMAL

    def columns(self, table: Table) -> list[Field]:
        kept = [f for f in table.fields if f.name not in self.left_out]
        return kept[::-1] if self.reverse_columns else kept

    def title(self, field: Field) -> str:
        return self.padding.format(self.letters(field.labels[self.language] if self.language else field.name))

    def cell(self, value: object, field: Field, row: dict[str, object], contract: Contract) -> str:
        return "" if value is None else self.padding.format(self.letters(self._content(value, field, row, contract)))

    def _content(self, value: object, field: Field, row: dict[str, object], contract: Contract) -> str:
        if isinstance(value, bool) and self.language:
            return text("yes" if value else "no", self.language)
        if isinstance(value, date) and self.day != "iso":
            return str((value - date(1899, 12, 30)).days) if self.day == "number" else f"{value.day}.{value.month}.{value.year}"
        if isinstance(value, float):
            return str(value).replace(".", self.decimal)
        if self.language:
            codes = field.code_list
            if field.name == "value" and "item" in row:
                instrument = contract.instrument_of(str(row["item"]))
                assert instrument
                codes = contract.code_lists["missing"] if str(value).startswith("-") else instrument.scale
            if codes and codes.name not in ("item", "instrument") and str(value) in codes.codes:
                return codes.label(str(value), self.language)
        return str(cell_text(value))


STYLES = {
    "comma": Style(),
    "semicolon": Style(separator=";"),
    "tab": Style(separator="\t"),
    "utf-8-with-mark": Style(encoding="utf-8-sig"),
    "utf-16": Style(encoding="utf-16"),
    "utf-16-tab": Style(encoding="utf-16", separator="\t"),
    "windows-1252": Style(encoding="cp1252", language="sv"),
    "windows-line-ends": Style(line_end="\r\n"),
    "old-mac-line-ends": Style(line_end="\r"),
    "every-cell-quoted": Style(quoting=csv.QUOTE_ALL),
    "decimal-comma": Style(separator=";", decimal=","),
    "decimal-comma-between-commas": Style(decimal=","),
    "finnish-dates": Style(day="d.m.yyyy"),
    "excel-day-numbers": Style(day="number"),
    "labels-fi": Style(language="fi"),
    "labels-sv": Style(language="sv"),
    "labels-en": Style(language="en"),
    "small-letters": Style(language="fi", letters=lambda c: c if c.startswith(("C", "P")) else c.lower()),
    "stray-spaces": Style(padding="  {} "),
    "no-break-spaces": Style(padding="\u00a0{}\u00a0\u202f"),
    "empty-rows-between": Style(empty_rows=True),
    "other-column-order": Style(reverse_columns=True),
    "finnish-office": Style("fi", ";", "cp1252", "\r\n", "d.m.yyyy", ",", " {}", empty_rows=True, reverse_columns=True),
}


def as_csv(folder: Path, rows: TypedRows, contract: Contract, style: Style) -> Path:
    folder.mkdir()
    for name, table_rows in rows.items():
        table = contract.tables[name]
        fields = style.columns(table)
        content = io.StringIO(newline="")
        writer = csv.writer(content, delimiter=style.separator, lineterminator=style.line_end, quoting=style.quoting)
        writer.writerow([style.title(f) for f in fields])
        for row in table_rows:
            if style.empty_rows:
                writer.writerow([" "] * len(fields))
            writer.writerow([style.cell(row[f.name], f, row, contract) for f in fields])
        label = table.labels[style.language] if style.language else name
        (folder / f"{label}.csv").write_bytes(content.getvalue().encode(style.encoding))
    return folder


def as_workbook(path: Path, rows: TypedRows, contract: Contract, style: Style) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table_rows in rows.items():
        table = contract.tables[name]
        sheet = book.create_sheet(table.labels[style.language] if style.language else name)
        fields = style.columns(table)
        sheet.append([style.title(f) for f in fields])
        for row in table_rows:
            if style.empty_rows:
                sheet.append([])
            sheet.append([value if isinstance(value := row[f.name], date | int | float) else style.cell(value, f, row, contract) or None for f in fields])
            if style.empty_rows:
                sheet.append([None, None])
    book.save(path)
    return path


def read(path: Path, contract: Contract) -> Read:
    return check_source(open_source(path, contract), contract)


@pytest.fixture(scope="module")
def expected(contract: Contract) -> dict[str, pd.DataFrame]:
    return check_source(open_source("synthetic:tiny", contract), contract)[0]


def same(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    assert set(found) == set(expected)
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(found[name].reset_index(drop=True), frame.reset_index(drop=True))


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_csv_folder_reads_the_same(style: Style, tmp_path: Path, typed_rows: TypedRows, contract: Contract, expected: dict[str, pd.DataFrame]) -> None:
    tables, report = read(as_csv(tmp_path / "pilot", typed_rows, contract, style), contract)
    assert {i.code for i in report.issues} <= ({"date_as_number"} if style.day == "number" else set())
    same(tables, expected)


@pytest.mark.parametrize("name", ["comma", "labels-fi", "labels-sv", "labels-en", "stray-spaces", "empty-rows-between", "other-column-order"])
def test_workbook_reads_the_same(name: str, tmp_path: Path, typed_rows: TypedRows, contract: Contract, expected: dict[str, pd.DataFrame]) -> None:
    tables, report = read(as_workbook(tmp_path / "pilot.xlsx", typed_rows, contract, STYLES[name]), contract)
    assert report.issues == ()
    same(tables, expected)


def test_libreoffice_workbook_reads_the_same(
    tmp_path: Path, typed_rows: TypedRows, contract: Contract, expected: dict[str, pd.DataFrame], convert: Callable[[Path, str], Path]
) -> None:
    file = convert(as_workbook(tmp_path / "pilot.xlsx", typed_rows, contract, STYLES["labels-fi"]), "ods")
    tables, report = read(file, contract)
    assert report.issues == ()
    same(tables, expected)


def test_day_numbers_are_reported_as_a_warning(tmp_path: Path, typed_rows: TypedRows, contract: Contract) -> None:
    report = read(as_csv(tmp_path / "pilot", typed_rows, contract, STYLES["excel-day-numbers"]), contract)[1]
    assert report.ok
    assert {i.code for i in report.issues} == {"date_as_number"}


def test_missing_optional_column_is_a_warning(tmp_path: Path, typed_rows: TypedRows, contract: Contract, expected: dict[str, pd.DataFrame]) -> None:
    tables, report = read(as_csv(tmp_path / "pilot", typed_rows, contract, Style(left_out=("eligibility_note",))), contract)
    assert [(i.severity, i.code) for i in report.issues] == [("warning", "missing_column")]
    same(tables, expected)


def test_extra_sheet_is_a_warning_and_is_not_read(tmp_path: Path, typed_rows: TypedRows, contract: Contract, expected: dict[str, pd.DataFrame]) -> None:
    path = as_workbook(tmp_path / "pilot.xlsx", typed_rows, contract, Style())
    book = openpyxl.load_workbook(path)
    book.create_sheet("My notes").append(["buy", "coffee"])
    book.save(path)
    tables, report = read(path, contract)
    assert [(i.severity, i.code) for i in report.issues] == [("warning", "unknown_sheet")]
    same(tables, expected)


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path, typed_rows: TypedRows, contract: Contract) -> None:
    broken = {**typed_rows, "session": [{**typed_rows["session"][0], "place": None}, *typed_rows["session"][1:]]}
    report = read(as_workbook(tmp_path / "pilot.xlsx", broken, contract, STYLES["empty-rows-between"]), contract)[1]
    assert [(i.code, i.rows) for i in report.issues] == [("required", (3,))]


def test_line_breaks_inside_a_cell_keep_the_row_numbers(tmp_path: Path, typed_rows: TypedRows, contract: Contract) -> None:
    plan = [{**row, "note": "one\ntwo"} for row in typed_rows["cohort_plan"]]
    plan[1]["planned_hours"] = -1
    report = read(as_csv(tmp_path / "pilot", {**typed_rows, "cohort_plan": plan}, contract, Style()), contract)[1]
    assert [(i.code, i.rows) for i in report.issues] == [("too_small", (4,))]


def test_workbook_cells_keep_their_kind(tmp_path: Path, typed_rows: TypedRows, contract: Contract) -> None:
    tables = read(as_workbook(tmp_path / "pilot.xlsx", typed_rows, contract, Style()), contract)[0]
    kinds = {str(tables["session"][c].dtype) for c in ("date", "hours", "week")} | {str(tables["outcome"]["reached"].dtype)}
    assert kinds == {"datetime64[s]", "Float64", "Int64", "boolean"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_column_labels_of_several_languages_may_be_mixed(language: str, tmp_path: Path, typed_rows: TypedRows, contract: Contract) -> None:
    folder = as_csv(tmp_path / "pilot", typed_rows, contract, Style())
    session = contract.tables["session"]
    content = (folder / "session.csv").read_text(encoding="utf-8")
    (folder / "session.csv").write_text(content.replace("place,hours", f"{session.field('place').labels[language]},hours", 1), encoding="utf-8")
    assert read(folder, contract)[1].issues == ()


@pytest.mark.parametrize(
    ("table", "column", "typed", "code"),
    [
        ("background", "age_group", "25-54", "25_54"),
        ("background", "education", "Tertiary (ISCED 5-8)", "5_8"),
        ("answer_set", "mode", "SELF-COMPLETED", "self"),
    ],
)
def test_labels_are_found_as_a_keyboard_writes_them(table: str, column: str, typed: str, code: str, contract: Contract) -> None:
    """Labels are printed with an en dash and a curly apostrophe, which few people type."""
    field = next(f for f in contract.tables[table].fields if f.name == column)
    values, refused = coerce(pd.Series([typed]), field)
    assert (values.tolist(), refused) == ([code], {})
