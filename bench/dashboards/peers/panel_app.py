"""Panel: panes made once a session; figures as dicts, which the manual recommends for speed."""

from typing import Any

import panel as pn
from pilot import CONFIG, CONTROLS, FIRST, charts, frame, options

pn.extension("plotly")

controls = [pn.widgets.Select(name=control["label"], options=options(n)) for n, control in enumerate(CONTROLS)]
panes = [pn.pane.Plotly(chart, config=CONFIG, sizing_mode="stretch_width") for chart in charts(*FIRST)]
table = pn.pane.DataFrame(frame(*FIRST), index=False)


def change(*_: Any) -> None:
    chosen = [control.value for control in controls]
    with pn.io.hold():
        for pane, chart in zip(panes, charts(*chosen), strict=True):
            pane.object = chart
        table.object = frame(*chosen)


for control in controls:
    control.param.watch(change, "value")
pn.Column(*controls, *panes, table).servable(title="Panel")
