"""Writes the workbook to fill in, and the synthetic pilot as a workbook or as CSV files with a Data Package descriptor."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_col_to_name

from ikut_eval.contract.atomic import storing, write_bytes, write_text, written_atomically
from ikut_eval.contract.errors import DataError, MachineError, NotAllowedError, UsageError, check_choice
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.schema import Contract, Field, Table
from ikut_eval.data.reading import DESCRIPTOR, SYNTHETIC_MARK, Sheet, as_read, cell_text, content_digest, read_source
from ikut_eval.data.synthetic import CASES, SEED, synthetic_rows

_Rows = Mapping[str, Sequence[Mapping[str, object]]]
_Lists = dict[tuple[str, ...], int]
ROWS_TO_FILL = 5000
_LISTS = "_lists"
_WIDTH = 22
_LAST_INPUT_LETTERS = 255
_TITLE_LETTERS = 32
_CREATED = datetime(2021, 8, 30)  # fixed, so that the same rows give the same bytes


def write_template(path: Path, contract: Contract, *, language: str, background: bool = False) -> None:
    """Write the workbook to fill in: a sheet a table, drop-downs, hints, protected headings, a code book.

    With `background` it is that of the ESF background data, which is kept in a file of its own.
    """
    tables = [t for t in contract.tables.values() if t.separate_file == background]
    _write_workbook(path, contract, tables, {}, language=language, synthetic=False)


def _write_workbook(path: Path, contract: Contract, tables: Sequence[Table], rows: _Rows, *, language: str, synthetic: bool) -> None:
    try:
        with written_atomically(path) as temporary, xlsxwriter.Workbook(str(temporary)) as book:
            book.set_properties({"title": text("template.title", language), "created": _CREATED})
            formats = {
                "head": book.add_format({"bold": True, "bg_color": "#E3EAF0", "border": 1, "text_wrap": True, "valign": "top"}),
                "required": book.add_format({"bold": True, "bg_color": "#C9DCEB", "border": 1, "text_wrap": True, "valign": "top"}),
                "string": book.add_format({"locked": False, "num_format": "@"}),
                "date": book.add_format({"locked": False, "num_format": text("format.day_in_excel", language), "align": "left"}),
                "number": book.add_format({"locked": False, "num_format": "0.##"}),
                "integer": book.add_format({"locked": False, "num_format": "0"}),
                "boolean": book.add_format({"locked": False}),
                "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
            }
            if synthetic:
                sheet = book.add_worksheet(SYNTHETIC_MARK)
                sheet.set_column(0, 0, 90)
                for n, other in enumerate(LANGUAGES):
                    sheet.write(n, 0, text("report.synthetic", other))
                sheet.write(len(LANGUAGES), 0, content_digest(_as_read(table, rows[table.name], language) for table in tables))
            lists: _Lists = {}
            for table in tables:
                _table_sheet(book.add_worksheet(table.labels[language]), table, rows.get(table.name, ()), formats, lists, language)
            if synthetic:
                book.worksheets()[1].activate()
            _code_book(book.add_worksheet(text("template.code_book_sheet", language)), tables, contract, formats, language)
            hidden = book.add_worksheet(_LISTS)
            for words, column in lists.items():
                for place, word in enumerate(words):  # as text, whatever it begins with
                    hidden.write_string(place, column, word)
            hidden.hide()
    except FileCreateError as problem:
        raise MachineError("cannot_store", file=path.name) from problem


def _as_read(table: Table, rows: Sequence[Mapping[str, object]], language: str) -> Sheet:
    """Return a table's sheet as it will be read."""
    cells = ([as_read(_label(row[f.name], f, language)) for f in table.fields] for row in rows)
    return Sheet(table.labels[language], 0, [(1, [as_read(f.labels[language]) for f in table.fields]), *enumerate(cells, start=2)])


def _list_source(lists: _Lists, words: Sequence[str]) -> str:
    """Return the formula of a drop-down, whose words stand in a column of their own on a hidden sheet."""
    letter = xl_col_to_name(lists.setdefault(tuple(words), len(lists)), col_abs=True)
    return f"={_LISTS}!{letter}$1:{letter}${len(words)}"


