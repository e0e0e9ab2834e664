"""What the data now says of a group: when it has closed, how many of its people are in each category, and the figures that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.coded_figures import CodedFigure, code_family, delivery, not_shown
from ikut_eval.disclosure.families import Family, Group, Indicator
from ikut_eval.disclosure.policy import Policy
from ikut_eval.measures.attendance import delivered_hours, register, weekly_group_hours
from ikut_eval.measures.change import paired_change
from ikut_eval.measures.follow_up import situation, support_continuing
from ikut_eval.measures.participants import completion, need_level, needs_met, preferred_support
from ikut_eval.measures.questionnaires import scale_scores
from ikut_eval.measures.table import wave_windows, with_cohort
from ikut_eval.release.public_knowledge import PublicFacts

_THREE, _FOUR = 3, 4
"""Three quarters of what was held, in whole numbers."""


def _known(pilot: PilotData, family: Family) -> pd.DataFrame:
    """Return how many people of each cohort are known to be in each category; a row a cohort, a column a category."""

    def people(table: pd.DataFrame, groups: Sequence[str]) -> pd.Series:
        return table[table["group"].isin(groups)].groupby("cohort_id")["numerator"].sum()

    counts: Mapping[str, pd.Series]
    match family.id, family.indicators:
        case "completion", (first, *_):
            counts = {"completed": people(completion(pilot), first.rows)}
        case "attendance", _:
            rows = register(pilot)
            there = rows["status"].isin(pilot.contract.code_lists["attendance"].codes_with("counts_as", "attended"))
            share = there.groupby(rows["participant_id"]).agg(["sum", "size"])
            came = share.index[_FOUR * share["sum"] >= _THREE * share["size"]]
            person = pilot["participant"]
            counts = {"three_quarters": person.loc[person["participant_id"].isin(came), "cohort_id"].value_counts()}
        case "rights_awareness", (first, *_):
            changes = {c: paired_change(one, end=first.wave) for c, one in scale_scores(pilot, first.instrument).groupby("cohort_id")}
            counts = {name: pd.Series({c: getattr(one, name) for c, one in changes.items()}, dtype="Int64") for name in ("improved", "worse")}
        case "everyday_need", (first, second):
            met = people(needs_met(pilot), second.rows)
            counts = {"need_met": met, "need_not_met": people(need_level(pilot, wave=first.wave), first.rows) - met}
        case "six_months", (first, *_):
            found = situation(pilot, at=first.wave)
            here = found[found["state"] == "reached"]
            work = here["in_work"].map({"yes": "other_work"}).fillna("no_work").mask(here["fair_work"] == "yes", "fair_work")
            category = work + here["next_service"].map({"yes": "_next_service"}).fillna("")
            counts = {str(cell): cohorts.value_counts() for cell, cohorts in here["cohort_id"].groupby(category)}
        case "support", (first, *_):
            counts = {"in_contact": people(support_continuing(pilot, months=(int(first.rows[0]),)), first.rows)}
        case "preferred_support", (first, *_):
            table = preferred_support(pilot, wave=first.wave)
            counts = {i.cells[0]: people(table[table["measure"] == "preferred_support_first"], i.rows) for i in family.indicators}
        case _:
            raise DisclosureError("family_not_counted", family=family.id)
    return pd.DataFrame(counts, index=list(pilot.cohort_ids)).fillna(0).astype(int)


def category_counts(pilot: PilotData, family: Family, cohorts: Sequence[str], n_public: int) -> dict[str, int]:
    """Return how many of a group, of which `n_public` members are public, are in each category.

    Raises DisclosureError if the family cannot be counted, or more people are counted than are public.
    """
    known = _known(pilot, family).loc[list(cohorts)].sum()
    counts = {cell: int(known.get(cell, 0)) for cell in family.cells}
    counts[family.left_over] = n_public - int(known.sum())
    if min(counts.values()) < 0:
        raise DisclosureError("public_facts_contradict", family=family.id)
    return counts


def _not_asked(pilot: PilotData, family: Family, cohorts: Sequence[str]) -> set[str]:
    """Return the indicators that nobody of some cohorts was asked of: nothing is noted of anybody in a wave that they need."""

    def nobody(table: str, **noted: str | int) -> bool:
        rows = with_cohort(pilot, pilot[table])
        here = rows["cohort_id"].isin(cohorts)
        for column, value in noted.items():
            here &= rows[column] == value
        return not here.any()

    def unnoted(indicator: Indicator, wave: str) -> bool:
        match family.id:
            case "attendance":
                return nobody("attendance")
            case "rights_awareness":
                return nobody("answer_set", wave=wave, instrument=indicator.instrument)
            case "everyday_need":
                return nobody("need", wave=wave, need_domain=indicator.rows[0])
            case "six_months":
                return nobody("outcome", wave=wave)
            case "support":
                return nobody("support_after", month=int(indicator.rows[0]))
            case "preferred_support":
                return nobody("preferred_support", wave=wave)
        raise DisclosureError("family_not_counted", family=family.id)

    if not family.asked:
        return set()
    since_start = ("paired_change", "needs_met")
    return {i.id for i in family.indicators if any(unnoted(i, wave) for wave in {i.wave, *(["start"] if i.measure in since_start else [])})}


def coded_now(pilot: PilotData, family: Family, group: Group, n_public: int, policy: Policy) -> list[CodedFigure]:
    """Return what a family that counts people publishes of a group by the data, whether or not the group has closed."""
    cohorts = [pilot.cohort_ids[position - 1] for position in group]
    counts, not_asked = category_counts(pilot, family, cohorts, n_public), _not_asked(pilot, family, cohorts)
    return [
        not_shown(f.indicator, view=f.view, group=group, n_public=n_public, status="not_asked") if f.speaks and f.indicator in not_asked else f
        for f in code_family(family, counts, group=group, n_public=n_public, limits=policy.limits)
    ]


def category_of_each(pilot: PilotData, family: Family) -> dict[str, dict[str, str]]:
    """Return for each cohort the category of each person whose data may be used: everybody is counted as a cohort of their own."""
    person = pilot["participant"][["participant_id", "cohort_id"]]
    tables = {}
    for name, table in ((name, pilot[name]) for name in pilot.tables):
        if "cohort_id" in table and "participant_id" not in table:
            table = table.merge(person, on="cohort_id")
        if "session_id" in table and "participant_id" in table:
            table = table.assign(session_id=table["session_id"] + "/" + table["participant_id"])
        if "cohort_id" in table:
            table = table.assign(cohort_id=table["participant_id"])
        tables[name] = table[list(pilot.tables[name])]
    known = _known(replace(pilot, tables=tables, n_data_refused={}), family)
    found = {str(one): str(cell) for cell in known for one in known.index[known[cell] > 0]}
    by_cohort: dict[str, dict[str, str]] = {cohort: {} for cohort in pilot.cohort_ids}
    for one, cohort in person.itertuples(index=False, name=None):
        by_cohort[cohort][one] = found.get(one, family.left_over)
    return by_cohort


def closing_wave(family: Family, order: Sequence[str]) -> str:
    """Return the last wave that a family's figures are of: its group closes when that wave has."""
    return max((i.wave for i in family.indicators if i.wave), key=order.index, default="exit")


