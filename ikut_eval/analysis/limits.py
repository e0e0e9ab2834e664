"""What can be concluded from so few answers: people not reached, time in training, detectable effects."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import pandas as pd

from ikut_eval.analysis.comparison import refuse_doubles
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import listing, number, percent, text
from ikut_eval.contract.schema import Instrument, load_contract
from ikut_eval.inference import missing, survival
from ikut_eval.inference.paired import detectable_mean_change, detectable_share, smallest_p
from ikut_eval.inference.results import Result, ResultOfRows
from ikut_eval.measures.change import PairedChange
from ikut_eval.measures.table import ALL


@dataclass(frozen=True, repr=False)
class Detectable(ResultOfRows):
    """What groups of such sizes could show, whatever they answer.

    Attributes
    ----------
    rows : tuple of mapping – one a cohort, then all together: cohort_id, n, p_floor, share (of people who must move
        the same way), effect (mean change over its standard deviation); share and effect are missing where nothing
        can be shown
    power, alpha : float
    """

    power: float
    alpha: float

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return which groups can show something, and how large it must be."""
        said, unable, alpha, power = [], [], percent(self.alpha, language), percent(self.power, language)
        for row in self.rows:
            name = text("detectable.all", language) if row["cohort_id"] == ALL else row["cohort_id"]
            if row["share"] is None:
                unable.append(name)
                continue
            share, effect = percent(row["share"], language), number(row["effect"], language, 1)
            said.append(text("detectable.can", language, group=name, n=row["n"], share=share, effect=effect, power=power))
        if unable:
            said.insert(0, text("detectable.cannot", language, groups=listing(unable, language), alpha=alpha))
        return "\n".join(said) or text("detectable.nobody", language)

    def _rules(self) -> tuple[str, ...]:
        return ("method.sign", "method.detectable", "assumption.before_the_data")


def detectable_effect(people: int | pd.DataFrame, *, power: float = 0.8, alpha: float = 0.05) -> Detectable:
    """What so few people could show at all: for the plan, never to explain a result afterwards.

    Parameters
    ----------
    people : int or pandas.DataFrame
        How many, or the table of `participants`: then by cohort and all together.
    power : float
        Probability of showing it where it is there.
    alpha : float
        Probability of a false claim that is accepted.

    Raises
    ------
    UsageError
        If a number of people is negative, a cohort appears twice, or power or alpha is not between 0 and 1.
    """
    _refuse_impossible(power, alpha)
    if isinstance(people, pd.DataFrame):
        refuse_doubles(people["cohort_id"].tolist())
        sizes = {str(c): int(n) for c, n in zip(people["cohort_id"], people["numerator"], strict=True)}
        sizes |= {ALL: sum(sizes.values())} if len(sizes) > 1 else {}
    else:
        sizes = {ALL: people}
    if min(sizes.values(), default=0) < 0:
        raise UsageError("impossible_counts")
    rows = []
    for name, n in sizes.items():
        share, effect = None, None
        if n > 1 and smallest_p(n) <= alpha:
            share, effect = detectable_share(n, power=power, alpha=alpha)[0], detectable_mean_change(n, power=power, alpha=alpha)
        rows.append({"cohort_id": name, "n": n, "p_floor": smallest_p(n), "share": share, "effect": effect})
    return Detectable(tuple(rows), power, alpha)


def _refuse_impossible(*probabilities: float) -> None:
    if not all(0 < each < 1 for each in probabilities):
        raise UsageError("impossible_probability")


