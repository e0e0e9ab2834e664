"""A bundle's tables: what they are, as the Data Package standard describes a table, and their CSV form."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import shipped
from ikut_eval.contract.schema import FIELD_TYPES
from ikut_eval.contract.toml_tables import read_toml

if TYPE_CHECKING:
    import pandas as pd

TableSchema = Mapping[str, Any]
"""One table of a bundle as a resource of a Data Package: its name and words, and under "schema" its fields, in their order."""
Value = str | int | float | bool | date | None
_DTYPES = {"string": "str", "integer": "Int64", "number": "Float64", "date": "datetime64[s]", "boolean": "boolean"}
_READERS: Mapping[str, Callable[[str], Value]] = {
    "string": str,
    "integer": int,
    "number": float,
    "date": date.fromisoformat,
    "boolean": {"true": True, "false": False}.__getitem__,
}


@cache
def bundle_schema() -> Mapping[str, TableSchema]:
    """Return every table that a bundle can hold, by its name; refuse a `bundle.toml` that names a column or a type that is not there."""
    path = shipped("data_schema") / "bundle.toml"
    raw = read_toml(path).content
    try:
        columns = {name: {"name": name, "type": column["type"], **_words(column)} for name, column in raw["column"].items()}
        schemas = {name: bundle_table_schema(name, [columns[column] for column in table["columns"]], **_words(table)) for name, table in raw["table"].items()}
    except KeyError as problem:
        raise ConfigurationError("schema_missing_file", file=path.name) from problem
    for column in columns.values():
        if column["type"] not in FIELD_TYPES:
            raise ConfigurationError("schema_unknown_name", file=path.name, name=column["type"])
    return schemas


def _words(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return words as a descriptor has them: the standard's own in English, and all three languages'."""
    return {"title": said["title"]["en"], "titles": said["title"], "description": said["description"]["en"], "descriptions": said["description"]}


def bundle_table_schema(name: str, fields: Sequence[Mapping[str, Any]], **words: Any) -> TableSchema:
    """Return the description of a table; each field has a name and a type, one of `FIELD_TYPES`."""
    form = {"type": "table", "path": f"{name}.csv", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    return {"name": name, **words, **form, "schema": {"fields": list(fields), "missingValues": [""]}}


def _types(schema: TableSchema) -> dict[str, str]:
    """Return the type of each column."""
    return {field["name"]: field["type"] for field in schema["schema"]["fields"]}


@dataclass(frozen=True, repr=False)
class StoredTable:
    """A table to store: what it is, and its rows."""

    schema: TableSchema
    frame: "pd.DataFrame"


def stored_tables(frames: "Mapping[str, pd.DataFrame]") -> list[StoredTable]:
    """Return frames as tables of a bundle: of each frame the columns of its schema, in their order; empty where it has no such column."""
    return [StoredTable(bundle_schema()[name], frame.reindex(columns=list(_types(bundle_schema()[name])))) for name, frame in frames.items()]


def to_csv(table: StoredTable) -> bytes:
    """Return a table as CSV: UTF-8, commas, line feeds, no index; numbers with twelve significant digits.

    Raises ValueError if the columns are not those of the schema, or a cell is not of its column's type: a defect of ours, which must not reach a file.
    """
    types = _types(table.schema)
    if list(table.frame.columns) != list(types):
        raise ValueError(f"table {table.schema['name']} must have the columns {', '.join(types)}")
    cells = table.frame.astype(object).where(table.frame.notna(), None)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(types)
    for row in cells.itertuples(index=False, name=None):
        writer.writerow(map(_written, row, types.values()))
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

    Raises ValueError, KeyError if the header is not the schema's, a row has another number of cells, or a cell is not of its column's type.
    """
    types = _types(schema)
    readers = [_READERS[kind] for kind in types.values()]
    try:
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    except csv.Error as problem:
        raise ValueError(f"table {schema['name']} is not CSV") from problem
    if header != list(types) or any(len(row) != len(types) for row in rows):
        raise ValueError(f"table {schema['name']} does not have its columns")
    return tuple(tuple(read(row[place]) if row[place] or read is str else None for row in rows) for place, read in enumerate(readers))


def to_frame(schema: TableSchema, columns: Sequence[Sequence[Value]]) -> "pd.DataFrame":
    """Return columns as a new frame, each of its schema's type."""
    import pandas as pd

    types = _types(schema)
    return pd.DataFrame({name: pd.Series(list(cells), dtype=_DTYPES[types[name]]) for name, cells in zip(types, columns, strict=True)})


def bundle_descriptor(name: str, schemas: Mapping[str, TableSchema], contents: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the descriptor of tables; `contents` holds each table's bytes."""
    sums = {table: {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"} for table, content in contents.items()}
    resources = [{**schema, **sums[table]} for table, schema in schemas.items()]
    return {"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "name": name, "resources": resources}
