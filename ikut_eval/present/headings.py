"""Titles and questions of a report, in the reader's language."""

from collections.abc import Sequence
from typing import Any

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.html import ShownWords, piece
from ikut_eval.contract.locale import day, percent, text
from ikut_eval.present import tables


def titled(words: str, about: str, marks: Sequence[tuple[str, str]]) -> ShownWords:
    """Return a report's title, which data it is about, and marks (kind, words) for what every reader must know of the data.

    The kinds of mark are "synthetic" and "confidential".
    """
    return ShownWords("\n".join([words, about, *(mark for _, mark in marks)]), piece("title", words, about, marks))


def title(pilot: Any, report: str, *, language: str) -> ShownWords:
    """Return a report's title with the cohorts and the data date of a pilot, and whether its data is invented.

    Parameters
    ----------
    report : {"tour", "data_check", "cohort_report", "pilot_synthesis"}
    """
    when = day(pilot.data_date, language) if pilot.data_date else "–"
    about = text("report.about", language, cohorts=", ".join(pilot.cohort_ids), n=len(pilot.cohort_ids), date=when)
    kinds = ("synthetic", "confidential") if pilot.synthetic else ("confidential",)
    return titled(text(f"report.{report}", language), about, [(kind, text(f"report.{kind}", language)) for kind in kinds])


def section(question: str, *, language: str) -> ShownWords:
    """Return a section's question as a heading: a key of the catalogue under ``section.``, for example "attendance"."""
    words = text(f"section.{question}", language)
    return ShownWords(words, piece("heading", words))


def findings(report: Any, *, language: str) -> ShownWords:
    """Return what a check found, as a sentence and a table."""
    return ShownWords(report.summary(language), report.to_html(language))


def note(key: str, *, language: str, **values: object) -> ShownWords:
    """Return a sentence of the catalogue under ``note.`` as a paragraph."""
    words = text(f"note.{key}", language, **values)
    return ShownWords(words, piece("paragraph", words))


def say(result: Any, *, language: str) -> ShownWords:
    """Return a result of inference as a sentence in the report's language."""
    words = result.sentence(language)
    return ShownWords(words, piece("paragraph", words))


def say_plan(plan: AnalysisPlan, *, language: str) -> ShownWords:
    """Return what was planned before the data, with the plan's hash; or that nothing was."""
    if not plan.primary:
        return note("no_plan", language=language)
    start, end = (tables.code_label("wave", wave, language) for wave in plan.contrast)
    values = {
        "primary": tables.instrument_name(plan.primary, language),
        "start": start,
        "end": end,
        "method": text(f"method.{plan.method}", language).rstrip("."),
        "alpha": percent(plan.alpha, language),
        "sides": text(f"plan.{plan.sides}", language),
        "smallest": tables.points(plan.smallest_change, language),
        "digest": plan.digest[:12],
    }
    return note("plan", language=language, **values)
