"""The whole job: reports for every cohort and language, nothing twice, nothing lost, nothing told."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ikut_eval.batch.job import run_job
from ikut_eval.contract.locale import shipped, text
from ikut_eval.data.workspace import open_workspace
from tests.conftest import MARKER, Ran, ikut_eval, make_workspace

LANGUAGES = ("fi", "sv", "en")
REPORTS = [f"{n}/{language}" for n in ("00_tour", "10_data_check", "30_pilot_synthesis", "40_release_review") for language in LANGUAGES] + [
    f"20_cohort_report/C{cohort}.{language}" for cohort in range(1, 5) for language in LANGUAGES
]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A workspace on the tiny pilot with one short notebook."""
    folder = make_workspace(tmp_path / "space", data="synthetic:tiny")
    return folder


def notebooks(folder: Path, **sources: str) -> Path:
    """Write a folder of notebooks: name and the source of the cell after the parameters."""
    folder.mkdir(exist_ok=True)
    parameters = 'data: str = "synthetic"\ncohort: str = "C1"\nlanguage: str = "en"\nweeks: int = 10\n'
    for name, source in sources.items():
        cells = [
            {"cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]}, "source": parameters, "outputs": [], "execution_count": None},
            {"cell_type": "code", "id": "c", "metadata": {}, "source": source, "outputs": [], "execution_count": None},
        ]
        kernel = {"name": "python3", "display_name": "p", "language": "python"}
        content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        (folder / f"{name}.ipynb").write_text(json.dumps(content))
    lines = [f'[[notebook]]\nfile = "{name}.ipynb"\nfor_each = "cohort"\n' for name in sources]
    (folder / "plan.toml").write_text("\n".join(lines))
    return folder


def test_every_report_is_written(marked: Ran) -> None:
    assert marked.said.returncode == 0, marked.said.stderr
    for name in REPORTS:
        for suffix in (".html", ".ipynb", ".json"):
            assert (marked.runs / f"{name}{suffix}").stat().st_size > 500


def test_index_links_every_report(marked: Ran) -> None:
    links = re.findall(r'href="([^"]+\.html)"', (marked.runs / "index.html").read_text(encoding="utf-8"))
    assert sorted(links) == sorted(f"{name}.html" for name in REPORTS)


def test_index_says_what_each_report_shows_and_how_it_stands(marked: Ran, tmp_path: Path) -> None:
    """Reports of other inputs are outdated, also those of an evaluator's own notebook until it is run; after a failed run the old one stays."""
    own, folder = tmp_path / "notebooks", tmp_path / "space"
    shutil.copytree(shipped("notebooks"), own)
    shutil.copytree(marked.folder, folder)
    runs = folder / "runs"
    changed = own / "10_data_check.ipynb"
    changed.write_text(changed.read_text(encoding="utf-8").replace("ikut.title", "ikut.title "), encoding="utf-8")
    (runs / "20_cohort_report/C2.fi.failed.ipynb").write_text("{}", encoding="utf-8")
    for kind in (".html", ".json"):
        (runs / f"20_cohort_report/C3.sv{kind}").unlink()
    space = replace(open_workspace(folder), language="fi")
    said = run_job(space, notebook_folder=own, dry_run=True).write_index().read_text(encoding="utf-8")
    rows = {row.th.b.text: row for row in BeautifulSoup(said, "html.parser").select("tbody tr")}
    state = {name: [[mark["class"][0] for mark in cell.select(".made span")] for cell in row.find_all("td")] for name, row in rows.items()}
    assert state["Kohorttiraportti · C1"] == [["current"]] * 3
    assert state["Kohorttiraportti · C2"] == [["failed"], ["current"], ["current"]]
    assert state["Kohorttiraportti · C3"] == [["current"], [], ["current"]]
    assert state["Onko aineisto kunnossa?"] == [["outdated", "own"]] * 3
    assert rows["Kohorttiraportti · C2"].find_all("td")[0].a["href"] == "20_cohort_report/C2.fi.html"
    assert text("reports.none", "fi") in rows["Kohorttiraportti · C3"].find_all("td")[1].text
    assert "arvioi tuntevansa oikeutensa paremmin" in rows["Koko pilotti"].th.span.text


def test_no_cell_value_is_anywhere(marked: Ran) -> None:
    assert MARKER not in marked.said.stdout + marked.said.stderr
    files = [p for p in marked.runs.rglob("*") if p.is_file()]
    assert len(files) > 60
    assert [p.name for p in files if MARKER.encode() in p.read_bytes()] == []


def test_no_report_names_the_folder_of_the_data(marked: Ran) -> None:
    for page in marked.runs.rglob("*.html"):
        assert str(marked.folder) not in page.read_text(encoding="utf-8")


def test_plotly_is_there_once_and_no_page_holds_it(marked: Ran) -> None:
    assert len(list(marked.runs.rglob("plotly*.js"))) == 1
    assert max(page.stat().st_size for page in marked.runs.rglob("*.html")) < 400_000


def test_manifest_tells_what_the_report_was_made_from(marked: Ran) -> None:
    manifest = json.loads((marked.runs / "20_cohort_report/C2.sv.json").read_text(encoding="utf-8"))
    assert manifest["inputs"]["parameters"] == {"cohort": "C2", "language": "sv"}
    assert {"data", "notebook", "package", "versions"} < set(manifest["inputs"])
    assert set(manifest["files"]) == {"C2.sv.html", "C2.sv.ipynb"}
    assert set(manifest["seconds"]) == {"kernel_start_and_stop", "cells", "export"}


def test_nothing_is_made_twice(marked: Ran) -> None:
    before = {p: p.stat().st_mtime_ns for p in marked.runs.rglob("*.*") if p.name != "index.html"}
    again = ikut_eval("run", "-w", marked.folder)
    assert again.returncode == 0
    assert sum(line.endswith(": unchanged") for line in again.stdout.splitlines()) == len(REPORTS)
    assert {p: p.stat().st_mtime_ns for p in before} == before


@pytest.mark.parametrize("harm", ["edited", "deleted"])
def test_harmed_report_is_made_again(marked: Ran, harm: str) -> None:
    report = marked.runs / "00_tour/en.html"
    sound = report.read_bytes()
    report.write_text("edited") if harm == "edited" else report.unlink()
    again = ikut_eval("run", "-w", marked.folder, "-n", "00_tour", "-p", "language", "en")
    assert "00_tour en: saved" in again.stdout
    assert report.read_bytes() == sound


def test_changed_data_makes_everything_again(small: Path) -> None:
    folder = notebooks(small / "own", short="print(1)")
    assert "saved" in ikut_eval("run", "-w", small, "--notebooks", folder).stdout
    (small / "evaluation.toml").write_text('data = "synthetic:empty"\nlanguage = "en"\n')
    assert "short C1.en: saved" in ikut_eval("run", "-w", small, "--notebooks", folder).stdout


def test_changed_notebook_is_made_again_and_alone(small: Path) -> None:
    folder = notebooks(small / "own", first="print(1)", second="print(2)")
    ikut_eval("run", "-w", small, "--notebooks", folder)
    path = folder / "second.ipynb"
    path.write_text(path.read_text().replace("print(2)", "print(3)"))
    said = ikut_eval("run", "-w", small, "--notebooks", folder).stdout
    assert "first C1.en: unchanged" in said
    assert "second C1.en: saved" in said


def test_parameter_changes_the_run_and_force_overrides(small: Path) -> None:
    folder = notebooks(small / "own", short="print(weeks + 1)")
    words = ("run", "-w", small, "--notebooks", folder)
    assert "saved" in ikut_eval(*words).stdout
    assert "saved" in ikut_eval(*words, "-p", "weeks", "7").stdout
    assert "<pre>8" in (small / "runs/short/C1.en.html").read_text(encoding="utf-8")
    assert "unchanged" in ikut_eval(*words, "-p", "weeks", "7").stdout
    assert "saved" in ikut_eval(*words, "-p", "weeks", "7", "--force").stdout


def test_dry_run_writes_nothing(small: Path) -> None:
    said = ikut_eval("run", "-w", small, "--dry-run")
    assert said.stdout.count("would run") == 5
    assert list((small / "runs").glob("*/")) == []


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--cohort", "C9"), "C1"),
        (("--notebook", "21_cohort"), "20_cohort_report"),
        (("-p", "chort", "C1"), "language"),
        (("-p", "data", "synthetic"), "evaluation.toml"),
        (("-p", "cohort", "C1"), "--cohort"),
        (("-p", "language", "../../../zz"), "fi, sv, en"),
        (("-p", "weeks", "ten", "--notebooks", "OWN"), "int"),
        (("--jobs", "0"), "1"),
    ],
    ids=["cohort", "notebook", "parameter", "data", "cohort-parameter", "language", "type", "jobs"],
)
def test_wrong_word_is_refused_before_anything_starts(small: Path, words: tuple[str, ...], names: str) -> None:
    folder = notebooks(small / "own", short="print(1)")
    said = ikut_eval("run", "-w", small, *(str(folder) if w == "OWN" else w for w in words))
    assert said.returncode == 2
    assert names in said.stderr
    assert "Traceback" not in said.stderr
    assert list((small / "runs").glob("*/")) == []


