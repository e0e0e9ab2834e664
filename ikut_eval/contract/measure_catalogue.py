"""What each measure is, in words: title, definition, caution, unit and source, from `measures.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Protocol

from ikut_eval.contract.errors import ConfigurationError, UsageError
from ikut_eval.contract.locale import default_language, text
from ikut_eval.contract.schema import Words, shipped


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


def _chosen_method(name: str, language: str) -> str:
    """Return which method a function chooses, or what a method is; empty where there is no such function or method."""
    for key in (f"choice.{name}", f"method.{name}"):
        try:
            return text(key, language)
        except KeyError:
            continue
    return ""


@dataclass(frozen=True)
class Explanation:
    """A measure's words in one language; prints as text and as HTML."""

    measure: Measure
    language: str

    def _parts(self) -> list[tuple[str, str]]:
        m, language = self.measure, self.language
        parts = {"definition": m.definition[language], "unit": text(f"unit.{m.unit}", language), "caution": m.caution[language]}
        chosen = _chosen_method(m.id, language)
        parts |= ({"method": chosen} if chosen else {}) | {"source": m.source}
        return [(text(f"explain.{name}", language), words) for name, words in parts.items()]

    def __repr__(self) -> str:
        lines = [self.measure.title[self.language], *(f"{name}: {words}" for name, words in self._parts())]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in self._parts())
        return f"<strong>{escape(self.measure.title[self.language])}</strong><dl>{rows}</dl>"


@dataclass(frozen=True)
class MethodExplanation:
    """How an answer was come by, in one language; prints as text and as HTML."""

    words: str

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.words)}</p>"


class Explained(Protocol):
    """A result that tells how it was come by."""

    def explain(self, language: str | None = None) -> str: ...


def explain(subject: str | Explained, *, language: str | None = None) -> Explanation | MethodExplanation:
    """Return what a measure is, how a method works, which method a function chooses, or how a result was come by.

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
    words = language or default_language()
    if not isinstance(subject, str):
        return MethodExplanation(subject.explain(words))
    chosen = _chosen_method(subject, words)
    if chosen and subject not in measure_catalogue():
        return MethodExplanation(chosen)
    return Explanation(measure_named(subject), words)
