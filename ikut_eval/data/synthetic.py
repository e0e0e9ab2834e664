"""The synthetic pilot: invented people with the stories of the real one, the same for the same seed.

Cohort 1's dates and size and cohort 4's dates are public; everything else is invented. No figure here
says anything about a real person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from ikut_eval.contract.schema import Contract, Table
from ikut_eval.data.synthetic_answers import SyntheticRow, answer_rows, need_rows, outcome_rows

SyntheticRows = dict[str, list[SyntheticRow]]
CASES = ("ordinary", "tiny", "empty", "messy")
SEED = 2021
PROJECT_END = date(2023, 2, 28)
GROUP_DAYS = (0, 2, 3)


@dataclass(frozen=True)
class Person:
    """An invented participant: how often the person comes, reports an absence, is late."""

    id: str
    track: str
    start: date
    exit: date
    exit_type: str
    referral: str
    comes: float
    warns: float
    late: float


@dataclass(frozen=True)
class Cohort:
    """An invented training. `weeks` are the calendar weeks in which the design's weeks fall."""

    id: str
    start: date
    end: date
    weeks: tuple[int, ...]
    places: int
    later_design: bool
    note: str
    size: int
    notified: float


COHORTS = (
    Cohort("C1", date(2021, 8, 30), date(2021, 11, 12), (0, 1, 2, 3, 4, 5, 6, 8, 9, 10), 5, False, "", 4, 0.35),
    Cohort("C2", date(2022, 1, 31), date(2022, 4, 8), tuple(range(10)), 5, True, "", 5, 0.7),
    Cohort("C3", date(2022, 3, 14), date(2022, 5, 20), tuple(range(10)), 5, True, "", 5, 0.7),
    Cohort("C4", date(2022, 8, 29), date(2022, 11, 4), tuple(range(10)), 6, True, "women only; no residence right needed", 6, 0.75),
)
_BASE_HOURS = {"finnish": 36, "it": 22, "rights": 16, "jobseeking": 18, "career": 12, "identity": 9, "networks": 7, "visit": 6, "society": 5, "everyday": 4}
_LATER_HOURS = {"finnish": 30, "it": 16, "rights": 16, "jobseeking": 14, "career": 11, "identity": 7, "networks": 6, "visit": 6, "society": 4, "everyday": 25}
_SESSION_HOURS = (2.25, 2.25)


def synthetic_rows(contract: Contract, *, case: str = "ordinary", seed: int = SEED) -> SyntheticRows:
    """Return the rows of a synthetic pilot by table, every column of the contract filled or None.

    Parameters
    ----------
    case : {"ordinary", "tiny", "empty", "messy"}
        Four cohorts of 4 + 5 + 5 + 6; one cohort of two; one cohort of nobody; the ordinary one
        with mistakes as they occur in practice.
    seed : int
        The same seed gives the same pilot.
    """
    if case not in CASES:
        raise ValueError(f"unknown case; use one of {', '.join(CASES)}")
    cohorts: tuple[Cohort, ...] = COHORTS
    if case == "tiny":
        cohorts = (replace(COHORTS[1], id="C1", size=2),)
    elif case == "empty":
        cohorts = (replace(COHORTS[0], size=0),)
    rows: SyntheticRows = {name: [] for name in contract.tables}
    for cohort in cohorts:
        _add_cohort(rows, cohort, contract, seed)
    source = "synthetic; the project's plan was 20 participants"
    rows["target"].append({"indicator": "participants", "value": 20, "unit": "count", "source": source})
    complete = {name: [_complete(row, contract.tables[name]) for row in table] for name, table in rows.items()}
    if case == "messy":
        _plant_mistakes(complete)
    return complete


def _complete(row: SyntheticRow, table: Table) -> SyntheticRow:
    """Return the row in the contract's column order; a required column that nothing here fills gets its first allowed value."""

    def invented(name: str) -> object:
        field = table.field(name)
        if not field.required:
            return None
        simplest = {"date": PROJECT_END, "boolean": True, "string": "S"}
        if field.codes:
            return field.codes[0]
        return simplest.get(field.type, field.minimum or 0)

    return {f.name: row[f.name] if f.name in row else invented(f.name) for f in table.fields}


