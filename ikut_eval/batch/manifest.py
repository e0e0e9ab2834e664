"""What a finished run was made from, so that nothing is made twice and everything can be traced."""

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ikut_eval.batch.plan import Run
from ikut_eval.contract.atomic import write_text
from ikut_eval.contract.locale import PACKAGE, shipped

_LIBRARIES = ("ikut-eval", "pandas", "numpy", "scipy", "plotly", "papermill", "nbconvert", "pandera", "python-calamine")
_ELSEWHERE = ("data", "settings", "release", "date")
"""Parameters that hold a path of this machine, or the reporting date: inputs hold the hash of what is there, or of what is due."""
_SOURCES = (".py", ".po", ".j2", ".css", ".js", ".json", ".csv", ".toml")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def package_digest() -> str:
    """Return the SHA-256 of everything of the package that can change a report."""
    total = hashlib.sha256()
    for folder in (PACKAGE, shipped("data_schema")):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in _SOURCES):
            total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a report depends on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


def inputs_of(run: Run, made_from: Mapping[str, str], plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run depends on: the same inputs give the same report.

    Parameters
    ----------
    made_from : mapping
        Hashes of the data and of what is due.
    plan : mapping
        What a report says of the plan of analysis.
    """
    release = Path(str(run.parameters.get("release", ""))) / "manifest.json"
    return {
        "analysis_plan": dict(plan) if "settings" in run.parameters else {},
        **made_from,
        "release": file_digest(release) if release.is_file() else "",
        "notebook": file_digest(run.notebook.path),
        "package": package_digest(),
        "parameters": {name: value for name, value in run.parameters.items() if name not in _ELSEWHERE},
        "versions": versions(),
    }


def is_current(manifest: Path, inputs: Mapping[str, Any]) -> bool:
    """Return whether a finished run has these inputs and its files are as it left them."""
    try:
        written = json.loads(manifest.read_text(encoding="utf-8"))
        return bool(written["inputs"] == inputs) and all(file_digest(manifest.parent / name) == digest for name, digest in written["files"].items())
    except (OSError, ValueError, KeyError):
        return False


def write_manifest(
    manifest: Path, inputs: Mapping[str, Any], files: list[Path], seconds: Mapping[str, float], finished: str, *, told: Mapping[str, Any]
) -> None:
    """Write a run's manifest, after its files are in place; `told` is what else it tells, for example the reporting date."""
    content = {
        **told,
        "inputs": inputs,
        "files": {path.name: file_digest(path) for path in files},
        "finished": finished,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
    }
    write_text(manifest, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
