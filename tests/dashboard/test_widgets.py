"""The pages in a notebook: run as an evaluator runs them, with widgets that choose among figures, tables and sentences."""

import re
from pathlib import Path
from typing import Any

import ipywidgets
import nbformat
import pytest
from nbclient import NotebookClient

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import shipped
from ikut_eval.dashboard.page import PAGES, SECTIONS, Page
from ikut_eval.dashboard.pages import ShownPage
from ikut_eval.kernels.manager import KernelManager
from ikut_eval.present.exhibit import PLOTLY
from tests.dashboard.shown import AUDIENCES, EVERY_PAGE, Dashboards, made

SECONDS = 60
NOT_ALWAYS = {"fair_work"}
"""Sections that the synthetic pilot has no people enough for."""


@pytest.mark.parametrize("name", PAGES)
def test_notebook_of_a_page_runs_to_its_end_and_shows_a_section_a_cell(dashboards: Dashboards, name: str) -> None:
    dashboards.bundle("internal")
    notebook = nbformat.read(shipped("dashboards") / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    assert all(not cell.outputs for cell in notebook.cells)
    notebook.cells[0].source += f"\nbundle = {str(dashboards.folder / 'internal')!r}"
    NotebookClient(notebook, timeout=SECONDS, kernel_manager_class=KernelManager).execute()
    shown = [[output.data for output in cell.outputs] for cell in notebook.cells]
    page = dashboards.page("internal", name, "fi")
    assert [sorted(data) for one in shown for data in one] == [["application/vnd.jupyter.widget-view+json", "text/plain"]] * (1 + len(page.sections))
    assert {len(one) for one in shown} <= {0, 1}
    state = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    labels = {each["state"]["description"] for each in state.values() if each["model_name"] == "DropdownModel"}
    assert labels == {control.label for control in page.controls if not control.several}


def test_every_section_has_a_cell_and_every_cell_a_section(dashboards: Dashboards) -> None:
    asked = {name: re.findall(r'page\.section\("(\w+)"\)', (shipped("dashboards") / f"{name}.ipynb").read_text().replace("\\", "")) for name in PAGES}
    for name in PAGES:
        both = [[section.name for section in dashboards.page(audience, name, "fi").sections] for audience in AUDIENCES]
        assert set(asked[name]) - NOT_ALWAYS == {each for one in both for each in one}
        for one in both:
            assert [each for each in asked[name] if each in one] == one
    assert {each for one in asked.values() for each in one} == set(SECTIONS)


def test_section_that_no_page_has_is_refused_and_one_of_the_other_audience_shows_nothing(dashboards: Dashboards) -> None:
    page = made(dashboards.bundle("internal"), "overview", "en")
    with pytest.raises(UsageError, match="needs"):
        page.section("need")
    assert page.section("withheld").html == ""
    assert page.section("withheld").widget() is None


def test_notebook_without_a_bundle_says_what_to_do_and_no_path(tmp_path: Path) -> None:
    notebook = nbformat.read(shipped("dashboards") / "overview.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells[0].source += f"\nbundle = {str(tmp_path / 'nothing')!r}"
    NotebookClient(notebook, timeout=SECONDS, allow_errors=True, kernel_manager_class=KernelManager).execute()
    said = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert said[0].ename == "ConfigurationError"
    assert str(tmp_path) not in said[0].evalue


@pytest.mark.parametrize(("audience", "name"), EVERY_PAGE)
def test_each_choice_shows_the_panel_that_was_chosen(dashboards: Dashboards, audience: str, name: str) -> None:
    page = made(dashboards.bundle(audience), name, "sv")
    places = sections(page)
    chosen = {control.name: control.values[0] for control in page.controls if not control.several}
    assert told(places) == expected(page, chosen)
    assert list(page.choices) == list(chosen)
    for control in [each for each in page.controls if not each.several]:
        assert page.choices[control.name].description == control.label
        for value in (*control.values[1:], control.values[0]):
            page.choices[control.name].value = value
            chosen[control.name] = value
            assert told(places) == expected(page, chosen), (control.name, value)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_head_has_title_facts_caution_and_the_synthetic_mark(dashboards: Dashboards, audience: str) -> None:
    page = made(dashboards.bundle(audience), "overview", "en")
    said, _ = page.head.widget().children
    for words in (page.title, page.finding, page.caution, "Synthetic data", *(fact.words for fact in page.facts)):
        assert words in said.value


def sections(page: ShownPage) -> list[ipywidgets.Output]:
    return [page.section(section.name).widget() for section in page.sections]


def outputs(places: list[ipywidgets.Output]) -> list[list[dict[str, Any]]]:
    return [[output["data"] for output in place.outputs] for place in places]


def told(places: list[ipywidgets.Output]) -> list[tuple[str, str, bool]]:
    """Return of each section its sentence, its caution and whether there is a figure."""
    return [(section[0]["text/plain"], section[-1]["text/plain"], any(PLOTLY in data for data in section)) for section in outputs(places)]


def expected(page: Page, chosen: dict[str, str]) -> list[tuple[str, str, bool]]:
    panels = [section.chosen(chosen) for section in page.sections]
    return [(panel.sentence, panel.caution, bool(panel.drawings)) for panel in panels]
