"""A bundle: a folder of tables that a dashboard may read, of one audience, whole and unchanged or not at all."""

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ikut_eval import __version__
from ikut_eval.contract.atomic import folder_written_atomically, standing_folder
from ikut_eval.contract.errors import ConfigurationError, NotAllowedError, check_choice
from ikut_eval.release.package import StoredTable, TableSchema, Value, bundle_descriptor, from_csv, to_csv, to_frame

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
AUDIENCES = ("internal", "public")
MANIFEST, DESCRIPTOR = "manifest.json", "datapackage.json"
CURRENT = "current"
"""File among the public bundles that names the one that is public now."""
OUTDATED = "outdated.json"
"""File beside the drafts, and key of what an internal bundle says of itself: published figures that no longer agree with the data."""
_BUNDLE_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_ATTEMPTS = 20
"""How often a reader starts again because the bundle was replaced while being read."""


@dataclass(frozen=True, repr=False)
class Bundle:
    """A bundle that was found whole.

    Attributes
    ----------
    audience : {"internal", "public"}
    data_date : date or None – the day as of which its figures hold: the reporting date, or of a release the day its groups had closed
    synthetic : bool – of invented people
    package : str – version of the package that wrote it
    policy : str – digest of the disclosure policy; empty where none was applied
    ledger_head : str – the ledger's last hash when it was written; empty where there was none
    about : mapping – what else its writer said of it
    digest : str – SHA-256 of all that it says, through the hashes of its files
    schemas : mapping of table name to TableSchema – what its tables and columns mean, in three languages
    """

    audience: str
    data_date: date | None
    synthetic: bool
    package: str
    policy: str
    ledger_head: str
    about: Mapping[str, Any]
    digest: str
    schemas: Mapping[str, TableSchema]
    columns: Mapping[str, tuple[tuple[Value, ...], ...]]
    _frames: "dict[str, pd.DataFrame]" = field(default_factory=dict, init=False, compare=False)

    def table(self, name: str) -> "pd.DataFrame":
        """Return one table, as a frame of its own, or raise UsageError with the names that there are."""
        check_choice("table", name, self.schemas)
        if name not in self._frames:
            self._frames[name] = to_frame(self.schemas[name], self.columns[name])
        return self._frames[name].copy(deep=False)

    @property
    def content(self) -> dict[str, Any]:
        """All that `write_bundle` was given for it, so that it can be written again as it is, or with a change."""
        tables = [StoredTable(schema, self.table(name)) for name, schema in self.schemas.items()]
        said = {name: getattr(self, name) for name in ("audience", "about", "data_date", "synthetic", "policy", "ledger_head")}
        return {"tables": tables, **said}

    def __repr__(self) -> str:
        mark = ", synthetic" if self.synthetic else ""
        return f"Bundle({self.audience}; {', '.join(self.schemas)}{mark})"


def write_bundle(
    folder: Path,
    *,
    audience: str,
    tables: Sequence[StoredTable],
    about: Mapping[str, Any],
    data_date: date | None,
    synthetic: bool,
    policy: str = "",
    ledger_head: str = "",
) -> str:
    """Write a bundle, in the place of an older one, and return its digest. The same input gives the same bytes.

    Only the owner can enter the folder. `about` is anything that JSON can hold, the rest is as in `Bundle`.

    Raises
    ------
    NotAllowedError
        If `folder` is there and is no bundle, or may not be written.
    MachineError
        If the disk is full or the folder above is missing.
    """
    check_choice("audience", audience, AUDIENCES)
    if folder.is_symlink() or (folder.exists() and not (folder / MANIFEST).is_file()):
        raise NotAllowedError("bundle_not_replaced", folder=folder.name)
    contents = {table.schema["name"]: to_csv(table) for table in tables}
    descriptor = bundle_descriptor(f"ikut-eval-{audience}", {table.schema["name"]: table.schema for table in tables}, contents)
    files = {f"{name}.csv": content for name, content in contents.items()} | {DESCRIPTOR: _json(descriptor)}
    said = {
        "format": FORMAT,
        "audience": audience,
        "data_date": data_date.isoformat() if data_date else None,
        "synthetic": synthetic,
        "package": __version__,
        "policy": policy,
        "ledger_head": ledger_head,
        "about": dict(about),
        "files": {name: _sha256(content) for name, content in files.items()},
    }
    digest = _digest(said)
    with folder_written_atomically(folder) as temporary:
        for name, content in files.items():
            (temporary / name).write_bytes(content)
        (temporary / MANIFEST).write_bytes(_json(said | {"digest": digest}))
    return digest


