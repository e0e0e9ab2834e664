"""The confidential folder of one evaluation: settings, data, runs. Never inside a repository."""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ikut_eval.contract.analysis_plan import CHANGE_METHODS, SIDES, ZEROS, AnalysisPlan, PlanMade, read_analysis_plan
from ikut_eval.contract.atomic import given_path, storing, write_text
from ikut_eval.contract.errors import ConfigurationError, NotAllowedError
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.toml_tables import TomlTable, parse_toml

SETTINGS = "evaluation.toml"
LARGEST_COHORT, MOST_COHORTS = 15, 40
"""People in a training and trainings in an evaluation, at most: the proof of a release tries every possible result."""
PLANS = "plans.jsonl"
"""The record of plans of analysis beside the settings: lines are only added, each with the hash of the one before."""
_KEYS = ("data", "language", "languages", "by", "report", "analysis", "public", "policy")

DEFAULT_PLAN = AnalysisPlan(primary="rights_awareness", smallest_change=0.25)
"""What a new workspace suggests: no plan before somebody confirms or changes it."""


@dataclass(frozen=True)
class Workspace:
    """Settings of an evaluation.

    Attributes
    ----------
    folder : Path
    data : str – absolute path of the data, or "synthetic"
    language : str – of messages
    languages : tuple of str – of reports
    report_date : date or None – the reporting date, if one is set
    analysis : AnalysisPlan – as it is written; `plan_in_force` tells whether it is one
    by : str – name of the person who runs the job; empty where none is set
    public, policy : mapping – public facts about the pilot, and the evaluation's own disclosure rules, as they are written
    """

    folder: Path
    data: str
    language: str
    languages: tuple[str, ...]
    by: str
    report_date: dt.date | None
    analysis: AnalysisPlan
    public: Mapping[str, Any]
    policy: Mapping[str, Any]

    @property
    def settings(self) -> Path:
        return self.folder.absolute() / SETTINGS

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def releases(self) -> Path:
        return self.folder / "releases"

    @property
    def bundles(self) -> Path:
        return self.folder / "bundles"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.jsonl"

    @property
    def internal_bundle(self) -> Path:
        return self.bundles / "internal"

    @property
    def public_bundles(self) -> Path:
        return self.bundles / "public"


def create_workspace(folder: Path, *, language: str, languages: tuple[str, ...], data: str = "data/pilot.xlsx", cohort_sizes: tuple[int, ...] = ()) -> None:
    """Make a workspace that only its owner can read. An existing `evaluation.toml` is kept.

    Raises
    ------
    NotAllowedError
        If the folder is inside a repository, or may not be written to.
    """
    folder = given_path(folder)
    _refuse_repository(folder)
    with storing(folder.name):
        for path in (folder, folder / "data", folder / "runs"):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = folder / SETTINGS
    if settings.exists():
        return
    lines = [
        f"# {text('workspace.data', language)}",
        f"data = {json.dumps(data, ensure_ascii=False)}",
        f"# {text('workspace.language', language)}",
        f'language = "{language}"',
        f"# {text('workspace.languages', language)}",
        f"languages = {json.dumps(languages)}",
        f"# {text('workspace.by', language)}",
        '# by = "…"',
        "",
        f"# {text('workspace.report', language)}",
        "# [report]",
        f"# date = {dt.date.today().isoformat()}",
        "",
        f"# {text('workspace.analysis', language)}",
        "[analysis]",
        f'primary = "{DEFAULT_PLAN.primary}"',
        f"contrast = {json.dumps(DEFAULT_PLAN.contrast)}",
        f'method = "{DEFAULT_PLAN.method}"  # {", ".join(CHANGE_METHODS)}',
        f"alpha = {DEFAULT_PLAN.alpha}",
        f'sides = "{DEFAULT_PLAN.sides}"  # {", ".join(SIDES)}',
        f'zeros = "{DEFAULT_PLAN.zeros}"  # {", ".join(ZEROS)}',
        f"smallest_change = {DEFAULT_PLAN.smallest_change}",
        "",
        f"# {text('workspace.public', language)}",
        "[public]" if cohort_sizes else "# [public]",
        f"cohort_sizes = {list(cohort_sizes)}" if cohort_sizes else "# cohort_sizes = [4, 5]",
    ]
    write_text(folder / PLANS, _line({"what": _OPENED}, before=""))
    write_text(settings, "\n".join(lines) + "\n")


def _refuse_repository(folder: Path) -> None:
    absolute = folder.resolve()
    if any((parent / ".git").exists() for parent in (absolute, *absolute.parents)):
        raise NotAllowedError("inside_repository", folder=absolute.name)


def open_workspace(folder: Path) -> Workspace:
    """Read a workspace's settings.

    Raises
    ------
    ConfigurationError
        If there are none, or a key is unknown or of the wrong kind; names the key.
    NotAllowedError
        If the workspace is now inside a repository.
    """
    folder = given_path(folder)
    try:
        settings = parse_toml((folder / SETTINGS).read_bytes(), file=SETTINGS)
    except OSError as problem:
        raise ConfigurationError("no_workspace", folder=folder.absolute().name, file=SETTINGS) from problem
    _refuse_repository(folder)
    settings.check_keys(_KEYS)
    data, language = settings.string("data"), settings.choice("language", LANGUAGES, "fi")
    languages = settings.several("languages", LANGUAGES, (language,))
    if not languages:
        raise settings.not_allowed("languages", LANGUAGES)
    if data.partition(":")[0] != "synthetic":
        data = str((folder / given_path(data)).absolute())
    plan = read_analysis_plan(settings.table("analysis")) if "analysis" in settings else AnalysisPlan()
    public, policy = (settings.table(key).content for key in ("public", "policy"))
    by, day = settings.string("by") if "by" in settings else "", _report_date(settings.table("report"))
    return Workspace(folder, data, language, tuple(dict.fromkeys(languages)), by, day, plan, public, policy)


