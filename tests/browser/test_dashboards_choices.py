"""What a reader chooses on a page of the dashboards: by mouse, keyboard and address."""

from typing import Any

import pytest

from ikut_eval.dashboard.html import file_name
from tests.browser.dashboards import Choice, Opened, address, each_page, in_one_language
from tests.dashboard.shown import AUDIENCES, EVERY_PAGE, LANGUAGES, Dashboards

WITH_CHOICES = [("internal", "overview"), ("internal", "outcomes")]
each_with_choices = pytest.mark.parametrize(("audience", "name"), WITH_CHOICES)


@each_page
def test_choices_change_cells_table_and_sentence_together(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    """Each choice alone, from the first state; the address holds it, the page says that something changed, and Back undoes it."""
    here, page = opened(audience, name), in_one_language(dashboards, audience, name)
    assert bool(page.controls) == ((audience, name) in WITH_CHOICES)
    first = Choice.first(page)
    for control in page.controls:
        for value in control.values[1:]:
            here.choose(control.name, value)
            wanted = first.with_one(control.name, value)
            assert here.shown() == wanted.shown(), (control.name, value)
            assert here.choices() == wanted.address()
            assert here.tab.get_by_role("status").inner_text().strip()
        for value in (*reversed(control.values[1:-1]), control.values[0]):
            here.tab.go_back()
            assert here.shown() == first.with_one(control.name, value).shown(), (control.name, value)
    assert here.choices() == {}
    assert here.said == []


@each_with_choices
def test_address_gives_the_same_state_again(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    page = in_one_language(dashboards, audience, name)
    wanted = Choice.last(page)
    here = opened(audience, name, address=address(wanted))
    assert here.shown() == wanted.shown()
    here.tab.reload()
    here.open_tables()
    assert here.shown() == wanted.shown()
    other = next(language for language in LANGUAGES if language != page.language)
    here.tab.locator(f"nav.languages a[lang={other}]").click()
    here.tab.wait_for_url(f"**/{file_name(name, other)}*")
    here.open_tables()
    assert here.shown() == Choice(dashboards.page(audience, name, other), wanted.chosen).shown()
    assert here.choices() == wanted.address()
    here.tab.go_back()
    here.open_tables()
    assert here.shown() == wanted.shown()
    here.tab.go_forward()
    here.drawn()
    assert here.choices() == wanted.address()
    assert here.said == []


@pytest.mark.parametrize("audience", AUDIENCES)
def test_choices_go_along_from_page_to_page(opened: Any, dashboards: Dashboards, audience: str) -> None:
    """Over pages that do not ask it, and back."""
    names = [name for each, name in EVERY_PAGE if each == audience]
    pages = {name: dashboards.page(audience, name, "sv") for name in names}
    here = opened(audience, names[0], "sv")
    kept: dict[str, str] = {}
    for name in (*names, *names):
        here.tab.locator(f"nav:not(.languages) a[href*='{file_name(name, 'sv')}']").click()
        here.tab.wait_for_url(f"**/{file_name(name, 'sv')}*")
        here.open_tables()
        known = {control.name: kept[control.name] for control in pages[name].controls if control.name in kept}
        assert here.shown() == Choice(pages[name], {**Choice.first(pages[name]).chosen, **known}).shown(), name
        for control in pages[name].controls:
            here.choose(control.name, control.values[-1])
            kept[control.name] = control.values[-1]
    assert here.choices() == kept
    assert here.said == []


@each_page
def test_address_that_means_nothing_does_no_harm(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    first = Choice.first(in_one_language(dashboards, audience, name)).shown()
    here = opened(audience, name, address="#wave=zzz&cohorts=,&view=&group=%3Cimg%20src=x%3E&measure=constructor&training=__proto__")
    assert here.shown() == first
    for hand_edited in ("#", "#content", "#=&&&==", "#cohorts=C9", "#view=%E0%A4%A", "#wave", "#" + "x" * 3000):
        here.tab.evaluate("(hash) => { location.hash = hash; }", hand_edited)
        here.tab.wait_for_timeout(50)
        assert here.shown() == first, hand_edited
    assert here.tab.locator("main img").count() == 0
    assert here.said == []


FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e.closest(".controls label") ?? e);
  const box = e.getBoundingClientRect();
  const middle = document.elementFromPoint(box.x + Math.min(box.width, 20) / 2, box.y + Math.min(box.height, 20) / 2);
  return {
    kind: e.matches(".skip") ? "skip" : e.closest("nav") ? "navigation" : e.closest("form.controls") ? "control" : e.closest(".spine a") ? "link"
      : e.closest(".downloads") ? "download" : e.tagName === "SUMMARY" ? "table" : e.matches(".table") ? "scroll" : e.closest("footer") ? "footer" : e.tagName,
    section: e.closest("section")?.id ?? "",
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    covered: !middle || !(e.contains(middle) || middle.contains(e) || middle.closest("label")?.contains(e)),
  };
}"""


@pytest.mark.parametrize(("audience", "name"), [*WITH_CHOICES, ("internal", "attendance"), ("public", "attendance")])
def test_keyboard_reaches_everything_in_order(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    here, page = opened(audience, name), in_one_language(dashboards, audience, name)
    stops = []
    for _ in range(300):
        here.tab.keyboard.press("Tab")
        stop = here.tab.evaluate(FOCUS)
        if stop is None or (stops and stop["kind"] == "skip"):
            break
        stops.append(stop)
    kinds = [stop["kind"] for stop in stops]
    order = list(dict.fromkeys(kind for kind in kinds if kind not in ("scroll", "link")))
    assert order == ["skip", "navigation", *(["control"] if page.controls else []), "table", "download", "footer"]
    assert kinds.count("control") == len(page.controls)
    assert kinds.count("navigation") == 4 + 3
    shown = [section["name"] for section in Choice.first(page).shown() if section["seen"]]
    assert kinds.count("table") == kinds.count("scroll") == len(shown)
    assert [stop["section"] for stop in stops if stop["kind"] == "table"] == shown
    assert [stop for stop in stops if stop["outline"] < 2] == []
    assert [stop for stop in stops if stop["covered"]] == []


@each_with_choices
def test_skip_link_and_choices_work_by_keyboard(opened: Any, dashboards: Dashboards, audience: str, name: str) -> None:
    here, page = opened(audience, name), in_one_language(dashboards, audience, name)
    here.tab.keyboard.press("Tab")
    here.tab.keyboard.press("Enter")
    assert here.tab.evaluate("document.activeElement.id") == "content"
    assert here.choices() == {}
    first = Choice.first(page)
    for control in page.controls:
        here.tab.keyboard.press("Tab")
        assert here.tab.evaluate("document.activeElement.name") == control.name
        here.tab.keyboard.press("ArrowRight")
        assert here.shown() == first.with_one(control.name, control.values[1]).shown(), control.name
        assert here.tab.evaluate("document.activeElement.name") == control.name
        here.tab.keyboard.press("ArrowLeft")
    assert here.shown() == first.shown()


def test_narrow_screen_opens_at_six_months(opened: Any, dashboards: Dashboards) -> None:
    """All times are chosen there like any other choice, and the address holds them."""
    here, first = opened("internal", "outcomes", width=390), Choice.first(in_one_language(dashboards, "internal", "outcomes"))
    assert here.shown() == first.with_one("wave", "m6").shown()
    assert here.choices() == {}
    here.choose("wave", "all")
    assert (here.shown(), here.choices()) == (first.shown(), {"wave": "all"})
    again: Opened = opened("internal", "outcomes", width=390, address="#wave=all")
    assert again.shown() == first.shown()
