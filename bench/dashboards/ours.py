"""The workload as a page of ours: a notebook that our server has Voilà execute, and the same page as files."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ikut_eval.dashboard.html import file_name
from ikut_eval.dashboard.page import PAGES, Control, Panels, Section, controls_used
from ikut_eval.dashboard.pages import ShownPage
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.spine import Cell, Column, Drawn, Hours, ShareBand, Spine, SpineGroup, SpineRow

LANGUAGE = "en"
NOTEBOOKS, FILES = "notebooks", "pages"
SECTIONS = ("main", "outcome", "wanted")
"""Under whose names the three charts stand: a page has no others."""
SERVE = """
import sys
from pathlib import Path
from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.server import serve
from ikut_eval.dashboard.site import Settings
serve(BundleSource(Path(sys.argv[1]), "internal"), Settings(Path(sys.argv[2]), "en"), port=int(sys.argv[3]))
"""
HEAD = """
import sys
from pathlib import Path
sys.path.append({here!r})
from ours import page
page = page(Path({workload!r}), {name!r})
page.head
"""


def page(workload: Path, name: str) -> ShownPage:
    """Return a page with three charts and a table, chosen by the two controls together."""
    content = json.loads(workload.read_text(encoding="utf-8"))
    controls = [Control(each["name"], each["label"], tuple(map(tuple, each["choices"]))) for each in content["controls"]]
    panels: list[Panels] = [{} for _ in SECTIONS]
    for key, state in content["states"].items():
        for n, figure in enumerate(state["figures"]):
            panels[n][tuple(key.split("|"))] = exhibit(figure, state["table"] if n == 0 else None)
    sections = tuple(Section(section, f"Chart {n}", panel, ("wave", "view")) for n, (section, panel) in enumerate(zip(SECTIONS, panels, strict=True)))
    return ShownPage(name, LANGUAGE, "internal", "Ours", synthetic=True, controls=controls_used(controls, sections), sections=sections)


def exhibit(figure: Mapping[str, Any], table: Mapping[str, Any] | None) -> Exhibit:
    """Return a chart as rows with a cell each, and its table; a chart that has none in the workload gets its own rows, as every section has a table."""
    rows = spine(figure)
    told = pd.DataFrame(table["rows"], columns=table["columns"]) if table else rows.table("Row")
    return Exhibit((("", figure["words"]),), None, told, "The workload", "", LANGUAGE, spine=rows)


def spine(figure: Mapping[str, Any]) -> Spine:
    view, names = figure["view"], figure["names"]
    rows = tuple(SpineRow(row["name"], "", (cell(row, view),)) for row in figure["rows"])
    legend = tuple((kind, words) for (kind, _), words in zip(figure["rows"][0]["people"], names, strict=True)) if view == "people" else ()
    return Spine((Column("People"),), (SpineGroup("", "", rows),), legend, "" if legend else " ".join((*names, figure["axis"])))


def cell(row: Mapping[str, Any], view: str) -> Cell:
    """Return what is said and drawn of a row: people as marks, a share as a bar to at least and a line at most, or an interval.

    An interval is drawn with one share, that at least: the words beside it say the share at most.
    """
    if view == "people":
        return Cell(row["note"], marks=tuple((kind, n) for kind, n in row["people"] if n))
    low, high = row["shares"]
    lower, upper = row["interval"] or (low, low)
    drawn: Drawn = Hours(low, high) if view == "share" else ShareBand(lower, low, upper)
    return Cell(row["note"], row["estimate"], drawn=drawn)


def write(folder: Path, workload: Path) -> None:
    """Write the notebooks and the files into a folder."""
    import nbformat  # not in the kernels, which import this module for the page

    for name in (NOTEBOOKS, FILES):
        (folder / name).mkdir()
    for name in PAGES:
        head = HEAD.format(here=str(Path(__file__).parent), workload=str(workload), name=name)
        cells = [nbformat.v4.new_code_cell(source) for source in (head, *(f"page.section({section!r})" for section in SECTIONS))]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}})
        nbformat.write(notebook, folder / NOTEBOOKS / f"{name}.ipynb")
        (folder / FILES / file_name(name, LANGUAGE)).write_text(page(workload, name).document, encoding="utf-8")


def command(bundle: Path, folder: Path, port: int) -> list[str]:
    """Return the words that start our server."""
    return [sys.executable, "-c", SERVE, str(bundle), str(folder / NOTEBOOKS), str(port)]
