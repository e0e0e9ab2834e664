"""What the tables of a bundle hold, in words: tables and columns of `bundle.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.schema import FIELD_TYPES, Words
from ikut_eval.contract.shipped import shipped


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
