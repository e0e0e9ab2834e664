"""The data contract: tables, keys, codes and questionnaires, read from `data_schema/`."""

import csv
import json
import re
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import LANGUAGES, Words, shipped

FIELD_TYPES = ("string", "integer", "number", "date", "boolean")
_Earlier = Mapping[tuple[str, str], tuple[str, ...]]
_SHEET_NAME = 31
"""The most letters that the name of a sheet may have."""
SCORE_METHODS = ("mean", "sum", "correct", "none")


@dataclass(frozen=True)
class CodeList:
    """Codes with their labels. `attributes` holds what else the list says of a code, `earlier` its labels in earlier templates."""

    name: str
    labels: Mapping[str, Words]
    attributes: Mapping[str, Mapping[str, str]]
    earlier: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.labels)

    def label(self, code: str, language: str) -> str:
        return self.labels[code][language]

    def words(self, code: str) -> tuple[str, ...]:
        """Return every word by which files may name a code: the code, its labels, its earlier labels."""
        return (code, *self.labels[code].values(), *self.earlier.get(code, ()))

    def codes_with(self, attribute: str, value: str) -> tuple[str, ...]:
        """Return the codes whose column `attribute` holds `value`."""
        return tuple(code for code in self.codes if self.attributes[code].get(attribute) == value)

    def letters(self, code: str, language: str) -> tuple[str, ...]:
        """Return the letters that stand for a code in a register of that language, the usual one first; none where the list has none."""
        return tuple(self.attributes.get(code, {}).get(f"letters_{language}", "").split())


@dataclass(frozen=True)
class Field:
    """One column of a table."""

    name: str
    type: str
    labels: Words
    hints: Words
    code_list: CodeList | None
    required: bool
    pattern: str | None
    minimum: float | None
    maximum: float | None
    enum: tuple[str, ...] | None
    earlier: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Every heading by which files may name the column: its name, its labels, its labels in earlier templates."""
        return (self.name, *self.labels.values(), *self.earlier)

    @property
    def codes(self) -> tuple[str, ...] | None:
        """The codes allowed here, or None where the column holds no codes."""
        return self.enum or (self.code_list.codes if self.code_list else None)


@dataclass(frozen=True)
class ForeignKey:
    fields: tuple[str, ...]
    table: str
    table_fields: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table: its columns, key and relations."""

    name: str
    labels: Words
    descriptions: Words
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    optional: bool
    separate_file: bool

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)


@dataclass(frozen=True)
class Item:
    """One question of a questionnaire."""

    id: str
    text: Words
    values: tuple[str, ...]
    correct: str | None


@dataclass(frozen=True)
class Instrument:
    """A questionnaire: its items, the waves it is asked in and how it is scored."""

    id: str
    version: str
    labels: Words
    waves: tuple[str, ...]
    scale: CodeList | None
    items: tuple[Item, ...]
    method: str
    minimum_answered: int
    multiply: int
    agree_from: int | None
    smallest_change: float | None
    sheet: Words = field(default_factory=dict)

    @property
    def score_range(self) -> tuple[int, int]:
        """The lowest and the highest score [scale points]."""
        if self.method == "correct":
            return 0, len(self.items) * self.multiply
        points = [int(value) for value in self.items[0].values if not value.startswith("-")]
        times = len(self.items) * self.multiply if self.method == "sum" else 1
        return min(points) * times, max(points) * times


