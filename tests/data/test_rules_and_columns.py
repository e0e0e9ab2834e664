"""One mistake in sound data gives its issue, at its row and column, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from ikut_eval.contract.locale import CATALOGUES
from ikut_eval.contract.schema import Contract
from ikut_eval.data.issues import ERROR, WARNING, Report

Rows = dict[str, list[dict[str, str | None]]]
Change = Callable[[Rows], tuple[int, ...]]


def day(content: str | None, *, plus: int = 0) -> str:
    return (date.fromisoformat(str(content)) + timedelta(days=plus)).isoformat()


def place_of(rows: Rows, table: str, **like: str | None) -> int:
    """Return where the first row is that has these cells."""
    return next(n for n, row in enumerate(rows[table]) if all(row[k] == v for k, v in like.items()))


def edited(table: str, *, like: dict[str, str | None] | None = None, **new: str | None) -> Change:
    def change(rows: Rows) -> tuple[int, ...]:
        place = place_of(rows, table, **(like or {}))
        rows[table][place].update(new)
        return (place + 2,)

    return change


def added(rows: Rows, table: str, *, like: dict[str, str | None] | None = None, **new: str | None) -> int:
    """Copy the first row that is like this to the end, with new cells; return its row number."""
    rows[table].append({**rows[table][place_of(rows, table, **(like or {}))], **new})
    return len(rows[table]) + 1


def person(rows: Rows, number: int = 0) -> str | None:
    return rows["participant"][number]["participant_id"]


def newcomer(rows: Rows, **new: str | None) -> int:
    """Add somebody whom no other rule speaks of: on the individual track, with data not to be used."""
    return added(rows, "participant", **{"participant_id": "PNEW01", "track": "individual", "data_use_ok": "false", **new})


def joined(**new: str | None) -> Change:
    return lambda rows: (newcomer(rows, **new),)


def joined_early(rows: Rows, *, days: int) -> tuple[int, ...]:
    return (newcomer(rows, start_date=day(rows["cohort"][0]["start_date"], plus=-days)),)


def joined_late(rows: Rows) -> tuple[int, ...]:
    after = day(rows["cohort"][0]["end_date"], plus=1)
    return (newcomer(rows, start_date=after, exit_date=after),)


def left_before_start(rows: Rows) -> tuple[int, ...]:
    return (newcomer(rows, exit_date=day(rows["participant"][0]["start_date"], plus=-1)),)


def cohort_reversed(rows: Rows) -> tuple[int, ...]:
    first = rows["cohort"][0]
    return (added(rows, "cohort", cohort_id="C2", start_date=first["end_date"], end_date=first["start_date"]),)


def session_after_end(mode: str) -> Change:
    def change(rows: Rows) -> tuple[int, ...]:
        after = day(rows["cohort"][0]["end_date"], plus=1)
        return (added(rows, "session", like={"mode": mode, "status": "cancelled"}, session_id="X1", date=after),)

    return change


def refused_row(table: str) -> Change:
    def change(rows: Rows) -> tuple[int, ...]:
        newcomer(rows)
        return (added(rows, table, participant_id="PNEW01"),)

    return change


def refused_attendance(rows: Rows) -> tuple[int, ...]:
    newcomer(rows)
    added(rows, "session", like={"mode": "individual", "status": "held"}, session_id="X1")
    return (added(rows, "attendance", like={"status": "present"}, session_id="X1", participant_id="PNEW01"),)


def individual_in_group(rows: Rows) -> tuple[int, ...]:
    newcomer(rows, data_use_ok="true")
    return (added(rows, "attendance", like={"status": "present"}, participant_id="PNEW01"),)


def cancelled_with_attendance(rows: Rows) -> tuple[int, ...]:
    session = rows["session"][place_of(rows, "session", mode="group", status="cancelled")]["session_id"]
    return (added(rows, "attendance", like={"status": "present"}, session_id=session),)


def started_later(rows: Rows) -> tuple[int, ...]:
    first_day = day(rows["cohort"][0]["start_date"], plus=1)
    rows["participant"][0]["start_date"] = first_day
    early = {row["session_id"] for row in rows["session"] if str(row["date"]) < first_day}
    return tuple(n for n, row in enumerate(rows["attendance"], start=2) if row["participant_id"] == person(rows) and row["session_id"] in early)


def other_cohort(rows: Rows) -> tuple[int, ...]:
    added(rows, "cohort", cohort_id="C2")
    added(rows, "session", like={"mode": "individual", "status": "held"}, session_id="X1", cohort_id="C2")
    return (added(rows, "attendance", like={"status": "present"}, session_id="X1"),)


def two_in_individual(rows: Rows) -> tuple[int, ...]:
    single = {row["session_id"] for row in rows["session"] if row["mode"] == "individual"}
    place = next(n for n, row in enumerate(rows["attendance"]) if row["session_id"] in single and row["participant_id"] == person(rows))
    session = rows["attendance"][place]["session_id"]
    return (place + 2, added(rows, "attendance", like={"status": "present"}, session_id=session, participant_id=person(rows, 1)))


def register_gap(mode: str) -> Change:
    def change(rows: Rows) -> tuple[int, ...]:
        sessions = {row["session_id"]: n for n, row in enumerate(rows["session"], start=2) if row["mode"] == mode}
        place = next(n for n, row in enumerate(rows["attendance"]) if row["session_id"] in sessions)
        return (sessions[rows["attendance"].pop(place)["session_id"]],)

    return change


def answered_between(rows: Rows) -> tuple[int, ...]:
    when = day(rows["participant"][0]["start_date"], plus=30)
    return (added(rows, "answer_set", like={"instrument": "rights_awareness"}, wave="mid", date=when),)


def answers_moved(days: int) -> Change:
    def change(rows: Rows) -> tuple[int, ...]:
        place = place_of(rows, "answer_set", wave="start", participant_id=person(rows))
        rows["answer_set"][place]["date"] = day(rows["participant"][0]["start_date"], plus=days)
        return (place + 2,)

    return change


def outcome_moved(wave: str, days: int) -> Change:
    def change(rows: Rows) -> tuple[int, ...]:
        place = place_of(rows, "outcome", wave=wave, participant_id=person(rows))
        rows["outcome"][place]["obs_date"] = day(rows["participant"][0]["exit_date"], plus=days)
        return (place + 2,)

    return change


def outcome_while_ongoing(rows: Rows) -> tuple[int, ...]:
    newcomer(rows, exit_type="ongoing", exit_date=None)
    return (added(rows, "outcome", like={"status": "jobseeking"}, participant_id="PNEW01"),)


def fair_work_of_jobseeker(rows: Rows) -> tuple[int, ...]:
    at = rows["outcome"][place_of(rows, "outcome", status="jobseeking")]
    return (added(rows, "fair_work", participant_id=at["participant_id"], wave=at["wave"]),)


def fair_work_missing_one(rows: Rows) -> tuple[int, ...]:
    at = rows["fair_work"].pop()
    return (place_of(rows, "outcome", participant_id=at["participant_id"], wave=at["wave"]) + 2,)


def answer_of_no_set(rows: Rows) -> tuple[int, ...]:
    return (added(rows, "answer", like={"item": "R01"}, wave="m12"),)


@dataclass(frozen=True)
class Mistake:
    """What is changed, and the one issue that it must give. `with_it` names issues that cannot but come along."""

    code: str
    table: str
    column: str | None
    change: Change
    severity: str = ERROR
    with_it: frozenset[str] = frozenset()
    id: str = ""


HELD_GROUP: dict[str, str | None] = {"mode": "group", "status": "held"}
PRESENT: dict[str, str | None] = {"status": "present"}
NOT_WORKING: dict[str, str | None] = {"status": "jobseeking"}
CANCELLED: dict[str, str | None] = {"status": "cancelled"}
NO_PEOPLE = frozenset({"cohort_without_participants"})

MISTAKES = [
    Mistake("required", "session", "place", edited("session", place=None)),
    Mistake(
        "in_the_future",
        "session",
        "date",
        edited("session", like=HELD_GROUP, date="2221-09-08"),
        with_it=frozenset({"session_outside_cohort", "attendance_outside_dates"}),
    ),
    Mistake("in_the_future", "answer_set", "date", edited("answer_set", date="2221-09-08"), with_it=frozenset({"outside_window"}), id="in_the_future-answers"),
    Mistake("id_like_a_name", "participant", "participant_id", joined(participant_id="PEKKA"), WARNING),
    Mistake("id_like_a_date", "participant", "participant_id", joined(participant_id="P010190"), WARNING),
    Mistake("required", "cohort", "emphasis", edited("cohort", emphasis=None), id="required-code"),
    Mistake("not_a_code", "attendance", "status", edited("attendance", like=PRESENT, status="here")),
    Mistake("not_a_code", "need", "wave", edited("need", like={"wave": "start"}, wave="m3"), id="code-of-the-list-but-not-of-the-column"),
    Mistake("not_a_listed_code", "answer", "item", edited("answer", item="Z99")),
    Mistake("wrong_pattern", "session", "session_id", edited("session", like=CANCELLED, session_id="a b")),
    Mistake("wrong_pattern", "participant", "participant_id", joined(participant_id="p1"), id="wrong_pattern-participant"),
    Mistake("too_small", "session", "hours", edited("session", hours="0.1")),
    Mistake("too_small", "cohort_plan", "planned_hours", edited("cohort_plan", planned_hours="-1"), id="too_small-negative"),
    Mistake("too_large", "session", "hours", edited("session", hours="8.25")),
    Mistake("too_large", "need", "level", edited("need", level="4"), id="too_large-level"),
    Mistake("too_large", "support_after", "month", edited("support_after", month="13"), id="too_large-month"),
    Mistake("too_large", "attendance", "minutes_late", edited("attendance", like={"status": "late"}, minutes_late="481"), id="too_large-minutes"),
    Mistake("not_a_number", "session", "hours", edited("session", hours="two")),
    Mistake("not_an_integer", "session", "week", edited("session", week="1.5")),
    Mistake("not_an_integer", "session", "week", edited("session", week="9" * 30), id="not_an_integer-beyond-all-limits"),
    Mistake("not_a_date", "session", "date", edited("session", date="31.11.2022")),
    Mistake("not_a_date", "session", "date", edited("session", date="²²²²²"), id="not_a_date-superscripts"),
    Mistake("not_a_date", "session", "date", edited("session", date="1" * 5000), id="not_a_date-endless-digits"),
    Mistake("not_yes_or_no", "participant", "data_use_ok", edited("participant", data_use_ok="maybe")),
    Mistake("date_as_number", "session", "date", edited("session", like=HELD_GROUP, date="44592"), WARNING),
    Mistake("duplicate_key", "attendance", None, lambda rows: (added(rows, "attendance", like=PRESENT),)),
    Mistake("duplicate_key", "target", "indicator", lambda rows: (added(rows, "target"),), id="duplicate_key-of-one-column"),
    Mistake("dangling_key", "cohort_plan", "cohort_id", edited("cohort_plan", cohort_id="C9")),
    Mistake("dangling_key", "attendance", "participant_id", lambda rows: (added(rows, "attendance", participant_id="PZZZZ"),), id="dangling_key-person"),
    Mistake("dangling_key", "attendance", "session_id", lambda rows: (added(rows, "attendance", session_id="Z1"),), id="dangling_key-session"),
    Mistake("dangling_key", "fair_work", "participant_id", lambda rows: (added(rows, "fair_work", wave="m12"),), id="dangling_key-of-two-columns"),
    Mistake("ends_before_start", "cohort", "end_date", cohort_reversed, with_it=NO_PEOPLE),
    Mistake("max_below_min", "cohort", "planned_group_hours_week_max", edited("cohort", planned_group_hours_week_max="5")),
    Mistake("cohort_without_participants", "cohort", "cohort_id", lambda rows: (added(rows, "cohort", cohort_id="C2"),), WARNING),
    Mistake("ends_before_start", "participant", "exit_date", left_before_start, id="ends_before_start-person"),
    Mistake("ongoing_with_exit", "participant", "exit_type", joined(exit_type="ongoing")),
    Mistake("long_ongoing", "participant", "exit_type", joined(exit_type="ongoing", exit_date=None), WARNING),
    Mistake("exit_without_date", "participant", "exit_date", joined(exit_date=None)),
    Mistake("start_outside_cohort", "participant", "start_date", lambda rows: joined_early(rows, days=61), id="start_outside_cohort-early"),
    Mistake("start_outside_cohort", "participant", "start_date", joined_late, id="start_outside_cohort-late"),
    Mistake("withdrew_but_usable", "participant", "data_use_ok", edited("participant", exit_type="withdrew_data")),
    Mistake("without_answers", "participant", "participant_id", joined(data_use_ok="true"), WARNING),
    Mistake("data_use_refused", "attendance", "participant_id", refused_attendance, WARNING, id="data_use_refused-attendance"),
    Mistake("data_use_refused", "need", "participant_id", refused_row("need"), WARNING, id="data_use_refused-need"),
    Mistake("data_use_refused", "preferred_support", "participant_id", refused_row("preferred_support"), WARNING, id="data_use_refused-wishes"),
    Mistake("data_use_refused", "answer_set", "participant_id", refused_row("answer_set"), WARNING, id="data_use_refused-answers"),
    Mistake("data_use_refused", "support_after", "participant_id", refused_row("support_after"), WARNING, id="data_use_refused-support"),
    Mistake("rank_twice", "preferred_support", "rank", edited("preferred_support", like={"rank": "2"}, rank="1")),
    Mistake("session_outside_cohort", "session", "date", session_after_end("group")),
    Mistake("session_outside_cohort", "session", "date", session_after_end("individual"), WARNING, id="session_outside_cohort-individual"),
    Mistake("week_beyond_plan", "session", "week", edited("session", week="11")),
    Mistake("week_missing", "session", "week", edited("session", like=HELD_GROUP, week=None), WARNING),
    Mistake("unusual_mode", "session", "mode", edited("session", like={**CANCELLED, "mode": "individual"}, session_type="it"), WARNING),
    Mistake("minutes_without_late", "attendance", "minutes_late", edited("attendance", like=PRESENT, minutes_late="5")),
    Mistake("reason_without_absence", "attendance", "reason", edited("attendance", like=PRESENT, reason="health")),
    Mistake("excused_without_reason", "attendance", "reason", edited("attendance", like=PRESENT, status="excused")),
    Mistake("individual_in_group", "attendance", "participant_id", individual_in_group, with_it=frozenset({"without_answers"})),
    Mistake("cancelled_with_attendance", "attendance", "session_id", cancelled_with_attendance),
    Mistake("attendance_outside_dates", "attendance", "participant_id", started_later),
    Mistake("other_cohort", "attendance", "participant_id", other_cohort, WARNING, with_it=NO_PEOPLE),
    Mistake("several_in_individual", "attendance", "session_id", two_in_individual),
    Mistake("register_gap", "session", None, register_gap("group"), WARNING),
    Mistake("register_gap", "session", None, register_gap("individual"), WARNING, id="register_gap-individual"),
    Mistake("outside_window", "answer_set", "date", answers_moved(15), WARNING, id="outside_window-answers"),
    Mistake("outside_window", "outcome", "obs_date", outcome_moved("m6", 213), WARNING, id="outside_window-outcome"),
    Mistake("other_version", "answer_set", "version", edited("answer_set", version="0.9"), WARNING),
    Mistake("not_asked_then", "answer_set", "wave", answered_between, WARNING),
    Mistake("answer_without_set", "answer", "item", answer_of_no_set),
    Mistake("not_on_scale", "answer", "value", edited("answer", like={"item": "R01"}, value="6")),
    Mistake("not_on_scale", "answer", "value", edited("answer", like={"item": "R01"}, value="true"), id="not_on_scale-of-another-scale"),
    Mistake("status_but_not_reached", "outcome", "status", edited("outcome", like=NOT_WORKING, reached="false")),
    Mistake("reached_but_unknown", "outcome", "status", edited("outcome", like=NOT_WORKING, status="unknown")),
    Mistake("outcome_before_exit", "outcome", "wave", outcome_while_ongoing, with_it=frozenset({"long_ongoing"})),
    Mistake("late_for_esf", "outcome", "obs_date", outcome_moved("exit", 29), WARNING),
    Mistake("fair_work_without_work", "fair_work", "criterion", fair_work_of_jobseeker),
    Mistake("fair_work_incomplete", "outcome", "status", fair_work_missing_one, WARNING),
]


def found_in(report: Report, contract: Contract) -> list[tuple[str, str, str, str | None, tuple[int, ...]]]:
    """Return severity, code, table, column and rows of each issue, in the contract's names."""
    tables = {str(t.labels): t for t in contract.tables.values()}
    found = []
    for issue in report.issues:
        table = tables[str(issue.sheet)]
        column = next((f.name for f in table.fields if f.labels == issue.column), None)
        found.append((issue.severity, issue.code, table.name, column, issue.rows))
    return found


