"""Sheets as people keep them: a register of sessions and people, a row a person and wave. Read into the contract's long tables, and written from them.

Every row of a long table that comes from such a sheet carries its **place**: one number for sheet, row and column. All later
checks take it for a row number, and `ikut_eval.data.issues.at_their_cells` turns what they find back into the cells as typed.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from ikut_eval.contract.locale import LANGUAGES, Words, text
from ikut_eval.contract.schema import Contract, Field, Form, Table
from ikut_eval.data.columns import coerce, read_entry
from ikut_eval.data.issues import ERROR, FIRST_PLACE, WARNING, FormLayout, Issue, cell_place
from ikut_eval.data.reading import CellText, Sheet, Source, as_read

Rows = Mapping[str, Sequence[Mapping[str, object]]]
_NEAR = 0.75
_SHORTEST_PREFIX = 4
_ROWS_ABOVE_HEADINGS = 30
_BETWEEN_PARTS = re.compile(r"[/\[\].:]+")
TOTAL = re.compile(
    r"(grand |sub)?totals?|sum|average|mean|(kaikki )?yhteensä|(väli|loppu)?summa|keskiarvo|(del|slut)?summa|totalt|sammanlagt|medelvärde|genomsnitt", re.I
)


@dataclass
class FormSheets:
    """What was read from sheets in a form.

    Attributes
    ----------
    rows : mapping of table to (place, row) – text cells by column
    layouts : mapping of a sheet's position to its layout
    incomplete : set of str – tables of which a sheet lacks a column
    issues : list of Issue
    """

    rows: dict[str, list[tuple[int, dict[str, CellText]]]] = field(default_factory=dict)
    layouts: dict[int, FormLayout] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)

    def frame(self, table: Table) -> pd.DataFrame:
        """Return the rows of a table; the index is their place."""
        rows = self.rows[table.name]
        index = pd.Index([place for place, _ in rows], name="row", dtype="int64")
        return pd.DataFrame({f.name: [row.get(f.name) for _, row in rows] for f in table.fields}, index=index, dtype="str")

    def sheets_of(self, table: Table) -> Words:
        """Return the names of the sheets that fill a table."""
        theirs = [layout.sheet for layout in self.layouts.values() if table in (layout.forms[0].row, layout.forms[0].cells)]
        return {language: ", ".join(sheet[language] for sheet in theirs) for language in LANGUAGES}


def counted(form: Form) -> tuple[str, ...]:
    """Return the kinds of entries that a register counts beside what was typed, as its code list has them; none for other forms."""
    codes = form.letters
    return tuple(dict.fromkeys(codes.attributes[code]["counts_as"] for code in codes.codes)) if codes else ()


def word_of(name: str) -> str:
    """Return a heading or a sheet's name as it is compared."""
    return (as_read(name) or "").casefold()


def nearest_word(name: str, known: Sequence[str]) -> str:
    """Return the known word that a name nearly is, or begins with; an empty text where there is none."""
    word = word_of(name)
    near = difflib.get_close_matches(word, known, n=1, cutoff=_NEAR)
    begun = [each for each in known if len(each) >= _SHORTEST_PREFIX and word.startswith(each)]
    return near[0] if near else max(begun, key=len, default="")


def cell_at(row: Sequence[CellText], position: int) -> CellText:
    return row[position] if position < len(row) else None


def read_forms(source: Source, contract: Contract, tables: Sequence[Table], ids: Mapping[str, set[str]]) -> FormSheets:
    """Read the sheets that are in one of the contract's forms; others are left to be read as long tables.

    A row whose cells are empty but for those that the template fills has not been filled in yet, and is not read. A session
    whose row is kept without a code gets one of its cohort, its date and, from the second of a day on, its order: C1-2026-11-09-2.

    Parameters
    ----------
    ids : mapping of table to the codes that its long sheet has, in small letters
    """
    found = FormSheets()
    names = {word_of(name): table for table in tables for name in (table.name, *table.labels.values())}
    wanted = {table.name for table in tables}
    forms = [form for form in contract.forms if {form.cells.name, (form.row or form.cells).name} <= wanted]
    for sheet in source.sheets:
        if layout := _layout(sheet, forms, names.get(word_of(sheet.name)), contract, ids, found.issues):
            again = any(layout.sheet == each.sheet for each in found.layouts.values())
            found.layouts[sheet.position] = layout
            if again:
                found.issues.append(Issue(ERROR, "sheet_twice", layout.sheet))
            else:
                _read_rows(sheet, layout, source, found)
    return found


