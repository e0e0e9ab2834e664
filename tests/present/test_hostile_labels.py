"""Labels of code lists and instruments stay text in every workbook, exhibit and page, whatever somebody has written there."""

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from bs4 import BeautifulSoup

import ikut_eval as ikut
from ikut_eval.contract import schema
from ikut_eval.contract.html import PLOTLY, style_of_exhibits
from ikut_eval.contract.locale import shipped
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.html import script
from ikut_eval.dashboard.page import PAGES
from ikut_eval.dashboard.pages import page_of
from ikut_eval.data.issues import check_page
from ikut_eval.data.pilot import PilotData, check_source, open_source, read_pilot, validate
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.template import write_template
from ikut_eval.data.writing import write_csv_folder, write_synthetic
from tests.dashboard.shown import internal_bundle, texts_of
from tests.present.conftest import EXHIBITS, OF_ONE, draw

TOTALS = {'=COUNTIF(,"P*")+COUNTIF(,"x*")+COUNTIF(,"L*")', '=COUNTIF(,"R*")+COUNTIF(,"U*")', '=COUNTIF(,"E*")'}
"""The formulas of a register, without their ranges."""
HOSTILE = {
    "script": "</script><script>alert('{}')</script><img src=x onerror=alert(1)>",
    "link": '<a href="https://example.org">{}</a> &lt;b&gt; <b>',
    "formula": '=HYPERLINK("https://example.org","{}")',
    "array formula": "{{=1+1}} {}",
    "command": "+1+cmd|'/C calc'!A0 {}",
    "at": "@SUM(1;2) {}",
    "address": "https://example.org/{}",
    "Markdown": "# {} [x](javascript:alert(1)) ![](x) **y** `z`",
}
TAGS = {
    "p",
    "ul",
    "li",
    "details",
    "summary",
    "div",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
    "strong",
    "section",
    "h1",
    "h2",
    "h3",
    "br",
}
MARKS = {"svg", "defs", "use", "g", "path", "circle", "rect", "pattern", "text", "b", "small"}
"""What the first page of a report is drawn with."""


@pytest.fixture(scope="module", params=HOSTILE, ids=lambda name: name.replace(" ", "_"))
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The contract in which every label of a code list and every text of an instrument is hostile; the pattern of the labels."""
    pattern, folder = HOSTILE[request.param], tmp_path_factory.mktemp("hostile") / "data_schema"
    shutil.copytree(shipped("data_schema"), folder)
    for path in (folder / "code_lists").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows({name: pattern.format(cell) if name in ("fi", "sv", "en") else cell for name, cell in row.items()} for row in rows)
    for path in (folder / "instruments").glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for words in (content["names"], *(item["text"] for item in content["items"])):
            words.update({language: pattern.format(said) for language, said in words.items()})
        path.write_text(json.dumps(content), encoding="utf-8")
    patched = pytest.MonkeyPatch()
    patched.setattr(schema, "shipped", lambda name: folder if name == "data_schema" else shipped(name))
    yield pattern
    patched.undo()


@pytest.fixture(scope="module")
def pilot(hostile: str) -> PilotData:
    assert hostile.format("Remote") in load_contract().code_lists["place"].labels["remote"]["en"]
    return read_pilot("synthetic")


def test_in_workbooks_every_label_is_text(hostile: str, tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx", load_contract(), language="en", background=True)
    write_template(tmp_path / "data.xlsx", load_contract(), language="en")
    write_synthetic(tmp_path / "pilot.xlsx", load_contract(), case="tiny", seed=None, language="en")
    cells = []
    for path in tmp_path.glob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        cells += [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    formulas = [cell.value for cell in cells if cell.data_type == "f"]  # the totals of a register: they count letters in ranges
    assert {re.sub(r"[A-Z]+\d+(:[A-Z]+\d+)?", "", formula) for formula in formulas} == TOTALS
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s", "f"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert hostile.format("Remote") in {cell.value for cell in cells}


def test_labels_are_read_as_the_codes_they_are(hostile: str, tmp_path: Path) -> None:
    write_synthetic(tmp_path / "pilot.xlsx", load_contract(), case="tiny", seed=None, language="en")
    found = {issue.code for issue in validate(tmp_path / "pilot.xlsx").issues if issue.severity == "error"}
    assert "formula_without_result" in found if hostile.startswith("=") else not found  # whether it was a formula cannot be told


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_what_is_wrong_is_said_in_text(hostile: str, tmp_path: Path, language: str) -> None:
    rows = synthetic_rows(load_contract(), case="tiny")
    rows["session"][0]["place"] = rows["participant"][0]["exit_type"] = "nowhere"
    write_csv_folder(tmp_path / "pilot", load_contract(), rows, language="en")
    report = check_source(open_source(tmp_path / "pilot", load_contract()), load_contract())[1]
    assert not report.ok
    assert "script" not in {tag.name for tag in BeautifulSoup(report._repr_html_(), "html.parser").find_all(True)}
    page = BeautifulSoup(check_page(report, language), "html.parser")
    assert not page.find_all(["script", "img", "a"])


@pytest.mark.parametrize("name", EXHIBITS)
def test_in_notebooks_every_label_is_text(pilot: PilotData, name: str) -> None:
    exhibit = draw(name, pilot.cohort("C1") if name in OF_ONE else pilot, "en")
    for output in exhibit.outputs():
        if "text/html" in output and output["text/html"] != style_of_exhibits():
            assert {tag.name for tag in BeautifulSoup(output["text/html"], "html.parser").find_all(True)} <= (TAGS | MARKS if exhibit.page else TAGS)
        if PLOTLY in output:
            shown = texts_of([output[PLOTLY]["data"], {**output[PLOTLY]["layout"], "meta": None}])
            assert not [words for words in shown if "<" in words.replace("<br>", "").replace("<b>", "").replace("</b>", "")]
            drawn = {tag.tag.rpartition("}")[2] for tag in ElementTree.fromstring(output["image/svg+xml"]).iter()}  # noqa: S314 – ours
            assert not drawn & {"script", "img", "image", "a", "foreignObject"}
    assert "text/markdown" not in {kind for output in exhibit.outputs() for kind in output}


def test_on_pages_every_label_is_text(hostile: str, pilot: PilotData, tmp_path: Path) -> None:
    bundle = internal_bundle(pilot, tmp_path / "internal")
    for name in PAGES:
        page = BeautifulSoup(page_of(bundle, name, language="en").document, "html.parser")
        assert not page.find_all("img", src="x")
        assert not page.find_all("a", href="https://example.org")
        assert {script.get("type") for script in page.find_all("script") if not script.get("src")} <= {"application/json", None}
        assert [found.string for found in page.find_all("script", type=None)] == [script()]


def test_explanations_and_summaries_are_text(hostile: str, pilot: PilotData) -> None:
    for shown in (ikut.score_summary(pilot, "rights_awareness"), ikut.needs_met(pilot)):
        html = shown._repr_html_()  # type: ignore[operator]
        assert not BeautifulSoup(html or "", "html.parser").find_all(["script", "img", "a"])
