"""What is wrong with the data: where, and what to do. Shown as text, as a table and as a page."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import groupby
from types import MappingProxyType
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from ikut_eval.contract.html import piece
from ikut_eval.contract.locale import LANGUAGES, Words, default_language, text
from ikut_eval.contract.schema import Contract, Form

ERROR, WARNING = "error", "warning"
_ROWS, _COLUMNS = 2**24, 2**16
FIRST_PLACE = _ROWS * _COLUMNS
"""Places are numbers from here on; smaller ones are the row numbers of a long sheet."""
_OF_HEADING = ("dangling_key", "key_in_other_letters")
"""What is said of a code that is a heading."""
_OF_A_LETTER = {
    "not_a_code": "not_a_letter",
    "minutes_without_late": "minutes_with_letter",
    "reason_without_absence": "reason_with_letter",
    "excused_without_reason": "letter_without_reason",
}
"""What is said of the cell of a register instead of what is said of the columns of a long table."""


def rows_in(index: Iterable[Any]) -> tuple[int, ...]:
    """Return a frame's labels of rows as plain numbers."""
    return tuple(map(int, index))


def row_ranges(rows: Iterable[int]) -> str:
    """Return row numbers as ranges: ``2, 5–9, 12``."""
    runs = []
    for _, run in groupby(enumerate(sorted(set(rows))), key=lambda pair: pair[1] - pair[0]):
        numbers = [row for _, row in run]
        runs.append(str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}")
    return ", ".join(runs)


@dataclass(frozen=True)
class Issue:
    """One kind of problem in one column, with every row that has it.

    Attributes
    ----------
    severity : "error" or "warning"
    code : str – key of the catalogue under ``issue.``
    sheet : str – sheet or file, as the contract names it; "" for the whole file
    column : Mapping or None – the column's label in each language
    rows : tuple of int – row numbers as the spreadsheet shows them
    values : Mapping – words of the contract, positions and counts for the text; never a cell's value
    """

    severity: str
    code: str
    sheet: Mapping[str, str] | None = None
    column: Mapping[str, str] | None = None
    rows: tuple[int, ...] = ()
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def to_dict(self, language: str) -> dict[str, Any]:
        """Return the issue as plain words and numbers."""
        values = {k: v[language] if isinstance(v, Mapping) else v for k, v in self.values.items()}
        return {
            "severity": text(f"severity.{self.severity}", language),
            "code": self.code,
            "sheet": self.sheet[language] if self.sheet else "",
            "rows": row_ranges(self.rows),
            "column": self.column[language] if self.column else "",
            "problem": text(f"issue.{self.code}.what", language, **values),
            "to_do": text(f"issue.{self.code}.do", language, **values),
        }


@dataclass(frozen=True)
class Report:
    """Everything that a check found.

    Attributes
    ----------
    ok : bool – no error; warnings may remain
    issues : tuple of Issue – errors first
    """

    issues: tuple[Issue, ...]

    @property
    def ok(self) -> bool:
        return not self.count(ERROR)

    def count(self, severity: str) -> int:
        return sum(i.severity == severity for i in self.issues)

    def to_frame(self, language: str | None = None) -> pd.DataFrame:
        """Return one row an issue: severity, code, sheet, rows, column, problem, to_do."""
        columns = ["severity", "code", "sheet", "rows", "column", "problem", "to_do"]
        return pd.DataFrame([i.to_dict(language or default_language()) for i in self.issues], columns=columns)

    def summary(self, language: str) -> str:
        errors = text("check.errors", language, n=self.count(ERROR))
        warnings = text("check.warnings", language, n=self.count(WARNING))
        return text("check.summary", language, errors=errors, warnings=warnings)

    def to_text(self, language: str, to_come: Sequence[str] = ()) -> str:
        """Return one paragraph an issue, the summary, and what is still to come."""
        lines = []
        for issue in self.issues:
            row = issue.to_dict(language)
            place = [row["sheet"]] if row["sheet"] else []
            if row["rows"]:
                place.append(text("check.rows", language, n=len(issue.rows), rows=row["rows"]))
            if row["column"]:
                place.append(text("check.column", language, column=row["column"]))
            where = f" · {', '.join(place)}" if place else ""
            lines.append(f"{row['severity']}{where}\n  {row['problem']}\n  → {row['to_do']}")
        return "\n".join([*lines, self.summary(language), *to_come])

    def to_json(self, language: str, to_come: Sequence[str] = ()) -> str:
        found = [{**i.to_dict(language), "severity": i.severity, "rows": list(i.rows)} for i in self.issues]
        return json.dumps({"ok": self.ok, "issues": found, "to_come": list(to_come)}, ensure_ascii=False, indent=2)

    def to_html(self, language: str) -> str:
        """Return the summary and a table as an HTML fragment."""
        summary = piece("paragraph", self.summary(language), "")
        if not self.issues:
            return summary
        names = ("severity", "sheet", "rows", "column", "problem", "to_do")
        headings = [text(f"check.head.{name}", language) for name in names]
        rows = [[row[name] for name in names] for row in (issue.to_dict(language) for issue in self.issues)]
        return summary + piece("table", text("check.title", language), headings, rows, named=False)

    def _repr_html_(self) -> str:
        return self.to_html(default_language())


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;color:#1f2933;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    ".table{overflow-x:auto}table{border-collapse:collapse}caption{text-align:left;font-weight:600}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #c5ccd4}"
)


