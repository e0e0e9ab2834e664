"""What a page of the dashboards consists of. Knows nothing of where its words and figures come from."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.theme import Drawing

PAGES = ("overview", "outcomes", "attendance", "rights_awareness")
DOCUMENT = "text/vnd.ikut-eval.page+html"
"""Under which a notebook gives its page, whole."""
SERVED = "IKUT_EVAL_BUNDLE"
"""A variable that the server sets: which bundle it wants, as a whole document instead of widgets."""
ALWAYS = ""
"""Cohort of a row or a line that is shown whichever cohorts are chosen."""


@dataclass(frozen=True)
class Control:
    """A question to the reader, answered by one choice or, where `several`, by some of them.

    Attributes
    ----------
    name : str – its name in the page's address
    choices : tuple of (value, label) – the first is chosen at first; of several, all are
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    several: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value, _ in self.choices)


@dataclass(frozen=True)
class Panel:
    """An exhibit with what of it belongs to which cohort, and its figure in each view.

    Attributes
    ----------
    exhibit : Exhibit
    lines, rows : tuple of str – cohort of each line of the sentence and of each row of the table; empty where no choice of
        cohorts changes them
    figures : mapping of view to figure – the only key is "" where the figure has one view
    """

    exhibit: Exhibit
    lines: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    figures: Mapping[str, Drawing] | None = None

    def __post_init__(self) -> None:
        for cohorts, n in ((self.lines, len(self.said)), (self.rows, len(self.exhibit.table))):
            if cohorts and len(cohorts) != n:
                raise ValueError("a cohort is wanted for every line and row")

    @property
    def said(self) -> list[str]:
        return self.exhibit.sentence.split("\n")

    @property
    def drawn(self) -> Mapping[str, Drawing]:
        """Return the figures there are, by view."""
        if self.figures is not None:
            return self.figures
        return {} if self.exhibit.drawing is None else {"": self.exhibit.drawing}

    def in_view(self, view: str) -> Drawing | None:
        """Return the figure in a view, or the first where it has no such; None where there is nothing to draw."""
        return self.drawn.get(view, next(iter(self.drawn.values()), None))


Panels = dict[tuple[str, ...], Panel]
"""Panels by the values of the controls that choose among them."""


@dataclass(frozen=True)
class Section:
    """One question: a panel for every combination of what the reader can choose.

    Attributes
    ----------
    by : tuple of str – names of the controls that choose the panel; the control "view" is never among them
    panels : mapping of tuple of str to Panel – by the values of those controls, in their order
    """

    name: str
    heading: str
    panels: Panels
    by: tuple[str, ...] = ()

    def chosen(self, choices: Mapping[str, str]) -> Panel:
        """Return the panel for what a reader chose, or the first where there is none."""
        return self.panels.get(tuple(choices.get(name, "") for name in self.by), next(iter(self.panels.values())))

    @classmethod
    def of(cls, name: str, heading: str, panel: Panel) -> "Section":
        """Return a section that no control chooses."""
        return cls(name, heading, {(): panel})


@dataclass(frozen=True)
class Fact:
    """One of the first things to know: a figure in large letters and the words around it."""

    figure: str
    words: str


@dataclass(frozen=True, repr=False)
class Page:
    """A page of the dashboards in one language.

    Attributes
    ----------
    name : str – one of `PAGES`
    audience : {"internal", "public"}
    about : str – of which data and day the page is
    facts : tuple of Fact – the first screen
    caution : str – what must not be read into any of it
    designs : mapping of cohort to the design of its training; figures are divided where it changes
    """

    name: str
    language: str
    audience: str
    title: str
    about: str
    synthetic: bool
    data_date: date | None
    facts: tuple[Fact, ...]
    caution: str
    controls: tuple[Control, ...]
    sections: tuple[Section, ...]
    designs: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Page({self.name}, {self.language}, {self.audience})"

    @cached_property
    def document(self) -> str:
        """The whole page as HTML."""
        from ikut_eval.dashboard.html import document

        return document(self)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if SERVED in os.environ:
            display({"text/plain": repr(self), DOCUMENT: self.document}, raw=True)  # type: ignore[no-untyped-call]
        else:
            from ikut_eval.dashboard.notebook import explorer

            display(explorer(self))  # type: ignore[no-untyped-call]


def by_cohort(figure: Drawing, cohorts: Sequence[str]) -> Drawing:
    """Mark the rows of a figure, which stand at y = 0, 1, 2 ..., with their cohorts, so that a reader can choose among them."""
    figure.update_layout(meta={"rows": list(cohorts)})
    return figure


def sections_used(controls: Sequence[Control], sections: Sequence[Section]) -> tuple[Control, ...]:
    """Return the controls that change something in the sections, in their order; a control without a choice is left out."""
    used = {name for section in sections for name in section.by}
    panels = [panel for section in sections for panel in section.panels.values()]
    if any(len(panel.drawn) > 1 for panel in panels):
        used.add("view")
    if any(panel.rows or panel.lines for panel in panels):
        used.add("cohorts")
    return tuple(control for control in controls if control.name in used and len(control.choices) > 1)


def with_sections(page: Page, sections: Sequence[Section], controls: Sequence[Control]) -> Page:
    """Return a page with sections and the controls that they need."""
    return replace(page, sections=tuple(sections), controls=sections_used(controls, sections))
