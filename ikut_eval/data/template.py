"""The workbook to fill in: a register for each cohort, a row a person and wave for the rest, with what is known before the training."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from secrets import SystemRandom
from textwrap import wrap
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from ikut_eval.contract.atomic import written_atomically
from ikut_eval.contract.errors import NotAllowedError, UsageError
from ikut_eval.contract.locale import LANGUAGES, text, weekdays
from ikut_eval.contract.schema import CodeList, Contract, Field, Form, load_contract
from ikut_eval.data.columns import written_entry
from ikut_eval.data.forms import FormSheet, Rows, counted, form_sheets
from ikut_eval.data.pilot import parse_day
from ikut_eval.data.synthetic import random_code
from ikut_eval.data.workspace import SETTINGS
from ikut_eval.data.writing import (
    Book,
    DrawnSheet,
    draw_heading,
    hint_of,
    label_of,
    list_of,
    list_of_codes,
    print_on_a4,
    protect_sheet,
    validation_of,
    words_offered,
    write_value,
    write_workbook,
)

_FORM_ROWS, _EMPTY_ROWS, _SPARE_ROWS, _EMPTY_PLACES = 500, 40, 10, 6
_NARROWEST, _WIDEST, _WIDTH_LISTED, _WIDTH_CODE = 8, 30, 14, 10
_WIDTH_COUNT, _HEIGHT_OF_LINE, _ROWS_A_PAGE = 12, 15, 55
_WIDTH_DAY = 15
_MOST_OFFERED = 24
_FIRST_COHORT = "C1"
_COLOURS = ("#DCEFD8", "#FFF1B8", "#FBDDC2", "#F5C4C0", "#D3E3F5")
_MARGIN, _MARGIN_OF_FOOTER = 0.4, 0.6


def write_forms(path: Path, contract: Contract, rows: Rows, sheets: Sequence[FormSheet], *, language: str) -> None:
    """Write a workbook with sheets in the contract's forms, and long sheets of the other tables and of rows that are in no form."""
    drawn = [DrawnSheet(each.title[language], tuple(t for t in (each.form.row, each.form.cells) if t), partial(_form_sheet, given=each)) for each in sheets]
    write_workbook(path, contract, contract.main_tables, rows, language=language, drawn=drawn)


def _form_sheet(sheet: Any, book: Book, *, given: FormSheet) -> None:
    """Write a sheet in a form: its headings with the wording of each, the rows, drop-downs, and what it needs to be printed on A4."""
    form, fields, listed = given.form, given.fields, given.listed or ("",) * _EMPTY_PLACES
    kinds = counted(form)
    head = len(kinds) + 1 if kinds else 0
    first, last, end = head + 1, head + max(_FORM_ROWS, len(given.rows)), head + len(given.rows)
    right = len(fields) + len(listed)
    register = bool(form.letters)
    for column, field in enumerate(fields):
        sheet.set_column(column, column, _width(field, book), book.formats[field.type])
        draw_heading(sheet, head, column, field, book)
        sheet.data_validation(first, column, last, column, validation_of(field, form.row or form.cells, book))
    value = form.cells.field(form.value)
    narrow = register or (form.codes is not None and form.codes.name == "item")
    width = _WIDTH_CODE if narrow else _WIDTH_LISTED
    labels = {} if narrow or not form.codes else {form.codes.label(code, book.language): width for code in listed if code in form.codes.codes}
    sheet.set_row(head, _height({field.labels[book.language]: _width(field, book) for field in fields} | labels))
    sheet.set_column(len(fields), right - 1, width, book.formats["string"])
    sheet.ignore_errors({"number_stored_as_text": xl_range(first, len(fields), last, right - 1)})
    for column, code in enumerate(listed, start=len(fields)):
        _listed_heading(sheet, head, column, code, form, book)
        sheet.data_validation(first, column, last, column, _offered(code, form, book))
    cell_format = book.formats[
        "framed letter" if register else "framed string" if words_offered(value, book.language) or value.type == "string" else f"framed {value.type}"
    ]
    for number, (row, cells) in enumerate(given.rows, start=first):
        for column, field in enumerate(fields):
            framed = book.formats["framed day" if register and field.type == "date" else f"framed {field.type}"]
            sheet.write_blank(number, column, None, framed)
            write_value(sheet, number, column, label_of(row.get(field.name), field, book.language), framed)
        for column in range(len(fields), right):
            cell = cells[column - len(fields)] if cells else None
            sheet.write_blank(number, column, None, cell_format)
            write_value(sheet, number, column, cell and _cell(cell, form, book), cell_format)
    if register:
        _register(sheet, given, head, len(fields), right, end, book)
    sheet.freeze_panes(first, 1 if register else 2)
    sheet.set_margins(*[_MARGIN] * 3, _MARGIN_OF_FOOTER)
    print_on_a4(sheet, pages_high=ceil(len(given.rows) / _ROWS_A_PAGE))
    sheet.repeat_rows(head)
    sheet.set_footer("&L&A&R&P / &N")
    protect_sheet(sheet, xl_range(first, 0, last, right - 1))


