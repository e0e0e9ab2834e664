"""What a page of the dashboards consists of. Knows nothing of where its words and figures come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.releases import Corrected

PAGES = ("overview", "outcomes", "attendance", "rights_awareness")
SECTIONS = (
    "cohorts",
    "needs",
    "wanted",
    "handed",
    "main",
    "withheld",
    "protected",
    "outcome",
    "fair_work",
    "moves",
    "support",
    "six_months",
    "completion",
    "given",
    "coming",
    "viability",
    "notice",
    "hours",
    "weekly_hours",
    "component_hours",
    "change",
    "statements",
    "knowledge",
    "others",
    "certainty",
)
"""Every section that a page of either audience has."""
DOCUMENT = "text/vnd.ikut-eval.page+html"
"""Under which the cells of a notebook give the parts of a page: its frame first."""
FINISHED = "IKUT_EVAL_FINISHED"
"""A variable that says that a page is made for viewers, to be finished when its notebook has ended: it is shown as its document, part by part."""


@dataclass(frozen=True)
class Control:
    """A question to the reader, answered by one of the choices (value, label), at first the first.

    `narrow` is the choice with which a narrow screen opens instead of the first; "" for the first.
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    narrow: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value, _ in self.choices)


Panels = dict[tuple[str, ...], Exhibit]
"""Exhibits by the values of the controls that choose among them."""


@dataclass(frozen=True)
class Section:
    """One question: an exhibit for every combination of values of the controls named in `by`.

    `heading` says what was found, `question` what was asked, where the heading does not ask it. A section without a heading is the page's first;
    the page's own heading is its heading.
    """

    name: str
    heading: str
    panels: Panels
    by: tuple[str, ...] = ()
    question: str = ""

    def chosen(self, choices: Mapping[str, str]) -> Exhibit:
        """Return the exhibit for what a reader chose, or the first where there is none."""
        return self.panels.get(tuple(choices.get(name, "") for name in self.by), next(iter(self.panels.values())))


@dataclass(frozen=True)
class PageContent:
    """What a page takes from its bundle: what a reader can choose, and the questions in their order.

    `finding` says in one line what was found.
    """

    controls: tuple[Control, ...]
    sections: tuple[Section, ...]
    finding: str = ""


@dataclass(frozen=True, repr=False)
class Page:
    """A page of the dashboards in one language.

    Attributes
    ----------
    about : str – of which data and day the page is
    caution : str – what must not be read into any of it
    designs : mapping of cohort to the design of its training; a dashed line stands where it changes
    corrections : sequence of Corrected – what was corrected, and why and when
    """

    name: str
    language: str
    audience: str
    title: str
    synthetic: bool = False
    about: str = ""
    finding: str = ""
    caution: str = ""
    controls: tuple[Control, ...] = ()
    sections: tuple[Section, ...] = ()
    designs: Mapping[str, str] = field(default_factory=dict)
    corrections: Sequence[Corrected] = ()

    def __repr__(self) -> str:
        return f"Page({self.name}, {self.language}, {self.audience})"


def controls_used(controls: Sequence[Control], sections: Sequence[Section]) -> tuple[Control, ...]:
    """Return the controls, in their order, that change something in the sections; a control without a choice is left out."""
    used = {name for section in sections for name in section.by}
    return tuple(control for control in controls if control.name in used and len(control.choices) > 1)
