"""Writes workbooks of long tables with drop-downs, hints and a code book, and the synthetic pilot, also as CSV with a Data Package descriptor."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from locale import windows_locale
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_col_to_name, xl_range

from ikut_eval.contract.atomic import storing, write_bytes, write_text, written_atomically
from ikut_eval.contract.errors import DataError, MachineError, NotAllowedError, UsageError, check_choice
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.schema import Contract, Field, Table
from ikut_eval.data.forms import Rows
from ikut_eval.data.reading import DESCRIPTOR, SYNTHETIC_MARK, Sheet, as_read, cell_text, content_digest, read_source
from ikut_eval.data.synthetic import CASES, SEED, synthetic_rows

Mark = Callable[[Any], None]
"""Writes a sheet into a workbook."""
ROWS_TO_FILL = 5000
_A4 = 9
"""The number that a spreadsheet program gives the size of paper."""
_CODES_TO_CHOOSE = 500
_LISTS = "_lists"
_WIDTH = 22
_LAST_INPUT_LETTERS, _TITLE_LETTERS = 255, 32
_CREATED = datetime(2021, 8, 30)  # fixed, so that the same rows give the same bytes


@dataclass(frozen=True)
class Book:
    """What is the same for all sheets of a workbook: its formats by name, and the lists that its drop-downs offer."""

    file: Any
    contract: Contract
    tables: Sequence[Table]
    language: str
    formats: Mapping[str, Any]
    lists: dict[tuple[str, ...], int]


@dataclass(frozen=True)
class DrawnSheet:
    """A sheet that stands for the long sheets of `tables`; `draw` is called with the sheet and the workbook."""

    title: str
    tables: tuple[Table, ...]
    draw: Callable[[Any, Book], None]


def write_workbook(
    path: Path,
    contract: Contract,
    tables: Sequence[Table],
    rows: Rows,
    *,
    language: str,
    drawn: Sequence[DrawnSheet] = (),
    mark: Callable[[Any], None] | None = None,
) -> None:
    """Write a sheet a table, or the drawn sheets that stand for it, and a code book. A table with rows has its long sheet in any case.

    Parameters
    ----------
    mark : callable, optional
        Writes a sheet before all others into the workbook that it is called with.
    """
    try:
        with written_atomically(path) as temporary, xlsxwriter.Workbook(str(temporary)) as file:
            file.set_properties({"title": text("template.title", language), "created": _CREATED})
            book = Book(file, contract, tables, language, _formats(file, language), {})
            if mark:
                mark(file)
            for table in tables:
                theirs = [each for each in drawn if table in each.tables]
                for each in theirs:
                    if table is next(t for t in tables if t in each.tables):
                        each.draw(file.add_worksheet(each.title), book)
                if not theirs or rows.get(table.name):
                    _table_sheet(file.add_worksheet(table.labels[language]), table, rows.get(table.name, ()), book)
            if mark:
                file.worksheets()[1].activate()
            _code_book(file.add_worksheet(text("template.code_book_sheet", language)), book)
            hidden = file.add_worksheet(_LISTS)
            for words, column in book.lists.items():
                for place, word in enumerate(words):  # as text, whatever it begins with
                    hidden.write_string(place, column, word)
            hidden.hide()
    except FileCreateError as problem:
        raise MachineError("cannot_store", file=path.name) from problem


def _formats(file: Any, language: str) -> dict[str, Any]:
    """Return the formats by name; those of cells to fill in by the type of their field, with a frame on sheets that are printed."""
    head = {"bold": True, "bg_color": "#E3EAF0", "border": 1, "text_wrap": True, "valign": "top"}
    day = text("format.day_in_excel", language)
    types: dict[str, dict[str, object]] = {
        "string": {"num_format": "@"},
        "date": {"num_format": day, "align": "left"},
        "number": {"num_format": "0.##"},
        "integer": {"num_format": "0"},
        "boolean": {},
    }
    framed = {name: {**form, "border": 1, "border_color": "#9AA5B1"} for name, form in types.items()}
    framed |= {name: {**framed[name], "align": "center"} for name in ("integer", "number")}
    named: dict[str, dict[str, object]] = {
        "head": head,
        "required": {**head, "bg_color": "#C9DCEB"},
        "place": {**head, "bg_color": "#FFFFFF", "num_format": "@", "align": "center", "locked": False},
        "wrap": {"text_wrap": True, "valign": "top"},
        "count": {"border": 1, "border_color": "#9AA5B1", "align": "center", "font_color": "#52606D", "num_format": "0;;"},
        "count_head": {"align": "right", "font_color": "#52606D"},
        **{name: {**form, "locked": False} for name, form in types.items()},
        **{f"framed {name}": {**form, "locked": False} for name, form in framed.items()},
        "framed day": {**framed["date"], "num_format": f"{_in_language(language)}ddd {day}", "locked": False},
        "framed letter": {**framed["string"], "align": "center", "locked": False},
        "struck": {"font_color": "#7B8794", "font_strikeout": True, "bg_color": "#EEF1F4"},
    }
    return {name: file.add_format(form) for name, form in named.items()}


def _in_language(language: str) -> str:
    """Return what a number format begins with for the names of days to be in a language; nothing where Excel has no number for it."""
    number = next((number for number, name in windows_locale.items() if name == text("format.locale", language)), None)
    return "" if number is None else f"[$-{number:X}]"


def label_of(value: object, field: Field, language: str) -> object:
    """Return a value as people read it: a code or a yes by its label; other values as they are."""
    if isinstance(value, bool):
        return text("yes" if value else "no", language)
    if field.type == "string" and field.code_list and field.code_list.name != "item" and value in field.code_list.codes:
        return field.code_list.label(str(value), language)
    return value


def words_offered(field: Field, language: str) -> list[str]:
    """Return what the drop-down of a column offers; nothing where there is none."""
    offered = (True, False) if field.type == "boolean" else field.code_list and field.codes
    return [str(label_of(value, field, language)) for value in offered or ()]


def list_of(words: Sequence[str], book: Book) -> str:
    """Return the formula of a drop-down, whose words stand in a column of their own on a hidden sheet."""
    letter = xl_col_to_name(book.lists.setdefault(tuple(words), len(book.lists)), col_abs=True)
    return f"={_LISTS}!{letter}$1:{letter}${len(words)}"


def list_of_codes(name: str, table: Table, book: Book) -> str | None:
    """Return the formula of a drop-down of the codes on the sheet that a column refers to, if that sheet is in the workbook."""
    for key in table.foreign_keys:
        other = book.contract.tables[key.table]
        if key.fields == (name,) and other in book.tables and not any(other is form.row for form in book.contract.forms):
            letter = xl_col_to_name([f.name for f in other.fields].index(key.table_fields[0]), col_abs=True)
            return f"='{other.labels[book.language]}'!{letter}$2:{letter}${_CODES_TO_CHOOSE}"
    return None


def hint_of(field: Field, language: str) -> str:
    return field.hints[language] + (" " + text("template.required", language) if field.required else "")


def draw_heading(sheet: Any, row: int, column: int, field: Field, book: Book) -> None:
    sheet.write_string(row, column, field.labels[book.language], book.formats["required" if field.required else "head"])
    sheet.write_comment(row, column, hint_of(field, book.language), {"visible": False, "author": "ikut_eval"})


def print_on_a4(sheet: Any, *, pages_high: int = 0) -> None:
    """Let a sheet print across A4, as wide as one page, on as many as it takes unless it is told how many."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, pages_high)


