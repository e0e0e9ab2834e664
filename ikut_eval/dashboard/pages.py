"""The pages of the dashboards, each from a bundle and a language, and how a notebook shows them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ikut_eval.contract.errors import check_choice
from ikut_eval.contract.html import piece, style_of_exhibits
from ikut_eval.contract.locale import day, text
from ikut_eval.dashboard.bundle_source import bundle_to_show
from ikut_eval.dashboard.html import document, frame, section_html
from ikut_eval.dashboard.internal.attendance import internal_attendance
from ikut_eval.dashboard.internal.outcomes import internal_outcomes
from ikut_eval.dashboard.internal.overview import internal_overview
from ikut_eval.dashboard.internal.rights_awareness import internal_rights_awareness
from ikut_eval.dashboard.page import DOCUMENT, FINISHED, PAGES, SECTIONS, Page, PageContent, Section, controls_used
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


@dataclass(frozen=True, repr=False)
class ShownPage(Page):
    """A page that a notebook shows cell by cell: first its head, then its sections, each in the place where the notebook asks for it.

    `bundle` is what it is of: a cell of your own can take a table from it.
    """

    bundle: Bundle | None = None

    @cached_property
    def document(self) -> str:
        """The whole page as HTML."""
        return document(self)

    @cached_property
    def choices(self) -> Mapping[str, "ipywidgets.Dropdown"]:
        """What a reader can choose, by name; a cell of your own can observe the `value` of each.

        Which cohorts are shown is chosen on the served pages only.
        """
        import ipywidgets as widgets

        style = {"description_width": "initial"}
        return {
            control.name: widgets.Dropdown(options=[(label, value) for value, label in control.choices], description=control.label, style=style)
            for control in self.controls
            if not control.several
        }

    @property
    def head(self) -> "Shown":
        """The title, what was found, and the choices."""
        return Shown(frame(self), lambda: _head(self))

    def section(self, name: str) -> "Shown":
        """Return one of the page's sections; nothing is shown of a section that only the other audience has.

        Raises UsageError if neither audience has it.
        """
        check_choice("name", name, SECTIONS)
        found = next((section for section in self.sections if section.name == name), None)
        return Shown(section_html(self, found) if found else "", lambda: _section(self, found) if found else None)


@dataclass(frozen=True)
class Shown:
    """A part of a page: HTML where a page is made for viewers, widgets in a notebook."""

    html: str
    widget: Callable[[], Any]

    def __repr__(self) -> str:
        return "Shown()"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if FINISHED in os.environ:
            display({"text/plain": repr(self), DOCUMENT: self.html}, raw=True)  # type: ignore[no-untyped-call]
        elif (widget := self.widget()) is not None:
            display(widget)  # type: ignore[no-untyped-call]


def _head(page: ShownPage) -> "ipywidgets.VBox":
    import ipywidgets as widgets

    marks = [("synthetic", text("report.synthetic", page.language))] if page.synthetic else []
    corrected = piece("corrections", page.corrections, text("published.corrections", page.language)) if page.corrections else ""
    first = (piece("heading", page.finding) if page.finding else "") + (piece("facts", page.facts) if page.facts else "")
    said = piece("title", page.title, page.about, marks) + first + corrected + piece("paragraph", page.caution, "caution")
    return widgets.VBox([widgets.HTML(style_of_exhibits() + said), widgets.HBox(list(page.choices.values()), layout={"flex_flow": "row wrap"})])


def _section(page: ShownPage, section: Section) -> "ipywidgets.Output":
    """Return a section that follows the choices.

    Its outputs are set as a whole: clearing an output while a cell runs makes an execution outside of JupyterLab wait for ever.
    """
    import ipywidgets as widgets

    place = widgets.Output()

    def show(_: object = None) -> None:
        chosen = {name: str(choice.value) for name, choice in page.choices.items()}
        asked = piece("paragraph", section.question, "kicker") if section.question else ""
        heading, exhibit = asked + (piece("heading", section.heading) if section.heading else ""), section.chosen(chosen)
        first, *others = exhibit.outputs(chosen.get("view", ""))
        shown = [{**first, "text/html": heading + first["text/html"]}, *others]
        outputs: tuple[Any, ...] = tuple({"output_type": "display_data", "data": data, "metadata": {}} for data in shown)
        if outputs != place.outputs:
            place.outputs = outputs

    for choice in page.choices.values():
        choice.observe(show, names="value")
    show()
    return place


def open_page(name: str, bundle: str = "", *, audience: str = "internal", language: str = "fi") -> ShownPage:
    """Return a page of a bundle, for its notebook to show.

    Parameters
    ----------
    name : {"overview", "outcomes", "attendance", "rights_awareness"}
    bundle, audience, language
        As `bundle_to_show`, whose errors are raised.
    """
    found, shown_in = bundle_to_show(bundle, audience=audience, language=language)
    return page_of(found, name, language=shown_in)


def page_of(bundle: Bundle, name: str, *, language: str) -> ShownPage:
    """Return one of the pages, of what the bundle's audience may see."""
    when = day(bundle.data_date, language) if bundle.data_date else "–"
    content = _CONTENTS[bundle.audience][name](bundle, language)
    cohorts = bundle.table("cohorts").dropna(subset=["emphasis"]) if bundle.audience == "internal" else None
    designs = {} if cohorts is None else {str(row.cohort_id): tables.code_label("emphasis", str(row.emphasis), language) for row in cohorts.itertuples()}
    return ShownPage(
        bundle=bundle,
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
