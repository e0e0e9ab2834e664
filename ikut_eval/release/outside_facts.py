"""What others have published of the participants: as an entry of the ledger, and as the audit takes it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from ikut_eval.contract.errors import DisclosureError, UsageError
from ikut_eval.contract.schema import load_contract
from ikut_eval.disclosure.families import Family, scores_of
from ikut_eval.disclosure.policy import Policy
from ikut_eval.disclosure.universe import Block, Conditions, Fact, conditions
from ikut_eval.release.ledger import Entry, Ledger

CELL, SCORE = "cell", "score"
"""The attribute of a family's block, whose codes are the family's cells, and that of a statement's, whose codes are its scores."""
_PRINTED = re.compile(r"\d{1,3}(?:[.,]\d{1,6})?")


@dataclass(frozen=True)
class Printed:
    """What others have printed of a group: a range of people, a percentage, or a mean. Just one of them is given.

    Attributes
    ----------
    people : (int, int) or None – the least and the greatest number of people that it can be
    percent : str – as it is printed, "78" or "77.8", because its decimals show how it was rounded
    of : str – the indicator whose people the percentage is of; empty for all members of the group
    mean : str – as it is printed
    """

    people: tuple[int, int] | None = None
    percent: str = ""
    of: str = ""
    mean: str = ""


def fact_content(name: str, printed: Printed, *, group: Sequence[int], source: str, policy: Policy, cohort_sizes: Sequence[int]) -> dict[str, object]:
    """Return what others have published of a group of cohorts as the content of a "fact" entry.

    Parameters
    ----------
    name : str
        An indicator of the policy that counts people; for a mean, a statement and a wave: "R03.exit".
    group : sequence of int
        Positions of cohorts.
    source : str
        Who published it, and where.

    Raises
    ------
    ConfigurationError
        If the policy has no such indicator, with the one it is nearest to.
    UsageError
        If it cannot be true of such a group, or has no source.
    """
    if sum([printed.people is not None, bool(printed.percent), bool(printed.mean)]) != 1 or (printed.of and not printed.percent):
        raise UsageError("fact_one_figure")
    if not printed.mean and policy.family_of(name).view == "delivery":
        raise UsageError("fact_not_of_people", indicator=name)
    cohorts = sorted(group)
    if not cohorts or len(set(cohorts)) < len(cohorts) or not set(cohorts) <= set(range(1, len(cohort_sizes) + 1)):
        raise UsageError("fact_group", most=len(cohort_sizes))
    n = sum(cohort_sizes[position - 1] for position in cohorts)
    if printed.people:
        lo, hi = printed.people
        if not (type(lo) is type(hi) is int) or not 0 <= lo <= hi <= n:
            raise UsageError("fact_range", n=n)
        figure: dict[str, object] = {"lo": lo, "hi": hi}
    elif printed.percent:
        figure = _checked_percent(name, printed, policy, n)
    else:
        figure = _checked_mean(name, printed.mean, n)
    if not source.strip():
        raise UsageError("fact_without_source", indicator=name)
    return {"indicator": name, "group": cohorts, **figure, "source": source.strip()}


def _checked_percent(name: str, printed: Printed, policy: Policy, n: int) -> dict[str, object]:
    value, decimals = _number(printed.percent, lowest=0, highest=100)
    family = policy.family_of(name)
    if printed.of and (policy.family_of(printed.of) != family or not set(_cells(family, name)) < set(_cells(family, printed.of))):
        raise UsageError("fact_percent_of", indicator=name, of=printed.of)
    _check_possible(printed.percent, value / 100, decimals + 2, sizes=range(1, n + 1) if printed.of else [n], n=n)
    stored: dict[str, object] = {"percent": _as_stored(printed.percent)}
    return stored | {"of": printed.of} if printed.of else stored


def _checked_mean(name: str, mean: str, n: int) -> dict[str, object]:
    scores = _scores(name)
    value, decimals = _number(mean, lowest=scores[0], highest=scores[-1])
    _check_possible(mean, value, decimals, sizes=range(1, n + 1), n=n)
    return {"mean": _as_stored(mean)}


