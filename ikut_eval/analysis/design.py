"""Before the data: what groups of such sizes can show at all."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ikut_eval.analysis.comparison import refuse_doubles
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import listing, number, percent, text
from ikut_eval.inference import planning
from ikut_eval.inference.paired import smallest_p
from ikut_eval.inference.results import Result
from ikut_eval.measures.table import ALL


@dataclass(frozen=True, repr=False)
class Detectable(Result):
    """What groups of such sizes could show, whatever they answer.

    Attributes
    ----------
    rows : tuple of mapping – one a cohort, then all together: cohort_id, n, p_floor, share (of people who must move
        the same way), effect (mean change over its standard deviation); share and effect are missing where nothing
        can be shown
    power, alpha : float
    """

    rows: tuple[Mapping[str, object], ...]
    power: float
    alpha: float

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a cohort, then all together."""
        return pd.DataFrame(self.rows)

    def sentence(self, language: str, *, level: float = 0.95) -> str:
        """Return which groups can show something, and how large it must be."""
        able = [row for row in self.rows if row["share"] is not None]
        unable = [row for row in self.rows if row["share"] is None]
        said = []
        if unable:
            names = listing([_name(row, language) for row in unable], language)
            said.append(text("detectable.cannot", language, groups=names, alpha=percent(self.alpha, language)))
        for row in able:
            share, effect = percent(float(str(row["share"])), language), number(float(str(row["effect"])), language, 1)
            said.append(
                text("detectable.can", language, group=_name(row, language), n=row["n"], share=share, effect=effect, power=percent(self.power, language))
            )
        return "\n".join(said) or text("detectable.nobody", language)

    def _rules(self) -> tuple[str, ...]:
        return ("method.sign", "method.detectable", "assumption.before_the_data")


def _name(row: Mapping[str, object], language: str) -> str:
    return text("detectable.all", language) if row["cohort_id"] == ALL else str(row["cohort_id"])


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
        If there are fewer than no people, a cohort is there twice, or power or alpha is not between 0 and 1.
    """
    if not 0 < power < 1 or not 0 < alpha < 1:
        raise UsageError("impossible_probability")
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
        able = n > 1 and smallest_p(n) <= alpha
        rows.append(
            {
                "cohort_id": name,
                "n": n,
                "p_floor": smallest_p(n),
                "share": planning.detectable_share(n, power=power, alpha=alpha).share if able else None,
                "effect": planning.detectable_effect(n, power=power, alpha=alpha) if able else None,
            }
        )
    return Detectable(tuple(rows), power, alpha)
