"""Titles and questions of a report, and the words of tables and lists, in the reader's language."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from textwrap import wrap
from typing import Any

import pandas as pd

from ikut_eval.contract.analysis_plan import AnalysisPlan, PlanMade
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.html import ShownWords, piece
from ikut_eval.contract.locale import day, number, percent, text
from ikut_eval.contract.measure_catalogue import measure_named
from ikut_eval.contract.schema import load_contract


def count(k: float, n: float, language: str) -> str:
    """Return "3 of 4"; of nobody a dash: there is nothing to tell."""
    return text("count", language, k=number(k, language, 2), of=number(n, language, 2)) if n else "–"


def count_due(k: float, n: float, not_yet: float, language: str, *, not_asked: float = 0) -> str:
    """Return "3 of 4", "not asked" where none of them was, "not yet" where people wait for their time, or a dash where there is nobody."""
    if n and not_asked == n:
        return text("not_asked", language)
    return text("not_yet", language) if not_yet and not n else count(k, n, language)


def versions_caution(versions: Iterable[str] | pd.DataFrame, language: str) -> str:
    """Return, after a space, that a questionnaire had several versions; nothing where it had one.

    From texts that may name several with commas, or from a table with such texts or with their number. No version is named: it is a cell of the data.
    """
    if isinstance(versions, pd.DataFrame) and "n_versions" in versions:
        n = int(versions["n_versions"].fillna(0).max()) if len(versions) else 0
    else:
        named = versions["versions"] if isinstance(versions, pd.DataFrame) else versions
        n = len({version for words in named for version in words.split(", ")} - {""})
    return f" {text('caution.versions', language, n=n)}" if n > 1 else ""


def count_and_share(k: float, n: float, language: str) -> str:
    """Return "3 of 4 (75 %)"; of nobody a dash: there is nothing to tell."""
    return f"{count(k, n, language)} ({percent(k / n, language)})" if n else "–"


def code_label(code_list: str, code: str, language: str) -> str:
    return load_contract().code_lists[code_list].label(code, language)


def item_text(item: str, language: str) -> str:
    instrument = load_contract().instrument_of(item)
    return next(i.text[language] for i in instrument.items if i.id == item) if instrument else item


def instrument_name(instrument: str, language: str) -> str:
    known = load_contract().instruments.get(instrument)
    return known.labels[language] if known else instrument


def wrapped(words: str, width: int = 52) -> str:
    """Return a label broken into lines for a chart's axis."""
    return "<br>".join(wrap(words, width, break_long_words=False, break_on_hyphens=False))


def headings(language: str, *names: str) -> list[str]:
    """Return the catalogue's headings ``table.…``."""
    return [text(f"table.{name}", language) for name in names]


def between(ends: tuple[float, float] | None, language: str, write: Callable[[float, str], str] = percent) -> str:
    """Return "a to b", each end written by `write`; a dash where there are no ends."""
    return "–" if ends is None else text("range", language, low=write(ends[0], language), high=write(ends[1], language))


def share_between(ends: tuple[float, float] | None, language: str) -> str:
    """Return two shares as "a to b", as one where both are written alike; a dash where there are none."""
    return percent(ends[0], language) if ends and percent(ends[0], language) == percent(ends[1], language) else between(ends, language)


def points(value: float, language: str) -> str:
    """Return scale points, with at most two decimals."""
    return number(value, language, 2)


def legend(kinds: Iterable[str], language: str) -> dict[str, str]:
    """Return how each kind of mark is called in a figure: the catalogue's ``figure.…``."""
    return {kind: text(f"figure.{kind}", language) for kind in kinds}


def measure_title(measure: str, language: str) -> str:
    return measure_named(measure).title[language]


def measure_caution(measure: str, language: str) -> str:
    return measure_named(measure).caution[language]


def refuse_several(table: pd.DataFrame) -> None:
    """Raise UsageError, which names the cohorts, if a table is of several."""
    if not one_cohort(table):
        raise UsageError("one_cohort", cohorts=", ".join(dict.fromkeys(table["cohort_id"])))


def one_cohort(table: pd.DataFrame) -> bool:
    """Return whether a table is about one cohort."""
    return bool(table["cohort_id"].nunique() <= 1)


def due_lines(table: pd.DataFrame, on: date, language: str) -> list[str]:
    """Return a line for each follow-up in `follow_ups_due` that waits or is late on a day: the row on the sheet of participants, never the id."""
    waiting = table[table["state"].isin(["overdue", "due"])].sort_values(["closes", "row"])
    lines = [
        text(
            f"due.{row.state}",
            language,
            row=row.row,
            cohort=row.cohort_id,
            wave=code_label("wave", str(row.wave), language),
            opens=day(row.opens.date(), language),
            closes=day(row.closes.date(), language),
        )
        for row in waiting.itertuples()
    ]
    return [text("due.on", language, day=day(on, language)), *(lines or [text("due.nothing", language)])]


def to_come_lines(table: pd.DataFrame, language: str) -> list[str]:
    """Return what `still_to_come` found, a line each, with a heading; one line where nothing is missing."""
    lines = []
    for row in table.itertuples():
        kind, wave = str(row.kind), code_label("wave", str(row.wave), language) if row.wave else ""
        key = kind if kind in ("weeks", "answers", "due", "overdue") else "not_asked"
        asked = load_contract().tables["outcome"].field(kind).labels[language] if key == "not_asked" else ""
        values = {"done": row.done, "of": row.of, "people": text("people", language, n=row.of - row.done), "what": asked}
        closes = "" if pd.isna(row.day) else day(row.day.date(), language)
        lines.append(text(f"to_come.{key}", language, cohort=row.cohort_id, wave=wave, day=closes, **values))
    return [text("to_come.title", language), *lines] if lines else [text("to_come.nothing", language)]


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


def say_to_come(table: pd.DataFrame, *, language: str) -> ShownWords:
    """Return what `still_to_come` found as a list."""
    first, *lines = to_come_lines(table, language)
    return ShownWords("\n".join([first, *lines]), piece("sentence", first, lines))


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
    values = {"digest": plan.digest[:12], "end": code_label("wave", plan.contrast[1], language)}
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
    start, end = (code_label("wave", wave, language) for wave in plan.contrast)
    values = {
        "primary": instrument_name(plan.primary, language),
        "start": start,
        "end": end,
        "method": text(f"method.{plan.method}", language).rstrip("."),
        "alpha": percent(plan.alpha, language),
        "sides": text(f"plan.{plan.sides}", language),
        "smallest": points(plan.smallest_change, language),
    }
    return text("note.plan", language, **values)
