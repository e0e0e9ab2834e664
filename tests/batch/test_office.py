"""Word, slides and workbook say what the finished report says, cell for cell, and open as what they are."""

import json
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn
from pptx import Presentation

from ikut_eval.batch.plan import file_digest
from ikut_eval.contract.html import PLAIN, PLOTLY
from ikut_eval.contract.locale import LANGUAGES, shipped, text
from tests.conftest import ikut_eval, make_workspace
from tests.dashboard.shown import Dashboards

FORMS = ("docx", "pptx", "xlsx")
LOCALES = {"fi": "fi-FI", "sv": "sv-FI", "en": "en-GB"}
REPORTS = {"20_cohort_report": "C2.fi", "30_pilot_synthesis": "fi", "own": "fi"}
OWN = {
    "markdown": "# Omat huomiot\n\n## Mitä opimme\n\nKaksi *asiaa*:\n\n- ensimmäinen\n- toinen",
    "table": "import pandas as pd\npd.DataFrame({'Päivä': ['4 / 6', '1-2']}, index=pd.MultiIndex.from_tuples([('a', 1), ('a', 2)]))",
    "figure": "import plotly.graph_objects as go\ngo.Figure(go.Bar(x=[1], y=[2]))",
    "picture": 'from IPython.display import SVG\nSVG(\'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><circle r="9" cx="20" cy="10"/></svg>\')',
    "printed": "print('\\x1b[31mred\\x1b[0m\\x08 = 1')",
}
"""An evaluator's own notebook without an exhibit: a text, and what each cell shows."""


def own_notebooks(folder: Path) -> Path:
    """Return the shipped notebooks with a plan of a cohort report, the whole pilot and an evaluator's own."""
    shutil.copytree(shipped("notebooks"), folder)
    cells: list[dict[str, Any]] = [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": 'data: str = "synthetic"\nlanguage: str = "fi"'}]
    cells += [{"cell_type": "markdown" if name == "markdown" else "code", "metadata": {}, "source": source} for name, source in OWN.items()]
    for n, cell in enumerate(cells):
        cell |= {"id": f"c{n}"} | ({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})
    kernel = {"name": "python3", "display_name": "p", "language": "python"}
    (folder / "own.ipynb").write_text(json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}))
    plan = ['file = "20_cohort_report.ipynb"\nfor_each = "cohort"\n', 'file = "30_pilot_synthesis.ipynb"\n', 'file = "own.ipynb"\n']
    (folder / "plan.toml").write_text("\n".join(f"[[notebook]]\n{lines}" for lines in plan))
    return folder


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with three finished reports in Finnish, each in every form."""
    folder = make_workspace(tmp_path_factory.mktemp("office") / "space", data="synthetic", languages=("fi",))
    notebooks = own_notebooks(folder / "notebooks")
    for chosen in (("--cohort", "C2"), ("-n", "30_pilot_synthesis", "-n", "own")):
        said = ikut_eval("run", "-w", folder, "--notebooks", notebooks, *chosen)
        assert said.returncode == 0, said.stdout + said.stderr
    for form in FORMS:
        said = ikut_eval("report", "-w", folder, "--format", form)
        assert said.returncode == 0, said.stdout + said.stderr
        assert said.stdout.count(f".{form}") == len(REPORTS)
    return folder


def made(space: Path, report: str, form: str) -> Path:
    return space / "runs" / report / f"{REPORTS[report]}.{form}"


def plain(space: Path, report: str) -> list[dict[str, Any]]:
    """Return what the outputs of a report's exhibits give of themselves."""
    cells = json.loads(made(space, report, "ipynb").read_text(encoding="utf-8"))["cells"]
    return [output["data"][PLAIN] for cell in cells for output in cell.get("outputs", ()) if PLAIN in output.get("data", {})]


def told(space: Path, report: str) -> list[list[str]]:
    """Return what each exhibit of a report says; of its first page, what stands under each heading."""
    outputs = plain(space, report)
    return [lines for each in outputs for _, lines in each.get("told", ())] + [each["lines"] for each in outputs if "lines" in each]


