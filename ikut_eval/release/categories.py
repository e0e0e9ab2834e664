"""How many people of a group are in each category of a family: the only place where a release reads what people answered."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.families import Family
from ikut_eval.measures.change import paired_change
from ikut_eval.measures.delivery import delivered_hours, weekly_group_hours
from ikut_eval.measures.follow_up import support_continuing
from ikut_eval.measures.needs import need_level, needs_met, preferred_support
from ikut_eval.measures.outcomes import situation
from ikut_eval.measures.participants import completion
from ikut_eval.measures.questionnaires import scale_scores
from ikut_eval.measures.waves import wave_windows

Counts = Mapping[str, int]
_YES = "yes"


def _people(table: pd.DataFrame, cohorts: Sequence[str], groups: Sequence[str], measure: str = "") -> int:
    here = table[table["cohort_id"].isin(cohorts) & table["group"].isin(groups)]
    return int((here[here["measure"] == measure] if measure else here)["numerator"].sum())


def _completion(pilot: PilotData, family: Family, cohorts: Sequence[str]) -> Counts:
    return {"completed": _people(completion(pilot), cohorts, family.indicators[0].rows)}


def _rights_awareness(pilot: PilotData, family: Family, cohorts: Sequence[str]) -> Counts:
    instrument = family.indicators[0].instrument
    changes = [paired_change(scale_scores(pilot.cohort(c), instrument), end=family.indicators[0].wave) for c in cohorts]
    return {"improved": sum(c.improved for c in changes), "worse": sum(c.worse for c in changes)}


def _everyday_need(pilot: PilotData, family: Family, cohorts: Sequence[str]) -> Counts:
    at_start, met = family.indicators
    clear = _people(need_level(pilot, wave=at_start.wave), cohorts, at_start.rows)
    settled = _people(needs_met(pilot), cohorts, met.rows)
    return {"need_met": settled, "need_not_met": clear - settled}


def _six_months(pilot: PilotData, family: Family, cohorts: Sequence[str]) -> Counts:
    people = situation(pilot, at=family.indicators[0].wave)
    here = people[people["cohort_id"].isin(cohorts) & (people["state"] == "reached")]
    cells = []
    for row in here.itertuples():
        work = "fair_work" if row.fair_work == _YES else "other_work" if row.in_work == _YES else "no_work"
        cells.append(f"{work}_next_service" if row.next_service == _YES else work)
    return Counter(cells)


def _support(pilot: PilotData, family: Family, cohorts: Sequence[str]) -> Counts:
    (month,) = family.indicators[0].rows
    return {"in_contact": _people(support_continuing(pilot, months=(int(month),)), cohorts, [month])}


def _preferred_support(pilot: PilotData, family: Family, cohorts: Sequence[str]) -> Counts:
    table = preferred_support(pilot, wave=family.indicators[0].wave)
    return {i.cells[0]: _people(table, cohorts, i.rows, "preferred_support_first") for i in family.indicators}


_COUNTED: Mapping[str, Callable[[PilotData, Family, Sequence[str]], Counts]] = {
    "completion": _completion,
    "rights_awareness": _rights_awareness,
    "everyday_need": _everyday_need,
    "six_months": _six_months,
    "support": _support,
    "preferred_support": _preferred_support,
}


def category_counts(pilot: PilotData, family: Family, cohorts: Sequence[str], n_public: int) -> dict[str, int]:
    """Return how many of a group are in each category.

    Parameters
    ----------
    cohorts : sequence of str
        Ids of the group's cohorts.
    n_public : int
        Members of the group as they are public. Whoever is in no other category, also whoever was not reached or whose
        data may not be used, is in the one that is left.

    Raises
    ------
    DisclosureError
        If the family cannot be counted, or more people are counted than are public.
    """
    if family.id not in _COUNTED:
        raise DisclosureError("family_not_counted", family=family.id)
    known = _COUNTED[family.id](pilot, family, cohorts)
    (rest,) = set(family.cells) & {"rest", "not_reached"}
    counts = {cell: known.get(cell, 0) for cell in family.cells}
    counts[rest] = n_public - sum(known.values())
    if min(counts.values()) < 0:
        raise DisclosureError("public_facts_contradict", family=family.id)
    return counts


def closing_wave(family: Family, order: Sequence[str]) -> str:
    """Return the last wave that a family tells of: its group closes when that wave has."""
    return max((i.wave for i in family.indicators if i.wave), key=order.index, default="exit")


def is_closed(pilot: PilotData, cohorts: Sequence[str], wave: str) -> bool:
    """Return whether all members of the cohorts have finished and nobody can answer any more in the wave."""
    if not set(cohorts) <= set(pilot.cohort_ids) or pilot.data_date is None:
        return False
    own = pilot["cohort"][pilot["cohort"]["cohort_id"].isin(cohorts)]
    person = pilot["participant"][pilot["participant"]["cohort_id"].isin(cohorts)]
    windows = wave_windows(pilot)
    here = windows[windows["cohort_id"].isin(cohorts) & (windows["wave"] == wave)]
    ended = bool((own["end_date"] < pd.Timestamp(pilot.data_date)).all()) and not (person["exit_type"] == "ongoing").any()
    return ended and bool(here["closed"].all())


def delivered(pilot: PilotData, cohort: str, family: Family) -> list[tuple[str, float]]:
    """Return facts about the service in one cohort: a name and a value each. Never about members.

    Raises
    ------
    DisclosureError
        If an indicator's measure is not one about the service.
    """
    here = pilot.cohort(cohort)
    tables = {
        "delivered_hours": pd.concat([delivered_hours(here), delivered_hours(here, by="session_type")]),
        "weekly_group_hours": weekly_group_hours(here),
    }
    found = []
    for indicator in family.indicators:
        if indicator.measure not in tables:
            raise DisclosureError("family_not_counted", family=family.id)
        table = tables[indicator.measure]
        rows = table[table["value"].notna()]
        rows = rows[rows["group"].isin(indicator.rows)] if indicator.rows else rows[rows["group"] != "all"]
        single = len(indicator.rows) == 1
        found += [(indicator.id if single else f"{indicator.id}.{row.group}", float(row.value)) for row in rows.itertuples()]
    return found