@pytest.mark.parametrize("mistake", [pytest.param(m, id=m.id or m.code) for m in MISTAKES])
def test_one_mistake_gives_its_issue_and_no_other(mistake: Mistake, rows: Rows, check: Callable[[Rows], Report], contract: Contract) -> None:
    where = mistake.change(rows)
    found = [issue for issue in found_in(check(rows), contract) if issue[1] not in mistake.with_it]
    assert found == [(mistake.severity, mistake.code, mistake.table, mistake.column, where)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda rows: None, id="untouched"),
        pytest.param(lambda rows: joined_early(rows, days=60), id="joined-sixty-days-before"),
        pytest.param(outcome_moved("exit", 28), id="noted-on-the-last-esf-day"),
        pytest.param(outcome_moved("m6", 212), id="noted-on-the-last-day-of-the-window"),
        pytest.param(answers_moved(14), id="answered-on-the-last-day-of-the-window"),
        pytest.param(edited("session", hours="8"), id="longest-session"),
        pytest.param(edited("session", like={**CANCELLED, "mode": "individual"}, session_type="other"), id="type-of-any-mode"),
        pytest.param(edited("answer", like={"item": "R01"}, value="\u22127"), id="typographic-minus"),
        pytest.param(edited("attendance", like={"status": "absent_unnotified", "reason": None}, reason="time"), id="reason-of-an-absence"),
        pytest.param(lambda rows: rows.pop("target"), id="optional-table-left-out"),
    ],
)
def test_what_is_just_allowed_gives_no_issue(change: Callable[[Rows], object], rows: Rows, check: Callable[[Rows], Report]) -> None:
    change(rows)
    assert check(rows).issues == ()


