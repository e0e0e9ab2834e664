"""The command line reads paths as people write them, answers in the language of the workspace, and says what is wrong with a notebook."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ikut_eval import analysis_plan, read_pilot, validate
from ikut_eval.batch.plan import read_plan
from ikut_eval.contract.errors import ConfigurationError, UsageError
from ikut_eval.data.workspace import open_workspace
from tests.conftest import COMMAND, ikut_eval

ENGLISH = re.compile(r"\b(Usage|Options|Commands|Error|Try|Show|Missing|Invalid|option|argument|default|required|command|file|folder)\b")
MISTAKES = {
    "no-such-option": ("run", "--bogus"),
    "near-option": ("run", "--cohrt", "C1"),
    "no-such-verb": ("chek",),
    "value-out-of-range": ("run", "--jobs", "99"),
    "no-number": ("run", "--jobs", "many"),
    "value-missing": ("run", "--cohort"),
    "two-values-missing": ("run", "-p", "language"),
    "argument-missing": ("release", "approve"),
    "option-missing": ("release", "draft"),
    "choice": ("check", "--format", "pdf"),
    "choice-missing": ("dashboard",),
    "word-too-many": ("explain", "a", "b"),
    "no-day": ("due", "--date", "tomorrow"),
    "flag-with-value": ("run", "--force=1"),
    "help": ("run", "--help"),
    "help-of-all": ("--help",),
    "cohort": ("run", "--cohort", "c1", "--dry-run"),
    "notebook": ("run", "--notebook", "20_cohort_reprot"),
    "notebooks": ("run", "--notebooks", "nowhere"),
}


@pytest.fixture(scope="module")
def spaces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a workspace for each language."""
    folder = tmp_path_factory.mktemp("spaces")
    for language in ("fi", "sv", "en"):
        ikut_eval("init", folder / language, "--data", "synthetic:tiny", "--language", language)
    return folder


