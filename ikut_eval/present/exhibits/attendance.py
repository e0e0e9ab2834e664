"""Exhibits on attendance and on what was delivered: rates, weeks, the size of the group, notice of absence, hours against the plan."""

from dataclasses import replace

import pandas as pd

from ikut_eval.contract.locale import number, percent, text
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import heat_map, person_rates, plan_and_held, weekly_columns


def plot_attendance(rates: pd.DataFrame, by_person: pd.DataFrame, *, language: str) -> Exhibit:
    """Rates A and B, and how they spread over people: from `attendance_rate` by cohort and by person."""
    people = by_person[(by_person["measure"] == "attendance_rate") & by_person["value"].notna()]
    second = rates[rates["measure"] == "attendance_rate_b"].set_index("cohort_id")
    rows = []
    for row in rates[rates["measure"] == "attendance_rate"].itertuples():
        cohort, other = str(row.cohort_id), second.loc[str(row.cohort_id)]
        own = [float(v) for v in people.loc[people["cohort_id"] == row.cohort_id, "value"]]
        low, high = (percent(end(own), language) if own else "–" for end in (min, max))
        line = ""
        if row.denominator:
            rate_b = percent(float(other["value"]), language) if other["denominator"] else "–"
            line = text("sentence.attendance", language, cohort=cohort, rate=percent(float(row.value), language), rate_b=rate_b, low=low, high=high)
        counted = (tables.count_and_share(k, n, language) for k, n in ((row.numerator, row.denominator), (other["numerator"], other["denominator"])))
        mark = (cohort, own, None if pd.isna(row.value) else float(row.value))
        rows.append(ExhibitRow(cohort, [cohort, *counted, f"{low} – {high}" if own else "–", str(row.n_missing)], line, mark))
    names = tables.legend(("one_person", "all_rows", "attendance_axis"), language)
    return exhibit(
        rows,
        tables.headings(language, "cohort", "rate_a", "rate_b", "person_range", "register_gaps"),
        about="attendance_rate",
        language=language,
        draw=lambda marks: person_rates(marks, person=names["one_person"], pooled=names["all_rows"], axis=names["attendance_axis"], language=language),
        nothing="sentence.no_sessions",
    )


def plot_weekly_attendance(by_week: pd.DataFrame, *, language: str) -> Exhibit:
    """Rate A week by week: from `attendance_rate` by week."""
    return _by_week(by_week[by_week["measure"] == "attendance_rate"], "attendance_rate", "weekly_attendance", language)


def plot_viability(by_week: pd.DataFrame, *, language: str) -> Exhibit:
    """How often the group had enough people: from `group_viability` by week; its lowest threshold is drawn and described, all are in the table."""
    lowest = by_week["at_least"].min() if len(by_week) else 2
    weekly = _by_week(by_week[by_week["at_least"] == lowest], "group_viability", "viability", language, people=lowest)
    weeks = list(dict.fromkeys(by_week["group"]))
    rows = []
    for (cohort, people), here in by_week.groupby(["cohort_id", "at_least"], sort=False):
        k, n, undecided = (int(here[name].sum()) for name in ("numerator", "denominator", "n_missing"))
        size = text("figure.at_least", language, people=people)
        rows.append([str(cohort), size, tables.count_and_share(k, n, language), str(undecided), *_counts(here, weeks, language)])
    headings = [*tables.headings(language, "cohort", "group_size", "sessions", "undecided"), *_headings(weeks, language)]
    return replace(weekly, table=pd.DataFrame(rows, columns=headings, dtype="str"))


def _headings(weeks: list[str], language: str) -> list[str]:
    """Return the weeks' names in a table; "unknown" holds the sessions whose week is not entered."""
    return [text("figure.unknown", language) if week == "unknown" else text("table.week_number", language, week=week) for week in weeks]


