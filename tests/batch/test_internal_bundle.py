"""The run keeps the evaluators' bundle up to date, and reads nothing where nothing has changed."""

import os
import shutil
import subprocess
import sys

import pytest

from ikut_eval.release.store import read_bundle
from tests.conftest import MARKER, Ran, ikut_eval

ONE_REPORT = ("-n", "00_tour", "-p", "language", "en")


def test_run_makes_the_bundle_for_its_owner_alone(marked: Ran) -> None:
    folder = marked.folder / "bundles" / "internal"
    assert f"bundle: written ({folder})" in marked.said.stdout
    assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent)] == [0o700, 0o700]
    assert set(read_bundle(folder, audience="internal").table("cohorts")["cohort_id"]) == {"C1", "C2", "C3", "C4"}


def test_no_cell_value_is_in_the_bundle(marked: Ran) -> None:
    files = list((marked.folder / "bundles").rglob("*.*"))
    assert len(files) > 5
    assert [path.name for path in files if path.is_file() and MARKER.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("harm", ["edited", "deleted"])
def test_harmed_bundle_is_made_again_with_any_run_but_a_dry_one(harm: str, marked: Ran) -> None:
    folder = marked.folder / "bundles" / "internal"
    sound = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "cohorts.csv").write_text("edited") if harm == "edited" else shutil.rmtree(folder)
    assert "bundle" not in ikut_eval("run", "-w", marked.folder, *ONE_REPORT, "--dry-run").stdout
    assert "bundle: written" in ikut_eval("run", "-w", marked.folder, *ONE_REPORT).stdout
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == sound


def test_run_in_which_nothing_has_changed_imports_no_large_library(marked: Ran) -> None:
    code = """if True:
        import sys
        from ikut_eval.cli import cli
        cli(sys.argv[1:], standalone_mode=False)
        print(sorted({"pandas", "scipy", "plotly", "nbformat", "nbconvert", "papermill"} & set(sys.modules)))
    """
    said = subprocess.run(
        [sys.executable, "-c", code, "run", "-w", marked.folder, *ONE_REPORT],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "IKUT_EVAL_LANGUAGE": "en"},
    ).stdout
    assert "bundle: unchanged" in said
    assert said.splitlines()[-1] == "[]"