def test_every_key_to_another_table_is_followed(rows: Rows, check: Callable[[Rows], Report], contract: Contract) -> None:
    keys = [(table.name, key.fields[0]) for table in contract.main_tables for key in table.foreign_keys]
    wanted = {(table, column, added(rows, table, **{column: "PGONE"})) for table, column in keys}
    found = {(table, column, row) for _, code, table, column, where in found_in(check(rows), contract) if code == "dangling_key" for row in where}
    assert len(wanted) == len(keys)
    assert found == wanted


def test_every_required_cell_is_required(rows: Rows, check: Callable[[Rows], Report], contract: Contract) -> None:
    wanted = {(table.name, f.name) for table in contract.main_tables for f in table.fields if f.required}
    for table, column in wanted:
        rows[table][0][column] = None
    found = {(table, column) for _, code, table, column, where in found_in(check(rows), contract) if (code, where) == ("required", (2,))}
    assert found == wanted


def test_all_problems_are_listed_at_once(rows: Rows, check: Callable[[Rows], Report], contract: Contract) -> None:
    at_once = ("not_an_integer", "too_small-negative", "too_large-level", "max_below_min", "rank_twice", "other_version", "status_but_not_reached")
    mistakes = [m for m in MISTAKES if (m.id or m.code) in at_once]
    wanted = [(m.severity, m.code, m.table, m.column, m.change(rows)) for m in mistakes]
    assert len(wanted) == len(at_once)
    assert sorted(found_in(check(rows), contract)) == sorted(wanted)


