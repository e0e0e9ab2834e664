"""The life of pilots over five closings: every single erasure and correction at each closing, and whole lives with some drawn at random.

Run with `python bench/disclosure/life.py [PILOTS [LIVES]]` (10 pilots, 10 lives each). No draft may be refused, and what all releases of a life
tell together is attacked as in `attack.py`, without the project's proof or audit. Figures about people alone: hours do not depend on them.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.disclosure.attack import Figure, attack, forbidden
from ikut_eval.contract.errors import IkutError
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.data.writing import write_synthetic
from ikut_eval.disclosure.coded_figures import MAIN_ONLY
from ikut_eval.disclosure.families import Family
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.proof import plan_of, prove
from ikut_eval.release import draft, group_figures
from ikut_eval.release.draft import Draft, make_draft
from ikut_eval.release.ledger import Ledger
from ikut_eval.release.public_knowledge import PublicFacts, published, with_release
from tests.release.released import CLOSINGS, SIZES, as_it_was

FACTS = PublicFacts(SIZES, sum(SIZES))
SHIPPED = load_policy()
OF_PEOPLE = replace(SHIPPED, families=tuple(family for family in SHIPPED.families if family.view != "delivery"))
Change = Callable[[PilotData], PilotData]


@dataclass
class Counted:
    """Counts people as `count` does, but does not count again where none of the tables that it reads for a family has changed."""

    count: Callable[[PilotData, Family], Any]
    reads: dict[str, set[str]] = field(default_factory=dict)
    found: dict[object, tuple[object, Any]] = field(default_factory=dict)

    def __call__(self, pilot: PilotData, family: Family) -> Any:
        read = self.reads.setdefault(family.id, set())
        for _ in range(2):  # a second time if a table was read that had not been read before
            tables = [pilot.tables[name] for name in sorted(read)]
            key = (family.id, *map(id, tables), pilot.today, tuple(pilot.n_data_refused.items()))
            if key in self.found:
                break
            noted = Noted(dict(pilot.tables))
            self.found[key] = (tables, self.count(replace(pilot, tables=noted), family))
            read |= noted.read
        return self.found[key][1].copy()


class Noted(dict[str, pd.DataFrame]):
    """Tables that note which of them was read."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(tables)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.read.add(name)
        return super().__getitem__(name)


@cache
def proofs() -> dict[str, dict[str, object]]:
    return prove(plan_of(OF_PEOPLE, SIZES), OF_PEOPLE.limits)[1]


def invented(seed: int) -> PilotData:
    """Return another invented pilot."""
    with tempfile.TemporaryDirectory() as place:
        write_synthetic(Path(place) / "pilot", load_contract(), case="ordinary", seed=seed, language="en")
        return read_pilot(Path(place) / "pilot")


def drafted(pilot: PilotData, ledger: Ledger) -> Draft:
    return make_draft(pilot, policy=OF_PEOPLE, facts=FACTS, ledger=ledger, known_proofs=proofs())[0]


def without(pilot: PilotData, person: str) -> PilotData:
    """Return a pilot from which a person was erased."""
    return replace(pilot, tables={name: t[t["participant_id"] != person] if "participant_id" in t else t for name, t in pilot.tables.items()})


def data_refused(pilot: PilotData, person: str) -> PilotData:
    """Return a pilot in which a person no longer lets the data be used."""
    here = pilot["participant"].set_index("participant_id")["cohort_id"]
    if person not in here:  # erased before
        return pilot
    cohort = here[person]
    return replace(without(pilot, person), n_data_refused={**pilot.n_data_refused, cohort: pilot.n_data_refused.get(cohort, 0) + 1})


def corrected(table: str, person: str, where: dict[str, str], **values: object) -> Change:
    """Return the change of some cells in a person's rows."""

    def change(pilot: PilotData) -> PilotData:
        rows = pilot[table]
        here = rows["participant_id"] == person
        for column, code in where.items():
            here &= rows[column].astype(str) == code
        for column, value in values.items():
            rows[column] = rows[column].mask(here, value)
        return replace(pilot, tables={**pilot.tables, table: rows})

    return change


