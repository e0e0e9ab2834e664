"""Coming to sessions, and what was offered: rates, weeks, group size, notice, hours, design."""

import pandas as pd

from ikut_eval.contract.locale import day, number, percent, text
from ikut_eval.dashboard.internal.tables import cohort_ids, cohorts_control, label, measure_rows, of_cohorts, whose
from ikut_eval.dashboard.page import Control, Panel, Panels, Section, by_cohort
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.exhibits.attendance import plot_notification, plot_viability, plot_weekly_attendance
from ikut_eval.present.exhibits.delivery import plot_delivery, plot_emphasis, plot_weekly_hours
from ikut_eval.present.figures import dots_and_ranges
from ikut_eval.release.store import Bundle

RATES = ("attendance_rate", "attendance_rate_b")
_TICKS = (0, 0.25, 0.5, 0.75, 1)


def controls(bundle: Bundle, language: str) -> tuple[Control, ...]:
    """Return what a reader can choose on the page."""
    sizes = sorted({int(n) for n in measure_rows(bundle, "group_viability")["threshold"].dropna()})
    return (
        Control("measure", text("dash.control.rate", language), tuple((rate, tables.title(rate, language)) for rate in RATES)),
        Control("people", text("dash.control.people", language), tuple((str(n), text("figure.at_least", language, people=n)) for n in sizes)),
        Control("training", text("dash.control.training", language), tuple((c, c) for c in cohort_ids(bundle))),
        cohorts_control(bundle, language),
    )


