"""Corrections of what is published: asked for, made at a later closing, and only where two people or more have changed.

What a family published of a group is of the data of that day. Who has changed since is told by marks: of each person, and of the person with the
category then, under a random salt. KeptMarks stay with the draft in the confidential folder; those of people no longer in the data are removed.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.coded_figures import CodedFigure
from ikut_eval.disclosure.families import Family, Group
from ikut_eval.disclosure.policy import Policy
from ikut_eval.release.group_figures import category_counts, closing_wave, coded_now, figures_now, is_closed
from ikut_eval.release.ledger import Entry, Ledger
from ikut_eval.release.outside_facts import entry_value
from ikut_eval.release.public_knowledge import PublicFacts, by_key, figures_in, standing, withdrawn

REASONS = ("entered_wrong", "arrived_late", "counted_wrong")
"""Why a figure is corrected; readers see it in words of three languages, never a free text."""
FEWEST_CHANGED = 2
"""People whose categories must have changed before a correction comes out."""
KeptMarks = Mapping[str, Mapping[str, str]]
"""For each family and group, by `marks_key`, marks of the people whose data was published: of the person, to the person with the category."""


@dataclass(frozen=True)
class Correction:
    """A figure that took the place of another.

    Attributes
    ----------
    release, day : str – the release that made it, and the last day on which a group of that release closed, as planned
    """

    before: CodedFigure
    after: CodedFigure
    release: str
    day: str
    reason: str


def requested(ledger: Ledger) -> dict[str, str]:
    """Return the indicators whose correction was asked for and has not come out, with the reasons."""
    left: dict[str, str] = {}
    for entry in ledger.entries:
        if entry.kind == "correction":
            left[entry_value(entry, "indicator")] = entry_value(entry, "reason")
        done = {name for one in entry.content.get("corrected", ()) for name in one["indicators"]}
        left = {name: reason for name, reason in left.items() if name not in done | withdrawn(Ledger((entry,)))}
    return left


def corrections(ledger: Ledger) -> Iterator[Correction]:
    """Give every correction that has come out, oldest first; none of an indicator that was withdrawn, before or after it."""
    stands: dict[tuple[str, Group], CodedFigure] = {}
    gone = withdrawn(ledger)
    for entry in (one for one in ledger.entries if one.kind == "release"):
        for figure in figures_in(entry):
            before = stands.get((figure.indicator, figure.group))
            if before and before != figure and figure.indicator.partition(".")[0] not in gone:
                yield Correction(before, figure, entry.content["release"], entry.content["day"], _reason(entry, figure))
            stands[figure.indicator, figure.group] = figure


def _reason(entry: Entry, figure: CodedFigure) -> str:
    held = (one for one in entry.content.get("corrected", ()) if figure.indicator.partition(".")[0] in one["indicators"])
    return next((str(one["reason"]) for one in held if tuple(one["group"]) == figure.group), "")


def marks_key(family: Family, group: Group) -> str:
    return f"{family.id} {'+'.join(map(str, group))}"


def marks_of(categories: Mapping[str, str]) -> dict[str, str]:
    """Return marks of people by their categories, with the salt and how many people there were."""
    salt = secrets.token_hex(16)
    return {_SALT: salt, _PEOPLE: str(len(categories))} | {_mark(salt, one): _mark(salt, one, category) for one, category in categories.items()}


_SALT, _PEOPLE = "salt", "people"


def _mark(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def left_of(marks: Mapping[str, str], people: Iterable[str]) -> dict[str, str]:
    """Return marks without those of people who are not in the data any more."""
    here = {_SALT, _PEOPLE, *(_mark(marks[_SALT], person) for person in people)}
    return {person: mark for person, mark in marks.items() if person in here}


def people_changed(marks: Mapping[str, str], categories: Mapping[str, str]) -> int:
    """Return how many people have another category than then, or were not in the data then; whoever was erased since is not counted."""
    salt = marks[_SALT]
    return sum(marks.get(_mark(salt, person)) != _mark(salt, person, category) for person, category in categories.items())


@dataclass(frozen=True)
class Disagreement:
    """What is published of a group by a family and no longer agrees with the data.

    Attributes
    ----------
    outdated : tuple of (CodedFigure, str, str) – each figure as it is published, the release that published it, and its day
    figures : tuple of CodedFigure – what the family would publish of the group now; none while the group is open
    """

    family: Family
    group: Group
    outdated: tuple[tuple[CodedFigure, str, str], ...]
    figures: tuple[CodedFigure, ...]


def disagreements(pilot: PilotData, policy: Policy, facts: PublicFacts, ledger: Ledger, marks: KeptMarks) -> list[Disagreement]:
    """Return what stands as published and cannot be true of the data any more, whatever people had who were erased since."""
    origin = {key: (entry.content["release"], entry.when[:10]) for entry in ledger.entries if entry.kind == "release" for key in by_key(figures_in(entry))}
    stands, gone = by_key(standing(ledger)), withdrawn(ledger)
    found = []
    for family in policy.families:
        wave = closing_wave(family, pilot.contract.code_lists["wave"].codes)
        for group in dict.fromkeys(key[1] for key in stands if family.holds(key[0])):
            here = {key: figure for key, figure in stands.items() if key[1] == group and family.holds(key[0])}
            cohorts = [pilot.cohort_ids[position - 1] for position in group if position <= len(pilot.cohort_ids)]
            if len(cohorts) < len(group):
                continue
            closed = is_closed(pilot, cohorts, wave)
            if family.view == "delivery":
                now = by_key(figures_now(pilot, family, group, wave, policy, facts))
                old = [figure for key, figure in here.items() if closed and now.get(key) != figure]
            else:
                n_public = next(iter(here.values())).n_public
                counts = category_counts(pilot, family, cohorts, n_public)
                now = by_key(coded_now(pilot, family, group, n_public, policy))
                missing = _missing(pilot, family, group, n_public, marks)
                old = [figure for key, figure in here.items() if not _agrees(figure, now.get(key), family, counts, missing)]
            if old:
                whole = family.view == "final_pooled"
                new = (f for key, f in now.items() if closed and (whole or key in here) and key[0].partition(".")[0] not in gone)
                found.append(Disagreement(family, group, tuple((f, *origin[f.indicator, f.group]) for f in old), tuple(new)))
    return found


def _missing(pilot: PilotData, family: Family, group: Group, n_public: int, marks: KeptMarks) -> int:
    """Return how many people of a group are no longer in the data; where nothing was kept of then, how many are not in it at all."""
    cohorts = [pilot.cohort_ids[position - 1] for position in group]
    people = pilot["participant"].loc[lambda p: p["cohort_id"].isin(cohorts), "participant_id"]
    kept = marks.get(marks_key(family, group))
    return n_public - len(people) if kept is None else int(kept[_PEOPLE]) - (len(left_of(kept, people)) - len((_SALT, _PEOPLE)))


def _agrees(before: CodedFigure, now: CodedFigure | None, family: Family, counts: Mapping[str, int], missing: int) -> bool:
    """Return whether a figure can still be true, if the people who are missing had what it counts, or had not."""
    if before.lo is None or before.hi is None:
        return missing > 0 or now is None or now.lo is None
    cells = next(i.cells for i in family.indicators if i.id == before.indicator)
    count = sum(counts[cell] for cell in cells)
    return before.lo - missing <= count <= before.hi
