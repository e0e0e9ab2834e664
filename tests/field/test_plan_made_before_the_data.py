"""A plan is printed with the day on which it was recorded, and with how many had answered its outcome by then.

The data of these workspaces are people of cohort C1 who answered rights awareness at the start, and some of them at the end.
"""

import json
import shutil
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import ikut_eval as ikut
from ikut_eval.batch.job import run_job
from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.locale import LANGUAGES, day, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.workspace import DEFAULT_PLAN, PLANS, SETTINGS, analysis_plan, create_workspace, open_workspace
from ikut_eval.data.writing import write_csv_folder
from tests.conftest import ikut_eval

TODAY = date.today()


def workspace(folder: Path) -> Path:
    """Return a new workspace whose data is not there yet."""
    create_workspace(folder, language="en", languages=("en",), data="data/pilot")
    return folder


def fill_in(folder: Path, at_the_end: int) -> None:
    """Write the data, with the end answers of that many people to rights awareness."""
    rows = synthetic_rows(load_contract())
    people = sorted({row["participant_id"] for row in rows["answer_set"] if (row["instrument"], row["wave"]) == ("rights_awareness", "exit")}, key=str)
    gone = set(people[at_the_end:])
    rows["answer_set"] = [r for r in rows["answer_set"] if not (r["instrument"] == "rights_awareness" and r["wave"] == "exit" and r["participant_id"] in gone)]
    rows["answer"] = [r for r in rows["answer"] if not (str(r["item"]).startswith("R") and r["wave"] == "exit" and r["participant_id"] in gone)]
    shutil.rmtree(folder / "data" / "pilot", ignore_errors=True)
    write_csv_folder(folder / "data" / "pilot", load_contract(), rows, language="en")


def change(folder: Path, old: str, new: str) -> None:
    written = (folder / SETTINGS).read_text(encoding="utf-8")
    assert old in written
    (folder / SETTINGS).write_text(written.replace(old, new), encoding="utf-8")


def run(folder: Path) -> None:
    """Begin a run; no notebook is executed before the first result is asked for."""
    run_job(open_workspace(folder))


def in_force(folder: Path) -> AnalysisPlan:
    return analysis_plan(str(folder / SETTINGS))


def said(folder: Path, language: str = "en") -> str:
    return repr(ikut.say_plan(in_force(folder), language=language))


def test_suggestion_is_no_plan_until_it_is_confirmed(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "space")
    fill_in(folder, 0)
    run(folder)
    assert in_force(folder) == AnalysisPlan()
    assert said(folder) == text("note.no_plan", "en")
    done = ikut_eval("plan", "-w", folder)
    assert (done.returncode, in_force(folder)) == (0, DEFAULT_PLAN)
    assert done.stdout.startswith(f"Plan of {day(TODAY, 'en')}, made before any answer at “End” ({DEFAULT_PLAN.digest[:12]}).")
    assert in_force(folder).made.before_answers


def test_confirmed_before_there_is_any_data(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "space")
    assert ikut_eval("plan", "-w", folder).returncode == 0
    fill_in(folder, 12)
    run(folder)
    assert (in_force(folder).made.day, in_force(folder).made.answers) == (TODAY, 0)


