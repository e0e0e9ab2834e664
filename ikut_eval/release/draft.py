"""A draft of a release: from measures to coded figures, proved by design and audited with everything published before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.audit import SAFE, Audit
from ikut_eval.disclosure.coded_figures import GIVEN_UP, MAIN_ONLY, TELLING, CodedFigure, code_family, delivery, not_shown
from ikut_eval.disclosure.families import Family, Group
from ikut_eval.disclosure.policy import Policy, rule_words
from ikut_eval.disclosure.proof import Proof, plan_of, prove
from ikut_eval.measures.change import paired_change
from ikut_eval.measures.delivery import delivered_hours, weekly_group_hours
from ikut_eval.measures.follow_up import situation, support_continuing
from ikut_eval.measures.participants import completion, need_level, needs_met, preferred_support
from ikut_eval.measures.questionnaires import scale_scores
from ikut_eval.measures.table import wave_windows
from ikut_eval.release.ledger import Ledger
from ikut_eval.release.outside_facts import CELL
from ikut_eval.release.package import stored_tables
from ikut_eval.release.public_knowledge import (
    Key,
    PublicFacts,
    audit_families,
    by_key,
    may_follow,
    standing,
    together,
    told,
    with_release,
    withdrawn,
)


def _known(pilot: PilotData, family: Family, cohorts: Sequence[str]) -> Mapping[str, int]:
    """Return how many people of the cohorts are known to be in each category."""

    def people(table: pd.DataFrame, groups: Sequence[str]) -> int:
        return int(table.loc[table["cohort_id"].isin(cohorts) & table["group"].isin(groups), "numerator"].sum())

    match family.id, family.indicators:
        case "completion", (first, *_):
            return {"completed": people(completion(pilot), first.rows)}
        case "rights_awareness", (first, *_):
            changes = [paired_change(scale_scores(pilot.cohort(c), first.instrument), end=first.wave) for c in cohorts]
            return {"improved": sum(c.improved for c in changes), "worse": sum(c.worse for c in changes)}
        case "everyday_need", (first, second):
            met = people(needs_met(pilot), second.rows)
            return {"need_met": met, "need_not_met": people(need_level(pilot, wave=first.wave), first.rows) - met}
        case "six_months", (first, *_):
            found = situation(pilot, at=first.wave)
            here = found[found["cohort_id"].isin(cohorts) & (found["state"] == "reached")]
            work = here["in_work"].map({"yes": "other_work"}).fillna("no_work").mask(here["fair_work"] == "yes", "fair_work")
            return Counter(work + here["next_service"].map({"yes": "_next_service"}).fillna(""))
        case "support", (first, *_):
            return {"in_contact": people(support_continuing(pilot, months=(int(first.rows[0]),)), first.rows)}
        case "preferred_support", (first, *_):
            table = preferred_support(pilot, wave=first.wave)
            return {i.cells[0]: people(table[table["measure"] == "preferred_support_first"], i.rows) for i in family.indicators}
    raise DisclosureError("family_not_counted", family=family.id)


def category_counts(pilot: PilotData, family: Family, cohorts: Sequence[str], n_public: int) -> dict[str, int]:
    """Return how many of a group, of which `n_public` members are public, are in each category.

    Whoever is in no other category, also whoever was not reached or whose data may not be used, is in the one that is left.

    Raises DisclosureError if the family cannot be counted, or more people are counted than are public.
    """
    known = _known(pilot, family, cohorts)
    (rest,) = set(family.cells) & {"rest", "not_reached"}
    counts = {cell: known.get(cell, 0) for cell in family.cells}
    counts[rest] = n_public - sum(known.values())
    if min(counts.values()) < 0:
        raise DisclosureError("public_facts_contradict", family=family.id)
    return counts


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


@dataclass(frozen=True, repr=False)
class Draft:
    """What a release would hold, and why it is safe.

    Attributes
    ----------
    figures : tuple of CodedFigure – all figures, those published before as they stand there
    new : tuple of CodedFigure – of these, what depends on the data and is published for the first time, also that it is held back
    expected : mapping of (indicator, group) to date – when a figure that is not there yet can be expected
    closed : date or None – the last day on which one of its groups closed, as planned; never the day of anybody's answer
    """

    figures: tuple[CodedFigure, ...]
    new: tuple[CodedFigure, ...]
    expected: Mapping[Key, date]
    proofs: tuple[Proof, ...]
    audit: Audit
    policy: Policy
    facts: PublicFacts
    closed: date | None
    synthetic: bool

    def __repr__(self) -> str:
        return f"Draft({len(self.figures)} figures, {len(self.new)} new; {self.audit.verdict})"


def make_draft(
    pilot: PilotData, *, policy: Policy, facts: PublicFacts, ledger: Ledger, known_proofs: Mapping[str, Mapping[str, object]] | None = None
) -> tuple[Draft, dict[str, dict[str, object]]]:
    """Return the release that the data now allows, and the proofs to keep for the next one.

    What a family has published of a group is frozen and taken over as it stands. A group that closes now is left out of a family where
    something that is known could make a figure of it reveal too much; the others go on.

    Raises DisclosureError if a design is not proved, the data contradicts the public facts, or the audit finds that a new figure
    could reveal something about a person: nothing is then released.
    """
    _check_people(pilot, facts)
    proofs, keep = prove(plan_of(policy, facts.cohort_sizes), policy.limits, known_proofs)
    for proof in proofs:
        if not proof.safe:
            raise DisclosureError("design_not_proved", family=proof.family, sizes="+".join(map(str, proof.sizes)))
    before, gone = by_key(standing(ledger)), withdrawn(ledger)
    frozen = {(one.family.id, one.group) for one in told(ledger, policy)}
    figures: list[CodedFigure] = []
    new: list[CodedFigure] = []
    expected: dict[Key, date] = {}
    closed: list[date] = []
    for family in policy.families:
        wave = closing_wave(family, pilot.contract.code_lists["wave"].codes)
        for group in policy.groups_of(facts.cohort_sizes)["delivery"] if family.view == "delivery" else policy.groups[family.view]:
            stands = {key: figure for key, figure in before.items() if key[1] == group and family.holds(key[0])}
            if (family.id, group) in frozen:
                found = _as_published(family, group, stands, facts)
            else:
                found = list(_family_figures(pilot, family, group, wave, policy, facts))
                if family.view == "delivery":
                    found = _with_standing(found, stands)
                elif any(f.speaks for f in found) and not may_follow(policy, facts, with_release(ledger, new), family, group):
                    found = [_held_back(f.indicator, family, group, facts, GIVEN_UP) for f in found]
            when = _planned_closing(pilot, group, wave)
            for figure in found:
                if figure.indicator.partition(".")[0] in gone:
                    figure = not_shown(figure.indicator, view=figure.view, group=group, n_public=figure.n_public, status="withdrawn")
                elif figure.speaks and (figure.indicator, group) not in before:
                    new.append(figure)
                figures.append(figure)
                if when and figure.status == "not_yet":
                    expected[figure.indicator, group] = when
                elif when and figure.status in TELLING:
                    closed.append(when)
    audits = audit_families(policy, facts, with_release(ledger, new))
    check_safe(audits, policy, new)
    audit = together(audits.values())
    return Draft(tuple(figures), tuple(new), expected, proofs, audit, policy, facts, max(closed, default=None), pilot.synthetic), keep


def _as_published(family: Family, group: Group, stands: Mapping[Key, CodedFigure], facts: PublicFacts) -> list[CodedFigure]:
    """Return what is published of a group whose family has been published of it: as it stands, whatever the data or the policy now says."""
    reason = MAIN_ONLY if family.view == "final_pooled" else GIVEN_UP
    return [stands.get((i.id, group)) or _held_back(i.id, family, group, facts, reason) for i in family.indicators]


def _with_standing(found: Sequence[CodedFigure], stands: Mapping[Key, CodedFigure]) -> list[CodedFigure]:
    """Return facts about the service with those published before as they stand, also where the data no longer has them."""
    names = {name.partition(".")[0] for name, _ in stands}
    now = [figure for figure in found if figure.status != "not_yet" or figure.indicator not in names]
    return list((by_key(now) | dict(stands)).values())


def _held_back(indicator: str, family: Family, group: Group, facts: PublicFacts, reason: str) -> CodedFigure:
    n_public = sum(facts.cohort_sizes[position - 1] for position in group)
    return not_shown(indicator, view=family.view, group=group, n_public=n_public, status="by_design", reason=reason)


def check_safe(audits: Mapping[str, Audit], policy: Policy, new: Sequence[CodedFigure]) -> None:
    """Raise DisclosureError if new figures could reveal something about a person: if the audit of one of their families is anything but safe."""
    families = dict.fromkeys(policy.family_of(figure.indicator).id for figure in new if figure.view != "delivery")
    found = together(audits[family] for family in families)
    if found.verdict != SAFE:
        raise DisclosureError("audit_refuses", verdict=found.verdict, findings=", ".join(sorted({kind for kind, _ in found.findings})) or "–")


def _check_people(pilot: PilotData, facts: PublicFacts) -> None:
    """Refuse data with more cohorts, or more people in one of them, than are public."""
    people = pilot["participant"]["cohort_id"].value_counts()
    counted = [int(people.get(cohort, 0)) + pilot.n_data_refused.get(cohort, 0) for cohort in pilot.cohort_ids]
    if len(counted) > len(facts.cohort_sizes) or any(n > size for n, size in zip(counted, facts.cohort_sizes, strict=False)):
        raise DisclosureError("public_facts_contradict", family="cohort_sizes")


def _family_figures(pilot: PilotData, family: Family, group: Group, wave: str, policy: Policy, facts: PublicFacts) -> Sequence[CodedFigure]:
    sizes = facts.cohort_sizes
    started = max(group) <= len(sizes)
    n_public = sum(sizes[position - 1] for position in group) if started else 0
    cohorts = [pilot.cohort_ids[position - 1] for position in group if position <= len(pilot.cohort_ids)]
    if not started or len(cohorts) < len(group) or not is_closed(pilot, cohorts, wave):
        return [not_shown(i.id, view=family.view, group=group, n_public=n_public, status="not_yet") for i in family.indicators]
    if family.view == "delivery":
        values = delivered(pilot, cohorts[0], family)
        return [delivery(Fraction(round(value * 100), 100), indicator=name, group=group, n_public=n_public) for name, value in values]
    counts = category_counts(pilot, family, cohorts, n_public)
    return code_family(family, counts, group=group, n_public=n_public, limits=policy.limits)


def _planned_closing(pilot: PilotData, group: Group, wave: str) -> date | None:
    """Return the day after which a group closes, as planned: from its last day and the time in which people are asked."""
    if max(group) > len(pilot.cohort_ids):
        return None
    own = pilot["cohort"][pilot["cohort"]["cohort_id"].isin([pilot.cohort_ids[position - 1] for position in group])]
    days = int(pilot.contract.code_lists["wave"].attributes[wave].get("day_from_exit_max", 0))
    last: Any = own["end_date"].max()
    return None if pd.isna(last) else (last + pd.Timedelta(days=days + 1)).date()


def figures_table(figures: Sequence[CodedFigure], expected: Mapping[Key, date]) -> pd.DataFrame:
    """Return figures as rows: what is published, and nothing else."""
    return pd.DataFrame(
        {
            "indicator": f.indicator,
            "view": f.view,
            "cohorts": "+".join(map(str, f.group)),
            "n_public": f.n_public,
            "lo": None if f.lo is None else float(f.lo),
            "hi": None if f.hi is None else float(f.hi),
            "display": f.display,
            "status": f.status,
            "reason": f.reason,
            "expected": expected.get((f.indicator, f.group)),
        }
        for f in figures
    )


def beliefs_table(audit: Audit) -> pd.DataFrame:
    """Return what a reader can still believe of each group and category: the bounds that follow from everything published.

    Of a figure that was corrected, the bounds of its last version. Nothing of a family where a conclusion is too narrow: this table must not spread it.
    """
    frame = audit.to_frame()
    frame = frame[~frame["block"].isin(frame.loc[frame["findings"] != "", "block"])]
    kept = frame[frame["where"].str.startswith(f"{CELL}=") & (frame["since"] == "")].rename(columns={"where": "cells"})
    kept = kept.assign(family=kept["block"].str.partition(":")[0], cells=kept["cells"].str.removeprefix(f"{CELL}="))
    last = kept.drop_duplicates(["family", "cohorts", "cells"], keep="last", ignore_index=True)
    return last.assign(cohorts=last["cohorts"].str.replace(" ", "+"))


def rules_table(policy: Policy) -> pd.DataFrame:
    """Return what each rule, view and family says, with the numbers that hold, and the reason of what was loosened."""
    reasons = dict(policy.loosened)
    rows = [{"rule": name, **words, "loosened": reasons.pop(name.partition(".")[2], "")} for name, words in rule_words(policy).items()]
    rows += [{"rule": name, **dict.fromkeys(LANGUAGES, ""), "loosened": reason} for name, reason in reasons.items()]
    return pd.DataFrame(rows)


def bundle_content(draft: Draft, *, release: str, ledger_head: str = "") -> dict[str, Any]:
    """Return what `write_bundle` takes to write a draft as a bundle."""
    frames = {
        "figures": figures_table(draft.figures, draft.expected),
        "beliefs": beliefs_table(draft.audit),
        "proofs": pd.DataFrame(proof.row for proof in draft.proofs),
        "rules": rules_table(draft.policy),
    }
    sizes, loosened = list(draft.facts.cohort_sizes), [list(pair) for pair in draft.policy.loosened]
    return {
        "audience": "public",
        "tables": stored_tables(frames),
        "about": {"release": release, "cohort_sizes": sizes, "total": draft.facts.total, "loosened": loosened},
        "data_date": draft.closed,
        "synthetic": draft.synthetic,
        "policy": draft.policy.digest,
        "ledger_head": ledger_head,
    }