def _add_cohort(rows: SyntheticRows, cohort: Cohort, contract: Contract, seed: int) -> None:
    rows["cohort"].append(
        {
            "cohort_id": cohort.id,
            "start_date": cohort.start,
            "end_date": cohort.end,
            "planned_weeks": 10,
            "planned_group_hours_week_min": 12,
            "planned_group_hours_week_max": 15,
            "planned_places": cohort.places,
            "emphasis": "everyday_wellbeing" if cohort.later_design else "base",
            "eligibility_note": cohort.note or None,
        }
    )
    hours = _LATER_HOURS if cohort.later_design else _BASE_HOURS
    individual = {"individual_guidance": 10.0 * cohort.size, "psychologist": (4.0 if cohort.later_design else 1.5) * cohort.size, "mapping": 2.0 * cohort.size}
    reason = "more everyday life and wellbeing after cohort 1" if cohort.later_design else None
    for kind, planned in {**hours, **individual}.items():
        changed = kind in ("everyday", "psychologist")
        rows["cohort_plan"].append({"cohort_id": cohort.id, "session_type": kind, "planned_hours": planned, "note": reason if changed else None})
    people = list(_people(cohort, contract, seed))
    for person in people:
        rows["participant"].append(
            {
                "participant_id": person.id,
                "cohort_id": cohort.id,
                "track": person.track,
                "start_date": person.start,
                "exit_date": person.exit,
                "exit_type": person.exit_type,
                "referral": person.referral,
                "data_use_ok": True,
            }
        )
        rng = Random(f"{seed}/{cohort.id}/{person.id}/background")
        background = {name: rng.choice(contract.code_lists[name].codes) for name in ("age_group", "education", "labour_status")}
        gender = "f" if cohort.id == "C4" or rng.random() < 0.6 else "m"
        rows["background"].append({"participant_id": person.id, "gender": gender, **background})
    _add_group_sessions(rows, cohort, people, hours, Random(f"{seed}/{cohort.id}/group"))
    _add_individual_sessions(rows, cohort, people, Random(f"{seed}/{cohort.id}/individual"))
    for number, person in enumerate(people):
        rng = Random(f"{seed}/{cohort.id}/{person.id}/answers")
        falls = cohort.id == "C1" and number == 2
        no_exit = cohort.id == "C3" and number == 4
        for table, more in (
            need_rows(person.id, rng, later=cohort.later_design, no_exit=no_exit, contract=contract),
            *answer_rows(person.id, person.start, person.exit, rng, falls=falls, no_exit=no_exit, contract=contract, until=PROJECT_END),
            *outcome_rows(person.id, person.exit, rng, early_work=person.exit_type == "early_positive", contract=contract, until=PROJECT_END),
        ):
            rows[table] += more
        forms = rng.sample(contract.code_lists["support_form"].codes[1:], 2)
        for rank, form in enumerate(["individual_f2f", *forms] if rng.random() < 0.75 else [*forms, "individual_f2f"], start=1):
            rows["preferred_support"].append({"participant_id": person.id, "wave": "start", "support_form": form, "rank": rank})


