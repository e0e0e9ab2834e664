"""The pages in a notebook: run as an evaluator runs them, with a widget for the choices."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import shipped, text
from ikut_eval.dashboard.html import section_html
from ikut_eval.dashboard.page import DOCUMENT, PAGES, SECTIONS
from ikut_eval.kernels.manager import KernelManager
from tests.dashboard.shown import AUDIENCES, Dashboards, made

SECONDS = 60
WIDGET = "application/vnd.jupyter.widget-view+json"
NOT_ALWAYS = {"fair_work"}
"""Sections that the synthetic pilot has no people enough for."""


@pytest.mark.parametrize("name", PAGES)
def test_notebook_of_a_page_runs_to_its_end_and_shows_a_section_a_cell(dashboards: Dashboards, name: str) -> None:
    dashboards.bundle("internal")
    notebook = nbformat.read(shipped("dashboards") / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    assert all(not cell.outputs for cell in notebook.cells)
    notebook.cells[0].source += f"\nbundle = {str(dashboards.folder / 'internal')!r}"
    NotebookClient(notebook, timeout=SECONDS, kernel_manager_class=KernelManager).execute()
    shown = [output.data for cell in notebook.cells for output in cell.outputs]
    page = dashboards.page("internal", name, "fi")
    head, *sections = shown
    assert "<title>" in head[DOCUMENT]
    assert page.finding in head["text/html"]
    assert text("dash.audience_internal", "fi") in head["text/html"]
    widgets = [data for data in sections if WIDGET in data]
    assert len(widgets) == bool(page.controls)
    assert [data["text/html"] for data in sections if WIDGET not in data] == [section_html(page, section, live=True) for section in page.sections]
    state = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    chosen = [each["state"]["value"] for each in state.values() if each["model_name"] == "AnyModel"]
    assert chosen == [{control.name: control.values[0] for control in page.controls}][: len(widgets)]


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
    assert set(page.section("withheld").parts.values()) == {""}


def test_notebook_without_a_bundle_says_what_to_do_and_no_path(tmp_path: Path) -> None:
    notebook = nbformat.read(shipped("dashboards") / "overview.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells[0].source += f"\nbundle = {str(tmp_path / 'nothing')!r}"
    NotebookClient(notebook, timeout=SECONDS, allow_errors=True, kernel_manager_class=KernelManager).execute()
    said = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert said[0].ename == "ConfigurationError"
    assert str(tmp_path) not in said[0].evalue
