"""One column at a time: converts cells of text to values of the field's type, and checks the values."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from ikut_eval.contract.schema import CodeList, Field, Table
from ikut_eval.data.issues import ERROR, Issue, rows_in

DTYPES = {"string": "str", "integer": "Int64", "number": "Float64", "date": "datetime64[s]", "boolean": "boolean"}
REFUSALS = ("not_a_number", "not_an_integer", "not_a_date", "not_yes_or_no")
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_SERIALS = range(36526, 55153)  # 1.1.2000 to 31.12.2050 as Excel numbers days
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


def _date(content: str) -> date:
    for pattern in (r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ][\d:.]+)?", r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"):
        if found := re.fullmatch(pattern, content):
            with suppress(ValueError):
                return date(*(int(found[part]) for part in "ymd"))
    if re.fullmatch(r"\d{5}", content) and int(content) in _SERIALS:
        return _EXCEL_DAY_ZERO + timedelta(days=int(content))
    raise NotThisTypeError("not_a_date")


def _boolean(content: str) -> bool:
    word = content.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise NotThisTypeError("not_yes_or_no")


_CONVERT: dict[str, Callable[[str], object]] = {"string": str, "integer": _integer, "number": _number, "date": _date, "boolean": _boolean}


def as_typed(words: str) -> str:
    """Return a label as a keyboard writes it: no capitals, a hyphen for a dash, a straight apostrophe."""
    return words.casefold().translate(_TYPED)


def _codes_by_word(codes: CodeList) -> dict[str, str]:
    words = {as_typed(label): code for code in codes.codes for label in codes.labels[code].values()}
    return words | {code.casefold(): code for code in codes.codes}


def coerce(cells: pd.Series, field: Field) -> tuple[pd.Series, dict[str, list[int]]]:
    """Convert a column of text to the field's type.

    Codes are found by code or by label in any language; an unknown word stays as it is, and
    `check_columns` reports it. Each distinct text is converted once.

    Returns
    -------
    pandas.Series – same index, dtype of the field; missing where the cell is empty or cannot be converted
    dict – for each code of refusal ("not_a_number", "not_a_date", …) the rows that have it
    """
    words = _codes_by_word(field.code_list) if field.code_list else {}
    convert = _CONVERT[field.type]
    converted: dict[str, object] = {}
    refused: dict[str, str] = {}
    for content in cells.dropna().unique():
        word = content.translate(_MINUS) if field.name == "value" else content
        try:
            converted[content] = convert(words.get(as_typed(word), word))
        except NotThisTypeError as problem:
            refused[content] = str(problem)
    values = cells.map(converted).astype(DTYPES[field.type])
    return values, {code: list(rows_in(cells.index[cells.map(refused) == code])) for code in dict.fromkeys(refused.values())}


def excel_day_numbers(cells: pd.Series) -> list[int]:
    """Return the rows in which a date is written as Excel's number of a day."""
    return list(rows_in(cells.index[cells.str.fullmatch(r"\d{5}").fillna(False)]))


_CODES_LISTED = 16


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
            issues.append(_issue(table, table.field(str(name)), str(check), failed["index"]))
    key = list(table.primary_key)
    keyed = frame.dropna(subset=key)
    again = keyed.index[keyed.duplicated(subset=key)]
    if len(again):
        column = table.field(key[0]).labels if len(key) == 1 else None
        names = {lang: ", ".join(table.field(k).labels[lang] for k in key) for lang in table.labels}
        issues.append(Issue(ERROR, "duplicate_key", table.labels, column, rows_in(again), {"key": names}))
    return issues


def _issue(table: Table, field: Field, check: str, rows: pd.Series) -> Issue:
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
    return Issue(ERROR, code, table.labels, field.labels, rows_in(rows), values.get(code, {}))
