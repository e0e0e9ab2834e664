"""Rows of an internal bundle, the cohorts in the order in which they started, all of them together last."""

import pandas as pd

from ikut_eval.contract.locale import text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.page import ALWAYS, Control, Panel, by_cohort
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.release.store import Bundle

ALL = "all"
FOLLOW_UPS = ("exit", "m3", "m6", "m12")


def cohort_ids(bundle: Bundle) -> tuple[str, ...]:
    """Return the cohorts in the order in which they started."""
    return tuple(str(cohort) for cohort in bundle.table("cohorts")["cohort_id"])


def measure_rows(bundle: Bundle, measure: str, **where: str | int) -> pd.DataFrame:
    """Return the rows of one measure, in the order of the cohorts.

    Parameters
    ----------
    where : column and value
        Which rows, for example ``by="week", wave="m6"``.
    """
    table = bundle.table("measures")
    table = table[table["measure"] == measure]
    for column, value in where.items():
        table = table[table[column] == value]
    return in_order(_whole_counts(table), bundle)


def _whole_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose counts are whole numbers; hours stay as they are."""
    whole = [name for name in ("numerator", "denominator") if (table[name].dropna() % 1 == 0).all()]
    return table.astype(dict.fromkeys(whole, "Int64"))


def in_order(table: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """Return a table's rows cohort by cohort, all of them together last."""
    order = {cohort: n for n, cohort in enumerate((*cohort_ids(bundle), ALL))}
    return table[table["cohort_id"].isin(list(order))].sort_values("cohort_id", key=lambda c: c.map(order), kind="stable", ignore_index=True)


def label(cohort: str, language: str) -> str:
    """Return how a cohort is called."""
    return text("table.all_cohorts", language) if cohort == ALL else cohort


def whose(cohort: str) -> str:
    """Return the cohort by whose choice a row is shown: all together always is."""
    return ALWAYS if cohort == ALL else cohort


def cohorts_control(bundle: Bundle, language: str) -> Control:
    """Return the choice of cohorts."""
    return Control("cohorts", text("dash.control.cohorts", language), tuple((c, c) for c in cohort_ids(bundle)), several=True)


def group_control(bundle: Bundle, language: str) -> Control:
    """Return the choice of one cohort, or of all together, for what is shown of one group at a time."""
    return Control("group", text("dash.control.group", language), tuple((c, label(c, language)) for c in (ALL, *cohort_ids(bundle))))


def view_control(language: str) -> Control:
    """Return the choice of how people are drawn."""
    return Control("view", text("dash.control.view", language), tuple((v, text(f"dash.view.{v}", language)) for v in ("people", "counts", "share")))


def wave_control(language: str, *, first: str = "m6") -> Control:
    """Return the choice of a follow-up."""
    waves = (first, *(wave for wave in FOLLOW_UPS if wave != first))
    ordered = sorted(waves, key=lambda wave: (wave != first, FOLLOW_UPS.index(wave)))
    return Control("wave", text("dash.control.wave", language), tuple((w, tables.code_label("wave", w, language)) for w in ordered))


def instrument_name(instrument: str, language: str) -> str:
    """Return the name of a questionnaire."""
    known = load_contract().instruments.get(instrument)
    return known.labels[language] if known else instrument


def of_cohorts(exhibit: Exhibit, bundle: Bundle) -> Panel:
    """Return an exhibit that has a line, a row and a mark for each cohort, so that a reader can choose among them.

    Lines begin with the cohort, rows have it in their first cell, figures name their rows by it.
    """
    cohorts = cohort_ids(bundle)
    lines = tuple(next((c for c in cohorts if line.startswith(f"{c}:")), ALWAYS) for line in exhibit.sentence.split("\n"))
    rows = tuple(str(cell) if str(cell) in cohorts else ALWAYS for cell in exhibit.table.iloc[:, 0])
    if exhibit.drawing is not None:
        by_cohort(exhibit.drawing, [str(t) if str(t) in cohorts else ALWAYS for t in exhibit.drawing.layout["yaxis"]["ticktext"]])
    return Panel(exhibit, lines, rows)
