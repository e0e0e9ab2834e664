"""The first ten seconds: who took part, who knows their rights better, who was reached and how they are, whether support goes on."""

from dataclasses import replace
from itertools import product

from ikut_eval.contract.locale import text
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
from ikut_eval.dashboard.page import KeyFigure, PageContent, Panels, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibits.people import plot_outcomes, plot_participants
from ikut_eval.release.store import Bundle


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
    return PageContent(page_controls(bundle, language), sections, _facts(bundle, language))


def _facts(bundle: Bundle, language: str) -> tuple[KeyFigure, ...]:
    """Return the key figures of all cohorts together."""
    started = measure_rows(bundle, "participants", cohort_id=EVERY_COHORT).iloc[0]
    return (
        KeyFigure(tables.count(started["numerator"], started["denominator"], language), text("dash.fact.participants", language)),
        _rights(bundle, language),
        _of_all(bundle, REACH, REACH, language, wave="m6"),
        *(_of_all(bundle, "outcome_bounds", outcome, language, wave="m6", group=outcome) for outcome in ("in_work", "fair_work", "in_study")),
        _of_all(bundle, "support_continuing", "support_continuing", language, group="6"),
    )


def _rights(bundle: Bundle, language: str) -> KeyFigure:
    changes = bundle.table("changes")
    row = changes[(changes["instrument"] == FIRST) & (changes["cohort_id"] == EVERY_COHORT)].iloc[0]
    pairs, missing = int(row["n_paired"]), int(row["n_missing"])
    if not pairs:
        return KeyFigure(text("not_yet", language) if int(row["n_not_yet"]) else "–", text("dash.fact.rights_none", language))
    up, same, down = (int(row[name]) for name in ("improved", "same", "worse"))
    return KeyFigure(text("dash.fact.rights_figure", language, up=up, same=same, down=down), text("dash.fact.rights", language, n=pairs, missing=missing))


def _of_all(bundle: Bundle, measure: str, fact: str, language: str, **where: str) -> KeyFigure:
    """Return a count of all cohorts together, with the words ``dash.fact.…`` of the fact."""
    words = text(f"dash.fact.{fact}", language)
    found = counts_of(measure_rows(bundle, measure, cohort_id=EVERY_COHORT, **where))
    if not found:
        return KeyFigure("–", words)
    count = found[0]
    if count.not_yet and count.people and measure != "outcome_bounds":
        words += f" ({text('dash.fact.waiting', language, n=count.not_yet)})"
    if measure == REACH:  # who was not tried was not reached
        count = replace(count, unknown=0, no=count.no + count.unknown)
    return KeyFigure(_short(count, language), words)


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