@dataclass(frozen=True, repr=False)
class TippingCount(ResultOfRows):
    """How many of the people who were not reached must have an outcome for at least a share of all to have it.

    Attributes
    ----------
    rows : tuple of mapping – one a row of the bounds: cohort_id, group, wave, n, at_least, n_missing, needed; needed
        is 0 where the unreached cannot undo it, missing where even all of them do not suffice
    share : float
    """

    share: float

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return what would have to be true of those not reached."""
        said = []
        for row in self.rows:
            if row["n"]:
                key = "never" if row["needed"] is None else "needed" if row["needed"] else "always"
                label = f"{row['cohort_id']}, {text('outcome.' + row['group'], language)}"
                values = {"known": row["at_least"], "of": row["n"], "unreached": row["n_missing"], "needed": row["needed"]}
                said.append(text(f"tipping_count.{key}", language, label=label, share=percent(self.share, language), **values))
        return "\n".join(said) or text("sentence.nobody_due", language)

    def _rules(self) -> tuple[str, ...]:
        return ("method.tipping_count", "assumption.nothing_about_unreached")


def tipping_point(subject: PairedChange | pd.DataFrame, *, share: float = 0.5, alpha: float = 0.05) -> missing.TippingPoint | TippingCount:
    """What must hold for the people who were not reached for a conclusion to stand or fall.

    Parameters
    ----------
    subject : PairedChange or pandas.DataFrame
        A change: its missing people are given the same change each, in steps of half an answer over the width of the
        score. Or `outcome_bounds`: how many of the unreached must have the outcome.
    share : float
        For outcomes: of all people; a half says "at least as many do as not".
    alpha : float
        For changes: what counts as shown.

    Raises
    ------
    UsageError
        If share or alpha is not between 0 and 1, or the table has no bounds.
    """
    _refuse_impossible(share, alpha)
    return _of_count(subject, share) if isinstance(subject, pd.DataFrame) else _of_change(subject, alpha)


def _of_count(bounds: pd.DataFrame, share: float) -> TippingCount:
    if not {"at_least", "at_most"} <= set(bounds):
        raise UsageError("bounds_needed")
    rows = []
    for row in bounds.itertuples():
        n, least = int(row.denominator), int(row.at_least)
        wanted = ceil(Fraction(str(share)) * n)
        needed = max(0, wanted - least) if wanted <= row.at_most else None
        same = {"cohort_id": row.cohort_id, "group": row.group, "wave": row.wave}
        rows.append(same | {"n": n, "at_least": least, "n_missing": int(row.n_missing), "needed": needed})
    return TippingCount(tuple(rows), share)


def _of_change(change: PairedChange, alpha: float) -> missing.TippingPoint:
    if change.n_paired + change.n_missing < 2:
        return missing.TippingPoint((), (), (), None, change.n_missing)
    changes = [*change.changes, *[None] * change.n_missing]
    return missing.tipping_change([0] * len(changes), changes, changes=_steps(load_contract().instruments[change.instrument]), alpha=alpha)


def _steps(instrument: Instrument) -> list[float]:
    """Return every change of score that there can be, from the largest fall to the largest rise, in steps of half an answer."""
    if instrument.method == "correct":
        width = len(instrument.items)
    else:
        points = [int(value) for value in instrument.items[0].values if not value.startswith("-")]
        width = (max(points) - min(points)) * (len(instrument.items) if instrument.method == "sum" else 1)
    return [step * instrument.multiply / 2 for step in range(-2 * width, 2 * width + 1)]


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
        """Return how many stayed to the last week, with the interval."""
        if not self.points:
            return text("estimate.none", language, n=self.n)
        last = self.points[-1]
        found = last.interval(level)
        shares = {"share": last.estimate or 0.0, "low": found.lower, "high": found.upper, "level": level}
        said = {name: percent(value, language) for name, value in shares.items()}
        return text("staying.last", language, n=self.n, left=self.n_left, week=number(last.time, language), **said)

    def _rules(self) -> tuple[str, ...]:
        return ("method.staying", "assumption.still_in_training")


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
    Nobody is followed beyond the last week, so that all who were there in it count alike, to the day or not. Nothing is
    said of a week that nobody's time has reached: the training goes on.

    Raises
    ------
    UsageError
        If there are fewer than one week, or a person appears twice.
    """
    if weeks < 1:
        raise UsageError("impossible_counts")
    if times.duplicated(["participant_id", "cohort_id"]).any():
        raise UsageError("duplicate_person")
    known = times.dropna(subset=["weeks"])
    lengths, left = known["weeks"].astype(float).tolist(), known["left"].tolist()
    until_end = [min(length, weeks) for length in lengths]
    by_end = [gone and length <= weeks for gone, length in zip(left, lengths, strict=True)]
    seen = [week for week in range(1, weeks + 1) if week <= max(until_end, default=0)]
    points = survival.staying(until_end, by_end, at=seen) if seen else []
    return Staying(tuple(points), len(known), sum(left), len(times) - len(known), survival.median_stay(lengths, left) if lengths else None)
