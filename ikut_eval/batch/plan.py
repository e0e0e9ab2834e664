"""Which notebooks run, how often, and with which parameters; and what a finished run was made from, so that nothing is made twice.

Everything wrong is refused before the first notebook starts.
"""

import ast
import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ikut_eval.contract.atomic import given_path, write_text
from ikut_eval.contract.errors import ConfigurationError, UsageError, check_choice, with_nearest
from ikut_eval.contract.locale import LANGUAGES, PACKAGE, shipped
from ikut_eval.contract.toml_tables import read_toml

ParameterValue = str | int | float | bool
_TYPES: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
_SET_BY_JOB = ("data", "settings", "date", "release", "cohort")
"""Parameters that the job sets: none of them comes from the command line."""
_PLAN = "plan.toml"
_WORDS = {"true": True, "false": False}
_LIBRARIES = ("ikut-eval", "pandas", "numpy", "scipy", "plotly", "papermill", "nbconvert", "pandera", "python-calamine")
_ELSEWHERE = ("data", "settings", "release", "date")
"""Parameters that hold a path of this machine, or the reporting date: inputs hold the hash of what is there, or of what is due."""
_SOURCES = (".py", ".po", ".j2", ".css", ".js", ".json", ".csv", ".toml")


@dataclass(frozen=True)
class PlannedNotebook:
    """One line of `plan.toml`: a notebook and what it runs for each of."""

    path: Path
    title: str
    for_each_cohort: bool
    parameters: Mapping[str, tuple[type, ParameterValue]]

    @property
    def name(self) -> str:
        return self.path.stem


@dataclass(frozen=True)
class Run:
    """One execution of a notebook. `label` names its files: "C1.fi" or "fi"."""

    notebook: PlannedNotebook
    label: str
    parameters: Mapping[str, ParameterValue]

    @property
    def name(self) -> str:
        return f"{self.notebook.name} {self.label}"

    @property
    def language(self) -> str:
        return str(self.parameters["language"])


def read_plan(folder: Path) -> list[PlannedNotebook]:
    """Read `plan.toml` and the parameters cell of every notebook that it names.

    Raises
    ------
    ConfigurationError
        If a file is missing or not as it must be; names the file.
    """
    folder = given_path(folder)
    if not folder.is_dir():
        raise UsageError("no_notebook_folder", folder=folder.name)
    if not (folder / _PLAN).is_file():
        raise UsageError("no_plan_of_notebooks", folder=folder.name, file=_PLAN)
    plan = read_toml(folder / _PLAN)
    plan.check_keys(("notebook",), required=("notebook",))
    planned = []
    for line in plan.array("notebook"):
        line.check_keys(("file", "for_each"))
        line.choice("for_each", ("cohort",), "cohort")
        path = folder / line.string("file")
        if not path.is_file():
            raise ConfigurationError("no_such_notebook", file=path.name, plan=_PLAN, folder=folder.name)
        content = _notebook(path)
        title = str(content["metadata"].get("title", path.stem))
        planned.append(PlannedNotebook(path, title, "for_each" in line, _parameters(content, path.name)))
    if not planned:
        raise plan.wrong_kind("notebook", "[[notebook]]")
    return planned


