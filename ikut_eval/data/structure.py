"""Finds the contract's tables and columns in what was read. An unknown name is reported by its position, never by its text."""

import difflib
from collections.abc import Iterator, Mapping

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.schema import Table
from ikut_eval.data.identifiers import kind_of_identifier, rows_with_identifiers
from ikut_eval.data.issues import ERROR, WARNING, Issue
from ikut_eval.data.reading import Sheet, Source


def _names(key: str, labels: Mapping[str, str]) -> set[str]:
    return {key.casefold(), *(label.casefold() for label in labels.values())}


def find_tables(source: Source, tables: tuple[Table, ...]) -> tuple[dict[str, pd.DataFrame], list[Issue]]:
    """Return the tables found, as text, and what is wrong with the structure.

    A frame's columns are named as in the contract; its index is the row number in the file. A table without its sheet or
    without a required column is left out.
    """
    found: dict[str, pd.DataFrame] = {}
    issues = list(_identifiers_in_names(source))
    for sheet in source.sheets:
        table = next((t for t in tables if sheet.name.strip().casefold() in _names(t.name, t.labels)), None)
        if table is None:
            issues += _identifiers(sheet)
            if not sheet.name.startswith("_") and sheet.name not in {text("template.code_book_sheet", x) for x in LANGUAGES}:
                issues.append(Issue(WARNING, "unknown_sheet", values={"position": sheet.position}))
            continue
        issues += _identifiers(sheet, table)
        if table.name in found:
            issues.append(Issue(ERROR, "sheet_twice", table.labels))
            continue
        found[table.name], of_sheet = _columns(sheet, table)
        issues += of_sheet
    issues += [Issue(ERROR, "missing_table", table.labels) for table in tables if table.name not in found and not table.optional]
    return {name: frame for name, frame in found.items() if len(frame.columns)}, issues


def _identifiers_in_names(source: Source) -> Iterator[Issue]:
    if kind := kind_of_identifier(source.name):
        yield Issue(ERROR, "identifier_in_file_name", values={"kind": _kind(kind)})
    for kind in dict.fromkeys(filter(None, map(kind_of_identifier, source.annotations))):
        yield Issue(ERROR, "identifier_in_annotation", values={"kind": _kind(kind)})
    for sheet in source.sheets:
        if kind := kind_of_identifier(sheet.name):
            yield Issue(ERROR, "identifier_in_sheet_name", values={"kind": _kind(kind), "position": sheet.position})


def _kind(kind: str) -> Mapping[str, str]:
    return {language: text(f"identifier.{kind}", language) for language in LANGUAGES}


def _columns(sheet: Sheet, table: Table) -> tuple[pd.DataFrame, list[Issue]]:
    """Return a sheet's columns under the contract's names, and what is wrong with them; no columns where a required one is not there."""
    if not sheet.rows:
        return pd.DataFrame(), [Issue(ERROR, "no_header", table.labels)]
    header_row, header = sheet.rows[0]
    issues: list[Issue] = []
    places: dict[str, int] = {}
    fields = {name: f for f in table.fields for name in _names(f.name, f.labels)}
    for position in range(max(len(row) for _, row in sheet.rows)):
        title = header[position] if position < len(header) else None
        column_cells = (row[position] if position < len(row) else None for _, row in sheet.rows[1:])
        letter = xl_col_to_name(position)
        if title is None:
            if any(c is not None for c in column_cells):
                issues.append(Issue(ERROR, "column_without_title", table.labels, values={"letter": letter}))
            continue
        field = fields.get(title.casefold())
        if field is None:
            near = difflib.get_close_matches(title.casefold(), list(fields), n=1, cutoff=0.75)
            labels = fields[near[0]].labels if near else None
            issues.append(Issue(ERROR, "column_nearly_known" if near else "unknown_column", table.labels, labels, (header_row,), {"letter": letter}))
        elif field.name in places:
            issues.append(Issue(ERROR, "column_twice", table.labels, field.labels, (header_row,), {"letter": letter}))
        else:
            places[field.name] = position
    absent = [f for f in table.fields if f.name not in places]
    issues += [Issue(ERROR if f.required else WARNING, "missing_column", table.labels, f.labels) for f in absent]
    if any(f.required for f in absent):
        return pd.DataFrame(), issues
    body = sheet.rows[1:]
    index = pd.Index([n for n, _ in body], name="row", dtype="int64")
    cells = {f.name: [row[places[f.name]] if f.name in places and places[f.name] < len(row) else None for _, row in body] for f in table.fields}
    return pd.DataFrame(cells, index=index, dtype="str"), issues


def _identifiers(sheet: Sheet, table: Table | None = None) -> Iterator[Issue]:
    numbers = [n for n, _ in sheet.rows]
    width = max((len(row) for _, row in sheet.rows), default=0)
    for position in range(width):
        contents = (row[position] if position < len(row) else None for _, row in sheet.rows)
        letter = xl_col_to_name(position)
        for kind, rows in rows_with_identifiers(numbers, contents).items():
            values = {"kind": _kind(kind), "letter": letter}
            if table:
                yield Issue(ERROR, "identifier", table.labels, None, tuple(rows), values)
            else:
                yield Issue(ERROR, "identifier_elsewhere", None, None, tuple(rows), {**values, "position": sheet.position})
