"""When people leave."""

from dataclasses import dataclass

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import number, percent, text
from ikut_eval.inference import survival
from ikut_eval.inference.results import Result


@dataclass(frozen=True, repr=False)
class Staying(Result):
    """How many are still there, week by week.

    Attributes
    ----------
    points : tuple of StayingPoint – one a week; n, n_left : int – people; people who left early
    median : float or None – weeks by which half have left; None where that has not come
    """

    points: tuple[survival.StayingPoint, ...]
    n: int
    n_left: int
    n_missing: int
    median: float | None

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a week: week, n_at_risk, share, lower, upper."""
        limits = [p.interval(level) for p in self.points]
        rows = [(p.time, p.n_at_risk, p.estimate, i.lower, i.upper) for p, i in zip(self.points, limits, strict=True)]
        return pd.DataFrame(rows, columns=["week", "n_at_risk", "share", "lower", "upper"])

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return how many stayed to the last week, and what that says at most."""
        if not self.points:
            return text("estimate.none", language, n=self.n)
        last = self.points[-1]
        found = last.interval(level)
        ends = {name: percent(value, language) for name, value in (("low", found.lower), ("high", found.upper), ("level", level))}
        return text(
            "staying.last", language, n=self.n, left=self.n_left, week=number(last.time, language), share=percent(last.estimate or 0.0, language), **ends
        )

    def _rules(self) -> tuple[str, ...]:
        return ("method.staying", "assumption.leaving_untold")


def time_in_training(times: pd.DataFrame, *, weeks: int = 10) -> Staying:
    """How many are still in the training, week by week (Kaplan–Meier).

    Parameters
    ----------
    times : pandas.DataFrame
        As `weeks_in_training` returns it.
    weeks : int
        Length of the training.

    Notes
    -----
    Nobody is followed beyond the last week, so that all who were there in it count alike, to the day or not.

    Raises
    ------
    UsageError
        If there are fewer than one week, or a person is there twice.
    """
    if weeks < 1:
        raise UsageError("impossible_counts")
    if times["participant_id"].duplicated().any():
        raise UsageError("duplicate_person")
    known = times.dropna(subset=["weeks"])
    lengths, left = known["weeks"].astype(float).tolist(), known["left"].tolist()
    until_end = [min(length, weeks) for length in lengths]
    by_end = [gone and length <= weeks for gone, length in zip(left, lengths, strict=True)]
    points = survival.staying(until_end, by_end, at=list(range(1, weeks + 1))) if lengths else []
    return Staying(tuple(points), len(known), sum(left), len(times) - len(known), survival.median_stay(lengths, left) if lengths else None)