def copy_bundle(source: Path, folder: Path) -> None:
    """Write a bundle's files as they are into another folder, in the place of an older bundle."""
    files = _steady_contents(source)
    with folder_written_atomically(folder) as temporary:
        for name, content in files.items():
            (temporary / name).write_bytes(content)


def read_bundle(folder: Path, *, audience: str) -> Bundle:
    """Read a bundle of an audience, whole and as it was written, or not at all.

    Raises ConfigurationError if the folder is no bundle, a file is missing, changed or added, or the bundle is of a newer
    version; NotAllowedError if it is for another audience, or may not be read.
    """
    check_choice("audience", audience, AUDIENCES)
    files = _steady_contents(folder)
    said = _checked(folder.name, files)
    if said.get("audience") != audience:
        raise NotAllowedError("bundle_not_public" if audience == "public" else "bundle_not_internal", folder=folder.name)
    try:
        schemas = {schema["name"]: schema for schema in json.loads(files[DESCRIPTOR])["resources"]}
        return Bundle(
            **{name: said[name] for name in ("audience", "synthetic", "package", "policy", "ledger_head", "digest")},
            data_date=date.fromisoformat(said["data_date"]) if said["data_date"] else None,
            about=MappingProxyType(said["about"]),
            schemas=MappingProxyType(schemas),
            columns={name: from_csv(schema, files[f"{name}.csv"]) for name, schema in schemas.items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as problem:
        raise ConfigurationError("bundle_not_sound", folder=folder.name) from problem


def current_bundle(folder: Path) -> Path | None:
    """Return the folder of the bundle that is public now, among the public bundles; None where none has been made public.

    Refuse a pointer that may not be read, or that names no folder beside it.
    """
    try:
        name = (folder / CURRENT).read_text(encoding="utf-8").strip()
    except PermissionError as problem:
        raise NotAllowedError("bundle_closed", folder=folder.name) from problem
    except OSError:
        return None
    except ValueError:
        name = ""
    if not _BUNDLE_NAME.fullmatch(name):
        raise ConfigurationError("pointer_not_sound", folder=folder.name, file=CURRENT)
    return folder / name


def noted_outdated(releases: Path) -> list[dict[str, Any]]:
    """Return which published figures were found no longer to agree with the data; none where nothing was noted."""
    try:
        return list(json.loads((releases / OUTDATED).read_text(encoding="utf-8"))["figures"])
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ConfigurationError("file_not_sound", file=OUTDATED) from problem


def _steady_contents(folder: Path) -> Mapping[str, bytes]:
    """Return the bytes of every file of one bundle, even if another takes its place meanwhile."""
    for _ in range(_ATTEMPTS):
        try:
            place = standing_folder(folder)
            with _held(place) as number:
                files = {path.name: _content(path) for path in place.iterdir()}
                if standing_folder(folder).stat().st_ino == number:
                    return files
        except PermissionError as problem:
            raise NotAllowedError("bundle_closed", folder=folder.name) from problem
        except OSError:
            continue
    raise ConfigurationError("no_bundle", folder=folder.name)


@contextmanager
def _held(folder: Path) -> Iterator[int]:
    """Give a folder's number, which no other folder gets while this one is held open; only POSIX can hold one."""
    handle = os.open(folder, os.O_RDONLY) if os.name == "posix" else None
    try:
        yield folder.stat().st_ino if handle is None else os.fstat(handle).st_ino
    finally:
        if handle is not None:
            os.close(handle)


def _content(path: Path) -> bytes:
    """Return a file's bytes; none for what is not a file of the bundle's own, so that its hash cannot fit."""
    return path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else b""


def _checked(name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what the manifest says, once it and every file are as they were written."""
    if MANIFEST not in files:
        raise ConfigurationError("no_bundle", folder=name)
    try:
        said: dict[str, Any] = json.loads(files[MANIFEST])
        if files[MANIFEST] != _json(said) or said["digest"] != _digest({key: value for key, value in said.items() if key != "digest"}):
            raise ValueError("the manifest is not as it was written")
        if said["format"] > FORMAT:
            raise ConfigurationError("bundle_newer", folder=name)
        listed = dict(said["files"])
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as problem:
        raise ConfigurationError("bundle_changed", folder=name, file=MANIFEST) from problem
    for file, expected in listed.items():
        if file not in files:
            raise ConfigurationError("bundle_file_missing", folder=name, file=file)
        if _sha256(files[file]) != expected:
            raise ConfigurationError("bundle_changed", folder=name, file=file)
    added = len(set(files) - set(listed) - {MANIFEST})
    if added:
        raise ConfigurationError("bundle_file_added", folder=name, n=added)
    return said


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n").encode()


def _digest(said: Mapping[str, Any]) -> str:
    return _sha256(json.dumps(said, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