def _number(written: str, *, lowest: int, highest: int) -> tuple[Fraction, int]:
    """Return a printed number and its decimals."""
    if not _PRINTED.fullmatch(written) or not lowest <= Fraction(_as_stored(written)) <= highest:
        raise UsageError("fact_printed", lowest=lowest, highest=highest)
    return Fraction(_as_stored(written)), len(_as_stored(written).partition(".")[2])


def _as_stored(written: str) -> str:
    return written.replace(",", ".")


def _check_possible(written: str, value: Fraction, decimals: int, *, sizes: Iterable[int], n: int) -> None:
    """Refuse a printed quotient that no whole number, divided by one of the sizes, rounds to."""
    half = Fraction(1, 2 * 10**decimals)
    if not any(ceil((value - half) * size) <= floor((value + half) * size) for size in sizes):
        raise UsageError("fact_impossible", value=written, n=n)


def _scores(name: str) -> tuple[int, ...]:
    """Return the scores of a statement at a wave, lowest first."""
    statement, _, wave = name.partition(".")
    for instrument in load_contract().instruments.values():
        for item in instrument.items:
            if item.id == statement and wave in instrument.waves:
                scores = tuple(sorted(int(value) for value in item.values if value.isdigit()))
                if len(scores) > 1:
                    return scores
    raise UsageError("fact_without_scores", name=name)


def outside_facts(ledger: Ledger, policy: Policy) -> tuple[Fact, ...]:
    """Return what others have published, as the audit takes it.

    Raises
    ------
    DisclosureError
        If an entry lacks what it must hold.
    ConfigurationError
        If an indicator is not in the policy.
    """
    return tuple(_fact(entry, policy) for entry in ledger.entries if entry.kind == "fact")


def statement_blocks(facts: Iterable[Fact]) -> tuple[Block, ...]:
    """Return a block for each statement whose mean others have published. How many answered is not known."""
    names = dict.fromkeys(fact.block for fact in facts if fact.attribute == SCORE)
    return tuple(Block(name, ((SCORE, _scores(name)),), nonresponse=True) for name in names)


def _fact(entry: Entry, policy: Policy) -> Fact:
    name, group = entry_value(entry, "indicator"), entry_value(entry, "group")
    if "mean" in entry.content:
        return Fact("mean", tuple(map(str, group)), name, attribute=SCORE, **_value(entry.content["mean"]))
    family = policy.family_of(name)
    if "percent" not in entry.content:
        return count_fact(family, name, group, entry_value(entry, "lo"), entry_value(entry, "hi"))
    of = entry.content.get("of")
    everybody = conditions({CELL: _cells(family, of)}) if of else ()
    return Fact("percent", tuple(map(str, group)), family.id, _where(family, name), of=everybody, **_value(entry.content["percent"]))


def _value(stored: str) -> dict[str, Any]:
    return {"value": Fraction(stored), "decimals": len(stored.partition(".")[2])}


def count_fact(family: Family, indicator: str, group: Sequence[int], lo: int | Fraction, hi: int | Fraction) -> Fact:
    """Return that the number of people of an indicator lies between two ends.

    Raises
    ------
    DisclosureError
        If the family publishes means, which no release holds.
    """
    if scores_of(family):
        raise DisclosureError("view_without_code", view=family.view)
    cohorts, where = tuple(map(str, group)), _where(family, indicator)
    if lo == hi:
        return Fact("count", cohorts, family.id, where, value=Fraction(lo))
    return Fact("count", cohorts, family.id, where, least=Fraction(lo), most=Fraction(hi))


def _where(family: Family, indicator: str) -> Conditions:
    return conditions({CELL: _cells(family, indicator)})


def _cells(family: Family, indicator: str) -> tuple[str, ...]:
    return next((one.cells for one in family.indicators if one.id == indicator), ())


def entry_value(entry: Entry, key: str) -> Any:
    """Return what an entry of the ledger must hold.

    Raises
    ------
    DisclosureError
        If it is not there: what is public is then not known.
    """
    content: Mapping[str, Any] = entry.content
    if key not in content:
        raise DisclosureError("ledger_entry_lacks", number=entry.number, key=key)
    return content[key]
