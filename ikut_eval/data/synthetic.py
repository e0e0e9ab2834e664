"""The synthetic pilot: invented people with the stories of the real one, the same for the same seed.

Cohort 1's dates and size and cohort 4's dates are public; everything else is invented. No figure here
says anything about a real person.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from random import Random

from ikut_eval.contract.schema import Contract, Field, Instrument, Item, Table

SyntheticRow = dict[str, object]
SyntheticRows = dict[str, list[SyntheticRow]]
CASES = ("ordinary", "tiny", "empty", "messy")
SEED = 2021
PROJECT_END = date(2023, 2, 28)
GROUP_DAYS = (0, 2, 3)


@dataclass(frozen=True)
class Person:
    """An invented participant: how often the person comes, reports an absence, is late."""

    participant_id: str
    cohort_id: str
    track: str
    start_date: date
    exit_date: date
    exit_type: str
    referral: str
    comes: float
    warns: float
    late: float


@dataclass(frozen=True)
class Cohort:
    """An invented training. `weeks` are the calendar weeks in which the design's weeks fall."""

    cohort_id: str
    start_date: date
    end_date: date
    weeks: tuple[int, ...]
    planned_places: int
    later_design: bool
    eligibility_note: str | None
    size: int
    notified: float


COHORTS = (
    Cohort("C1", date(2021, 8, 30), date(2021, 11, 12), (0, 1, 2, 3, 4, 5, 6, 8, 9, 10), 5, False, None, 4, 0.35),
    Cohort("C2", date(2022, 1, 31), date(2022, 4, 8), tuple(range(10)), 5, True, None, 5, 0.7),
    Cohort("C3", date(2022, 3, 14), date(2022, 5, 20), tuple(range(10)), 5, True, None, 5, 0.7),
    Cohort("C4", date(2022, 8, 29), date(2022, 11, 4), tuple(range(10)), 6, True, "women only; no residence right needed", 6, 0.75),
)
_BASE_HOURS = {"finnish": 36, "it": 22, "rights": 16, "jobseeking": 18, "career": 12, "identity": 9, "networks": 7, "visit": 6, "society": 5, "everyday": 4}
_LATER_HOURS = {"finnish": 30, "it": 16, "rights": 16, "jobseeking": 14, "career": 11, "identity": 7, "networks": 6, "visit": 6, "society": 4, "everyday": 25}
_SESSION_HOURS = (2.25, 2.25)
_SESSION = ("session_id", "cohort_id", "date", "session_type", "mode", "place", "hours", "status", "week")
_ASKED = ("rights_awareness", "rights_confidence", "rights_knowledge", "time_everyday", "feedback", "who5")
_DAY_AFTER_EXIT = {"exit": 0, "m3": 92, "m6": 183, "m12": 365}


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
        cohorts = (replace(COHORTS[1], cohort_id="C1", size=2),)
    elif case == "empty":
        cohorts = (replace(COHORTS[0], size=0),)
    rows: SyntheticRows = {name: [] for name in contract.tables}
    for cohort in cohorts:
        _add_cohort(rows, cohort, contract, seed)
    rows["target"].append({"indicator": "participants", "value": 20, "unit": "count", "source": "synthetic; the project's plan was 20 participants"})
    complete = {name: [_complete(row, contract.tables[name]) for row in table] for name, table in rows.items()}
    if case == "messy":
        _plant_mistakes(complete)
    return complete


def _complete(row: SyntheticRow, table: Table) -> SyntheticRow:
    """Return the row in the contract's columns alone; a required column that nothing here fills gets its first allowed value."""

    def invented(field: Field) -> object:
        if not field.required:
            return None
        simplest = {"date": PROJECT_END, "boolean": True, "string": "S"}
        return field.codes[0] if field.codes else simplest.get(field.type, field.minimum or 0)

    return {f.name: row[f.name] if f.name in row else invented(f) for f in table.fields}


