"""Attendance, and what was offered: rates, weeks, group size, notice, hours, design."""

from dataclasses import replace

import pandas as pd

from ikut_eval.contract.locale import day, percent, text
from ikut_eval.dashboard.internal.counts import EVERY_COHORT, cohort_ids, cohort_of, label, measure_rows, page_controls
from ikut_eval.dashboard.page import Control, PageContent, Panels, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.exhibits.attendance import (
    plot_delivery,
    plot_emphasis,
    plot_notification,
    plot_viability,
    plot_weekly_attendance,
    plot_weekly_hours,
)
from ikut_eval.present.figures import dots_and_ranges
from ikut_eval.release.store import Bundle

RATES = ("attendance_rate", "attendance_rate_b")


def internal_attendance(bundle: Bundle, language: str) -> PageContent:
    """Return attendance and what was offered."""
    sizes = sorted({int(n) for n in _by_cohort(bundle, "group_viability")["threshold"].dropna()})
    controls = page_controls(
        bundle,
        language,
        Control("measure", text("dash.control.rate", language), tuple((rate, tables.measure_title(rate, language)) for rate in RATES)),
        Control("people", text("dash.control.people", language), tuple((str(n), text("figure.at_least", language, people=n)) for n in sizes)),
        Control("training", text("dash.control.training", language), tuple((c, c) for c in cohort_ids(bundle))),
    )
    notified = (_by_cohort(bundle, measure, by="cohort") for measure in ("notification_rate", "late_share", "minutes_late"))
    by_week = {rate: _by_cohort(bundle, rate, by="week").assign(measure="attendance_rate") for rate in RATES}
    weeks: Panels = {(rate,): plot_weekly_attendance(table, language=language) for rate, table in by_week.items()}
    sections = (
        Section("attendance", text("dash.section.attendance", language), {(rate,): _rates(bundle, rate, language) for rate in RATES}, ("measure",)),
        Section("weeks", text("dash.section.weeks", language), weeks, ("measure",)),
        _viability(bundle, language),
        Section("notice", text("dash.section.notice", language), {(): plot_notification(*notified, language=language)}),
        *_hours(bundle, language),
        design_section(bundle, language),
    )
    return PageContent(controls, sections)


def _by_cohort(bundle: Bundle, measure: str, **where: str) -> pd.DataFrame:
    return measure_rows(bundle, measure, **where).loc[lambda table: table["cohort_id"] != EVERY_COHORT]


def _rates(bundle: Bundle, rate: str, language: str) -> Exhibit:
    rows = []
    for row in _by_cohort(bundle, rate, by="cohort").itertuples():
        cohort = str(row.cohort_id)
        ends = None if pd.isna(row.lower) else (max(0.0, float(row.lower)), min(1.0, float(row.upper)))
        people = None if pd.isna(row.minimum) else (float(row.minimum) / 100, float(row.maximum) / 100)
        counted, inside = tables.count_and_share(row.numerator, row.denominator, language), tables.between(ends, language)
        cells = [cohort, counted, inside, tables.between(people, language), str(int(row.n_missing))]
        line, mark = "", None
        if row.denominator:
            share, words = float(row.value), percent(float(row.value), language)
            cut = ends is not None and (row.lower < 0 or row.upper > 1)
            line = text("dash.attendance_cut" if cut else "dash.attendance", language, cohort=cohort, share=words, inside=inside)
            mark = (label(cohort, language), (), (share, share), ends, words)
        rows.append(ExhibitRow(cohort_of(cohort), cells, line, mark))
    names = ("", text("figure.share", language), text("figure.interval", language))
    axis = text("figure.attendance_axis", language)
    return exhibit(
        rows,
        tables.headings(language, "cohort", "share", "interval_people", "person_range", "register_gaps"),
        about=rate,
        language=language,
        draw=lambda marks: dots_and_ranges(marks, names=names, language=language, axis=axis),
        nothing="sentence.no_sessions",
        caution=f"{tables.measure_caution(rate, language)} {text('assumption.cohorts_differ', language)}",
    )


def _viability(bundle: Bundle, language: str) -> Section:
    table = _by_cohort(bundle, "group_viability", by="week").rename(columns={"threshold": "at_least", "at_least": "none"})
    panels: Panels = {}
    for people in sorted({int(n) for n in table["at_least"].dropna()}):
        panels[(str(people),)] = plot_viability(table[table["at_least"] == people], language=language)
    if not panels:
        headings = tables.headings(language, "cohort", "sessions")
        panels[("2",)] = exhibit([], headings, about="group_viability", language=language, nothing="sentence.no_sessions")
    return Section("viability", text("dash.section.viability", language), panels, ("people",))


def _hours(bundle: Bundle, language: str) -> tuple[Section, ...]:
    by_type, by_week = (_by_cohort(bundle, "delivered_hours", by="session_type"), _by_cohort(bundle, "weekly_group_hours"))
    cohorts = cohort_ids(bundle)
    components: Panels = {(cohort,): plot_delivery(by_type[by_type["cohort_id"] == cohort], language=language) for cohort in cohorts}
    weeks: Panels = {(cohort,): plot_weekly_hours(by_week[by_week["cohort_id"] == cohort], language=language) for cohort in cohorts}
    return (
        Section("hours", text("dash.section.hours", language), components, ("training",)),
        Section("weekly_hours", text("dash.section.weekly_hours", language), weeks, ("training",)),
    )


def design_section(bundle: Bundle, language: str) -> Section:
    """Return how the trainings differ by design, with the weight of everyday life and wellbeing, planned and held."""
    shares = _by_cohort(bundle, "everyday_wellbeing_share").set_index(["cohort_id", "group"])["value"].dropna()
    heading = text("dash.section.design", language)
    cohorts = bundle.table("cohorts")
    rows = []
    for row in cohorts.itertuples():
        days = tables.between((row.start_date, row.end_date), language, _day)
        emphasis = "–" if pd.isna(row.emphasis) else tables.code_label("emphasis", str(row.emphasis), language)
        hours = "–" if pd.isna(row.planned_hours) else tables.points(float(row.planned_hours), language)
        weight = [percent(float(shares[row.cohort_id, name]), language) if (row.cohort_id, name) in shares.index else "–" for name in ("held", "planned")]
        rows.append([str(row.cohort_id), days, str(row.planned_places), hours, emphasis, *weight])
    drawn = plot_emphasis(_by_cohort(bundle, "everyday_wellbeing_share"), language=language)
    headings = tables.headings(language, "cohort", "days", "places", "planned_hours", "emphasis", "share_held", "share_planned")
    table = pd.DataFrame(rows, columns=headings, dtype="str")
    caution = text("assumption.cohorts_differ", language)
    shown = replace(drawn, table=table, rows=tuple(map(str, cohorts["cohort_id"])), caption=heading, caution=caution)
    return Section("design", heading, {(): shown})


def _day(value: object, language: str) -> str:
    return "–" if value is None or pd.isna(value) else day(value, language)  # type: ignore[arg-type]
