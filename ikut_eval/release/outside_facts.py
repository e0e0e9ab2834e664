"""What others have published of the participants: as an entry of the ledger, and as the audit takes it."""

import re
from collections.abc import Iterable, Sequence
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

    `name` is an indicator of the policy that counts people; for a mean, a statement and a wave: "R03.exit".

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
    figure: dict[str, object]
    if printed.people:
        lo, hi = printed.people
        if not (type(lo) is type(hi) is int) or not 0 <= lo <= hi <= n:
            raise UsageError("fact_range", n=n)
        figure = {"lo": lo, "hi": hi}
    elif printed.of:
        family = policy.family_of(name)
        if policy.family_of(printed.of) != family or not set(_cells(family, name)) < set(_cells(family, printed.of)):
            raise UsageError("fact_percent_of", indicator=name, of=printed.of)
        figure = {"percent": _checked(printed.percent, (0, 100), per=100, sizes=range(1, n + 1)), "of": printed.of}
    elif printed.percent:
        figure = {"percent": _checked(printed.percent, (0, 100), per=100, sizes=[n])}
    else:
        figure = {"mean": _checked(printed.mean, _scores(name), per=1, sizes=range(1, n + 1))}
    if not source.strip():
        raise UsageError("fact_without_source", indicator=name)
    return {"indicator": name, "group": cohorts, **figure, "source": source.strip()}


def _checked(written: str, scale: Sequence[int], *, per: int, sizes: Sequence[int]) -> str:
    """Return a printed number as it is stored, or refuse it: off its scale, or no whole number among `sizes` people, times `per`, rounds to it."""
    stored = written.replace(",", ".")
    if not _PRINTED.fullmatch(written) or not scale[0] <= Fraction(stored) <= scale[-1]:
        raise UsageError("fact_printed", lowest=scale[0], highest=scale[-1])
    half = Fraction(1, 2 * 10 ** _decimals(stored))
    low, high = ((Fraction(stored) + end) / per for end in (-half, half))
    if not any(ceil(low * size) <= floor(high * size) for size in sizes):
        raise UsageError("fact_impossible", value=written, n=sizes[-1])
    return stored


def _decimals(stored: str) -> int:
    return len(stored.partition(".")[2])


def _scores(name: str) -> tuple[int, ...]:
    """Return the scores of a statement at a wave, lowest first."""
    statement, _, wave = name.partition(".")
    instrument = load_contract().instrument_of(statement)
    values = [value for item in instrument.items if item.id == statement for value in item.values] if instrument and wave in instrument.waves else []
    scores = tuple(sorted(int(value) for value in values if value.isdigit()))
    if len(scores) < 2:
        raise UsageError("fact_without_scores", name=name)
    return scores


def outside_facts(ledger: Ledger, policy: Policy) -> tuple[Fact, ...]:
    """Return what others have published, as the audit takes it; refuse an entry that is not whole, or of no indicator of the policy."""
    return tuple(_fact(entry, policy) for entry in ledger.entries if entry.kind == "fact")


def statement_blocks(facts: Iterable[Fact]) -> tuple[Block, ...]:
    """Return a block for each statement whose mean others have published. How many answered is not known."""
    names = dict.fromkeys(fact.block for fact in facts if fact.attribute == SCORE)
    return tuple(Block(name, ((SCORE, _scores(name)),), nonresponse=True) for name in names)


def _fact(entry: Entry, policy: Policy) -> Fact:
    name, group = entry_value(entry, "indicator"), entry_value(entry, "group")
    if "mean" in entry.content:
        return Fact("mean", tuple(map(str, group)), name, attribute=SCORE, **_value(entry.content["mean"]))
    family, of = policy.family_of(name), entry.content.get("of")
    if "percent" not in entry.content:
        return count_fact(family, name, group, entry_value(entry, "lo"), entry_value(entry, "hi"))
    where, everybody = _where(family, name), _where(family, of) if of else ()
    return Fact("percent", tuple(map(str, group)), family.id, where, of=everybody, **_value(entry.content["percent"]))


def _value(stored: str) -> dict[str, Any]:
    return {"value": Fraction(stored), "decimals": _decimals(stored)}


def count_fact(family: Family, indicator: str, group: Sequence[int], lo: int | Fraction, hi: int | Fraction) -> Fact:
    """Return that the number of people of an indicator lies between two ends; refuse a family of means, which no release holds."""
    if scores_of(family):
        raise DisclosureError("view_without_code", view=family.view)
    number: dict[str, Any] = {"value": Fraction(lo)} if lo == hi else {"least": Fraction(lo), "most": Fraction(hi)}
    return Fact("count", tuple(map(str, group)), family.id, _where(family, indicator), **number)


def _where(family: Family, indicator: str) -> Conditions:
    return conditions({CELL: _cells(family, indicator)})


def _cells(family: Family, indicator: str) -> tuple[str, ...]:
    return next((one.cells for one in family.indicators if one.id == indicator), ())


def entry_value(entry: Entry, key: str) -> Any:
    """Return what an entry of the ledger must hold, or raise DisclosureError: without it, what is public is not known."""
    if key not in entry.content:
        raise DisclosureError("ledger_entry_lacks", number=entry.number, key=key)
    return entry.content[key]
