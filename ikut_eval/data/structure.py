"""Finds the contract's tables and columns in what was read. An unknown name is reported by its position, never by its text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.schema import Contract, Field, Table
from ikut_eval.data.forms import TOTAL, FormSheets, cell_at, nearest_word, read_forms, word_of
from ikut_eval.data.identifiers import Names, kind_of_identifier, rows_with_identifiers
from ikut_eval.data.issues import ERROR, WARNING, FormLayout, Issue, rows_in
from ikut_eval.data.reading import CellText, Sheet, Source, is_aid

_ROWS_ABOVE_HEADINGS = 30
_SEVERAL = 2
_UNREADABLE = {
    "error_in_cell": re.compile(r"#[A-ZÅÄÖ0_/]{2,}[!?]|#N/A|#PUUTTUU|#SAKNAS|#GETTING_DATA|#{3,}|Err:\d{3}"),
    "formula_without_result": re.compile(r"=(\S.*)?"),
}
"""Cells that hold something which no program could hand on: an error of the spreadsheet (in the words of three languages), a formula."""
_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.|\d{4}-\d\d-\d\d")


def find_tables(source: Source, tables: tuple[Table, ...], contract: Contract) -> tuple[dict[str, pd.DataFrame], list[Issue], Mapping[int, FormLayout]]:
    """Return the tables found, as text, what is wrong with the structure, and where the columns of sheets in a form stand.

    A frame's columns are named as in the contract; its index is the row number in the file, or the place of a cell of a
    sheet in a form. A table without its sheet or without a required column is left out.
    """
    found: dict[str, pd.DataFrame] = {}
    issues = list(_identifiers_in_names(source))
    if source.changed:
        issues.append(Issue(WARNING, "synthetic_changed"))
    names = {word_of(name): table for table in tables for name in (table.name, *table.labels.values())}
    of_sheets = [(sheet, names.get(word_of(sheet.name))) for sheet in source.sheets]
    named = {table.name: sheet for sheet, table in of_sheets if table}
    ids = {table.name: _ids(named[table.name], table) for table in tables if table.name in named}
    forms = read_forms(source, contract, tables, ids)
    issues += forms.issues
    nearly = set(forms.incomplete)
    for sheet, table in of_sheets:
        issues += _identifiers(sheet, table, source.names)
        if sheet.position in forms.layouts:
            continue
        if table is None:
            near = nearest_word(sheet.name, [name for name in names if names[name].name not in {*named, *forms.rows}])
            if near:
                nearly.add(names[near].name)
                issues.append(Issue(ERROR, "sheet_nearly_known", names[near].labels, values={"position": sheet.position}))
            elif not is_aid(sheet):
                issues.append(_unknown_sheet(sheet, tables, ids))
        elif table.name in found:
            issues.append(Issue(ERROR, "sheet_twice", table.labels))
        else:
            found[table.name], of_sheet = _columns(sheet, table, ids)
            issues += of_sheet
    for table in tables:
        if table.name in forms.rows and table.name not in forms.incomplete:
            frame, of_cells = _readable(forms.frame(table), table, [])
            issues += of_cells
            long = found.get(table.name)
            if long is not None and len(long) and len(frame):
                issues.append(Issue(WARNING, "two_forms", table.labels, values={"sheets": forms.sheets_of(table)}))
            found[table.name] = frame if long is None else pd.concat([long, frame]) if len(long.columns) else long
    missing = (table for table in tables if table.name not in found and table.name not in nearly and not table.optional)
    issues += _missing(missing, forms, contract)
    return {name: frame for name, frame in found.items() if len(frame.columns) and name not in forms.incomplete}, issues, forms.layouts


def _missing(tables: Iterable[Table], forms: FormSheets, contract: Contract) -> Iterator[Issue]:
    """Yield the tables that are missing by the name of their sheet: in a file of sheets in a form, that of the form."""
    told = []
    for table in tables:
        titles = [form.titles for form in contract.forms if forms.layouts and table in (form.row, form.cells) and form.titles]
        name = {each: ", ".join(title[each] for title in titles) for each in LANGUAGES} if titles else table.labels
        if name not in told:
            told.append(name)
            yield Issue(ERROR, "missing_table", name)


def _identifiers_in_names(source: Source) -> Iterator[Issue]:
    if kind := kind_of_identifier(source.name, source.names):
        yield Issue(ERROR, "identifier_in_file_name", values={"kind": _kind(kind)})
    for kind in dict.fromkeys(filter(None, (kind_of_identifier(each, source.names) for each in dict.fromkeys(source.annotations)))):
        yield Issue(ERROR, "identifier_in_annotation", values={"kind": _kind(kind)})
    for sheet in source.sheets:
        if kind := kind_of_identifier(sheet.name, source.names):
            yield Issue(ERROR, "identifier_in_sheet_name", values={"kind": _kind(kind), "position": sheet.position})


def _kind(kind: str) -> Mapping[str, str]:
    return {language: text(f"identifier.{kind}", language) for language in LANGUAGES}


def _fields(table: Table) -> dict[str, Field]:
    return {word_of(name): field for field in table.fields for name in field.words}


def _heading_place(sheet: Sheet, table: Table) -> int:
    """Return which of a sheet's rows has the headings: the one with most of them; the first where none has any."""
    fields = _fields(table)

    def headings(place: int) -> tuple[int, int]:
        titles = [word_of(cell) for cell in sheet.rows[place][1] if cell]
        return sum(title in fields for title in titles), len(titles)

    return max(range(min(len(sheet.rows), _ROWS_ABOVE_HEADINGS)), key=headings, default=0) if sheet.rows else 0


