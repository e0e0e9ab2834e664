"""Reads a workbook or a folder of CSV files into text cells with their addresses."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ikut_eval.contract.atomic import given_path
from ikut_eval.contract.errors import DataError
from ikut_eval.contract.locale import LANGUAGES, plain, text
from ikut_eval.data.identifiers import NO_NAMES, Names, kind_of_identifier, names_beside
from ikut_eval.data.synthetic import CASES, SEED
from ikut_eval.data.workbook import EXCEL_DAY_ZERO, MOST_BYTES, OpenedWorkbook, open_workbook

CellText = str | None
_SYNTHETIC = "synthetic"
SYNTHETIC_MARK = "SYNTHETIC"
DESCRIPTOR = "datapackage.json"
_OLD_OFFICE_FILE = b"\xd0\xcf\x11\xe0"
_WORKBOOKS = (".xlsx", ".xlsm", ".ods")


@dataclass(frozen=True, repr=False)
class Sheet:
    """One sheet or CSV file: its name, its place in the file and its rows with their numbers."""

    name: str
    position: int
    rows: list[tuple[int, list[CellText]]]


@dataclass(frozen=True, repr=False)
class Source:
    """Everything that was read.

    Attributes
    ----------
    name : str – file or folder name, without its path
    sheets : list of Sheet
    synthetic : bool – marked as synthetic
    digest : str – SHA-256 of the bytes
    annotations : tuple of str – texts of a workbook outside its cells
    day_zero : date – the day from which plain numbers of days are counted
    changed : bool – marked as synthetic, but not what was written then: it counts as real
    names : Names – the pilot's own names, none of which may stand anywhere
    """

    name: str
    sheets: list[Sheet]
    synthetic: bool
    digest: str
    annotations: tuple[str, ...] = ()
    day_zero: date = EXCEL_DAY_ZERO
    changed: bool = False
    names: Names = NO_NAMES


def source_files(path: Path) -> list[Path]:
    """Return the files that make up a source, in a fixed order.

    Raises
    ------
    DataError
        If there is no such file or folder, nothing in it that can be read, or it is a device or a pipe.
    """
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() == ".csv" and not p.name.startswith((".", "~")))
        if not files:
            raise DataError("no_csv_in_folder", folder=path.name)
    elif not path.exists():
        raise DataError("no_such_file", file="…" if kind_of_identifier(path.name) else path.name)
    else:
        files = [path]
    for file in files:
        if file.exists() and not (file.is_file() or file.is_dir()):  # a device or a pipe may never end
            raise DataError("not_a_file", file=file.name)
    return files


def synthetic_case(data: str | Path) -> str | None:
    """Return the case that ``"synthetic"`` or ``"synthetic:CASE"`` names, or None for a path."""
    word, _, case = str(data).partition(":")
    if word != _SYNTHETIC:
        return None
    if case not in ("", *CASES):
        raise DataError("unknown_case", cases=", ".join(CASES))
    return case or "ordinary"


def data_digest(data: str | Path) -> str:
    """Return a hash that changes when the data changes, without reading tables."""
    case = synthetic_case(data)
    return hashlib.sha256(f"{case}/{SEED}".encode()).hexdigest() if case else _digest_of(given_path(data))


def _digest_of(path: Path) -> str:
    """Return the SHA-256 of a source's file names and bytes."""
    total = hashlib.sha256()
    try:
        for file in source_files(path):
            with file.open("rb") as content:
                total.update(file.name.encode() + b"\0" + hashlib.file_digest(content, "sha256").digest())
        if path.is_dir():
            total.update(b"synthetic" if _marked_folder(path) else b"")
    except OSError as problem:
        raise DataError("cannot_read_file", file=path.name) from problem
    return total.hexdigest()