@dataclass(frozen=True)
class Form:
    """A sheet as people keep it: a row for what one table says once, and a column for each value of a column of another table.

    Attributes
    ----------
    name : str
    titles : mapping of language to name of the sheet; empty where the sheet has the name of one of its tables
    row : Table or None – a row of the sheet is a row of this table
    cells : Table – a cell of the sheet is a row of this table
    listed : str – the column of `cells` whose values are headings
    value : str – the column of `cells` that a cell holds; with letters in its code list, a cell says the whole row
    codes : CodeList or None – the headings; None where they are the codes of another sheet
    fixed : mapping of column to value – what is the same on the whole sheet
    sheet_for : str or None – the column for each of whose values there is a sheet, whose name ends with the value
    given : tuple of str – columns that are filled in before anything has happened
    assumed : mapping of column to value – what an empty cell of a row means whose other cells are filled in
    """

    name: str
    titles: Words
    row: Table | None
    cells: Table
    listed: str
    value: str
    codes: CodeList | None
    fixed: Mapping[str, str] = field(default_factory=dict)
    sheet_for: str | None = None
    given: tuple[str, ...] = ()
    assumed: Mapping[str, str] = field(default_factory=dict)

    @property
    def letters(self) -> CodeList | None:
        """The code list whose letters the cells hold, or None."""
        codes = self.cells.field(self.value).code_list
        return codes if codes and any(codes.letters(c, language) for c in codes.codes for language in LANGUAGES) else None

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns beside the listed ones. On a sheet for each of several values, those filled in beforehand come first, in their order."""
        if self.row:
            own = (f for f in self.row.fields if f.name not in self.fixed and f.name != self.sheet_for)
            first = self.given if self.sheet_for else ()
            return tuple(sorted(own, key=lambda f: first.index(f.name) if f.name in first else len(first)))
        return tuple(f for f in self.cells.fields if f.name not in (self.listed, self.value) and not (self.letters and f.name not in self.cells.primary_key))


@dataclass(frozen=True)
class Contract:
    """Everything `data_schema/` says."""

    tables: Mapping[str, Table]
    code_lists: Mapping[str, CodeList]
    instruments: Mapping[str, Instrument]
    forms: tuple[Form, ...] = ()

    @property
    def main_tables(self) -> tuple[Table, ...]:
        """The tables of a pilot's workbook; background data has a file of its own."""
        return tuple(t for t in self.tables.values() if not t.separate_file)

    def instrument_of(self, item: str) -> Instrument | None:
        return next((i for i in self.instruments.values() if item in {x.id for x in i.items}), None)


def load_contract(folder: Path | None = None) -> Contract:
    """Read the contract in `folder`, or the one that comes with the package.

    Raises
    ------
    ConfigurationError
        If a file is missing, is not JSON, or names a type, list or table that is not there.
    """
    return _load(folder or shipped("data_schema"))


@cache
def _load(folder: Path) -> Contract:
    with _complete("datapackage.json"):
        package = _json(folder / "datapackage.json")
        lists, questionnaires, resources = package["codeLists"], package["instruments"], package["resources"]
    earlier = _earlier_labels(folder / "earlier_labels.json")
    code_lists = {p.stem: _code_list(p, earlier) for p in sorted((folder / lists).glob("*.csv"))}
    with _complete("missing.csv"):
        missing = code_lists["missing"].codes
    instruments = {}
    for path in sorted((folder / questionnaires).glob("*.json")):
        with _complete(path.name):
            instruments[path.stem] = _instrument(path, code_lists, missing)
    names = {i: earlier.get(("instruments", i), ()) for i in instruments}
    code_lists["instrument"] = CodeList("instrument", {i.id: i.labels for i in instruments.values()}, {}, names)
    code_lists["item"] = CodeList("item", {x.id: x.text for i in instruments.values() for x in i.items}, {})
    tables = {}
    for resource in resources:
        with _complete(resource.get("schema", "datapackage.json")):
            tables[resource["name"]] = _table(folder, resource, code_lists, earlier)
    for table in tables.values():
        for key in table.foreign_keys:
            _known(key.table, tables, f"tables/{table.name}.json")
    with _complete("forms.json"):
        forms = tuple(form for name, raw in _json(folder / "forms.json").items() for form in _forms(name, raw, tables, instruments))
    return Contract(tables, code_lists, instruments, forms)


def _forms(name: str, raw: dict[str, Any], tables: Mapping[str, Table], instruments: Mapping[str, Instrument]) -> Iterator[Form]:
    """Yield a form; one of questionnaires once for each questionnaire, with its items as headings."""
    row = tables[_known(raw["row"], tables, "forms.json")] if "row" in raw else None
    cells = tables[_known(raw["cells"], tables, "forms.json")]
    listed = cells.field(_known(raw["listed"], [f.name for f in cells.fields], "forms.json"))
    value = _known(raw["value"], [f.name for f in cells.fields], "forms.json")
    more = {"sheet_for": raw.get("sheetFor"), "given": tuple(raw.get("given", ())), "assumed": raw.get("assumed", {})}
    if not raw.get("ofEachInstrument"):
        yield Form(name, raw.get("titles", {}), row, cells, listed.name, value, listed.code_list, **more)
        return
    for each in instruments.values():
        items = CodeList("item", {item.id: item.text for item in each.items}, {})
        yield Form(each.id, each.sheet, row, cells, listed.name, value, items, {"instrument": each.id}, **more)


