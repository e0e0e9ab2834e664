"""What a test of few people returns: the answer with what the design could have shown at all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import default_language, number, percent, text


@dataclass(frozen=True)
class Interval:
    """An interval that holds exactly the values that the same test does not reject.

    Attributes
    ----------
    lower, upper : float
    level : float – the level asked for
    """

    lower: float
    upper: float
    level: float


@dataclass(frozen=True, repr=False, kw_only=True)
class ExactTest:
    """The result of an exact test.

    Attributes
    ----------
    method : str – key of the method under ``method.`` in the catalogue
    estimate : float or None – what the method estimates [scale points, or a share]
    p : float – two-sided
    p_greater, p_less : float – one-sided
    p_mid : float – two-sided mid-P: a second column, never the headline
    p_floor : float – the smallest two-sided p that this design can reach
    n : int – people, or pairs, that the test used
    n_nonzero : int – of these, those that can speak for or against
    n_missing : int – people left out because something is missing
    two_sided_rule, zero_rule : str – keys under ``rule.``
    assumption : str – key under ``assumption.``
    statistic : float – what was compared with its null distribution
    """

    method: str
    estimate: float | None
    p: float
    p_greater: float
    p_less: float
    p_mid: float
    p_floor: float
    n: int
    n_nonzero: int
    n_missing: int
    two_sided_rule: str
    zero_rule: str
    assumption: str
    statistic: float
    inversion: Callable[[float], tuple[float, float]] | None = field(default=None, compare=False)

    def attainable(self, alpha: float = 0.05) -> bool:
        """Return whether this design could have reached `alpha` whatever people answered."""
        return self.p_floor <= alpha

    def interval(self, level: float = 0.95) -> Interval:
        """Return the interval that matches the test.

        Raises
        ------
        UsageError
            If the level is not between 0 and 1, or this design cannot reach it: names the highest that it can.
        """
        if not 0 < level < 1:
            raise UsageError("impossible_level")
        if self.inversion is None:
            raise UsageError("no_matching_interval")
        if self.p_floor > 1 - level:
            raise UsageError("level_not_attainable", level=f"{level:.4g}", best=f"{1 - self.p_floor:.4g}")
        lower, upper = self.inversion(level)
        return Interval(lower, upper, level)

    def to_frame(self) -> pd.DataFrame:
        """Return one row: method, estimate, p, p_greater, p_less, p_mid, p_floor, n, n_nonzero, n_missing, rules."""
        names = ("method", "estimate", "p", "p_greater", "p_less", "p_mid", "p_floor", "n", "n_nonzero", "n_missing", "two_sided_rule", "zero_rule")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def sentence(self, language: str, *, alpha: float = 0.05) -> str:
        """Return what the test can and cannot say, in words."""
        values: dict[str, Any] = {"n": self.n, "p": _p(self.p, language), "floor": _p(self.p_floor, language), "alpha": percent(alpha, language)}
        key = "not_attainable" if not self.attainable(alpha) else "below" if self.p <= alpha else "above"
        return text(f"inference.{key}", language, **values)

    def explain(self, language: str | None = None) -> str:
        """Return the method, its rules and what "exact" means here."""
        words = language or default_language()
        keys = (f"method.{self.method}", f"rule.{self.two_sided_rule}", f"rule.{self.zero_rule}", f"assumption.{self.assumption}")
        return " ".join(text(key, words) for key in keys)

    def __repr__(self) -> str:
        return self.sentence(default_language())

    def _repr_html_(self) -> str:
        return f"<p>{self.sentence(default_language())}</p>{self.to_frame().to_html(index=False)}"


def _p(value: float, language: str) -> str:
    return number(value, language, 4) if value >= 0.0001 else f"{value:.1e}"
