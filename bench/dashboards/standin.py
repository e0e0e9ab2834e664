"""A stand-in for our page until `ikut-eval dashboard` serves it: one HTML file with all states, drawn with plotly.js basic."""

import html
import json
from pathlib import Path
from shutil import copy
from typing import Any

SCRIPT = """
const {states} = JSON.parse(document.getElementById("workload").textContent);
const control = (name) => document.getElementById(name);
function draw() {
  const state = states[`${control("wave").value}|${control("view").value}`];
  document.querySelector("tbody").innerHTML = state.table;
  const charts = state.charts.map((chart, n) => Plotly.react(`chart${n}`, chart.data, chart.layout, {displayModeBar: false, responsive: true}));
  Promise.all(charts).then(() => { document.documentElement.dataset.drawn = "true"; });
}
control("wave").addEventListener("change", draw);
control("view").addEventListener("change", draw);
draw();
"""


def write(folder: Path, workload: dict[str, Any], plotly: Path) -> None:
    """Write the page and its plotly.js into a folder."""
    folder.mkdir(exist_ok=True)
    copy(plotly, folder / "plotly-basic.min.js")
    states = {key: {"charts": state["charts"], "table": rows(state["table"]["rows"])} for key, state in workload["states"].items()}
    content = json.dumps({"states": states}, ensure_ascii=False).replace("<", "\\u003c")
    controls = "".join(select(control) for control in workload["controls"])
    first = next(iter(states.values()))
    head = "".join(f"<th>{html.escape(name)}</th>" for name in next(iter(workload["states"].values()))["table"]["columns"])
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Ours</title><body>{controls}'
        f'<div id="chart0"></div><div id="chart1"></div><div id="chart2"></div><table><thead><tr>{head}</tr></thead><tbody>{first["table"]}</tbody></table>'
        f'<script type="application/json" id="workload">{content}</script><script src="plotly-basic.min.js"></script><script>{SCRIPT}</script></body></html>',
        encoding="utf-8",
    )


def rows(cells: list[list[str]]) -> str:
    return "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in cells)


def select(control: dict[str, Any]) -> str:
    options = "".join(f'<option value="{value}">{html.escape(label)}</option>' for value, label in control["choices"])
    return f'<label>{control["label"]} <select id="{control["name"]}" autocomplete="off">{options}</select></label>'
