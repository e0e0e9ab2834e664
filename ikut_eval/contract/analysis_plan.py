"""The plan of analysis, made before the data: one primary outcome, one contrast, and how it will be judged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from ikut_eval.contract.schema import load_contract
from ikut_eval.contract.toml_tables import TomlTable

SIDES = ("two", "greater", "less")
ZEROS = ("pratt", "wilcoxon")
CHANGE_METHODS = ("mean_change", "signed_rank", "sign")


@dataclass(frozen=True)
class PlanMade:
    """When a plan was made, as the record of the workspace knows it.

    Attributes
    ----------
    day : date or None – on which it was recorded; None where that is not known
    answers : int or None – how many people had answered its outcome at the end of its contrast by then; None: not known
    first, first_day : AnalysisPlan and date, or None – the first plan that was recorded, if this is a later one
    """

    day: date | None = None
    answers: int | None = None
    first: "AnalysisPlan | None" = None
    first_day: date | None = None

    @property
    def before_answers(self) -> bool:
        """Whether the plan was there before anybody had answered; False where it is not known."""
        return self.answers == 0


@dataclass(frozen=True)
class AnalysisPlan:
    """How the change of the primary outcome, over the whole pilot, will be judged. Everything else is exploratory.

    Attributes
    ----------
    primary : str – instrument; empty where there is no plan: then everything is exploratory
    contrast : tuple of str – the two waves compared
    method : {"mean_change", "signed_rank", "sign"}
    alpha : float – accepted probability of a false positive
    sides : {"two", "greater", "less"} – rise or fall, rise alone, fall alone
    zeros : {"pratt", "wilcoxon"} – how a rank test treats people without change
    smallest_change : float – what counts as up or down [scale points]
    made : PlanMade or None – when it was made; None for a plan that is written in a notebook
    """

    primary: str = ""
    contrast: tuple[str, str] = ("start", "exit")
    method: str = "mean_change"
    alpha: float = 0.05
    sides: str = "two"
    zeros: str = "pratt"
    smallest_change: float = 0.0
    made: PlanMade | None = field(default=None, compare=False)

    @property
    def outcome(self) -> str:
        """The instrument that comes first: the primary outcome; rights awareness where there is no plan."""
        return self.primary or "rights_awareness"

    @property
    def terms(self) -> dict[str, Any]:
        """What is planned, as it is written in ``[analysis]``."""
        return {name: value for name, value in asdict(self).items() if name != "made"}

    @property
    def digest(self) -> str:
        """SHA-256 of the plan; empty where there is none."""
        return hashlib.sha256(json.dumps(self.terms, sort_keys=True).encode()).hexdigest() if self.primary else ""

    @property
    def about(self) -> Mapping[str, Any]:
        """What a report says of the plan: its hash, and when it was made; empty where there is no plan."""
        made = self.made or PlanMade()
        first = {"first": made.first.digest, "first_day": str(made.first_day)} if made.first else {}
        return {"digest": self.digest, "day": made.day and str(made.day), "answers": made.answers} | first if self.primary else {}

    def covers(self, change: Any) -> bool:
        """Return whether a change (of an instrument, from start to end, with the smallest one that counts) is the planned comparison.

        It never is if the plan is known to be of later than the first answers, or if that is not known.
        """
        same = (change.instrument, (change.start, change.end)) == (self.primary, self.contrast)
        in_time = self.made is None or self.made.before_answers
        return bool(self.primary) and same and in_time and float(change.smallest_change) == self.smallest_change

    def p(self, test: Any) -> float:
        """Return the p of an exact test on the side that the plan names."""
        one_sided = {"greater": test.p_greater, "less": test.p_less}.get(self.sides)
        return float(test.p if one_sided is None else one_sided)

    def floor(self, test: Any) -> float:
        """Return the smallest p of an exact test that the design can reach on the plan's side."""
        return float(test.p_floor if self.sides == "two" else test.p_floor / 2)


def read_analysis_plan(section: TomlTable) -> AnalysisPlan:
    """Return the plan of a section ``[analysis]``.

    Raises
    ------
    ConfigurationError
        If a key is unknown, missing or has a value that is not allowed; names the key and what is allowed.
    """
    section.check_keys([f.name for f in fields(AnalysisPlan) if f.name != "made"])
    instruments = {i.id: i for i in load_contract().instruments.values() if i.method != "none"}
    instrument = instruments[section.choice("primary", instruments)]
    contrast = section.several("contrast", instrument.waves, ("start", "exit"))
    if len(contrast) != 2 or contrast[0] == contrast[1]:
        raise section.not_allowed("contrast", instrument.waves)
    return AnalysisPlan(
        primary=instrument.id,
        contrast=(contrast[0], contrast[1]),
        method=section.choice("method", CHANGE_METHODS, "mean_change"),
        alpha=section.number("alpha", "0 < alpha < 1", 0.05, within=lambda alpha: 0 < alpha < 1),
        sides=section.choice("sides", SIDES, "two"),
        zeros=section.choice("zeros", ZEROS, "pratt"),
        smallest_change=section.number("smallest_change", "≥ 0", instrument.smallest_change or 0, within=lambda change: change >= 0),
    )
