"""Rows of an internal bundle, cohort by cohort, and counts of people in them: known to have something, known not to, and not known."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.page import Control
from ikut_eval.present import tables
from ikut_eval.release.store import Bundle

EVERY_COHORT = "all"
"""Where a bundle's table has a row of all cohorts together, its cohort's id."""
WAVES_AFTER = ("exit", "m3", "m6", "m12")
WAVES_TO_CHOOSE = ("m6", "exit", "m3", "m12")
"""The same as a reader chooses among them: six months first."""
REACH = "follow_up_reach"
"""A measure whose denominator holds those who are missing."""


def cohort_ids(bundle: Bundle) -> tuple[str, ...]:
    """Return the cohorts in the order in which they started."""
    return tuple(str(cohort) for cohort in bundle.table("cohorts")["cohort_id"])


def measure_rows(bundle: Bundle, measure: str, **where: str | int) -> pd.DataFrame:
    """Return the rows of one measure, in the order of the cohorts; counts are whole numbers, hours stay as they are.

    Parameters
    ----------
    where : column and value
        Which rows, for example ``by="week", wave="m6"``.
    """
    table = bundle.table("measures")
    table = table[table["measure"] == measure]
    for column, value in where.items():
        table = table[table[column] == value]
    whole = [name for name in ("numerator", "denominator") if (table[name].dropna() % 1 == 0).all()]
    return in_order(table.astype(dict.fromkeys(whole, "Int64")), bundle)


def in_order(table: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """Return a table's rows cohort by cohort, all of them together last."""
    order = {cohort: n for n, cohort in enumerate((*cohort_ids(bundle), EVERY_COHORT))}
    return table[table["cohort_id"].isin(list(order))].sort_values("cohort_id", key=lambda c: c.map(order), kind="stable", ignore_index=True)


def label(cohort: str, language: str) -> str:
    """Return how a cohort is called."""
    return text("table.all_cohorts", language) if cohort == EVERY_COHORT else cohort


def wave_control(language: str) -> Control:
    """Return the choice of a follow-up."""
    waves = tuple((wave, tables.code_label("wave", wave, language)) for wave in WAVES_TO_CHOOSE)
    return Control("wave", text("dash.control.wave", language), waves)


def cohorts_control(bundle: Bundle, language: str) -> Control:
    """Return the choice of some of the cohorts."""
    return Control("cohorts", text("dash.control.cohorts", language), tuple((cohort, cohort) for cohort in cohort_ids(bundle)), several=True)


@dataclass(frozen=True)
class PeopleCount:
    """How many of a group have something; those of whom it is not known make it a range.

    `not_asked` are people among the not known for whom the time has passed without any entry.
    """

    cohort: str
    yes: int
    unknown: int
    no: int
    not_yet: int
    not_asked: int = 0

    @property
    def people(self) -> int:
        return self.yes + self.unknown + self.no

    def words(self, language: str) -> str:
        """Return "3 of 4", "2–4 of 5" where it is not known of some, "not asked", "not yet", or a dash where there is nobody."""
        if self.unknown and self.not_asked < self.people:
            return text("dash.range_of", language, low=self.yes, high=self.yes + self.unknown, of=self.people)
        return tables.count_due(self.yes, self.people, self.not_yet, language, not_asked=self.not_asked)


def _whole(value: Any) -> int:
    return 0 if pd.isna(value) else int(value)


def counts_of(rows: pd.DataFrame) -> list[PeopleCount]:
    """Return the counts of a measure's rows; bounds where the measure has them."""
    found = []
    for row in rows.itertuples():
        n, missing = _whole(row.denominator), _whole(row.n_missing)
        if not pd.isna(row.at_least):
            yes, most = _whole(row.at_least), _whole(row.at_most)
            unknown, no = most - yes, n - most
        else:
            yes, unknown = _whole(row.numerator), missing
            no = n - yes - (missing if row.measure == REACH else 0)
        found.append(PeopleCount(str(row.cohort_id), yes, unknown, no, _whole(row.n_not_yet), _whole(row.n_not_asked)))
    return found
