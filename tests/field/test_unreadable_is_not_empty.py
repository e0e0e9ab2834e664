"""A cell whose content no program can tell is named, never taken for an empty one: errors, and formulas that nobody has computed."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from ikut_eval.contract.errors import DataError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.issues import ERROR, Report
from ikut_eval.data.pilot import read_pilot, validate
from tests.field.conftest import CONTRACT, INPUTS, cell, column_of, errors, found, ods, row

Changed = Callable[[Callable[[openpyxl.Workbook], object]], Path]
EXCEL_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
IN_WORDS = (*EXCEL_ERRORS, "#GETTING_DATA", "#SPILL!", "#CALC!", "#PUUTTUU!", "#JAKO/0!", "#SAKNAS!", "#DIVISION/0!", "#VÄRDEFEL!", "Err:502", "####")
COLUMNS = [pytest.param(t, f, id=f"{t.name}.{f.name}") for t in CONTRACT.main_tables for f in t.fields]


@pytest.mark.parametrize(
    ("file", "code", "column"),
    [("01_error_cells.xlsx", "error_in_cell", "Further service"), ("02_formula_without_value.xlsx", "formula_without_result", "Looking for work")],
)
def test_cells_of_a_whole_column_are_named(file: str, code: str, column: str) -> None:
    report = validate(INPUTS / file)
    assert [each for each in found(report) if each[0] == code] == [(code, "Outcomes", column, tuple(range(2, 60)))]
    assert report.count(ERROR) == 1
    assert len({report.to_text(language) for language in LANGUAGES}) == len(LANGUAGES)
    with pytest.raises(DataError):
        read_pilot(INPUTS / file)


@pytest.fixture(scope="module")
def every_column(pilot_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, dict[tuple[str, str], int]]:
    """Return the report on a workbook with two further rows for every column, each of one cell, an error and a formula; and the first row of each column."""
    book = openpyxl.load_workbook(pilot_file)
    rows: dict[tuple[str, str], int] = {}
    for table, field in (each.values for each in COLUMNS):
        sheet = book[table.labels["en"]]
        place, error = column_of(sheet, field.labels["en"]), sheet.max_row + 1
        sheet.cell(error, place).value = "#REF!"
        sheet.cell(error, place).data_type = "e"
        sheet.cell(error + 1, place).value = '=IF(TRUE,"Yes","No")'
        rows[table.name, field.name] = error
    path = tmp_path_factory.mktemp("columns") / "columns.xlsx"
    book.save(path)
    return validate(path), rows


@pytest.mark.parametrize(("table", "field"), COLUMNS)
def test_every_column_required_or_not(table, field, every_column: tuple[Report, dict[tuple[str, str], int]]) -> None:
    """One cell with an error, one with a formula: each gives its issue, and nothing calls them empty."""
    report, rows = every_column
    where, error = (table.labels["en"], field.labels["en"]), rows[table.name, field.name]
    of_the_cells = [issue for issue in found(report) if issue[1:3] == where]
    assert of_the_cells[:2] == [("error_in_cell", *where, (error,)), ("formula_without_result", *where, (error + 1,))]
    assert [code for code, *_, named in of_the_cells[2:] if {error, error + 1} & set(named)] == []


def test_every_error_of_excel(changed: Changed) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Attendance"]
        for place, error in enumerate(EXCEL_ERRORS, start=2):
            sheet.cell(place, column_of(sheet, "Reason for absence")).value = error
            assert sheet.cell(place, column_of(sheet, "Reason for absence")).data_type == "e"

    rows = tuple(range(2, 2 + len(EXCEL_ERRORS)))
    assert errors(changed(change)) == [("error_in_cell", "Attendance", "Reason for absence", rows)]


@pytest.mark.parametrize("word", IN_WORDS)
def test_errors_as_words_in_csv(word: str, tmp_path: Path) -> None:
    (tmp_path / "target.csv").write_text(f"indicator;value;unit;source\nin_work;2;count;plan\nfair_work;{word};count;{word}\n", encoding="utf-8")
    assert [e for e in errors(tmp_path) if e[1] == "Targets"] == [
        ("error_in_cell", "Targets", "Target", (3,)),
        ("error_in_cell", "Targets", "Source", (3,)),
    ]


def test_words_that_only_begin_like_an_error_are_text(tmp_path: Path) -> None:
    (tmp_path / "target.csv").write_text("indicator;value;unit;source\nin_work;2;count;# of people\nfair_work;2;count;#1 goal\n", encoding="utf-8")
    assert [e for e in errors(tmp_path) if e[1] == "Targets"] == []


def _ods_cells(*, formula: str, rest: str) -> str:
    return f'<table:table-cell table:formula="{formula}" {rest}'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(
            _ods_cells(formula="of:=NA()", rest='office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p>'),
            "error_in_cell",
            id="libreoffice",
        ),
        pytest.param(
            _ods_cells(formula="of:=1/0", rest='office:value-type="float" office:value="0"><text:p>#DIV/0!</text:p>'), "error_in_cell", id="zero-shown"
        ),
        pytest.param(_ods_cells(formula="of:=A1", rest="><text:p/>"), "formula_without_result", id="no-type"),
        pytest.param(_ods_cells(formula="of:=A1", rest='office:value-type="float">'), "formula_without_result", id="no-value"),
        pytest.param(_ods_cells(formula="of:=A1", rest='office:value-type="string">'), "formula_without_result", id="no-text"),
    ],
)
def test_ods(content: str, code: str, tmp_path: Path) -> None:
    rows = [row(*map(cell, ("indicator", "value", "unit", "source"))), row(cell("in_work"), cell("2"), cell("count"), f"{content}</table:table-cell>")]
    path = ods(tmp_path / "pilot.ods", {"target": rows})
    assert [e for e in errors(path) if e[1] == "Targets"] == [(code, "Targets", "Source", (2,))]


def test_repeated_cells_and_rows_of_ods_are_all_named(tmp_path: Path) -> None:
    broken = (
        '<table:table-cell table:number-columns-repeated="2" office:value-type="string" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    )
    rows = [row(*map(cell, ("indicator", "value", "unit", "source"))), row(cell("in_work"), cell("2"), broken, repeated=3)]
    path = ods(tmp_path / "pilot.ods", {"target": rows})
    assert [e for e in errors(path) if e[0] == "error_in_cell"] == [
        ("error_in_cell", "Targets", "Unit", (2, 3, 4)),
        ("error_in_cell", "Targets", "Source", (2, 3, 4)),
    ]


def _target(path: Path, write: Callable[..., object]) -> list[tuple]:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("target")
        sheet.write_row(0, 0, ["indicator", "value", "unit", "source"])
        sheet.write_row(1, 0, ["in_work", 2, "count", "plan"])
        write(sheet)
    return [e for e in errors(path) if e[1] == "Targets"]


def test_placeholder_of_a_program_that_computes_nothing_is_no_result(tmp_path: Path) -> None:
    """xlsxwriter writes 0 for every formula, and asks that the file be computed when it is opened."""
    assert _target(tmp_path / "a.xlsx", lambda sheet: sheet.write_formula(1, 1, "=1+1")) == [("formula_without_result", "Targets", "Target", (2,))]


def test_array_formula_names_every_cell_that_it_fills(tmp_path: Path) -> None:
    of_formula = [e for e in _target(tmp_path / "a.xlsx", lambda sheet: sheet.write_array_formula(1, 1, 2, 1, "{=A1:A2}")) if e[2] == "Target"]
    assert of_formula == [("formula_without_result", "Targets", "Target", (2, 3))]


def test_computed_formulas_are_read(pilot_file: Path, tmp_path: Path) -> None:
    """A formula with its result, also with an empty text as its result, is what the result is."""
    from zipfile import ZipFile

    with ZipFile(pilot_file) as old, ZipFile(tmp_path / "computed.xlsx", "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/workbook.xml":
                part = part.replace(b' fullCalcOnLoad="1"', b"")
            if name.startswith("xl/worksheets/sheet"):
                part = part.replace(b"<v>8</v>", b"<f>4+4</f><v>8</v>").replace(
                    b"</row></sheetData>", b'<c r="ZZ2" t="str"><f>A1</f><v></v></c></row></sheetData>'
                )
            new.writestr(name, part)
    assert validate(tmp_path / "computed.xlsx").issues == ()