def _width(field: Field, book: Book) -> int:
    """Return the width that shows the longest word of a heading, and what a column may hold, within limits."""
    if field.type == "date":
        return _WIDTH_DAY
    heading = max(field.labels[book.language].split(), key=len)
    return min(max(_NARROWEST, *(len(word) + 2 for word in (heading, *words_offered(field, book.language)))), _WIDEST)


def _height(headings: Mapping[str, int]) -> int:
    """Return the height of the row of headings: each is given with the width of its column."""
    return _HEIGHT_OF_LINE * max(len(wrap(words, width - 1)) for words, width in headings.items()) + _HEIGHT_OF_LINE // 3


def _cell(cell: Mapping[str, object], form: Form, book: Book) -> object:
    """Return a row of the table of the cells as its cell shows it."""
    if form.letters:
        return written_entry(cell, form, book.language)
    shown = label_of(cell[form.value], form.cells.field(form.value), book.language)
    return str(shown) if words_offered(form.cells.field(form.value), book.language) and shown is not None else shown


def _listed_heading(sheet: Any, row: int, column: int, code: str, form: Form, book: Book) -> None:
    """Write a heading: the code of an item with its wording as a note, the label of another code, or the code of a person."""
    if form.codes is None:
        sheet.write(row, column, code or None, book.formats["place"])
        if source := list_of_codes(form.listed, form.cells, book):
            hint = hint_of(form.cells.field(form.listed), book.language)
            sheet.data_validation(row, column, row, column, {"validate": "list", "source": source, "error_message": hint})
        return
    words = form.codes.label(code, book.language) if code in form.codes.codes else code
    of_item = form.codes.name == "item"
    sheet.write_string(row, column, code if of_item else words, book.formats["head"])
    note = [words, *(_answers(code, book) if of_item else [form.cells.field(form.value).hints[book.language]])]
    sheet.write_comment(row, column, "\n".join(note), {"author": "ikut_eval", "x_scale": 2, "y_scale": 2})


def _answers(code: str, book: Book) -> list[str]:
    """Return the answers to an item with their codes, as its note lists them."""
    instrument = book.contract.instrument_of(code)
    scales = [each for each in (instrument and instrument.scale, book.contract.code_lists["missing"]) if each]
    return [f"{each} = {scale.label(each, book.language)}" for scale in scales for each in scale.codes]


def _offered(code: str, form: Form, book: Book) -> dict[str, Any]:
    """Return the drop-down of a cell under a heading. That of a register offers, and lets people write more: minutes, a reason."""
    value, instrument = form.cells.field(form.value), book.contract.instrument_of(code)
    item = next((each for each in instrument.items if each.id == code), None) if instrument and form.codes else None
    if form.letters:
        return {"validate": "list", "source": list_of(_letters(form, book.language), book), "show_error": False}
    if item and instrument and len(item.values) <= _MOST_OFFERED:
        lists: list[CodeList] = [book.contract.code_lists["missing"], *([instrument.scale] if instrument.scale else [])]
        words = [next((c.label(v, book.language) for c in lists if v in c.codes and not v.isdigit()), v) for v in item.values]
        return {"validate": "list", "source": list_of(words, book)}
    if item:
        return {"validate": "any"}
    return {each: what for each, what in validation_of(value, form.cells, book).items() if not each.startswith("input")}


