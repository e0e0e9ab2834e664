"""Paths as people give them, and writing that leaves either the old file or the whole new one."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ikut_eval.contract.errors import IkutError, MachineError, NotAllowedError

_ABANDONED_AFTER = 3600
"""Seconds after which an unfinished folder counts as abandoned: writing one takes about a second."""


def given_path(path: str | Path) -> Path:
    """Return a path as a person gave it, with ``~`` for the home folder; it stays as it is where there is no such home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def storage_error(problem: OSError, name: str) -> IkutError:
    """Return the error for a failure to write: no permission, or a problem of the disk."""
    if isinstance(problem, PermissionError) or problem.errno == errno.EROFS:
        return NotAllowedError("cannot_write", file=name)
    return MachineError("cannot_store", file=name)


@contextmanager
def storing(name: str) -> Iterator[None]:
    """Raise what the system says of a failure to write as `storage_error` does; `name` stands in the message."""
    try:
        yield
    except OSError as problem:
        raise storage_error(problem, name) from problem


@contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well.

    Raises
    ------
    NotAllowedError
        If the folder may not be written to.
    MachineError
        If the disk is full or the folder is missing.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        os.replace(temporary, path)
    except OSError as problem:
        raise storage_error(problem, path.name) from problem
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    with written_atomically(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a text file atomically, in UTF-8."""
    write_bytes(path, content.encode())


@contextmanager
def folder_written_atomically(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside `folder`, readable by its owner only; put it in the place of `folder` when the block ends well.

    The old folder is set aside, the new one put in its place, and then the old one removed. Readers ask
    `standing_folder` which folder to read, so that a kill at any moment leaves the old folder or the new one.

    Raises
    ------
    NotAllowedError, MachineError
        As `written_atomically`.
    """
    temporary = None
    try:
        clear_leftovers(folder)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_unfinished_prefix(folder)))
        yield temporary
        set_aside(folder)
        os.replace(temporary, folder)
    except OSError as problem:
        raise storage_error(problem, folder.name) from problem
    finally:
        if temporary is not None:
            clear_leftovers(folder)
            shutil.rmtree(temporary, ignore_errors=True)


def set_aside(folder: Path) -> None:
    """Rename a folder, if it is there, so that another can take its place."""
    if folder.exists():
        os.replace(folder, _aside(folder))


def standing_folder(folder: Path) -> Path:
    """Return the folder that holds the content: `folder`, or the old one set aside if its replacement was never finished."""
    return _aside(folder) if _replacement_under_way(folder) else folder


def clear_leftovers(folder: Path) -> None:
    """Clean up after a killed process: put back a folder whose replacement was never finished, and remove what nobody uses."""
    if _replacement_under_way(folder):
        os.replace(_aside(folder), folder)
    shutil.rmtree(_aside(folder), ignore_errors=True)
    for unfinished in _unfinished(folder):
        with suppress(FileNotFoundError):
            if time.time() - unfinished.stat().st_mtime > _ABANDONED_AFTER:
                shutil.rmtree(unfinished, ignore_errors=True)


def _replacement_under_way(folder: Path) -> bool:
    """Return whether the old folder is aside and the new one not yet in its place.

    An old folder aside without a new one beside it was replaced, and then somebody removed the new one: it must not come back.
    """
    return not folder.exists() and _aside(folder).exists() and bool(_unfinished(folder))


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _unfinished_prefix(folder: Path) -> str:
    return f".{folder.name}.new-"


def _unfinished(folder: Path) -> list[Path]:
    return [path for path in folder.parent.iterdir() if path.name.startswith(_unfinished_prefix(folder))]
