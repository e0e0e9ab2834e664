"""The contract as a standard Data Package that other tools can read and enforce."""

from typing import Any

from ikut_eval.contract.schema import Contract, Field, Table


def data_package(contract: Contract, language: str) -> dict[str, Any]:
    """Return a Data Package (v2) descriptor: codes are written out as categories and as an enum constraint."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "ikut-eval-pilot",
        "resources": [
            {"name": t.name, "title": t.labels[language], "type": "table", "path": f"{t.name}.csv", "schema": table_schema(t, language)}
            for t in contract.main_tables
        ],
    }


def table_schema(table: Table, language: str) -> dict[str, Any]:
    """Return one table's standard Table Schema."""
    schema: dict[str, Any] = {
        "fields": [_field(f, language) for f in table.fields],
        "primaryKey": list(table.primary_key),
        "missingValues": [""],
    }
    if table.foreign_keys:
        schema["foreignKeys"] = [{"fields": list(k.fields), "reference": {"resource": k.table, "fields": list(k.table_fields)}} for k in table.foreign_keys]
    return schema


def _field(field: Field, language: str) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if field.required else {}
    for name in ("pattern", "minimum", "maximum"):
        value = getattr(field, name)
        if value is not None:
            constraints[name] = value
    described: dict[str, Any] = {"name": field.name, "title": field.labels[language], "description": field.hints[language], "type": field.type}
    if field.codes and field.type == "string" and field.code_list:
        constraints["enum"] = list(field.codes)
        described["categories"] = [{"value": c, "label": field.code_list.label(c, language)} for c in field.codes]
    return described | ({"constraints": constraints} if constraints else {})
