"""What people needed and wanted, against what they were given."""

import pandas as pd

from ikut_eval.contract.locale import number, text
from ikut_eval.dashboard.internal.tables import ALL, cohort_ids, label, measure_rows
from ikut_eval.dashboard.page import Panel, Panels, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.exhibits.people import plot_needs, plot_preferred_support
from ikut_eval.present.figures import plan_and_held
from ikut_eval.release.store import Bundle

_ANSWERED_BY = {
    "rights": ("rights",),
    "finnish": ("finnish",),
    "it": ("it",),
    "everyday": ("everyday",),
    "jobseeking": ("jobseeking",),
    "career": ("career", "identity"),
    "wellbeing": ("psychologist",),
    "networks": ("networks",),
}
"""Types of session that answer a need, where there are such."""


def needs_sections(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return needs and whether they were met, hours given for each, and which support people want."""
    level, met = measure_rows(bundle, "need_level", wave="start"), measure_rows(bundle, "needs_met")
    wanted = pd.concat([measure_rows(bundle, measure, wave="start") for measure in ("preferred_support_first", "preferred_support")])
    hours = measure_rows(bundle, "delivered_hours", by="session_type")
    needs: Panels = {}
    given: Panels = {}
    support: Panels = {}
    for cohort in (ALL, *cohort_ids(bundle)):
        here, after = (table[table["cohort_id"] == cohort] for table in (level, met))
        held = hours if cohort == ALL else hours[hours["cohort_id"] == cohort]
        needs[(cohort,)] = Panel(plot_needs(here, after, language=language))
        given[(cohort,)] = Panel(_needs_and_hours(here, held, cohort, language))
        support[(cohort,)] = Panel(plot_preferred_support(wanted[wanted["cohort_id"] == cohort], language=language))
    return (
        Section("needs", text("dash.section.needs", language), needs, ("group",)),
        Section("given", text("dash.section.given", language), given, ("group",)),
        Section("wanted", text("dash.section.wanted", language), support, ("group",)),
    )


def _needs_and_hours(level: pd.DataFrame, hours: pd.DataFrame, cohort: str, language: str) -> Exhibit:
    """Return needs beside the hours held and planned for them."""
    by_type = hours.groupby("group")[["numerator", "denominator"]].sum(min_count=1)
    rows, drawn = [], []
    for row in level.sort_values("numerator", ascending=False, kind="stable").itertuples():
        types = [t for t in _ANSWERED_BY.get(str(row.group), ()) if t in by_type.index]
        if not types:
            continue
        held, planned = (by_type.loc[types, column].sum(min_count=1) for column in ("numerator", "denominator"))
        need = tables.code_label("need_domain", str(row.group), language)
        counted = tables.count(row.numerator, row.denominator, language)
        spent, aim = (0.0 if pd.isna(held) else float(held)), (None if pd.isna(planned) else float(planned))
        rows.append([need, counted, number(spent, language, 2), "–" if aim is None else number(aim, language, 2)])
        drawn.append((f"{need} ({counted})", spent, aim, number(spent, language, 2)))
    figure = plan_and_held(drawn, planned=text("figure.planned", language), held=text("figure.held", language), axis=text("figure.hours_axis", language))
    most = rows[0] if rows else None
    values = {"group": label(cohort, language), "need": most[0], "count": most[1], "hours": most[2]} if most else {}
    return Exhibit(
        sentence=text("dash.given", language, **values) if most else text("sentence.no_needs", language),
        drawing=figure if rows else None,
        table=tables.headed(rows, ["need_domain", "clear_need", "held_hours", "planned_hours"], language),
        caption=text("dash.given_caption", language, group=label(cohort, language)),
        caution=text("dash.given_caution", language),
        language=language,
    )
