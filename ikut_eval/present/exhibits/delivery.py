"""Exhibits on what was delivered."""

import pandas as pd

from ikut_eval.contract.locale import number, percent, text
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import plan_and_held, weekly_columns


def plot_delivery(by_type: pd.DataFrame, *, language: str) -> Exhibit:
    """Hours held against the plan, by type of session.

    Parameters
    ----------
    by_type : pandas.DataFrame
        `delivered_hours` by session type, of one cohort.
    """
    tables.refuse_several(by_type)
    rows, drawn = [], []
    for row in by_type.itertuples():
        label = tables.code_label("session_type", str(row.group), language)
        aim = None if pd.isna(row.denominator) else float(row.denominator)
        held = float(row.numerator)
        words = number(held, language, 2) if aim is None else tables.count(held, aim, language)
        rows.append([label, number(held, language, 2), "–" if aim is None else number(aim, language, 2), str(row.n_missing)])
        drawn.append((label, held, aim, words))
    held, aims = float(by_type["numerator"].sum()), by_type["denominator"].dropna()
    planned = number(float(aims.sum()), language, 2) if len(aims) else "–"
    figure = plan_and_held(drawn, planned=text("figure.planned", language), held=text("figure.held", language), axis=text("figure.hours_axis", language))
    return Exhibit(
        sentence=text("sentence.delivery", language, held=number(held, language, 2), planned=planned),
        drawing=figure if drawn else None,
        table=tables.headed(rows, ["session_type", "held_hours", "planned_hours", "cancelled"], language),
        caption=tables.title("delivered_hours", language),
        caution=tables.caution("delivered_hours", language),
        language=language,
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
    aims = by_week["denominator"].dropna()
    low = float(aims.iloc[0]) if len(aims) else None
    tops = by_week["most"].dropna()
    most = float(tops.iloc[0]) if len(tops) else None
    weeks = list(by_week["group"])
    words = [number(v, language, 2) for v in hours]
    if low is None:
        sentence = text("sentence.delivery", language, held=number(sum(hours), language, 2), planned="–")
    else:
        inside = tables.count(sum(v >= low for v in hours), len(hours), language)
        sentence = text("sentence.weekly_hours", language, count=inside, low=number(low, language))
    planned = "–" if low is None or most is None else f"{number(low, language)}–{number(most, language)}"
    figure = weekly_columns(
        weeks, hours, low=low, high=most, words=words, axis=text("figure.week_axis", language), band=text("figure.planned_range", language, range=planned)
    )
    return Exhibit(
        sentence=sentence,
        drawing=figure if any(hours) else None,
        table=tables.headed([[w, h, planned] for w, h in zip(weeks, words, strict=True)], ["week", "held_hours", "planned_hours"], language),
        caption=tables.title("weekly_group_hours", language),
        caution=tables.caution("weekly_group_hours", language),
        language=language,
    )


def plot_emphasis(shares: pd.DataFrame, *, language: str) -> Exhibit:
    """How much weight everyday life and wellbeing had, cohort by cohort.

    Parameters
    ----------
    shares : pandas.DataFrame
        `everyday_wellbeing_share`.
    """
    wide = shares.pivot(index="cohort_id", columns="group", values="value")
    rows, drawn, said = [], [], []
    for cohort in dict.fromkeys(shares["cohort_id"]):
        held, planned = wide.loc[cohort, "held"], wide.loc[cohort, "planned"]
        shown = ["–" if pd.isna(v) else percent(float(v), language) for v in (held, planned)]
        rows.append([cohort, *shown])
        if not pd.isna(held):
            drawn.append((cohort, 100 * float(held), None if pd.isna(planned) else 100 * float(planned), shown[0]))
            said.append(text("sentence.emphasis", language, cohort=cohort, held=shown[0], planned=shown[1]))
    figure = plan_and_held(drawn, planned=text("figure.planned", language), held=text("figure.held", language), axis=text("figure.percent_of_hours", language))
    return Exhibit(
        sentence="\n".join(said) or text("sentence.no_sessions", language),
        drawing=figure if drawn else None,
        table=tables.headed(rows, ["cohort", "share_held", "share_planned"], language),
        caption=tables.title("everyday_wellbeing_share", language),
        caution=tables.caution("everyday_wellbeing_share", language),
        language=language,
    )
