"""Opens a workbook (.xlsx, .ods) within limits, and finds the cells that the library which reads its tables would hand on as empty."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from itertools import pairwise
from posixpath import join, normpath
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter.utility import xl_cell_to_rowcol

from ikut_eval.contract.errors import DataError

EXCEL_DAY_ZERO = date(1899, 12, 30)
MOST_BYTES = 200_000_000
"""The largest file, and the largest part of a workbook when unpacked: some five million cells."""
_MOST_BYTES_IN_ALL = 400_000_000
_MOST_BYTES_OF_NOTES = 5_000_000
_MOST_CELLS = 5_000_000
_MOST_UNREADABLE = 1_000_000
_NOT_COMPUTED = "="
_NO_ERROR_SHOWN = "#N/A"
_PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NOTES = re.compile(r"xl/(comments|threadedComments|persons)|docProps/|meta\.xml$")
_NOT_TABLES = re.compile(r"xl/(media|embeddings|printerSettings)/|Pictures/|Thumbnails/|Object \d+/")
_NO_WORDS = re.compile(r".*(?<!\.xml)(?<!\.rels)(?<!\.vml)$|xl/(theme|sharedStrings|calcChain)|\[Content_Types\]|META-INF/|xl/(worksheets/)?printerSettings")
"""Parts without words of a person's own, and those whose texts are the cells themselves."""
_CELLS = re.compile(rb"<sheetData\b.*</sheetData>|<table:table-row\b.*</table:table-row>", re.S)
_IN_CELLS = re.compile(rb"<(office:annotation|draw:frame|draw:custom-shape|text:a)\b.*?</\1>", re.S)
"""What OpenDocument keeps inside the cell at which it stands."""
_FORMULA_TEXTS = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*(?:\"|&quot;)[^<]*)|table:formula=\"([^\"]*&quot;[^\"]*)")
"""Formulas with words of their own."""
_SAID = re.compile(
    r"\b(?:Target|display|tooltip|location|formatCode|name|descr|title|prompt|promptTitle|error|errorTitle|v|val|text|alt|string|caption|href)=\"([^\"]*)\""
)
_RUN_ENDS = re.compile(r"</(?:\w+:)?t>(?:(?!</(?:\w+:)?(?:p|comment|si|text)>)<[^>]*>)*?<(?:\w+:)?t(?: [^>]*)?>|</?text:span[^>]*>")
"""What stands between two runs of letters of one paragraph."""
_TAG = re.compile(r"<[^>]*>")
_HEADER_CODES = re.compile(r"&(?:\"[^\"]*\"|K[0-9A-F]{6}|\d{1,2}|[A-Z])")
_FAR = re.compile(rb'r="(?:[A-Z]{2}|[F-Z]\d{6}|[A-Z]\d{7})')
_FORMULA = re.compile(rb"<f[\s/>]")
_SHARED_TEXTS, _SHARED_TEXT = re.compile(rb"<(?:\w+:)?sst\b"), re.compile(rb"<(?:\w+:)?si[\s>]")


@dataclass(frozen=True, repr=False)
class OpenedWorkbook:
    """A workbook within the limits.

    Attributes
    ----------
    tables : iterator of (str, rows) – name and rows of each sheet from A1 on; an error of the spreadsheet as its word ("#N/A"),
        a formula without a result as "="
    day_zero : date – the day from which plain numbers of days are counted
    notes : tuple of str – texts outside the cells
    """

    tables: Iterator[tuple[str, list[list[object]]]]
    day_zero: date
    notes: tuple[str, ...]


@dataclass
class _Seen:
    """What a pass over one sheet saw: the words to put into cells that would be empty, and how far its cells reach."""

    words: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0
    letters: int = 0

    def holds(self, letters: int) -> None:
        """Count the letters of cells: one text can stand in many cells and be stored once."""
        self.letters += letters
        if self.letters > MOST_BYTES:
            raise _TooLargeError("workbook_too_large")

    def reach(self, row: int, column: int) -> None:
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
        if self.rows * self.columns > _MOST_CELLS:
            raise _TooLargeError("sheet_too_large")

    def unreadable(self, row: int, column: int, word: str) -> None:
        self.words[row, column] = word
        if len(self.words) > _MOST_UNREADABLE:
            raise _TooLargeError("sheet_too_large")