def read_source(path: Path) -> Source:
    """Read a workbook (.xlsx, .ods) or a folder of CSV files.

    Raises
    ------
    DataError
        Named by what is wrong: no such file, not a workbook, password, too large, truncated, two encodings.
    """
    digest = _digest_of(path)
    name, names = plain(path.name), names_beside(path.absolute())
    for file in source_files(path):
        if file.stat().st_size > MOST_BYTES:
            raise DataError("file_too_large", file=file.name)
    if path.is_dir():
        sheets = [_csv_sheet(file, n) for n, file in enumerate(source_files(path), start=1)]
        synthetic = _marked_folder(path)
        return Source(name, sheets, synthetic, digest, changed=not synthetic and SYNTHETIC_MARK.encode() in _descriptor(path), names=names)
    book = _workbook(path)
    sheets = [Sheet(plain(title), n, _rows(enumerate(table, start=1))) for n, (title, table) in enumerate(book.tables, start=1)]
    marks = [sheet for sheet in sheets if sheet.name == SYNTHETIC_MARK]
    sheets = [sheet for sheet in sheets if sheet.name != SYNTHETIC_MARK]
    marked = {cell for mark in marks for _, row in mark.rows for cell in row}
    synthetic = bool(marks) and content_digest(sheets) in marked
    return Source(name, sheets, synthetic, digest, book.notes, book.day_zero, changed=bool(marks) and not synthetic, names=names)


def content_digest(sheets: Iterable[Sheet]) -> str:
    """Return the SHA-256 of what sheets hold, but for the code book and lists that the program wrote: saving in another program keeps it."""
    total = hashlib.sha256()
    for sheet in sheets:
        if not is_aid(sheet):
            rows = [(number, row[: max(n for n, cell in enumerate(row, start=1) if cell is not None)]) for number, row in sheet.rows]
            total.update(json.dumps([sheet.name, rows]).encode())
    return total.hexdigest()


def is_aid(sheet: Sheet) -> bool:
    """Return whether a sheet is one that the program adds for the reader or for itself: the code book, and hidden lists."""
    return sheet.name.startswith("_") or sheet.name in {text("template.code_book_sheet", language) for language in LANGUAGES}


def _marked_folder(path: Path) -> bool:
    """Return whether the descriptor marks exactly the files that are there as synthetic: if real files are among them, the mark is not valid."""
    try:
        marked = json.loads(_descriptor(path))[SYNTHETIC_MARK]
        return bool(marked == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in source_files(path)})
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _descriptor(path: Path) -> bytes:
    try:
        return (path / DESCRIPTOR).read_bytes()
    except OSError:
        return b""


def _workbook(path: Path) -> OpenedWorkbook:
    if path.suffix.lower() == ".csv":
        raise DataError("csv_needs_folder", file=path.name)
    content = path.read_bytes() if path.suffix.lower() in _WORKBOOKS else b""
    if content.startswith(_OLD_OFFICE_FILE):
        raise DataError("password_or_old", file=path.name)
    if not content.startswith(b"PK"):
        raise DataError("not_a_workbook", file=path.name)
    return open_workbook(content, path.name)


def _rows(numbered: Iterable[tuple[int, Iterable[object]]]) -> list[tuple[int, list[CellText]]]:
    """Return rows as text, without those that are empty."""
    cells = ((n, [as_read(v) for v in row]) for n, row in numbered)
    return [(n, row) for n, row in cells if any(c is not None for c in row)]


def as_read(value: object) -> CellText:
    """Return the content of a cell as text without stray spaces; None where it is empty."""
    return " ".join(plain(value).split()) or None if isinstance(value, str) else cell_text(value)


def cell_text(value: object) -> CellText:
    """Return a value as a data file in the open standard writes it; a day with a time of day keeps the time."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        midnight = value.hour == value.minute == value.second == value.microsecond == 0
        return value.date().isoformat() if midnight else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _csv_sheet(path: Path, position: int) -> Sheet:
    content = _decode(path)
    first, _, rest = content.partition("\n")
    if said := re.fullmatch(r'"?sep=(.)"?', first.rstrip("\r"), re.I):  # Excel's own line, which no spreadsheet shows
        separator, content = said[1], rest
    else:
        first = next((line for line in content.splitlines() if line.strip()), "")
        separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)  # without strict, an unclosed quotation mark would hide rows
    try:
        return Sheet(plain(path.stem), position, _rows(_numbered(reader)))
    except csv.Error as problem:
        raise DataError("truncated", file=path.name) from problem


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line: a quoted cell may span several."""
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def _decode(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        decoded = _decoded(content, "utf-16")
    elif b"\0" in content:
        decoded = None
    else:
        decoded = _decoded(content, "utf-8-sig")
        if decoded is None:
            for number, line in enumerate(content.split(b"\n"), start=1):
                if not line.isascii() and _decoded(line, "utf-8") is not None:
                    raise DataError("two_encodings", file=path.name, row=number)
            decoded = content.decode("cp1252", errors="replace")
    if decoded is None:
        raise DataError("not_text", file=path.name)
    return decoded


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None
