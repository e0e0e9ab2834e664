"""What each measure is, in words: title, definition, caution, unit and source, from `measures.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from html import escape
from pathlib import Path
from typing import Protocol

from ikut_eval.contract.errors import check_choice
from ikut_eval.contract.html import ShownWords
from ikut_eval.contract.locale import Words, default_language, shipped, text
from ikut_eval.contract.toml_tables import TomlTable, read_toml

COUNTS = ("people", "sessions", "hours")
"""What a measure can count. Only people are independent of one another: see `data_schema/README.md`."""


@dataclass(frozen=True)
class Measure:
    """One measure in words. `function` is the name under which an evaluator calls it, `counts` one of `COUNTS`."""

    id: str
    function: str
    counts: str
    unit: str
    source: str
    title: Words
    definition: Words
    caution: Words


def measure_catalogue(folder: Path | None = None) -> Mapping[str, Measure]:
    """Return every measure by its id, from `measures.toml` in `folder` or from the one that comes with the package.

    Raises
    ------
    ConfigurationError
        If the file is missing, or a measure lacks a key, has an unknown one or a value that is not allowed.
    """
    return _measures((folder or shipped("data_schema")) / "measures.toml")


@cache
def _measures(path: Path) -> Mapping[str, Measure]:
    file = read_toml(path)
    file.check_keys(("caution", "measure"))
    cautions = {key: caution.words() for key, caution in file.table("caution").tables().items()}
    return {key: _measure(key, table, cautions) for key, table in file.table("measure").tables().items()}


def _measure(key: str, table: TomlTable, cautions: Mapping[str, Words]) -> Measure:
    table.check_keys([field.name for field in fields(Measure) if field.name != "id"])
    return Measure(
        id=key,
        function=table.string("function", key),
        counts=table.choice("counts", COUNTS),
        unit=table.string("unit"),
        source=table.string("source"),
        title=table.table("title").words(),
        definition=table.table("definition").words(),
        caution=cautions[table.choice("caution", cautions)],
    )


def measure_named(measure: str) -> Measure:
    """Return a measure by its id, or raise UsageError with the ids there are."""
    measures = measure_catalogue()
    return measures[check_choice("measure", measure, measures)]


def _chosen_method(name: str, language: str) -> str:
    """Return which method a function chooses, or what a method is; empty where there is no such function or method."""
    for key in (f"choice.{name}", f"method.{name}"):
        try:
            return text(key, language)
        except KeyError:
            continue
    return ""


class Explained(Protocol):
    """A result that can say which method produced it."""

    def explain(self, language: str | None = None) -> str: ...


def explain(subject: str | Explained, *, language: str | None = None) -> ShownWords:
    """Return what a measure is, how a method works, which method a function chooses, or which method produced a result.

    Parameters
    ----------
    subject : str or result
        Id of a measure ("attendance_rate"), name of a method ("signed_rank") or of a function that chooses one
        ("compare_cohorts"); or what such a function returned.

    Raises
    ------
    UsageError
        If there is no such measure, method or function; names the measures.
    """
    language = language or default_language()
    chosen = subject.explain(language) if not isinstance(subject, str) else _chosen_method(subject, language)
    if not isinstance(subject, str) or (chosen and subject not in measure_catalogue()):
        return ShownWords(chosen, f"<p>{escape(chosen)}</p>")
    measure = measure_named(subject)
    title = measure.title[language]
    parts = {"definition": measure.definition[language], "unit": text(f"unit.{measure.unit}", language), "caution": measure.caution[language]}
    parts |= ({"method": chosen} if chosen else {}) | {"source": measure.source}
    said = [(text(f"explain.{name}", language), words) for name, words in parts.items()]
    terms = "".join(f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in said)
    return ShownWords("\n".join([title, *(f"{name}: {words}" for name, words in said)]), f"<strong>{escape(title)}</strong><dl>{terms}</dl>")
