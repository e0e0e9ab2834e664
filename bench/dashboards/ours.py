"""The workload as a page of ours: a notebook that our server has Voilà execute, and the same page as files."""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.page import PAGES, Control, Panels, Section, controls_used
from ikut_eval.dashboard.pages import ShownPage
from ikut_eval.dashboard.site import asset_files
from ikut_eval.present import theme
from ikut_eval.present.theme import Drawing
from ikut_eval.present.exhibit import Exhibit

LANGUAGE = "en"
NOTEBOOKS, FILES = "notebooks", "pages"
SERVE = """
import sys
from pathlib import Path
from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.server import serve
from ikut_eval.dashboard.site import Settings
serve(BundleSource(Path(sys.argv[1]), "internal"), Settings(Path(sys.argv[2]), "en"), port=int(sys.argv[3]))
"""
CELL = """
import sys
from pathlib import Path
sys.path.append({here!r})
from ours import page
page(Path({workload!r}), {name!r})
"""


def page(workload: Path, name: str) -> ShownPage:
    """Return a page with three charts and a table, chosen by the two controls together."""
    content = json.loads(workload.read_text(encoding="utf-8"))
    controls = [Control(each["name"], each["label"], tuple(map(tuple, each["choices"]))) for each in content["controls"]]
    panels: list[Panels] = [{}, {}, {}]
    for key, state in content["states"].items():
        for n, chart in enumerate(state["charts"]):
            panels[n][tuple(key.split("|"))] = exhibit(key, chart, state["table"] if n == 0 else None)
    sections = tuple(Section(f"chart{n}", f"Chart {n}", panel, ("wave", "view")) for n, panel in enumerate(panels))
    return ShownPage(name, LANGUAGE, "internal", "Ours", synthetic=True, controls=controls_used(controls, sections), sections=sections)


def exhibit(key: str, chart: dict[str, Any], table: dict[str, Any] | None) -> Exhibit:
    drawing = Drawing(theme.LAYOUT)
    drawing.data = chart["data"]
    drawing.update_layout(**{name: value for name, value in chart["layout"].items() if name != "template"})
    rows = pd.DataFrame(table["rows"], columns=table["columns"]) if table else pd.DataFrame({"State": [key]})
    return Exhibit((("", key),), {"": drawing}, rows, "The workload", "", LANGUAGE)


def write(folder: Path, workload: Path) -> None:
    """Write the notebooks and the files into a folder."""
    import nbformat  # not in the kernels, which import this module for the page

    for name in (NOTEBOOKS, FILES, f"{FILES}/assets"):
        (folder / name).mkdir()
    for name in PAGES:
        cell = nbformat.v4.new_code_cell(CELL.format(here=str(Path(__file__).parent), workload=str(workload), name=name))
        notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}})
        nbformat.write(notebook, folder / NOTEBOOKS / f"{name}.ipynb")
        (folder / FILES / file_name(name, LANGUAGE)).write_text(page(workload, name).document, encoding="utf-8")
    for name, content in asset_files().items():
        (folder / FILES / name).write_bytes(content)


def command(bundle: Path, folder: Path, port: int) -> list[str]:
    """Return the words that start our server."""
    return [sys.executable, "-c", SERVE, str(bundle), str(folder / NOTEBOOKS), str(port)]