def tables(space: Path, report: str) -> list[list[list[str]]]:
    """Return the tables of a report, heading first."""
    return [[each["columns"], *each["rows"]] for each in plain(space, report) if "caution" in each]


def questions(space: Path, report: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", made(space, report, "html").read_text(encoding="utf-8"))


def words_of(slide: Any) -> list[str]:
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


@pytest.mark.parametrize("report", ["20_cohort_report", "30_pilot_synthesis"])
def test_word_has_every_table_cell_for_cell(space: Path, report: str) -> None:
    file = Document(str(made(space, report, "docx")))
    wanted = tables(space, report)
    assert len(file.tables) == len(wanted) > 10
    for table, cells in zip(file.tables, wanted, strict=True):
        shown = [[cell.text for cell in row.cells] for row in table.rows]
        assert shown in (cells, [list(column) for column in zip(*cells, strict=True)])
        assert table.style is not None
        assert table.style.name == "Light Shading"
        heading, *others = (row._tr.trPr for row in table.rows)
        assert heading.find(qn("w:tblHeader")) is not None
        assert all(row.find(qn("w:cantSplit")) is not None and row.find(qn("w:tblHeader")) is None for row in others)


@pytest.mark.parametrize("report", ["20_cohort_report", "30_pilot_synthesis"])
def test_word_has_real_styles_and_every_sentence(space: Path, report: str) -> None:
    file = Document(str(made(space, report, "docx")))
    by_style: dict[str, list[str]] = {}
    for paragraph in file.paragraphs:
        assert paragraph.style is not None
        by_style.setdefault(str(paragraph.style.name), []).append(paragraph.text)
    assert len(by_style["Title"]) == 1
    assert by_style["Heading 1"] == questions(space, report)
    said = [line for lines in told(space, report) for line in lines]
    assert set(said) <= set(by_style["Normal"]) | set(by_style["List Bullet"])
    drawn = [each for each in plain(space, report) if "alternative" in each]
    assert len(by_style["Caption"]) == len(tables(space, report)) + len(drawn)
    captions = [caption for each in plain(space, report) for caption in [each.get("caption")] if caption]
    assert all(any(line.endswith(f". {caption}") for line in by_style["Caption"]) for caption in captions)
    assert [each["caution"] for each in plain(space, report) if "caution" in each] == by_style["Caution"]


@pytest.mark.parametrize("report", list(REPORTS))
def test_each_picture_has_an_alternative_text(space: Path, report: str) -> None:
    drawn = [each["alternative"].replace("\n", " ") for each in plain(space, report) if "alternative" in each] or [text("dash.own_figure", "fi")]
    file = Document(str(made(space, report, "docx")))
    assert [shape._inline.docPr.get("descr") for shape in file.inline_shapes] == drawn
    slides = Presentation(str(made(space, report, "pptx"))).slides
    pictures = [shape for slide in slides for shape in slide.shapes if shape.shape_type is not None and shape.shape_type.name == "PICTURE"]
    assert [shape._element.nvPicPr.cNvPr.get("descr") for shape in pictures] == drawn
    for shape in pictures:
        assert shape.image.size[0] == 1800
        assert abs(shape.width / shape.height - shape.image.size[0] / shape.image.size[1]) < 0.02


@pytest.mark.parametrize("report", ["20_cohort_report", "30_pilot_synthesis"])
def test_slides_have_a_title_each_and_say_everything_in_their_notes(space: Path, report: str) -> None:
    file = Presentation(str(made(space, report, "pptx")))
    first, *slides = file.slides
    assert first.shapes.title.text_frame.text
    asked = questions(space, report)
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides]
    assert [first for first in dict.fromkeys(note.partition("\n")[0] for note in notes) if first in asked] == asked
    for lines in told(space, report):
        assert any("\n".join(lines) in note for note in notes)
    for slide in slides:
        assert slide.shapes.title.text_frame.text
        numbers = [place for place in slide.placeholders if place.placeholder_format.type.name == "SLIDE_NUMBER"]
        assert len(numbers) == 1


