"""The wheel, built and used away from the repository: from an empty folder to a report and the dashboards."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.repository import ROOT, TRACKED


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_holds_the_package_and_what_it_ships(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    shipped = {f"ikut_eval/shipped/{name}" for name in TRACKED if name.startswith(("data_schema/", "notebooks/", "dashboards/"))}
    template = "ikut_eval/dashboard/templates/ikut_dashboard/"
    of_voila = {f"share/jupyter/voila/templates/ikut_dashboard/{name.removeprefix(template)}" for name in TRACKED if name.startswith(template)}
    found_by_voila = {f"ikut_eval-{version('ikut-eval')}.data/data/{name}" for name in ("etc/jupyter/voila.json", *of_voila)}
    assert held == shipped | found_by_voila | {name for name in TRACKED if name.startswith("ikut_eval/")}
    assert "ikut_eval/py.typed" in held


def test_wheel_makes_a_report_and_dashboards_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    """The environment has the wheel, and the libraries of the tests' own."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    known |= {"JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter"), "IKUT_EVAL_LANGUAGE": "en"}

    def ikut_eval(*words: object) -> None:
        said = subprocess.run(
            [environment / "bin" / "ikut-eval", *map(str, words)], cwd=tmp_path, env=known, capture_output=True, text=True, timeout=600, check=False
        )
        assert (said.returncode, said.stderr) == (0, ""), words

    where = subprocess.run([python, "-c", "import ikut_eval; print(ikut_eval.__file__)"], cwd=tmp_path, env=known, capture_output=True, text=True, check=True)
    assert where.stdout.startswith(str(environment))
    ikut_eval("init", "space", "-r", "en", "-n", 4, "-n", 5, "-n", 5, "-n", 6)
    ikut_eval("synth", "space/data/pilot.xlsx")
    ikut_eval("check", "-w", "space")
    ikut_eval("run", "-w", "space", "--by", "A", "-n", "20_cohort_report", "-c", "C1")
    assert (tmp_path / "space/runs/20_cohort_report/C1.en.html").stat().st_size > 10_000
    ikut_eval("dashboard", "--audience", "internal", "--static", "pages", "-w", "space")
    assert (tmp_path / "pages/index.html").exists()
