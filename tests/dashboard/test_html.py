"""The pages as HTML: sound in structure, closed to what a text holds, silent about people.

That the three languages have the same structure is tested in `test_words`.
"""

import json
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard import html
from ikut_eval.dashboard.page import PAGES, Control, Page, Section
from ikut_eval.data.pilot import read_pilot
from ikut_eval.data.writing import write_csv_folder
from ikut_eval.present.spine import Cell, Column, Kinds, Spine, SpineGroup, SpineRow
from ikut_eval.release.store import read_bundle
from tests.conftest import MARKER, marked_rows
from tests.dashboard.shown import AUDIENCES, EVERY_PAGE, LANGUAGES, Dashboards, internal_bundle, made, public_bundle

BREAKING = "</script><script>alert('&amp;')</script><!--<script>&\"'><img src=x onerror=alert(1)>\u2028"


each_page = pytest.mark.parametrize(("audience", "name"), EVERY_PAGE)
each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
@each_page
def test_page_has_one_title_and_headings_in_order(dashboards: Dashboards, audience: str, name: str, language: str) -> None:
    page = dashboards.parsed(audience, name, language)
    levels = [int(h.name[1]) for h in page.find_all(re.compile(r"^h[1-6]$"))]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(heading.get_text(strip=True) for heading in page.find_all(re.compile(r"^h[1-6]$")))
    assert page.html["lang"] == language
    assert page.h1.get_text() in page.title.get_text()


@each_page
def test_ids_are_unique_and_what_is_named_is_there(dashboards: Dashboards, audience: str, name: str) -> None:
    page = dashboards.parsed(audience, name, "fi")
    ids = Counter(element["id"] for element in page.find_all(id=True))
    assert {each: n for each, n in ids.items() if n > 1} == {}
    named = {
        each for element in page.find_all(True) for kind in ("for", "aria-labelledby", "aria-controls", "aria-describedby") for each in words(element, kind)
    }
    assert named - set(ids) == set()
    inside = {a["href"].removeprefix("#") for a in page.find_all("a") if a["href"].startswith("#")}
    assert inside - set(ids) == set()


def words(element: Tag, attribute: str) -> list[str]:
    return str(element.get(attribute, "")).split()


@each_page
def test_controls_have_labels_and_tables_have_heads(dashboards: Dashboards, audience: str, name: str) -> None:
    page = dashboards.parsed(audience, name, "fi")
    for control in page.select("select, input, textarea"):
        label = control.find_parent("label") or page.find("label", attrs={"for": control.get("id", "")})
        assert label is not None
        assert label.get_text(strip=True)
    for group in page.find_all("fieldset"):
        assert group.find("legend").get_text(strip=True)
    tables = page.find_all("table")
    assert tables
    for table in tables:
        assert table.caption.get_text(strip=True)
        assert {cell.get("scope") for cell in table.select("thead tr:not(.over) th")} == {"col"}
        assert {cell.get("scope") for cell in table.select("thead tr.over th")} <= {"row", "colgroup"}
        assert {cell.get("scope") for cell in table.select("tbody th")} <= {"row", "rowgroup"}
        widths = {sum(int(cell.get("colspan", 1)) for cell in row.find_all(["th", "td"])) for row in table.find_all("tr")}
        assert len(widths) == 1
    assert all(button["type"] == "button" and button.get_text(strip=True) for button in page.find_all("button"))


@each_page
def test_page_asks_for_nothing_beyond_its_own_folder(dashboards: Dashboards, audience: str, name: str) -> None:
    page = dashboards.parsed(audience, name, "fi")
    asked = [element[kind] for kind in ("href", "src", "action", "poster", "data") for element in page.find_all(attrs={kind: True})]
    assert [address for address in asked if re.match(r"(?!data:,)[a-z]+:|//|/", address)] == []
    assert {address for address in asked if "/" in address} == set()
    assert [element for element in page.find_all(True) if any(each.startswith("on") or each == "style" for each in element.attrs)] == []
    assert [found.string for found in page.find_all("script", type=None)] == [html.script()]


@each_page
def test_languages_and_pages_lead_to_each_other(dashboards: Dashboards, audience: str, name: str) -> None:
    page = dashboards.parsed(audience, name, "sv")
    assert [a["href"] for a in page.select("nav.languages a")] == [html.file_name(name, language) for language in LANGUAGES]
    assert [a["lang"] for a in page.select("nav.languages a")] == list(LANGUAGES)
    assert [a["href"] for a in page.select("nav:not(.languages) a")] == [html.file_name(each, "sv") for each in PAGES]
    assert [a["href"] for a in page.select("nav [aria-current]")].count(html.file_name(name, "sv")) == 2


