"""People who were lost: how they must have fared to undo a conclusion."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import percent, text
from ikut_eval.contract.schema import Instrument, load_contract
from ikut_eval.inference import missing
from ikut_eval.inference.results import Result
from ikut_eval.measures.change import PairedChange


@dataclass(frozen=True, repr=False)
class TippingCount(Result):
    """How many of the people who were not reached must have an outcome for at least a share of all to have it.

    Attributes
    ----------
    rows : tuple of mapping – one a row of the bounds: cohort_id, group, wave, n, at_least, n_missing, needed; needed
        is 0 where the unreached cannot undo it, missing where even all of them do not suffice
    share : float
    """

    rows: tuple[Mapping[str, object], ...]
    share: float

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a row of the bounds."""
        return pd.DataFrame(self.rows)

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return what would have to hold of the unreached."""
        return "\n".join(self._line(row, language) for row in self.rows if row["n"]) or text("sentence.nobody_due", language)

    def _line(self, row: Mapping[str, object], language: str) -> str:
        key = "never" if row["needed"] is None else "needed" if row["needed"] else "always"
        outcome = text(f"outcome.{row['group']}", language)
        label = f"{row['cohort_id']}, {outcome}"
        values = {"known": row["at_least"], "of": row["n"], "unreached": row["n_missing"], "needed": row["needed"]}
        return text(f"tipping_count.{key}", language, label=label, share=percent(self.share, language), **values)

    def _rules(self) -> tuple[str, ...]:
        return ("method.tipping_count", "assumption.nothing_about_unreached")


def tipping_point(subject: PairedChange | pd.DataFrame, *, share: float = 0.5, alpha: float = 0.05) -> missing.TippingPoint | TippingCount:
    """How the people who were lost must have fared for a conclusion to stand or fall.

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
    if not 0 < share < 1 or not 0 < alpha < 1:
        raise UsageError("impossible_probability")
    return _of_count(subject, share) if isinstance(subject, pd.DataFrame) else _of_change(subject, alpha)


def _of_count(bounds: pd.DataFrame, share: float) -> TippingCount:
    if not {"at_least", "at_most"} <= set(bounds):
        raise UsageError("bounds_needed")
    rows = []
    for row in bounds.itertuples():
        n, least, most = int(row.denominator), int(row.at_least), int(row.at_most)
        wanted = next((k for k in range(n + 1) if k >= Fraction(str(share)) * n), n)
        needed = max(0, wanted - least) if wanted <= most else None
        rows.append(
            {"cohort_id": row.cohort_id, "group": row.group, "wave": row.wave, "n": n, "at_least": least, "n_missing": int(row.n_missing), "needed": needed}
        )
    return TippingCount(tuple(rows), share)


def _of_change(change: PairedChange, alpha: float) -> missing.TippingPoint:
    if change.n_paired + change.n_missing < 2:
        return missing.TippingPoint((), (), (), None, change.n_missing)
    before: list[Fraction | None] = [a for a, _ in change.pairs]
    after: list[Fraction | None] = [b for _, b in change.pairs]
    lost: list[Fraction | None] = [None] * change.n_missing
    start: list[Fraction | None] = [Fraction(0)] * change.n_missing
    steps = _steps(load_contract().instruments[change.instrument])
    return missing.tipping_point([*before, *start], [*after, *lost], changes=steps, alpha=alpha)


def _steps(instrument: Instrument) -> list[float]:
    """Return every change of score that there can be, from the largest fall to the largest rise, in steps of half an answer."""
    if instrument.method == "correct":
        width = len(instrument.items)
    else:
        points = [int(value) for value in instrument.items[0].values if not value.startswith("-")]
        width = (max(points) - min(points)) * (len(instrument.items) if instrument.method == "sum" else 1)
    return [step * instrument.multiply / 2 for step in range(-2 * width, 2 * width + 1)]