def _cells(here: pd.DataFrame, weeks: list[str]) -> list[tuple[float | None, str]]:
    """Return the share of each week and its count as a figure has room for it, a dash where there is nothing."""
    known = here[here["denominator"] > 0].set_index("group")
    return [(float(known.loc[w, "value"]), f"{known.loc[w, 'numerator']}/{known.loc[w, 'denominator']}") if w in known.index else (None, "–") for w in weeks]


def _counts(here: pd.DataFrame, weeks: list[str], language: str) -> list[str]:
    """Return the count of each week in words, "not yet" for a week to come; a spreadsheet would take "4/6" for a date."""
    words = {row.group: tables.count_due(row.numerator, row.denominator, row.n_not_yet, language) for row in here.itertuples()}
    return [words.get(week, "–") for week in weeks]


def _by_week(table: pd.DataFrame, measure: str, name: str, language: str, **values: object) -> Exhibit:
    weeks = list(dict.fromkeys(table["group"]))
    rows = []
    for cohort in table["cohort_id"].unique():
        here = table[table["cohort_id"] == cohort]
        cells, k, n = _cells(here, weeks), int(here["numerator"].sum()), int(here["denominator"].sum())
        said = {"cohort": cohort, "count": tables.count(k, n, language), "share": percent(k / n, language)} if n else {}
        line = text(f"sentence.{name}", language, **said, **values) if said else ""
        rows.append(ExhibitRow(str(cohort), [cohort, *_counts(here, weeks, language)], line, (cohort, cells)))
    named = [text("figure.unknown", language) if week == "unknown" else week for week in weeks]
    return exhibit(
        rows,
        [*tables.headings(language, "cohort"), *_headings(weeks, language)],
        about=measure,
        language=language,
        draw=lambda marks: heat_map([c for c, _ in marks], named, [cells for _, cells in marks], axis=text("figure.week_axis", language)),
        nothing="sentence.no_sessions",
        caption=text("caption.by_week", language, measure=tables.measure_title(measure, language)),
    )


def plot_notification(notified: pd.DataFrame, late: pd.DataFrame, minutes: pd.DataFrame, *, language: str) -> Exhibit:
    """Absences reported in advance, and lateness: from `notification_rate`, `late_share` and `minutes_late` by cohort; no chart."""
    late_by, minutes_by = late.set_index("cohort_id"), minutes.set_index("cohort_id")
    rows = []
    for row in notified.itertuples():
        cohort = str(row.cohort_id)
        arrivals, wait = late_by.loc[cohort], minutes_by.loc[cohort]
        was_late = tables.count_and_share(arrivals["numerator"], arrivals["denominator"], language)
        spread = "–"
        if not pd.isna(wait["value"]):
            median, low, high = (number(float(wait[name]), language) for name in ("value", "minimum", "maximum"))
            spread = text("minutes_range", language, median=median, low=low, high=high)
        counted = tables.count(row.numerator, row.denominator, language)
        line = text("sentence.notification", language, cohort=cohort, count=counted, late=was_late) if row.denominator else ""
        rows.append(ExhibitRow(cohort, [cohort, tables.count_and_share(row.numerator, row.denominator, language), was_late, spread], line))
    headings = tables.headings(language, "cohort", "notified", "late", "minutes")
    return exhibit(rows, headings, about="notification_rate", language=language, nothing="sentence.no_absences")


def plot_delivery(by_type: pd.DataFrame, *, language: str) -> Exhibit:
    """Hours held against the plan, by type of session: from `delivered_hours` by session type, of one cohort."""
    tables.refuse_several(by_type)
    rows = []
    for row in by_type.itertuples():
        label = tables.code_label("session_type", str(row.group), language)
        held, aim = float(row.numerator), None if pd.isna(row.denominator) else float(row.denominator)
        words = tables.points(held, language)
        note, planned = (words, "–") if aim is None else (tables.count(held, aim, language), tables.points(aim, language))
        rows.append(ExhibitRow(str(row.cohort_id), [label, words, planned, str(row.n_missing)], mark=(label, held, aim, note)))
    aims = by_type["denominator"].dropna()
    planned = tables.points(float(aims.sum()), language) if len(aims) else "–"
    said = text("sentence.delivery", language, cohort=_whose(by_type), held=tables.points(float(by_type["numerator"].sum()), language), planned=planned)
    ahead = int(by_type["n_not_yet"].max()) if len(by_type) else 0
    weeks_ahead = [("", text("sentence.weeks_ahead", language, n=ahead))] if ahead else []
    return exhibit(
        rows,
        tables.headings(language, "session_type", "held_hours", "planned_hours", "cancelled"),
        about="delivered_hours",
        language=language,
        draw=lambda marks: plan_and_held(marks, **tables.legend(("planned", "held"), language), axis=text("figure.hours_axis", language)),
        more=[("", said), *weeks_ahead],
    )


