"""The workbook to fill in: what it offers, what it protects, and that it reads back as it was filled in."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.schema import Contract, Field, Table
from ikut_eval.data.pilot import check_source, open_source, validate
from ikut_eval.data.writing import write_synthetic, write_template

TypedRows = dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(language: str, contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / f"{language}.xlsx"
    write_template(path, contract, language=language)
    return path


@pytest.fixture(scope="module")
def book(template: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(template)


def columns(book: openpyxl.Workbook, tables: tuple[Table, ...], language: str) -> Iterator[tuple[Worksheet, int, Field]]:
    for table in tables:
        for number, field in enumerate(table.fields, start=1):
            yield book[table.labels[language]], number, field


def drop_down(book: openpyxl.Workbook, sheet: Worksheet, column: int) -> list[str] | None:
    """Return what the drop-down of a column offers in its first and its last row to fill in."""
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list" and f"{get_column_letter(column)}2" in rule.sqref and f"{get_column_letter(column)}5000" in rule.sqref:
            name, _, place = rule.formula1.lstrip("=").partition("!")
            first, top, last, bottom = range_boundaries(place.replace("$", ""))
            return [cell.value for row in book[name].iter_rows(top, bottom, first, last) for cell in row]
    return None


def offered(field: Field, language: str) -> list[str] | None:
    if field.type == "boolean":
        return [text("yes", language), text("no", language)]
    if field.codes is None or field.code_list is None:
        return None
    as_codes = field.code_list.name == "item" or field.type != "string"
    return [c if as_codes else field.code_list.label(c, language) for c in field.codes]


def test_every_table_has_a_sheet_in_the_order_of_the_contract(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    assert book.sheetnames == [*(t.labels[language] for t in contract.main_tables), text("template.code_book_sheet", language), "_lists"]


def test_headings_are_the_labels(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    assert all(sheet.cell(1, n).value == field.labels[language] for sheet, n, field in columns(book, contract.main_tables, language))


def test_headings_carry_their_hints(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    assert all(field.hints[language] in sheet.cell(1, n).comment.text for sheet, n, field in columns(book, contract.main_tables, language))


def test_hints_say_what_is_required(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    word = text("template.required", language)
    assert all((word in sheet.cell(1, n).comment.text) == field.required for sheet, n, field in columns(book, contract.main_tables, language))


def test_drop_downs_offer_the_labels(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    found = {(sheet.title, n): drop_down(book, sheet, n) for sheet, n, _ in columns(book, contract.main_tables, language)}
    assert found == {(sheet.title, n): offered(field, language) for sheet, n, field in columns(book, contract.main_tables, language)}


def test_dates_and_numbers_are_checked_while_typing(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    kinds = {"date": "date", "integer": "whole", "number": "decimal"}
    for sheet, n, field in columns(book, contract.main_tables, language):
        if field.type in kinds and field.codes is None:
            rules = [r.type for r in sheet.data_validations.dataValidation if f"{get_column_letter(n)}2" in r.sqref]
            assert rules == [kinds[field.type]]


def test_headings_are_frozen_and_protected(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    for table in contract.main_tables:
        sheet = book[table.labels[language]]
        assert sheet.freeze_panes == "A2"
        assert sheet.protection.sheet
        assert all(sheet.cell(1, n).protection.locked for n in range(1, len(table.fields) + 1))


def test_cells_to_fill_in_are_not_locked(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    for table in contract.main_tables:
        open_columns = set()
        for width in book[table.labels[language]].column_dimensions.values():
            open_columns |= set(range(width.min, width.max + 1)) if not width.protection.locked else set()
        assert open_columns == set(range(1, len(table.fields) + 1))


def test_lists_are_out_of_sight(book: openpyxl.Workbook) -> None:
    assert book["_lists"].sheet_state == "hidden"


def test_code_book_names_every_table_column_and_code(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    lines = {tuple(v or "" for v in row[:4]) for row in book[text("template.code_book_sheet", language)].iter_rows(2, values_only=True)}
    wanted = set()
    for table in contract.main_tables:
        wanted.add((table.labels[language], "", "", table.descriptions[language]))
        for field in table.fields:
            wanted.add((table.labels[language], field.labels[language], field.name, field.hints[language]))
            codes = field.codes if field.code_list and field.codes else ()
            wanted |= {(table.labels[language], field.labels[language], c, field.code_list.label(c, language)) for c in codes}
    scales = [i.scale for i in contract.instruments.values() if i.scale] + [contract.code_lists["missing"]]
    answers = contract.tables["answer"]
    place = (answers.labels[language], answers.field("value").labels[language])
    wanted |= {(*place, code, scale.label(code, language)) for scale in scales for code in scale.codes}
    assert lines == wanted


def test_empty_template_is_sound_and_says_what_is_missing(template: Path, contract: Contract) -> None:
    missing = [contract.tables[name].labels for name in ("cohort", "participant")]
    assert [(i.severity, i.code, i.sheet) for i in validate(template).issues] == [("warning", "no_rows", labels) for labels in missing]


def test_filled_in_template_reads_back_without_a_warning(template: Path, language: str, contract: Contract, typed_rows: TypedRows, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template)
    for name, rows in typed_rows.items():
        table = contract.tables[name]
        sheet = book[table.labels[language]]
        for number, row in enumerate(rows, start=2):
            for column, field in enumerate(table.fields, start=1):
                sheet.cell(number, column).value = as_chosen(row[field.name], field, language)
    book.save(tmp_path / "filled.xlsx")
    tables, report = check_source(open_source(tmp_path / "filled.xlsx", contract), contract)
    assert report.issues == ()
    expected = check_source(open_source("synthetic:tiny", contract), contract)[0]
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(tables[name], frame)


def as_chosen(value: object, field: Field, language: str) -> object:
    """Return what a user has in the cell after choosing from the drop-down."""
    if isinstance(value, bool):
        return text("yes" if value else "no", language)
    words = offered(field, language)
    if words and field.codes and isinstance(value, str):
        return words[field.codes.index(value)]
    return value


def test_background_is_a_workbook_of_its_own(language: str, contract: Contract, tmp_path: Path) -> None:
    write_template(tmp_path / "background.xlsx", contract, language=language, background=True)
    names = openpyxl.load_workbook(tmp_path / "background.xlsx").sheetnames
    assert names == [contract.tables["background"].labels[language], text("template.code_book_sheet", language), "_lists"]


def test_same_template_has_the_same_bytes(template: Path, language: str, contract: Contract, tmp_path: Path) -> None:
    write_template(tmp_path / "again.xlsx", contract, language=language)
    assert (tmp_path / "again.xlsx").read_bytes() == template.read_bytes()


def test_libreoffice_keeps_the_empty_template_sound(contract: Contract, tmp_path: Path, convert: Callable[[Path, str], Path]) -> None:
    write_template(tmp_path / "template.xlsx", contract, language="fi")
    assert [i.code for i in validate(convert(tmp_path / "template.xlsx", "ods")).issues] == ["no_rows", "no_rows"]


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_libreoffice_keeps_the_synthetic_workbook(suffix: str, contract: Contract, tmp_path: Path, convert: Callable[[Path, str], Path]) -> None:
    write_synthetic(tmp_path / "pilot.xlsx", contract, case="tiny", seed=None, language="fi")
    source = open_source(convert(tmp_path / "pilot.xlsx", suffix), contract)
    tables, report = check_source(source, contract)
    assert (report.issues, source.synthetic) == ((), True)
    expected = check_source(open_source("synthetic:tiny", contract), contract)[0]
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(tables[name], frame)


def test_dates_of_the_synthetic_workbook_are_dates(contract: Contract, tmp_path: Path) -> None:
    write_synthetic(tmp_path / "pilot.xlsx", contract, case="tiny", seed=None, language="sv")
    cell = openpyxl.load_workbook(tmp_path / "pilot.xlsx")[contract.tables["cohort"].labels["sv"]]["B2"]
    assert (cell.value.date(), cell.number_format) == (date(2022, 1, 31), "d.m.yyyy")


def test_command_replaces_an_older_file(tmp_path: Path, command: Callable[..., CompletedProcess[str]]) -> None:
    out = tmp_path / "template.xlsx"
    out.write_text("older")
    assert command("template", out, "--overwrite").returncode == 0
    assert (validate(out).ok, list(tmp_path.iterdir())) == (True, [out])


def test_command_asks_for_a_workbook(tmp_path: Path, command: Callable[..., CompletedProcess[str]]) -> None:
    done = command("template", tmp_path / "template.csv")
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
