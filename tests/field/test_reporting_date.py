"""What is not yet, due, late or not asked follows from one reporting date.

`20_running_training.xlsx`: a cohort of four, ten weeks from 9.11.2026 to 15.1.2027, with the register of weeks 1 and 2.
PX4ZT left on 20.11.2026; the other three go on. Five group sessions of 2.5 hours a week: 12.5 hours.
"""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.batch.job import run_job
from ikut_eval.batch.plan import inputs_of
from ikut_eval.contract.errors import ConfigurationError, UsageError
from ikut_eval.contract.locale import LANGUAGES, day, text
from ikut_eval.data.pilot import PilotData
from ikut_eval.data.workspace import SETTINGS, Workspace, create_workspace, open_workspace
from ikut_eval.release.group_figures import is_closed
from ikut_eval.release.internal import build_internal
from ikut_eval.release.publication import draft_release
from ikut_eval.release.store import read_bundle
from tests.conftest import ikut_eval
from tests.field.conftest import INPUTS
from tests.measures.conftest import A, B, Build, counts

RUNNING = INPUTS / "20_running_training.xlsx"
TWO_WEEKS = date(2026, 11, 28)


@pytest.fixture(scope="module")
def running() -> PilotData:
    return ikut.read_pilot(RUNNING, date=TWO_WEEKS)


def hours(pilot: PilotData) -> list[float | None]:
    return [None if pd.isna(v) else float(v) for v in ikut.weekly_group_hours(pilot)["numerator"]]


def test_two_weeks_of_two_and_eight_not_yet(running: PilotData) -> None:
    weekly = ikut.weekly_group_hours(running)
    assert hours(running) == [12.5, 12.5, *[None] * 8]
    assert list(weekly["n_not_yet"]) == [0, 0, *[1] * 8]
    assert ikut.plot_weekly_hours(weekly, language="en").sentence.splitlines() == [
        "C1: in 2 of 2 weeks, at least the planned minimum of 12 group hours was delivered.",
        "8 weeks are still to come.",
    ]


def test_nothing_after_week_two_has_a_value(running: PilotData) -> None:
    for table in (ikut.attendance_rate(running, by="week"), ikut.group_viability(running, by="week"), ikut.late_share(running, by="week")):
        later = table[~table["group"].isin(["1", "2"])]
        assert later["value"].isna().all()
        assert set(later["n_not_yet"]) == {1}
    row = ikut.plot_weekly_attendance(ikut.attendance_rate(running, by="week"), language="fi").cells[0]
    assert row[3:] == ["ei vielä"] * 8


def test_staying_ends_where_the_date_does(running: PilotData) -> None:
    """One of four left on day 11 of the group; after week 2 three of four are there, and of week 3 nothing is known."""
    staying = ikut.time_in_training(ikut.weeks_in_training(running)).to_frame()
    assert list(zip(staying["week"], staying["share"], strict=True)) == [(1, 1.0), (2, 0.75)]


@pytest.mark.parametrize(
    ("when", "shown", "not_yet", "over"),
    [
        pytest.param("2026-11-01", [], 10, 0, id="before the start"),
        pytest.param("2026-11-11", [7.5], 9, 0, id="a Wednesday: three sessions so far"),
        pytest.param("2026-11-22", [12.5, 12.5], 8, 2, id="the Sunday of week 2"),
        pytest.param("2026-12-06", [12.5, 12.5], 6, 4, id="weeks 3 and 4 have passed without an entry"),
        pytest.param("2027-01-15", [12.5, 12.5], 0, 10, id="the last day"),
        pytest.param("2028-01-01", [12.5, 12.5], 0, 10, id="long after"),
    ],
)
def test_weeks_at_any_date(when: str, shown: list[float], not_yet: int, over: int) -> None:
    """A week that has passed without an entry has no hours, and never 0: nobody knows."""
    pilot = ikut.read_pilot(RUNNING, date=when)
    weekly = ikut.weekly_group_hours(pilot)
    assert [v for v in hours(pilot) if v is not None] == shown
    assert int(weekly["n_not_yet"].sum()) == not_yet
    assert int(weekly["denominator"].notna().sum()) == over
    words = [row[1] for row in ikut.plot_weekly_hours(weekly, language="en").cells]
    assert words.count("not yet") == not_yet
    assert words.count("no entries") == 10 - not_yet - len(shown)