def sections(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return the page's questions, in their order."""
    return (
        Section("attendance", text("dash.section.attendance", language), {(rate,): _rates(bundle, rate, language) for rate in RATES}, ("measure",)),
        _weeks(bundle, language),
        _viability(bundle, language),
        _notice(bundle, language),
        *_hours(bundle, language),
        design_section(bundle, language),
    )


def _rates(bundle: Bundle, rate: str, language: str) -> Panel:
    spread = measure_rows(bundle, "attendance_spread").set_index("cohort_id")
    lines, rows, drawn, told = [], [], [], []
    nobody: list[float] = []
    table = measure_rows(bundle, rate, by="cohort")
    for row in table.itertuples():
        cohort = str(row.cohort_id)
        counted = tables.count_and_share(row.numerator, row.denominator, language)
        ends = None if pd.isna(row.lower) else (max(0.0, float(row.lower)), min(1.0, float(row.upper)))
        inside = text("range", language, low=percent(ends[0], language), high=percent(ends[1], language)) if ends else "–"
        rows.append([cohort, counted, inside, _people_between(spread, cohort, language), str(int(row.n_missing))])
        if row.denominator:
            told.append(cohort)
            share = float(row.value)
            lines.append(text("dash.attendance", language, cohort=cohort, share=percent(share, language), inside=inside))
            drawn.append((label(cohort, language), nobody, (share, share), ends, percent(share, language)))
    called = {name: text(f"figure.{name}", language) for name in ("share", "interval")}
    ticks = [(tick, percent(tick, language)) for tick in _TICKS]
    axis = text("figure.attendance_axis", language)
    figure = dots_and_ranges(drawn, dot="", estimate=called["share"], interval=called["interval"], axis=axis, limits=(0, 1), ticks=ticks)
    exhibit = Exhibit(
        sentence="\n".join(lines) or text("sentence.no_sessions", language),
        drawing=by_cohort(figure, told) if told else None,
        table=tables.headed(rows, ["cohort", "share", "interval_people", "person_range", "register_gaps"], language),
        caption=tables.title(rate, language),
        caution=f"{tables.caution(rate, language)} {text('assumption.cohorts_differ', language)}",
        language=language,
    )
    return Panel(exhibit, tuple(told), tuple(whose(str(c)) for c in table["cohort_id"]))


def _people_between(spread: pd.DataFrame, cohort: str, language: str) -> str:
    """Return the lowest and the highest rate of a person; a dash where there is no person."""
    if cohort not in spread.index or pd.isna(spread.loc[cohort, "minimum"]):
        return "–"
    low, high = (percent(float(spread.loc[cohort, end]) / 100, language) for end in ("minimum", "maximum"))
    return text("range", language, low=low, high=high)


def _weeks(bundle: Bundle, language: str) -> Section:
    panels: Panels = {}
    for rate in RATES:
        table = measure_rows(bundle, rate, by="week").assign(measure="attendance_rate")
        panels[(rate,)] = of_cohorts(plot_weekly_attendance(table, language=language), bundle)
    return Section("weeks", text("dash.section.weeks", language), panels, ("measure",))


def _viability(bundle: Bundle, language: str) -> Section:
    table = measure_rows(bundle, "group_viability", by="week").rename(columns={"threshold": "at_least", "at_least": "none"})
    panels: Panels = {}
    for people in sorted({int(n) for n in table["at_least"].dropna()}):
        panels[(str(people),)] = of_cohorts(plot_viability(table[table["at_least"] == people], language=language), bundle)
    return Section("viability", text("dash.section.viability", language), panels or {("2",): _no_sessions(language)}, ("people",))


def _no_sessions(language: str) -> Panel:
    table = tables.headed([], ["cohort", "sessions"], language)
    caption, caution = tables.title("group_viability", language), tables.caution("group_viability", language)
    return Panel(Exhibit(text("sentence.no_sessions", language), None, table, caption, caution, language))


def _notice(bundle: Bundle, language: str) -> Section:
    notified, late, minutes = (measure_rows(bundle, measure, by="cohort") for measure in ("notification_rate", "late_share", "minutes_late"))
    panel = of_cohorts(plot_notification(notified, late, minutes, language=language), bundle)
    return Section.of("notice", text("dash.section.notice", language), panel)


def _hours(bundle: Bundle, language: str) -> tuple[Section, ...]:
    by_type, by_week = (measure_rows(bundle, "delivered_hours", by="session_type"), measure_rows(bundle, "weekly_group_hours"))
    components: Panels = {}
    weeks: Panels = {}
    for cohort in cohort_ids(bundle):
        components[(cohort,)] = Panel(plot_delivery(by_type[by_type["cohort_id"] == cohort], language=language))
        weeks[(cohort,)] = Panel(plot_weekly_hours(by_week[by_week["cohort_id"] == cohort], language=language))
    return (
        Section("hours", text("dash.section.hours", language), components, ("training",)),
        Section("weekly_hours", text("dash.section.weekly_hours", language), weeks, ("training",)),
    )


def design_section(bundle: Bundle, language: str) -> Section:
    """Return how the trainings differ by design, with the weight of everyday life and wellbeing, planned and held."""
    exhibit = plot_emphasis(measure_rows(bundle, "everyday_wellbeing_share"), language=language)
    rows = []
    for row in bundle.table("cohorts").itertuples():
        days = text("range", language, low=_day(row.start_date, language), high=_day(row.end_date, language))
        emphasis = "–" if pd.isna(row.emphasis) else tables.code_label("emphasis", str(row.emphasis), language)
        hours = "–" if pd.isna(row.planned_hours) else number(float(row.planned_hours), language, 2)
        shares = exhibit.table[exhibit.table.iloc[:, 0] == row.cohort_id]
        rows.append(
            [str(row.cohort_id), days, str(row.planned_places), hours, emphasis, *([str(v) for v in shares.iloc[0, 1:]] if len(shares) else ["–", "–"])]
        )
    table = tables.headed(rows, ["cohort", "days", "places", "planned_hours", "emphasis", "share_held", "share_planned"], language)
    whole = Exhibit(exhibit.sentence, exhibit.drawing, table, text("dash.section.design", language), text("assumption.cohorts_differ", language), language)
    return Section.of("design", text("dash.section.design", language), of_cohorts(whole, bundle))


def _day(value: object, language: str) -> str:
    return "–" if value is None or pd.isna(value) else day(value, language)  # type: ignore[arg-type]