@pytest.mark.parametrize("words", MISTAKES.values(), ids=MISTAKES)
def test_one_language_to_the_end(words: tuple[str, ...], spaces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {}
    for language in ("fi", "sv", "en"):
        monkeypatch.chdir(spaces / language)
        done = ikut_eval(*words)
        said[language] = re.sub(r"--?\w[\w-]*|\w+-eval( \w+)*|'[^']*'", "", done.stdout + done.stderr)
        assert done.returncode == (0 if "--help" in words else 2)
    assert len(set(said.values())) == 3
    assert (ENGLISH.findall(said["fi"]), ENGLISH.findall(said["sv"])) == ([], [])


def test_workspace_that_an_option_names(spaces: Path) -> None:
    assert "Valintaa" in ikut_eval("run", "-w", spaces / "fi", "--bogus").stderr
    assert "Valet" in ikut_eval("run", f"--workspace={spaces / 'sv'}", "--bogus").stderr
    assert "There is no option" in ikut_eval("run", "-w", spaces / "nowhere", "--bogus").stderr


def test_check_of_a_workspace_checks_its_data(spaces: Path) -> None:
    checked = ikut_eval("check", spaces / "fi")
    assert (checked.returncode, checked.stdout) == (0, ikut_eval("check", "-w", spaces / "fi").stdout)
    assert "0 virhetyyppiä" in checked.stdout


def test_home_folder_in_every_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ikut_eval("init", "~/ws", "--data", "~/data/pilot.xlsx").returncode == 0
    (tmp_path / "data").mkdir()
    assert ikut_eval("synth", "~/data/pilot.xlsx", "--case", "tiny").returncode == 0
    assert ikut_eval("template", "~/template.xlsx").returncode == 0
    assert (tmp_path / "template.xlsx").is_file()
    assert ikut_eval("check", "~/ws").returncode == ikut_eval("check", "-w", "~/ws").returncode == ikut_eval("check", "~/data/pilot.xlsx").returncode == 0
    assert validate("~/data/pilot.xlsx").ok
    assert read_pilot("~/data/pilot.xlsx").cohort_ids == ("C1",)
    assert open_workspace(Path("~/ws")).data == str(tmp_path / "data" / "pilot.xlsx")
    assert ikut_eval("plan", "-w", "~/ws").returncode == 0
    assert analysis_plan("~/ws/evaluation.toml").primary == "rights_awareness"


@pytest.mark.parametrize("words", [("check",), ("check", "-f", "html"), ("check", "-f", "json"), ("explain", "attendance_rate"), ("--help",), ("doctor",)])
def test_terminal_of_few_characters(words: tuple[str, ...], spaces: Path) -> None:
    for encoding in ("cp1252", "ascii"):
        known = {**os.environ, "PYTHONIOENCODING": encoding, "IKUT_EVAL_LANGUAGE": "fi"}
        done = subprocess.run([COMMAND, *words], cwd=spaces / "fi", env=known, capture_output=True, timeout=60, check=False)
        assert b"ikut_evalissa" not in done.stderr
        assert done.returncode == 0 or words == ("doctor",)
        if "json" in words:
            assert json.loads(done.stdout.decode(encoding))["ok"]


def _notebook(folder: Path, source: str | list[str], **changed: object) -> Path:
    cell = {"cell_type": "code", "execution_count": None, "metadata": {"tags": ["parameters"]}, "outputs": [], "source": source}
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4, **changed}
    (folder / "own.ipynb").write_text(json.dumps(content), encoding="utf-8")
    (folder / "plan.toml").write_text('[[notebook]]\nfile = "own.ipynb"\n', encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('data: str = "synthetic"\ncohort = "C1"', 2),
        ("# a comment\n\ncohort: str = None", 3),
        ("weeks: list = [1, 2]", 1),
        ("weeks: list[int] = [1]", 1),
        ("note: str | None = None", 1),
        ("x: int = 1.5", 1),
        ("x: float", 1),
        ("import os", 1),
        ("x: int = 1 +", 1),
        ("x: int = int(2)", 1),
        ("%matplotlib inline", 1),
    ],
)
def test_parameter_that_is_none_names_its_line_and_the_types(source: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"line {line} of the cell.*str, int, float, bool"):
        read_plan(_notebook(tmp_path, source))


def test_parameters_as_people_write_them(tmp_path: Path) -> None:
    lines = ['data: str = "synthetic"  # where\n', "n: int = -1\n", "share: float = 1\n", "all: bool = True"]
    (planned,) = read_plan(_notebook(tmp_path, lines))
    assert planned.parameters == {"data": (str, "synthetic"), "n": (int, -1), "share": (float, 1.0), "all": (bool, True)}
    assert read_plan(_notebook(tmp_path, "".join(lines)))[0].parameters == planned.parameters


@pytest.mark.parametrize(
    "changed",
    [{"cells": None}, {"cells": [1]}, {"cells": {}}, {"metadata": [1]}, {"worksheets": [], "cells": 3}],
    ids=["no-cells", "cells-of-numbers", "mapping", "metadata", "old-form"],
)
def test_what_is_no_notebook(changed: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"own\.ipynb"):
        read_plan(_notebook(tmp_path, "", **changed))


def test_folder_of_notebooks_that_is_not_there_or_has_no_plan(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no folder named nowhere.*--notebooks"):
        read_plan(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"has no plan.toml.*\[\[notebook\]\]"):
        read_plan(tmp_path)
    _notebook(tmp_path, "").joinpath("own.ipynb").unlink()
    with pytest.raises(ConfigurationError, match=r"plan\.toml names the notebook own\.ipynb"):
        read_plan(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="a fork server is needed")
def test_notebook_without_kernelspec_runs(spaces: Path, tmp_path: Path) -> None:
    _notebook(tmp_path, 'data: str = "synthetic"\nlanguage: str = "en"\n')
    done = ikut_eval("run", "-w", spaces / "en", "--notebooks", tmp_path, "--jobs", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert (spaces / "en" / "runs" / "own" / "en.html").is_file()