def _add_cohort(rows: SyntheticRows, cohort: Cohort, contract: Contract, seed: int) -> None:
    key, later = cohort.cohort_id, cohort.later_design
    planned = {"planned_weeks": 10, "planned_group_hours_week_min": 12, "planned_group_hours_week_max": 15}
    rows["cohort"].append({**asdict(cohort), **planned, "emphasis": "everyday_wellbeing" if later else "base"})
    hours = _LATER_HOURS if later else _BASE_HOURS
    individual = {"individual_guidance": 10.0 * cohort.size, "psychologist": (4.0 if later else 1.5) * cohort.size, "mapping": 2.0 * cohort.size}
    for kind, aim in {**hours, **individual}.items():
        note = "more everyday life and wellbeing after cohort 1" if later and kind in ("everyday", "psychologist") else None
        rows["cohort_plan"].append({"cohort_id": key, "session_type": kind, "planned_hours": aim, "note": note})
    people = list(_people(cohort, contract, seed))
    for person in people:
        rows["participant"].append({**asdict(person), "data_use_ok": True})
        rng = Random(f"{seed}/{key}/{person.participant_id}/background")
        background = {name: rng.choice(contract.code_lists[name].codes) for name in ("age_group", "education", "labour_status")}
        gender = "f" if key == "C4" or rng.random() < 0.6 else "m"
        rows["background"].append({"participant_id": person.participant_id, "gender": gender, **background})
    _add_group_sessions(rows, cohort, people, hours, Random(f"{seed}/{key}/group"))
    _add_individual_sessions(rows, cohort, people, Random(f"{seed}/{key}/individual"))
    for number, person in enumerate(people):
        rng = Random(f"{seed}/{key}/{person.participant_id}/answers")
        no_exit = key == "C3" and number == 4
        _add_needs(rows, person, rng, later=later, no_exit=no_exit, contract=contract)
        _add_answers(rows, person, rng, falls=key == "C1" and number == 2, no_exit=no_exit, contract=contract)
        _add_outcomes(rows, person, rng, contract)
        forms = rng.sample(contract.code_lists["support_form"].codes[1:], 2)
        for rank, form in enumerate(["individual_f2f", *forms] if rng.random() < 0.75 else [*forms, "individual_f2f"], start=1):
            rows["preferred_support"].append({"participant_id": person.participant_id, "wave": "start", "support_form": form, "rank": rank})


