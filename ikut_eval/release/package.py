"""The descriptor of a bundle's tables, as other tools read it: Data Package v2 with Table Schemas."""

import hashlib
from collections.abc import Mapping
from typing import Any

from ikut_eval.contract.bundle_schema import Column, TableSchema
from ikut_eval.contract.schema import FIELD_TYPES, Words


def data_package(name: str, schemas: Mapping[str, TableSchema], contents: Mapping[str, bytes]) -> dict[str, Any]:
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
        If it is not a descriptor that `data_package` wrote.
    """
    schemas = {}
    for resource in descriptor["resources"]:
        columns = tuple(Column(f["name"], f["type"], f["titles"], f["descriptions"]) for f in resource["schema"]["fields"])
        if not {column.type for column in columns} <= set(FIELD_TYPES):
            raise TypeError("a column is of no known type")
        schemas[resource["name"]] = TableSchema(resource["name"], resource["titles"], resource["descriptions"], columns)
    return schemas