def _random_code(rng: Random) -> str:
    """Return a participant's code with a letter and a digit: neither a name nor a date."""
    code = ""
    while code.isalpha() or code.isdigit() or not code:
        code = "".join(rng.choices("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=6))
    return f"P{code}"


def _people(cohort: Cohort, contract: Contract, seed: int) -> Iterator[Person]:
    for number in range(cohort.size):
        rng = Random(f"{seed}/{cohort.id}/person{number}")
        identifier = _random_code(rng)
        leaves, how = cohort.end, "completed"
        if cohort.id == "C3" and number == 1:
            leaves, how = cohort.start + timedelta(weeks=8, days=1), "early_positive"
        if cohort.id == "C4" and number == 3:
            leaves, how = cohort.start + timedelta(weeks=5, days=2), "early_other"
        comes = rng.uniform(0.55, 0.8) if cohort.id == "C1" else rng.uniform(0.65, 0.95)
        yield Person(
            id=identifier,
            track="individual" if cohort.id == "C2" and number == 4 else "group",
            start=cohort.start - timedelta(days=rng.randint(3, 12)),
            exit=leaves,
            exit_type=how,
            referral=rng.choice(contract.code_lists["referral"].codes),
            comes=comes,
            warns=cohort.notified * rng.uniform(0.8, 1.2),
            late=rng.uniform(0.03, 0.25),
        )


def _add_group_sessions(rows: SyntheticRows, cohort: Cohort, people: list[Person], hours: dict[str, int], rng: Random) -> None:
    slots = [(week, weekday, length) for week in range(1, 11) for weekday in GROUP_DAYS for length in _SESSION_HOURS]
    themes = [kind for kind, planned in hours.items() for _ in range(round(planned / 2.25))]
    themes = (themes + ["finnish"] * len(slots))[: len(slots)]
    rng.shuffle(themes)
    cancelled = set(rng.sample(range(6, len(slots)), 2))
    one_came = set(rng.sample([n for n in range(12, len(slots)) if n not in cancelled], 3)) if cohort.id == "C1" else set()
    group = [p for p in people if p.track == "group"]
    for n, ((week, weekday, length), theme) in enumerate(zip(slots, themes, strict=True)):
        when = cohort.start + timedelta(weeks=cohort.weeks[week - 1], days=weekday)
        session = f"{cohort.id}-G{n + 1:02d}"
        held = n not in cancelled
        place = "remote" if rng.random() < 0.06 else "on_site"
        rows["session"].append(_session(session, cohort.id, when, theme, "group", place, length, held, week))
        there = [p for p in group if p.start <= when <= p.exit]
        alone = rng.choice(there) if n in one_came and there else None
        for person in there if held else []:
            if cohort.id == "C2" and n == 20 and person is there[-1]:
                continue  # the register has a gap here, which is not an absence
            if alone is not None:
                marked: SyntheticRow = {"status": "present"} if person is alone else {"status": "absent_unnotified"}
            else:
                marked = _mark(person, rng)
            rows["attendance"].append({"session_id": session, "participant_id": person.id, **marked})


def _session(session: str, cohort: str, when: date, kind: str, mode: str, place: str, hours: float, held: bool, week: int) -> SyntheticRow:
    status = "held" if held else "cancelled"
    return {
        "session_id": session,
        "cohort_id": cohort,
        "date": when,
        "session_type": kind,
        "mode": mode,
        "place": place,
        "hours": hours,
        "status": status,
        "week": week,
    }


def _mark(person: Person, rng: Random) -> SyntheticRow:
    if rng.random() < person.comes:
        if rng.random() < person.late:
            return {"status": "late", "minutes_late": rng.choice((5, 10, 10, 15, 20, 30, 45))}
        return {"status": "present"}
    if rng.random() < 0.3:
        return {"status": "excused", "reason": rng.choice(("legal", "legal", "health", "care", "work_study"))}
    if rng.random() < person.warns:
        return {"status": "absent_notified", "reason": rng.choice(("health", "care", "other"))}
    return {"status": "absent_unnotified", "reason": rng.choice(("time", "unknown", None))}


def _add_individual_sessions(rows: SyntheticRows, cohort: Cohort, people: list[Person], rng: Random) -> None:
    number = 0
    for person in people:
        plan = [(1, "mapping", 2.0)] + [(week, "individual_guidance", 1.0) for week in range(1, 11)]
        plan += [(week, "individual_guidance", 1.0) for week in range(2, 11)] if person.track == "individual" else []
        plan += [(week, "psychologist", 1.0) for week in ((2, 4, 6, 8) if cohort.later_design else (5,))]
        for week, kind, hours in plan:
            when = cohort.start + timedelta(weeks=cohort.weeks[week - 1], days=rng.choice((1, 4)))
            number += 1
            held = rng.random() > 0.06
            if not person.start <= when <= person.exit:
                continue
            session = f"{cohort.id}-I{number:03d}"
            place = "remote" if rng.random() < 0.2 else "on_site"
            rows["session"].append(_session(session, cohort.id, when, kind, "individual", place, hours, held, week))
            if held:
                marked = {"status": "present"} if rng.random() < 0.93 else {"status": "absent_notified", "reason": "health"}
                rows["attendance"].append({"session_id": session, "participant_id": person.id, **marked})


def _plant_mistakes(rows: SyntheticRows) -> None:
    """Break the ordinary pilot in the ways in which real files are broken."""
    sessions = {str(r["session_id"]): r for r in rows["session"]}
    present = [r for r in rows["attendance"] if r["status"] == "present" and sessions[str(r["session_id"])]["mode"] == "group"]
    individual = next(r for r in rows["participant"] if r["track"] == "individual")
    present[0]["minutes_late"] = 10
    present[1]["status"], present[1]["reason"] = "excused", None
    present[2]["status"] = "here"
    c2 = next(r for r in present if str(r["session_id"]).startswith("C2"))
    rows["attendance"].append({**c2, "participant_id": individual["participant_id"]})
    rows["attendance"].append(dict(present[3]))
    rows["attendance"].append({**present[4], "participant_id": "P0000"})
    cancelled = next(r for r in rows["session"] if r["status"] == "cancelled" and r["mode"] == "group")
    rows["attendance"].append({**present[5], "session_id": cancelled["session_id"]})
    rows["session"][0]["hours"] = "two"
    rows["session"][1]["week"] = 14
    rows["participant"][0]["exit_date"] = rows["cohort"][0]["start_date"]
    rows["participant"][5]["start_date"] = None
    rows["outcome"][0]["reached"] = False
    rows["answer"][0]["value"] = 9
    rows["answer_set"][0]["date"] = PROJECT_END
    rows["need"][0]["level"] = 7
    rows["cohort"][3]["end_date"] = "31.11.2022"
    rows["support_after"][0]["contacts"] = "call 040 123 4567"