def _layout(
    sheet: Sheet, forms: Sequence[Form], table: Table | None, contract: Contract, ids: Mapping[str, set[str]], issues: list[Issue]
) -> FormLayout | None:
    """Return where the columns of a sheet stand, and note what is wrong with its headings; None where it is in none of the forms."""
    titled = next(_titled(sheet, forms, contract), None)
    of_table = [each for form in forms if table for each in _without_row(form, table, sheet, contract)]
    candidates, name = ((titled[0],), titled[1]) if titled else (tuple(of_table), table.labels if table else {})
    if not candidates or not (sheet.rows or titled):
        return None
    form = candidates[0]
    long = {word_of(each) for name in {form.listed, form.value} for each in form.cells.field(name).words} if form.row is None else set()
    if not titled and any(cell and word_of(cell) in long for _, row in sheet.rows[:_ROWS_ABOVE_HEADINGS] for cell in row):
        return None
    fields = {word_of(name): each for each in form.fields for name in each.words}
    listed = _listed_words(candidates, contract, ids)

    def known(place: int) -> tuple[int, int]:
        titles = [word_of(cell) for cell in sheet.rows[place][1] if cell]
        return sum(title in fields or _code(title, listed, form, contract) is not None for title in titles), len(titles)

    place = max(range(min(len(sheet.rows), _ROWS_ABOVE_HEADINGS)), key=known, default=0)
    if titled and (not sheet.rows or known(place)[0] == 0):
        issues.append(Issue(ERROR, "no_header", name))
        return FormLayout(name, candidates, 0, {}, {}, LANGUAGES)
    header, titles = sheet.rows[place]
    codes = {n: code for n, title in enumerate(titles) if title and word_of(title) not in fields and (code := _code(title, listed, form, contract)) is not None}
    if not titled and not codes:
        return None
    columns: dict[str, int] = {}
    unknown = []
    own = {word_of(each) for kind in counted(form) for each in (text(f"register.{kind}", language) for language in LANGUAGES)}
    for n, title in enumerate(titles):
        of_heading = fields.get(word_of(title or ""))
        if of_heading and of_heading.name in columns:
            issues.append(Issue(ERROR, "column_twice", name, of_heading.labels, (header,), {"letter": xl_col_to_name(n)}))
        elif of_heading:
            columns[of_heading.name] = n
        elif title and n not in codes and word_of(title) not in own:
            if near := nearest_word(title, list(fields)):
                issues.append(Issue(ERROR, "column_nearly_known", name, fields[near].labels, (header,), {"letter": xl_col_to_name(n)}))
            else:
                unknown.append(n)
        elif title is None and any(cell_at(row, n) is not None for _, row in sheet.rows[place + 1 :]):
            issues.append(Issue(ERROR, "column_without_title", name, values={"letter": xl_col_to_name(n)}))
    of_languages = {each: sum(title is not None and word_of(title) in {word_of(f.labels[each]) for f in form.fields} for title in titles) for each in LANGUAGES}
    of_languages = {each: n + (word_of(name[each]) == word_of(sheet.name)) for each, n in of_languages.items()}
    languages = tuple(each for each, n in of_languages.items() if n == max(of_languages.values()))
    layout = FormLayout(name, candidates, header, columns, codes, languages)
    issues += _of_headings(layout, titles, unknown)
    needed = [columns[f.name] for f in form.fields if f.required and f.name in columns and f.name not in form.assumed]
    if above := tuple(number for number, row in sheet.rows[:place] if all(cell_at(row, column) is not None for column in needed)):
        issues.append(Issue(ERROR, "headings_not_first", name, None, above))
    return layout