def _table_sheet(sheet: Any, table: Table, rows: Sequence[Mapping[str, object]], book: Book) -> None:
    last = max(ROWS_TO_FILL, len(rows))
    print_on_a4(sheet)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 32)
    for column, field in enumerate(table.fields):
        sheet.set_column(column, column, _WIDTH, book.formats[field.type])
        draw_heading(sheet, 0, column, field, book)
        sheet.data_validation(1, column, last, column, validation_of(field, table, book))
    for number, row in enumerate(rows, start=1):
        for column, field in enumerate(table.fields):
            write_value(sheet, number, column, label_of(row[field.name], field, book.language), book.formats[field.type])
    protect_sheet(sheet, xl_range(1, 0, last, len(table.fields) - 1))


def write_value(sheet: Any, row: int, column: int, value: object, form: Any) -> None:
    if value is not None:
        (sheet.write_string if isinstance(value, str) else sheet.write)(row, column, value, form)


def protect_sheet(sheet: Any, to_fill: str) -> None:
    allowed = ("format_columns", "format_rows", "sort", "autofilter", "insert_rows", "delete_rows")
    sheet.protect("", dict.fromkeys(allowed, True))
    sheet.unprotect_range(to_fill)


def validation_of(field: Field, table: Table, book: Book) -> dict[str, Any]:
    hint = hint_of(field, book.language)
    shown = {
        "input_title": field.labels[book.language][:_TITLE_LETTERS],
        "input_message": hint[:_LAST_INPUT_LETTERS],
        "error_title": text("template.check_cell", book.language)[:_TITLE_LETTERS],
        "error_message": hint[:_LAST_INPUT_LETTERS],
    }
    words = words_offered(field, book.language)
    if source := list_of(words, book) if words else list_of_codes(field.name, table, book):
        return {**shown, "validate": "list", "source": source}
    if field.type == "string":
        return {**shown, "validate": "any"}
    low, high = (date(2000, 1, 1), date(2050, 12, 31)) if field.type == "date" else (-1_000_000, 1_000_000)
    limits = {"minimum": low if field.minimum is None else field.minimum, "maximum": high if field.maximum is None else field.maximum}
    return {**shown, "validate": {"number": "decimal"}.get(field.type, field.type), "criteria": "between", **limits}


