"""A bundle's table as CSV and back: the same rows give the same bytes on every machine."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING

from ikut_eval.contract.bundle_schema import TableSchema

if TYPE_CHECKING:
    import pandas as pd

Cell = str | int | float | bool | date | None
_DTYPES = {"string": "str", "integer": "Int64", "number": "Float64", "date": "datetime64[s]", "boolean": "boolean"}
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, repr=False)
class Table:
    """A table to store: what it is, and its rows."""

    schema: TableSchema
    frame: "pd.DataFrame"


def to_csv(table: Table) -> bytes:
    """Return a table as CSV: UTF-8, commas, line feeds, no index; numbers with twelve significant digits.

    Raises
    ------
    ValueError
        If the columns are not those of the schema, or a cell is not of its column's type: a defect of ours, which
        must not reach a file.
    """
    names = [column.name for column in table.schema.columns]
    if list(table.frame.columns) != names:
        raise ValueError(f"table {table.schema.name} must have the columns {', '.join(names)}")
    cells = table.frame.astype(object).where(table.frame.notna(), None)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(names)
    for row in cells.itertuples(index=False, name=None):
        writer.writerow([_written(cell, column.type) for cell, column in zip(row, table.schema.columns, strict=True)])
    return lines.getvalue().encode()


def _written(cell: object, kind: str) -> str:
    if cell is None:
        return ""
    if kind == "string" and isinstance(cell, str) and not any(ord(letter) < 32 for letter in cell):
        return cell
    if kind == "date" and isinstance(cell, date):
        return cell.isoformat()[:10]
    if kind == "boolean":
        return str(bool(cell)).lower()
    if kind in ("integer", "number") and not isinstance(cell, str):
        value = float(str(cell))
        if isfinite(value) and (kind == "number" or value.is_integer()):
            return f"{value:.12g}" if kind == "number" else str(int(value))
    raise ValueError(f"a cell is not of the type {kind}")


def from_csv(schema: TableSchema, content: bytes) -> tuple[tuple[Cell, ...], ...]:
    """Return a CSV's columns.

    Raises
    ------
    ValueError
        If the header is not the schema's, a row has another number of cells, or a cell is not of its column's type.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except csv.Error as problem:
        raise ValueError(f"table {schema.name} is not CSV") from problem
    if rows[:1] != [[column.name for column in schema.columns]] or any(len(row) != len(schema.columns) for row in rows):
        raise ValueError(f"table {schema.name} does not have its columns")
    return tuple(tuple(_read(row[place], column.type) for row in rows[1:]) for place, column in enumerate(schema.columns))


def _read(written: str, kind: str) -> Cell:
    if kind == "string":
        return written
    if not written:
        return None
    if kind == "integer":
        return int(written)
    if kind == "number":
        return float(written)
    if kind == "date":
        return date.fromisoformat(written)
    if written not in _WORDS:
        raise ValueError("neither true nor false")
    return _WORDS[written]


def to_frame(schema: TableSchema, columns: Sequence[Sequence[Cell]]) -> "pd.DataFrame":
    """Return columns as a new frame, each of its schema's type."""
    import pandas as pd

    typed: Mapping[str, pd.Series] = {
        column.name: pd.Series(list(cells), dtype=_DTYPES[column.type]) for column, cells in zip(schema.columns, columns, strict=True)
    }
    return pd.DataFrame(typed)
