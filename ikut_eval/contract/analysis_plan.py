"""The plan of analysis, made before the data: one primary outcome, one contrast, and how it will be judged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any, Protocol

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.schema import load_contract

SIDES = ("two", "greater", "less")
ZEROS = ("pratt", "wilcoxon")
METHODS = ("mean_change", "signed_rank", "sign")


class Compared(Protocol):
    """What was compared: enough to tell whether it was planned."""

    @property
    def instrument(self) -> str: ...
    @property
    def start(self) -> str: ...
    @property
    def end(self) -> str: ...
    @property
    def smallest_change(self) -> Any: ...


class Tested(Protocol):
    """An exact test, as far as a plan looks at it."""

    @property
    def p(self) -> float: ...
    @property
    def p_greater(self) -> float | None: ...
    @property
    def p_less(self) -> float | None: ...
    @property
    def p_floor(self) -> float: ...


@dataclass(frozen=True)
class AnalysisPlan:
    """How the change of the primary outcome, over the whole pilot, will be judged. Everything else is exploratory.

    Attributes
    ----------
    primary : str – instrument; empty where there is no plan: then everything is exploratory
    contrast : tuple of str – the two waves compared
    method : {"mean_change", "signed_rank", "sign"}
    alpha : float – probability of a false claim that is accepted
    sides : {"two", "greater", "less"} – rise or fall, rise alone, fall alone
    zeros : {"pratt", "wilcoxon"} – how a rank test treats people without change
    smallest_change : float – what counts as up or down [scale points]
    """

    primary: str = ""
    contrast: tuple[str, str] = ("start", "exit")
    method: str = "mean_change"
    alpha: float = 0.05
    sides: str = "two"
    zeros: str = "pratt"
    smallest_change: float = 0.0

    @property
    def digest(self) -> str:
        """SHA-256 of the plan; empty where there is none."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest() if self.primary else ""

    def covers(self, change: Compared) -> bool:
        """Return whether a comparison is the planned one."""
        same = (change.instrument, (change.start, change.end)) == (self.primary, self.contrast)
        return bool(self.primary) and same and float(change.smallest_change) == self.smallest_change

    def p(self, test: Tested) -> float:
        """Return the p of a test on the side that the plan names."""
        one_sided = {"greater": test.p_greater, "less": test.p_less}.get(self.sides)
        return test.p if one_sided is None else one_sided

    def floor(self, test: Tested) -> float:
        """Return the smallest p that the design can reach on the plan's side."""
        return test.p_floor if self.sides == "two" else test.p_floor / 2


def read_analysis_plan(section: object, *, file: str) -> AnalysisPlan:
    """Return the plan of a section ``[analysis]``.

    Parameters
    ----------
    section : mapping
        What the file holds under ``[analysis]``.
    file : str
        Name of the file, for errors.

    Raises
    ------
    ConfigurationError
        If a key is unknown, missing or has a value that is not possible; names the key and what is possible.
    """
    keys = [f.name for f in fields(AnalysisPlan)]
    if not isinstance(section, Mapping):
        raise ConfigurationError("wrong_setting", file=file, key="analysis")
    for key in section:
        if key not in keys:
            raise ConfigurationError("unknown_setting", file=file, key=f"analysis.{key}", keys=", ".join(keys))
    instruments = {i.id: i for i in load_contract().instruments.values() if i.method != "none"}
    primary = section.get("primary")
    if not isinstance(primary, str) or primary not in instruments:
        raise _choice(file, "primary", instruments)
    waves = instruments[primary].waves
    contrast = section.get("contrast", ["start", "exit"])
    if not isinstance(contrast, list) or len(contrast) != 2 or not set(map(str, contrast)) <= set(waves) or contrast[0] == contrast[1]:
        raise _choice(file, "contrast", waves)
    for key, possible in (("sides", SIDES), ("zeros", ZEROS), ("method", METHODS)):
        if section.get(key, possible[0]) not in possible:
            raise _choice(file, key, possible)
    alpha = section.get("alpha", 0.05)
    if not _is_number(alpha) or not 0 < alpha < 1:
        raise _choice(file, "alpha", ["0 < alpha < 1"])
    least = section.get("smallest_change", instruments[primary].smallest_change or 0)
    if not _is_number(least) or least < 0:
        raise _choice(file, "smallest_change", ["≥ 0"])
    words = {key: section[key] for key in ("method", "sides", "zeros") if key in section}
    return AnalysisPlan(primary=primary, contrast=(contrast[0], contrast[1]), alpha=float(alpha), smallest_change=float(least), **words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _choice(file: str, key: str, possible: Any) -> ConfigurationError:
    return ConfigurationError("setting_choice", file=file, key=f"analysis.{key}", choices=", ".join(possible))
