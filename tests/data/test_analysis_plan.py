"""The plan of analysis: read whole or refused by name, and its hash changes with everything that it says."""

import subprocess
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, dataclass, fields, replace
from pathlib import Path

import pytest

import ikut_eval as ikut
from ikut_eval.contract.analysis_plan import CHANGE_METHODS, SIDES, ZEROS, AnalysisPlan, read_analysis_plan
from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.toml_tables import TomlTable
from ikut_eval.data.workspace import DEFAULT_PLAN, SETTINGS, analysis_plan, create_workspace, open_workspace
from ikut_eval.inference.paired import mean_change_test

WHOLE = {
    "primary": "rights_awareness",
    "contrast": ["start", "exit"],
    "method": "mean_change",
    "alpha": 0.05,
    "sides": "two",
    "zeros": "pratt",
    "smallest_change": 0.25,
}


def read(**changes: object) -> AnalysisPlan:
    return read_analysis_plan(section({**WHOLE, **changes}))


def section(content: Mapping[str, object]) -> TomlTable:
    return TomlTable(SETTINGS, "analysis", content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_workspace_suggests_a_plan_that_is_read(tmp_path: Path, language: str) -> None:
    create_workspace(tmp_path / "space", language=language, languages=(language,))
    written = tomllib.loads((tmp_path / "space" / SETTINGS).read_text(encoding="utf-8"))["analysis"]
    assert written == WHOLE
    assert open_workspace(tmp_path / "space").analysis == DEFAULT_PLAN == read()


def test_instrument_alone_is_a_plan() -> None:
    """What is left out is usual; the smallest change is the instrument's."""
    assert read_analysis_plan(section({"primary": "rights_awareness"})) == read()
    assert read_analysis_plan(section({"primary": "who5"})).smallest_change == 10


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"primary": None}, ("primary", "who5", "rights_awareness")),
        ({"primary": "rights"}, ("primary", "who5")),
        ({"primary": "feedback"}, ("primary", "who5")),
        ({"primary": ["who5"]}, ("primary", "who5")),
        ({"primary": ""}, ("primary", "who5")),
        ({"contrast": ["start", "mid"]}, ("contrast", "start, exit, m6, m12")),
        ({"contrast": ["start", "start"]}, ("contrast", "start, exit, m6, m12")),
        ({"contrast": ["start"]}, ("contrast", "m12")),
        ({"contrast": ["start", "exit", "m6"]}, ("contrast", "m12")),
        ({"contrast": "start"}, ("contrast", "m12")),
        ({"contrast": [["start"], "exit"]}, ("contrast", "m12")),
        ({"method": "t"}, ("method", *CHANGE_METHODS)),
        ({"method": ["sign"]}, ("method", *CHANGE_METHODS)),
        ({"sides": "both"}, ("sides", *SIDES)),
        ({"zeros": "drop"}, ("zeros", *ZEROS)),
        ({"alpha": 5}, ("alpha", "0 < alpha < 1")),
        ({"alpha": 0}, ("alpha", "0 < alpha < 1")),
        ({"alpha": True}, ("alpha", "0 < alpha < 1")),
        ({"alpha": "0.05"}, ("alpha", "0 < alpha < 1")),
        ({"alpha": float("nan")}, ("alpha", "0 < alpha < 1")),
        ({"smallest_change": -0.1}, ("smallest_change", "≥ 0")),
        ({"smallest_change": "0"}, ("smallest_change", "≥ 0")),
        ({"smallest_change": True}, ("smallest_change", "≥ 0")),
        ({"smallest_change": float("nan")}, ("smallest_change", "≥ 0")),
        ({"smallest_change": float("inf")}, ("smallest_change", "≥ 0")),
        ({"aplha": 0.05}, ("analysis.aplha", "alpha", "smallest_change")),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_wrong_word_names_file_key_and_what_is_possible(changes: dict[str, object], named: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read(**changes)
    assert refusal.value.exit_code == 10
    for language in LANGUAGES:
        assert all(word in refusal.value.message(language) for word in (SETTINGS, "analysis.", *named))


@pytest.mark.parametrize("lines", ['analysis = "rights_awareness"', "[[analysis]]", "analysis = 1"])
def test_section_that_is_no_table_is_refused(tmp_path: Path, lines: str) -> None:
    (tmp_path / SETTINGS).write_text(f'data = "synthetic"\n{lines}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        open_workspace(tmp_path)
    assert all(word in refusal.value.message(language) for language in LANGUAGES for word in (SETTINGS, "analysis"))


@pytest.mark.parametrize("lines", ['analysis = "who5"', "[analysis]", '[analysis]\nprimary = "who5"\nalpha = 5', "[[analysis]]\nprimary = 'who5'"])
def test_workspace_with_a_wrong_plan_is_refused(tmp_path: Path, lines: str) -> None:
    (tmp_path / SETTINGS).write_text(f'data = "synthetic"\n{lines}\n', encoding="utf-8")
    for opened in (lambda: open_workspace(tmp_path), lambda: analysis_plan(str(tmp_path / SETTINGS))):
        with pytest.raises(ConfigurationError, match="analysis"):
            opened()


def test_command_refuses_a_wrong_plan(tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    (tmp_path / SETTINGS).write_text('data = "synthetic"\n[analysis]\nprimary = "who5"\nsides = "up"\n', encoding="utf-8")
    done = command("check", "-w", tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (10, False)
    assert all(word in done.stderr for word in (SETTINGS, "analysis.sides", "two, greater, less"))


CHANGES = {
    "primary": "who5",
    "contrast": ("start", "m6"),
    "method": "sign",
    "alpha": 0.1,
    "sides": "greater",
    "zeros": "wilcoxon",
    "smallest_change": 0.5,
}


def test_hash_changes_with_everything_the_plan_says() -> None:
    assert set(CHANGES) == {f.name for f in fields(AnalysisPlan)} - {"made"} == set(WHOLE)
    hashes = [read().digest, *(replace(read(), **{name: value}).digest for name, value in CHANGES.items())]
    assert len(set(hashes)) == len(CHANGES) + 1
    assert all(len(each) == 64 for each in hashes)


def test_hash_is_the_same_however_the_plan_is_written() -> None:
    usual, other = (
        tomllib.loads('primary = "rights_awareness"\nalpha = 0.05\nsmallest_change = 1'),
        tomllib.loads('smallest_change = 1.0\n# why\nalpha = 5e-2\nsides = "two"\nprimary = "rights_awareness"'),
    )
    assert read_analysis_plan(section(usual)).digest == read_analysis_plan(section(other)).digest


def test_workspace_without_a_plan_has_an_empty_hash(tmp_path: Path) -> None:
    (tmp_path / SETTINGS).write_text('data = "synthetic"\n', encoding="utf-8")
    assert open_workspace(tmp_path).analysis.digest == ""
    assert analysis_plan("").digest == ""


def test_plan_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        read().alpha = 0.5  # type: ignore[misc]


@dataclass(frozen=True)
class Change:
    """A comparison, as far as a plan looks at it."""

    instrument: str = "rights_awareness"
    start: str = "start"
    end: str = "exit"
    smallest_change: float = 0.25


@pytest.mark.parametrize(
    ("change", "planned"),
    [
        (Change(), True),
        (Change(instrument="who5"), False),
        (Change(start="exit"), False),
        (Change(end="m6"), False),
        (Change(start="exit", end="start"), False),
        (Change(smallest_change=0.5), False),
    ],
)
def test_plan_covers_what_it_declares_and_nothing_else(change: Change, planned: bool) -> None:
    assert read().covers(change) is planned


def test_no_plan_covers_nothing() -> None:
    assert not analysis_plan("").covers(Change())
    assert not AnalysisPlan().covers(Change(instrument="", smallest_change=0))


def test_plan_covers_the_measure_itself() -> None:
    scores = ikut.scale_scores(ikut.read_pilot("synthetic:tiny"), "rights_awareness")
    assert read().covers(ikut.paired_change(scores))
    assert not read().covers(ikut.paired_change(scores, smallest_change=0.3))


@pytest.mark.parametrize(("sides", "p", "floor"), [("two", 8 / 32, 2 / 32), ("greater", 4 / 32, 1 / 32), ("less", 30 / 32, 1 / 32)])
def test_side_decides_p_and_the_smallest_p(sides: str, p: float, floor: float) -> None:
    """Changes 1, 2, 3, 4 and -2 sum to 8. Of 32 ways to set the signs, 12, 10 and twice 8 are at least that; 12 and 10 are above."""
    test = mean_change_test([0] * 5, [1, 2, 3, 4, -2])
    assert (read(sides=sides).p(test), read(sides=sides).floor(test)) == (p, floor)