def _letters(form: Form, language: str) -> list[str]:
    """Return what the drop-down of a register offers: each letter, and one that needs a reason with each reason."""
    codes, reason = form.letters, next((f for f in form.cells.fields if f.code_list and f.name not in (*form.cells.primary_key, form.value)), None)
    blank = {f.name: None for f in form.cells.fields}
    offered = []
    for code in codes.codes if codes else ():
        with_reason = codes and reason and reason.codes and codes.attributes[code].get("takes") == "reason"
        more = [{reason.name: why} for why in reason.codes or ()] if with_reason and reason else [{}]
        offered += [written_entry({**blank, form.value: code, **each}, form, language) for each in more]
    return offered


def _register(sheet: Any, given: FormSheet, head: int, left: int, right: int, end: int, book: Book) -> None:
    """Add to a register its letters in words, how often each kind is there, by person above and by session beside, and its colours."""
    form, language = given.form, book.language
    codes, first, last = form.letters, head + 1, max(end, head + 1)
    reason = next(f for f in form.cells.fields if f.code_list and f.name not in (*form.cells.primary_key, form.value))
    if codes is None or reason.code_list is None:
        return
    explained = {
        name: " · ".join(f"{' / '.join(each.letters(code, language)) or '–'} {each.label(code, language)}" for code in each.codes)
        for name, each in (("letters", codes), ("reasons", reason.code_list))
    }
    sheet.merge_range(
        0, 0, 0, right + len(counted(form)) - 1, text("register.explained", language, sheet=given.title[language], **explained), book.formats["wrap"]
    )
    sheet.set_row(0, 62)
    for place, kind in enumerate(counted(form)):
        letters = [letter for code in codes.codes_with("counts_as", kind) for letter in codes.letters(code, language) or (codes.label(code, language),)]
        words = text(f"register.{kind}", language)
        sheet.write_string(1 + place, left - 1, words, book.formats["count_head"])
        sheet.write_string(head, right + place, words, book.formats["head"])
        sheet.set_column(right + place, right + place, _WIDTH_COUNT)

        def count(cells: str, letters: Sequence[str] = letters) -> str:
            return "=" + "+".join(f'COUNTIF({cells},"{letter}*")' for letter in letters)

        for column in range(left, right):
            sheet.write_formula(1 + place, column, count(xl_range(first, column, head + _FORM_ROWS, column)), book.formats["count"])
        for row in range(first, end + 1):
            sheet.write_formula(row, right + place, count(xl_range(row, left, row, right - 1)), book.formats["count"])
    for code, colour in zip(codes.codes, _COLOURS, strict=False):
        for letter in codes.letters(code, language):
            rule = {"type": "text", "criteria": "begins with", "value": letter, "format": book.file.add_format({"bg_color": colour})}
            sheet.conditional_format(first, left, last, right - 1, rule)
    for name, held in form.assumed.items():
        column = [f.name for f in given.fields].index(name)
        status, cell = given.fields[column], xl_rowcol_to_cell(first, column, col_abs=True)
        rule = {"type": "formula", "criteria": f'=AND({cell}<>"",{cell}<>"{label_of(held, status, language)}")', "format": book.formats["struck"]}
        sheet.conditional_format(first, 0, last, right - 1, rule)