def _report_date(section: TomlTable) -> dt.date | None:
    """Return the reporting date of a section ``[report]``, written as a date or as text."""
    section.check_keys(("date",))
    if "date" not in section:
        return None
    written = section.value("date")
    try:
        return dt.date.fromisoformat(written if isinstance(written, str) else written.isoformat())
    except (AttributeError, ValueError):
        raise section.wrong_kind("date", "date = 2026-11-28") from None


def analysis_plan(settings: str) -> AnalysisPlan:
    """Return the plan of analysis that is in force, with when it was made.

    Parameters
    ----------
    settings : str
        Path of a workspace's settings, `evaluation.toml`; empty: there is no plan, so everything is exploratory.

    Raises
    ------
    ConfigurationError
        If there is no such file, or its ``[analysis]`` is not sound.
    """
    if not settings:
        return AnalysisPlan()
    file = given_path(settings)
    try:
        content = parse_toml(file.read_bytes(), file=file.name)
    except OSError as problem:
        raise ConfigurationError("no_workspace", folder=file.absolute().parent.name, file=file.name) from problem
    return _in_force(read_analysis_plan(content.table("analysis")), file.parent) if "analysis" in content else AnalysisPlan()


def plan_in_force(space: Workspace) -> AnalysisPlan:
    """Return the plan that a workspace's reports judge by: none while the suggestion of `ikut-eval init` is not confirmed."""
    return _in_force(space.analysis, space.folder)


def _in_force(plan: AnalysisPlan, folder: Path) -> AnalysisPlan:
    lines = _recorded(folder / PLANS)
    made = [line for line in lines or () if line["what"] == _PLAN]
    if plan.digest == DEFAULT_PLAN.digest and lines and lines[0]["what"] == _OPENED and not made:
        return AnalysisPlan()
    if lines is None or not made or made[-1]["digest"] != plan.digest:
        return replace(plan, made=PlanMade())
    whole, last = lines[0]["what"] == _OPENED, made[-1]
    if not whole and last["answers"] != 0:
        return replace(plan, made=PlanMade())
    first = _plan_of(made[0]) if len(made) > 1 else None
    days = [dt.date.fromisoformat(line["day"]) for line in (last, made[0])]
    return replace(plan, made=PlanMade(days[0], last["answers"], first, days[1] if first else None))


_OPENED, _FOUND, _PLAN = "opened", "found", "plan"
"""Kinds of lines in the record: the workspace was made; there was no record, so that an earlier one may be lost; a plan."""


def record_plan(space: Workspace, answers: Callable[[], int | None], *, confirmed: bool = False) -> None:
    """Enter the plan in the record of plans, unless it is the last one there.

    A record that is not whole stays as it is: when its plans were made is then not known.

    Parameters
    ----------
    answers : function
        Gives how many people have answered the plan's outcome at the end of its contrast; None where that is not known.
    confirmed : bool
        Whether somebody confirms the plan; the suggestion of a new workspace is none without that.

    Raises
    ------
    NotAllowedError, MachineError
        If the record cannot be written.
    """
    file, plan = space.folder / PLANS, space.analysis
    lines = _recorded(file)
    made = [line for line in lines or () if line["what"] == _PLAN]
    suggested = plan.digest == DEFAULT_PLAN.digest and not made and not confirmed
    if lines is None or not plan.primary or suggested or (made and made[-1]["digest"] == plan.digest):
        return
    kept = file.read_text(encoding="utf-8") if lines else _line({"what": _FOUND}, before="")
    entry = {"what": _PLAN, "digest": plan.digest, "answers": answers(), "plan": plan.terms}
    write_text(file, kept + _line(entry, before=kept.splitlines()[-1]))


def _line(content: Mapping[str, Any], *, before: str) -> str:
    """Return a line of the record, of today, with the hash of the line before."""
    chained = {**content, "day": dt.date.today().isoformat(), "before": hashlib.sha256(before.encode()).hexdigest()}
    return json.dumps(chained, ensure_ascii=False) + "\n"


def _recorded(file: Path) -> list[dict[str, Any]] | None:
    """Return the lines of the record: none where there is no file, None where it is not whole."""
    try:
        written = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        lines = [json.loads(line) for line in written]
        for before, line in zip(["", *written], lines, strict=False):
            if line["before"] != hashlib.sha256(before.encode()).hexdigest():
                return None
            dt.date.fromisoformat(line["day"])
            if line["what"] == _PLAN and _plan_of(line).digest != line["digest"]:
                return None
        return lines if [line["what"] for line in lines[1:]] == [_PLAN] * (len(lines) - 1) or not lines else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _plan_of(line: Mapping[str, Any]) -> AnalysisPlan:
    known = {f.name for f in fields(AnalysisPlan)} - {"made"}
    terms: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in line["plan"].items() if name in known}
    return AnalysisPlan(**terms)


def folders_open_to_others(space: Workspace) -> list[Path]:
    """Return the folders of the workspace and its data that others can read. Empty where the system has no such rights."""
    folders = [space.folder]
    data = Path(space.data).parent
    if data.is_absolute() and data.is_dir() and not data.is_relative_to(space.folder.absolute()):
        folders.append(data)
    return [f for f in folders if os.name == "posix" and f.stat().st_mode & 0o077]
