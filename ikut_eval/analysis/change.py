"""Did people change, and did two groups of them change differently?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from ikut_eval.contract.analysis_plan import ZEROS
from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.contract.locale import text
from ikut_eval.contract.schema import Instrument, load_contract
from ikut_eval.inference import reliability
from ikut_eval.inference.arguments import check_table, finite, flags, labels, listed
from ikut_eval.inference.groups import group_test
from ikut_eval.inference.paired import mean_change_test, signed_rank_test
from ikut_eval.inference.results import ExactTest, ResultOfRows
from ikut_eval.inference.scores import alpha_of, exact_scores
from ikut_eval.measures.change import PairedChange
from ikut_eval.measures.questionnaires import check_waves, exact_score


@dataclass(frozen=True, repr=False)
class ItemShift(ResultOfRows):
    """Shift of each item, with p adjusted for looking at all of them. Always exploratory.

    Attributes
    ----------
    rows : tuple of mapping – one an item: item, n, rose, same, fell, n_missing, n_not_yet, p, p_holm, p_floor; the last
        three are missing below two pairs
    versions : tuple of str – the versions of the questionnaire that were answered; more than one is a caution
    """

    versions: tuple[str, ...] = ()

    @property
    def n_tested(self) -> int:
        return sum(row["p"] is not None for row in self.rows)

    def shown(self, alpha: float = 0.05) -> list[str]:
        """Return the items whose shift chance alone cannot well explain, looking at all of them."""
        return [row["item"] for row in self.rows if row["p_holm"] is not None and row["p_holm"] <= alpha]

    def attainable(self, alpha: float = 0.05) -> bool:
        """Return whether any item could have been shown, whatever people answered."""
        tested = [row["p_floor"] for row in self.rows if row["p_floor"] is not None]
        return bool(tested) and min(tested) * len(tested) <= alpha

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return how many items can be said to have shifted."""
        if not self.n_tested:
            return text("shift.none", language)
        alpha = alpha_of(level)
        key = "shift.shown" if self.attainable(alpha) else "shift.not_attainable"
        return text(key, language, items=self.n_tested, shown=len(self.shown(alpha)))

    def _rules(self) -> tuple[str, ...]:
        return ("method.signed_rank", "method.holm", "assumption.exchangeable_within_person")


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted for looking at all of them (Holm 1979), in the order given."""
    p = [_probability(value) for value in listed(p)]
    adjusted = [0.0] * len(p)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        largest = max(largest, min(1.0, (len(p) - place) * p[index]))
        adjusted[index] = largest
    return adjusted


def _probability(value: Any) -> float:
    """Return a p-value as a number; raise UsageError if it is missing or cannot be one."""
    try:
        found = finite(value)
    except UsageError:
        found = -1.0
    if not 0 <= found <= 1:
        raise UsageError("impossible_probability")
    return found


def item_shift(answers: pd.DataFrame, *, zeros: str = "pratt") -> ItemShift:
    """Which statements people answer differently than before, looking at all of them at once.

    Parameters
    ----------
    answers : pandas.DataFrame
        As `item_answers` returns it.
    zeros : {"pratt", "wilcoxon"}
        How the signed-rank test treats people without change.

    Raises
    ------
    UsageError
        If a person answers an item twice.

    References
    ----------
    Holm, S. (1979). Scandinavian Journal of Statistics 6, 65–70.
    """
    check_choice("zeros", zeros, ZEROS)
    check_table(answers, ["participant_id", "item", "versions"], known=["before", "after", "not_yet"])
    flags(answers["not_yet"])
    _refuse_twice(answers, "item")
    rows: list[dict[str, Any]] = []
    for item, here in answers.groupby("item", sort=False):
        both = here.dropna(subset=["before", "after"])
        before, after = exact_scores(both["before"]), exact_scores(both["after"])
        moves = [b - a for a, b in zip(before, after, strict=True) if a is not None and b is not None]
        rose, fell = sum(m > 0 for m in moves), sum(m < 0 for m in moves)
        test = signed_rank_test(before, after, zeros=zeros) if len(both) > 1 else None
        waiting = int((here["not_yet"] & (here["before"].isna() | here["after"].isna())).sum())
        counts = {"item": item, "n": len(both), "rose": rose, "same": len(both) - rose - fell, "fell": fell}
        counts |= {"n_missing": len(here) - len(both) - waiting, "n_not_yet": waiting}
        rows.append(counts | {"p": test.p if test else None, "p_holm": None, "p_floor": test.p_floor if test else None})
    tested = [row for row in rows if row["p"] is not None]
    for row, adjusted in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["p_holm"] = adjusted
    answered = answers.dropna(subset=["before", "after"])["versions"]
    return ItemShift(tuple(rows), tuple(sorted({version for words in answered for version in str(words).split(", ")} - {""})))


def _refuse_twice(table: pd.DataFrame, within: str) -> None:
    """Raise if a person appears twice within a wave or an item."""
    if table.duplicated(["participant_id", within]).any():
        raise UsageError("duplicate_person")


def _only_instrument(scores: pd.DataFrame) -> Instrument:
    check_table(scores, ["participant_id", "cohort_id", "instrument", "wave", "state"], counted=["total", "n_answered"])
    if (scores.loc[scores["state"] == "scored", "n_answered"] == 0).any():
        raise UsageError("impossible_counts")
    names = list(scores["instrument"].unique())
    if len(names) != 1:
        raise UsageError("one_instrument", n=len(names))
    return load_contract().instruments[check_choice("instrument", names[0], load_contract().instruments)]


def _weights(weights: Mapping[str, float]) -> dict[str, Fraction]:
    """Return a contrast's weights as fractions; raise UsageError if there are none, or one is missing."""
    if not isinstance(weights, Mapping):
        raise UsageError("contrast_not_zero")
    known = dict(zip(weights, exact_scores(weights.values()), strict=True))
    if None in known.values():
        raise UsageError("contrast_not_zero")
    return {wave: weight for wave, weight in known.items() if weight is not None}