def test_item_table_of_a_wave_that_is_not_due_misses_nobody(running: PilotData) -> None:
    table = ikut.item_agreement(running, "rights_awareness")
    assert (set(table["n_missing"]), set(table["n_not_yet"])) == ({0}, {4})
    assert ikut.item_shift(ikut.item_answers(running, "rights_awareness")).rows[0]["n_missing"] == 0
    for needs in (ikut.need_level(running, wave="exit"), ikut.needs_met(running), ikut.preferred_support(running, wave="exit")):
        assert set(needs["n_missing"]) == {0}


@pytest.mark.parametrize(
    ("when", "states"),
    [
        pytest.param("2026-12-18", ["due", "not_yet", "not_yet", "not_yet"], id="the window of the end is open: 13.11. to 18.12."),
        pytest.param("2026-12-19", ["overdue", "not_yet", "not_yet", "not_yet"], id="and closed"),
        pytest.param("2027-03-22", ["overdue", "overdue", "not_yet", "not_yet"], id="three months: 4.2. to 21.3."),
        pytest.param("2027-06-20", ["overdue", "overdue", "due", "not_yet"], id="six months: 6.5. to 20.6."),
        pytest.param("2027-06-21", ["overdue", "overdue", "overdue", "not_yet"], id="a day later"),
        pytest.param("2027-12-21", ["overdue"] * 4, id="twelve months: 21.10. to 20.12."),
    ],
)
def test_follow_ups_of_the_one_who_left(when: str, states: list[str]) -> None:
    """PX4ZT left on 20.11.2026 and is on row 4; nothing was entered afterwards."""
    due = ikut.follow_ups_due(ikut.read_pilot(RUNNING, date=when))
    assert list(due.loc[due["row"] == 4, "state"]) == states
    assert set(due.loc[due["row"] != 4, "state"]) == {"not_yet"}


def test_twelve_forgotten_follow_ups_were_not_asked(build: Build) -> None:
    """Three left on 12.11.2021 and nobody was ever asked: two years later all twelve follow-ups are late, none is too early."""
    pilot = build(participant=[A, B, "P000C"], today=date(2023, 11, 12))
    assert list(ikut.follow_ups_due(pilot)["state"]) == ["overdue"] * 12
    bounds = ikut.outcome_bounds(pilot, "in_work", at="m6")
    assert counts(bounds, "denominator", "at_least", "at_most", "n_not_yet", "n_not_asked") == [(3, 0, 3, 0, 3)]
    for language, words in (("fi", "ei kysytty"), ("sv", "frågan ställdes inte"), ("en", "not asked")):
        assert ikut.plot_outcomes(bounds, language=language).cells[0][3] == words
        assert [row[2] for row in ikut.plot_reach(ikut.follow_up_reach(pilot), language=language).cells] == [words] * 4


def test_not_asked_is_apart_from_not_reached(build: Build) -> None:
    outcome = [{"participant_id": A, "wave": "m6", "status": "unknown", "reached": "false", "obs_date": "2022-05-01"}]
    people = ikut.situation(build(outcome=outcome, today=date(2022, 7, 1)), at="m6").set_index("participant_id")
    assert (people.loc[A, "state"], people.loc[B, "state"]) == ("not_reached", "not_asked")


def test_what_is_dated_later_is_left_out() -> None:
    """On 11.11. PX4ZT was still there, three of five group sessions of week 1 had been held, and all four had answered."""
    pilot = ikut.read_pilot(RUNNING, date="11.11.2026")
    assert set(pilot["participant"]["exit_type"]) == {"ongoing"}
    assert pilot["participant"]["exit_date"].isna().all()
    assert pilot["session"]["date"].max() == pd.Timestamp(2026, 11, 11)
    assert set(pilot["attendance"]["session_id"]) <= set(pilot["session"]["session_id"])
    assert pilot["answer"]["participant_id"].nunique() == 4
    assert len(ikut.read_pilot(RUNNING, date="8.11.2026")["answer"]) == 0


def test_synthetic_data_has_its_own_date_and_real_data_today() -> None:
    assert ikut.read_pilot("synthetic").reporting_date == ikut.read_pilot("synthetic", date="").reporting_date
    assert ikut.read_pilot("synthetic").reporting_date < date(2023, 3, 1)
    assert ikut.read_pilot(RUNNING).reporting_date == date.today()


def test_word_that_is_no_date_is_refused() -> None:
    for words in ("tomorrow", "2026-13-01", "31.2.2026"):
        with pytest.raises(UsageError) as refusal:
            ikut.read_pilot("synthetic", date=words)
        assert all(words not in refusal.value.message(language) for language in LANGUAGES)


def running_workspace(folder: Path, more: str = "") -> Workspace:
    create_workspace(folder, language="fi", languages=("fi",), data=str(RUNNING))
    settings = folder / SETTINGS
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    return open_workspace(folder)


