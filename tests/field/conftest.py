"""Pilots as they are filled in: built of literal rows, the workbooks of `inputs/`, and a small synthetic workbook changed in one way."""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import openpyxl
import pytest

from ikut_eval.contract.schema import load_contract
from ikut_eval.data.issues import ERROR, Report
from ikut_eval.data.pilot import validate
from ikut_eval.data.writing import write_synthetic
from tests.measures.conftest import build

__all__ = ["build"]

INPUTS = Path(__file__).parent / "inputs"
CONTRACT = load_contract()


@pytest.fixture(scope="session")
def pilot_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_synthetic(tmp_path_factory.mktemp("pilot") / "pilot.xlsx", CONTRACT, case="tiny", seed=None, language="en")[0]


@pytest.fixture
def changed(pilot_file: Path, tmp_path: Path) -> Callable[[Callable[[openpyxl.Workbook], object]], Path]:
    """Return a workbook of two invented people after a change."""

    def make(change: Callable[[openpyxl.Workbook], object]) -> Path:
        book = openpyxl.load_workbook(pilot_file)
        change(book)
        book.save(tmp_path / "changed.xlsx")
        return tmp_path / "changed.xlsx"

    return make


def found(report: Report, *, but: Sequence[str] = ("synthetic_changed",)) -> list[tuple[str, str | None, str | None, tuple[int, ...]]]:
    """Return code, sheet, column and rows of each issue, in English."""
    return [(i.code, i.sheet["en"] if i.sheet else None, i.column["en"] if i.column else None, i.rows) for i in report.issues if i.code not in but]


def errors(path: Path) -> list[tuple[str, str | None, str | None, tuple[int, ...]]]:
    return found(Report(tuple(i for i in validate(path).issues if i.severity == ERROR)))


def column_of(sheet: openpyxl.worksheet.worksheet.Worksheet, heading: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == heading)


def ods(path: Path, sheets: dict[str, Iterable[str]], *, null_date: str = "") -> Path:
    """Write an .ods file whose rows are given as XML of their cells."""
    settings = f'<table:calculation-settings><table:null-date table:date-value="{null_date}"/></table:calculation-settings>' if null_date else ""
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }
    spaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    tables = "".join(f"<table:table table:name={quoteattr(name)}>{''.join(rows)}</table:table>" for name, rows in sheets.items())
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>{settings}{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
        archive.writestr("content.xml", content)
    return path


def cell(words: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{words}</text:p></table:table-cell>'


def row(*cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'