def _code_book(sheet: Any, book: Book) -> None:
    for column, (name, width) in enumerate({"sheet": 24, "column": 26, "code": 20, "meaning": 90, "required_column": 12}.items()):
        sheet.set_column(column, column, width, book.formats["wrap"])
        sheet.write_string(0, column, text(f"template.{name}", book.language), book.formats["head"])
    print_on_a4(sheet)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    for number, line in enumerate(code_book_lines(book.tables, book.contract, book.language), start=1):
        for column, words in enumerate(line):
            sheet.write_string(number, column, words, book.formats["wrap"])
    sheet.protect()


def code_book_lines(tables: Sequence[Table], contract: Contract, language: str) -> list[tuple[str, str, str, str, str]]:
    """Return the code book: a line a table, a column and a code: sheet, column, code, meaning, required."""
    lines = []
    for table in tables:
        label = table.labels[language]
        lines.append((label, "", "", table.descriptions[language], ""))
        for field in table.fields:
            column = field.labels[language]
            needed = text("yes", language) if field.required else ""
            lines.append((label, column, field.name, field.hints[language], needed))
            if field.code_list and field.codes:
                lines += [(label, column, code, field.code_list.label(code, language), "") for code in field.codes]
    scales = {i.scale.name: i.scale for i in contract.instruments.values() if i.scale} | {"missing": contract.code_lists["missing"]}
    answers = contract.tables["answer"]
    if answers in tables:
        place = (answers.labels[language], answers.field("value").labels[language])
        lines += [(*place, code, scale.label(code, language), "") for scale in scales.values() for code in scale.codes]
    return lines


def _marked(tables: Sequence[Table], rows: Rows, language: str) -> Mark:
    """Return what writes, before all others, the sheet that marks a workbook as synthetic."""

    def write(book: Any) -> None:
        sheet = book.add_worksheet(SYNTHETIC_MARK)
        sheet.set_column(0, 0, 90)
        for n, other in enumerate(LANGUAGES):
            sheet.write(n, 0, text("report.synthetic", other))
        sheet.write(len(LANGUAGES), 0, content_digest(_as_read(table, rows[table.name], language) for table in tables))

    return write


def _as_read(table: Table, rows: Sequence[Mapping[str, object]], language: str) -> Sheet:
    """Return a table's sheet as it will be read."""
    cells = ([as_read(label_of(row[f.name], f, language)) for f in table.fields] for row in rows)
    return Sheet(table.labels[language], 0, [(1, [as_read(f.labels[language]) for f in table.fields]), *enumerate(cells, start=2)])


