"""Solara: one component; figures and tables made once."""

import solara
from pilot import CONTROLS, figures, frame, options

CHOICES = [options(0), options(1)]
STATES = {(wave, view): (figures(wave, view), frame(wave, view)) for wave in CHOICES[0].values() for view in CHOICES[1].values()}


@solara.component
def Page() -> None:  # noqa: N802 – the name that Solara looks for
    chosen = [solara.use_reactive(next(iter(choices))) for choices in CHOICES]
    for control, choices, value in zip(CONTROLS, CHOICES, chosen, strict=True):
        solara.Select(control["label"], values=list(choices), value=value)
    drawn, table = STATES[CHOICES[0][chosen[0].value], CHOICES[1][chosen[1].value]]
    for figure in drawn:
        solara.FigurePlotly(figure, dependencies=[chosen[0].value, chosen[1].value])
    solara.DataFrame(table, items_per_page=len(table))