@pytest.mark.parametrize("written", ["2026-11-28", '"2026-11-28"'])
def test_date_of_the_workspace(tmp_path: Path, written: str) -> None:
    assert running_workspace(tmp_path / "space").report_date is None
    assert running_workspace(tmp_path / "dated", f"[report]\ndate = {written}\n").report_date == TWO_WEEKS


@pytest.mark.parametrize("lines", ["date = 28", 'date = "28.11."', 'day = "2026-11-28"'])
def test_wrong_date_of_the_workspace_names_the_key(tmp_path: Path, lines: str) -> None:
    with pytest.raises(ConfigurationError, match=r"report\."):
        running_workspace(tmp_path / "space", f"[report]\n{lines}\n")


def test_command_line_goes_before_the_workspace(tmp_path: Path) -> None:
    running_workspace(tmp_path / "space", "[report]\ndate = 2026-11-28\n")
    assert ikut_eval("due", "-w", tmp_path / "space").stdout.startswith(text("due.on", "fi", day=day(TWO_WEEKS, "fi")))
    later = ikut_eval("due", "-w", tmp_path / "space", "--date", "19.12.2026").stdout
    assert later.startswith(text("due.on", "fi", day="19.12.2026"))
    assert "18.12.2026" in later


def inputs(folder: Path, when: str) -> list[dict[str, object]]:
    """Return what each report would be made from on a day."""
    space = running_workspace(folder, f"[report]\ndate = {when}\n") if not folder.exists() else open_workspace(folder)
    settings = space.settings.read_text(encoding="utf-8").splitlines()
    dated = [f"date = {when}" if line.startswith("date = ") else line for line in settings]
    space.settings.write_text("\n".join(dated) + "\n", encoding="utf-8")
    job = run_job(open_workspace(folder), dry_run=True)
    assert job.reporting_date == date.fromisoformat(when)
    assert {run.parameters["date"] for run in job.reports if "date" in run.parameters} == {when}
    return [inputs_of(run, {"data": job.data_digest, "due": job.due}, {}) for run in job.reports]


def test_reports_are_made_again_only_when_something_has_become_due(tmp_path: Path) -> None:
    """Nothing becomes due from Monday 23.11. to Saturday 28.11.; on Sunday 29.11. week 3 is over."""
    folder = tmp_path / "space"
    monday = inputs(folder, "2026-11-23")
    kept = json.loads((folder / "runs" / "cohorts.json").read_text(encoding="utf-8"))
    assert inputs(folder, "2026-11-28") == monday
    assert json.loads((folder / "runs" / "cohorts.json").read_text(encoding="utf-8")) == kept
    assert inputs(folder, "2026-11-29") != monday
    assert inputs(folder, "2026-11-22") != monday
    assert inputs(folder, "2026-11-25") == monday
    assert "2026-11-20" not in json.dumps([kept, monday])


def test_internal_bundle_and_pages_show_the_date(tmp_path: Path) -> None:
    from ikut_eval.dashboard.pages import page_of

    build_internal(ikut.read_pilot(RUNNING, date=TWO_WEEKS), tmp_path / "bundle", about={}, plan=ikut.AnalysisPlan())
    bundle = read_bundle(tmp_path / "bundle", audience="internal")
    assert bundle.data_date == TWO_WEEKS
    for language in LANGUAGES:
        page = page_of(bundle, "attendance", language=language)
        assert day(TWO_WEEKS, language) in page.about
        hours = next(section for section in page.sections if section.name == "hours").panels[()]
        assert hours.table["C1"].tolist()[-8:] == [text("not_yet", language)] * 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_title_shows_the_date(running: PilotData, language: str) -> None:
    assert day(TWO_WEEKS, language) in repr(ikut.title(running, "cohort_report", language=language))


def test_nothing_is_released_for_a_day_to_come(tmp_path: Path) -> None:
    space = running_workspace(tmp_path / "space", "[public]\ncohort_sizes = [4]\n")
    ahead = ikut.read_pilot(RUNNING, date=date(date.today().year + 3, 1, 1))
    with pytest.raises(UsageError, match="future"):
        draft_release(space, ahead, author="anybody")


def test_group_closes_by_the_date_not_by_the_latest_entry(build: Build) -> None:
    """Everybody left on 12.11.2021 and nothing was entered after it: nobody can answer after 12.6.2022, and the group is closed."""
    assert not is_closed(build(today=date(2022, 6, 12)), ["C1"], "m6")
    assert is_closed(build(today=date(2022, 6, 13)), ["C1"], "m6")
