"""The wheel, built and used away from the repository: from an empty folder to the reports and the dashboards."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from ikut_eval.contract.locale import LANGUAGES
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


def test_wheel_runs_the_demo_without_the_repository_and_without_a_network(wheel: Path, tmp_path: Path) -> None:
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
    known |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")  # nobody answers there

    def ikut_eval(*words: object) -> None:
        said = subprocess.run(
            [environment / "bin" / "ikut-eval", *map(str, words)], cwd=tmp_path, env=known, capture_output=True, text=True, timeout=600, check=False
        )
        assert (said.returncode, said.stderr) == (0, ""), words

    where = subprocess.run([python, "-c", "import ikut_eval; print(ikut_eval.__file__)"], cwd=tmp_path, env=known, capture_output=True, text=True, check=True)
    assert where.stdout.startswith(str(environment))
    ikut_eval("demo", "space")
    assert {path.name for path in (tmp_path / "space/runs/20_cohort_report").glob("*.html")} == {
        f"C{n}.{language}.html" for n in range(1, 5) for language in LANGUAGES
    }
    assert all((tmp_path / f"space/pages/{audience}/overview.sv.html").exists() for audience in ("internal", "public"))