def _columns(sheet: Sheet, table: Table, ids: Mapping[str, set[str]]) -> tuple[pd.DataFrame, list[Issue]]:
    """Return a sheet's columns under the contract's names, and what is wrong with them; no columns where a required one is not there."""
    if not sheet.rows:
        return pd.DataFrame(), [Issue(ERROR, "no_header", table.labels)]
    place = _heading_place(sheet, table)
    (header_row, header), body = sheet.rows[place], sheet.rows[place + 1 :]
    issues = list(_rows_above(sheet, place, table))
    places: dict[str, int] = {}
    unknown: list[int] = []
    fields = _fields(table)
    for position in range(max(len(row) for _, row in sheet.rows)):
        title = cell_at(header, position)
        letter = xl_col_to_name(position)
        if title is None:
            if any(cell_at(row, position) is not None for _, row in body):
                issues.append(Issue(ERROR, "column_without_title", table.labels, values={"letter": letter}))
            continue
        field = fields.get(word_of(title))
        if field is None:
            if near := nearest_word(title, list(fields)):
                issues.append(Issue(ERROR, "column_nearly_known", table.labels, fields[near].labels, (header_row,), {"letter": letter}))
            else:
                unknown.append(position)
        elif field.name in places:
            issues.append(Issue(ERROR, "column_twice", table.labels, field.labels, (header_row,), {"letter": letter}))
        else:
            places[field.name] = position
    absent = [f for f in table.fields if f.name not in places]
    keys = [f for f in absent if f.name in table.primary_key]
    valueless = bool(places) and any(f.required for f in absent if f not in keys)
    if listed := _listed_in_headings(keys, table, header, ids, several=valueless, days=True):
        return pd.DataFrame(), [Issue(ERROR, "wide_sheet", table.labels, None, (header_row,), _form(table, listed))]
    if unknown:
        letters = ", ".join(map(xl_col_to_name, unknown))
        issues.append(Issue(ERROR, "unknown_column", table.labels, None, (header_row,), {"letters": letters, "n": len(unknown)}))
    issues += [Issue(ERROR if f.required else WARNING, "missing_column", table.labels, f.labels) for f in absent]
    if any(f.required for f in absent):
        return pd.DataFrame(), issues
    index = pd.Index([n for n, _ in body], name="row", dtype="int64")
    frame = pd.DataFrame({f.name: [cell_at(row, places.get(f.name, len(row))) for _, row in body] for f in table.fields}, index=index, dtype="str")
    frame, totals = _without_totals(frame, table)
    return _readable(frame, table, [*issues, *totals])


def _rows_above(sheet: Sheet, place: int, table: Table) -> Iterator[Issue]:
    """Yield one issue on what stands above the headings: a title is told, and what could be data is refused."""
    above = sheet.rows[:place]
    wide = sum(cell is not None for cell in sheet.rows[place][1])
    if above:
        like_data = any(_SEVERAL * sum(cell is not None for cell in row) > wide > 1 for _, row in above)
        rows = tuple(number for number, _ in above)
        yield Issue(ERROR if like_data else WARNING, "headings_not_first" if like_data else "rows_above_headings", table.labels, None, rows)


def _without_totals(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[Issue]]:
    """Take out rows that sum up others: those that say so and lack a required cell, and a last row of numbers alone."""
    totals = {name: [each for each in cells.dropna().unique() if TOTAL.fullmatch(each.rstrip(" :."))] for name, cells in frame.items()}
    filled, total, numbers = frame.notna(), pd.Series(False, frame.index), pd.Series(False, frame.index)
    if any(totals.values()):
        says_so = pd.DataFrame({name: cells.isin(totals[str(name)]) for name, cells in frame.items()})
        filled &= ~says_so
        total = says_so.any(axis=1) & ~filled[[f.name for f in table.fields if f.required]].all(axis=1)
    if len(frame) > 1 and not total.iloc[-1]:
        counted = [f.name for f in table.fields if f.type in ("integer", "number") and f.name not in table.primary_key]
        numbers.iloc[-1] = not filled.iloc[-1].drop(counted).any() and not any(_unreadable(cells) for _, cells in frame.iloc[-1:].items())
    found = ((WARNING, "total_row", total), (ERROR, "numbers_without_code", numbers))
    issues = [Issue(severity, code, table.labels, None, rows_in(frame.index[each])) for severity, code, each in found if each.any()]
    return frame[~total & ~numbers] if issues else frame, issues


