"""One column at a time: converts cells of text to values of the field's type, and checks the values."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import product

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from ikut_eval.contract.locale import plain
from ikut_eval.contract.schema import CodeList, Field, Form, Table
from ikut_eval.data.issues import ERROR, Issue, rows_in
from ikut_eval.data.workbook import EXCEL_DAY_ZERO

DTYPES = {"string": "str", "integer": "Int64", "number": "Float64", "date": "datetime64[s]", "boolean": "boolean"}
REFUSALS = ("not_a_number", "not_an_integer", "not_a_date", "not_yes_or_no", "error_in_cell", "formula_without_result")
_YEARS = range(2000, 2051)
_DAY = re.compile(
    r"(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4}))"
    r"(?:(?:T|,? (?:klo |kl\.? )?)(?P<time>.+))?"
)
_TIME = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)(?:[.:]([0-5]\d(?:[.,]\d+)?))?")
_SECONDS = 86400
_NEAR_MIDNIGHT = 120
_NOTHING = 0.5
"""Half a second after midnight is what is left of a day as a number, and no time of day."""
_LONGEST_NUMBER = 300
_LARGEST_INTEGER = 2**53  # beyond it a spreadsheet has rounded
_YES = {"true", "yes", "kyllä", "ja", "1", "tosi", "sant", "x"}
_NO = {"false", "no", "ei", "nej", "0", "epätosi", "falskt"}
_THOUSANDS = re.compile(r"[-+]?\d{1,3}( \d{3})+(\.\d*)?")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})
_TYPED = str.maketrans({"\u2013": "-", "\u2019": "'"})


class NotThisTypeError(ValueError):
    """A text is not of the column's type. Holds a code and never the text."""


def _number(content: str) -> float:
    plain = content.translate(_MINUS).replace("\u00a0", " ").replace(",", ".")
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(" ", "")
    if len(plain) > _LONGEST_NUMBER or not re.fullmatch(r"[-+]?\d+(\.\d*)?|[-+]?\.\d+", plain):
        raise NotThisTypeError("not_a_number")
    return float(plain)


def _integer(content: str) -> int:
    with suppress(NotThisTypeError):
        value = _number(content)
        if value.is_integer() and abs(value) <= _LARGEST_INTEGER:
            return int(value)
    raise NotThisTypeError("not_an_integer")


def _date(content: str, day_zero: date) -> tuple[date, tuple[str, ...]]:
    """Return a day and what to say of it: written as a number, with a time of day, or rounded to the nearest midnight."""
    if found := _DAY.fullmatch(content):
        with suppress(ValueError):
            day = date(*(int(found[iso] or found[finnish]) for iso, finnish in (("y", "year"), ("m", "month"), ("d", "day"))))
            time = _TIME.fullmatch(found["time"] or "0.00")
            if time:
                return _nearest_midnight(day, 3600 * int(time[1]) + 60 * int(time[2]) + float((time[3] or "0").replace(",", ".")))
    if re.fullmatch(r"\d{5}([.,]\d+)?", content):
        days = float(content.replace(",", "."))
        day, noted = _nearest_midnight(day_zero + timedelta(days=int(days)), days % 1 * _SECONDS)
        if day.year in _YEARS:
            return day, ("date_as_number", *noted)
    raise NotThisTypeError("not_a_date")


def _nearest_midnight(day: date, seconds: float) -> tuple[date, tuple[str, ...]]:
    if seconds < _NOTHING:
        return day, ()
    if seconds <= _NEAR_MIDNIGHT:
        return day, ("date_rounded",)
    return (day + timedelta(days=1), ("date_rounded",)) if seconds >= _SECONDS - _NEAR_MIDNIGHT else (day, ("time_in_date",))


def _boolean(content: str) -> bool:
    word = content.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise NotThisTypeError("not_yes_or_no")


_CONVERT: dict[str, Callable[[str], object]] = {"string": str, "integer": _integer, "number": _number, "boolean": _boolean}


def as_typed(words: str) -> str:
    """Return a label as a keyboard writes it: no capitals, a hyphen for a dash, a straight apostrophe."""
    return " ".join(plain(words).split()).casefold().translate(_TYPED)


def _codes_by_word(codes: CodeList) -> dict[str, str]:
    words = {as_typed(word): code for code in codes.codes for word in codes.words(code)}
    return words | {code.casefold(): code for code in codes.codes}