def check_page(report: Report, language: str, to_come: Sequence[str] = ()) -> str:
    """Return a complete HTML page that needs no other file: what was found, then what is still to come."""
    title = escape(text("check.title", language))
    more = piece("sentence", to_come[0], to_come[1:]) if to_come else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{report.to_html(language)}{more}</main></body></html>"
    )


@dataclass(frozen=True)
class FormLayout:
    """What stands where on a sheet in one of the forms.

    Attributes
    ----------
    sheet : mapping – the name of the sheet, as the contract has it, in each language
    forms : tuple of Form – one; on a sheet of several questionnaires, one for each
    header : int – row number of the headings
    columns : mapping of a field's name to the position of its column
    listed : mapping of position to the heading's code
    languages : tuple of str – the languages that the headings are in
    """

    sheet: Words
    forms: tuple[Form, ...]
    header: int
    columns: Mapping[str, int]
    listed: Mapping[int, str]
    languages: tuple[str, ...]

    def form_of(self, code: str) -> Form:
        return next((form for form in self.forms if form.codes and code in form.codes.codes), self.forms[0])

    def heading(self, column: int) -> Words:
        """Return how to name a listed column: by its letter, and by its code where that is one of the contract's."""
        letter, codes = xl_col_to_name(column), self.form_of(self.listed[column]).codes
        code = self.listed[column]
        of_item = codes is not None and codes.name == "item"
        return {each: letter if codes is None else f"{letter} · {code if of_item else codes.label(code, each)}" for each in LANGUAGES}


def cell_place(sheet: int, row: int, column: int = -1) -> int:
    """Return the place of a cell of a sheet; without a column, that of its row."""
    return (sheet * _ROWS + row) * _COLUMNS + column + 1


def at_their_cells(issues: Iterable[Issue], layouts: Mapping[int, FormLayout], contract: Contract) -> list[Issue]:
    """Return issues with the sheet, row and column as they were typed, instead of those of a long table."""
    if not layouts:
        return list(issues)
    placed: dict[tuple[object, ...], Issue] = {}
    for issue in issues:
        for part in _parted(issue, layouts, contract):
            key = (part.code, str(part.sheet), str(part.column), part.rows)
            placed.setdefault(key, part)
    repeated = {(str(i.sheet), row) for i in placed.values() if i.code == "duplicate_key" for row in i.rows}
    return [i for i in placed.values() if i.code != "entry_twice" or any((str(i.sheet), row) not in repeated for row in i.rows)]


def _parted(issue: Issue, layouts: Mapping[int, FormLayout], contract: Contract) -> Iterator[Issue]:
    """Yield an issue once for each sheet and column on which it is."""
    table = next((t for t in contract.tables.values() if t.labels == issue.sheet), None)
    if not any(row >= FIRST_PLACE for row in issue.rows) or table is None:
        yield issue
        return
    column = next((f.name for f in table.fields if f.labels == issue.column), None)
    cells: dict[tuple[int, int | None], list[int]] = {}
    for place in issue.rows:
        position, row, at = place // FIRST_PLACE, place // _COLUMNS % _ROWS, place % _COLUMNS - 1
        if place < FIRST_PLACE:
            cells.setdefault((0, None), []).append(place)
            continue
        layout = layouts[position]
        form = layout.forms[0]
        of_heading = column == form.listed and issue.code in _OF_HEADING
        of_row = at < 0 or (column in layout.columns and (form.row is None or column in table.primary_key))
        of_sheet = column in form.fixed and form.sheet_for is not None
        if of_sheet:
            cells.setdefault((position, None), [])
            continue
        cells.setdefault((position, None if of_row else at), []).append(layout.header if of_heading else row)
    for (position, own), rows in cells.items():
        if not position:
            yield replace(issue, rows=tuple(rows))
            continue
        layout = layouts[position]
        code = "entry_twice" if own is not None and issue.code == "duplicate_key" else issue.code
        code = _OF_A_LETTER.get(code, code) if own is not None and layout.forms[0].letters else code
        letters = layout.forms[0].letters
        values = {**issue.values, "letters": ", ".join(_letters_of(layout))} if letters and code != issue.code else issue.values
        yield replace(
            issue,
            code=code,
            sheet=layout.sheet,
            column=layout.heading(own) if own is not None else issue.column if rows else None,
            rows=tuple(dict.fromkeys(rows)),
            values=values,
        )


def _letters_of(layout: FormLayout) -> list[str]:
    letters = layout.forms[0].letters
    usual = [letters.letters(code, layout.languages[0]) for code in letters.codes] if letters else []
    return [each[0] for each in usual if each]