@contextmanager
def _complete(file: str) -> Iterator[None]:
    """Raise ConfigurationError with the file's name if something in it is missing or of the wrong kind."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ConfigurationError("schema_missing_file", file=file) from problem


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigurationError("schema_missing_file", file=path.name) from problem
    except ValueError as problem:
        raise ConfigurationError("schema_not_json", file=path.name) from problem
    return content


def _earlier_labels(path: Path) -> _Earlier:
    """Read the labels of earlier templates, by list and name: workbooks begun with them are still being filled in."""
    with _complete(path.name):
        return {(place, name): tuple(labels) for place, names in _json(path).items() for name, labels in names.items()}


def _code_list(path: Path, earlier: _Earlier) -> CodeList:
    labels, attributes = {}, {}
    with _complete(path.name), path.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            code = row.pop("code")
            labels[code] = {language: row.pop(language) for language in LANGUAGES}
            attributes[code] = {k: v for k, v in row.items() if v}
    of_codes = {code: earlier.get((f"code_lists/{path.stem}", code), ()) for code in labels}
    return CodeList(path.stem, labels, attributes, of_codes)


def _listed(name: str | None, code_lists: Mapping[str, CodeList], file: str) -> CodeList | None:
    return code_lists[_known(name, code_lists, file)] if name else None


def _known(name: str, names: Container[str], file: str) -> str:
    if name not in names:
        raise ConfigurationError("schema_unknown_name", file=file, name=name)
    return name


def _instrument(path: Path, code_lists: Mapping[str, CodeList], missing: tuple[str, ...]) -> Instrument:
    raw = _json(path)
    scale = _listed(raw.get("scale"), code_lists, path.name)
    score = raw["score"]

    def values(item: dict[str, Any]) -> tuple[str, ...]:
        if scale:
            return scale.codes + missing
        low, high = item["range"] if "range" in item else raw["range"]
        return tuple(str(v) for v in range(low, high + 1)) + missing

    return Instrument(
        id=raw["id"],
        version=raw["version"],
        labels=raw["names"],
        waves=tuple(raw["waves"]),
        scale=scale,
        items=tuple(Item(i["id"], i["text"], values(i), i.get("answer")) for i in raw["items"]),
        method=_known(score["method"], SCORE_METHODS, path.name),
        minimum_answered=score.get("minimum_answered", 0),
        multiply=score.get("multiply", 1),
        agree_from=score.get("agree_from"),
        smallest_change=raw.get("smallest_change"),
        sheet={language: re.sub(r"[\[\]:*?/\\]", " ", words)[:_SHEET_NAME] for language, words in raw.get("sheet", raw["names"]).items()},
    )


def _table(folder: Path, resource: dict[str, Any], code_lists: Mapping[str, CodeList], earlier: _Earlier) -> Table:
    raw = _json(folder / resource["schema"])

    def of(column: dict[str, Any]) -> Field:
        limits = column.get("constraints", {})
        return Field(
            name=column["name"],
            type=_known(column["type"], FIELD_TYPES, resource["schema"]),
            labels=column["labels"],
            hints=column["hints"],
            code_list=_listed(column.get("codeList"), code_lists, resource["schema"]),
            required=limits.get("required", False),
            pattern=limits.get("pattern"),
            minimum=limits.get("minimum"),
            maximum=limits.get("maximum"),
            enum=tuple(limits["enum"]) if "enum" in limits else None,
            earlier=earlier.get((f"tables/{resource['name']}", column["name"]), ()),
        )

    return Table(
        name=resource["name"],
        labels=resource["titles"],
        descriptions=resource["descriptions"],
        fields=tuple(of(c) for c in raw["fields"]),
        primary_key=tuple(raw["primaryKey"]),
        foreign_keys=tuple(ForeignKey(tuple(k["fields"]), k["reference"]["resource"], tuple(k["reference"]["fields"])) for k in raw.get("foreignKeys", [])),
        optional=resource.get("optional", False),
        separate_file=resource.get("separateFile", False),
    )