def is_closed(pilot: PilotData, cohorts: Sequence[str], wave: str) -> bool:
    """Return whether all members of the cohorts have finished and nobody can answer any more in the wave."""
    if not set(cohorts) <= set(pilot.cohort_ids) or pilot.reporting_date is None:
        return False
    own = pilot["cohort"][pilot["cohort"]["cohort_id"].isin(cohorts)]
    person = pilot["participant"][pilot["participant"]["cohort_id"].isin(cohorts)]
    windows = wave_windows(pilot)
    here = windows[windows["cohort_id"].isin(cohorts) & (windows["wave"] == wave)]
    ended = bool((own["end_date"] < pilot.today).all()) and not (person["exit_type"] == "ongoing").any()
    return ended and bool(here["closed"].all())


def delivered(pilot: PilotData, cohort: str, family: Family) -> list[tuple[str, float]]:
    """Return facts about the service in one cohort: a name and a value each. Refuse a measure that is about members."""
    here = pilot.cohort(cohort)
    tables = {
        "delivered_hours": pd.concat([delivered_hours(here), delivered_hours(here, by="session_type")]),
        "weekly_group_hours": weekly_group_hours(here),
    }
    found = []
    for indicator in family.indicators:
        if indicator.measure not in tables:
            raise DisclosureError("family_not_counted", family=family.id)
        rows = tables[indicator.measure].dropna(subset="value")
        rows = rows[rows["group"].isin(indicator.rows)] if indicator.rows else rows[rows["group"] != "all"]
        single = len(indicator.rows) == 1
        found += [(indicator.id if single else f"{indicator.id}.{row.group}", float(row.value)) for row in rows.itertuples()]
    return found


def figures_now(pilot: PilotData, family: Family, group: Group, wave: str, policy: Policy, facts: PublicFacts) -> Sequence[CodedFigure]:
    """Return what a family would publish of a group; that it is not there yet, while the group is open."""
    sizes = facts.cohort_sizes
    started = max(group) <= len(sizes)
    n_public = sum(sizes[position - 1] for position in group) if started else 0
    cohorts = [pilot.cohort_ids[position - 1] for position in group if position <= len(pilot.cohort_ids)]
    if not started or len(cohorts) < len(group) or not is_closed(pilot, cohorts, wave):
        return [not_shown(i.id, view=family.view, group=group, n_public=n_public, status="not_yet") for i in family.indicators]
    if family.view == "delivery":
        values = delivered(pilot, cohorts[0], family)
        return [delivery(Fraction(round(value * 100), 100), indicator=name, group=group, n_public=n_public) for name, value in values]
    return coded_now(pilot, family, group, n_public, policy)


def planned_closing(pilot: PilotData, group: Group, wave: str) -> date | None:
    """Return the day after which a group closes, as planned: from its last day and the time in which people are asked."""
    if max(group) > len(pilot.cohort_ids):
        return None
    own = pilot["cohort"][pilot["cohort"]["cohort_id"].isin([pilot.cohort_ids[position - 1] for position in group])]
    days = int(pilot.contract.code_lists["wave"].attributes[wave].get("day_from_exit_max", 0))
    last: Any = own["end_date"].max()
    return None if pd.isna(last) else (last + pd.Timedelta(days=days + 1)).date()
