"""What each measure is, in words: title, definition, caution, unit and source, from `measures.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape

from ikut_eval.contract.errors import ConfigurationError, UsageError
from ikut_eval.contract.locale import default_language, text
from ikut_eval.contract.schema import Words
from ikut_eval.contract.shipped import shipped


@dataclass(frozen=True)
class Measure:
    """One measure in words. `function` is the name under which an evaluator calls it."""

    id: str
    function: str
    unit: str
    source: str
    title: Words
    definition: Words
    caution: Words


@cache
def measure_catalogue() -> Mapping[str, Measure]:
    """Return every measure by its id."""
    try:
        raw = tomllib.loads((shipped("data_schema") / "measures.toml").read_text(encoding="utf-8"))
        cautions = raw["caution"]
        return {
            key: Measure(key, m.get("function", key), m["unit"], m["source"], m["title"], m["definition"], cautions[m["caution"]])
            for key, m in raw["measure"].items()
        }
    except (OSError, ValueError, KeyError) as problem:
        raise ConfigurationError("schema_missing_file", file="measures.toml") from problem


def measure_named(measure: str) -> Measure:
    """Return a measure by its id, or refuse with the ids there are."""
    known = measure_catalogue()
    if measure not in known:
        raise UsageError("unknown_choice", name="measure", choices=", ".join(known))
    return known[measure]


@dataclass(frozen=True)
class Explanation:
    """A measure's words in one language; prints as text and as HTML."""

    measure: Measure
    language: str

    def _parts(self) -> list[tuple[str, str]]:
        m, language = self.measure, self.language
        parts = {"definition": m.definition[language], "unit": text(f"unit.{m.unit}", language), "caution": m.caution[language], "source": m.source}
        return [(text(f"explain.{name}", language), words) for name, words in parts.items()]

    def __repr__(self) -> str:
        lines = [self.measure.title[self.language], *(f"{name}: {words}" for name, words in self._parts())]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in self._parts())
        return f"<strong>{escape(self.measure.title[self.language])}</strong><dl>{rows}</dl>"


def explain(measure: str, *, language: str | None = None) -> Explanation:
    """Return what a measure is: definition with its denominator, unit, caution and source.

    Raises
    ------
    UsageError
        If there is no such measure; names those that there are.
    """
    return Explanation(measure_named(measure), language or default_language())