@pytest.mark.parametrize(
    "cell",
    ["weeks = 10", "weeks: int = 5 + 5", "weeks: int = '10'", "weeks: list = []", "import os", "weeks: int"],
    ids=["bare", "computed", "wrong-type", "unknown-type", "statement", "no-default"],
)
def test_parameters_cell_must_be_annotated_literals(small: Path, cell: str) -> None:
    folder = notebooks(small / "own", short="print(1)")
    path = folder / "short.ipynb"
    content = json.loads(path.read_text())
    content["cells"][0]["source"] = cell
    path.write_text(json.dumps(content))
    said = ikut_eval("run", "-w", small, "--notebooks", folder)
    assert said.returncode == 10
    assert "short.ipynb" in said.stderr


def test_two_parameters_cells_are_refused(small: Path) -> None:
    folder = notebooks(small / "own", short="print(1)")
    path = folder / "short.ipynb"
    content = json.loads(path.read_text())
    content["cells"][1]["metadata"] = {"tags": ["parameters"]}
    path.write_text(json.dumps(content))
    assert ikut_eval("run", "-w", small, "--notebooks", folder).returncode == 10


@pytest.mark.parametrize(
    ("plan", "code"),
    [("", 10), ("[[notebook]]\nfile = 'none.ipynb'", 10), ("[[notebook]]\nfile = 'short.ipynb'\nfor_each = 'week'", 10), ("[[", 10)],
    ids=["empty", "no-such-notebook", "unknown-each", "not-toml"],
)
def test_bad_plan_is_refused(small: Path, plan: str, code: int) -> None:
    folder = notebooks(small / "own", short="print(1)")
    (folder / "plan.toml").write_text(plan)
    assert ikut_eval("run", "-w", small, "--notebooks", folder).returncode == code