def test_errors_come_before_warnings(rows: Rows, check: Callable[[Rows], Report]) -> None:
    edited("session", like=HELD_GROUP, week=None)(rows)
    edited("session", hours="9")(rows)
    assert [i.severity for i in check(rows).issues] == [ERROR, WARNING]


def test_warnings_leave_the_data_sound(rows: Rows, check: Callable[[Rows], Report]) -> None:
    edited("session", like=HELD_GROUP, week=None)(rows)
    assert check(rows).ok


def test_every_row_of_a_mistake_is_named(rows: Rows, check: Callable[[Rows], Report]) -> None:
    for row in rows["session"][:4]:
        row["place"] = None
    assert check(rows).to_frame("en").loc[0, "rows"] == "2–5"


def test_unreadable_cell_is_not_called_empty_as_well(rows: Rows, check: Callable[[Rows], Report]) -> None:
    rows["session"][0]["date"] = "soon"
    rows["session"][1]["date"] = None
    assert [(i.code, i.rows) for i in check(rows).issues if i.column] == [("not_a_date", (2,)), ("required", (3,))]


def test_every_issue_of_the_catalogue_has_a_test_here() -> None:
    codes = {line.split(".")[1] for line in (CATALOGUES / "en.po").read_text(encoding="utf-8").splitlines() if line.startswith('msgid "issue.')}
    tests = "".join(path.read_text(encoding="utf-8") for folder in ("data", "field") for path in (Path(__file__).parent.parent / folder).glob("test_*.py"))
    assert {code for code in codes if f'"{code}"' not in tests} == set()
