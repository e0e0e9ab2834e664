"""Exhibits on what was delivered."""

import pandas as pd

from ikut_eval.contract.locale import number, percent, text
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import plan_and_held, weekly_columns


def plot_delivery(by_type: pd.DataFrame, *, language: str) -> Exhibit:
    """Hours held against the plan, by type of session.

    Parameters
    ----------
    by_type : pandas.DataFrame
        `delivered_hours` by session type, of one cohort.
    """
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
    said = text("sentence.delivery", language, held=tables.points(float(by_type["numerator"].sum()), language), planned=planned)
    return exhibit(
        rows,
        tables.headings(language, "session_type", "held_hours", "planned_hours", "cancelled"),
        about="delivered_hours",
        language=language,
        draw=lambda marks: plan_and_held(marks, **tables.legend(("planned", "held"), language), axis=text("figure.hours_axis", language)),
        more=[("", said)],
    )


def plot_weekly_hours(by_week: pd.DataFrame, *, language: str) -> Exhibit:
    """Group hours a week over the planned range.

    Parameters
    ----------
    by_week : pandas.DataFrame
        `weekly_group_hours` of one cohort.
    """
    tables.refuse_several(by_week)
    hours = [float(v) for v in by_week["numerator"]]
    low, most = (float(ends.iloc[0]) if len(ends) else None for ends in (by_week[name].dropna() for name in ("denominator", "most")))
    planned = "–" if low is None or most is None else f"{number(low, language)}–{number(most, language)}"
    rows = []
    for week, held in zip(by_week["group"], hours, strict=True):
        words = tables.points(held, language)
        rows.append(ExhibitRow("", [week, words, planned], mark=(week, held, words) if any(hours) else None))
    if low is None:
        said = text("sentence.delivery", language, held=tables.points(sum(hours), language), planned="–")
    else:
        inside = tables.count(sum(v >= low for v in hours), len(hours), language)
        said = text("sentence.weekly_hours", language, count=inside, low=number(low, language))
    names = (text("figure.week_axis", language), text("figure.planned_range", language, range=planned))
    return exhibit(
        rows,
        tables.headings(language, "week", "held_hours", "planned_hours"),
        about="weekly_group_hours",
        language=language,
        draw=lambda marks: weekly_columns(marks, low=low, high=most, axis=names[0], band=names[1]),
        more=[("", said)],
    )


def plot_emphasis(shares: pd.DataFrame, *, language: str) -> Exhibit:
    """How much weight everyday life and wellbeing had, cohort by cohort.

    Parameters
    ----------
    shares : pandas.DataFrame
        `everyday_wellbeing_share`.
    """
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
