"""A page in a notebook: the same words, figures and tables, with widgets that choose among them."""

import json
from html import escape
from typing import Any

import ipywidgets as widgets

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.page import Page, Panel, Section
from ikut_eval.present.exhibit import PLOTLY


def explorer(page: Page) -> widgets.VBox:
    """Return a page as widgets. Which cohorts are shown is chosen on the served pages only.

    The outputs are set as a whole: clearing an output while a cell runs makes an execution outside of JupyterLab wait for ever.
    """
    choices = {
        control.name: widgets.Dropdown(
            options=[(label, value) for value, label in control.choices], description=control.label, style={"description_width": "initial"}
        )
        for control in page.controls
        if not control.several
    }
    places = [(section, widgets.Output()) for section in page.sections]

    def show(_: object = None) -> None:
        chosen = {name: str(choice.value) for name, choice in choices.items()}
        for section, place in places:
            outputs = _outputs(section, chosen)
            if outputs != place.outputs:
                place.outputs = outputs

    for choice in choices.values():
        choice.observe(show, names="value")
    show()
    facts = "".join(f"<li><strong>{escape(fact.figure)}</strong> {escape(fact.words)}</li>" for fact in page.facts)
    mark = f'<p class="synthetic">{escape(text("report.synthetic", page.language))}</p>' if page.synthetic else ""
    head = widgets.HTML(f"<h1>{escape(page.title)}</h1>{mark}<p>{escape(page.about)}</p><ul>{facts}</ul><p><strong>{escape(page.caution)}</strong></p>")
    return widgets.VBox([head, widgets.HBox(list(choices.values()), layout={"flex_flow": "row wrap"}), *(place for _, place in places)])


def _outputs(section: Section, chosen: dict[str, str]) -> tuple[dict[str, Any], ...]:
    panel = section.chosen(chosen)
    exhibit = panel.exhibit
    below = f'{exhibit.table_html()}<p class="caution">{escape(exhibit.caution)}</p>'
    parts: list[dict[str, Any]] = [{"text/html": f"<h2>{escape(section.heading)}</h2>{exhibit.sentence_html()}", "text/plain": exhibit.sentence}]
    parts += _drawn(panel, chosen)
    parts.append({"text/html": below, "text/plain": exhibit.caution})
    return tuple({"output_type": "display_data", "data": data, "metadata": {}} for data in parts)


def _drawn(panel: Panel, chosen: dict[str, str]) -> list[dict[str, Any]]:
    drawing = panel.in_view(chosen.get("view", ""))
    if drawing is None:
        return []
    figure = json.loads(str(drawing.figure.to_json())) | {"config": {"displayModeBar": False, "responsive": True}}
    return [{PLOTLY: figure, "text/plain": panel.exhibit.sentence}]
