"""Whether two groups of people differ, within cohorts."""

from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.schema import load_contract
from ikut_eval.inference.groups import group_test
from ikut_eval.inference.results import ExactTest
from ikut_eval.measures.questionnaires import check_waves, exact_score


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
        The group that is told of: the estimate is how far it lies above the other.
    start, end : str
        Waves; with `end=None` the scores at `start`.
    within_cohorts : bool
        Compare people of the same cohort alone: what differs between cohorts then cannot be mistaken for the groups.

    Returns
    -------
    ExactTest
        Two-sample rank test, exact with ties; its interval is of the shift [scale points].

    Raises
    ------
    UsageError
        If there are not exactly two groups, a person is there twice, a wave is unknown, a group is empty, or no
        cohort has people of both groups.
    """
    if isinstance(groups, pd.Series) and groups.index.has_duplicates:
        raise UsageError("duplicate_person")
    belonging = {person: str(name) for person, name in groups.items()}
    names = sorted(set(belonging.values()))
    if len(names) != 2:
        raise UsageError("two_groups_needed", n=len(names))
    if first not in names:
        raise UsageError("unknown_choice", name="first", choices=", ".join(names))
    instruments = list(scores["instrument"].unique())
    if len(instruments) != 1:
        raise UsageError("one_instrument", n=len(instruments))
    instrument = load_contract().instruments[instruments[0]]
    check_waves(instrument, start, *([end] if end else []))
    if scores.duplicated(["participant_id", "wave"]).any():
        raise UsageError("duplicate_person")
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
