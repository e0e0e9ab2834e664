"""The pages of the dashboards, each from a bundle and a language, and how a notebook shows them."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ikut_eval.contract.html import piece
from ikut_eval.contract.locale import day, text
from ikut_eval.dashboard.html import document
from ikut_eval.dashboard.internal.attendance import internal_attendance
from ikut_eval.dashboard.internal.outcomes import internal_outcomes
from ikut_eval.dashboard.internal.overview import internal_overview
from ikut_eval.dashboard.internal.rights_awareness import internal_rights_awareness
from ikut_eval.dashboard.page import DOCUMENT, PAGES, SERVED, Page, PageContent, controls_used
from ikut_eval.dashboard.public.attendance import public_attendance
from ikut_eval.dashboard.public.people import public_outcomes, public_overview, public_rights_awareness
from ikut_eval.present import tables
from ikut_eval.present.releases import corrected_figures, outdated_lines
from ikut_eval.release.store import OUTDATED, Bundle

if TYPE_CHECKING:
    import ipywidgets

_CONTENTS: Mapping[str, Mapping[str, Callable[[Bundle, str], PageContent]]] = {
    "internal": dict(zip(PAGES, (internal_overview, internal_outcomes, internal_attendance, internal_rights_awareness), strict=True)),
    "public": dict(zip(PAGES, (public_overview, public_outcomes, public_attendance, public_rights_awareness), strict=True)),
}


class ShownPage(Page):
    """A page that a notebook shows: as widgets, or as a whole document where the server asks for one."""

    @cached_property
    def document(self) -> str:
        """The whole page as HTML."""
        return document(self)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if SERVED in os.environ:
            display({"text/plain": repr(self), DOCUMENT: self.document}, raw=True)  # type: ignore[no-untyped-call]
        else:
            display(explorer(self))  # type: ignore[no-untyped-call]


def explorer(page: Page) -> "ipywidgets.VBox":
    """Return a page as widgets. Which cohorts are shown is chosen on the served pages only.

    The outputs are set as a whole: clearing an output while a cell runs makes an execution outside of JupyterLab wait for ever.
    """
    import ipywidgets as widgets

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
            asked = piece("paragraph", section.question, "kicker") if section.question else ""
            heading, exhibit = asked + (piece("heading", section.heading) if section.heading else ""), section.chosen(chosen)
            first, *others = exhibit.outputs(chosen.get("view", ""))
            shown = [{**first, "text/html": heading + first["text/html"]}, *others]
            outputs: tuple[Any, ...] = tuple({"output_type": "display_data", "data": data, "metadata": {}} for data in shown)
            if outputs != place.outputs:
                place.outputs = outputs

    for choice in choices.values():
        choice.observe(show, names="value")
    show()
    marks = [("synthetic", text("report.synthetic", page.language))] if page.synthetic else []
    corrected = piece("corrections", page.corrections, text("published.corrections", page.language)) if page.corrections else ""
    first = (piece("heading", page.finding) if page.finding else "") + (piece("facts", page.facts) if page.facts else "")
    head = widgets.HTML(piece("title", page.title, page.about, marks) + first + corrected + piece("paragraph", page.caution, "caution"))
    return widgets.VBox([head, widgets.HBox(list(choices.values()), layout={"flex_flow": "row wrap"}), *(place for _, place in places)])


def page_of(bundle: Bundle, name: str, *, language: str) -> ShownPage:
    """Return one of the pages, of what the bundle's audience may see."""
    when = day(bundle.data_date, language) if bundle.data_date else "–"
    content = _CONTENTS[bundle.audience][name](bundle, language)
    cohorts = bundle.table("cohorts").dropna(subset=["emphasis"]) if bundle.audience == "internal" else None
    designs = {} if cohorts is None else {str(row.cohort_id): tables.code_label("emphasis", str(row.emphasis), language) for row in cohorts.itertuples()}
    return ShownPage(
        name=name,
        language=language,
        audience=bundle.audience,
        title=text(f"dash.title.{name}", language),
        about=text(f"dash.about_{bundle.audience}", language, date=when, digest=bundle.digest[:12], release=bundle.about.get("release")),
        synthetic=bundle.synthetic,
        facts=content.facts,
        finding=content.finding,
        caution=" ".join([text("dash.caution", language), *outdated_lines(bundle.about.get(OUTDATED, ()), language)]),
        controls=controls_used(content.controls, content.sections),
        sections=content.sections,
        designs=designs,
        corrections=corrected_figures(bundle, language) if bundle.audience == "public" else (),
    )