def write_template(path: Path, contract: Contract, *, language: str, background: bool = False, rows: Rows | None = None) -> None:
    """Write the workbook to fill in: a register, a row a person and wave, and a row an entry for what is neither.

    Parameters
    ----------
    background : bool
        Write that of the ESF background data, which is kept in a file of its own.
    rows : mapping of table to rows, optional
        What is known before the training: its cohort, its people by code and its sessions, as `new_training` returns them.
    """
    if background:
        write_workbook(path, contract, [t for t in contract.tables.values() if t.separate_file], {}, language=language)
        return
    known: dict[str, Sequence[Mapping[str, object]]] = {table.name: [] for table in contract.main_tables} | dict(rows or {})
    shown = known if rows else {**known, "cohort": [{"cohort_id": _FIRST_COHORT}]}
    sheets = [replace(each, rows=[*each.rows, *_to_fill(each, known["participant"], contract)]) for each in form_sheets(shown, contract)[0]]
    of_forms = {table.name for each in sheets for table in (each.form.row, each.form.cells) if table}
    write_forms(path, contract, {name: each for name, each in known.items() if name not in of_forms}, sheets, language=language)


_Line = tuple[Mapping[str, object], list[Mapping[str, object] | None]]


def _to_fill(sheet: FormSheet, people: Sequence[Mapping[str, object]], contract: Contract) -> Iterator[_Line]:
    """Yield the rows of a form that wait to be filled in: of each person and wave; empty ones where the people are not known."""
    form = sheet.form
    if form.sheet_for:
        yield from [({}, [])] * (_SPARE_ROWS if sheet.rows else _EMPTY_ROWS)
        return
    wave = form.cells.field("wave")
    instrument = contract.instruments.get(form.fixed.get("instrument", ""))
    given = {name: getattr(instrument, name) for name in form.given}
    pairs = [{"participant_id": row["participant_id"], "wave": each} for each in (instrument.waves if instrument else wave.codes or ()) for row in people]
    yield from (({**given, **pair}, []) for pair in pairs or [{}] * _EMPTY_ROWS)


def make_template(
    out: Path,
    *,
    language: str,
    background: bool = False,
    cohort: str | None = None,
    people: int = 0,
    start: date | None = None,
    weeks: int = 10,
    days: str = "",
    off: Sequence[str] = (),
    key: Path | None = None,
) -> list[Path]:
    """Write the workbook to fill in, for a cohort with its people and sessions where these are given, and return what was written.

    Raises
    ------
    UsageError
        If options are given that need another one, or `new_training` finds one that is not valid.
    NotAllowedError
        If the sheet with the codes may not be written at `key`; then nothing is written.
    """
    contract = load_contract()
    if background and (cohort or people or start):
        raise UsageError("background_alone")
    if key and not people:
        raise UsageError("key_needs_people")
    if (days or off) and not start:
        raise UsageError("days_need_start")
    if key:
        check_key(key)
    rows = None
    if cohort or people or start:
        rows = new_training(contract, cohort=cohort or _FIRST_COHORT, people=people, start=start, weeks=weeks, days=days.split(",") if days else (), off=off)
    write_template(out, contract, language=language, background=background, rows=rows)
    if key and rows:
        write_key(key, rows, language=language)
    return [out, key] if key else [out]


