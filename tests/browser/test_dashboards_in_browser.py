"""The dashboards as a stakeholder opens them: in a real browser, from a folder, by mouse, keyboard, phone and on paper."""

import csv
import io
import os
import re
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from ikut_eval.contract.locale import day, text
from ikut_eval.dashboard.html import ACCESSIBILITY, file_name
from ikut_eval.dashboard.page import Page
from tests.browser.dashboards import DRAWN, Choice, Opened, single
from tests.dashboard.shown import AUDIENCES, EVERY_PAGE, LANGUAGES, Dashboards

ARTEFACTS = Path("test-artefacts") / "dashboards"
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "preload": False}
IN_LANGUAGE = {"overview": "fi", "outcomes": "sv", "attendance": "en", "rights_awareness": "fi"}
"""The language in which what holds in every language is tested."""
EVERY = [(audience, name, language) for audience, name in EVERY_PAGE for language in LANGUAGES]
each_page = pytest.mark.parametrize(("audience", "name"), EVERY_PAGE)


@pytest.fixture(scope="module")
def dashboards(tmp_path_factory: pytest.TempPathFactory) -> Dashboards:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return Dashboards(tmp_path_factory.mktemp("dashboards"))


@pytest.fixture
def opened(browser: Browser, dashboards: Dashboards) -> Iterator[Any]:
    """Open pages, and close them at the end."""
    pages: list[Opened] = []

    def opener(audience: str, name: str, language: str = "", **settings: Any) -> Opened:
        pages.append(Opened(browser, dashboards.site(audience) / file_name(name, language or IN_LANGUAGE[name]), **settings))
        return pages[-1]

    yield opener
    for page in pages:
        page.close()


def in_one_language(dashboards: Dashboards, audience: str, name: str) -> Page:
    return dashboards.page(audience, name, IN_LANGUAGE[name])


def take_picture(here: Opened, name: str) -> None:
    """Keep a picture of a page for people to look at, its tables folded as at first."""
    here.tab.evaluate("for (const each of document.querySelectorAll('main details')) each.open = false")
    here.tab.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
    here.open_tables()


def findings(here: Opened) -> list[object]:
    found = Axe().run(here.tab, options=AXE_RULES).response["violations"]
    return [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found]