@pytest.mark.parametrize("report", list(REPORTS))
def test_nothing_stands_outside_of_a_slide(space: Path, report: str) -> None:
    file = Presentation(str(made(space, report, "pptx")))
    for slide in file.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= file.slide_width
            assert shape.top + shape.height <= file.slide_height
        bodies = [s for s in slide.shapes if s.has_table or (s.shape_type is not None and s.shape_type.name == "PICTURE")]
        caution = [s for s in slide.shapes if s.has_text_frame and not s.is_placeholder and s.top > file.slide_height * 0.8]
        assert all(body.top + body.height <= below.top for body in bodies for below in caution)


@pytest.mark.parametrize("report", ["20_cohort_report", "30_pilot_synthesis"])
def test_workbook_has_a_sheet_for_every_table_as_text(space: Path, report: str) -> None:
    book = openpyxl.load_workbook(made(space, report, "xlsx"))
    contents, *sheets = book.worksheets
    wanted = tables(space, report)
    assert len(sheets) == len(wanted)
    captions = [each["caption"] for each in plain(space, report) if "caution" in each]
    for sheet, cells, caption in zip(sheets, wanted, captions, strict=True):
        assert sheet["A1"].value == caption
        assert sheet.freeze_panes == "A4"
        assert sheet.print_title_rows == "$3:$3"
        shown = [list(row[: len(cells[0])]) for row in sheet.iter_rows(min_row=3, max_row=2 + len(cells))]
        assert [[cell.value or "" for cell in row] for row in shown] == cells
        assert {cell.data_type for row in shown for cell in row if cell.value is not None} == {"s"}
    names = [sheet.title for sheet in book.worksheets]
    assert len({name.lower() for name in names}) == len(names)
    assert max(map(len, names)) <= 31
    assert [contents.cell(4 + n, 1).value for n in range(len(sheets))] == [sheet.title for sheet in sheets]
    assert all(contents.cell(4 + n, 1).hyperlink.location == f"'{sheet.title}'!A1" for n, sheet in enumerate(sheets))


def test_own_cells_come_along(space: Path) -> None:
    file = Document(str(made(space, "own", "docx")))
    styles = [(paragraph.style.name, paragraph.text) for paragraph in file.paragraphs if paragraph.style is not None and paragraph.text]
    assert styles[:5] == [
        ("Title", "Omat huomiot"),
        ("Heading 1", "Mitä opimme"),
        ("Normal", "Kaksi asiaa:"),
        ("List Bullet", "ensimmäinen"),
        ("List Bullet", "toinen"),
    ]
    assert [[cell.text for cell in row.cells] for row in file.tables[0].rows] == [["", "", "Päivä"], ["a", "1", "4 / 6"], ["a", "2", "1-2"]]
    assert ("Normal", text("office.own_figure", "fi")) in styles
    assert ("Normal", "red = 1") in styles
    sheet = openpyxl.load_workbook(made(space, "own", "xlsx")).worksheets[1]
    assert [sheet.cell(row, 3).value for row in (3, 4, 5)] == ["Päivä", "4 / 6", "1-2"]
    slides = chain.from_iterable(words_of(slide) for slide in Presentation(str(made(space, "own", "pptx"))).slides)
    assert {"Omat huomiot", "Mitä opimme"} <= set(slides)


@pytest.mark.parametrize("report", list(REPORTS))
def test_labels_are_on_every_page(space: Path, report: str) -> None:
    labels = [text(f"report.{kind}", "fi") for kind in ("synthetic", "confidential")]
    document = Document(str(made(space, report, "docx")))
    for page in document.sections:
        assert all(label in "\n".join(paragraph.text for paragraph in page.header.paragraphs) for label in labels)
        assert "PAGE" in page.footer._element.xml
    assert all(all(label in "\n".join(words_of(slide)) for label in labels) for slide in Presentation(str(made(space, report, "pptx"))).slides)
    for sheet in openpyxl.load_workbook(made(space, report, "xlsx")).worksheets:
        assert all(label in str(sheet["A2"].value) and label in str(sheet.oddHeader.left.text) for label in labels)