def _unreadable(cells: pd.Series) -> dict[str, str]:
    """Return the texts of a column that are unreadable, each with the code of what makes it so."""
    return {each: code for each in cells.dropna().unique() for code, pattern in _UNREADABLE.items() if pattern.fullmatch(each)}


def _readable(frame: pd.DataFrame, table: Table, issues: list[Issue]) -> tuple[pd.DataFrame, list[Issue]]:
    """Empty the cells that hold an error or a formula, and name them."""
    readable = frame.copy()
    for field in table.fields:
        if unreadable := _unreadable(frame[field.name]):
            codes = frame[field.name].map(unreadable)
            readable[field.name] = frame[field.name].mask(codes.notna())
            issues += [Issue(ERROR, code, table.labels, field.labels, rows_in(codes.index[codes == code])) for code in _UNREADABLE if (codes == code).any()]
    return readable, issues


def _ids(sheet: Sheet, table: Table) -> set[str]:
    """Return the codes in the column of a sheet that names its rows."""
    if len(table.primary_key) > 1 or not sheet.rows:
        return set()
    place, fields = _heading_place(sheet, table), _fields(table)
    of_key = [n for n, title in enumerate(sheet.rows[place][1]) if title and getattr(fields.get(word_of(title)), "name", "") == table.primary_key[0]]
    return {word_of(cell) for _, row in sheet.rows[place + 1 :] for n in of_key if (cell := cell_at(row, n))}


def _listed_in_headings(
    keys: Sequence[Field], table: Table, header: Sequence[CellText], ids: Mapping[str, set[str]], *, several: bool = False, days: bool = False
) -> Field | None:
    """Return the column of a table's key that a sheet lists in its headings instead: a column a session, an item, a month.

    Such headings are words of its code list or codes of the sheet that it refers to. Where only one key is missing, days
    (`days`) or any several unknown headings (`several`) stand for it as well.
    """
    titles = [word_of(title) for title in header if title and word_of(title) not in _fields(table)]
    for field in keys:
        codes = field.code_list
        known = {word_of(word) for code in codes.codes for word in codes.words(code)} if codes else set()
        known |= {each for key in table.foreign_keys if field.name in key.fields for each in ids.get(key.table, set())}
        if sum(not known.isdisjoint({title, *re.split(r"[\W_]", title)}) for title in titles) >= _SEVERAL:
            return field
    dated = days and sum(bool(_DAY.search(title)) for title in titles) >= _SEVERAL
    return keys[0] if len(keys) == 1 and (dated or (several and len(titles) > _SEVERAL)) else None


def _form(table: Table, listed: Field) -> dict[str, object]:
    """Return the words that say which form a sheet must have."""
    columns = {language: ", ".join(f.labels[language] for f in table.fields if f.required) for language in LANGUAGES}
    return {"listed": listed.labels, "columns": columns}


def _unknown_sheet(sheet: Sheet, tables: tuple[Table, ...], ids: Mapping[str, set[str]]) -> Issue:
    """Return what to say of a sheet that is no table: it may be one in another form, with the codes of people beside other headings."""
    cells = {word_of(cell) for _, row in sheet.rows for cell in row if cell}
    for table in tables if len(cells) > _SEVERAL else ():
        of_others = {name for key in table.foreign_keys for name in key.fields if not cells.isdisjoint(ids.get(key.table, set()))}
        keys = [table.field(name) for name in table.primary_key if name not in of_others]
        dated = all(any(name in key.fields for key in table.foreign_keys) for name in table.primary_key)
        for _, row in sheet.rows[:_ROWS_ABOVE_HEADINGS] if of_others else ():
            if keys and (listed := _listed_in_headings(keys[-1:], table, row, ids, days=dated)):
                return Issue(WARNING, "wide_unknown_sheet", values={"position": sheet.position, "sheet": table.labels, **_form(table, listed)})
    return Issue(WARNING, "unknown_sheet", values={"position": sheet.position})


def _identifiers(sheet: Sheet, table: Table | None, names: Names) -> Iterator[Issue]:
    numbers = [n for n, _ in sheet.rows]
    width = max((len(row) for _, row in sheet.rows), default=0)
    for position in range(width):
        contents = (row[position] if position < len(row) else None for _, row in sheet.rows)
        letter = xl_col_to_name(position)
        for kind, rows in rows_with_identifiers(numbers, contents, names).items():
            values = {"kind": _kind(kind), "letter": letter}
            if table:
                yield Issue(ERROR, "identifier", table.labels, None, tuple(rows), values)
            else:
                yield Issue(ERROR, "identifier_elsewhere", None, None, tuple(rows), {**values, "position": sheet.position})