def random_code(rng: Random) -> str:
    """Return a participant's code with a letter and a digit: neither a name nor a date."""
    code = ""
    while code.isalpha() or code.isdigit() or not code:
        code = "".join(rng.choices("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=6))
    return f"P{code}"


def _people(cohort: Cohort, contract: Contract, seed: int) -> Iterator[Person]:
    for number in range(cohort.size):
        rng = Random(f"{seed}/{cohort.cohort_id}/person{number}")
        code = random_code(rng)
        story = (cohort.cohort_id, number)
        leaves, how = cohort.end_date, "completed"
        if story == ("C3", 1):
            leaves, how = cohort.start_date + timedelta(weeks=8, days=1), "early_positive"
        if story == ("C4", 3):
            leaves, how = cohort.start_date + timedelta(weeks=5, days=2), "early_other"
        comes = rng.uniform(0.55, 0.8) if cohort.cohort_id == "C1" else rng.uniform(0.65, 0.95)
        yield Person(
            participant_id=code,
            cohort_id=cohort.cohort_id,
            track="individual" if story == ("C2", 4) else "group",
            start_date=cohort.start_date - timedelta(days=rng.randint(3, 12)),
            exit_date=leaves,
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
    one_came = set(rng.sample([n for n in range(12, len(slots)) if n not in cancelled], 3)) if cohort.cohort_id == "C1" else set()
    group = [p for p in people if p.track == "group"]
    for n, ((week, weekday, length), theme) in enumerate(zip(slots, themes, strict=True)):
        when = cohort.start_date + timedelta(weeks=cohort.weeks[week - 1], days=weekday)
        session = f"{cohort.cohort_id}-G{n + 1:02d}"
        held = n not in cancelled
        place = "remote" if rng.random() < 0.06 else "on_site"
        rows["session"].append(_session(session, cohort.cohort_id, when, theme, "group", place, length, "held" if held else "cancelled", week))
        there = [p for p in group if p.start_date <= when <= p.exit_date]
        alone = rng.choice(there) if n in one_came and there else None
        for person in there if held else []:
            if cohort.cohort_id == "C2" and n == 20 and person is there[-1]:
                continue  # the register has a gap here, which is not an absence
            marked = {"status": "present" if person is alone else "absent_unnotified"} if alone else _mark(person, rng)
            rows["attendance"].append({"session_id": session, "participant_id": person.participant_id, **marked})


def _session(*cells: object) -> SyntheticRow:
    return dict(zip(_SESSION, cells, strict=True))


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
            when = cohort.start_date + timedelta(weeks=cohort.weeks[week - 1], days=rng.choice((1, 4)))
            number += 1
            held = rng.random() > 0.06
            if not person.start_date <= when <= person.exit_date:
                continue
            session = f"{cohort.cohort_id}-I{number:03d}"
            place = "remote" if rng.random() < 0.2 else "on_site"
            rows["session"].append(_session(session, cohort.cohort_id, when, kind, "individual", place, hours, "held" if held else "cancelled", week))
            if held:
                marked = {"status": "present"} if rng.random() < 0.93 else {"status": "absent_notified", "reason": "health"}
                rows["attendance"].append({"session_id": session, "participant_id": person.participant_id, **marked})


def _add_needs(rows: SyntheticRows, person: Person, rng: Random, *, later: bool, no_exit: bool, contract: Contract) -> None:
    """Add needs at start and exit: what is high at start mostly falls, the residence permit does not."""
    for domain in contract.code_lists["need_domain"].codes:
        start = rng.choice((1, 2, 2, 3) if domain in ("rights", "finnish", "jobseeking", "everyday") else (0, 1, 1, 2, 3))
        helped = 0.1 if domain == "permit" else 0.7 if later or domain in ("rights", "it") else 0.45
        end = max(0, start - rng.choice((1, 2))) if rng.random() < helped else start
        for wave, level in (("start", start), ("exit", end)):
            if wave == "start" or not no_exit:
                rated_by = rng.choice(("self", "joint", "joint", "worker"))
                need = {"participant_id": person.participant_id, "wave": wave, "need_domain": domain, "level": level, "rated_by": rated_by}
                rows["need"].append(need)


def _add_answers(rows: SyntheticRows, person: Person, rng: Random, *, falls: bool, no_exit: bool, contract: Contract) -> None:
    """Add answer sets and answers of the waves that the person came to."""
    level = {k: rng.uniform(0.25, 0.5) for k in _ASKED}
    gain = -0.12 if falls else rng.uniform(0.05, 0.35)
    days = {"start": person.start_date + timedelta(days=rng.randint(4, 13)), "mid": person.start_date + timedelta(days=rng.randint(36, 46))}
    days |= {wave: person.exit_date + timedelta(days=after + rng.randint(0, 6)) for wave, after in _DAY_AFTER_EXIT.items()}
    language = rng.choice(("fi", "en", "en", "other"))
    mode = "interpreter" if language == "other" else rng.choice(("self", "assisted"))
    comes = {w: not no_exit if w == "exit" else w in ("start", "mid") or rng.random() < 0.55 for w in days}
    for key in _ASKED:
        instrument = contract.instruments[key]
        for wave in instrument.waves:
            if not comes[wave] or days[wave] > PROJECT_END or (wave == "mid" and days[wave] > person.exit_date):
                continue
            place = level[key] + (0.0 if wave == "start" else gain / 2 if wave == "mid" else gain)
            who: SyntheticRow = {"participant_id": person.participant_id, "wave": wave}
            how: SyntheticRow = {"instrument": key, "version": instrument.version, "date": days[wave], "language": language, "mode": mode}
            rows["answer_set"].append(who | how)
            rows["answer"] += [who | {"item": item.id, "value": _value(item, instrument, place, rng)} for item in instrument.items]


def _value(item: Item, instrument: Instrument, place: float, rng: Random) -> str:
    if rng.random() < 0.04:
        return rng.choice(("-7", "-8"))
    scale = [v for v in item.values if not v.startswith("-")]
    if item.correct:
        wrong = next(v for v in scale if v not in (item.correct, "dk"))
        return item.correct if rng.random() < place + 0.2 else rng.choice(("dk", "dk", wrong))
    middle = place * (len(scale) - 1) + (1.2 if instrument.id == "feedback" else 0) + rng.gauss(0, 0.7)
    return scale[min(max(round(middle), 0), len(scale) - 1)]


def _add_outcomes(rows: SyntheticRows, person: Person, rng: Random, contract: Contract) -> None:
    """Add outcomes, fair-work criteria and support until the end of the data."""
    at_exit = ("jobseeking", "study_language", "study_language", "work_trial", "work_open")
    leave = ("care_leave", "rehab_work", "health")
    statuses = (*at_exit, "work_subsidised", "study_degree", *leave)
    status = "work_open" if person.exit_type == "early_positive" else rng.choice(at_exit + leave)
    services = ("te", "te", "social", "integration", "ngo", "education", "none")
    for wave, after in _DAY_AFTER_EXIT.items():
        when = person.exit_date + timedelta(days=after + rng.randint(0, 10))
        if when > PROJECT_END:
            break
        if wave != "exit" and rng.random() < 0.5:
            status = rng.choice(statuses)
        reached = wave == "exit" or rng.random() < 0.7
        row: SyntheticRow = {"participant_id": person.participant_id, "wave": wave, "obs_date": when, "reached": reached, "source": "worker"}
        if not reached:
            rows["outcome"].append({**row, "status": "unknown", "next_service": "unknown"})
            continue
        seeks = status == "jobseeking" or rng.random() < 0.3
        found: SyntheticRow = {"status": status, "new_since_start": True, "qualification": rng.random() < 0.1, "seeking_work": seeks}
        rows["outcome"].append({**row, **found, "next_service": rng.choice(services), "source": "participant"})
        if status in contract.code_lists["outcome_status"].codes_with("paid_work", "yes"):
            criteria = contract.code_lists["fair_work_criterion"].codes
            weak = set() if rng.random() < 0.5 else set(rng.sample(criteria, 2))
            for criterion in criteria:
                met = rng.choice(("no", "unknown")) if criterion in weak else "yes"
                rows["fair_work"].append({"participant_id": person.participant_id, "wave": wave, "criterion": criterion, "met": met})
    goes_on = rng.random() < 0.75
    last = min(12, (PROJECT_END - person.exit_date).days // 30)
    for month in range(1, last + 1):
        contacts = rng.randint(1, 5) if goes_on and (month <= 3 or rng.random() < 0.6) else 0
        handed_to = rng.choice(services) if month == last else None
        given = {"contacts": contacts, "hours": contacts * 0.75, "handed_to": handed_to}
        rows["support_after"].append({"participant_id": person.participant_id, "month": month, **given})


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
