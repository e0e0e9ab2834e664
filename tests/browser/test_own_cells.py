"""An evaluator's own notebook of a page: cells added, moved and taken out show alike on the finished page."""

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from ikut_eval.contract.locale import shipped
from tests.browser.accessible import axe_findings
from tests.browser.dashboards import Opened
from tests.conftest import ikut_eval_process
from tests.dashboard.shown import Dashboards


def own_overview(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    """Write the overview's notebook with the first section last, without the last one, and with cells of one's own after the head."""
    folder.mkdir()
    notebook = nbformat.read(shipped("dashboards") / "overview.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    parameters, head, first, *others = [cell for cell in notebook.cells if "handed" not in cell.source]
    notebook.cells = [parameters, head, *cells, *others, first]
    nbformat.write(notebook, folder / "overview.ipynb")  # type: ignore[no-untyped-call]
    return folder


def code(source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]


def text(source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(source)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def site(dashboards: Dashboards, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dashboards.bundle("internal")
    folder = tmp_path_factory.mktemp("own")
    cells = (
        text("## Our own question\n\nWere the *places* taken?"),
        code("import plotly.graph_objects as go\ntable = page.bundle.table('cohorts')[['cohort_id', 'planned_places', 'people']]\ntable"),
        code("go.Figure(go.Bar(x=table['cohort_id'], y=table['people']))"),
        code("print(f\"{table['people'].sum()} people\")"),
    )
    own = own_overview(folder / "notebooks", *cells)
    words = ("--audience", "internal", "--bundle", dashboards.bundles("internal"), "--notebooks", own, "--static", folder / "site")
    said = ikut_eval_process("dashboard", *words)
    assert said.returncode == 0, said.stderr
    return folder / "site"


def test_cells_show_in_the_order_of_the_notebook(browser: Browser, site: Path, dashboards: Dashboards) -> None:
    here = Opened(browser, site / "overview.en.html", width=1280)
    named = here.tab.locator("main > section").evaluate_all("(all) => all.map((e) => e.id || e.className)")
    assert named == ["own", "own", "own", "own", "needs", "wanted", "cohorts"]
    words, table, figure, printed = (here.tab.locator("main > section.own").nth(n) for n in range(4))
    assert words.locator("h2").inner_text() == "Our own question"
    rows = dashboards.bundle("internal").table("cohorts")
    assert table.locator("tbody tr").count() == len(rows)
    assert figure.locator(".bars path").count() == len(rows)
    assert printed.inner_text().strip() == f"{rows['people'].sum()} people"
    here.choose("wave", "exit")
    assert here.tab.locator("section#cohorts .state[data-if-wave=exit]").is_visible()
    assert (here.said, axe_findings(here.tab)) == ([], [])
    assert [url for url in here.asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_page_of_which_a_cell_fails_is_not_made(dashboards: Dashboards, tmp_path: Path) -> None:
    """Neither in part: what stood in the folder before stays."""
    own = own_overview(tmp_path / "notebooks", code("1 / 0"))
    said = ikut_eval_process(
        "dashboard", "--audience", "internal", "--bundle", dashboards.bundles("internal"), "--notebooks", own, "--static", tmp_path / "site"
    )
    assert said.returncode == 12
    assert "overview.ipynb" in said.stderr
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(("audience", "code_of_exit"), [("public", 14), ("internal", 10)])
def test_own_pages_are_for_the_internal_audience_and_named_after_a_page(dashboards: Dashboards, audience: str, code_of_exit: int, tmp_path: Path) -> None:
    own = own_overview(tmp_path / "notebooks")
    if audience == "internal":
        (own / "overview.ipynb").rename(own / "own.ipynb")
    said = ikut_eval_process("dashboard", "--audience", audience, "--bundle", dashboards.bundles(audience), "--notebooks", own, "--static", tmp_path / "site")
    assert said.returncode == code_of_exit
    assert not (tmp_path / "site").exists()
