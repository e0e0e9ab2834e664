"""Reads a workbook or a folder of CSV files into text cells with their addresses."""

import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter.utility import xl_cell_to_rowcol

from ikut_eval.contract.errors import DataError
from ikut_eval.data.identifiers import kind_of_identifier
from ikut_eval.data.synthetic import CASES, SEED

CellText = str | None
_SYNTHETIC = "synthetic"
SYNTHETIC_MARK = "SYNTHETIC"
DESCRIPTOR = "datapackage.json"
_OLD_OFFICE_FILE = b"\xd0\xcf\x11\xe0"
_ANNOTATIONS = re.compile(r"xl/(comments|threadedComments|persons)|docProps/|meta\.xml$")
_WORKBOOKS = (".xlsx", ".xlsm", ".ods")
_FIRST_BYTES = 4096
_MOST_CELLS = 20_000_000


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
    annotations : tuple of str – texts of a workbook's comments and properties
    """

    name: str
    sheets: list[Sheet]
    synthetic: bool
    digest: str
    annotations: tuple[str, ...] = ()


def source_files(path: Path) -> list[Path]:
    """Return the files that make up a source, in a fixed order.

    Raises
    ------
    DataError
        If there is no such file or folder, or nothing in it that can be read.
    """
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() == ".csv" and not p.name.startswith((".", "~")))
        if not files:
            raise DataError("no_csv_in_folder", folder=path.name)
        return files
    if not path.exists():
        raise DataError("no_such_file", file="…" if kind_of_identifier(path.name) else path.name)
    return [path]


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
    return hashlib.sha256(f"{case}/{SEED}".encode()).hexdigest() if case else _digest_of(Path(data))


def _digest_of(path: Path) -> str:
    """Return the SHA-256 of a source's file names and bytes."""
    total = hashlib.sha256()
    try:
        for file in source_files(path):
            total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
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
        Named by what is wrong: no such file, not a workbook, password, truncated, two encodings.
    """
    digest = _digest_of(path)
    if path.is_dir():
        sheets = [_csv_sheet(file, n) for n, file in enumerate(source_files(path), start=1)]
        return Source(path.name, sheets, _marked_folder(path), digest)
    sheets, annotations = _workbook(path)
    synthetic = any(s.name == SYNTHETIC_MARK for s in sheets)
    return Source(path.name, [s for s in sheets if s.name != SYNTHETIC_MARK], synthetic, digest, annotations)


def _marked_folder(path: Path) -> bool:
    """Return whether the descriptor marks exactly the files that are there as synthetic: if real files are among them, the mark is not valid."""
    try:
        marked = json.loads((path / DESCRIPTOR).read_text(encoding="utf-8"))[SYNTHETIC_MARK]
        return bool(marked == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in source_files(path)})
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _workbook(path: Path) -> tuple[list[Sheet], tuple[str, ...]]:
    if path.suffix.lower() == ".csv":
        raise DataError("csv_needs_folder", file=path.name)
    content = path.read_bytes() if path.suffix.lower() in _WORKBOOKS else b""
    if content.startswith(_OLD_OFFICE_FILE):
        raise DataError("password_or_old", file=path.name)
    if not content.startswith(b"PK"):
        raise DataError("not_a_workbook", file=path.name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = set(parts.namelist())
            manifest = "META-INF/manifest.xml"
            if manifest in names and b"encryption-data" in parts.read(manifest):
                raise DataError("password_or_old", file=path.name)
            if any(_cells_covered(parts, name) > _MOST_CELLS for name in names if name.startswith("xl/worksheets/")):
                raise DataError("sheet_too_large", file=path.name)
            notes = tuple(text for name in sorted(names) if _ANNOTATIONS.match(name) for text in _texts(parts.read(name)))
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            tables = {name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names}
            return [Sheet(name, n, _rows(enumerate(table, start=1))) for n, (name, table) in enumerate(tables.items(), start=1)], notes
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, CalamineError, OSError) as problem:
        raise DataError("truncated", file=path.name) from problem


def _texts(part: bytes) -> list[str]:
    """Return the texts of an XML part: what is between its tags."""
    found = re.findall(r">([^<]+)<", part.decode("utf-8", errors="replace"))
    return [text for text in map(unescape, found) if text.strip()]


def _cells_covered(parts: zipfile.ZipFile, name: str) -> int:
    """Return how many cells a sheet covers by its own account: one stray cell in the last corner covers 17 billion."""
    with parts.open(name) as sheet:
        found = re.search(rb'<dimension ref="A1:([A-Z]{1,3}\d{1,7})"', sheet.read(_FIRST_BYTES))
    row, column = xl_cell_to_rowcol(found[1].decode()) if found else (-1, -1)
    return (row + 1) * (column + 1)


def _rows(numbered: Iterable[tuple[int, Iterable[object]]]) -> list[tuple[int, list[CellText]]]:
    """Return rows as text, without those that are empty."""
    cells = ((n, [_cell(v) for v in row]) for n, row in numbered)
    return [(n, row) for n, row in cells if any(c is not None for c in row)]


def _cell(value: object) -> CellText:
    if value is None:
        return None
    if isinstance(value, str):
        return " ".join(value.split()) or None
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
    first = next((line for line in content.splitlines() if line.strip()), "")
    separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)  # without strict, an unclosed quotation mark would hide rows
    try:
        return Sheet(path.stem, position, _rows(_numbered(reader)))
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
