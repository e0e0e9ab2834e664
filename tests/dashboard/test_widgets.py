"""The pages in a notebook: run as an evaluator runs them, with widgets that choose among figures, tables and sentences."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import ipywidgets
import nbformat
import pytest
from nbclient import NotebookClient

from ikut_eval.contract.locale import shipped
from ikut_eval.dashboard.page import PAGES, Page
from ikut_eval.dashboard.pages import explorer
from ikut_eval.kernels.manager import KernelManager
from ikut_eval.present.exhibit import PLOTLY
from tests.dashboard.shown import AUDIENCES, EVERY_PAGE, Dashboards

SECONDS = 60


@pytest.mark.parametrize("name", PAGES)
def test_notebook_of_a_page_runs_to_its_end_and_ends_in_widgets(dashboards: Dashboards, name: str) -> None:
    dashboards.bundle("internal")
    notebook = nbformat.read(shipped("dashboards") / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    assert [len(cell.outputs) for cell in notebook.cells] == [0, 0, 0]
    notebook.cells[0].source += f"\nbundle = {str(dashboards.folder / 'internal')!r}"
    NotebookClient(notebook, timeout=SECONDS, kernel_manager_class=KernelManager).execute()
    shown = [output.data for output in notebook.cells[-1].outputs]
    assert [sorted(data) for data in shown] == [["application/vnd.jupyter.widget-view+json", "text/plain"]]
    state = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    page = dashboards.page("internal", name, "fi")
    labels = {each["state"]["description"] for each in state.values() if each["model_name"] == "DropdownModel"}
    assert labels == {control.label for control in page.controls if not control.several}


def test_notebook_without_a_bundle_says_what_to_do_and_no_path(tmp_path: Path) -> None:
    notebook = nbformat.read(shipped("dashboards") / "overview.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells[0].source += f"\nbundle = {str(tmp_path / 'nothing')!r}"
    NotebookClient(notebook, timeout=SECONDS, allow_errors=True, kernel_manager_class=KernelManager).execute()
    said = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert said[0].ename == "ConfigurationError"
    assert str(tmp_path) not in said[0].evalue


@pytest.mark.parametrize(("audience", "name"), EVERY_PAGE)
def test_each_choice_shows_the_panel_that_was_chosen(dashboards: Dashboards, audience: str, name: str) -> None:
    page = dashboards.page(audience, name, "sv")
    box = explorer(page)
    chosen = {control.name: control.values[0] for control in page.controls if not control.several}
    assert told(box) == expected(page, chosen)
    for control, dropdown in zip([c for c in page.controls if not c.several], dropdowns(box), strict=True):
        assert dropdown.description == control.label
        for value in (*control.values[1:], control.values[0]):
            dropdown.value = value
            chosen[control.name] = value
            assert told(box) == expected(page, chosen), (control.name, value)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_head_has_title_facts_caution_and_the_synthetic_mark(dashboards: Dashboards, audience: str) -> None:
    page = dashboards.page(audience, "overview", "en")
    head = explorer(page).children[0].value
    for words in (page.title, page.finding, page.caution, "Synthetic data", *(fact.words for fact in page.facts)):
        assert words in head


def test_views_are_drawn_one_by_one(dashboards: Dashboards) -> None:
    box = explorer(dashboards.page("public", "outcomes", "en"))
    view = next(each for each in dropdowns(box) if each.description == "View")
    figures = []
    for _, value in view.options:
        view.value = value
        figures.append([data[PLOTLY] for output in outputs(box) for data in output if PLOTLY in data])
    assert all(len(one) == len(other) and one != other for one, other in pairwise(figures))


def dropdowns(box: Any) -> list[ipywidgets.Dropdown]:
    return list(box.children[1].children)


def outputs(box: Any) -> list[list[dict[str, Any]]]:
    return [[output["data"] for output in place.outputs] for place in box.children[2:]]


def told(box: Any) -> list[tuple[str, str, bool]]:
    """Return of each section its sentence, its caution and whether there is a figure."""
    return [(section[0]["text/plain"], section[-1]["text/plain"], any(PLOTLY in data for data in section)) for section in outputs(box)]


def expected(page: Page, chosen: dict[str, str]) -> list[tuple[str, str, bool]]:
    panels = [section.chosen(chosen) for section in page.sections]
    return [(panel.sentence, panel.caution, bool(panel.drawings)) for panel in panels]
