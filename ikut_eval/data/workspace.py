"""The confidential folder of one evaluation: settings, data, runs. Never inside a repository."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ikut_eval.contract.analysis_plan import CHANGE_METHODS, SIDES, ZEROS, AnalysisPlan, read_analysis_plan
from ikut_eval.contract.atomic import storing, write_text
from ikut_eval.contract.errors import ConfigurationError, NotAllowedError
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.toml_tables import parse_toml

SETTINGS = "evaluation.toml"
_KEYS = ("data", "language", "languages", "analysis", "public", "policy")

DEFAULT_PLAN = AnalysisPlan(primary="rights_awareness", smallest_change=0.25)
"""The plan in a new workspace; evaluators change it before the data comes."""


@dataclass(frozen=True)
class Workspace:
    """Settings of an evaluation.

    Attributes
    ----------
    folder : Path
    data : str – absolute path of the data, or "synthetic"
    language : str – of messages
    languages : tuple of str – of reports
    analysis : AnalysisPlan – made before the data
    public, policy : mapping – public facts about the pilot, and the evaluation's own disclosure rules, as they are written
    """

    folder: Path
    data: str
    language: str
    languages: tuple[str, ...]
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
        data = str((folder / data).absolute())
    plan = read_analysis_plan(settings.table("analysis")) if "analysis" in settings else AnalysisPlan()
    public, policy = (settings.table(key).content for key in ("public", "policy"))
    return Workspace(folder, data, language, tuple(dict.fromkeys(languages)), plan, public, policy)


def analysis_plan(settings: str) -> AnalysisPlan:
    """Return the plan of analysis of a workspace, as `open_workspace` reads it.

    Parameters
    ----------
    settings : str
        Path of the workspace's `evaluation.toml`; empty: there is no plan, so everything is exploratory.
    """
    return open_workspace(Path(settings).parent).analysis if settings else AnalysisPlan()


def folders_open_to_others(space: Workspace) -> list[Path]:
    """Return the folders of the workspace and its data that others can read. Empty where the system has no such rights."""
    folders = [space.folder]
    data = Path(space.data).parent
    if data.is_absolute() and data.is_dir() and not data.is_relative_to(space.folder.absolute()):
        folders.append(data)
    return [f for f in folders if os.name == "posix" and f.stat().st_mode & 0o077]