class _TooLargeError(ValueError):
    """A sheet reaches too far, or holds too many letters; its words are the message's key."""


def open_workbook(content: bytes, file: str) -> OpenedWorkbook:
    """Open a workbook; nothing is unpacked before its size is known, and no table is made before its extent is known.

    Raises
    ------
    DataError
        If it is protected, damaged, or larger than the limits.
    """
    try:
        parts = _parts(content, file)
        notes = _texts_outside_cells(parts)
        seen, day_zero = _look_over_ods(parts["content.xml"]) if "content.xml" in parts else _look_over_xlsx(parts)
        if sum(sheet.rows * sheet.columns for sheet in seen) > _MOST_CELLS:
            raise DataError("sheet_too_large", file=file)
        if sum(sheet.letters for sheet in seen) > MOST_BYTES:
            raise DataError("workbook_too_large", file=file)
        return OpenedWorkbook(_tables(parts, seen, file), day_zero, notes)
    except _TooLargeError as problem:
        raise DataError(str(problem), file=file) from problem
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ExpatError, KeyError, ValueError) as problem:
        raise DataError("truncated", file=file) from problem


def _parts(content: bytes, file: str) -> dict[str, bytes]:
    """Unpack a workbook: each part only as far as its entry in the directory says, and only if all of them are within the limits."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        sizes = {entry.filename: entry.file_size for entry in entries}
        largest = max((size for name, size in sizes.items() if not _NOTES.match(name)), default=0)
        notes = sum(size for name, size in sizes.items() if _NOTES.match(name))
        if largest > MOST_BYTES or notes > _MOST_BYTES_OF_NOTES or sum(entry.file_size for entry in entries) > _MOST_BYTES_IN_ALL:
            raise DataError("workbook_too_large", file=file)
        if any(entry.compress_type not in _PACKED_AS for entry in entries):
            raise DataError("not_a_workbook", file=file)
        parts = {}
        for entry in entries:
            if not _NOT_TABLES.match(entry.filename):
                with archive.open(entry) as part:
                    parts[entry.filename] = part.read(entry.file_size)
                if len(parts[entry.filename]) != entry.file_size:
                    raise DataError("truncated", file=file)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise DataError("password_or_old", file=file)
    return parts


def _tables(parts: dict[str, bytes], seen: Sequence[_Seen], file: str) -> Iterator[tuple[str, list[list[object]]]]:
    """Yield name and rows of each sheet. The library gets the parts as they were unpacked here, so that it meets no other size."""
    repacked = io.BytesIO()
    with zipfile.ZipFile(repacked, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    repacked.seek(0)
    try:
        with CalamineWorkbook.from_filelike(repacked) as book:
            for name, sheet in zip(book.sheet_names, seen, strict=True):
                rows: list[list[object]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)  # type: ignore[assignment]
                for (row, column), word in sheet.words.items():
                    rows += [[] for _ in range(len(rows), row + 1)]
                    rows[row] += [None] * (column + 1 - len(rows[row]))
                    rows[row][column] = word
                yield name, rows
    except (CalamineError, OSError, ValueError) as problem:
        raise DataError("truncated", file=file) from problem


def _texts_outside_cells(parts: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the texts of comments, properties, page headers and footers, defined names, lists to choose from, links, number formats, formulas,
    text boxes, charts and hidden copies of data; each once. Text in runs of different letters is joined.
    """
    return tuple(dict.fromkeys(text for name in sorted(parts) if not _NO_WORDS.match(name) for text in _texts(parts[name])))