def coerce(cells: pd.Series, field: Field, *, day_zero: date = EXCEL_DAY_ZERO) -> tuple[pd.Series, dict[str, list[int]]]:
    """Convert a column of text to the field's type.

    Codes are found by code or by label in any language; an unknown word stays as it is, and
    `check_columns` reports it. Each distinct text is converted once.

    Parameters
    ----------
    day_zero : date
        The day from which the file counts plain numbers of days.

    Returns
    -------
    pandas.Series – same index, dtype of the field; missing where the cell is empty or cannot be converted
    dict – for each code of refusal ("not_a_number", "not_a_date", …) or of a notice ("time_in_date", …) the rows that have it
    """
    words = _codes_by_word(field.code_list) if field.code_list else {}
    converted: dict[str, object] = {}
    noted: dict[str, tuple[str, ...]] = {}
    for content in cells.dropna().unique():
        word = content.translate(_MINUS) if field.name == "value" else content
        try:
            if field.type == "date":
                converted[content], noted[content] = _date(word, day_zero)
            else:
                converted[content] = _CONVERT[field.type](words.get(as_typed(word), word))
        except NotThisTypeError as problem:
            noted[content] = (str(problem),)
    values = cells.map(converted).astype(DTYPES[field.type])
    codes = dict.fromkeys(code for several in noted.values() for code in several)
    having = {code: cells.isin([content for content, several in noted.items() if code in several]) for code in codes}
    return values, {code: list(rows_in(cells.index[rows])) for code, rows in having.items()}


_AFTER_LETTER = re.compile(r"[\s.,:;/(-]*(\d{1,4})?\s*(?:min\w*\.?|')?[\s.,:;/(-]*(\D.*?)?[\s.)]*")
_SHORTEST_BEGINNING = 3


def _parts(form: Form) -> tuple[Field | None, Field | None]:
    """Return the columns that the cell of a register tells of beside its letter: a number (minutes) and a code (a reason)."""
    rest = [f for f in form.cells.fields if f.name not in (*form.cells.primary_key, form.value)]
    return next((f for f in rest if f.type == "integer"), None), next((f for f in rest if f.code_list), None)


def _by_letter(codes: CodeList, languages: Sequence[str]) -> dict[str, str]:
    """Return codes by their letters. A letter that stands for two codes, in two languages, stands for none."""
    meant: dict[str, set[str]] = {}
    for language, code in product(languages, codes.codes):
        for letter in codes.letters(code, language):
            meant.setdefault(letter.casefold(), set()).add(code)
    return {letter: next(iter(several)) for letter, several in meant.items() if len(several) == 1}


def _code_of(word: str, codes: CodeList, languages: Sequence[str]) -> str | None:
    """Return the code that a letter, a code, a label or the beginning of a label names; None where it is none or several."""
    words = _codes_by_word(codes)
    begun = {code for label, code in words.items() if len(word) >= _SHORTEST_BEGINNING and label.startswith(word)}
    return _by_letter(codes, languages).get(word) or words.get(word) or (begun.pop() if len(begun) == 1 else None)


def read_entry(content: str, form: Form, languages: Sequence[str]) -> dict[str, str | None]:
    """Return what a cell of a register says, by column of its table: ``L15`` or ``E illness``, in small or capital letters.

    A code or a label may stand for the letter. What begins with none of them is returned whole, as the first column.

    Parameters
    ----------
    languages : sequence of str
        The languages whose letters the sheet may use.
    """
    number, reason = _parts(form)
    codes, word = form.cells.field(form.value).code_list, as_typed(content)
    named = {**_codes_by_word(codes), **_by_letter(codes, languages)} if codes else {}
    for name in sorted((each for each in named if word.startswith(each)), key=len, reverse=True):
        after = _AFTER_LETTER.fullmatch(word[len(name) :])
        why = _code_of(after[2], reason.code_list, languages) if after and after[2] and reason and reason.code_list else None
        if after and bool(after[2]) == bool(why) and (number or not after[1]):
            rest = {number.name: after[1]} if number else {}
            return {form.value: named[name], **rest, **({reason.name: why} if reason else {})}
    return {form.value: content}


