"""Exhibits on coming to sessions."""

import pandas as pd

from ikut_eval.contract.locale import number, percent, text
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
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
    first = rates[rates["measure"] == "attendance_rate"]
    second = rates[rates["measure"] == "attendance_rate_b"].set_index("cohort_id")
    rows, drawn, said = [], [], []
    for row in first.itertuples():
        other = second.loc[str(row.cohort_id)]
        own = [float(v) for v in people.loc[people["cohort_id"] == row.cohort_id, "value"]]
        rows.append(
            [
                str(row.cohort_id),
                tables.count_and_share(row.numerator, row.denominator, language),
                tables.count_and_share(other["numerator"], other["denominator"], language),
                f"{percent(min(own), language)} – {percent(max(own), language)}" if own else "–",
                str(row.n_missing),
            ]
        )
        drawn.append((str(row.cohort_id), own, None if pd.isna(row.value) else float(row.value)))
        if row.denominator:
            rate_b = percent(float(other["value"]), language) if other["denominator"] else "–"
            said.append(
                text(
                    "sentence.attendance",
                    language,
                    cohort=row.cohort_id,
                    rate=percent(float(row.value), language),
                    rate_b=rate_b,
                    low=percent(min(own), language),
                    high=percent(max(own), language),
                )
            )
    figure = person_rates(
        drawn,
        person=text("figure.one_person", language),
        pooled=text("figure.all_rows", language),
        axis=text("figure.attendance_axis", language),
        percents=[percent(v, language) for v in (0, 0.25, 0.5, 0.75, 1)],
    )
    return Exhibit(
        sentence="\n".join(said) or text("sentence.no_sessions", language),
        drawing=figure if said else None,
        table=tables.headed(rows, ["cohort", "rate_a", "rate_b", "person_range", "register_gaps"], language),
        caption=tables.title("attendance_rate", language),
        caution=tables.caution("attendance_rate", language),
        language=language,
    )


def plot_weekly_attendance(by_week: pd.DataFrame, *, language: str) -> Exhibit:
    """Rate A week by week.

    Parameters
    ----------
    by_week : pandas.DataFrame
        `attendance_rate` by week.
    """
    table = by_week[by_week["measure"] == "attendance_rate"]
    return _by_week(table, "attendance_rate", "weekly_attendance", language)


def plot_viability(by_week: pd.DataFrame, *, language: str) -> Exhibit:
    """How often the group had enough people, week by week.

    Parameters
    ----------
    by_week : pandas.DataFrame
        `group_viability` by week, with its thresholds; the lowest is drawn and told, all are in the table.
    """
    lowest = by_week["at_least"].min() if len(by_week) else 2
    exhibit = _by_week(by_week[by_week["at_least"] == lowest], "group_viability", "viability", language, people=lowest)
    weeks = list(dict.fromkeys(by_week["group"]))
    rows = []
    for (cohort, people), here in by_week.groupby(["cohort_id", "at_least"], sort=False):
        k, n, undecided = (int(here[name].sum()) for name in ("numerator", "denominator", "n_missing"))
        size = text("figure.at_least", language, people=people)
        rows.append([cohort, size, tables.count_and_share(k, n, language), str(undecided), *(words for _, words in _cells(here, weeks))])
    headings = [text(f"table.{name}", language) for name in ("cohort", "group_size", "sessions", "undecided")]
    totals = pd.DataFrame(rows, columns=[*headings, *(_week(w, "table", language) for w in weeks)], dtype="str")
    return Exhibit(exhibit.sentence, exhibit.drawing, totals, exhibit.caption, exhibit.caution, language)


def _week(week: str, place: str, language: str) -> str:
    """Return a week's name in a table or on an axis; "unknown" holds the sessions whose week is not entered."""
    if week == "unknown":
        return text("figure.unknown", language)
    return text("table.week_number", language, week=week) if place == "table" else week


def _cells(here: pd.DataFrame, weeks: list[str]) -> list[tuple[float | None, str]]:
    """Return the share of each week and its count in words, a dash where there is nothing."""
    known = here[here["denominator"] > 0].set_index("group")
    return [(float(known.loc[w, "value"]), f"{known.loc[w, 'numerator']}/{known.loc[w, 'denominator']}") if w in known.index else (None, "–") for w in weeks]


def _by_week(table: pd.DataFrame, measure: str, name: str, language: str, **values: object) -> Exhibit:
    cohorts = list(table["cohort_id"].unique())
    weeks = list(dict.fromkeys(table["group"]))
    cells, rows, said = [], [], []
    for cohort in cohorts:
        here = table[table["cohort_id"] == cohort]
        cells.append(_cells(here, weeks))
        rows.append([cohort, *(words for _, words in cells[-1])])
        k, n = int(here["numerator"].sum()), int(here["denominator"].sum())
        if n:
            said.append(text(f"sentence.{name}", language, cohort=cohort, count=tables.count(k, n, language), share=percent(k / n, language), **values))
    headings = [text("table.cohort", language), *(_week(w, "table", language) for w in weeks)]
    return Exhibit(
        sentence="\n".join(said) or text("sentence.no_sessions", language),
        drawing=heat_map(cohorts, [_week(w, "axis", language) for w in weeks], cells, axis=text("figure.week_axis", language)) if said else None,
        table=pd.DataFrame(rows, columns=headings, dtype="str"),
        caption=text("caption.by_week", language, measure=tables.title(measure, language)),
        caution=tables.caution(measure, language),
        language=language,
    )


def plot_notification(notified: pd.DataFrame, late: pd.DataFrame, minutes: pd.DataFrame, *, language: str) -> Exhibit:
    """Absences told in advance and lateness: a sentence and a table, no chart.

    Parameters
    ----------
    notified, late, minutes : pandas.DataFrame
        `notification_rate`, `late_share` and `minutes_late` by cohort.
    """
    late_by, minutes_by = late.set_index("cohort_id"), minutes.set_index("cohort_id")
    rows, said = [], []
    for row in notified.itertuples():
        cohort = str(row.cohort_id)
        arrivals, wait = late_by.loc[cohort], minutes_by.loc[cohort]
        told = tables.count_and_share(row.numerator, row.denominator, language)
        was_late = tables.count_and_share(arrivals["numerator"], arrivals["denominator"], language)
        spread = "–"
        if not pd.isna(wait["value"]):
            median, low, high = (number(float(wait[name]), language) for name in ("value", "minimum", "maximum"))
            spread = text("minutes_range", language, median=median, low=low, high=high)
        rows.append([cohort, told, was_late, spread])
        if row.denominator:
            said.append(text("sentence.notification", language, cohort=cohort, count=tables.count(row.numerator, row.denominator, language), late=was_late))
    return Exhibit(
        sentence="\n".join(said) or text("sentence.no_absences", language),
        drawing=None,
        table=tables.headed(rows, ["cohort", "notified", "late", "minutes"], language),
        caption=tables.title("notification_rate", language),
        caution=tables.caution("notification_rate", language),
        language=language,
    )