@pytest.mark.parametrize("report", list(REPORTS))
def test_properties_tell_title_and_language_and_no_author(space: Path, report: str) -> None:
    when = json.loads(made(space, report, "json").read_text(encoding="utf-8"))["reporting_date"]
    document = Document(str(made(space, report, "docx")))
    slides = Presentation(str(made(space, report, "pptx")))
    for found in (document.core_properties, slides.core_properties):
        assert found.title == document.paragraphs[0].text
        assert (found.author, found.last_modified_by, found.comments, found.language) == ("", "", "", "fi-FI")
        assert found.created is not None
        assert found.created.date().isoformat() == when
    languages = document.styles.element.findall(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert [each.get(qn("w:val")) for each in languages] == ["fi-FI"]
    shown = [run._r.rPr.get("lang") for slide in slides.slides for shape in slide.shapes if shape.has_text_frame for run in runs(shape.text_frame)]
    assert set(shown) == {"fi-FI"}
    assert openpyxl.load_workbook(made(space, report, "xlsx")).properties.created.date().isoformat() == when


def runs(frame: Any) -> Iterator[Any]:
    return (run for paragraph in frame.paragraphs for run in paragraph.runs)


@pytest.mark.parametrize("report", list(REPORTS))
@pytest.mark.parametrize("form", FORMS)
def test_files_are_the_owners_and_ask_nobody_for_anything(space: Path, report: str, form: str) -> None:
    path = made(space, report, form)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [left.name for left in path.parent.iterdir() if left.name.startswith(".")] == []
    with zipfile.ZipFile(path) as parts:
        relations = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".rels"))
        everything = b"".join(parts.read(name) for name in parts.namelist())
    assert 'TargetMode="External"' not in relations
    assert str(space).encode() not in everything


def test_title_tells_cohort_day_and_people(space: Path) -> None:
    head = Document(str(made(space, "20_cohort_report", "docx"))).sections[0].header.paragraphs[0].text
    assert "C2" in head
    assert text("people", "fi", n=5) in head
    assert text("people", "fi", n=20) in Document(str(made(space, "30_pilot_synthesis", "docx"))).sections[0].header.paragraphs[0].text


def test_changed_report_is_refused_and_nothing_is_lost(space: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(space, tmp_path / "space")
    notebook, target = made(copy, "own", "ipynb"), made(copy, "own", "docx")
    before = file_digest(target)
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("toinen", "kolmas"), encoding="utf-8")
    said = ikut_eval("report", "-w", copy, "-n", "own", "--format", "docx")
    assert said.returncode == 10
    assert "own/fi.html" in said.stderr
    assert file_digest(target) == before


