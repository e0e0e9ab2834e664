"""Shiny for Python: charts through shinywidgets, as its manual shows; `BINDING`: through an output binding, as it shows for speed."""

import os
from pathlib import Path
from typing import Any

import plotly
from htmltools import HTMLDependency, Tag
from pilot import CONFIG, CONTROLS, FIRST, charts, figures, frame
from shiny import App, Inputs, Outputs, Session, render, ui
from shiny.render.renderer import Jsonifiable, Renderer
from shinywidgets import output_widget, render_plotly

PLACES = range(3)
BINDING = bool(os.environ.get("BINDING"))
FIGURES = {} if BINDING else {(wave, view): figures(wave, view) for wave, _ in CONTROLS[0]["choices"] for view, _ in CONTROLS[1]["choices"]}
SCRIPTS = (
    HTMLDependency("plotly", plotly.__version__, source={"subdir": str(Path(plotly.__file__).parent / "package_data")}, script={"src": "plotly.min.js"}),
    HTMLDependency("chart", "1", source={"subdir": str(Path(__file__).parent)}, script={"src": "chart_binding.js"}),
)


def output_chart(name: str) -> Tag:
    return ui.div(*SCRIPTS, id=name, class_="chart-output")


class render_chart(Renderer[dict[str, Any]]):  # noqa: N801 – Shiny's renderers are named like functions
    async def transform(self, value: dict[str, Any]) -> Jsonifiable:
        return {**value, "config": CONFIG}


page = ui.page_fluid(
    *(ui.input_select(c["name"], c["label"], dict(c["choices"]), selected=FIRST[n], selectize=False) for n, c in enumerate(CONTROLS)),
    *(output_chart(f"chart{n}") if BINDING else output_widget(f"chart{n}") for n in PLACES),
    ui.output_table("table"),
    title="Shiny",
)


def server(input: Inputs, output: Outputs, session: Session) -> None:
    for n in PLACES:
        if BINDING:

            @output(id=f"chart{n}")
            @render_chart
            def chart(n: int = n) -> dict[str, Any]:
                return charts(input.wave(), input.view())[n]
        else:

            @output(id=f"chart{n}")
            @render_plotly
            def widget(n: int = n) -> object:
                return FIGURES[input.wave(), input.view()][n]

    @render.table
    def table() -> object:
        return frame(input.wave(), input.view())


app = App(page, server)
