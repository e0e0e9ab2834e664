"""The attack scenarios, read from their file as the audit takes them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from ikut_eval.disclosure.audit import Audit, audit
from ikut_eval.disclosure.leaks import Limits
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.disclosure.universe import Block, CohortSize, Fact, Target, Universe, VersionLink, conditions

Scenario = dict[str, Any]
FACT_KEYS = {"stat", "block", "cohorts", "where", "of", "attr", "value", "decimals", "base", "range", "n", "ddof", "masked", "reason", "epoch"}


@cache
def attacks() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("disclosure_attacks.json").read_text(encoding="utf-8"))


def named(block: str, version: str) -> str:
    """Return a block's name; each version of its data is a block of its own."""
    return f"{block} {version}".strip()


def universe_of(scenario: Scenario) -> Universe:
    given = scenario["universe"]
    versions = list(dict.fromkeys(release.get("epoch", "") for release in scenario["releases"])) or [""]
    links = tuple(
        VersionLink(
            named(link["block"], link["from"]), named(link["block"], link["to"]), link["cohort"], link["min_removed"], link["max_removed"], link["max_added"]
        )
        for link in scenario.get("links", ())
    )
    blocks = tuple(
        Block(
            named(name, version),
            tuple((attribute, tuple(codes)) for attribute, codes in block["attributes"].items()),
            nonresponse=block.get("nonresponse", False),
            sizes_free=block.get("epoch_sizes_free", False),
        )
        for name, block in given["blocks"].items()
        for version in versions
    )
    cohorts = tuple(CohortSize(name, size.get("n", size.get("n_min")), size.get("n", size.get("n_max"))) for name, size in given["cohorts"].items())
    return Universe(cohorts, blocks, given.get("total_n"), links)


def fact_of(given: dict[str, Any], version: str) -> Fact:
    """Return a figure; one that is masked has no value and no range, and says nothing."""
    assert set(given) <= FACT_KEYS
    assert [key in given for key in ("value", "range", "masked")].count(True) == 1
    least, most = given.get("range", (None, None))
    return Fact(
        stat=given["stat"],
        cohorts=tuple(given["cohorts"]),
        block=named(given["block"], given.get("epoch", version)) if "block" in given else "",
        where=conditions(given.get("where", {})),
        of=conditions(given.get("of", {})),
        attribute=given.get("attr", ""),
        value=exact(given.get("value")),
        decimals=given.get("decimals"),
        base=exact(given.get("base")),
        least=exact(least),
        most=exact(most),
        n=given.get("n"),
        ddof=given.get("ddof", 1),
    )


def exact(number: object) -> Fraction | None:
    return None if number is None else Fraction(str(number))


def facts_of(scenario: Scenario) -> list[Fact]:
    last = scenario["releases"][-1].get("epoch", "")
    published = [fact_of(fact, release.get("epoch", "")) for release in scenario["releases"] for fact in release["facts"]]
    return [*published, *(fact_of(fact, last) for fact in scenario.get("attacker", {}).get("knows", []))]


def target_of(given: dict[str, Any]) -> Target:
    earlier, later = given.get("diff", ("", ""))
    return Target(
        block=named(given["block"], later),
        cohorts=tuple(given["cohorts"]),
        where=conditions(given.get("where", {})),
        base=conditions(given.get("base", {})),
        weight=given.get("weight", ""),
        since=named(given["block"], earlier) if earlier else "",
    )


def limits_of(scenario: Scenario) -> Limits:
    """Return the file's own limits; what it does not say is not asked in its scenarios."""
    return replace(load_policy().limits, **(attacks()["doc"]["policy_defaults"] | scenario.get("policy", {})))


def run(scenario: Scenario, targets: Sequence[Target] | None) -> Audit:
    """Audit a scenario, with these targets or with all those that the audit finds itself."""
    return audit(universe_of(scenario), facts_of(scenario), targets, limits=limits_of(scenario))


@cache
def audited(scenario_id: str, *, by_default: bool = False) -> Audit:
    """Return the audit of a scenario, with its own targets or with all those that the audit finds itself."""
    (scenario,) = (one for one in attacks()["scenarios"] if one["id"] == scenario_id)
    return run(scenario, None if by_default else [target_of(target) for target in scenario["targets"]])
