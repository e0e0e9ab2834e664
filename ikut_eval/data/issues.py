"""What is wrong with the data: where, and what to do. Shown as text, as a table and as a page."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from types import MappingProxyType
from typing import Any

import pandas as pd

from ikut_eval.contract.html import piece
from ikut_eval.contract.locale import default_language, text

ERROR, WARNING = "error", "warning"


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

    def to_text(self, language: str) -> str:
        """Return one paragraph an issue and the summary."""
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
        return "\n".join([*lines, self.summary(language)])

    def to_json(self, language: str) -> str:
        found = [{**i.to_dict(language), "severity": i.severity, "rows": list(i.rows)} for i in self.issues]
        return json.dumps({"ok": self.ok, "issues": found}, ensure_ascii=False, indent=2)

    def to_html(self, language: str) -> str:
        """Return the summary and a table as an HTML fragment."""
        summary = piece("paragraph", self.summary(language), "")
        if not self.issues:
            return summary
        names = ("severity", "sheet", "rows", "column", "problem", "to_do")
        headings = [text(f"check.head.{name}", language) for name in names]
        rows = [("", [row[name] for name in names]) for row in (issue.to_dict(language) for issue in self.issues)]
        return summary + piece("table", text("check.title", language), headings, rows, named=False)

    def _repr_html_(self) -> str:
        return self.to_html(default_language())


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;color:#1f2933;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    ".table{overflow-x:auto}table{border-collapse:collapse}caption{text-align:left;font-weight:600}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #c5ccd4}"
)


def check_page(report: Report, language: str) -> str:
    """Return a complete HTML page that needs no other file."""
    title = escape(text("check.title", language))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{report.to_html(language)}</main></body></html>"
    )
