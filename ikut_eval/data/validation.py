"""Reads, types and checks a source; collects everything that is wrong at once."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ikut_eval.contract.errors import DataError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.schema import Contract, Table, load_contract
from ikut_eval.data.coercion import DTYPES, REFUSALS, coerce, excel_day_numbers
from ikut_eval.data.columns import check_columns
from ikut_eval.data.issues import ERROR, WARNING, Issue, Report
from ikut_eval.data.opening import open_source
from ikut_eval.data.reading import Source
from ikut_eval.data.rules import check_rules
from ikut_eval.data.structure import find_tables


def check_source(source: Source, contract: Contract) -> tuple[dict[str, pd.DataFrame], Report]:
    """Return the typed tables of a pilot's source and the report on them.

    Cross-table rules run only when every table is there; the structure's errors say why not.
    """
    tables, issues = check_tables(source, contract, contract.main_tables)
    if all(t.name in tables for t in contract.main_tables):
        issues += _not_told_before(check_rules(tables, contract), issues)
    return tables, Report(tuple(sorted(issues, key=lambda i: i.severity != ERROR)))


def check_tables(source: Source, contract: Contract, wanted: tuple[Table, ...]) -> tuple[dict[str, pd.DataFrame], list[Issue]]:
    """Return the `wanted` tables of a source, typed, and what is wrong inside each."""
    texts, issues = find_tables(source, wanted)
    tables = {}
    for table in wanted:
        if table.name in texts:
            frame, refused = _typed(texts[table.name], table, contract)
            tables[table.name] = frame
            issues += refused + _not_told_before(check_columns(frame, table), refused)
        elif table.optional and not any(i.sheet == table.labels for i in issues):
            tables[table.name] = empty_table(table)
    return tables, issues


def empty_table(table: Table) -> pd.DataFrame:
    """Return a table without rows, typed."""
    index = pd.Index([], name="row", dtype="int64")
    return pd.DataFrame({f.name: pd.Series([], dtype=DTYPES[f.type]) for f in table.fields}, index=index)


def _typed(cells: pd.DataFrame, table: Table, contract: Contract) -> tuple[pd.DataFrame, list[Issue]]:
    columns, issues = {}, []
    for field in table.fields:
        values, refused = coerce(cells[field.name], field)
        columns[field.name] = values
        for code, rows in refused.items():
            issues.append(Issue(ERROR, code, table.labels, field.labels, tuple(rows)))
        numbers = excel_day_numbers(cells[field.name]) if field.type == "date" else []
        numbers = [row for row in numbers if row not in set(refused.get("not_a_date", []))]
        if numbers:
            issues.append(Issue(WARNING, "date_as_number", table.labels, field.labels, tuple(numbers)))
    frame = pd.DataFrame(columns, index=cells.index)
    if table.name == "answer":
        frame["value"] = _answer_codes(frame, contract)
    return frame, issues


def _answer_codes(answer: pd.DataFrame, contract: Contract) -> pd.Series:
    """Return answers as codes where they came as the label of their item's scale."""
    words: dict[tuple[str, str], str] = {}
    for instrument in contract.instruments.values():
        scales = [contract.code_lists["missing"]] + ([instrument.scale] if instrument.scale else [])
        labels = {w.casefold(): code for s in scales for code in s.codes for w in s.labels[code].values()}
        words |= {(item.id, word): code for item in instrument.items for word, code in labels.items()}
    pairs = zip(answer["item"], answer["value"].str.casefold(), answer["value"], strict=True)
    return pd.Series([words.get((i, w), v) for i, w, v in pairs], index=answer.index, dtype="str")


def _not_told_before(found: list[Issue], refused: list[Issue]) -> list[Issue]:
    """Return `found` without cells that were refused as unreadable: they only seem to be empty."""
    unreadable = {(str(i.sheet), str(i.column), row) for i in refused if i.code in REFUSALS for row in i.rows}
    kept = []
    for issue in found:
        rows = tuple(r for r in issue.rows if (str(issue.sheet), str(issue.column), r) not in unreadable)
        if rows or not issue.rows:
            kept.append(replace(issue, rows=rows))
    return kept


def validate(data: str | Path, *, contract: Contract | None = None) -> Report:
    """Check a workbook, a folder of CSV files or ``"synthetic"``, and list every problem.

    Parameters
    ----------
    data : str or Path
        Path of the workbook or folder; ``"synthetic"`` or ``"synthetic:CASE"`` for the shipped pilot.

    Returns
    -------
    Report
        ``report.ok`` and ``report.issues``. Never raises for what is wrong with the data.
    """
    known = contract or load_contract()
    try:
        return check_source(open_source(data, known), known)[1]
    except DataError as problem:
        reason = {language: problem.message(language) for language in LANGUAGES}
        return Report((Issue(ERROR, "unreadable", values={"reason": reason}),))