def _label(value: object, field: Field, language: str) -> object:
    """Return a value as people read it: a code or a yes by its label; other values as they are."""
    if isinstance(value, bool):
        return text("yes" if value else "no", language)
    if field.type == "string" and field.code_list and field.code_list.name != "item" and value in field.code_list.codes:
        return field.code_list.label(str(value), language)
    return value


def _words(field: Field, language: str) -> list[str]:
    """Return what the drop-down of a column offers; nothing where there is none."""
    offered = (True, False) if field.type == "boolean" else field.code_list and field.codes
    return [str(_label(value, field, language)) for value in offered or ()]


def _table_sheet(sheet: Any, table: Table, rows: Sequence[Mapping[str, object]], formats: Mapping[str, Any], lists: _Lists, language: str) -> None:
    last = max(ROWS_TO_FILL, len(rows))
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 32)
    for column, field in enumerate(table.fields):
        sheet.set_column(column, column, _WIDTH, formats[field.type])
        sheet.write_string(0, column, field.labels[language], formats["required" if field.required else "head"])
        hint = field.hints[language] + (" " + text("template.required", language) if field.required else "")
        sheet.write_comment(0, column, hint, {"visible": False, "author": "ikut_eval"})
        sheet.data_validation(1, column, last, column, _validation(field, hint, lists, language))
    for number, row in enumerate(rows, start=1):
        for column, field in enumerate(table.fields):
            shown = _label(row[field.name], field, language)
            if shown is not None:
                write = sheet.write_string if isinstance(shown, str) else sheet.write
                write(number, column, shown, formats[field.type])
    sheet.protect("", {"format_columns": True, "sort": True, "autofilter": True, "insert_rows": True, "delete_rows": True})
    sheet.unprotect_range(f"A2:{xl_col_to_name(len(table.fields) - 1)}{last + 1}")


def _validation(field: Field, hint: str, lists: _Lists, language: str) -> dict[str, Any]:
    shown = {
        "input_title": field.labels[language][:_TITLE_LETTERS],
        "input_message": hint[:_LAST_INPUT_LETTERS],
        "error_title": text("template.check_cell", language)[:_TITLE_LETTERS],
        "error_message": hint[:_LAST_INPUT_LETTERS],
    }
    words = _words(field, language)
    if words:
        return {**shown, "validate": "list", "source": _list_source(lists, words)}
    if field.type == "string":
        return {**shown, "validate": "any"}
    low, high = (date(2000, 1, 1), date(2050, 12, 31)) if field.type == "date" else (-1_000_000, 1_000_000)
    limits = {"minimum": low if field.minimum is None else field.minimum, "maximum": high if field.maximum is None else field.maximum}
    return {**shown, "validate": {"number": "decimal"}.get(field.type, field.type), "criteria": "between", **limits}


def _code_book(sheet: Any, tables: Sequence[Table], contract: Contract, formats: Mapping[str, Any], language: str) -> None:
    for column, (name, width) in enumerate({"sheet": 24, "column": 26, "code": 20, "meaning": 90, "required_column": 12}.items()):
        sheet.set_column(column, column, width, formats["wrap"])
        sheet.write_string(0, column, text(f"template.{name}", language), formats["head"])
    sheet.freeze_panes(1, 0)
    for number, line in enumerate(code_book_lines(tables, contract, language), start=1):
        for column, words in enumerate(line):
            sheet.write_string(number, column, words, formats["wrap"])
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


def write_synthetic(out: Path, contract: Contract, *, case: str, seed: int | None, language: str) -> list[Path]:
    """Write a synthetic pilot to a workbook (`out` ends in .xlsx) or to a folder of CSV files, and return what was written.

    The messy case is written as a Finnish office would write it: semicolons, decimal commas, Windows-1252.
    """
    check_choice("--case", case, CASES)
    rows = synthetic_rows(contract, case=case, seed=SEED if seed is None else seed)
    if out.suffix == ".xlsx":
        _write_workbook(out, contract, contract.main_tables, rows, language=language, synthetic=True)
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


def write_csv_folder(out: Path, contract: Contract, rows: _Rows, *, language: str, finnish_office: bool = False) -> None:
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
    return cell_text(_label(value, field, language)) or ""


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
