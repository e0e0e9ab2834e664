"""An identifier is found wherever a workbook can hold words, not in its cells alone; what programs write there is not taken for one."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from ikut_eval.contract.schema import load_contract
from ikut_eval.data.pilot import validate
from ikut_eval.data.writing import write_synthetic

CODE, PHONE = "131052-308T", "puh. 040 1234567"
Book = openpyxl.Workbook


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "pilot.xlsx"
    write_synthetic(path, load_contract(), case="tiny", seed=None, language="fi")
    return path


def header(book: Book) -> None:
    book.worksheets[0].oddHeader.left.text = PHONE
    book.worksheets[0].oddHeader.left.size = 8


def footer(book: Book) -> None:
    book.worksheets[0].evenFooter.right.text = CODE


def defined_name(book: Book) -> None:
    book.defined_names["vanha"] = DefinedName("vanha", attr_text=f'"{CODE}"')


def listed(book: Book) -> None:
    choice = DataValidation(type="list", formula1=f'"kyllä,{CODE}"')
    book.worksheets[0].add_data_validation(choice)
    choice.add("Z90")


def hint(book: Book) -> None:
    choice = DataValidation(type="whole", operator="greaterThan", formula1="0", prompt=f"Soita {PHONE}", promptTitle="Ohje", showInputMessage=True)
    book.worksheets[0].add_data_validation(choice)
    choice.add("Z90")


def link(book: Book) -> None:
    book.worksheets[0]["A1"].hyperlink = "mailto:matti.meikalainen@example.fi"


def number_format(book: Book) -> None:
    book.worksheets[0]["A2"].number_format = f'0" {CODE}"'


def comment(book: Book) -> None:
    book.worksheets[0]["A2"].comment = Comment(CODE, "A")


def author(book: Book) -> None:
    book.properties.creator = "matti.meikalainen@example.fi"


def chart(book: Book) -> None:
    drawn = BarChart()
    drawn.title = f"Asia {CODE}"
    drawn.add_data(Reference(book.worksheets[0], min_col=2, min_row=1, max_row=3))
    book.worksheets[0].add_chart(drawn, "Z20")


def formula(book: Book) -> None:
    book.worksheets[-1]["Z90"] = f'=IF(1>2,"{CODE}","")'


PLACES: list[Callable[[Book], None]] = [header, footer, defined_name, listed, hint, link, number_format, comment, author, chart, formula]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_identifier_outside_the_cells_stops_the_read(sound: Path, tmp_path: Path, place: Callable[[Book], None]) -> None:
    book = openpyxl.load_workbook(sound)
    place(book)
    book.save(tmp_path / "pilot.xlsx")
    report = validate(str(tmp_path / "pilot.xlsx"))
    assert "identifier_in_annotation" in {issue.code for issue in report.issues}
    assert not any(CODE in report.to_text(language) or "1234567" in report.to_text(language) for language in ("fi", "sv", "en"))


def test_identifier_in_a_text_box_in_two_runs_of_letters_is_found(sound: Path, tmp_path: Path) -> None:
    box = '<xdr:wsDr xmlns:xdr="x" xmlns:a="a"><a:p><a:r><a:rPr sz="1100"/><a:t>131052-</a:t></a:r><a:r><a:t>308T</a:t></a:r></a:p></xdr:wsDr>'
    path = tmp_path / "pilot.xlsx"
    path.write_bytes(sound.read_bytes())
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("xl/drawings/drawing9.xml", box)
    assert "identifier_in_annotation" in {issue.code for issue in validate(str(path)).issues}


def test_what_programs_write_outside_the_cells_is_no_identifier(sound: Path, tmp_path: Path, convert: Callable[[Path, str], Path]) -> None:
    openpyxl.load_workbook(sound).save(tmp_path / "again.xlsx")
    for path in (sound, tmp_path / "again.xlsx", convert(sound, "ods"), convert(convert(sound, "ods"), "xlsx")):
        assert [issue.code for issue in validate(str(path)).issues if "identifier" in issue.code] == []


@pytest.mark.parametrize("place", [header, comment, link, formula], ids=lambda place: place.__name__)
def test_open_document_is_read_outside_its_cells_too(sound: Path, tmp_path: Path, convert: Callable[[Path, str], Path], place: Callable[[Book], None]) -> None:
    book = openpyxl.load_workbook(sound)
    place(book)
    book.save(tmp_path / "pilot.xlsx")
    assert "identifier_in_annotation" in {issue.code for issue in validate(str(convert(tmp_path / "pilot.xlsx", "ods"))).issues}
