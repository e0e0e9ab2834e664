"""What can be concluded from so few answers: people not reached, time in training, detectable effects."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import pandas as pd

from ikut_eval.analysis.comparison import refuse_doubles
from ikut_eval.contract.analysis_plan import CHANGE_METHODS, SIDES, AnalysisPlan
from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.contract.locale import listing, number, percent, text
from ikut_eval.inference import missing, survival
from ikut_eval.inference.arguments import check_probabilities, check_table, counts, finite, flags
from ikut_eval.inference.paired import smallest_p
from ikut_eval.inference.planning import detectable_change, detectable_share
from ikut_eval.inference.results import Result, ResultOfRows
from ikut_eval.inference.scores import exact
from ikut_eval.measures.change import PairedChange
from ikut_eval.measures.follow_up import OUTCOMES
from ikut_eval.measures.table import ALL

_MOST_WEEKS = 1000


@dataclass(frozen=True, repr=False)
class Detectable(ResultOfRows):
    """What groups of such sizes could show, whatever they answer.

    Attributes
    ----------
    rows : tuple of mapping – one a cohort, then all together: cohort_id, n, p_floor, share (of people who must move
        the same way, by the sign test on two sides), effect (mean change over the standard deviation of changes, by the
        planned test), effect_error (its Monte-Carlo standard error, 0 where it was counted); missing where nothing can
        be shown
    power, alpha : float
    method, sides : str – of the planned test
    """

    power: float
    alpha: float
    method: str
    sides: str

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return which groups can show something, and how large it must be."""
        said, unable, alpha, power = [], [], percent(self.alpha, language), percent(self.power, language)
        for row in self.rows:
            name = text("detectable.all", language) if row["cohort_id"] == ALL else row["cohort_id"]
            if row["effect"] is None:
                unable.append(name)
                continue
            values = {
                "group": name,
                "n": row["n"],
                "effect": self.effect_words(row, language),
                "power": power,
                "method": text(f"method.{self.method}", language),
            }
            said.append(text("detectable.can", language, **(values | {"method": values["method"].rstrip(".")})))
            if row["share"] is not None:
                said[-1] += " " + text("detectable.share", language, share=percent(row["share"], language))
        if unable:
            said.insert(0, text("detectable.cannot", language, groups=listing(unable, language), alpha=alpha))
        return "\n".join(said) or text("detectable.nobody", language)

    def _rules(self) -> tuple[str, ...]:
        return (f"method.{self.method}", "method.detectable", "assumption.before_the_data")

    def effect_words(self, row: Mapping[str, Any], language: str) -> str:
        """Return the effect of a row with the error of the simulation that gave it, where there was one."""
        effect = number(row["effect"], language, 2)
        return f"{effect} (± {number(row['effect_error'], language, 3)})" if row["effect_error"] else effect


def detectable_effect(people: int | pd.DataFrame, *, power: float = 0.8, alpha: float = 0.05, method: str = "mean_change", sides: str = "two") -> Detectable:
    """What so few people could show at all: for the plan, never to explain a result afterwards.

    Parameters
    ----------
    people : int or pandas.DataFrame
        How many, or the table of `participants`: then by cohort and all together.
    power : float
        Probability of showing it where it is there.
    alpha : float
        Probability of a false claim that is accepted.
    method : {"mean_change", "signed_rank", "sign"}
        The planned test.
    sides : {"two", "greater", "less"}
        Of the planned test.

    Raises
    ------
    UsageError
        If a number of people cannot be, or is too large to simulate, a cohort appears twice, power or alpha is not
        between 0 and 1, or the method or the sides are unknown.
    """
    check_probabilities(power, alpha)
    check_choice("method", method, CHANGE_METHODS)
    check_choice("sides", sides, SIDES)
    if isinstance(people, pd.DataFrame):
        check_table(people, ["cohort_id"], counted=["numerator"])
        refuse_doubles(people["cohort_id"].tolist())
        sizes = {str(c): n for c, n in zip(people["cohort_id"], counts(*people["numerator"]), strict=True)}
        sizes |= {ALL: sum(sizes.values())} if len(sizes) > 1 else {}
    else:
        sizes = {ALL: counts(people)[0]}
    rows = []
    for name, n in sizes.items():
        floor = min(1.0, smallest_p(n) / (1 if sides == "two" or n < 1 else 2))
        found = detectable_change(n, method=method, sides=sides, power=power, alpha=alpha) if n > 1 and floor <= alpha else None
        share = detectable_share(n, power=power, alpha=alpha)[0] if n > 1 and smallest_p(n) <= alpha else None
        values = {"effect": found.effect, "effect_error": found.error} if found else {"effect": None, "effect_error": None}
        rows.append({"cohort_id": name, "n": n, "p_floor": floor, "share": share, **values})
    return Detectable(tuple(rows), power, alpha, method, sides)


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
        For changes: what counts as shown, on two sides by the mean change.

    Raises
    ------
    UsageError
        If share or alpha is not between 0 and 1, or the table has no bounds.
    """
    check_probabilities(share, alpha)
    if isinstance(subject, pd.DataFrame):
        return _of_count(subject, float(share))
    if not isinstance(subject, PairedChange):
        raise UsageError("changes_needed")
    return subject.tipping_point(AnalysisPlan(alpha=alpha))


def _of_count(bounds: pd.DataFrame, share: float) -> TippingCount:
    if not {"at_least", "at_most"} <= set(bounds):
        raise UsageError("bounds_needed")
    check_table(bounds, ["cohort_id", "group", "wave"], counted=["at_least", "at_most", "denominator", "n_missing"])
    rows = []
    for row in bounds.itertuples():
        n, least = counts(row.denominator, row.at_least)
        wanted = ceil((exact(share) or 0) * n)
        needed = max(0, wanted - least) if wanted <= row.at_most else None
        same = {"cohort_id": row.cohort_id, "group": check_choice("outcome", row.group, OUTCOMES), "wave": row.wave}
        rows.append(same | {"n": n, "at_least": least, "n_missing": int(row.n_missing), "needed": needed})
    return TippingCount(tuple(rows), share)


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
    check_table(times, ["participant_id", "cohort_id"], known=["weeks", "left"])
    if not 1 <= counts(weeks)[0] <= _MOST_WEEKS:
        raise UsageError("impossible_counts")
    if times.duplicated(["participant_id", "cohort_id"]).any():
        raise UsageError("duplicate_person")
    known = times.dropna(subset=["weeks"])
    lengths, left = [finite(length) for length in known["weeks"]], flags(known["left"])
    until_end = [min(length, weeks) for length in lengths]
    by_end = [gone and length <= weeks for gone, length in zip(left, lengths, strict=True)]
    seen = [week for week in range(1, weeks + 1) if week <= max(until_end, default=0)]
    points = survival.staying(until_end, by_end, at=seen) if seen else []
    return Staying(tuple(points), len(known), sum(left), len(times) - len(known), survival.median_stay(lengths, left) if lengths else None)
