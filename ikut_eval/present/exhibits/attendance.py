"""Exhibits on attendance: rates, weeks, the size of the group, notice of absence and lateness."""

from dataclasses import replace

import pandas as pd

from ikut_eval.contract.locale import number, percent, text
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import heat_map, person_rates


def plot_attendance(rates: pd.DataFrame, by_person: pd.DataFrame, *, language: str) -> Exhibit:
    """Rates A and B, and how they spread over people.

    Parameters
    ----------
    rates, by_person : pandas.DataFrame
        `attendance_rate` by cohort and by person.
    language : {"fi", "sv", "en"}
    """
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
    """Rate A week by week.

    Parameters
    ----------
    by_week : pandas.DataFrame
        `attendance_rate` by week.
    """
    return _by_week(by_week[by_week["measure"] == "attendance_rate"], "attendance_rate", "weekly_attendance", language)


def plot_viability(by_week: pd.DataFrame, *, language: str) -> Exhibit:
    """How often the group had enough people, week by week.

    Parameters
    ----------
    by_week : pandas.DataFrame
        `group_viability` by week, with its thresholds; the lowest is drawn and described, all are in the table.
    """
    lowest = by_week["at_least"].min() if len(by_week) else 2
    weekly = _by_week(by_week[by_week["at_least"] == lowest], "group_viability", "viability", language, people=lowest)
    weeks = list(dict.fromkeys(by_week["group"]))
    rows, cohorts = [], []
    for (cohort, people), here in by_week.groupby(["cohort_id", "at_least"], sort=False):
        k, n, undecided = (int(here[name].sum()) for name in ("numerator", "denominator", "n_missing"))
        size = text("figure.at_least", language, people=people)
        rows.append([cohort, size, tables.count_and_share(k, n, language), str(undecided), *(words for _, words in _cells(here, weeks))])
        cohorts.append(str(cohort))
    headings = [*tables.headings(language, "cohort", "group_size", "sessions", "undecided"), *_headings(weeks, language)]
    return replace(weekly, table=pd.DataFrame(rows, columns=headings, dtype="str"), rows=tuple(cohorts))


def _headings(weeks: list[str], language: str) -> list[str]:
    """Return the weeks' names in a table; "unknown" holds the sessions whose week is not entered."""
    return [text("figure.unknown", language) if week == "unknown" else text("table.week_number", language, week=week) for week in weeks]


def _cells(here: pd.DataFrame, weeks: list[str]) -> list[tuple[float | None, str]]:
    """Return the share of each week and its count in words, a dash where there is nothing."""
    known = here[here["denominator"] > 0].set_index("group")
    return [(float(known.loc[w, "value"]), f"{known.loc[w, 'numerator']}/{known.loc[w, 'denominator']}") if w in known.index else (None, "–") for w in weeks]


def _by_week(table: pd.DataFrame, measure: str, name: str, language: str, **values: object) -> Exhibit:
    weeks = list(dict.fromkeys(table["group"]))
    rows = []
    for cohort in table["cohort_id"].unique():
        here = table[table["cohort_id"] == cohort]
        cells, k, n = _cells(here, weeks), int(here["numerator"].sum()), int(here["denominator"].sum())
        said = {"cohort": cohort, "count": tables.count(k, n, language), "share": percent(k / n, language)} if n else {}
        line = text(f"sentence.{name}", language, **said, **values) if said else ""
        rows.append(ExhibitRow(str(cohort), [cohort, *(words for _, words in cells)], line, (cohort, cells)))
    named = [text("figure.unknown", language) if week == "unknown" else week for week in weeks]
    return exhibit(
        rows,
        [*tables.headings(language, "cohort"), *_headings(weeks, language)],
        about=measure,
        language=language,
        draw=lambda marks: heat_map([c for c, _ in marks], named, [cells for _, cells in marks], axis=text("figure.week_axis", language)),
        nothing="sentence.no_sessions",
        caption=text("caption.by_week", language, measure=tables.title(measure, language)),
    )


def plot_notification(notified: pd.DataFrame, late: pd.DataFrame, minutes: pd.DataFrame, *, language: str) -> Exhibit:
    """Absences reported in advance and lateness: sentences and a table, no chart.

    Parameters
    ----------
    notified, late, minutes : pandas.DataFrame
        `notification_rate`, `late_share` and `minutes_late` by cohort.
    """
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
