"""The pages of the dashboards, each from a bundle and a language, and how a notebook shows them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import anywidget
import traitlets

from ikut_eval.contract.errors import IkutError, check_choice
from ikut_eval.contract.html import piece, style_of_exhibits
from ikut_eval.contract.locale import day, text
from ikut_eval.dashboard.bundle_source import bundle_to_show, to_show
from ikut_eval.dashboard.html import choices_html, document, frame, section_html, widget_script
from ikut_eval.dashboard.internal.attendance import internal_attendance
from ikut_eval.dashboard.internal.outcomes import internal_outcomes
from ikut_eval.dashboard.internal.overview import internal_overview
from ikut_eval.dashboard.internal.rights_awareness import internal_rights_awareness
from ikut_eval.dashboard.page import DOCUMENT, FINISHED, PAGES, SECTIONS, Page, PageContent, controls_used
from ikut_eval.dashboard.public.attendance import public_attendance
from ikut_eval.dashboard.public.people import public_outcomes, public_overview, public_rights_awareness
from ikut_eval.present import tables
from ikut_eval.present.plain import Heading, Paragraph, Part, parts_of_output
from ikut_eval.present.releases import corrected_figures, outdated_lines
from ikut_eval.release.store import OUTDATED, Bundle

_CONTENTS: Mapping[str, Mapping[str, Callable[[Bundle, str], PageContent]]] = {
    "internal": dict(zip(PAGES, (internal_overview, internal_outcomes, internal_attendance, internal_rights_awareness), strict=True)),
    "public": dict(zip(PAGES, (public_overview, public_outcomes, public_attendance, public_rights_awareness), strict=True)),
}


class Choices(anywidget.AnyWidget):
    """The choices of a page. In Voilà it joins the form that stands on the page, in JupyterLab it shows its own.

    Attributes
    ----------
    value : dict of str to str – what is chosen, by the name of the control; at first the first of each
    """

    _esm = widget_script()
    name = traitlets.Unicode().tag(sync=True)
    form = traitlets.Unicode().tag(sync=True)
    value = traitlets.Dict().tag(sync=True)

    def __init__(self, page: Page) -> None:
        first = {control.name: control.values[0] for control in page.controls}
        super().__init__(name=page.name, form=choices_html(page), value=first)


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
    def choices(self) -> Choices:
        """What a reader chooses: `choices.value` holds it by name, and a cell of your own can observe it."""
        return Choices(self)

    @property
    def head(self) -> "Shown":
        """The title, what was found, and the choices."""
        if FINISHED in os.environ:
            return Shown({DOCUMENT: frame(self)})
        return Shown({DOCUMENT: frame(self, live=True), "text/html": _head(self)}, self.choices if self.controls else None)

    def section(self, name: str) -> "Shown":
        """Return one of the page's sections; nothing is shown of a section that only the other audience has.

        Raises UsageError if neither audience has it.
        """
        check_choice("name", name, SECTIONS)
        found = next((section for section in self.sections if section.name == name), None)
        finished = FINISHED in os.environ
        return Shown({DOCUMENT if finished else "text/html": section_html(self, found, live=not finished) if found else ""})


@dataclass(frozen=True)
class Shown:
    """A part of a page, by MIME type, and the widget that goes with it."""

    parts: Mapping[str, str]
    widget: Choices | None = None

    def __repr__(self) -> str:
        return "Shown()"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if any(self.parts.values()):
            display({"text/plain": repr(self), **self.parts}, raw=True)  # type: ignore[no-untyped-call]
        if self.widget is not None:
            display(self.widget)  # type: ignore[no-untyped-call]


def _head(page: ShownPage) -> str:
    """Return the head in JupyterLab, which has a frame of its own."""
    marks = [(page.audience, text(f"dash.audience_{page.audience}", page.language))]
    marks += [("synthetic", text("report.synthetic", page.language))] if page.synthetic else []
    corrected = piece("corrections", page.corrections, text("published.corrections", page.language)) if page.corrections else ""
    first = piece("heading", page.finding) if page.finding else ""
    said = piece("title", page.title, page.about, marks) + first + corrected + piece("paragraph", page.caution, "caution")
    return style_of_exhibits() + said + piece("mark_symbols")


def open_page(name: str, bundle: str = "", *, audience: str = "internal", language: str = "fi") -> ShownPage:
    """Return a page of a bundle, for its notebook to show.

    Parameters
    ----------
    name : {"overview", "outcomes", "attendance", "rights_awareness"}
    bundle, audience, language
        As `to_show`; the errors are those of `BundleSource.read`.
    """
    given = to_show(bundle, audience=audience, language=language)
    try:
        found = bundle_to_show(given)
    except IkutError as problem:
        if FINISHED not in os.environ:
            Shown(_notice(problem, given.audience, given.language))._ipython_display_()
        raise
    return page_of(found, name, language=given.language)


def _notice(problem: IkutError, audience: str, language: str) -> dict[str, str]:
    """Return a page that says why there is nothing to show and what to do; in JupyterLab, which shows the error too, only its title."""
    title, why = text("dash.notice.no_bundle", language), piece("paragraph", problem.message(language))
    return {DOCUMENT: document(Page("overview", language, audience, title), body=why), "text/html": piece("paragraph", title)}


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
        finding=content.finding,
        caution=" ".join([text("dash.caution", language), *outdated_lines(bundle.about.get(OUTDATED, ()), language)]),
        controls=controls_used(content.controls, content.sections),
        sections=content.sections,
        designs=designs,
        corrections=corrected_figures(bundle, language) if bundle.audience == "public" else (),
    )


def published_parts(bundle: Bundle, language: str) -> tuple[str, str, list[str], list[Part]]:
    """Return what the pages of a public bundle show, for a file that is not HTML: title, of what it is, its labels, and the parts.

    A section that a reader can choose in is shown with every choice.
    """
    pages = [page_of(bundle, name, language=language) for name in PAGES]
    parts: list[Part] = [Heading(text("dash.site", language), 1), *(Paragraph(words) for words in dict.fromkeys(page.caution for page in pages))]
    for page in pages:
        parts.append(Heading(page.title))
        if page.finding:
            parts.append(Paragraph(page.finding))
        if page.corrections:
            parts += parts_of_output({"data": {"text/html": piece("corrections", page.corrections, text("published.corrections", language))}}, language)
        labels = {value: label for control in page.controls for value, label in control.choices}
        for section in page.sections:
            for chosen, exhibit in section.panels.items():
                parts.append(Heading(" – ".join(filter(None, (section.heading, *(labels.get(value, "") for value in chosen)))) or page.title, 3))
                parts += [part for data in exhibit.outputs() for part in parts_of_output({"data": data}, language)]
    marks = [text("dash.audience_public", language), *([text("report.synthetic", language)] if bundle.synthetic else [])]
    return text("dash.site", language), pages[0].about, marks, parts
