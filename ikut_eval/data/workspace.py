"""The confidential folder of one evaluation: settings, data, runs. Never inside a repository."""

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ikut_eval.contract.errors import ConfigurationError, NotAllowedError
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.data.atomic import storage_error, write_text

SETTINGS = "evaluation.toml"
_KEYS = {"data", "language", "languages"}


@dataclass(frozen=True)
class Workspace:
    """Settings of an evaluation.

    Attributes
    ----------
    folder : Path
    data : str – absolute path of the data, or "synthetic"
    language : str – of messages
    languages : tuple of str – of reports
    """

    folder: Path
    data: str
    language: str
    languages: tuple[str, ...]

    @property
    def runs(self) -> Path:
        return self.folder / "runs"


def create_workspace(folder: Path, *, language: str, languages: tuple[str, ...], data: str = "data/pilot.xlsx") -> None:
    """Make a workspace that only its owner can read. An existing `evaluation.toml` is kept.

    Raises
    ------
    NotAllowedError
        If the folder is inside a repository, or may not be written to.
    """
    _refuse_repository(folder)
    try:
        for path in (folder, folder / "data", folder / "runs"):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise storage_error(problem, folder.name) from problem
    settings = folder / SETTINGS
    if settings.exists():
        return
    listed = ", ".join(f'"{each}"' for each in languages)
    lines = [
        f"# {text('workspace.data', language)}",
        f"data = {json.dumps(data, ensure_ascii=False)}",
        f"# {text('workspace.language', language)}",
        f'language = "{language}"',
        f"# {text('workspace.languages', language)}",
        f"languages = [{listed}]",
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
        If the workspace has come to lie inside a repository.
    """
    try:
        raw = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigurationError("no_workspace", folder=folder.absolute().name, file=SETTINGS) from problem
    except ValueError as problem:
        raise ConfigurationError("settings_not_toml", file=SETTINGS) from problem
    _refuse_repository(folder)
    unknown = sorted(set(raw) - _KEYS)
    if unknown:
        raise ConfigurationError("unknown_setting", file=SETTINGS, key=unknown[0], keys=", ".join(sorted(_KEYS)))
    data, language, languages = raw.get("data"), raw.get("language", "fi"), raw.get("languages", [raw.get("language", "fi")])
    if not isinstance(data, str):
        raise ConfigurationError("wrong_setting", file=SETTINGS, key="data")
    if language not in LANGUAGES:
        raise ConfigurationError("wrong_setting", file=SETTINGS, key="language")
    if not isinstance(languages, list) or not languages or not set(map(str, languages)) <= set(LANGUAGES):
        raise ConfigurationError("wrong_setting", file=SETTINGS, key="languages")
    if data.partition(":")[0] != "synthetic":
        data = str((folder / data).absolute())
    return Workspace(folder, data, language, tuple(dict.fromkeys(languages)))


def folders_open_to_others(space: Workspace) -> list[Path]:
    """Return the folders of the workspace and its data that others can read. None where the system has no such rights."""
    folders = [space.folder]
    data = Path(space.data).parent
    if data.is_dir() and not data.is_relative_to(space.folder.absolute()):
        folders.append(data)
    return [f for f in folders if os.name == "posix" and f.stat().st_mode & 0o077]