def without_height(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is shown, once every figure was seen to have a size."""
    for section in shown:
        assert section["figure"] is None or section["figure"].pop("height") > 40
    return shown


@pytest.mark.parametrize(("audience", "name", "language"), EVERY)
def test_page_is_whole_accessible_and_asks_nobody_else(opened: Any, dashboards: Dashboards, audience: str, name: str, language: str) -> None:
    here, page = opened(audience, name, language), dashboards.page(audience, name, language)
    assert without_height(here.shown()) == Choice.first(page).shown()
    assert here.tab.locator("html").get_attribute("lang") == language
    assert page.title in here.tab.title()
    ticks = here.tab.locator(".xtick text").all_text_contents()
    assert [tick for tick in ticks if re.search(r"\d\.\d" if language != "en" else r"\d,\d(?!\d\d)", tick)] == []
    for chart in here.tab.locator("figure.chart:visible").all():
        assert (chart.get_attribute("aria-label") or "").strip()
    assert here.said == []
    assert findings(here) == []
    assert [url for url in here.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    if language == IN_LANGUAGE[name]:
        take_picture(here, f"{audience}-{name}-desktop-light")


@pytest.mark.parametrize("audience", AUDIENCES)
def test_accessibility_statement_is_accessible_and_first_page_leads_on(browser: Browser, dashboards: Dashboards, audience: str) -> None:
    with browser.new_context(viewport={"width": 320, "height": 800}) as context:
        tab = context.new_page()
        for language in LANGUAGES:
            tab.goto((dashboards.site(audience) / file_name(ACCESSIBILITY, language)).as_uri())
            assert tab.locator("html").get_attribute("lang") == language
            assert [v["id"] for v in Axe().run(tab, options=AXE_RULES).response["violations"]] == []
            assert tab.evaluate("document.documentElement.scrollWidth") <= 320
        tab.goto((dashboards.site(audience) / "index.html").as_uri())
        assert [v["id"] for v in Axe().run(tab, options=AXE_RULES).response["violations"]] == []
        tab.locator("a[lang=sv]").click()
        tab.wait_for_function(DRAWN)
        assert (tab.url.rsplit("/", 1)[1], tab.locator("html").get_attribute("lang")) == (file_name("overview", "sv"), "sv")


@each_page
def test_page_is_accessible_in_dark_colours_and_after_a_choice(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    here = opened(audience, name, color_scheme="dark")
    take_picture(here, f"{audience}-{name}-desktop-dark")
    for control in single(in_one_language(dashboards, audience, name)):
        here.choose(control.name, control.values[-1])
    here.open_tables()
    assert findings(here) == []
    assert set(colours(here, ".js-plotly-plot .main-svg:first-child", "backgroundColor")) == {"rgb(255, 255, 255)"}
    here.tab.emulate_media(forced_colors="active", color_scheme="dark")
    words = colours(here, ".main-svg text:not(.bartext)", "fill")
    assert words
    assert {each for each in words if brightness(each) > 128} == set()
    assert here.said == []


def colours(here: Opened, selector: str, kind: str) -> list[str]:
    """Return the computed colours of all that is visible."""
    return list(here.tab.locator(f"{selector}:visible").evaluate_all("(all, kind) => all.map((e) => getComputedStyle(e)[kind])", kind))


def brightness(colour: str) -> float:
    """Return how bright a colour is, from 0 to 255."""
    red, green, blue = (float(n) for n in re.findall(r"[\d.]+", colour)[:3])
    return 0.299 * red + 0.587 * green + 0.114 * blue


@each_page
def test_choices_change_figure_table_and_sentence_together(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    """Each choice alone, from the first state; the address holds it, and the page says that something changed."""
    here, page = opened(audience, name), in_one_language(dashboards, audience, name)
    first = Choice.first(page)
    said = here.tab.get_by_role("status")
    for control in single(page):
        for value in (*control.values[1:], control.values[0]):
            here.choose(control.name, value)
            here.open_tables()
            wanted = first.with_one(control.name, value)
            assert without_height(here.shown()) == wanted.shown(), (control.name, value)
            assert here.choices() == wanted.address()
            assert said.inner_text().strip()
    for control in page.controls:
        if control.several:
            check_several(here, first, control.name, control.values)
    assert here.said == []


def check_several(here: Opened, first: Choice, name: str, values: tuple[str, ...]) -> None:
    """Untick one after the other until one is left, which stays."""
    for n, value in enumerate(values[:-1], start=1):
        here.tick(name, value, False)
        wanted = first.with_several(name, values[n:])
        assert without_height(here.shown()) == wanted.shown()
        assert here.choices() == wanted.address()
    status = here.tab.get_by_role("status")
    before = status.inner_text()
    here.tab.locator(f"input[name='{name}'][value='{values[-1]}']").click()
    here.drawn()
    assert here.tab.locator(f"input[name={name}]:checked").count() == 1
    assert without_height(here.shown()) == wanted.shown()
    assert status.inner_text().strip() not in ("", before)
    for value in values[:-1]:
        here.tick(name, value, True)
    assert without_height(here.shown()) == first.shown()


def chosen_all_over(page: Page) -> Choice:
    """Return a state in which every control has something else than at first."""
    wanted = Choice.first(page)
    for control in page.controls:
        wanted = wanted.with_several(control.name, control.values[1:3]) if control.several else wanted.with_one(control.name, control.values[-1])
    return wanted


def address(choice: Choice) -> str:
    return "#" + urlencode(choice.address(), safe=",")


@each_page
def test_address_gives_the_same_state_again(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    page = in_one_language(dashboards, audience, name)
    wanted = chosen_all_over(page)
    here = opened(audience, name, address=address(wanted))
    assert without_height(here.shown()) == wanted.shown()
    here.tab.reload()
    here.drawn()
    here.open_tables()
    assert without_height(here.shown()) == wanted.shown()
    other = next(language for language in LANGUAGES if language != page.language)
    here.tab.locator(f"nav.languages a[lang={other}]").click()
    here.tab.wait_for_url(f"**/{file_name(name, other)}*")
    here.drawn()
    here.open_tables()
    translated = Choice(dashboards.page(audience, name, other), wanted.single, wanted.several)
    assert without_height(here.shown()) == translated.shown()
    assert here.choices() == wanted.address()
    here.tab.go_back()
    here.drawn()
    here.open_tables()
    assert without_height(here.shown()) == wanted.shown()
    here.tab.go_forward()
    here.drawn()
    assert here.choices() == wanted.address()
    assert here.said == []


@pytest.mark.parametrize("audience", AUDIENCES)
def test_choices_go_along_from_page_to_page(opened: Any, dashboards: Dashboards, audience: str) -> None:
    """What two pages ask alike stays chosen, over a page that does not ask it."""
    names = [name for each, name in EVERY_PAGE if each == audience]
    pages = {name: dashboards.page(audience, name, "sv") for name in names}
    asked = {name: {control.name: control for control in page.controls} for name, page in pages.items()}
    here = opened(audience, names[0], "sv")
    kept: dict[str, str] = {}
    for control in pages[names[0]].controls:
        kept[control.name] = ",".join(control.values[1:]) if control.several else control.values[-1]
        if control.several:
            here.tick(control.name, control.values[0], False)
        else:
            here.choose(control.name, control.values[-1])
    for name in (*names[1:], names[0]):
        here.tab.locator(f"nav:not(.languages) a[href*='{file_name(name, 'sv')}']").click()
        here.tab.wait_for_url(f"**/{file_name(name, 'sv')}*")
        here.open_tables()
        wanted = Choice.first(pages[name])
        for control in asked[name].values():
            value = kept.get(control.name, "")
            if control.several and value:
                wanted = wanted.with_several(control.name, tuple(value.split(",")))
            elif value in control.values:
                wanted = wanted.with_one(control.name, value)
        assert without_height(here.shown()) == wanted.shown(), name
    assert here.choices() == kept
    assert here.said == []


@each_page
def test_address_that_means_nothing_does_no_harm(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    first = Choice.first(in_one_language(dashboards, audience, name)).shown()
    here = opened(audience, name, address="#wave=zzz&cohorts=,&view=&group=%3Cimg%20src=x%3E&measure=constructor&training=__proto__")
    assert without_height(here.shown()) == first
    for hand_edited in ("#", "#content", "#=&&&==", "#cohorts=C9", "#view=%E0%A4%A", "#wave", "#" + "x" * 3000):
        here.tab.evaluate("(hash) => { location.hash = hash; }", hand_edited)
        here.tab.wait_for_timeout(50)
        assert without_height(here.shown()) == first, hand_edited
    assert here.tab.locator("main img").count() == 0
    assert here.said == []


FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  const middle = document.elementFromPoint(box.x + Math.min(box.width, 20) / 2, box.y + Math.min(box.height, 20) / 2);
  return {
    kind: e.matches(".skip") ? "skip" : e.closest("nav") ? "navigation" : e.closest("form.controls") ? "control" : e.tagName === "SUMMARY" ? "table"
      : e.matches(".table") ? "scroll" : e.closest(".downloads") ? "download" : e.closest("footer") ? "footer" : e.tagName,
    section: e.closest("section")?.id ?? "",
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    covered: !middle || !(e.contains(middle) || middle.contains(e) || middle.closest("label")?.contains(e)),
  };
}"""


@pytest.mark.parametrize("audience", AUDIENCES)
def test_keyboard_reaches_everything_in_order(opened: Any, dashboards: Dashboards, audience: str) -> None:
    here, page = opened(audience, "attendance"), in_one_language(dashboards, audience, "attendance")
    stops = []
    for _ in range(300):
        here.tab.keyboard.press("Tab")
        stop = here.tab.evaluate(FOCUS)
        if stop is None or (stops and stop["kind"] == "skip"):
            break
        stops.append(stop)
    kinds = [stop["kind"] for stop in stops]
    order = list(dict.fromkeys(kind for kind in kinds if kind not in ("scroll",)))
    assert order == ["skip", "navigation", "control", "table", "download", "footer"]
    boxes = sum(len(control.values) for control in page.controls if control.several)
    assert kinds.count("control") == len(single(page)) + boxes
    assert kinds.count("navigation") == 4 + 3
    assert kinds.count("table") == kinds.count("scroll") == len(page.sections)
    assert [stop["section"] for stop in stops if stop["kind"] == "table"] == [section.name for section in page.sections]
    assert [stop for stop in stops if stop["outline"] < 2] == []
    assert [stop for stop in stops if stop["covered"]] == []


@pytest.mark.parametrize("audience", AUDIENCES)
def test_skip_link_and_choices_work_by_keyboard(opened: Any, dashboards: Dashboards, audience: str) -> None:
    here, page = opened(audience, "attendance"), in_one_language(dashboards, audience, "attendance")
    here.tab.keyboard.press("Tab")
    here.tab.keyboard.press("Enter")
    assert here.tab.evaluate("document.activeElement.id") == "content"
    assert here.choices() == {}
    first = Choice.first(page)
    for control in page.controls:
        here.tab.keyboard.press("Tab")
        assert here.tab.evaluate("document.activeElement.name") == control.name
        if control.several:
            here.tab.keyboard.press("Space")
            wanted = first.with_several(control.name, control.values[1:])
            assert here.tab.evaluate("document.activeElement.name") == control.name
        else:
            here.tab.keyboard.press("ArrowDown")
            wanted = first.with_one(control.name, control.values[1])
            assert here.tab.evaluate("document.activeElement.name") == control.name
        here.open_tables()
        assert without_height(here.shown()) == wanted.shown(), control.name
        here.tab.keyboard.press("Space" if control.several else "ArrowUp")
    assert without_height(here.shown()) == first.shown()


def saved(here: Opened, section: str, kind: str, folder: Path) -> tuple[str, bytes]:
    with here.tab.expect_download() as waiting:
        here.tab.locator(f"section#{section} button[data-save={kind}]").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.name, path.read_bytes()


@each_page
def test_downloads_hold_exactly_what_is_shown(opened: Any, dashboards: Dashboards, audience: str, name: str, tmp_path: Path) -> None:
    page = in_one_language(dashboards, audience, name)
    wanted = Choice.first(page)
    for control in page.controls:
        if control.several:
            wanted = wanted.with_several(control.name, control.values[1:])
    here = opened(audience, name, address=address(wanted))
    names = set()
    for section in here.shown():
        file, content = saved(here, section["name"], "csv", tmp_path)
        assert content.startswith(b"\xef\xbb\xbf")
        separator = "," if page.language == "en" else ";"
        assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator)) == section["table"]
        assert content.count(b"\r\n") == len(section["table"])
        names.add(file)
    assert len(names) == len(page.sections)
    drawn = [section for section in here.shown() if section["figure"]]
    here = opened(audience, name, address=address(wanted))  # a page may save ten files without being asked in between
    for section in drawn[:2]:
        _, content = saved(here, section["name"], "png", tmp_path)
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", content[16:24])
        assert (1200 <= width <= 4000, 300 <= height <= 8000, len(content) > 5000) == (True, True, True)
        file, content = saved(here, section["name"], "svg", tmp_path)
        check_image(content.decode("utf-8"), section, page)
        (ARTEFACTS / f"saved-{audience}-{file}").write_bytes(content)
    assert here.said == []