def written_entry(row: Mapping[str, object], form: Form, language: str) -> str:
    """Return a row as the cell of a register, from which `read_entry` returns the row."""
    number, reason = _parts(form)

    def shown(field: Field) -> str:
        value, codes = str(row[field.name]), field.code_list
        return next(iter(codes.letters(value, language)), codes.label(value, language)) if codes and value in codes.codes else value

    minutes = "" if number is None or row[number.name] is None else str(row[number.name])
    why = "" if reason is None or row[reason.name] is None else f" {shown(reason)}"
    return f"{shown(form.cells.field(form.value))}{minutes}{why}"


_CODES_LISTED = 16
_NEAR = 0.8
_MISTAKES_LOOKED_AT = 50


def _checks(field: Field) -> list[pa.Check]:
    checks = []
    if field.codes and field.type == "string":
        checks.append(pa.Check.isin(list(field.codes), error="not_a_code"))
    elif field.enum:
        checks.append(pa.Check.isin([int(c) for c in field.enum], error="not_a_code"))
    if field.pattern:
        checks.append(pa.Check.str_matches(field.pattern, error="wrong_pattern"))
    if field.minimum is not None:
        checks.append(pa.Check.ge(field.minimum, error="too_small"))
    if field.maximum is not None:
        checks.append(pa.Check.le(field.maximum, error="too_large"))
    return checks


def check_columns(frame: pd.DataFrame, table: Table) -> list[Issue]:
    """Return what is wrong in single columns of a typed table (types, required cells, codes, patterns, limits) and in its key."""
    issues = []
    columns = {f.name: pa.Column(DTYPES[f.type], _checks(f), nullable=not f.required) for f in table.fields}
    try:
        pa.DataFrameSchema(columns, strict=True).validate(frame, lazy=True)
    except SchemaErrors as problem:
        cases = problem.failure_cases
        for (name, check), failed in cases.groupby(["column", "check"], sort=False):
            issues += _issues(table, table.field(str(name)), str(check), failed["index"], frame)
    key = list(table.primary_key)
    keyed = frame.dropna(subset=key)
    again = keyed.index[keyed.duplicated(subset=key)]
    if len(again):
        column = table.field(key[0]).labels if len(key) == 1 else None
        names = {lang: ", ".join(table.field(k).labels[lang] for k in key) for lang in table.labels}
        issues.append(Issue(ERROR, "duplicate_key", table.labels, column, rows_in(again), {"key": names}))
    return issues


def _issues(table: Table, field: Field, check: str, rows: pd.Series, frame: pd.DataFrame) -> list[Issue]:
    """Return the issues of one check on one column. What nearly is a code, or has other capital letters, is told apart."""
    code = "required" if check == "not_nullable" else check
    if code == "not_a_code" and len(field.codes or ()) > _CODES_LISTED:
        code = "not_a_listed_code"
    listed: dict[str, object] = {"codes": ", ".join(field.codes or ())}
    values: dict[str, dict[str, object]] = {
        "not_a_code": listed,
        "not_a_listed_code": listed,
        "too_small": {"limit": field.minimum},
        "too_large": {"limit": field.maximum},
        "wrong_pattern": {"pattern": field.pattern},
    }
    left, found = list(rows_in(rows)), []
    for hint, near in _hints(table, field, check, frame.loc[left, field.name]):
        found.append(Issue(ERROR, hint, table.labels, field.labels, rows_in(near.index), values.get(code, {}) | {"near": next(iter(near))}))
        left = [row for row in left if row not in near.index]
    return [Issue(ERROR, code, table.labels, field.labels, tuple(left), values.get(code, {})), *found] if left else found


def _hints(table: Table, field: Field, check: str, cells: pd.Series) -> Iterator[tuple[str, pd.Series]]:
    """Yield, for cells that are nearly right, the code of the hint and what each of the cells nearly is.

    A word is named only where it names a row (a wave, a questionnaire), never where it says something of a person.
    """
    if check == "wrong_pattern" and field.pattern:
        upper = cells.str.upper()
        if (same := upper[upper.str.fullmatch(field.pattern)]).size:
            yield "wrong_case", same
    elif check == "not_a_code" and field.name in table.primary_key and field.code_list:
        words = {word: code for word, code in _codes_by_word(field.code_list).items() if code in (field.codes or ())}
        mistakes = cells.dropna().unique()[:_MISTAKES_LOOKED_AT]
        near = {each: words[found[0]] for each in mistakes if (found := get_close_matches(as_typed(each), words, n=1, cutoff=_NEAR))}
        nearest = cells.map(near).dropna()
        for _, same in nearest.groupby(nearest):
            yield "nearly_a_code", same
