"""Checks each column against the contract, all rows at once, through pandera."""

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from ikut_eval.contract.schema import Field, Table
from ikut_eval.data.coercion import DTYPES
from ikut_eval.data.issues import ERROR, Issue

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


def compile_schema(table: Table) -> pa.DataFrameSchema:
    """Return the pandera schema of a table: types, required cells, codes, patterns, limits."""
    columns = {f.name: pa.Column(DTYPES[f.type], _checks(f), nullable=not f.required) for f in table.fields}
    return pa.DataFrameSchema(columns, strict=True)


def check_columns(frame: pd.DataFrame, table: Table) -> list[Issue]:
    """Return what is wrong in single columns and in the key of a typed table."""
    issues = []
    try:
        compile_schema(table).validate(frame, lazy=True)
    except SchemaErrors as problem:
        cases = problem.failure_cases
        for (name, check), failed in cases.groupby(["column", "check"], sort=False):
            issues.append(_issue(table, table.field(str(name)), str(check), failed["index"]))
    keyed = frame.dropna(subset=list(table.primary_key))
    again = keyed.index[keyed.duplicated(subset=list(table.primary_key), keep="first")]
    if len(again):
        key = table.primary_key
        column = table.field(key[0]).labels if len(key) == 1 else None
        names = {lang: ", ".join(table.field(k).labels[lang] for k in key) for lang in table.labels}
        issues.append(Issue(ERROR, "duplicate_key", table.labels, column, tuple(map(int, again)), {"key": names}))
    return issues


def _issue(table: Table, field: Field, check: str, rows: pd.Series) -> Issue:
    code = "required" if check == "not_nullable" else check
    values: dict[str, object] = {}
    if code == "not_a_code":
        codes = field.codes or ()
        if len(codes) > _CODES_LISTED:
            code = "not_a_listed_code"
        values["codes"] = ", ".join(codes)
    elif code == "too_small":
        values["limit"] = field.minimum
    elif code == "too_large":
        values["limit"] = field.maximum
    elif code == "wrong_pattern":
        values["pattern"] = field.pattern
    return Issue(ERROR, code, table.labels, field.labels, tuple(int(r) for r in rows), values)