def _whose(table: pd.DataFrame) -> str:
    """Return the cohort that a table is about."""
    return str(table["cohort_id"].iloc[0]) if len(table) else "–"


def plot_weekly_hours(by_week: pd.DataFrame, *, language: str) -> Exhibit:
    """Group hours a week over the planned range: from `weekly_group_hours` of one cohort."""
    tables.refuse_several(by_week)
    low, most = (float(ends.iloc[0]) if len(ends) else None for ends in (by_week[name].dropna() for name in ("denominator", "most")))
    planned = "–" if low is None or most is None else f"{number(low, language)}–{number(most, language)}"
    rows = []
    anything = bool((by_week["numerator"].fillna(0) > 0).any())
    for row in by_week.itertuples():
        known = not pd.isna(row.numerator)
        held = float(row.numerator) if known else 0.0
        words = tables.points(held, language) if known else text("not_yet" if row.n_not_yet else "not_entered", language)
        rows.append(ExhibitRow("", [str(row.group), words, planned], mark=(row.group, held, words) if anything else None))
    if low is None:
        said = text("sentence.delivery", language, cohort=_whose(by_week), held=tables.points(float(by_week["numerator"].sum()), language), planned="–")
    else:
        over = by_week.loc[by_week["denominator"].notna(), "numerator"].dropna()
        count = tables.count(int((over >= low).sum()), len(over), language)
        said = text("sentence.weekly_hours", language, cohort=_whose(by_week), count=count, low=number(low, language))
    ahead = int(by_week["n_not_yet"].sum())
    weeks_ahead = [("", text("sentence.weeks_not_yet", language, n=ahead))] if ahead else []
    names = (text("figure.week_axis", language), text("figure.planned_range", language, range=planned))
    return exhibit(
        rows,
        tables.headings(language, "week", "held_hours", "planned_hours"),
        about="weekly_group_hours",
        language=language,
        draw=lambda marks: weekly_columns(marks, low=low, high=most, axis=names[0], band=names[1]),
        more=[("", said), *weeks_ahead],
    )


def plot_emphasis(shares: pd.DataFrame, *, language: str) -> Exhibit:
    """How much weight everyday life and wellbeing had, cohort by cohort: from `everyday_wellbeing_share`."""
    wide = shares.pivot(index="cohort_id", columns="group", values="value")
    rows = []
    for cohort in dict.fromkeys(shares["cohort_id"]):
        held, planned = (None if pd.isna(wide.loc[cohort, name]) else float(wide.loc[cohort, name]) for name in ("held", "planned"))
        words = ["–" if v is None else percent(v, language) for v in (held, planned)]
        line = "" if held is None else text("sentence.emphasis", language, cohort=cohort, held=words[0], planned=words[1])
        mark = None if held is None else (cohort, 100 * held, None if planned is None else 100 * planned, words[0])
        rows.append(ExhibitRow(str(cohort), [cohort, *words], line, mark))
    return exhibit(
        rows,
        tables.headings(language, "cohort", "share_held", "share_planned"),
        about="everyday_wellbeing_share",
        language=language,
        draw=lambda marks: plan_and_held(marks, **tables.legend(("planned", "held"), language), axis=text("figure.percent_of_hours", language)),
        nothing="sentence.no_sessions",
    )
