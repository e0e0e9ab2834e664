"""Titles and questions of a report, in the reader's language."""

from collections.abc import Sequence
from typing import Any

from ikut_eval.contract.analysis_plan import AnalysisPlan, PlanMade
from ikut_eval.contract.html import ShownWords, piece
from ikut_eval.contract.locale import day, percent, text
from ikut_eval.present import tables


def titled(words: str, about: str, marks: Sequence[tuple[str, str]]) -> ShownWords:
    """Return a report's title, which data it is about, and marks (kind, words) for what every reader must know of the data.

    The kinds of mark are "synthetic" and "confidential".
    """
    return ShownWords("\n".join([words, about, *(mark for _, mark in marks)]), piece("title", words, about, marks))


def title(pilot: Any, report: str, *, language: str) -> ShownWords:
    """Return a report's title with the cohorts and the reporting date of a pilot, and whether its data is invented.

    Parameters
    ----------
    report : {"tour", "data_check", "cohort_report", "pilot_synthesis"}
    """
    when = day(pilot.reporting_date, language) if pilot.reporting_date else "–"
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
    """Return what is planned, with the plan's hash, when it was made and what was planned first; or that there is no plan."""
    if not plan.primary:
        return note("no_plan", language=language)
    made = plan.made or PlanMade()
    values = {"digest": plan.digest[:12], "end": tables.code_label("wave", plan.contrast[1], language)}
    if made.day is None or made.answers is None:
        said = [text("plan.unknown", language, **values)]
    elif made.before_answers:
        said = [text("plan.before", language, day=day(made.day, language), **values)]
    else:
        key = "plan.changed" if made.first else "plan.after"
        said = [text(key, language, day=day(made.day, language), n=made.answers, **values)]
    said.append(_terms(plan, language))
    if made.first and made.first_day and not made.before_answers:
        when = {"day": day(made.first_day, language), "digest": made.first.digest[:12]}
        said.append(text("plan.first", language, terms=_terms(made.first, language), **when))
    said.append(text("plan.rest" if made.before_answers or plan.made is None else "plan.all", language))
    words = " ".join(said)
    return ShownWords(words, piece("paragraph", words))


def _terms(plan: AnalysisPlan, language: str) -> str:
    start, end = (tables.code_label("wave", wave, language) for wave in plan.contrast)
    values = {
        "primary": tables.instrument_name(plan.primary, language),
        "start": start,
        "end": end,
        "method": text(f"method.{plan.method}", language).rstrip("."),
        "alpha": percent(plan.alpha, language),
        "sides": text(f"plan.{plan.sides}", language),
        "smallest": tables.points(plan.smallest_change, language),
    }
    return text("note.plan", language, **values)