def changes(pilot: PilotData, person: str) -> Iterator[tuple[str, Change]]:
    """Yield every single erasure and correction of a person that a figure could show, as (what, change)."""
    yield "erased", lambda then: without(then, person)
    yield "data refused", lambda then: data_refused(then, person)
    for kind in ("completed", "early_other", "ongoing"):
        yield f"exit: {kind}", corrected("participant", person, {}, exit_type=kind)
    yield "exit: half a year later", lambda then: later_exit(then, person)
    for wave in ("start", "exit"):
        for level in (0, 3):
            yield f"need at {wave}: {level}", corrected("need", person, {"wave": wave, "need_domain": "everyday"}, level=level)
        for answer in ("1", "5"):
            yield f"answers at {wave}: {answer}", corrected("answer", person, {"wave": wave}, value=answer)
    for status, service, reached in (("work_open", "none", True), ("work_open", "te", True), ("jobseeking", "te", True), ("unknown", "unknown", False)):
        name = f"after half a year: {status}, {service}"
        yield name, corrected("outcome", person, {"wave": "m6"}, status=status, next_service=service, reached=reached)
    for contacts in (0, 3):
        yield f"contacts: {contacts}", corrected("support_after", person, {"month": "6"}, contacts=contacts)
    for form in ("individual_f2f", "group_f2f", "work_place"):
        yield f"first wish: {form}", corrected("preferred_support", person, {"wave": "start", "rank": "1"}, support_form=form)


def later_exit(pilot: PilotData, person: str) -> PilotData:
    """Return a pilot in which a person left later, so that groups that had closed are open again."""
    people = pilot["participant"]
    later = people["exit_date"] + pd.Timedelta(days=183)
    return replace(pilot, tables={**pilot.tables, "participant": people.assign(exit_date=people["exit_date"].mask(people["participant_id"] == person, later))})


def people_of(pilot: PilotData) -> list[str]:
    return sorted(pilot["participant"]["participant_id"])


def attacked(ledger: Ledger) -> int:
    """Return how many conclusions nobody may draw can be drawn from all that was published."""
    held = {figure.group for figure in published(ledger) if figure.reason == MAIN_ONLY}
    shown = {(f.indicator, f.group, int(f.lo), int(f.hi), f.group in held): None for f in published(ledger) if f.lo is not None and f.hi is not None}
    return len(forbidden(attack(SIZES, [Figure(*figure) for figure in shown]), SIZES))


def refusal(pilot: PilotData, ledger: Ledger) -> str:
    """Return why no draft can be made; empty where one can."""
    try:
        drafted(pilot, ledger)
    except IkutError as problem:
        return problem.key
    return ""


def every_single_change(pilot: PilotData) -> Counter[str]:
    """Return how many changes were tried after each release, and how many stopped the draft at the next closing, by why."""
    ledger, found = Ledger(), Counter[str]()
    for day, after in zip(CLOSINGS.values(), [*list(CLOSINGS.values())[1:], date(2024, 6, 1)], strict=True):
        ledger = with_release(ledger, drafted(as_it_was(pilot, day), ledger).new)
        later = as_it_was(pilot, after)
        for person in people_of(later):
            for what, change in changes(later, person):
                now = change(later)
                if all(now[name].equals(table) for name, table in later.tables.items()):
                    continue
                why = refusal(now, ledger)
                found["tried"] += 1
                if why:
                    found[f"{what}: {why}"] += 1
    return found


def life(pilot: PilotData, random: Random) -> Ledger:
    """Return the ledger after five closings, between which some people were erased or corrected."""
    ledger, so_far = Ledger(), list[Change]()
    for day in CLOSINGS.values():
        then = as_it_was(pilot, day)
        for change in so_far:
            then = change(then)
        ledger = with_release(ledger, drafted(then, ledger).new)
        for person in random.sample(people_of(pilot), random.randint(0, 3)):
            so_far.append(random.choice([change for _, change in changes(pilot, person)]))
    return ledger


def main() -> None:
    group_figures._known = Counted(group_figures._known)  # else nine tenths of the time goes into counting the same people again
    draft.category_of_each = lambda pilot, family: {cohort: {} for cohort in pilot.cohort_ids}  # for corrections that are asked for; none is here
    pilots, lives = (int(words) for words in (*sys.argv[1:], *("10", "10")[len(sys.argv) - 1 :]))
    started, stuck, leaks = time.perf_counter(), 0, 0
    for seed in range(pilots):
        pilot = invented(seed)
        found = every_single_change(pilot)
        tried = found.pop("tried")
        told = [attacked(life(pilot, Random(f"{seed}/{number}"))) for number in range(lives)]
        stuck, leaks = stuck + found.total(), leaks + sum(told)
        spent = timedelta(seconds=round(time.perf_counter() - started))
        print(
            f"pilot {seed}: {tried} changes, {found.total()} stuck {dict(found) or ''}; {lives} lives, {sum(told)} forbidden conclusions; {spent}", flush=True
        )
    sys.exit(bool(stuck or leaks))


if __name__ == "__main__":
    main()