def test_own_plan_is_recorded_by_the_first_run(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "space")
    change(folder, "smallest_change = 0.25", "smallest_change = 0.5")
    fill_in(folder, 4)
    assert in_force(folder).made.day is None
    run_job(open_workspace(folder), dry_run=True)
    assert in_force(folder).made.day is None
    run(folder)
    assert (in_force(folder).made.day, in_force(folder).made.answers) == (TODAY, 4)
    assert said(folder).startswith(f"Plan of {day(TODAY, 'en')}, made after 4 answers at “End”")
    assert said(folder).endswith(text("plan.all", "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_plan_changed_after_four_answers_tells_the_first(tmp_path: Path, language: str) -> None:
    folder = workspace(tmp_path / "space")
    ikut_eval("plan", "-w", folder)
    fill_in(folder, 4)
    change(folder, "alpha = 0.05", "alpha = 0.2")
    run(folder)
    plan, words = in_force(folder), said(folder, language)
    end = {"fi": "Loppu", "sv": "Slut", "en": "End"}[language]
    assert words.startswith(text("plan.changed", language, day=day(TODAY, language), n=4, end=end, digest=plan.digest[:12]))
    assert plan.made.first == DEFAULT_PLAN
    first = words.split(DEFAULT_PLAN.digest[:12])[1]
    assert text("plan.two", language) in first
    assert not plan.covers(made_change())


@cache
def made_change() -> object:
    pilot = ikut.read_pilot("synthetic")
    return ikut.paired_change(ikut.scale_scores(pilot, "rights_awareness"))


def test_planned_is_said_only_of_a_plan_made_before_the_answers(tmp_path: Path) -> None:
    early, late = workspace(tmp_path / "early"), workspace(tmp_path / "late")
    ikut_eval("plan", "-w", early)
    for folder in (early, late):
        fill_in(folder, 4)
        ikut_eval("plan", "-w", folder)
    assert in_force(early).covers(made_change())
    assert not in_force(late).covers(made_change())
    whole = made_change()
    rows = [ikut.plot_mean_change([whole], plan=in_force(folder), language="en").cells[0][-1] for folder in (early, late)]
    assert rows == [text("plan.planned", "en"), text("plan.exploratory", "en")]


def test_change_before_any_answer_is_the_plan(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "space")
    ikut_eval("plan", "-w", folder)
    change(folder, "alpha = 0.05", "alpha = 0.1")
    fill_in(folder, 0)
    run(folder)
    assert said(folder).startswith(f"Plan of {day(TODAY, 'en')}, made before any answer")


def test_run_that_changes_nothing_adds_no_line(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "space")
    ikut_eval("plan", "-w", folder)
    fill_in(folder, 4)
    before = (folder / PLANS).read_bytes()
    run(folder)
    ikut_eval("plan", "-w", folder)
    assert (folder / PLANS).read_bytes() == before
    change(folder, "alpha = 0.05", "alpha = 0.1")
    run(folder)
    assert (folder / PLANS).read_bytes().startswith(before)


def test_early_date_does_not_make_a_late_plan_early(tmp_path: Path) -> None:
    """Answers count whatever the reporting date of the reports is."""
    folder = workspace(tmp_path / "space")
    fill_in(folder, 4)
    change(folder, "# [report]", "[report]\ndate = 2021-09-01\n#")
    ikut_eval("plan", "-w", folder)
    assert in_force(folder).made.answers == 4


LOSSES = {
    "the record is gone": lambda file: file.unlink(),
    "its first line is gone": lambda file: file.write_text("".join(file.read_text().splitlines(keepends=True)[1:])),
    "a line was edited": lambda file: file.write_text(file.read_text().replace('"answers": 4', '"answers": 0')),
    "a day was edited": lambda file: file.write_text(file.read_text().replace(TODAY.isoformat(), "2020-01-01", 1)),
    "half a line is left": lambda file: file.write_text(file.read_text()[:-40]),
    "no JSON": lambda file: file.write_text("lost"),
    "bytes": lambda file: file.write_bytes(b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_lost_record_is_said_to_be_lost(tmp_path: Path, loss: object) -> None:
    """Also after further runs: nothing is put in the place of what is not known."""
    folder = workspace(tmp_path / "space")
    change(folder, "alpha = 0.05", "alpha = 0.1")
    fill_in(folder, 4)
    run(folder)
    change(folder, "alpha = 0.1", "alpha = 0.2")
    run(folder)
    loss(folder / PLANS)  # type: ignore[operator]
    for _ in range(2):
        assert said(folder).startswith(text("plan.unknown", "en", digest=in_force(folder).digest[:12]))
        assert not in_force(folder).covers(made_change())
        run(folder)


def test_data_that_is_gone_is_not_counted_as_no_answers(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "space")
    fill_in(folder, 4)
    run(folder)
    shutil.rmtree(folder / "data" / "pilot")
    ikut_eval("plan", "-w", folder)
    assert in_force(folder).made.answers is None
    assert said(folder).startswith(text("plan.unknown", "en", digest=DEFAULT_PLAN.digest[:12]))


def test_plan_of_the_file_that_is_given(tmp_path: Path) -> None:
    """Not of another file of that name, nor of the workspace's own settings."""
    folder = workspace(tmp_path / "space")
    other = folder / "other.toml"
    other.write_text('[analysis]\nprimary = "who5"\n', encoding="utf-8")
    assert analysis_plan(str(other)).primary == "who5"
    with pytest.raises(ikut_error(), match="missing\\.toml"):
        analysis_plan(str(folder / "missing.toml"))


def ikut_error() -> type[Exception]:
    from ikut_eval.contract.errors import ConfigurationError

    return ConfigurationError


def test_manifest_tells_when_the_plan_was_made(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "space")
    ikut_eval("plan", "-w", folder)
    fill_in(folder, 4)
    change(folder, "alpha = 0.05", "alpha = 0.2")
    run(folder)
    about = json.loads(json.dumps(dict(in_force(folder).about)))
    assert about == {"digest": in_force(folder).digest, "day": str(TODAY), "answers": 4, "first": DEFAULT_PLAN.digest, "first_day": str(TODAY)}
