"""The pages where a notebook runs for its reader: in plain Voilà and in JupyterLab, with an evaluator's own cell that follows the choices."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from ikut_eval.contract.locale import shipped, text
from tests.dashboard.shown import Dashboards

OWN = """
import ipywidgets
seen = ipywidgets.HTML(f"<p id=seen>{page.choices.value['wave']}</p>")
page.choices.observe(lambda change: setattr(seen, "value", f"<p id=seen>{change.new['wave']}</p>"), "value")
seen
"""
SECONDS = 60


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all pages; that of the outcomes has a cell of one's own."""
    folder = tmp_path_factory.mktemp("live")
    for path in shipped("dashboards").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        if path.stem == "outcomes":
            notebook.cells.insert(2, nbformat.v4.new_code_cell(OWN))  # type: ignore[no-untyped-call]
        nbformat.write(notebook, folder / path.name)  # type: ignore[no-untyped-call]
    return folder


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def running(*words: object, bundle: Path, folder: Path) -> Iterator[str]:
    """Run a server of Jupyter and give its address, with its token where it has one."""
    said = folder / f"said-{words[0]}"
    variables = {
        **os.environ,
        "IKUT_EVAL_BUNDLE": str(bundle),
        "IKUT_EVAL_LANGUAGE": "fi",
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_CONFIG_DIR": str(folder / "none"),
    }
    command = [str(Path(sys.executable).parent / str(words[0])), *map(str, words[1:])]
    with said.open("w") as out, subprocess.Popen(command, cwd=folder, env=variables, stdout=out, stderr=out) as process:
        try:
            until = monotonic() + SECONDS
            while not (found := re.search(r"http://(?:localhost|127\.0\.0\.1):\d+/\S*", said.read_text())):
                assert process.poll() is None, said.read_text()
                assert monotonic() < until, said.read_text()
                sleep(0.2)
            yield found[0]
        finally:
            process.terminate()
            process.wait(SECONDS)


class Tab:
    """A reader's tab, with the hosts that it asked."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.hosts: set[str] = set()
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]) if request.url.startswith("http") else None)

    def check_choice(self, within: str) -> None:
        """See that a choice shows its panel and reaches the cell of one's own."""
        self.page.locator(f"{within} #seen").wait_for(timeout=1000 * SECONDS)
        self.page.locator(f"{within} form.controls input[value=m12]").check()
        self.page.locator(f"{within} #seen", has_text="m12").wait_for(timeout=1000 * SECONDS)
        assert self.page.locator(f"{within} .state:visible").first.get_attribute("data-if-wave") == "m12"


def test_voila_shows_the_page_in_its_language_and_style_and_asks_no_other_host(
    browser: Browser, dashboards: Dashboards, notebooks: Path, tmp_path: Path
) -> None:
    dashboards.bundle("internal")
    with running("voila", notebooks, "--no-browser", "--port", free_port(), bundle=dashboards.bundles("internal"), folder=tmp_path) as address:
        tab = Tab(browser)
        tab.page.goto(address)
        assert tab.page.locator("a").all_inner_texts() == ["attendance", "outcomes", "overview", "rights_awareness"]
        tab.page.goto(f"{address}voila/render/outcomes.ipynb?language=sv")
        tab.page.locator("html[data-drawn=true]").wait_for(state="attached", timeout=1000 * SECONDS)
        wanted = dashboards.page("internal", "outcomes", "sv")
        assert (tab.page.locator("html").get_attribute("lang"), tab.page.locator("h1").inner_text()) == ("sv", wanted.finding)
        assert wanted.finding in tab.page.title()
        assert tab.page.locator("main > section[id]").evaluate_all("(all) => all.map((e) => e.id)") == [section.name for section in wanted.sections]
        tab.check_choice("main")
        tab.page.go_back()
        tab.page.locator("#seen", has_text=wanted.controls[0].values[0]).wait_for(timeout=1000 * SECONDS)
        tab.page.locator("nav a[href*='attendance']").click()
        tab.page.wait_for_url("**/attendance.ipynb?language=sv*")
        assert tab.page.locator("h1").inner_text() == dashboards.page("internal", "attendance", "sv").finding
        assert len(tab.hosts) == 1
        tab.page.close()


def test_voila_without_a_bundle_says_what_to_do(browser: Browser, notebooks: Path, tmp_path: Path) -> None:
    with running("voila", notebooks / "overview.ipynb", "--no-browser", "--port", free_port(), bundle=tmp_path / "nothing", folder=tmp_path) as address:
        tab = Tab(browser)
        tab.page.goto(f"{address}?language=fi")
        assert tab.page.locator("h1").inner_text() == text("dash.notice.no_bundle", "fi")
        assert "ikut-eval run" in tab.page.locator("main").inner_text()
        assert str(tmp_path) not in tab.page.content()
        assert len(tab.hosts) == 1
        tab.page.close()


def test_jupyterlab_shows_the_page_and_its_choices(browser: Browser, dashboards: Dashboards, notebooks: Path, tmp_path: Path) -> None:
    dashboards.bundle("internal")
    words = ("--no-browser", "--allow-root", "--port", free_port(), f"--ServerApp.root_dir={notebooks}", "--LabApp.news_url=")
    with running("jupyter", "lab", *words, bundle=dashboards.bundles("internal"), folder=tmp_path) as address:
        tab = Tab(browser)
        tab.page.goto(address.replace("/lab", "/lab/tree/outcomes.ipynb"))
        tab.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=1000 * SECONDS)
        tab.page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=1000 * SECONDS)  # the kernel
        tab.page.get_by_role("menuitem", name="Run", exact=True).click()
        tab.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        tab.check_choice(".jp-Notebook")
        assert dashboards.page("internal", "outcomes", "fi").finding in tab.page.locator(".jp-Notebook").inner_text()
        assert len(tab.hosts) == 1
        tab.page.close()