def _titled(sheet: Sheet, forms: Sequence[Form], contract: Contract) -> Iterator[tuple[Form, Words]]:
    """Yield the form that a sheet is named after, with what is the same on the whole sheet, and the sheet's name."""
    for form in forms:
        for title in (form.name, *form.titles.values()):
            if form.sheet_for is None and form.titles and word_of(title) == word_of(sheet.name):
                yield form, form.titles
            elif form.sheet_for and (code := re.fullmatch(rf"{re.escape(word_of(title))}[ _-]*(\w+)", word_of(sheet.name))):
                of = next(key for key in (form.row or form.cells).foreign_keys if form.sheet_for in key.fields)
                pattern, value = contract.tables[of.table].field(of.table_fields[0]).pattern, code[1].upper()
                if re.fullmatch(pattern or ".*", value):
                    yield replace(form, fixed={form.sheet_for: value}), {each: f"{words} {value}" for each, words in form.titles.items()}


def _without_row(form: Form, table: Table, sheet: Sheet, contract: Contract) -> Iterator[Form]:
    """Yield a form as it is on a sheet with the name of one of its tables: on that of its cells, it says nothing of a row's table.

    There, the other column of a key of two codes may be listed as well: a row a person, and a column a session.
    """
    if form.row is table:
        yield replace(form, sheet_for=None)
    elif form.cells is table:
        keys = [form.listed, *(name for name in table.primary_key if form.codes is None and name != form.listed)]
        titles = {word_of(cell) for _, row in sheet.rows[:_ROWS_ABOVE_HEADINGS] for cell in row if cell}
        missing = [name for name in keys if titles.isdisjoint(map(word_of, table.field(name).words))]
        yield replace(form, row=None, sheet_for=None, listed=(missing or keys)[0])


def _listed_words(forms: Sequence[Form], contract: Contract, ids: Mapping[str, set[str]]) -> dict[str, str]:
    """Return the codes that headings may name, by the words for them."""
    words: dict[str, str] = {}
    for form in forms:
        if form.codes:
            words |= {word_of(word): code for code in form.codes.codes for word in form.codes.words(code)}
        else:
            words |= {each: "" for key in form.cells.foreign_keys if form.listed in key.fields for each in ids.get(key.table, set())}
    return words


def _code(title: str, listed: Mapping[str, str], form: Form, contract: Contract) -> str | None:
    """Return the code that a heading names: itself, ``group/R01``, ``group[R01]``, or its wording. A code of another sheet is kept as it was typed."""
    if (word := word_of(title)) in listed:
        return listed[word] or title
    if form.codes:
        codes = {listed[part] for part in _BETWEEN_PARTS.split(word) if part in listed and word_of(listed[part]) == part}
        return codes.pop() if len(codes) == 1 else None
    patterns = [contract.tables[key.table].field(form.listed).pattern for key in form.cells.foreign_keys if form.listed in key.fields]
    like = any(pattern and re.fullmatch(pattern, title if title.upper() == title else title.upper()) for pattern in patterns)
    return title if like and re.search(r"\d", title) and re.search(r"[^\W\d]", title) and form.row else None


def _of_headings(layout: FormLayout, titles: Sequence[CellText], unknown: Sequence[int]) -> Iterator[Issue]:
    """Yield what is wrong with headings: one that is there twice, columns that are missing, not known, or a survey program's own."""
    seen: dict[str, int] = {}
    for column, code in layout.listed.items():
        if seen.setdefault(word_of(code), column) != column:
            yield Issue(
                ERROR, "listed_twice", layout.sheet, {each: xl_col_to_name(column) for each in LANGUAGES}, (layout.header,), _first(seen[word_of(code)])
            )
    form = layout.forms[0]
    made = form.row.primary_key if form.row and form.sheet_for else ()
    for each in form.fields:
        if each.name not in layout.columns and each.name not in made:
            yield Issue(ERROR if each.required else WARNING, "missing_column", layout.sheet, each.labels)
    of_programs = [n for n in unknown if (titles[n] or "").startswith("_")]
    for code, columns in (("program_column", of_programs), ("unknown_heading", [n for n in unknown if n not in of_programs])):
        if columns:
            values = {"letters": ", ".join(map(xl_col_to_name, columns)), "n": len(columns), "listed": form.cells.field(form.listed).labels}
            yield Issue(WARNING if code == "program_column" else ERROR, code, layout.sheet, None, (layout.header,), values)


def _first(column: int) -> dict[str, object]:
    return {"letter": xl_col_to_name(column)}