def new_training(
    contract: Contract, *, cohort: str, people: int = 0, start: date | None = None, weeks: int = 10, days: Sequence[str] = (), off: Sequence[str] = ()
) -> dict[str, list[dict[str, object]]]:
    """Return what can be written down before a training begins: its cohort, random codes for its people, its sessions.

    Parameters
    ----------
    cohort : str
        Code of the cohort.
    people : int
        How many codes to make.
    start : date, optional
        First day; without it there are no sessions.
    weeks : int
        Weeks of the training; weeks off are not among them, and get no number.
    days : sequence of str
        Days of the week of the group, by their short names in any language: mon, tue. A day that is there twice has two sessions.
    off : sequence of str
        Weeks off: a week's number in the calendar, or any of its days.

    Returns
    -------
    dict of table to rows – ``cohort``, ``participant`` and ``session``, every column there, None where it is still to be filled in.
        A session of the group for each of its days, and one of individual guidance for each person and week, without a day.

    Raises
    ------
    UsageError
        If a code, a day or a week off is none, or a week off is not within the training.
    """
    if not re.fullmatch(contract.tables["cohort"].field("cohort_id").pattern or ".*", cohort):
        raise UsageError("not_a_cohort")
    codes: dict[str, None] = {}
    while len(codes) < people:
        codes[random_code(SystemRandom())] = None
    group = _days_of_group(start, weeks, days, off) if start else []
    first = {"start_date": group[0][0], "end_date": group[-1][0], "planned_weeks": weeks} if group else {}
    kinds = contract.code_lists["session_type"].codes_with("mode", "individual")
    usual = {"cohort_id": cohort, "place": contract.code_lists["place"].codes[0]}
    sessions = [{**usual, "date": day, "week": week, "mode": "group"} for day, week in group]
    sessions += [{**usual, "week": week, "mode": "individual", "session_type": kinds[0]} for week in range(1, weeks + 1) for _ in codes if group]
    known: dict[str, list[dict[str, object]]] = {
        "cohort": [{"cohort_id": cohort, "planned_places": people or None, **first}],
        "participant": [{"participant_id": code, "cohort_id": cohort, "exit_type": "ongoing"} for code in codes],
        "session": sessions,
    }
    return {name: [{f.name: row.get(f.name) for f in contract.tables[name].fields} for row in rows] for name, rows in known.items()}


def _days_of_group(start: date, weeks: int, days: Sequence[str], off: Sequence[str]) -> list[tuple[date, int]]:
    """Return the days of the group, each with the number of its week in the training."""
    numbers = {name: n for language in LANGUAGES for n, name in enumerate(weekdays(language))}
    chosen = sorted(numbers.get(day.strip().casefold(), -1) for day in days)
    if not chosen or chosen[0] < 0:
        raise UsageError("not_weekdays", days=", ".join(numbers))
    left_out = {_week_off(each) for each in off}
    found: list[tuple[date, int]] = []
    monday, number = start - timedelta(days=start.weekday()), 0
    skipped = set()
    while number < weeks:
        names = {str(monday.isocalendar().week), str(monday)}
        skipped |= names & left_out
        if not names & left_out:
            number += 1
            found += [(day, number) for n in chosen if (day := monday + timedelta(days=n)) >= start]
        monday += timedelta(weeks=1)
    if skipped != left_out:
        raise UsageError("week_not_within")
    return found


def _week_off(words: str) -> str:
    """Return a week as its number in the calendar, or as the Monday of a day."""
    if re.fullmatch(r"\d{1,2}", words.strip()):
        return str(int(words))
    day = parse_day(words)
    return str(day and day - timedelta(days=day.weekday()))


def write_key(path: Path, rows: Rows, *, language: str) -> None:
    """Write the sheet on which the people's names are noted by hand beside their codes. No program reads it, and only its owner may.

    Raises
    ------
    NotAllowedError
        If the file is there already, or would be inside a workspace.
    """
    check_key(path)
    with written_atomically(path) as temporary, xlsxwriter.Workbook(str(temporary)) as file:
        sheet = file.add_worksheet(text("key.sheet", language))
        line = file.add_format({"bottom": 1, "font_size": 14, "valign": "bottom"})
        sheet.merge_range("A1:B1", text("key.explained", language), file.add_format({"text_wrap": True, "valign": "top"}))
        sheet.set_row(0, 110)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 60)
        for place, row in enumerate(rows["participant"], start=2):
            sheet.set_row(place, 34)
            sheet.write_string(place, 0, str(row["participant_id"]), line)
            sheet.write_blank(place, 1, None, line)
        print_on_a4(sheet)


def check_key(path: Path) -> None:
    """Raise if the sheet with the codes may not be written there; `write_key` names the errors."""
    if path.exists() or path.is_symlink():
        raise NotAllowedError("key_there_already", file=path.name)
    if any((folder / SETTINGS).exists() for folder in path.absolute().resolve().parents):
        raise NotAllowedError("key_in_workspace", file=path.name)