def _notebook(path: Path) -> dict[str, Any]:
    """Return a notebook's content, with all that the runner looks at of the kind that it must be."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        content["metadata"] = dict(content.get("metadata") or {})
        content["cells"] = [{**cell, "tags": list((cell.get("metadata") or {}).get("tags") or [])} for cell in content["cells"]]
        return content
    except OSError as problem:
        raise ConfigurationError("cannot_read_notebook", file=path.name) from problem
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ConfigurationError("not_a_notebook", file=path.name) from problem


def _parameters(notebook: dict[str, Any], name: str) -> dict[str, tuple[type, ParameterValue]]:
    """Return name, type and default of each parameter: annotated literals in exactly one tagged cell of code."""
    tagged = [cell for cell in notebook["cells"] if "parameters" in cell["tags"]]
    if len(tagged) != 1 or tagged[0].get("cell_type") != "code":
        raise ConfigurationError("parameters_cell", file=name)
    source = tagged[0].get("source", "")
    try:
        lines = ast.parse(source if isinstance(source, str) else "".join(source)).body
    except (SyntaxError, ValueError, TypeError) as problem:
        raise ConfigurationError("parameters_line", file=name, line=getattr(problem, "lineno", None) or 1, types=", ".join(_TYPES)) from problem
    found = {}
    for line in lines:
        parameter = _parameter(line)
        if parameter is None:
            raise ConfigurationError("parameters_line", file=name, line=line.lineno, types=", ".join(_TYPES))
        found[parameter[0]] = parameter[1:]
    return found


def _parameter(line: ast.stmt) -> tuple[str, type, ParameterValue] | None:
    """Return name, type and default that a line gives a parameter, or None if it is not written as ``name: type = value``."""
    match line:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.expr() as written) if kind in _TYPES:
            with suppress(ValueError, TypeError):
                value: ParameterValue = ast.literal_eval(written)
                if type(value) is _TYPES[kind] or (kind == "float" and type(value) is int):
                    return name, _TYPES[kind], _TYPES[kind](value)
    return None


def _value(name: str, word: str, kind: type) -> ParameterValue:
    """Return a word of the command line as the type that the notebook declares."""
    try:
        if kind is bool:
            return _WORDS[word.lower()]
        value: ParameterValue = kind(word)
    except (KeyError, ValueError):
        raise UsageError("parameter_type", name=name, type=kind.__name__) from None
    return value


def make_runs(
    plan: Sequence[PlannedNotebook],
    *,
    paths: Mapping[str, str],
    cohorts: Sequence[str],
    languages: Sequence[str],
    only_cohorts: Sequence[str] = (),
    only_notebooks: Sequence[str] = (),
    words: Sequence[tuple[str, str]] = (),
) -> list[Run]:
    """Return every run that the plan asks for; with `only_cohorts` or `only_notebooks`, of these alone.

    Parameters
    ----------
    paths : mapping of str to str
        What notebooks read: ``data``, and for those that declare them ``settings``, ``date`` (the reporting date) and ``release``.
    words : sequence of (name, text)
        Parameters given on the command line.

    Raises
    ------
    UsageError
        For a cohort, notebook or parameter that does not exist, or a value of the wrong type.
    """
    names = [p.name for p in plan]
    chosen = [Path(n).stem for n in only_notebooks]
    for name in chosen:
        check_choice("--notebook", name, names)
    for cohort in only_cohorts:
        if cohort not in cohorts:
            raise with_nearest("unknown_cohort", "cohort_nearly_known", cohort, cohorts, cohorts=", ".join(cohorts))
    selected = [p for p in plan if not chosen or p.name in chosen]
    given = dict(words)
    known = {name for p in selected for name in p.parameters}
    for name, word in given.items():
        if name in _SET_BY_JOB:
            raise UsageError("parameter_not_here", name=name)
        if name not in known:
            choices = sorted(known - set(_SET_BY_JOB))
            raise with_nearest("unknown_parameter", "parameter_nearly_known", name, choices, choices=", ".join(choices))
        if name == "language":
            check_choice(name, word, LANGUAGES)
    runs = []
    for planned in selected:
        if only_cohorts and not planned.for_each_cohort:
            continue
        for cohort in (only_cohorts or cohorts) if planned.for_each_cohort else [""]:
            for language in languages if "language" not in given else [given["language"]]:
                wanted: dict[str, Any] = {"data": paths["data"], "language": language} | ({"cohort": cohort} if cohort else {})
                wanted |= {name: path for name, path in paths.items() if name in planned.parameters}
                for name, word in given.items():
                    if name in planned.parameters:
                        wanted[name] = _value(name, word, planned.parameters[name][0])
                missing = sorted(set(wanted) - set(planned.parameters))
                if missing:
                    raise ConfigurationError("parameter_not_declared", file=planned.path.name, name=missing[0])
                runs.append(Run(planned, f"{cohort}.{language}" if cohort else language, wanted))
    return runs


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
        return bool(json.loads(manifest.read_text(encoding="utf-8"))["inputs"] == inputs) and is_whole(manifest)
    except (OSError, ValueError, KeyError):
        return False


def is_whole(manifest: Path) -> bool:
    """Return whether the files of a finished run are as it left them."""
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return all(file_digest(manifest.parent / name) == digest for name, digest in files.items())
    except (OSError, ValueError, KeyError, AttributeError):
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