def _read_rows(sheet: Sheet, layout: FormLayout, source: Source, found: FormSheets) -> None:
    form = layout.forms[0]
    tables = [table for table in (form.row, form.cells) if table]
    for table in tables:
        found.rows.setdefault(table.name, [])
    if any(f.required and f.name not in layout.columns for f in form.fields if not (form.sheet_for and form.row and f.name in form.row.primary_key)):
        found.incomplete |= {table.name for table in tables}
        return
    body = [(number, row) for number, row in sheet.rows if number > layout.header]
    values = [{name: cell_at(row, column) for name, column in layout.columns.items()} for _, row in body]
    cells = [{column: content for column in layout.listed if (content := cell_at(row, column)) is not None} for _, row in body]
    keys = {name for table in tables for name in table.primary_key}
    given = {*form.given, *keys, *form.fixed}
    needed = [f.name for f in form.fields if f.required and f.name in layout.columns and f.name not in form.assumed]
    totals = [n for n, row in enumerate(values) if _is_total(row, needed)]
    begun = [n for n in range(len(body)) if n not in totals and (cells[n] or any(v is not None for name, v in values[n].items() if name not in given))]
    days = _days(form, values, source)
    if totals:
        found.issues.append(Issue(WARNING, "total_row", layout.sheet, None, tuple(body[n][0] for n in totals)))
    if form.row and form.assumed and (late := [body[n][0] for n in range(len(body)) if n not in (*begun, *totals) and (day := days[n]) and day < date.today()]):
        found.issues.append(Issue(WARNING, "not_filled_in_yet", layout.sheet, None, tuple(late)))
    said: dict[str, dict[str, CellText]] = {}
    made = _codes_made(form, values, days, begun, [number for number, _ in body])
    for n in begun:
        number = body[n][0]
        row = {**values[n], **form.fixed, **made.get(n, {})}
        row |= {name: value for name, value in form.assumed.items() if form.row and cells[n] and row.get(name) is None}
        theirs = {layout.form_of(layout.listed[column]).name: layout.form_of(layout.listed[column]) for column in cells[n]} or {form.name: form}
        for each in theirs.values():
            if form.row:
                found.rows[form.row.name].append((cell_place(sheet.position, number), {**row, **each.fixed}))
        for column, content in cells[n].items():
            if content not in said:
                said[content] = read_entry(content, form, layout.languages) if form.letters else {form.value: content}
            shared = {name: value for name, value in row.items() if name in keys or form.row is None}
            found.rows[form.cells.name].append((cell_place(sheet.position, number, column), {**shared, form.listed: layout.listed[column], **said[content]}))


def _is_total(row: Mapping[str, CellText], needed: Sequence[str]) -> bool:
    """Return whether a row says that it sums up others, and lacks what it needs to be one of them."""
    says_so = [name for name, cell in row.items() if cell and TOTAL.fullmatch(cell.rstrip(" :."))]
    return bool(says_so) and not all(row.get(name) and name not in says_so for name in needed)


def _days(form: Form, values: Sequence[Mapping[str, CellText]], source: Source) -> list[date | None]:
    """Return the day of each row, where it can be read."""
    column = next((f for f in form.fields if f.type == "date"), None)
    if column is None:
        return [None] * len(values)
    days, _ = coerce(pd.Series([row.get(column.name) for row in values], dtype="str"), column, day_zero=source.day_zero)
    return [None if pd.isna(day) else day.date() for day in days]


def _codes_made(
    form: Form, values: Sequence[Mapping[str, CellText]], days: Sequence[date | None], begun: Sequence[int], numbers: Sequence[int]
) -> dict[int, dict[str, CellText]]:
    """Return, for rows without a code of their own, the one made of the sheet's code, the day and the order of the day."""
    made: dict[int, dict[str, CellText]] = {}
    of_day: dict[date | None, int] = {}
    for n in begun if form.sheet_for and form.row else ():
        name = form.row.primary_key[0] if form.row else ""
        day = days[n]
        of_day[day] = of_day.get(day, 0) + 1
        if values[n].get(name) is None:
            ending = f"row{numbers[n]}" if day is None else f"{day}-{of_day[day]}" if of_day[day] > 1 else str(day)
            made[n] = {name: f"{form.fixed[form.sheet_for or '']}-{ending}"}
    return made