def test_unsound_data_runs_nothing(tmp_path: Path) -> None:
    folder = make_workspace(tmp_path / "space", data="synthetic:messy")
    said = ikut_eval("run", "-w", folder)
    assert said.returncode == 11
    assert "ikut-eval check" in said.stderr
    assert list((folder / "runs").iterdir()) == []


def test_missing_data_and_missing_workspace_are_told(tmp_path: Path) -> None:
    folder = make_workspace(tmp_path / "space", data="data/none.xlsx")
    assert ikut_eval("run", "-w", folder).returncode == 11
    assert ikut_eval("run", "-w", tmp_path / "nowhere").returncode == 10


def test_cohort_without_participants_and_tiny_cohort_have_reports(tmp_path: Path) -> None:
    for case in ("empty", "tiny"):
        folder = make_workspace(tmp_path / case, data=f"synthetic:{case}", languages=("fi",))
        said = ikut_eval("run", "-w", folder, "--cohort", "C1")
        assert said.returncode == 0, said.stdout
        page = (folder / "runs/20_cohort_report/C1.fi.html").read_text(encoding="utf-8")
        assert not re.search(r"\bnan\b|&lt;NA&gt;|\bNone\b|\bNaN\b", page)


def test_same_inputs_give_the_same_report(small: Path) -> None:
    page = small / "runs/20_cohort_report/C1.en.html"
    ikut_eval("run", "-w", small, "-n", "20_cohort_report", "--jobs", "1")
    first = page.read_bytes()
    ikut_eval("run", "-w", small, "-n", "20_cohort_report", "--force")
    assert page.read_bytes() == first


def test_own_remarks_are_in_the_report(small: Path) -> None:
    folder = small / "own"
    shutil.copytree(Path(__file__).parents[2] / "notebooks", folder)
    path = folder / "00_tour.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"].append({"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "My **remark** on it"})
    path.write_text(json.dumps(content), encoding="utf-8")
    ikut_eval("run", "-w", small, "-n", "00_tour", "--notebooks", folder)
    page = (small / "runs/00_tour/en.html").read_text(encoding="utf-8")
    assert "My <strong>remark</strong> on it" in page
    assert "Run All" not in page
