"""A published figure, and what it says about the number behind it: an interval that leaves out no possible value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.disclosure.universe import Conditions, conditions

STATISTICS = ("count", "n", "percent", "mean", "sd", "median", "min", "max")
KEYS = {"stat", "block", "cohorts", "where", "of", "attr", "value", "decimals", "base", "range", "n", "ddof", "masked", "reason", "epoch"}

Interval = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True)
class Fact:
    """One figure as it is printed: a value with its rounding, a range, or a mask.

    Parameters
    ----------
    stat : {"count", "n", "percent", "mean", "sd", "median", "min", "max"}
        A percentage is of the people in `of`; mean to max are of `attribute`, among the people in `where`.
    value, decimals, base
        The printed number, rounded to so many decimals or to a multiple of `base`; with neither it is exact.
    least, most
        The printed range instead; None is open.
    n, ddof
        The number of people behind a median or standard deviation, where it is printed; `ddof` is 1 for the sample's.
    masked : bool
        No figure is printed.
    version : str
        The version of the data.
    """

    stat: str
    cohorts: tuple[str, ...]
    block: str = ""
    where: Conditions = ()
    of: Conditions = ()
    attribute: str = ""
    value: Fraction | None = None
    decimals: int | None = None
    base: Fraction | None = None
    least: Fraction | None = None
    most: Fraction | None = None
    n: int | None = None
    ddof: int = 1
    masked: bool = False
    version: str = ""

    def __post_init__(self) -> None:
        if self.stat not in STATISTICS:
            raise DisclosureError("audit_unknown_name", kind="stat", name=self.stat)

    @property
    def interval(self) -> Interval:
        """The values that print as this; a tie may have been rounded either way."""
        if self.value is None:
            return self.least, self.most
        half = self.base / 2 if self.base is not None else Fraction(1, 2 * 10**self.decimals) if self.decimals is not None else Fraction(0)
        return self.value - half, self.value + half


@dataclass(frozen=True)
class Release:
    """Figures that were, or are to be, published together from one version of the data."""

    id: str
    facts: tuple[Fact, ...]


def read_fact(given: Mapping[str, Any], *, version: str = "") -> Fact:
    """Return a figure from its JSON form.

    Examples
    --------
    >>> fact = read_fact({"stat": "mean", "block": "rights", "attr": "score", "cohorts": ["c2"], "value": 4.8, "decimals": 1})
    >>> [float(end) for end in fact.interval]
    [4.75, 4.85]
    """
    for key in given:
        if key not in KEYS:
            raise DisclosureError("audit_unknown_name", kind="key", name=key)
    masked = bool(given.get("masked", False))
    if not masked and ("value" in given) == ("range" in given):
        raise DisclosureError("audit_no_value", name=str(given.get("stat")))
    least, most = given.get("range", (None, None))
    return Fact(
        stat=given["stat"],
        cohorts=tuple(dict.fromkeys(given["cohorts"])),
        block=given.get("block", ""),
        where=conditions(given.get("where")),
        of=conditions(given.get("of")),
        attribute=given.get("attr", ""),
        value=_exact(given.get("value")),
        decimals=given.get("decimals"),
        base=_exact(given.get("base")),
        least=_exact(least),
        most=_exact(most),
        n=given.get("n"),
        ddof=given.get("ddof", 1),
        masked=masked,
        version=given.get("epoch", version),
    )


def read_releases(given: Sequence[Mapping[str, Any]]) -> tuple[Release, ...]:
    """Return releases from their JSON form; a figure is of its release's version of the data."""
    return tuple(Release(r["id"], tuple(read_fact(fact, version=r.get("epoch", "")) for fact in r["facts"])) for r in given)


def _exact(number: object) -> Fraction | None:
    return None if number is None else Fraction(str(number))
