"""The first ten seconds: who took part, who knows their rights better, who was reached and how they are, whether support goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import pandas as pd

from ikut_eval.contract.locale import months, number, percent, text
from ikut_eval.dashboard.internal.attendance import design_section
from ikut_eval.dashboard.internal.counts import (
    EVERY_COHORT,
    REACH,
    WAVES_TO_CHOOSE,
    PeopleCount,
    counts_of,
    label,
    measure_rows,
    one_by_one,
    page_controls,
)
from ikut_eval.dashboard.internal.outcomes import SHOWN_OUTCOMES, reach_section, support_section
from ikut_eval.dashboard.internal.rights_awareness import FIRST, change_exhibit
from ikut_eval.dashboard.page import Cell, PageContent, Panels, Section, Spine, SpineRow
from ikut_eval.present import tables
from ikut_eval.present.exhibits.people import plot_outcomes, plot_participants
from ikut_eval.release.store import Bundle

_MARKS = ("yes", "left", "free", "improved", "same", "worse", "unknown", "no", "not_yet")
_MOST_MARKS = 24
"""Twenty people, and places that were not taken."""


def internal_overview(bundle: Bundle, language: str) -> PageContent:
    """Return what a reader wants to know first."""
    started, ended = (measure_rows(bundle, measure).loc[lambda table: table["cohort_id"] != EVERY_COHORT] for measure in ("participants", "completion"))
    sections = (
        Section("participants", text("dash.section.participants", language), {(): plot_participants(started, ended, language=language)}),
        Section("change", text("dash.section.rights", language), {(): change_exhibit(bundle, FIRST, language)}),
        reach_section(bundle, language),
        _situation(bundle, language),
        support_section(bundle, language),
        design_section(bundle, language),
    )
    return PageContent(
        page_controls(bundle, language), sections, finding=_finding(bundle, language), standfirst=_standfirst(bundle, language), spine=_spine(bundle, language)
    )


def _spine(bundle: Bundle, language: str) -> Spine:
    """Return the cohorts side by side, then all together: during the training, rights, and six months after."""
    table, columns, before = bundle.table("cohorts"), [], None
    people = {str(row.cohort_id): int(row.numerator) for row in measure_rows(bundle, "participants").itertuples()}
    for row in table.itertuples():
        known = [value.date() for value in (row.start_date, row.end_date) if not pd.isna(value)]
        when = months(known[0], known[-1], language) if known else ""
        size = text("people", language, n=people.get(str(row.cohort_id), 0))
        columns.append((str(row.cohort_id), f"{size} · {when}" if when else size, bool(before) and row.emphasis != before))
        before = row.emphasis
    columns.append((text("table.all_cohorts", language), text("people", language, n=people.get(EVERY_COHORT, 0)), False))
    order = [*map(str, table["cohort_id"]), EVERY_COHORT]
    groups = {
        "attendance": {"took_part": _took_part(bundle, language), "came": _came(bundle, language)},
        "rights_awareness": {"rights": _changed(bundle, FIRST, language), "knowledge": _changed(bundle, "rights_knowledge", language)},
        "outcomes": {
            "reached": _people(bundle, REACH, language, wave="m6"),
            **{name: _people(bundle, "outcome_bounds", language, wave="m6", group=name) for name in ("in_work", "fair_work", "in_study")},
            "support": _people(bundle, "support_continuing", language, group="6"),
        },
    }
    made = []
    for page, rows in groups.items():
        named = [
            SpineRow(text(f"spine.{n}", language), text(f"spine.{n}.detail", language), tuple(c.get(o, Cell("–")) for o in order)) for n, c in rows.items()
        ]
        made.append((text(f"spine.group.{page}", language), page, tuple(named)))
    legend = [(kind, text(f"spine.legend.{kind}", language)) for kind in ("yes", "unknown", "no", "improved", "same", "worse", "left", "free", "not_yet")]
    return Spine(tuple(columns), tuple(made), tuple(legend), text("spine.note", language))


def _cell(cohort: str, figure: str, parts: Mapping[str, int], language: str, *, shown: Sequence[str], heard: Sequence[str] = ()) -> Cell:
    """Return a cell with a mark for each person, for as many as a row can hold, and how many some of them are; in the last column of all of them."""
    seen = (*heard, *shown) if cohort == EVERY_COHORT else shown
    more, aloud = (" · ".join(text(f"spine.{kind}", language, n=parts[kind]) for kind in kinds if parts.get(kind)) for kinds in (seen, (*heard, *shown)))
    marks = tuple((kind, n) for kind, n in parts.items() if n and kind in _MARKS)
    return Cell(figure, more, "" if more == aloud else aloud, marks if sum(n for _, n in marks) <= _MOST_MARKS else ())


def _took_part(bundle: Bundle, language: str) -> dict[str, Cell]:
    ended, cells = measure_rows(bundle, "completion"), {}
    for row in measure_rows(bundle, "participants").itertuples():
        here = ended[ended["cohort_id"] == row.cohort_id].set_index("group")["numerator"]
        left = sum(int(here.get(kind, 0)) for kind in ("early_positive", "early_other"))
        started, places = int(row.numerator), 0 if pd.isna(row.denominator) else int(row.denominator)
        figure = tables.count(started, places, language) if places else number(started, language)
        parts = {"yes": started - left, "left": left, "free": max(0, places - started), "completed": int(here.get("completed", 0))}
        shown = ("completed", "left") if row.cohort_id == EVERY_COHORT else ("completed",)
        cells[str(row.cohort_id)] = _cell(str(row.cohort_id), figure, parts, language, shown=shown, heard=() if "left" in shown else ("left",))
    return cells


def _came(bundle: Bundle, language: str) -> dict[str, Cell]:
    """Return attendance by cohort with its interval over people, and of all cohorts the sum, which has none."""
    cells, came, could = {}, 0, 0
    for row in measure_rows(bundle, "attendance_rate", by="cohort").itertuples():
        k, n = int(row.numerator), int(row.denominator)
        came, could = came + k, could + n
        ends = None if pd.isna(row.lower) or pd.isna(row.upper) else (max(0.0, float(row.lower)), min(1.0, float(row.upper)))
        cells[str(row.cohort_id)] = _rate(k, n, ends, language)
    return cells | {EVERY_COHORT: _rate(came, could, None, language)}


def _rate(k: int, n: int, ends: tuple[float, float] | None, language: str) -> Cell:
    if not n:
        return Cell("–")
    rate, heard = k / n, f"({tables.share_between(ends, language)})" if ends else ""
    low, high = ends or (rate, rate)
    return Cell(tables.count(k, n, language), percent(rate, language), heard, (), (low, rate, high))


def _changed(bundle: Bundle, instrument: str, language: str) -> dict[str, Cell]:
    changes, cells = bundle.table("changes"), {}
    for row in changes[changes["instrument"] == instrument].itertuples():
        parts = {"improved": int(row.improved), "same": int(row.same), "worse": int(row.worse), "unknown": int(row.n_missing), "not_yet": int(row.n_not_yet)}
        figure = tables.count_due(parts["improved"], int(row.n_paired), parts["not_yet"], language)
        cells[str(row.cohort_id)] = _cell(str(row.cohort_id), figure, parts, language, shown=(), heard=("same", "worse", "unknown"))
    return cells


def _people(bundle: Bundle, measure: str, language: str, **where: str) -> dict[str, Cell]:
    cells = {}
    for count in counts_of(measure_rows(bundle, measure, **where)):
        if measure == REACH:  # who was not tried was not reached
            count = replace(count, unknown=0, no=count.no + count.unknown)
        parts = {"yes": count.yes, "unknown": count.unknown, "no": count.no, "not_yet": count.not_yet}
        known = count.people > count.not_asked
        cells[count.cohort] = _cell(count.cohort, _short(count, language), parts, language, shown=("unknown", "not_yet") if known else ())
    return cells


def _finding(bundle: Bundle, language: str) -> str:
    """Return in one line how many report knowing their rights better, and how many work at six months; as far as it is known yet."""
    rights, work = (_all(cells) for cells in (_changed(bundle, FIRST, language), _people(bundle, "outcome_bounds", language, wave="m6", group="in_work")))
    if not _known(rights):
        return ""
    return text("spine.finding" if _known(work) else "spine.finding.rights", language, rights=rights.figure, work=work.figure)


def _standfirst(bundle: Bundle, language: str) -> str:
    """Return how many took part, and of how many the figures after the training are."""
    said = [text("spine.standfirst.places", language, places=_all(_took_part(bundle, language)).figure)]
    reached = _all(_people(bundle, REACH, language, wave="m6"))
    return " ".join([*said, text("spine.standfirst.reached", language, reached=reached.figure)] if _known(reached) else said)


def _all(cells: Mapping[str, Cell]) -> Cell:
    return cells.get(EVERY_COHORT, Cell("–"))


def _known(cell: Cell) -> bool:
    return any(letter.isdigit() for letter in cell.figure)


def _short(count: PeopleCount, language: str) -> str:
    """Return "3 of 4", or "2–4 of 5" where the people of whom it is not known make it a range."""
    if not count.unknown or count.not_asked == count.people:
        return count.words(language)
    return text("dash.range_of", language, low=count.yes, high=count.yes + count.unknown, of=count.people)


def _situation(bundle: Bundle, language: str) -> Section:
    table = measure_rows(bundle, "outcome_bounds")
    panels: Panels = {}
    for wave, cohort in product(WAVES_TO_CHOOSE, one_by_one(bundle)):
        here = table[(table["wave"] == wave) & (table["cohort_id"] == cohort) & table["group"].isin(SHOWN_OUTCOMES)]
        panels[wave, cohort] = plot_outcomes(here.assign(cohort_id=label(cohort, language)), language=language)
    return Section("situation", text("dash.section.situation", language), panels, ("wave", "group"))
