"""Rules that look across columns and tables. Each returns the rows that break it, never their content."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from ikut_eval.contract.schema import Contract
from ikut_eval.data.issues import ERROR, WARNING, Issue, rows_in

Tables = Mapping[str, pd.DataFrame]
DAY = pd.Timedelta(days=1)
EARLIEST_START = 60 * DAY
ESF_EXIT_WINDOW = 28 * DAY


class Found:
    """Collects issues by the labels of the contract."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.issues: list[Issue] = []

    def where(self, broken: pd.Series, code: str, place: str, severity: str = ERROR, **values: object) -> None:
        """Note the rows in which `broken` is true, at a place "table.column". A comparison with a missing value breaks no rule."""
        rows = rows_in(broken.index[_true(broken)])
        if rows:
            name, _, column = place.partition(".")
            table = self.contract.tables[name]
            self.issues.append(Issue(severity, code, table.labels, table.field(column).labels, rows, values))


def _true(flags: pd.Series) -> pd.Series:
    return flags.fillna(False).astype(bool)


def _look_up(frame: pd.DataFrame, keys: str | list[str], other: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    names = [keys] if isinstance(keys, str) else keys
    unique = other.dropna(subset=names).drop_duplicates(names)
    return frame[names].merge(unique[names + columns], on=names, how="left").set_axis(frame.index)


def _dangling_keys(tables: Tables, found: Found) -> None:
    for name, frame in tables.items():
        for key in found.contract.tables[name].foreign_keys:
            if key.table not in tables:
                continue
            known = tables[key.table][list(key.table_fields)].set_axis(list(key.fields), axis=1)
            present = frame[list(key.fields)].dropna()
            missing = ~_known(present, known)
            if not missing.any():
                continue
            other = found.contract.tables[key.table].labels
            in_other_letters = missing & _known(_lowered(present), _lowered(known))
            found.where(missing & ~in_other_letters, "dangling_key", f"{name}.{key.fields[0]}", other=other)
            found.where(in_other_letters, "key_in_other_letters", f"{name}.{key.fields[0]}", other=other)


def _known(present: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    joined = present.merge(known.drop_duplicates().assign(known=True), on=list(known.columns), how="left").set_axis(present.index)
    return joined["known"].notna()


def _lowered(keys: pd.DataFrame) -> pd.DataFrame:
    return keys.apply(lambda column: column.str.casefold())


def _dates(tables: Tables, found: Found) -> None:
    """Find dates in the future: what has not happened cannot be counted."""
    today = pd.Timestamp(date.today())
    for place in ("participant.start_date", "participant.exit_date", "answer_set.date", "outcome.obs_date", "session.date"):
        name, column = place.split(".")
        ahead = tables[name][column] > today
        found.where(ahead & (tables[name]["status"] == "held") if name == "session" else ahead, "in_the_future", place)


def _cohorts(tables: Tables, found: Found) -> None:
    cohort = tables["cohort"]
    found.where(cohort["end_date"] < cohort["start_date"], "ends_before_start", "cohort.end_date")
    low, high = "planned_group_hours_week_min", "planned_group_hours_week_max"
    found.where(cohort[high] < cohort[low], "max_below_min", f"cohort.{high}")
    found.issues += [Issue(WARNING, "no_rows", found.contract.tables[name].labels) for name in ("cohort", "participant") if tables[name].empty]
    found.where(~cohort["cohort_id"].isin(tables["participant"]["cohort_id"]), "cohort_without_participants", "cohort.cohort_id", WARNING)


def _participants(tables: Tables, found: Found) -> None:
    person = tables["participant"]
    dates = _look_up(person, "cohort_id", tables["cohort"].rename(columns={"start_date": "opens", "end_date": "closes"}), ["opens", "closes"])
    found.where(person["exit_date"] < person["start_date"], "ends_before_start", "participant.exit_date")
    ongoing = person["exit_type"] == "ongoing"
    found.where(ongoing & person["exit_date"].notna(), "ongoing_with_exit", "participant.exit_type")
    found.where(~ongoing & person["exit_type"].notna() & person["exit_date"].isna(), "exit_without_date", "participant.exit_date")
    over = dates["closes"] + ESF_EXIT_WINDOW < pd.Timestamp(date.today())
    found.where(ongoing & person["exit_date"].isna() & over, "long_ongoing", "participant.exit_type", WARNING)
    outside = (person["start_date"] < dates["opens"] - EARLIEST_START) | (person["start_date"] > dates["closes"])
    found.where(outside, "start_outside_cohort", "participant.start_date")
    usable = _true(person["data_use_ok"])
    code = person["participant_id"].str.removeprefix("P")
    found.where(code.str.fullmatch("[A-Z]+"), "id_like_a_name", "participant.participant_id", WARNING)
    found.where(code.str.fullmatch(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d"), "id_like_a_date", "participant.participant_id", WARNING)
    found.where((person["exit_type"] == "withdrew_data") & usable, "withdrew_but_usable", "participant.data_use_ok")
    without = ~person["participant_id"].isin(tables["answer_set"]["participant_id"])
    found.where(usable & without, "without_answers", "participant.participant_id", WARNING)
    refused = person.loc[person["data_use_ok"].notna() & ~usable, "participant_id"]
    for name in ("attendance", "need", "preferred_support", "answer_set", "answer", "support_after"):
        found.where(tables[name]["participant_id"].isin(refused), "data_use_refused", f"{name}.participant_id", WARNING)


def _preferred_support(tables: Tables, found: Found) -> None:
    wanted = tables["preferred_support"]
    again = wanted.duplicated(["participant_id", "wave", "rank"])
    found.where(again & wanted["rank"].notna(), "rank_twice", "preferred_support.rank")


def _sessions(tables: Tables, found: Found) -> None:
    session = tables["session"]
    plan = _look_up(session, "cohort_id", tables["cohort"], ["start_date", "end_date", "planned_weeks"])
    outside = (session["date"] < plan["start_date"]) | (session["date"] > plan["end_date"])
    group = session["mode"] == "group"
    found.where(outside & group, "session_outside_cohort", "session.date")
    found.where(outside & ~group, "session_outside_cohort", "session.date", WARNING)
    found.where(session["week"] > plan["planned_weeks"], "week_beyond_plan", "session.week")
    found.where(session["week"].isna() & group & (session["status"] == "held"), "week_missing", "session.week", WARNING)
    usual = session["session_type"].map({c: a.get("mode") for c, a in found.contract.code_lists["session_type"].attributes.items()})
    found.where(usual.isin(["group", "individual"]) & (usual != session["mode"]), "unusual_mode", "session.mode", WARNING)


def _attendance(tables: Tables, found: Found) -> None:
    row = tables["attendance"]
    session = _look_up(row, "session_id", tables["session"].rename(columns={"status": "held"}), ["mode", "held", "date", "cohort_id"])
    person = _look_up(row, "participant_id", tables["participant"].rename(columns={"cohort_id": "own"}), ["track", "start_date", "exit_date", "own"])
    found.where(row["minutes_late"].notna() & (row["status"] != "late"), "minutes_without_late", "attendance.minutes_late")
    statuses = found.contract.code_lists["attendance"]
    absent = row["status"].isin([*statuses.codes_with("counts_as", "missed"), *statuses.codes_with("counts_as", "excused")])
    found.where(row["reason"].notna() & ~absent, "reason_without_absence", "attendance.reason")
    found.where((row["status"] == "excused") & row["reason"].isna(), "excused_without_reason", "attendance.reason")
    found.where((person["track"] == "individual") & (session["mode"] == "group"), "individual_in_group", "attendance.participant_id")
    found.where(session["held"] == "cancelled", "cancelled_with_attendance", "attendance.session_id")
    outside = (session["date"] < person["start_date"]) | (session["date"] > person["exit_date"])
    found.where(outside, "attendance_outside_dates", "attendance.participant_id")
    elsewhere = session["cohort_id"].notna() & person["own"].notna() & (session["cohort_id"] != person["own"])
    found.where(elsewhere, "other_cohort", "attendance.participant_id", WARNING)
    several = (session["mode"] == "individual") & row.duplicated("session_id", keep=False)
    found.where(several, "several_in_individual", "attendance.session_id")
    gaps = missing_register_rows(tables)
    if len(gaps):
        found.issues.append(
            Issue(WARNING, "register_gap", found.contract.tables["session"].labels, None, rows_in(sorted(gaps["session"].unique())), {"n": len(gaps)})
        )


def enrolments(tables: Tables) -> pd.DataFrame:
    """Return who is enrolled in which cohort, and from when to when.

    A person has one row among the participants, with the first cohort, the first day and the last day in the project.
    Entries in the register of a further cohort are an enrolment in that cohort, from the first of them to the last. If
    all of these lie after the last entry in the cohort before, the person has moved on to it: the earlier enrolment has
    ended with its last entry, and in the further cohort entries are expected as of everybody else. If not, the person
    visits the further cohort: the entries there count, and none are missing.

    Returns
    -------
    pandas.DataFrame, one row a person and cohort
        participant_id, cohort_id, track : str
        start_date, exit_date : date – of the enrolment; exit_date is missing while it goes on
        first : bool – the cohort in which the person is counted as a participant
        exit_type : str – how the training ended for the person
        moved_on : bool – the person went on to a further cohort afterwards
        expected : bool – the register needs an entry for each group session; False for visits
    """
    person = tables["participant"].dropna(subset="participant_id").drop_duplicates("participant_id")
    first = person[["participant_id", "cohort_id", "track", "start_date", "exit_date", "exit_type"]].assign(first=True, moved_on=False, expected=True)
    held = tables["session"].loc[lambda s: s["status"] == "held", ["session_id", "cohort_id", "date"]]
    entries = tables["attendance"][["session_id", "participant_id"]].merge(held, on="session_id")
    own = entries["participant_id"].map(person.set_index("participant_id")["cohort_id"])
    away = entries[own.notna() & _true(own != entries["cohort_id"])]
    elsewhere = first["participant_id"].isin(away["participant_id"])
    rows = [row for _, one in first[elsewhere].groupby("participant_id", sort=False) for row in _enrolments_of(one, entries, away)]
    several = pd.DataFrame(rows, columns=list(first)).astype({name: first[name].dtype for name in first})
    return pd.concat([first[~elsewhere], several], ignore_index=True)


def _enrolments_of(own: pd.DataFrame, entries: pd.DataFrame, away: pd.DataFrame) -> list[dict[str, object]]:
    """Return the enrolments of one person: the first, and those in further cohorts in the order of their first entry."""
    row = own.iloc[0].to_dict()
    mine = entries[entries["participant_id"] == row["participant_id"]]
    elsewhere = away[away["participant_id"] == row["participant_id"]].groupby("cohort_id")["date"].agg(["min", "max"]).sort_values(["min", "max"])
    here = mine.loc[mine["cohort_id"] == row["cohort_id"], "date"].max()
    rows, leave = [row], row["start_date"] if pd.isna(here) else here
    for cohort, entered in elsewhere.iterrows():
        moved = entered["min"] > leave
        if moved:
            current = [each for each in rows if each["expected"]][-1]
            current |= {"exit_date": leave, "moved_on": True}
            leave = entered["max"]
        there = {"cohort_id": cohort, "start_date": entered["min"], "exit_date": entered["max"]}
        rows.append(row | there | {"first": False, "moved_on": False, "expected": moved})
    last = [each for each in rows if each["expected"]][-1]
    last["exit_date"] = own.iloc[0]["exit_date"]
    return rows


def missing_register_rows(tables: Tables, enrolled: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the register rows that should be there and are not.

    A held group session needs a row for every group-track person who was enrolled in its cohort on its day; a held
    individual session needs one row.

    Returns
    -------
    pandas.DataFrame – session (row number of the session), session_id, participant_id (missing for an
        individual session, as the register does not say whose it is)
    """
    held = tables["session"].loc[lambda s: s["status"] == "held"].rename_axis("session").reset_index()
    group = held[held["mode"] == "group"]
    usable = tables["participant"].loc[lambda p: p["data_use_ok"].fillna(False).astype(bool), "participant_id"]
    persons = (enrolments(tables) if enrolled is None else enrolled).loc[lambda e: (e["track"] == "group") & e["expected"]]
    pairs = group.merge(persons, on="cohort_id", suffixes=("", "_person"))
    present = (pairs["start_date"] <= pairs["date"]) & (pairs["exit_date"].isna() | (pairs["date"] <= pairs["exit_date"]))
    expected = pairs.loc[present, ["session", "session_id", "participant_id"]]
    expected = expected if enrolled is not None else expected[expected["participant_id"].isin(usable)]
    there = tables["attendance"][["session_id", "participant_id"]].drop_duplicates().assign(there=True)
    gaps = expected.merge(there, on=["session_id", "participant_id"], how="left")
    gaps = gaps.loc[gaps["there"].isna(), ["session", "session_id", "participant_id"]]
    single = held[(held["mode"] == "individual") & ~held["session_id"].isin(tables["attendance"]["session_id"])]
    alone = single[["session", "session_id"]].assign(participant_id=pd.NA)
    return pd.concat([gaps, alone.astype({"participant_id": "str"})], ignore_index=True)


def _answers(tables: Tables, found: Found) -> None:
    sets, answer, instruments = tables["answer_set"], tables["answer"], found.contract.instruments
    found.where(_outside_window(sets, "date", tables["participant"], found.contract), "outside_window", "answer_set.date", WARNING)
    versions = sets["instrument"].map({k: i.version for k, i in instruments.items()})
    found.where(versions.notna() & (versions != sets["version"]), "other_version", "answer_set.version", WARNING)
    asked = {(k, w) for k, i in instruments.items() for w in i.waves}
    known = sets["instrument"].isin(list(instruments)) & sets["wave"].notna()
    found.where(known & ~_pairs(sets, "instrument", "wave").isin(asked), "not_asked_then", "answer_set.wave", WARNING)

    instrument = answer["item"].map({x.id: i.id for i in instruments.values() for x in i.items})
    given = answer.assign(instrument=instrument)
    there = _look_up(given, ["participant_id", "wave", "instrument"], sets.assign(there=True), ["there"])["there"]
    found.where(there.isna() & instrument.notna(), "answer_without_set", "answer.item")
    allowed = {(x.id, v) for i in instruments.values() for x in i.items for v in x.values}
    found.where(instrument.notna() & answer["value"].notna() & ~_pairs(answer, "item", "value").isin(allowed), "not_on_scale", "answer.value")


def _pairs(frame: pd.DataFrame, first: str, second: str) -> pd.Series:
    return pd.Series(list(zip(frame[first], frame[second], strict=True)), index=frame.index, dtype=object)


def wave_windows_of(person: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the window of each person and wave, from the days of the person: participant_id, cohort_id, wave, opens, closes.

    The days are missing where the day that they are counted from is not known yet.
    """
    frames = []
    for wave, rule in contract.code_lists["wave"].attributes.items():
        anchor = "start" if "day_from_start_min" in rule else "exit"
        low, high = (int(rule[f"day_from_{anchor}_{end}"]) * DAY for end in ("min", "max"))
        days = {"wave": wave, "opens": person[f"{anchor}_date"] + low, "closes": person[f"{anchor}_date"] + high}
        frames.append(person[["participant_id", "cohort_id"]].assign(**days))
    return pd.concat(frames, ignore_index=True).astype({"wave": "str"})


def _outside_window(rows: pd.DataFrame, when: str, person: pd.DataFrame, contract: Contract) -> pd.Series:
    """Return which rows have a date, in the column `when`, outside the window of their person and wave."""
    windows = wave_windows_of(person.dropna(subset="participant_id").drop_duplicates("participant_id"), contract)
    window = _look_up(rows, ["participant_id", "wave"], windows, ["opens", "closes"])
    return (rows[when] < window["opens"]) | (rows[when] > window["closes"])


def _outcomes(tables: Tables, found: Found) -> None:
    outcome, criteria = tables["outcome"], tables["fair_work"]
    person = _look_up(outcome, "participant_id", tables["participant"], ["start_date", "exit_date"])
    unknown, reached = outcome["status"] == "unknown", outcome["reached"]
    found.where(~reached & outcome["status"].notna() & ~unknown, "status_but_not_reached", "outcome.status")
    found.where(reached & unknown, "reached_but_unknown", "outcome.status")
    found.where(person["exit_date"].isna() & outcome["participant_id"].isin(tables["participant"]["participant_id"]), "outcome_before_exit", "outcome.wave")
    late = (outcome["wave"] == "exit") & (outcome["obs_date"] > person["exit_date"] + ESF_EXIT_WINDOW)
    found.where(late, "late_for_esf", "outcome.obs_date", WARNING)
    outside = _outside_window(outcome, "obs_date", tables["participant"], found.contract)
    found.where(~late & outside, "outside_window", "outcome.obs_date", WARNING)

    status = _look_up(criteria, ["participant_id", "wave"], outcome, ["status"])["status"]
    paid = found.contract.code_lists["outcome_status"].codes_with("paid_work", "yes")
    found.where(status.notna() & ~status.isin(paid), "fair_work_without_work", "fair_work.criterion")
    counts = criteria.groupby(["participant_id", "wave"], as_index=False)["criterion"].nunique()
    asked = _look_up(outcome, ["participant_id", "wave"], counts, ["criterion"])["criterion"].fillna(0)
    incomplete = asked < len(found.contract.code_lists["fair_work_criterion"].codes)
    found.where(outcome["status"].isin(paid) & incomplete, "fair_work_incomplete", "outcome.status", WARNING)


_RULES = (_dangling_keys, _dates, _cohorts, _participants, _preferred_support, _sessions, _attendance, _answers, _outcomes)


def check_rules(tables: Tables, contract: Contract) -> list[Issue]:
    """Return what the cross-table rules find in typed tables."""
    found = Found(contract)
    for rule in _RULES:
        rule(tables, found)
    return found.issues