def said_once(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a typed table without the rows from a form that a long sheet has alike."""
    of_form = frame.index >= FIRST_PLACE
    return frame[~(of_form & frame.duplicated())] if of_form.any() and not of_form.all() else frame


@dataclass(frozen=True, repr=False)
class FormSheet:
    """A sheet in one of the forms, to be written.

    Attributes
    ----------
    form : Form – with what is the same on the whole sheet
    title : mapping – the sheet's name in each language
    fields : tuple of Field – the columns before the listed ones
    listed : tuple of str – the headings; one that is there twice holds what a table says twice
    rows : list of (row, cells) – values by column, and for each heading a row of the table of the cells, or None
    """

    form: Form
    title: Words
    fields: tuple[Field, ...]
    listed: tuple[str, ...]
    rows: list[tuple[Mapping[str, object], list[Mapping[str, object] | None]]]


def form_sheets(rows: Rows, contract: Contract) -> tuple[list[FormSheet], dict[str, list[Mapping[str, object]]]]:
    """Return the sheets in the contract's forms that hold the rows of long tables, and the rows that fit none of them.

    Reading the sheets, with the rest as long sheets, gives the same tables.
    """
    sheets: list[FormSheet] = []
    placed: set[int] = set()
    for form in contract.forms:
        for fixed, title in _sheets_for(form, rows, contract):
            mine = [row for row in rows[(form.row or form.cells).name] if all(row[name] == value for name, value in fixed.items())]
            sheets.append(_form_sheet(replace(form, fixed=fixed), title, mine, rows, contract, placed))
    tables = dict.fromkeys(table.name for form in contract.forms for table in (form.row, form.cells) if table)
    return sheets, {name: [row for row in rows[name] if id(row) not in placed] for name in tables}


def _sheets_for(form: Form, rows: Rows, contract: Contract) -> Iterator[tuple[Mapping[str, str], Words]]:
    """Yield what is the same on each sheet of a form, and the sheet's name."""
    if not form.sheet_for or not form.row:
        yield form.fixed, form.titles or (form.row or form.cells).labels
        return
    key = next(key for key in form.row.foreign_keys if form.sheet_for in key.fields)
    for code in dict.fromkeys(row[key.table_fields[0]] for row in rows[key.table]):
        yield {form.sheet_for: str(code)}, {language: f"{title} {code}" for language, title in form.titles.items()}


def _form_sheet(form: Form, title: Words, mine: Sequence[Mapping[str, object]], rows: Rows, contract: Contract, placed: set[int]) -> FormSheet:
    table = form.row or form.cells
    names = [f.name for f in form.fields]
    keys = [name for name in (form.row.primary_key if form.row else names) if name not in form.fixed and name != form.listed]
    held: dict[object, list[tuple[Mapping[str, object], dict[str, list[Mapping[str, object]]]]]] = {}
    for row in mine:
        key = tuple(row[name] for name in keys)
        if form.row or key not in held:
            held.setdefault(key, []).append(({name: row[name] for name in names}, {}))
        if form.row:
            placed.add(id(row))
    for cell in rows[form.cells.name]:
        fits = held.get(tuple(cell.get(name) for name in keys))
        if fits and (form.codes is None or cell[form.listed] in form.codes.codes):
            fits[0][1].setdefault(str(cell[form.listed]), []).append(cell)
            placed.add(id(cell))
    lines = [line for several in held.values() for line in several]
    listed = dict.fromkeys(form.codes.codes if form.codes else _listed_for(form, rows, contract), 1)
    for _, cells in lines:
        for code, several in cells.items():
            listed[code] = max(listed.get(code, 0), len(several))
    headings = [(code, n) for code, times in listed.items() for n in range(times)]
    fields = tuple(f for f in form.fields if not (form.sheet_for and f.name in table.primary_key and not any(row[f.name] for row, _ in lines)))
    shown = [(row, [cells[code][n] if n < len(cells.get(code, ())) else None for code, n in headings]) for row, cells in lines]
    return FormSheet(form, title, fields, tuple(code for code, _ in headings), shown)


def _listed_for(form: Form, rows: Rows, contract: Contract) -> list[str]:
    """Return the codes of another sheet that belong to a sheet: the people of its cohort."""
    key = next(key for key in form.cells.foreign_keys if form.listed in key.fields and (not form.row or key.table != form.row.name))
    return [str(row[key.table_fields[0]]) for row in rows[key.table] if row.get(form.sheet_for or "") == form.fixed.get(form.sheet_for or "")]