def check_image(svg: str, section: dict[str, Any], page: Page) -> None:
    """See that an image says on its own what it is of."""
    root = ElementTree.fromstring(svg)  # noqa: S314  # an image of ours
    words = "".join("".join(root.itertext()).split())
    for said in [*section["said"], *([text("report.synthetic", page.language)] if page.synthetic else [])]:
        assert "".join(said.split()) in words
    assert page.data_date is not None
    assert "".join(day(page.data_date, page.language).split()) in words


@each_page
def test_print_has_headings_sentences_figures_and_tables_without_controls(
    opened: Any, dashboards: Dashboards, audience: str, name: str, tmp_path: Path
) -> None:
    here, page = opened(audience, name), in_one_language(dashboards, audience, name)
    here.tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = false")
    here.tab.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert here.tab.locator("details[open]").count() == 0
    mark = "".join(text("report.synthetic", page.language).split())
    on_paper = pdf_words(tmp_path / "page.pdf")
    printed = on_paper.replace(mark, "")
    for section in Choice.first(page).shown():
        heading = next(each.heading for each in page.sections if each.name == section["name"])
        cells = [cell for row in section["table"] for cell in row]
        missing = [words for words in (heading, *section["said"]) if "".join(words.split()) not in printed]
        assert missing == []
        assert [cell for cell in cells if not all(word in printed for word in cell.split())] == []
    assert on_paper.count(mark) >= (2 if page.synthetic else 0)
    for words in (*(control.label for control in single(page)), text("dash.save_csv", page.language), text("dash.save_png", page.language)):
        assert "".join(words.split()) + "".join(page.sections[0].heading.split()) not in printed
    here.tab.emulate_media(media="print")
    for hidden in ("nav", "form.controls", ".downloads", ".skip"):
        assert here.tab.locator(f"{hidden}:visible").count() == 0
    here.tab.screenshot(path=ARTEFACTS / f"{audience}-{name}-print.png", full_page=True)
    shutil.copy(tmp_path / "page.pdf", ARTEFACTS / f"{audience}-{name}.pdf")


