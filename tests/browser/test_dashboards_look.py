"""The dashboards as a stakeholder opens them from a folder: whole, accessible, in dark colours, on a phone and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser

from ikut_eval.dashboard.html import ACCESSIBILITY, file_name
from tests.browser.accessible import axe_findings
from tests.browser.dashboards import (
    DRAWN,
    EVERY,
    IN_LANGUAGE,
    Choice,
    Opened,
    each_page,
    in_one_language,
    take_picture,
)
from tests.dashboard.shown import AUDIENCES, LANGUAGES, Dashboards


@pytest.mark.parametrize(("audience", "name", "language"), EVERY)
def test_page_is_whole_accessible_and_asks_nobody_else(opened: Any, dashboards: Dashboards, audience: str, name: str, language: str) -> None:
    here, page = opened(audience, name, language), dashboards.page(audience, name, language)
    assert here.shown() == Choice.first(page).shown()
    assert here.tab.locator("html").get_attribute("lang") == language
    assert (page.finding or page.title) in here.tab.title()
    words = here.tab.locator(".spine :is(b, small, text):visible, .crossed b:visible").all_text_contents()
    assert [each for each in words if re.search(r"\d\.\d" if language != "en" else r"\d,\d(?!\d\d)", each)] == []
    assert here.said == []
    assert axe_findings(here.tab, colours=language == IN_LANGUAGE[name]) == []
    assert [url for url in here.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    if language == IN_LANGUAGE[name]:
        take_picture(here, f"{audience}-{name}-desktop-light")


_OUTSIDE = """() => {
  const cells = [...document.querySelectorAll(".spine :is(td, th), .crossed :is(td, th)")].filter((cell) => cell.getClientRects().length);
  return cells.filter((cell) => [...cell.querySelectorAll("b, small, span:not(.quiet), svg")].some((part) => {
    const box = part.getBoundingClientRect(), own = cell.getBoundingClientRect();
    return box.width && (box.right > own.right + 1 || box.left < own.left - 1 || box.bottom > own.bottom + 1);
  })).map((cell) => cell.innerText);
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_cohorts_stand_side_by_side_on_the_first_screen(opened: Any, language: str) -> None:
    """Of a screen of 1280 by 800."""
    here = opened("internal", "overview", language, width=1280, height=800)
    first = here.tab.locator("section#cohorts .spine:visible table")
    rows = first.locator("tbody tr:not(.group)")
    assert rows.count() == 9
    assert [row.locator("td:visible").count() for row in rows.all()] == [5] * 9
    assert first.bounding_box()["y"] + first.bounding_box()["height"] <= 800
    check_cells(here)


def check_cells(here: Opened) -> None:
    """See that nothing reaches out of its cell, on a screen, a tablet or a phone."""
    for width in (1280, 820, 390):
        here.tab.set_viewport_size({"width": width, "height": 800})
        assert here.tab.evaluate(_OUTSIDE) == []
        assert here.tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wave", ["all", "m3"])
def test_follow_ups_stay_in_their_cells(opened: Any, language: str, wave: str) -> None:
    check_cells(opened("internal", "outcomes", language, width=1280, height=800, address=f"#wave={wave}"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("audience", "name"), [("internal", "attendance"), ("internal", "rights_awareness"), ("public", "attendance")])
def test_columns_stay_in_their_cells(opened: Any, audience: str, name: str, language: str) -> None:
    check_cells(opened(audience, name, language, width=1280, height=800))


@pytest.mark.parametrize("audience", AUDIENCES)
def test_accessibility_statement_is_accessible_and_first_page_leads_on(browser: Browser, dashboards: Dashboards, audience: str) -> None:
    with browser.new_context(viewport={"width": 320, "height": 800}) as context:
        tab = context.new_page()
        for language in LANGUAGES:
            tab.goto((dashboards.site(audience) / file_name(ACCESSIBILITY, language)).as_uri())
            assert tab.locator("html").get_attribute("lang") == language
            assert axe_findings(tab) == []
            assert tab.evaluate("document.documentElement.scrollWidth") <= 320
        tab.goto((dashboards.site(audience) / "index.html").as_uri())
        assert axe_findings(tab) == []
        tab.locator("a[lang=sv]").click()
        tab.wait_for_function(DRAWN)
        assert (tab.url.rsplit("/", 1)[1], tab.locator("html").get_attribute("lang")) == (file_name("overview", "sv"), "sv")


@each_page
def test_page_is_accessible_in_dark_colours_and_after_a_choice(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    here = opened(audience, name, color_scheme="dark")
    take_picture(here, f"{audience}-{name}-desktop-dark")
    for control in in_one_language(dashboards, audience, name).controls:
        here.choose(control.name, control.values[-1])
    here.open_tables()
    assert axe_findings(here.tab) == []
    here.tab.emulate_media(forced_colors="active", color_scheme="dark")
    assert here.tab.locator(".spine:visible").first.is_visible()
    assert here.said == []


@each_page
def test_page_fits_a_phone_and_200_per_cent(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    for width, settings in ((320, {"device_scale_factor": 2, "has_touch": True}), (640, {"device_scale_factor": 2})):
        here = opened(audience, name, width=width, **settings)
        take_picture(here, f"{audience}-{name}-{width}-wide")
        for control in [None, *in_one_language(dashboards, audience, name).controls]:
            if control:
                here.choose(control.name, control.values[-1])
            assert here.tab.evaluate("document.documentElement.scrollWidth") <= width
            assert here.tab.evaluate(_OUTSIDE) == []
        here.close()


@each_page
def test_sentences_and_tables_are_there_without_scripts(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    here = opened(audience, name, java_script_enabled=False)
    page = in_one_language(dashboards, audience, name)
    for section, wanted in zip(here.tab.locator("main > section").all(), Choice.first(page).shown(), strict=True):
        if not wanted["seen"]:  # it says what it has, as nothing can be chosen
            continue
        lines = [" ".join(line.split()) for each in section.locator(".said:visible").all() for line in each.inner_text().splitlines() if line.strip()]
        assert lines == wanted["said"]
        section.locator("details.data:visible summary").click()
        assert [row.locator("th, td").all_text_contents() for row in section.locator("details.data tr:visible").all()] == wanted["table"]
    assert here.tab.locator("form.controls:visible, .downloads:visible").count() == 0