@each_page
def test_first_choice_is_shown_before_any_script(dashboards: Dashboards, audience: str, name: str) -> None:
    page = dashboards.parsed(audience, name, "fi")
    first = {button["name"]: button["value"] for button in page.select("form.controls input[checked]")}
    assert set(first) == {field.find("input")["name"] for field in page.select("form.controls fieldset")}
    for section in page.select("main > section"):
        [state] = [state for state in section.select(".state") if not state.has_attr("hidden")]
        assert {kind: len(state.select(kind)) for kind in (".said", "p.caution", "details.data table")} == dict.fromkeys(
            (".said", "p.caution", "details.data table"), 1
        )
        marked = {each: state[f"data-if-{each}"] for each in first if state.has_attr(f"data-if-{each}")}
        has = {each: section.get(f"data-if-{each}", value).split() for each, value in first.items()}
        assert marked == {each: first[each] for each in marked if first[each] in has[each]} or any(first[each] not in has[each] for each in marked)


def breaking(page: Page) -> Page:
    """Return a page in which every text could end the element in which it stands."""
    section = page.sections[0]
    panel = next(iter(section.panels.values()))
    table = panel.table.astype(object).map(lambda _: BREAKING)
    lines = (("C1", BREAKING), (BREAKING, BREAKING))
    cells = (Cell(BREAKING, BREAKING, BREAKING, ((BREAKING, 1),)), Cell(BREAKING, drawn=Kinds(((BREAKING, 1, BREAKING),))))
    group = SpineGroup(BREAKING, BREAKING, (SpineRow(BREAKING, BREAKING, cells),))
    spine = Spine((Column(BREAKING, BREAKING, True, BREAKING, BREAKING), Column(BREAKING)), (group,), ((BREAKING, BREAKING),), BREAKING)
    words = {"spine": spine, "intro": BREAKING, "caption": BREAKING, "caution": BREAKING}
    exhibit = replace(panel, lines=lines, table=table, **words)
    broken = Section(section.name, BREAKING, {(BREAKING,): exhibit}, (BREAKING,), BREAKING)
    control = Control("measure", BREAKING, ((BREAKING, BREAKING), ("b", BREAKING)))
    return replace(
        page, title=BREAKING, about=BREAKING, caution=BREAKING, controls=(control,), sections=(broken,), designs={BREAKING: BREAKING}, finding=BREAKING
    )


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_text_can_become_markup_or_a_script(dashboards: Dashboards, audience: str) -> None:
    sound = dashboards.parsed(audience, "overview", "en")
    document = html.document(breaking(dashboards.page(audience, "overview", "en")))
    assert "<img" not in document
    page = BeautifulSoup(document, "html.parser")
    assert len(page.find_all("script")) == len(sound.find_all("script")) == 2
    assert page.h1.get_text() == BREAKING
    assert json.loads(page.select_one("script#page").string)["title"] == BREAKING
    for script in re.findall(r"<script type=.*?>(.*?)</script>", document, flags=re.S):
        assert "<" not in script


@pytest.mark.parametrize("audience", AUDIENCES)
def test_who_people_are_and_what_was_noted_of_them_is_on_no_page(dashboards: Dashboards, audience: str, tmp_path: Path) -> None:
    write_csv_folder(tmp_path / "data", load_contract(), marked_rows(), language="en")
    marked = read_pilot(tmp_path / "data")
    assert all(MARKER in frame.to_csv() for frame in (marked["participant"], marked["session"], marked["need"]))
    bundle = internal_bundle(marked, tmp_path / "internal") if audience == "internal" else public_bundle(marked, tmp_path)
    for name in PAGES:
        document = made(bundle, name, "fi").document
        assert MARKER not in document
        of_ordinary = dashboards.page(audience, name, "fi")
        assert tables(document) == tables(of_ordinary.document)


def tables(document: str) -> list[str]:
    return re.findall(r"<table>.*?</table>", document, flags=re.S)


def test_synthetic_mark_is_on_pages_of_invented_people_alone(dashboards: Dashboards, tmp_path: Path) -> None:
    page = dashboards.page("internal", "attendance", "en")
    assert BeautifulSoup(page.document, "html.parser").select(".synthetic")
    assert not BeautifulSoup(html.document(replace(page, synthetic=False)), "html.parser").select(".synthetic")
    folder = tmp_path / "internal"
    internal_bundle(read_pilot("synthetic:tiny"), folder)
    assert made(read_bundle(folder, audience="internal"), "attendance", "en").synthetic
