"""Invented answers, needs and outcomes of one synthetic participant."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from ikut_eval.contract.schema import Contract, Instrument, Item

SyntheticRow = dict[str, object]
_ASKED = ("rights_awareness", "rights_confidence", "rights_knowledge", "time_everyday", "feedback", "who5")
_DAY_AFTER_EXIT = {"exit": 0, "m3": 92, "m6": 183, "m12": 365}


def need_rows(person: str, rng: Random, *, later: bool, no_exit: bool, contract: Contract) -> tuple[str, list[SyntheticRow]]:
    """Return needs at start and exit: what is high at start mostly falls, the residence permit does not."""
    rows: list[SyntheticRow] = []
    for domain in contract.code_lists["need_domain"].codes:
        start = rng.choice((1, 2, 2, 3) if domain in ("rights", "finnish", "jobseeking", "everyday") else (0, 1, 1, 2, 3))
        helped = 0.1 if domain == "permit" else 0.7 if later or domain in ("rights", "it") else 0.45
        end = max(0, start - rng.choice((1, 2))) if rng.random() < helped else start
        for wave, level in (("start", start), ("exit", end)):
            if wave == "start" or not no_exit:
                rated_by = rng.choice(("self", "joint", "joint", "worker"))
                rows.append({"participant_id": person, "wave": wave, "need_domain": domain, "level": level, "rated_by": rated_by})
    return "need", rows


def answer_rows(
    person: str, start: date, leaves: date, rng: Random, *, falls: bool, no_exit: bool, contract: Contract, until: date
) -> Iterator[tuple[str, list[SyntheticRow]]]:
    """Yield answer sets and answers of the waves that the person came to."""
    level = {k: rng.uniform(0.25, 0.5) for k in _ASKED}
    gain = -0.12 if falls else rng.uniform(0.05, 0.35)
    days = {"start": start + timedelta(days=rng.randint(4, 13)), "mid": start + timedelta(days=rng.randint(36, 46))}
    days |= {wave: leaves + timedelta(days=after + rng.randint(0, 6)) for wave, after in _DAY_AFTER_EXIT.items()}
    language = rng.choice(("fi", "en", "en", "other"))
    mode = "interpreter" if language == "other" else rng.choice(("self", "assisted"))
    comes = {w: not no_exit if w == "exit" else w in ("start", "mid") or rng.random() < 0.55 for w in days}
    for key in _ASKED:
        instrument = contract.instruments[key]
        for wave in instrument.waves:
            if not comes[wave] or days[wave] > until or (wave == "mid" and days[wave] > leaves):
                continue
            place = level[key] + (0.0 if wave == "start" else gain / 2 if wave == "mid" else gain)
            who: SyntheticRow = {"participant_id": person, "wave": wave}
            how: SyntheticRow = {"instrument": key, "version": instrument.version, "date": days[wave], "language": language, "mode": mode}
            yield "answer_set", [who | how]
            yield "answer", [who | {"item": item.id, "value": _value(item, instrument, place, rng)} for item in instrument.items]


def _value(item: Item, instrument: Instrument, place: float, rng: Random) -> str:
    if rng.random() < 0.04:
        return rng.choice(("-7", "-8"))
    scale = [v for v in item.values if not v.startswith("-")]
    if item.correct:
        wrong = next(v for v in scale if v not in (item.correct, "dk"))
        return item.correct if rng.random() < place + 0.2 else rng.choice(("dk", "dk", wrong))
    middle = place * (len(scale) - 1) + (1.2 if instrument.id == "feedback" else 0) + rng.gauss(0, 0.7)
    return scale[min(max(round(middle), 0), len(scale) - 1)]


def outcome_rows(person: str, leaves: date, rng: Random, *, early_work: bool, contract: Contract, until: date) -> Iterator[tuple[str, list[SyntheticRow]]]:
    """Yield outcomes, fair-work criteria and support until the end of the data."""
    at_exit = ("jobseeking", "study_language", "study_language", "work_trial", "work_open")
    leave = ("care_leave", "rehab_work", "health")
    statuses = (*at_exit, "work_subsidised", "study_degree", *leave)
    status = "work_open" if early_work else rng.choice(at_exit + leave)
    services = ("te", "te", "social", "integration", "ngo", "education", "none")
    for wave, after in _DAY_AFTER_EXIT.items():
        when = leaves + timedelta(days=after + rng.randint(0, 10))
        if when > until:
            break
        if wave != "exit" and rng.random() < 0.5:
            status = rng.choice(statuses)
        reached = wave == "exit" or rng.random() < 0.7
        row: SyntheticRow = {"participant_id": person, "wave": wave, "obs_date": when, "reached": reached, "source": "worker"}
        if not reached:
            yield "outcome", [{**row, "status": "unknown", "next_service": "unknown"}]
            continue
        seeks = status == "jobseeking" or rng.random() < 0.3
        found: SyntheticRow = {"status": status, "new_since_start": True, "qualification": rng.random() < 0.1, "seeking_work": seeks}
        yield "outcome", [{**row, **found, "next_service": rng.choice(services), "source": "participant"}]
        if status in contract.code_lists["outcome_status"].codes_with("paid_work", "yes"):
            criteria = contract.code_lists["fair_work_criterion"].codes
            fair = rng.random() < 0.5
            weak = set() if fair else set(rng.sample(criteria, 2))
            met = {c: rng.choice(("no", "unknown")) if c in weak else "yes" for c in criteria}
            yield "fair_work", [{"participant_id": person, "wave": wave, "criterion": c, "met": met[c]} for c in criteria]
    goes_on = rng.random() < 0.75
    last = min(12, (until - leaves).days // 30)
    for month in range(1, last + 1):
        contacts = rng.randint(1, 5) if goes_on and (month <= 3 or rng.random() < 0.6) else 0
        handed_to = rng.choice(services) if month == last else None
        yield "support_after", [{"participant_id": person, "month": month, "contacts": contacts, "hours": contacts * 0.75, "handed_to": handed_to}]
