"""The ledger: an append-only record of everything published and known, each entry chained by its hash to the one before.

Beside the ledger stands its head, with the number and hash of the last entry, so that a ledger cut short is found.
A change of both files together is found only against a copy of the head that is kept elsewhere, as in each release's manifest.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ikut_eval.contract.atomic import storage_error, write_bytes, written_atomically
from ikut_eval.contract.errors import DataError, DisclosureError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


KINDS = ("release", "fact", "withdrawal", "correction", "recovery")
PUBLISHING = ("release", "withdrawal")
"""The kinds of entry that put a bundle where readers find it."""
START = "0" * 64
"""Stands for the hash of the entry before the first one."""
PATIENCE = 10.0
"""Seconds to wait for another process to finish its entry."""


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes
    ----------
    number : int – from 1
    kind : str – one of `KINDS`
    previous, hash : str – SHA-256 of the entry before, and of this one without its hash
    """

    number: int
    kind: str
    when: str
    who: str
    content: Mapping[str, Any] = field(repr=False)
    previous: str
    hash: str


@dataclass(frozen=True)
class Ledger:
    """All entries, in order."""

    entries: tuple[Entry, ...] = ()

    @property
    def head(self) -> str:
        """The hash of the last entry."""
        return self.entries[-1].hash if self.entries else START

    @property
    def releases(self) -> tuple[Entry, ...]:
        """The entries that put a bundle where readers find it."""
        return tuple(entry for entry in self.entries if entry.kind in PUBLISHING)


def timestamp() -> str:
    """Return the time as entries have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_ledger(path: Path) -> Ledger:
    """Read a ledger and check it against its head; empty where there is neither.

    A ledger that is one entry longer than its head is whole: the writing of the head was interrupted.
    Raises DisclosureError if an entry is not as it was written, or entries or one of the two files are missing.
    """
    return _read(path)[0]


def append(path: Path, *, kind: str, who: str, when: str, content: Mapping[str, Any], after: str | None = None) -> Ledger:
    """Add an entry and return the ledger with it. Interrupted, it leaves the old ledger or the new one.

    Raises
    ------
    DisclosureError
        If the ledger is not whole, another process holds it for too long, or has added something since the head
        `after`, for which the entry was made.
    NotAllowedError, MachineError
        If it cannot be written.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind; use one of {', '.join(KINDS)}")
    with locked(path):
        ledger, head = _read(path)
        if after not in (None, ledger.head):
            raise DisclosureError("ledger_moved_on", file=path.name)
        if head != _head_of(ledger):
            _write(_head_path(path), _head_of(ledger))
        entry = _entry(len(ledger.entries) + 1, ledger.head, {"kind": kind, "who": who, "when": when, "content": content})
        longer = Ledger((*ledger.entries, entry))
        _write(path, b"".join(map(_line, longer.entries)))
        _write(_head_path(path), _head_of(longer))
    return longer


def _read(path: Path) -> tuple[Ledger, bytes | None]:
    """Return the ledger and its head as it stands there; once more where another process changed them meanwhile."""
    while True:
        head, written = _bytes(_head_path(path)), _bytes(path)
        if _bytes(_head_path(path)) == head:
            break
    ledger, broken = _sound_entries(written or b"")
    if broken:
        raise DisclosureError("ledger_broken", file=path.name, number=len(ledger.entries) + 1)
    if head is None and written is None:
        return ledger, None
    if written == b"" or head not in (_head_of(ledger), _head_of(Ledger(ledger.entries[:-1]))):
        raise DisclosureError("ledger_shortened", file=path.name, head=_head_path(path).name)
    return ledger, head


def _sound_entries(written: bytes) -> tuple[Ledger, bool]:
    """Return the entries up to the first that is not as it was written, and whether there is one."""
    *lines, rest = written.split(b"\n")
    entries: list[Entry] = []
    for number, line in enumerate(lines, 1):
        entry = _parsed(line, number, entries[-1].hash if entries else START)
        if entry is None:
            return Ledger(tuple(entries)), True
        entries.append(entry)
    return Ledger(tuple(entries)), bool(rest)


def cut_to_sound(path: Path) -> tuple[int, tuple[str, ...]]:
    """Cut a ledger that is not whole to the entries before the first that is broken or missing; copies of both files stay beside it.

    Returns
    -------
    int – how many entries there were by its head; 0 where that is not there or cannot be read
    tuple of str – the names of the copies; none where the ledger is whole
    """
    with locked(path):
        head, number = _bytes(_head_path(path)), 0
        with suppress(ValueError, KeyError, TypeError):
            number = int(json.loads(head or b"")["number"])
        try:
            _read(path)
            return number, ()
        except DisclosureError:
            sound = _sound_entries(_bytes(path) or b"")[0]
        copies = []
        for file in (path, _head_path(path)):
            if (content := _bytes(file)) is not None:
                copies.append(_free_name(file))
                write_bytes(copies[-1], content)
        if sound.entries:
            _write(path, b"".join(map(_line, sound.entries)))
            _write(_head_path(path), _head_of(sound))
        else:
            path.unlink(missing_ok=True)
            _head_path(path).unlink(missing_ok=True)
        return number, tuple(copy.name for copy in copies)


def _free_name(file: Path) -> Path:
    numbered = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in range(1, 1000))
    return next(path for path in numbered if not path.exists())


def _parsed(line: bytes, number: int, previous: str) -> Entry | None:
    """Return the entry of a line, or None if it is not just as this entry is written."""
    try:
        given = json.loads(line)
        sound = given["kind"] in KINDS and isinstance(given["content"], dict) and isinstance(given["who"], str) and isinstance(given["when"], str)
        entry = _entry(number, previous, given)
        return entry if sound and _line(entry) == line + b"\n" else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _entry(number: int, previous: str, given: Mapping[str, Any]) -> Entry:
    entry = {"number": number, "previous": previous, **{key: given[key] for key in ("kind", "when", "who", "content")}}
    written = _canonical(entry)
    return Entry(**json.loads(written), hash=hashlib.sha256(written).hexdigest())


def _line(entry: Entry) -> bytes:
    return _canonical(vars(entry)) + b"\n"


def _head_of(ledger: Ledger) -> bytes:
    return _canonical({"number": len(ledger.entries), "hash": ledger.head}) + b"\n"


def _canonical(value: Mapping[str, Any]) -> bytes:
    """Return the only way in which a value is written."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _head_path(path: Path) -> Path:
    return path.with_suffix(".head")


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise DataError("cannot_read_file", file=path.name) from problem


def _write(path: Path, content: bytes) -> None:
    """Replace a file so that it, and its name, are on the disk before anything else is written."""
    with written_atomically(path) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the ledger alone. The system lets go of the lock when the process ends, however it ends."""
    lock = path.with_suffix(".lock")
    try:
        handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as problem:
        raise storage_error(problem, lock.name) from problem
    try:
        patience_ends = time.monotonic() + PATIENCE
        while True:
            try:
                _try_lock(handle)
                break
            except OSError as problem:
                if time.monotonic() > patience_ends:
                    raise DisclosureError("ledger_busy", file=path.name) from problem
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)
