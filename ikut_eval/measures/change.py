"""Change between two waves for the same people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from statistics import median
from typing import Any

import pandas as pd

from ikut_eval.contract.analysis_plan import CHANGE_METHODS, AnalysisPlan
from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.contract.schema import Instrument, load_contract
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.missing import TippingPoint, tipping_change
from ikut_eval.inference.paired import mean_change_test, sign_test, signed_rank_test
from ikut_eval.inference.results import ExactTest, Interval
from ikut_eval.inference.scores import exact
from ikut_eval.measures.questionnaires import check_waves, exact_score, scale_scores
from ikut_eval.measures.table import ALL, measure_row, measure_table

_ANY_CHANGE = Fraction(1, 10**9)


@dataclass(frozen=True, repr=False)
class PairedChange:
    """Change of a score between two waves, among the people who have both.

    Attributes
    ----------
    smallest_change : Fraction – a change of at least this much counts as up or down [scale points]
    improved, same, worse : int – people
    n_paired : int – people with both scores
    n_missing : int – people due at both waves without both scores
    n_not_yet : int – people not yet due at the later wave
    pairs : tuple of (Fraction, Fraction) – scores before and after, ordered; no person's id
    versions : tuple of str – the versions of the questionnaire that these people answered; more than one is a caution
    """

    instrument: str
    start: str
    end: str
    cohort_ids: tuple[str, ...]
    smallest_change: Fraction
    improved: int
    same: int
    worse: int
    n_missing: int
    n_not_yet: int
    pairs: tuple[tuple[Fraction, Fraction], ...]
    versions: tuple[str, ...] = ()

    @property
    def n_paired(self) -> int:
        return len(self.pairs)

    @property
    def changes(self) -> tuple[Fraction, ...]:
        """The changes, smallest first."""
        return tuple(sorted(after - before for before, after in self.pairs))

    @property
    def median_change(self) -> float | None:
        return float(median(self.changes)) if self.pairs else None

    @property
    def means(self) -> tuple[float, float] | None:
        """The average before and after [scale points]; of fewer than two pairs None, as it would be one person's."""
        if self.n_paired < 2:
            return None
        before, after = (float(sum(scores) / self.n_paired) for scores in zip(*self.pairs, strict=True))
        return before, after

    def exact_test(self, method: str = "mean_change", *, zeros: str = "pratt") -> ExactTest:
        """Return the exact test of the change.

        Parameters
        ----------
        method : {"mean_change", "signed_rank", "sign"}
            The mean by flipping signs (default: the whole size of each change counts), ranks, or directions alone, in
            which a change counts from the smallest change on.
        zeros : {"pratt", "wilcoxon"}
            For ranks: how people without change are ranked.

        Raises
        ------
        UsageError
            If the method is not known, or there are fewer than two pairs.
        """
        check_choice("method", method, CHANGE_METHODS)
        test = _test(method, zeros, self.smallest_change)
        return replace(test([a for a, _ in self.pairs], [b for _, b in self.pairs]), n_missing=self.n_missing)

    def telling_interval(self, test: ExactTest, level: float) -> Interval | None:
        """Return the interval of a test of this change; None where there is none at the level, or it would be the range of the changes themselves."""
        if level > test.highest_level or (not test.n_nonzero and test.bounded):
            return None
        found = test.interval(level)
        low, high = (float(self.changes[end]) for end in (0, -1))
        return None if test.unit == "points" and found.lower <= low and found.upper >= high else found

    def interval(self, level: float = 0.95) -> Interval:
        """Return the exact interval of the mean change [scale points].

        Raises
        ------
        UsageError
            If so few pairs have no interval at the level: names the highest that there is.
        """
        return self.exact_test().interval(level)

    def tipping_point(self, plan: AnalysisPlan) -> TippingPoint:
        """Return what people whose answers are missing could do to the rise, or the fall, of the others, by the plan's own test.

        Each is given the same change, in steps of half an answer over the width of the score.
        """
        falls = plan.sides == "less" or (plan.sides == "two" and sum(self.changes) < 0)
        if self.n_paired + self.n_missing < 2:
            return TippingPoint((), (), (), (), None, self.n_missing, falls)
        changes = [*self.changes, *[None] * self.n_missing]
        steps = _steps(load_contract().instruments[self.instrument])
        planned = _test(plan.method, plan.zeros, self.smallest_change)

        def test(before: Sequence[object], after: Sequence[object]) -> ExactTest:
            made = planned(before, after)
            return replace(made, p=plan.p(made), p_floor=plan.floor(made))

        return tipping_change([0] * len(changes), changes, changes=steps, alpha=plan.alpha, falls=falls, test=test)

    def judged_by(self, plan: AnalysisPlan) -> Mapping[str, Any]:
        """Return all that is said of the change when a plan judges it; of fewer than two pairs nothing, as it would be one person's.

        Returns
        -------
        mapping
            mean [scale points]; method, unit ("points", or "share" of those who changed) and estimate of the planned test; lower, upper: its own interval
            at level 1 − alpha, missing where there is none to show; highest_level that so few people allow; alpha; p on the plan's side; p_floor, the
            smallest that so few people can give; planned: whether it is the comparison that the plan declared before the answers, which is that of
            several cohorts together; tipping, tipping_from, falls: as kind, smallest_still and falls of `tipping_point`.
        """
        if self.n_paired < 2:
            return {}
        test, tipping = self.exact_test(plan.method, zeros=plan.zeros), self.tipping_point(plan)
        found = self.telling_interval(test, 1 - plan.alpha)
        return {
            "mean": float(sum(self.changes) / self.n_paired),
            "method": test.method,
            "unit": test.unit,
            "estimate": test.estimate,
            "lower": found.lower if found else None,
            "upper": found.upper if found else None,
            "highest_level": test.highest_level,
            "alpha": plan.alpha,
            "p": plan.p(test),
            "p_floor": plan.floor(test),
            "planned": len(self.cohort_ids) > 1 and plan.covers(self),
            "tipping": tipping.kind,
            "tipping_from": tipping.smallest_still,
            "falls": tipping.falls,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return the counts as a measure table: groups "improved", "same" and "worse"."""
        cohort = self.cohort_ids[0] if len(self.cohort_ids) == 1 else ALL
        counts = {"improved": self.improved, "same": self.same, "worse": self.worse}
        return measure_table(measure_row("paired_change", cohort, n, self.n_paired, self.n_missing, group=group, wave=self.end) for group, n in counts.items())

    def __repr__(self) -> str:
        return f"PairedChange({self.instrument}, {self.start} to {self.end}; {self.n_paired} pairs)"


def _test(method: str, zeros: str, smallest_change: Fraction) -> Callable[..., ExactTest]:
    """Return the exact test of two answers by a method; for directions alone a change counts from the smallest change on."""
    if method == "sign":
        least = smallest_change or _ANY_CHANGE

        def signs(before: Sequence[Any], after: Sequence[Any]) -> ExactTest:
            moves = [b - a for a, b in zip(before, after, strict=True)]
            return sign_test([0] * len(moves), [(move >= least) - (move <= -least) for move in moves])

        return signs
    return partial(signed_rank_test, zeros=zeros) if method == "signed_rank" else mean_change_test


def _steps(instrument: Instrument) -> list[float]:
    """Return every change of score that there can be, from the largest fall to the largest rise, in steps of half an answer."""
    lowest, highest = instrument.score_range
    width, answer = highest - lowest, instrument.multiply if instrument.method == "sum" else 1
    return [step * answer / 2 for step in range(-2 * width // answer, 2 * width // answer + 1)]


def paired_change(scores: pd.DataFrame, *, start: str = "start", end: str = "exit", smallest_change: float | None = None) -> PairedChange:
    """Who rose, stayed or fell between two waves, among the same people.

    Parameters
    ----------
    scores : pandas.DataFrame
        As `scale_scores` returns it.
    start, end : str
        Waves.
    smallest_change : float, optional
        What counts as a change [scale points]; the instrument's declared one when left out.

    Returns
    -------
    PairedChange
        Counts, and `to_frame()` with columns as in `attendance_rate`.

    Raises
    ------
    UsageError
        If the scores hold several instruments, a wave is not among theirs, the smallest change is negative, a person
        is there twice in a wave, or a cohort is there in one wave only.

    Notes
    -----
    Scores are compared as fractions, so that 1.4 − 1.1 equals 1.0 − 0.7.
    """
    names = list(scores["instrument"].unique())
    if len(names) > 1:
        raise UsageError("one_instrument", n=len(names))
    instrument = load_contract().instruments[names[0]] if names else None
    if instrument:
        check_waves(instrument, start, end)
    if smallest_change is not None and smallest_change < 0:
        raise UsageError("impossible_change")
    declared = smallest_change if smallest_change is not None else (instrument.smallest_change if instrument else None)
    least = exact(declared) or _ANY_CHANGE
    before = scores[scores["wave"] == start].set_index("participant_id")
    after = scores[scores["wave"] == end].set_index("participant_id")
    if not (before.index.is_unique and after.index.is_unique):
        raise UsageError("duplicate_person")
    if set(before["cohort_id"]) != set(after["cohort_id"]):
        raise UsageError("cohort_without_wave", start=start, end=end)
    pairs, versions = [], set()
    missing, not_yet = int((~after.index.isin(before.index)).sum()), 0
    for person, first in before.iterrows():
        if person not in after.index:
            missing += 1
            continue
        last = after.loc[person]
        if instrument and first["state"] == last["state"] == "scored":
            pairs.append((exact_score(first, instrument), exact_score(last, instrument)))
            versions |= {str(row["version"]) for row in (first, last) if row.get("version")}
        elif "not_yet" in (first["state"], last["state"]):
            not_yet += 1
        else:
            missing += 1
    changes = [b - a for a, b in pairs]
    up, down = sum(c >= least for c in changes), sum(c <= -least for c in changes)
    return PairedChange(
        instrument=names[0] if names else "",
        start=start,
        end=end,
        cohort_ids=tuple(dict.fromkeys(scores["cohort_id"])),
        smallest_change=exact(declared) or Fraction(0),
        improved=up,
        same=len(changes) - up - down,
        worse=down,
        n_missing=missing,
        n_not_yet=not_yet,
        pairs=tuple(sorted(pairs)),
        versions=tuple(sorted(versions)),
    )


def primary_change(pilot: PilotData, plan: AnalysisPlan) -> PairedChange:
    """Return the change of the plan's primary outcome, between its waves and with its smallest change; of rights awareness where there is no plan.

    Raises
    ------
    UsageError
        As `paired_change`.
    """
    start, end = plan.contrast
    least = plan.smallest_change if plan.primary else None
    return paired_change(scale_scores(pilot, plan.outcome), start=start, end=end, smallest_change=least)
