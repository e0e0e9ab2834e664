"""Results: each gives its figure, its interval, rows, a sentence, and which method produced it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import default_language, level_words, number, once_in, percent, text
from ikut_eval.inference.arguments import check_level
from ikut_eval.inference.scores import alpha_of


@dataclass(frozen=True)
class Interval:
    """The values that a method does not rule out.

    Attributes
    ----------
    lower, upper : float
    level : float – the level asked for
    """

    lower: float
    upper: float
    level: float


class Result(ABC):
    """A result that can be shown as a sentence and as rows, and says which method produced it."""

    @abstractmethod
    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return the result in words."""

    @abstractmethod
    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return the result as rows."""

    @abstractmethod
    def _rules(self) -> tuple[str, ...]:
        """Return the catalogue keys of the method, its rules and its assumption."""

    def explain(self, language: str | None = None) -> str:
        """Return the method, its rules and what it assumes."""
        return " ".join(text(key, language or default_language()) for key in self._rules())

    def __repr__(self) -> str:
        return self.sentence(default_language())

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.sentence(default_language()))}</p>{self.to_frame().to_html(index=False)}"


@dataclass(frozen=True, repr=False)
class ResultOfRows(Result):
    """A result that is its rows, each a mapping from the names of columns."""

    rows: tuple[Mapping[str, Any], ...]

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return the rows, whatever the level."""
        return pd.DataFrame(self.rows)


@dataclass(frozen=True, repr=False, kw_only=True)
class Estimate(Result):
    """An estimate with its uncertainty.

    Attributes
    ----------
    method : str – key of the method under ``method.`` in the catalogue
    estimate : float or None – what the method estimates; None where there is nothing to estimate
    n : int – people, or pairs, it is based on
    n_missing : int – people left out because something is missing
    unit : {"share", "points", "ratio"}
    assumption : str – key under ``assumption.``
    """

    method: str
    n: int
    estimate: float | None = None
    n_missing: int = 0
    unit: str = "share"
    assumption: str = "chance_alone"
    inversion: Callable[[float], tuple[float, float]] | None = field(default=None, compare=False)

    @property
    def highest_level(self) -> float:
        """The highest level at which there is an interval."""
        return 1.0

    def interval(self, level: float = 0.95) -> Interval:
        """Return the interval that matches the method.

        Raises
        ------
        UsageError
            If the level is not between 0 and 1, there is no interval, or this design cannot reach the level:
            names the highest that it can.
        """
        check_level(level)
        if self.inversion is None:
            raise UsageError("no_matching_interval")
        if level > self.highest_level:
            raise UsageError("level_not_attainable", level=f"{level:.4g}", best=f"{self.highest_level:.12g}")
        lower, upper = self.inversion(level)
        return Interval(lower, upper, level)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row: every figure, then lower, upper and level of the interval; they are missing where there is none."""
        row = {f.name: getattr(self, f.name) for f in fields(self) if f.compare and isinstance(getattr(self, f.name), int | float | str | None)}
        found = self._interval_if_any(level)
        return pd.DataFrame([row | (vars(found) if found else dict.fromkeys(("lower", "upper", "level")))])

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return the estimate and its interval in words."""
        if self.estimate is None:
            return text("estimate.none", language, n=self.n)
        values = {"name": text(f"method.{self.method}", language).rstrip("."), "value": self._said(self.estimate, language), "n": self.n}
        found = self._interval_if_any(level)
        if not found:
            return text("estimate.without_interval", language, **values)
        low, high = (self._said(end, language) for end in (found.lower, found.upper))
        return text("estimate.with_interval", language, **values, low=low, high=high, level=level_words(level, language))

    def _interval_if_any(self, level: float) -> Interval | None:
        try:
            return self.interval(level)
        except UsageError:
            return None

    def _said(self, value: float, language: str) -> str:
        return percent(value, language) if self.unit == "share" else number(value, language, 2)

    def _rules(self) -> tuple[str, ...]:
        return (f"method.{self.method}", f"assumption.{self.assumption}")


@dataclass(frozen=True, repr=False, kw_only=True)
class ExactTest(Estimate):
    """The result of an exact test.

    Attributes
    ----------
    p : float – two-sided
    p_greater, p_less : float or None – one-sided; None where the alternative has no direction
    p_mid : float – two-sided mid-P: a second column, never the headline
    p_floor : float – the smallest two-sided p that this design can reach
    n_nonzero : int – people whose answers differ, so that they count for or against
    two_sided_rule, zero_rule : str – keys under ``rule.``
    statistic : float – what was compared with its null distribution
    bounded : bool – the estimate has a natural minimum and maximum, so that there is an interval at every level
    interval_floor : float or None – the smallest two-sided p at any shift, where it is not `p_floor`
    """

    p: float
    p_greater: float | None = None
    p_less: float | None = None
    p_mid: float
    p_floor: float
    n_nonzero: int
    two_sided_rule: str
    zero_rule: str = "no_zeros"
    statistic: float
    bounded: bool = False
    interval_floor: float | None = None

    @property
    def highest_level(self) -> float:
        return 1.0 if self.bounded else 1 - (self.p_floor if self.interval_floor is None else self.interval_floor)

    def attainable(self, alpha: float = 0.05) -> bool:
        """Return whether this design could have reached `alpha` whatever people answered.

        Raises
        ------
        UsageError
            If alpha is not between 0 and 1.
        """
        check_level(alpha)
        return self.p_floor <= alpha

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return in words what the test shows, or that this design cannot show it."""
        alpha = alpha_of(level)
        values: dict[str, Any] = {"n": self.n, "p": once_in(self.p, language), "floor": once_in(self.p_floor, language), "alpha": level_words(alpha, language)}
        key = "not_attainable" if not self.attainable(alpha) else "below" if self.p <= alpha else "above"
        said = text(f"inference.{key}", language, **values)
        return said if key == "not_attainable" else f"{said} {text('inference.floor', language, floor=values['floor'])}"

    def _rules(self) -> tuple[str, ...]:
        return (f"method.{self.method}", f"rule.{self.two_sided_rule}", f"rule.{self.zero_rule}", f"assumption.{self.assumption}")