def test_without_a_browser_the_workbook_is_made_all_the_same(space: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(space, tmp_path / "space")
    before = file_digest(made(copy, "own", "pptx"))
    for form, code in (("docx", 15), ("pptx", 15), ("xlsx", 0)):
        said = ikut_eval("report", "-w", copy, "-n", "own", "--format", form, IKUT_EVAL_BROWSER=str(tmp_path / "none"))
        assert said.returncode == code, said.stdout + said.stderr
    assert file_digest(made(copy, "own", "pptx")) == before
    assert [left.name for left in (copy / "runs" / "own").iterdir() if left.name.startswith(".")] == []


def test_file_that_is_open_elsewhere_is_named(space: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = made(space, "own", "xlsx")
    before = file_digest(target)

    def locked(*_: object) -> None:
        raise PermissionError(13, "locked")

    monkeypatch.setattr("os.replace", locked)
    said = ikut_eval("report", "-w", space, "-n", "own", "--format", "xlsx")
    assert said.returncode == 14
    assert target.name in said.stderr
    assert file_digest(target) == before
    assert [left.name for left in target.parent.iterdir() if left.name.startswith(".")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_unknown_form_is_told_in_the_language(space: Path, language: str) -> None:
    said = ikut_eval("report", "-w", space, "--format", "odt", IKUT_EVAL_LANGUAGE=language)
    assert said.returncode == 2
    assert "docx" in said.stderr


@pytest.fixture(scope="module")
def published(common: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of which something is published, with the public files of every form in three languages."""
    pages = Dashboards(common / "dashboards")
    pages.bundle("public")
    folder = shutil.copytree(common / "dashboards" / "public" / "space", tmp_path_factory.mktemp("published") / "space")
    settings = folder / "evaluation.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('languages = ["en"]', 'languages = ["fi", "sv", "en"]'), encoding="utf-8")
    shutil.rmtree(folder / "runs", ignore_errors=True)
    for form in FORMS:
        said = ikut_eval("report", "-w", folder, "--audience", "public", "--format", form)
        assert said.returncode == 0, said.stdout + said.stderr
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_files_say_what_the_pages_say(published: Path, common: Path, language: str) -> None:
    pages = Dashboards(common / "dashboards")
    sections = [section for name in ("overview", "outcomes", "attendance", "rights_awareness") for section in pages.page("public", name, language).sections]
    wanted = [[list(exhibit.table.columns), *exhibit.cells] for section in sections for exhibit in section.panels.values()]
    sheets = openpyxl.load_workbook(published / "public" / f"r01.{language}.xlsx").worksheets[1:]
    for sheet, cells in zip(sheets, wanted, strict=True):
        assert [[cell.value for cell in row[: len(cells[0])]] for row in sheet.iter_rows(min_row=3, max_row=2 + len(cells))] == cells
    file = Document(str(published / "public" / f"r01.{language}.docx"))
    for table, cells in zip(file.tables, wanted, strict=True):
        assert [[cell.text for cell in row.cells] for row in table.rows] in (cells, [list(column) for column in zip(*cells, strict=True)])
    slides = Presentation(str(published / "public" / f"r01.{language}.pptx")).slides
    mark, about = text("dash.audience_public", language), pages.page("public", "overview", language).about
    assert "r01" in about
    assert all(mark in "\n".join(words_of(slide)) and about in "\n".join(words_of(slide)) for slide in slides)
    assert all(mark in str(sheet["A2"].value) and about in str(sheet["A2"].value) for sheet in sheets)
    assert about in file.sections[0].header.paragraphs[0].text
    assert text("report.confidential", language) not in "\n".join(chain.from_iterable(words_of(slide) for slide in slides))
    assert file.core_properties.language == LOCALES[language]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_for_the_public_before_a_release(space: Path, form: str) -> None:
    said = ikut_eval("report", "-w", space, "--audience", "public", "--format", form)
    assert said.returncode == 14
    assert "release publish" in said.stderr
    assert not (space / "public").exists()


@pytest.mark.parametrize("words", [("--format", "pdf"), ("--format", "docx", "--cohort", "C1"), ("--format", "docx", "-n", "own")])
def test_public_files_are_of_everything_published(published: Path, words: tuple[str, ...]) -> None:
    said = ikut_eval("report", "-w", published, "--audience", "public", *words)
    assert said.returncode == 2


def test_figure_of_a_report_is_no_second_picture(space: Path) -> None:
    """What an output shows as a figure of plotly's, as SVG and in plain form is one picture."""
    cells = json.loads(made(space, "20_cohort_report", "ipynb").read_text(encoding="utf-8"))["cells"]
    figures = [output for cell in cells for output in cell.get("outputs", ()) if PLOTLY in output.get("data", {})]
    assert len(Document(str(made(space, "20_cohort_report", "docx"))).inline_shapes) == len(figures) > 5
