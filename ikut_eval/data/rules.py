"""Rules that look across columns and tables. Each returns the rows that break it, never their content."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import pandas as pd

from ikut_eval.contract.schema import Contract
from ikut_eval.data.issues import ERROR, WARNING, Issue

Tables = Mapping[str, pd.DataFrame]
DAY = pd.Timedelta(days=1)
EARLIEST_START = 60 * DAY
ESF_EXIT_WINDOW = 28 * DAY


class Found:
    """Collects the issues of one table, with its labels."""

    def __init__(self, contract: Contract, name: str) -> None:
        self.table = contract.tables[name]
        self.issues: list[Issue] = []

    def where(self, broken: pd.Series, code: str, column: str | None, severity: str = ERROR, **values: object) -> None:
        """Note the rows in which `broken` is true. A comparison with a missing value breaks no rule."""
        rows = tuple(int(str(r)) for r in broken.index[broken.fillna(False).astype(bool)])
        if rows:
            labels = self.table.field(column).labels if column else None
            self.issues.append(Issue(severity, code, self.table.labels, labels, rows, values))


def _look_up(frame: pd.DataFrame, keys: str | list[str], other: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    names = [keys] if isinstance(keys, str) else keys
    unique = other.dropna(subset=names).drop_duplicates(names)
    joined = frame[names].merge(unique[names + columns], on=names, how="left")
    joined.index = frame.index
    return joined


def _dangling_keys(tables: Tables, contract: Contract) -> Iterator[Issue]:
    for name, frame in tables.items():
        found = Found(contract, name)
        for key in contract.tables[name].foreign_keys:
            if key.table not in tables:
                continue
            known = tables[key.table][list(key.table_fields)].drop_duplicates().assign(known=True)
            known.columns = pd.Index([*key.fields, "known"])
            present = frame[list(key.fields)].dropna()
            joined = present.merge(known, on=list(key.fields), how="left")
            missing = pd.Series(joined["known"].isna().to_numpy(), index=present.index)
            found.where(missing, "dangling_key", key.fields[0], other=contract.tables[key.table].labels)
        yield from found.issues


def _cohorts(tables: Tables, contract: Contract) -> Iterator[Issue]:
    cohort = tables["cohort"]
    found = Found(contract, "cohort")
    found.where(cohort["end_date"] < cohort["start_date"], "ends_before_start", "end_date")
    low, high = "planned_group_hours_week_min", "planned_group_hours_week_max"
    found.where(cohort[high] < cohort[low], "max_below_min", high)
    found.where(~cohort["cohort_id"].isin(tables["participant"]["cohort_id"]), "cohort_without_participants", "cohort_id", WARNING)
    yield from found.issues


def _participants(tables: Tables, contract: Contract) -> Iterator[Issue]:
    person = tables["participant"]
    found = Found(contract, "participant")
    dates = _look_up(person, "cohort_id", tables["cohort"].rename(columns={"start_date": "opens", "end_date": "closes"}), ["opens", "closes"])
    found.where(person["exit_date"] < person["start_date"], "ends_before_start", "exit_date")
    ongoing = person["exit_type"] == "ongoing"
    found.where(ongoing & person["exit_date"].notna(), "ongoing_with_exit", "exit_type")
    found.where(~ongoing & person["exit_type"].notna() & person["exit_date"].isna(), "exit_without_date", "exit_date")
    outside = (person["start_date"] < dates["opens"] - EARLIEST_START) | (person["start_date"] > dates["closes"])
    found.where(outside, "start_outside_cohort", "start_date")
    usable = person["data_use_ok"].fillna(False).astype(bool)
    code = person["participant_id"].str.removeprefix("P")
    found.where(code.str.fullmatch("[A-Z]+"), "id_like_a_name", "participant_id", WARNING)
    found.where(code.str.fullmatch(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d"), "id_like_a_date", "participant_id", WARNING)
    found.where((person["exit_type"] == "withdrew_data") & usable, "withdrew_but_usable", "data_use_ok")
    found.where(usable & ~person["participant_id"].isin(tables["answer_set"]["participant_id"]), "without_answers", "participant_id", WARNING)
    yield from found.issues
    refused = person.loc[person["data_use_ok"].eq(False).fillna(False).astype(bool), "participant_id"]
    for name in ("attendance", "need", "preferred_support", "answer_set", "answer", "support_after"):
        of_table = Found(contract, name)
        of_table.where(tables[name]["participant_id"].isin(refused), "data_use_refused", "participant_id", WARNING)
        yield from of_table.issues


def _preferred_support(tables: Tables, contract: Contract) -> Iterator[Issue]:
    wanted = tables["preferred_support"]
    found = Found(contract, "preferred_support")
    found.where(wanted.duplicated(["participant_id", "wave", "rank"]) & wanted["rank"].notna(), "rank_twice", "rank")
    yield from found.issues


def _sessions(tables: Tables, contract: Contract) -> Iterator[Issue]:
    session = tables["session"]
    found = Found(contract, "session")
    plan = _look_up(session, "cohort_id", tables["cohort"], ["start_date", "end_date", "planned_weeks"])
    outside = (session["date"] < plan["start_date"]) | (session["date"] > plan["end_date"])
    group = session["mode"] == "group"
    found.where(outside & group, "session_outside_cohort", "date")
    found.where(outside & ~group, "session_outside_cohort", "date", WARNING)
    found.where(session["week"] > plan["planned_weeks"], "week_beyond_plan", "week")
    found.where(session["week"].isna() & group & (session["status"] == "held"), "week_missing", "week", WARNING)
    usual = session["session_type"].map({c: a.get("mode") for c, a in contract.code_lists["session_type"].attributes.items()})
    found.where(usual.isin(["group", "individual"]) & (usual != session["mode"]), "unusual_mode", "mode", WARNING)
    yield from found.issues


def _attendance(tables: Tables, contract: Contract) -> Iterator[Issue]:
    row = tables["attendance"]
    found = Found(contract, "attendance")
    session = _look_up(row, "session_id", tables["session"].rename(columns={"status": "held"}), ["mode", "held", "date", "cohort_id"])
    person = _look_up(row, "participant_id", tables["participant"].rename(columns={"cohort_id": "own"}), ["track", "start_date", "exit_date", "own"])
    found.where(row["minutes_late"].notna() & (row["status"] != "late"), "minutes_without_late", "minutes_late")
    statuses = contract.code_lists["attendance"]
    absent = row["status"].isin([*statuses.codes_with("counts_as", "missed"), *statuses.codes_with("counts_as", "excused")])
    found.where(row["reason"].notna() & ~absent, "reason_without_absence", "reason")
    found.where((row["status"] == "excused") & row["reason"].isna(), "excused_without_reason", "reason")
    found.where((person["track"] == "individual") & (session["mode"] == "group"), "individual_in_group", "participant_id")
    found.where(session["held"] == "cancelled", "cancelled_with_attendance", "session_id")
    outside = (session["date"] < person["start_date"]) | (session["date"] > person["exit_date"])
    found.where(outside, "attendance_outside_dates", "participant_id")
    found.where(session["cohort_id"].notna() & person["own"].notna() & (session["cohort_id"] != person["own"]), "other_cohort", "participant_id", WARNING)
    several = (session["mode"] == "individual") & row.duplicated("session_id", keep=False)
    found.where(several, "several_in_individual", "session_id")
    yield from found.issues
    yield from _register_gaps(tables, contract)


def missing_register_rows(tables: Tables) -> pd.DataFrame:
    """Return the register rows that should be there and are not.

    A held group session needs a row for every group-track person of its cohort who was enrolled on
    its day; a held individual session needs one row.

    Returns
    -------
    pandas.DataFrame – session (row number of the session), session_id, participant_id (missing for an
        individual session, as the register does not say whose it is)
    """
    held = tables["session"].loc[lambda s: s["status"] == "held"].rename_axis("session").reset_index()
    group = held[held["mode"] == "group"]
    persons = tables["participant"].loc[lambda p: (p["track"] == "group") & p["data_use_ok"].fillna(False)]
    pairs = group.merge(persons, on="cohort_id", suffixes=("", "_person"))
    enrolled = (pairs["start_date"] <= pairs["date"]) & (pairs["exit_date"].isna() | (pairs["date"] <= pairs["exit_date"]))
    expected = pairs.loc[enrolled, ["session", "session_id", "participant_id"]]
    there = tables["attendance"][["session_id", "participant_id"]].drop_duplicates().assign(there=True)
    gaps = expected.merge(there, on=["session_id", "participant_id"], how="left")
    gaps = gaps.loc[gaps["there"].isna(), ["session", "session_id", "participant_id"]]
    single = held[(held["mode"] == "individual") & ~held["session_id"].isin(tables["attendance"]["session_id"])]
    alone = single[["session", "session_id"]].assign(participant_id=pd.NA)
    return pd.concat([gaps, alone.astype({"participant_id": "str"})], ignore_index=True)


def _register_gaps(tables: Tables, contract: Contract) -> Iterator[Issue]:
    gaps = missing_register_rows(tables)
    rows = tuple(sorted(int(r) for r in gaps["session"].unique()))
    if rows:
        table = contract.tables["session"]
        yield Issue(WARNING, "register_gap", table.labels, None, rows, {"n": len(gaps)})


def _answers(tables: Tables, contract: Contract) -> Iterator[Issue]:
    sets = tables["answer_set"]
    found = Found(contract, "answer_set")
    person = _look_up(sets, "participant_id", tables["participant"], ["start_date", "exit_date"])
    found.where(_outside_window(sets["date"], sets["wave"], person, contract), "outside_window", "date", WARNING)
    versions = sets["instrument"].map({k: i.version for k, i in contract.instruments.items()})
    found.where(versions.notna() & (versions != sets["version"]), "other_version", "version", WARNING)
    asked = {(k, w) for k, i in contract.instruments.items() for w in i.waves}
    pairs = pd.Series(list(zip(sets["instrument"], sets["wave"], strict=True)), index=sets.index, dtype=object)
    known = sets["instrument"].isin(list(contract.instruments)) & sets["wave"].notna()
    found.where(known & ~pairs.isin(asked), "not_asked_then", "wave", WARNING)
    yield from found.issues

    answer = tables["answer"]
    found = Found(contract, "answer")
    instrument = answer["item"].map({x.id: i.id for i in contract.instruments.values() for x in i.items})
    given = answer[["participant_id", "wave"]].assign(instrument=instrument)
    there = sets[["participant_id", "wave", "instrument"]].drop_duplicates().assign(there=True)
    joined = given.merge(there, on=["participant_id", "wave", "instrument"], how="left")
    found.where(pd.Series(joined["there"].isna().to_numpy(), index=answer.index) & instrument.notna(), "answer_without_set", "item")
    allowed = {(x.id, v) for i in contract.instruments.values() for x in i.items for v in x.values}
    pairs = pd.Series(list(zip(answer["item"], answer["value"], strict=True)), index=answer.index, dtype=object)
    found.where(instrument.notna() & answer["value"].notna() & ~pairs.isin(allowed), "not_on_scale", "value")
    yield from found.issues


def _outside_window(when: pd.Series, wave: pd.Series, person: pd.DataFrame, contract: Contract) -> pd.Series:
    outside = pd.Series(False, index=when.index)
    for code, rule in contract.code_lists["wave"].attributes.items():
        for anchor in ("start", "exit"):
            if f"day_from_{anchor}_min" in rule:
                days = when - person[f"{anchor}_date"]
                low, high = (int(rule[f"day_from_{anchor}_{end}"]) * DAY for end in ("min", "max"))
                outside |= (wave == code) & ((days < low) | (days > high))
    return outside


def _outcomes(tables: Tables, contract: Contract) -> Iterator[Issue]:
    outcome = tables["outcome"]
    found = Found(contract, "outcome")
    person = _look_up(outcome, "participant_id", tables["participant"], ["start_date", "exit_date"])
    unknown = outcome["status"] == "unknown"
    found.where(outcome["reached"].eq(False).fillna(False) & outcome["status"].notna() & ~unknown, "status_but_not_reached", "status")
    found.where(outcome["reached"].fillna(False).astype(bool) & unknown, "reached_but_unknown", "status")
    found.where(person["exit_date"].isna() & outcome["participant_id"].isin(tables["participant"]["participant_id"]), "outcome_before_exit", "wave")
    late = (outcome["wave"] == "exit") & (outcome["obs_date"] > person["exit_date"] + ESF_EXIT_WINDOW)
    found.where(late, "late_for_esf", "obs_date", WARNING)
    found.where(~late & _outside_window(outcome["obs_date"], outcome["wave"], person, contract), "outside_window", "obs_date", WARNING)
    yield from found.issues

    criteria = tables["fair_work"]
    found = Found(contract, "fair_work")
    status = _look_up(criteria, ["participant_id", "wave"], outcome, ["status"])["status"]
    paid = contract.code_lists["outcome_status"].codes_with("paid_work", "yes")
    found.where(status.notna() & ~status.isin(paid), "fair_work_without_work", "criterion")
    yield from found.issues
    found = Found(contract, "outcome")
    counts = criteria.groupby(["participant_id", "wave"], as_index=False)["criterion"].nunique()
    asked = _look_up(outcome, ["participant_id", "wave"], counts, ["criterion"])["criterion"].fillna(0)
    found.where(outcome["status"].isin(paid) & (asked < len(contract.code_lists["fair_work_criterion"].codes)), "fair_work_incomplete", "status", WARNING)
    yield from found.issues


def _dates(tables: Tables, contract: Contract) -> Iterator[Issue]:
    """Find dates in the future: one such date would move the data date, and with it every follow-up."""
    today = pd.Timestamp(date.today())
    for name, column in (("participant", "start_date"), ("participant", "exit_date"), ("answer_set", "date"), ("outcome", "obs_date"), ("session", "date")):
        frame = tables[name]
        ahead = frame[column] > today
        found = Found(contract, name)
        found.where(ahead & (frame["status"] == "held") if name == "session" else ahead, "in_the_future", column)
        yield from found.issues


_RULES: tuple[Callable[[Tables, Contract], Iterator[Issue]], ...] = (
    _dangling_keys,
    _dates,
    _cohorts,
    _participants,
    _preferred_support,
    _sessions,
    _attendance,
    _answers,
    _outcomes,
)


def check_rules(tables: Tables, contract: Contract) -> list[Issue]:
    """Return what the cross-table rules find in typed tables."""
    return [issue for rule in _RULES for issue in rule(tables, contract)]