def pdf_words(path: Path) -> str:
    reader = shutil.which("pdftotext")
    if reader is None and os.environ.get("CI"):
        pytest.fail("pdftotext is not on PATH, and CI must not go without it")
    if reader is None:
        pytest.skip("no pdftotext to read a PDF with: `make test` installs it")
    said = subprocess.run([reader, "-layout", path, "-"], capture_output=True, check=True).stdout.decode("utf-8")
    raw = subprocess.run([reader, path, "-"], capture_output=True, check=True).stdout.decode("utf-8")
    return "".join((said + raw).split())


@each_page
def test_page_fits_a_phone_and_200_per_cent(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    for width, settings in ((320, {"device_scale_factor": 2, "has_touch": True}), (640, {"device_scale_factor": 2})):
        here = opened(audience, name, width=width, **settings)
        take_picture(here, f"{audience}-{name}-{width}-wide")
        for control in [None, *single(in_one_language(dashboards, audience, name))]:
            if control:
                here.choose(control.name, control.values[-1])
            assert here.tab.evaluate("document.documentElement.scrollWidth") <= width
            beyond = "(e) => e.getBoundingClientRect().right > innerWidth + 1"
            assert here.tab.locator("figure.chart:visible .main-svg").evaluate_all(f"(all) => all.filter({beyond}).length") == 0
        here.close()


@each_page
def test_sentences_and_tables_are_there_without_scripts(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    here = opened(audience, name, java_script_enabled=False)
    for section, wanted in zip(here.tab.locator("main > section").all(), Choice.first(in_one_language(dashboards, audience, name)).shown(), strict=True):
        lines = [" ".join(line.split()) for each in section.locator(".said:visible").all() for line in each.inner_text().splitlines() if line.strip()]
        assert lines == wanted["said"]
        section.locator("summary:visible").click()
        assert [row.locator("th, td").all_text_contents() for row in section.locator("tr:visible").all()] == wanted["table"]
    assert here.tab.locator("form.controls:visible, .downloads:visible").count() == 0