def _texts(part: bytes) -> Iterator[str]:
    formulas = b"".join(b"<p>" + (found[1] or found[2]) + b"</p>" for found in _FORMULA_TEXTS.finditer(part))
    inside = b" ".join(found[0] for found in _IN_CELLS.finditer(part))
    written = (_CELLS.sub(b" ", part) + formulas + inside).decode("utf-8", errors="replace")
    for piece in (*_TAG.split(_RUN_ENDS.sub("", written)), *_SAID.findall(written)):
        said = " ".join(unescape(piece).split())
        for text in dict.fromkeys((said, _HEADER_CODES.sub(" ", said))):
            if text.strip():
                yield text


def _plain(name: str) -> str:
    """Return the name of an XML element or attribute without its prefix."""
    return name.rpartition(":")[2]


def _parser() -> Any:
    parser = ParserCreate()

    def refuse(*_: object) -> None:
        raise ValueError("a workbook declares no entities")

    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    return parser


def _elements(part: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return name and attributes of every element of a small part."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, given: found.append((_plain(name), {_plain(key): value for key, value in given.items()}))
    parser.Parse(part, True)
    return found


def _look_over_xlsx(parts: dict[str, bytes]) -> tuple[list[_Seen], date]:
    """Look over every sheet of an .xlsx file, in the order of the workbook."""
    main = next((each["Target"] for _, each in _elements(parts["_rels/.rels"]) if each.get("Type", "").endswith("/officeDocument")), "xl/workbook.xml")
    main = main.lstrip("/")
    folder, _, name = main.rpartition("/")
    targets = {each.get("Id"): each.get("Target", "") for _, each in _elements(parts[f"{folder}/_rels/{name}.rels"])}
    about, lengths = _elements(parts[main]), _shared_lengths(parts)
    day_zero, recalculated = EXCEL_DAY_ZERO, False
    seen = []
    for element, given in about:
        if element == "workbookPr" and given.get("date1904") in ("1", "true"):
            day_zero = date(1904, 1, 1)
        recalculated |= element == "calcPr" and given.get("fullCalcOnLoad") in ("1", "true")
    for element, given in about:
        if element == "sheet":
            target = targets[given["id"]]
            seen.append(_look_over_sheet(parts[normpath(target.lstrip("/") if target.startswith("/") else join(folder, target))], recalculated, lengths))
    return seen, day_zero


def _shared_lengths(parts: Mapping[str, bytes]) -> list[int]:
    """Return how long each text is that cells share; nothing where they could not be too long together, however often each is used."""
    shared = next((part for part in parts.values() if _SHARED_TEXTS.search(part, 0, 2000)), b"")
    starts = [found.start() for found in _SHARED_TEXT.finditer(shared)]
    longest = max((end - start for start, end in pairwise([*starts, len(shared)])), default=0)
    values = sum(part.count(b"<v") + part.count(b":v") for part in parts.values())
    if longest * values <= MOST_BYTES:
        return []
    lengths: list[int] = []

    def start(name: str, _: object) -> None:
        if _plain(name) == "si":
            lengths.append(0)

    def words(said: str) -> None:
        if lengths:
            lengths[-1] += len(said)

    parser = _parser()
    parser.StartElementHandler, parser.CharacterDataHandler = start, words
    parser.Parse(shared, True)
    return lengths


def _look_over_sheet(part: bytes, recalculated: bool, lengths: Sequence[int]) -> _Seen:
    """Find errors, formulas without a result, and the extent of a sheet of .xlsx.

    A formula has no result if its value is empty, unless it is a computed text; and if the file asks to be
    recalculated when it is opened: the program that wrote it computes nothing.
    """
    seen = _Seen()
    if not lengths and _has_nothing_to_find(part):
        return seen
    row = column = -1
    kind = area = shown = ""
    formula = valued = reading = False

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal row, column, kind, area, shown, formula, valued, reading
        match _plain(name):
            case "row":
                row, column = int(given.get("r", row + 2)) - 1, -1
            case "c":
                row, column = xl_cell_to_rowcol(given["r"].upper()) if "r" in given else (row, column + 1)
                kind, area, shown, formula, valued = given.get("t", ""), "", "", False, False
            case "f":
                formula, area = True, given.get("ref", "") if given.get("t") in ("array", "dataTable") else ""
            case "v" | "t":
                valued = reading = True

    def end(name: str) -> None:
        nonlocal reading
        match _plain(name):
            case "v" | "t":
                reading = False
            case "c":
                if shown or kind == "e":
                    seen.reach(row, column)
                if kind == "s" and lengths:
                    seen.holds(lengths[int(shown)] if int(shown) < len(lengths) else 0)
                if kind == "e":
                    seen.unreadable(row, column, shown or _NO_ERROR_SHOWN)
                elif formula and (recalculated or not (shown or (valued and kind == "str"))):
                    for place in _places(area) if area else [(row, column)]:
                        seen.unreadable(*place, _NOT_COMPUTED)

    def words(said: str) -> None:
        nonlocal shown
        if reading:
            shown += said.strip()

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
    parser.Parse(part, True)
    return seen


def _has_nothing_to_find(part: bytes) -> bool:
    """Return whether a sheet plainly has no error, no formula and no cell far away: then it needs no pass."""
    usual = not part.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in part[:100] and b"r='" not in part and b"r =" not in part and b"<c>" not in part
    addressed = usual and part.count(b"<c ") <= part.count(b' r="')
    return addressed and not any(each in part for each in (b'"e"', b":f", b":c")) and not _FORMULA.search(part) and not _FAR.search(part)


def _places(area: str) -> Iterator[tuple[int, int]]:
    first, _, last = area.upper().partition(":")
    (top, left), (bottom, right) = xl_cell_to_rowcol(first), xl_cell_to_rowcol(last or first)
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def _look_over_ods(part: bytes) -> tuple[list[_Seen], date]:
    """Find the same in the sheets of an .ods file, where equal cells and rows stand once with a number."""
    seen: list[_Seen] = []
    day_zero = EXCEL_DAY_ZERO
    above: list[str] = []
    row = column = 0
    rows = columns = 1
    given: dict[str, str] = {}
    shown: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal day_zero, row, column, rows, columns, given
        plain = _plain(name)
        match plain:
            case "null-date":
                day_zero = date.fromisoformat(attributes.get("table:date-value", "1899-12-30"))
            case "table" if above[-1:] == ["spreadsheet"]:
                seen.append(_Seen())
                row, rows = 0, 0
            case "table-row":
                row, column, rows = row + rows, 0, int(attributes.get("table:number-rows-repeated", 1))
                columns = 0
            case "table-cell" | "covered-table-cell":
                column, columns, given = column + columns, int(attributes.get("table:number-columns-repeated", 1)), attributes
                shown.clear()
            case "p" if above and _is_cell(above[-1]):
                shown.append("")
        above.append(plain)

    def words(said: str) -> None:
        if shown and "annotation" not in above:
            shown[-1] += said

    def end(name: str) -> None:
        above.pop()
        if not _is_cell(_plain(name)) or not seen:
            return
        word = _unreadable_in_ods(given, shown)
        if word or "office:value-type" in given or any(shown):
            seen[-1].reach(row + rows - 1, column + columns - 1)
            seen[-1].holds(sum(map(len, shown)) * rows * columns)
        if word:
            for place in ((r, c) for r in range(row, row + rows) for c in range(column, column + columns)):
                seen[-1].unreadable(*place, word)

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
    parser.Parse(part, True)
    return seen, day_zero


def _is_cell(name: str) -> bool:
    return name in ("table-cell", "covered-table-cell")


def _unreadable_in_ods(given: dict[str, str], shown: Sequence[str]) -> str:
    """Return the word for a cell that holds an error or a formula without a result; empty for any other."""
    said = " ".join(shown).strip()
    kind = given.get("office:value-type", "")
    if "error" in (kind, given.get("calcext:value-type")):
        return said or _NO_ERROR_SHOWN
    if "table:formula" not in given:
        return ""
    value = {"string": "office:string-value", "date": "office:date-value", "time": "office:time-value", "boolean": "office:boolean-value"}
    if not kind or (value.get(kind, "office:value") not in given and not (kind == "string" and shown)):
        return _NOT_COMPUTED
    return said if said.startswith("#") or said.startswith("Err:") else ""