def planned_contrast(scores: pd.DataFrame, weights: Mapping[str, int]) -> ExactTest:
    """Whether one contrast of several waves, named beforehand, is other than 0; instead of many comparisons in pairs.

    Parameters
    ----------
    scores : pandas.DataFrame
        As `scale_scores` returns it, of one instrument.
    weights : mapping of wave to int
        For example ``{"start": -1, "exit": 0, "m6": 1}``; they sum to 0.

    Returns
    -------
    ExactTest
        Sign-flip test of the mean contrast [scale points times weight]. A person without a score in a wave of
        weight other than 0 is missing.

    Raises
    ------
    UsageError
        If the weights do not sum to 0 or are all 0, a wave is not known, a person appears twice in a wave, or there
        are fewer than two people.
    """
    exactly = _weights(weights)
    if sum(exactly.values()) or not any(exactly.values()):
        raise UsageError("contrast_not_zero")
    instrument = _only_instrument(scores)
    check_waves(instrument, *exactly)
    _refuse_twice(scores, "wave")
    contrasts: list[Fraction | None] = []
    for _, own in scores.groupby("participant_id", sort=False):
        known = {row["wave"]: exact_score(row, instrument) for _, row in own.iterrows() if row["state"] == "scored"}
        needed = {wave: weight for wave, weight in exactly.items() if weight}
        contrasts.append(sum((w * known[wave] for wave, w in needed.items()), Fraction(0)) if set(needed) <= set(known) else None)
    return mean_change_test([0] * len(contrasts), contrasts)


def reliable_change(change: PairedChange, *, sd: float, reliability_outside: float) -> reliability.ReliableChange:
    """How many changed by more than measurement error.

    Parameters
    ----------
    change : PairedChange
    sd, reliability_outside : float
        Of a norm group: so few people's own answers cannot give them.

    Raises
    ------
    UsageError
        If the reliability is not between 0 and 1, or sd is not positive.
    """
    if not isinstance(change, PairedChange):
        raise UsageError("changes_needed")
    lost = [None] * change.n_missing
    before, after = ([*(float(pair[wave]) for pair in change.pairs), *lost] for wave in (0, 1))
    return reliability.classify_change(before, after, sd=sd, reliability=reliability_outside)


def compare_groups(
    scores: pd.DataFrame, groups: Mapping[str, str] | pd.Series, *, first: str, start: str = "start", end: str | None = "exit", within_cohorts: bool = True
) -> ExactTest:
    """Whether two groups of people changed differently, or scored differently, exactly.

    Parameters
    ----------
    scores : pandas.DataFrame
        As `scale_scores` returns it, of one instrument.
    groups : mapping of participant_id to group
        For example ``pilot["participant"].set_index("participant_id")["track"]``; exactly two groups.
    first : str
        The group whose shift is estimated: how far it lies above the other.
    start, end : str
        Waves; with `end=None` the scores at `start`.
    within_cohorts : bool
        Compare people only with others of their own cohort: what differs between cohorts then cannot be mistaken for the groups.

    Returns
    -------
    ExactTest
        Two-sample rank test, exact with ties; its interval is of the shift [scale points].

    Raises
    ------
    UsageError
        If there are not exactly two groups, a person appears twice, a wave is unknown, a group is empty, or no
        cohort has people of both groups.
    """
    if not isinstance(groups, Mapping | pd.Series):
        raise UsageError("label_missing")
    if isinstance(groups, pd.Series) and groups.index.has_duplicates:
        raise UsageError("duplicate_person")
    people_of, groups_of = labels(groups.keys()), labels(groups.values() if isinstance(groups, Mapping) else groups)
    belonging = {person: str(name) for person, name in zip(people_of, groups_of, strict=True)}
    names = sorted(set(belonging.values()))
    if len(names) != 2:
        raise UsageError("two_groups_needed", n=len(names))
    check_choice("first", first, names)
    instrument = _only_instrument(scores)
    check_waves(instrument, start, *([end] if end else []))
    _refuse_twice(scores, "wave")
    values: list[Fraction | None] = []
    people = scores.drop_duplicates("participant_id")
    people = people[people["participant_id"].isin(belonging)]
    known = {(row["participant_id"], row["wave"]): exact_score(row, instrument) for _, row in scores.iterrows() if row["state"] == "scored"}
    for person in people["participant_id"]:
        before, after = known.get((person, start)), known.get((person, end)) if end else None
        values.append(before if end is None else None if before is None or after is None else after - before)
    sides = [belonging[person] == first for person in people["participant_id"]]
    if within_cohorts:
        return group_test(values, sides, stratum=people["cohort_id"].tolist(), scores="midranks_within")
    return group_test(values, sides)
