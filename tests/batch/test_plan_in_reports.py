"""The plan of analysis is in every report that judges by it, and only those are made again when it changes."""

import json
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ikut_eval.batch.job import run_job
from ikut_eval.data.workspace import DEFAULT_PLAN, SETTINGS, open_workspace
from tests.conftest import Ran

WITH_PLAN = {"20_cohort_report", "30_pilot_synthesis"}
"""Notebooks that declare `settings`."""


def would_run(folder: Path) -> Counter[tuple[str, str]]:
    """Return how many reports of each notebook would be made, and how many are as they were."""
    return Counter((result.run.notebook.name, result.state) for result in run_job(open_workspace(folder), dry_run=True).results)


@pytest.mark.parametrize("report", ["20_cohort_report/C1.{}", "30_pilot_synthesis/{}"])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_hash_of_the_plan_stands_in_report_and_manifest(marked: Ran, report: str, language: str) -> None:
    name = report.format(language)
    assert DEFAULT_PLAN.digest[:12] in (marked.runs / f"{name}.html").read_text(encoding="utf-8")
    manifest = json.loads((marked.runs / f"{name}.json").read_text(encoding="utf-8"))
    assert manifest["inputs"]["analysis_plan"] == {"digest": DEFAULT_PLAN.digest, "day": date.today().isoformat(), "answers": 0}
    assert "settings" not in manifest["inputs"]["parameters"]


def test_report_that_does_not_judge_has_no_plan(marked: Ran) -> None:
    for name in ("00_tour/en", "10_data_check/en"):
        assert json.loads((marked.runs / f"{name}.json").read_text(encoding="utf-8"))["inputs"]["analysis_plan"] == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [("alpha = 0.05", "alpha = 0.1"), ('sides = "two"', 'sides = "greater"'), ("smallest_change = 0.25", "smallest_change = 0.5")],
)
def test_changed_plan_makes_again_what_judges_by_it(marked: Ran, tmp_path: Path, old: str, new: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(marked.folder, folder)
    before = would_run(folder)
    assert {state for _, state in before} == {"unchanged"}
    settings = folder / SETTINGS
    written = settings.read_text(encoding="utf-8")
    assert old in written
    settings.write_text(written.replace(old, new), encoding="utf-8")
    assert would_run(folder) == {(name, "planned" if name in WITH_PLAN else state): n for (name, state), n in before.items()}


def test_plan_written_otherwise_makes_nothing_again(marked: Ran, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(marked.folder, folder)
    settings = folder / SETTINGS
    settings.write_text(settings.read_text(encoding="utf-8").replace("alpha = 0.05", "# five per cent\nalpha = 5e-2"), encoding="utf-8")
    assert {state for _, state in would_run(folder)} == {"unchanged"}


def test_plan_taken_away_makes_everything_exploratory_again(marked: Ran, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(marked.folder, folder)
    settings = folder / SETTINGS
    settings.write_text(settings.read_text(encoding="utf-8").partition("[analysis]")[0], encoding="utf-8")
    assert {name for name, state in would_run(folder) if state == "planned"} == WITH_PLAN
