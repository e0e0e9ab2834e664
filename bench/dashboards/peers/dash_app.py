"""Dash: figures and table in the first layout, one callback for all four; `CLIENTSIDE` swaps them in the browser."""

import os
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from pilot import CONFIG, CONTROLS, FIRST, STATES, charts, options

app = Dash(__name__, title="Dash")
server = app.server


def table(wave: str, view: str) -> list[Any]:
    content = STATES[f"{wave}|{view}"]["table"]
    head = html.Thead(html.Tr([html.Th(name) for name in content["columns"]]))
    return [head, html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in content["rows"]])]


def dropdown(place: int) -> dcc.Dropdown:
    choices = [{"label": label, "value": value} for label, value in options(place).items()]
    return dcc.Dropdown(choices, FIRST[place], id=CONTROLS[place]["name"], clearable=False, searchable=False)


def graph(place: int) -> dcc.Graph:
    return dcc.Graph(id=f"chart{place}", figure=charts(*FIRST)[place], config=CONFIG)


app.layout = html.Div([dropdown(0), dropdown(1), *(graph(n) for n in range(3)), html.Table(table(*FIRST), id="table")])
OUTPUTS = [*(Output(f"chart{n}", "figure") for n in range(3)), Output("table", "children")]
INPUTS = [Input("wave", "value"), Input("view", "value")]

if os.environ.get("CLIENTSIDE"):
    tables = {key: [part.to_plotly_json() for part in table(*key.split("|"))] for key in STATES}
    app.layout.children.append(dcc.Store(id="states", data={key: [*state["charts"], tables[key]] for key, state in STATES.items()}))
    app.clientside_callback("(wave, view, states) => states[`${wave}|${view}`]", OUTPUTS, INPUTS, State("states", "data"), prevent_initial_call=True)
else:

    @app.callback(OUTPUTS, INPUTS, prevent_initial_call=True)
    def change(wave: str, view: str) -> list[Any]:
        return [*charts(wave, view), table(wave, view)]
