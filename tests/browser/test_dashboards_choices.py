"""What a reader chooses on a page of the dashboards: by mouse, keyboard and address."""

from typing import Any

import pytest

from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.page import Page
from tests.browser.dashboards import Choice, Opened, address, each_page, in_one_language, single, without_height
from tests.dashboard.shown import AUDIENCES, EVERY_PAGE, LANGUAGES, Dashboards


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


WITH_CHOICES = [("internal", "overview"), ("internal", "outcomes")]
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e);
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
    boxes = sum(len(control.values) for control in page.controls if control.several)
    assert kinds.count("control") == len(single(page)) + boxes
    assert kinds.count("navigation") == 4 + 3
    assert kinds.count("table") == kinds.count("scroll") == len(page.sections)
    assert [stop["section"] for stop in stops if stop["kind"] == "table"] == [section.name for section in page.sections]
    assert [stop for stop in stops if stop["outline"] < 2] == []
    assert [stop for stop in stops if stop["covered"]] == []


@pytest.mark.parametrize(("audience", "name"), WITH_CHOICES)
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


def test_narrow_screen_opens_at_six_months(opened: Any, dashboards: Dashboards) -> None:
    """All times are chosen there like any other choice, and the address holds them."""
    here, first = opened("internal", "outcomes", width=390), Choice.first(in_one_language(dashboards, "internal", "outcomes"))
    assert here.shown() == first.with_one("wave", "m6").shown()
    assert here.choices() == {}
    here.choose("wave", "all")
    here.open_tables()
    assert (here.shown(), here.choices()) == (first.shown(), {"wave": "all"})
    again = opened("internal", "outcomes", width=390, address="#wave=all")
    assert again.shown() == first.shown()
