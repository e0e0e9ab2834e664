"""Titles and questions of a report, in the reader's language."""

from datetime import date
from html import escape
from typing import Protocol

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.locale import day, number, percent, text
from ikut_eval.contract.schema import load_contract


class Described(Protocol):
    """What a title says of the data."""

    @property
    def cohort_ids(self) -> tuple[str, ...]: ...
    @property
    def data_date(self) -> date | None: ...
    @property
    def synthetic(self) -> bool: ...


class Heading:
    """A piece of Markdown or HTML that a notebook shows as it is."""

    def __init__(self, words: str, html: str) -> None:
        self.words = words
        self.html = html

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        return self.html


def title(pilot: Described, report: str, *, language: str) -> Heading:
    """Return a report's title with its cohorts, data date, and whether the data is invented.

    Parameters
    ----------
    report : {"tour", "data_check", "cohort_report", "pilot_synthesis"}
    """
    heading = text(f"report.{report}", language)
    cohorts = ", ".join(pilot.cohort_ids)
    when = day(pilot.data_date, language) if pilot.data_date else "–"
    about = text("report.about", language, cohorts=cohorts, n=len(pilot.cohort_ids), date=when)
    marks = [("synthetic", text("report.synthetic", language))] if pilot.synthetic else []
    marks.append(("confidential", text("report.confidential", language)))
    notes = "".join(f'<p class="{kind}">{escape(words)}</p>' for kind, words in marks)
    words = "\n".join([heading, about, *(w for _, w in marks)])
    return Heading(words, f"<h1>{escape(heading)}</h1><p>{escape(about)}</p>{notes}")


def section(question: str, *, language: str) -> Heading:
    """Return a section's question as a heading.

    Parameters
    ----------
    question : str
        A key of the catalogue under ``section.``, for example "attendance".
    """
    words = text(f"section.{question}", language)
    return Heading(words, f"<h2>{escape(words)}</h2>")


class Findings(Protocol):
    """A check's report, as far as it is shown."""

    def summary(self, language: str) -> str: ...
    def to_html(self, language: str) -> str: ...


def findings(report: Findings, *, language: str) -> Heading:
    """Return what a check found, as a sentence and a table."""
    return Heading(report.summary(language), report.to_html(language))


def note(key: str, *, language: str, **values: object) -> Heading:
    """Return a sentence of the catalogue under ``note.`` as a paragraph."""
    words = text(f"note.{key}", language, **values)
    return Heading(words, f'<p class="sentence">{escape(words)}</p>')


class Told(Protocol):
    """A result that says itself in words."""

    def sentence(self, language: str, *, level: float = ...) -> str: ...


def say(result: Told, *, language: str) -> Heading:
    """Return a result of inference as a sentence in the report's language."""
    words = result.sentence(language)
    return Heading(words, f'<p class="sentence">{escape(words)}</p>')


def say_plan(plan: AnalysisPlan, *, language: str) -> Heading:
    """Return what was planned before the data, with the plan's hash; or that nothing was."""
    if not plan.primary:
        return note("no_plan", language=language)
    contract = load_contract()
    values = {
        "primary": contract.instruments[plan.primary].labels[language],
        "start": contract.code_lists["wave"].label(plan.contrast[0], language),
        "end": contract.code_lists["wave"].label(plan.contrast[1], language),
        "method": text(f"method.{plan.method}", language).rstrip("."),
        "alpha": percent(plan.alpha, language),
        "sides": text(f"plan.{plan.sides}", language),
        "smallest": number(plan.smallest_change, language, 2),
        "digest": plan.digest[:12],
    }
    return note("plan", language=language, **values)