def write_synthetic(out: Path, contract: Contract, *, case: str, seed: int | None, language: str) -> list[Path]:
    """Write a synthetic pilot to a workbook (`out` ends in .xlsx) or to a folder of CSV files, and return what was written.

    The messy case is written as a Finnish office would write it: semicolons, decimal commas, Windows-1252.
    """
    check_choice("--case", case, CASES)
    rows = synthetic_rows(contract, case=case, seed=SEED if seed is None else seed)
    if out.suffix == ".xlsx":
        marked = _marked(contract.main_tables, rows, language)
        write_workbook(out, contract, contract.main_tables, rows, language=language, mark=marked)
        return [out]
    if out.suffix:
        raise UsageError("needs_suffix", suffix=".xlsx")
    write_csv_folder(out, contract, rows, language=language, finnish_office=case == "messy")
    return [out]


def refuse_real_data(out: Path) -> None:
    """Raise if `out` holds something that is not marked as synthetic: it could be real data.

    Raises
    ------
    NotAllowedError
        If there is such a file or folder.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    with suppress(DataError):
        if read_source(out).synthetic:
            return
    raise NotAllowedError("not_synthetic", file=out.name)


def write_csv_folder(out: Path, contract: Contract, rows: Rows, *, language: str, finnish_office: bool = False) -> None:
    """Write a table a CSV file, with the Data Package descriptor that other tools read.

    A Finnish office writes semicolons, decimal commas, d.m.yyyy, labels instead of codes, and Windows-1252.
    """
    with storing(out.name):
        out.mkdir(parents=True, exist_ok=True)
    for table in contract.main_tables:
        content = io.StringIO()
        writer = csv.writer(content, delimiter=";" if finnish_office else ",", lineterminator="\n")
        if finnish_office:
            writer.writerow([f" {f.labels[language]} " for f in table.fields])
            writer.writerows([_office(row[f.name], f, language) for f in table.fields] for row in rows[table.name])
            write_bytes(out / f"{table.name}.csv", content.getvalue().encode("cp1252", errors="replace"))
        else:
            writer.writerow([f.name for f in table.fields])
            writer.writerows([cell_text(row[f.name]) or "" for f in table.fields] for row in rows[table.name])
            write_text(out / f"{table.name}.csv", content.getvalue())
    marked = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in sorted(f"{t.name}.csv" for t in contract.main_tables)}
    descriptor = {**pilot_descriptor(contract, language), SYNTHETIC_MARK: marked, "description": text("report.synthetic", language)}
    write_text(out / DESCRIPTOR, json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n")


def _office(value: object, field: Field, language: str) -> str:
    if isinstance(value, float):
        return str(value).replace(".", ",")
    if isinstance(value, date):
        return f"{value.day}.{value.month}.{value.year}"
    return cell_text(label_of(value, field, language)) or ""


def pilot_descriptor(contract: Contract, language: str) -> dict[str, Any]:
    """Return a Data Package (v2) descriptor: codes are written out as categories and as an enum constraint."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "ikut-eval-pilot",
        "resources": [
            {"name": t.name, "title": t.labels[language], "type": "table", "path": f"{t.name}.csv", "schema": table_schema(t, language)}
            for t in contract.main_tables
        ],
    }


def table_schema(table: Table, language: str) -> dict[str, Any]:
    """Return one table's standard Table Schema."""
    fields = [_field_schema(f, language) for f in table.fields]
    references = [{"fields": list(k.fields), "reference": {"resource": k.table, "fields": list(k.table_fields)}} for k in table.foreign_keys]
    schema = {"fields": fields, "primaryKey": list(table.primary_key), "missingValues": [""]}
    return schema | ({"foreignKeys": references} if references else {})


def _field_schema(field: Field, language: str) -> dict[str, Any]:
    limits = {"required": field.required or None, "pattern": field.pattern, "minimum": field.minimum, "maximum": field.maximum}
    constraints: dict[str, Any] = {name: limit for name, limit in limits.items() if limit is not None}
    described: dict[str, Any] = {"name": field.name, "title": field.labels[language], "description": field.hints[language], "type": field.type}
    if field.codes and field.type == "string" and field.code_list:
        constraints["enum"] = list(field.codes)
        described["categories"] = [{"value": c, "label": field.code_list.label(c, language)} for c in field.codes]
    return described | ({"constraints": constraints} if constraints else {})
