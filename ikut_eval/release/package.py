"""A bundle's tables: their schema, their CSV form, and the Data Package descriptor beside them."""

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.schema import FIELD_TYPES, Words, shipped

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column of a bundle's table. `type` is one of `FIELD_TYPES`."""

    name: str
    type: str
    title: Words
    description: Words


@dataclass(frozen=True)
class TableSchema:
    """One table of a bundle: its words and its columns, in their order."""

    name: str
    title: Words
    description: Words
    columns: tuple[Column, ...]


@cache
def bundle_schema() -> Mapping[str, TableSchema]:
    """Return every table that a bundle can hold, by its name.

    Raises
    ------
    ConfigurationError
        If `bundle.toml` is missing, or a table names a column or a type that is not there.
    """
    try:
        raw = tomllib.loads((shipped("data_schema") / "bundle.toml").read_text(encoding="utf-8"))
        columns = {name: Column(name, c["type"], c["title"], c["description"]) for name, c in raw["column"].items()}
        schemas = {name: TableSchema(name, t["title"], t["description"], tuple(columns[c] for c in t["columns"])) for name, t in raw["table"].items()}
    except (OSError, ValueError, KeyError) as problem:
        raise ConfigurationError("schema_missing_file", file="bundle.toml") from problem
    for column in columns.values():
        if column.type not in FIELD_TYPES:
            raise ConfigurationError("schema_unknown_name", file="bundle.toml", name=column.type)
    return schemas


Value = str | int | float | bool | date | None
_DTYPES = {"string": "str", "integer": "Int64", "number": "Float64", "date": "datetime64[s]", "boolean": "boolean"}
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, repr=False)
class StoredTable:
    """A table to store: what it is, and its rows."""

    schema: TableSchema
    frame: "pd.DataFrame"


def to_csv(table: StoredTable) -> bytes:
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


def from_csv(schema: TableSchema, content: bytes) -> tuple[tuple[Value, ...], ...]:
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


def _read(written: str, kind: str) -> Value:
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


def to_frame(schema: TableSchema, columns: Sequence[Sequence[Value]]) -> "pd.DataFrame":
    """Return columns as a new frame, each of its schema's type."""
    import pandas as pd

    typed: Mapping[str, pd.Series] = {
        column.name: pd.Series(list(cells), dtype=_DTYPES[column.type]) for column, cells in zip(schema.columns, columns, strict=True)
    }
    return pd.DataFrame(typed)


def bundle_descriptor(name: str, schemas: Mapping[str, TableSchema], contents: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the descriptor of tables; `contents` holds each table's bytes.

    `title` and `description` are the standard's, in English; `titles` and `descriptions` are all three languages'.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "resources": [
            {
                "name": table,
                **_words(schema.title, schema.description),
                "type": "table",
                "path": f"{table}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(contents[table]),
                "hash": f"sha256:{hashlib.sha256(contents[table]).hexdigest()}",
                "schema": {
                    "fields": [{"name": c.name, "type": c.type, **_words(c.title, c.description)} for c in schema.columns],
                    "missingValues": [""],
                },
            }
            for table, schema in schemas.items()
        ],
    }


def _words(title: Words, description: Words) -> dict[str, Any]:
    return {"title": title["en"], "titles": dict(title), "description": description["en"], "descriptions": dict(description)}


def table_schemas(descriptor: Mapping[str, Any]) -> dict[str, TableSchema]:
    """Return the tables that a descriptor describes.

    Raises
    ------
    KeyError, TypeError
        If it is not a descriptor that `bundle_descriptor` wrote.
    """
    schemas = {}
    for resource in descriptor["resources"]:
        columns = tuple(Column(f["name"], f["type"], f["titles"], f["descriptions"]) for f in resource["schema"]["fields"])
        if not {column.type for column in columns} <= set(FIELD_TYPES):
            raise TypeError("a column is of no known type")
        schemas[resource["name"]] = TableSchema(resource["name"], resource["titles"], resource["descriptions"], columns)
    return schemas
