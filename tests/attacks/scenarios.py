"""The attack scenarios, as the audit takes them."""

import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from ikut_eval.disclosure.audit import Audit, audit
from ikut_eval.disclosure.findings import AuditPolicy
from ikut_eval.disclosure.universe import Target, conditions, read_fact, read_releases, read_universe

Scenario = dict[str, Any]


@cache
def attacks() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("disclosure_attacks.json").read_text(encoding="utf-8"))


def target_of(given: dict[str, Any]) -> Target:
    return Target(
        block=given["block"],
        cohorts=tuple(given["cohorts"]),
        where=conditions(given.get("where")),
        base=conditions(given.get("base")),
        weight=given.get("weight", ""),
        difference=tuple(given["diff"]) if "diff" in given else None,
        version=given.get("epoch"),
    )


def policy_of(scenario: Scenario) -> AuditPolicy:
    values = attacks()["doc"]["policy_defaults"] | scenario.get("policy", {})
    assert set(values) <= {field.name for field in fields(AuditPolicy)}
    return AuditPolicy(**values)


def run(scenario: Scenario, *, by_default: bool = False) -> Audit:
    """Audit a scenario, with its own targets or with all those that the audit finds itself."""
    releases = read_releases(scenario["releases"])
    knows = [read_fact(fact, version=scenario["releases"][-1].get("epoch", "")) for fact in scenario.get("attacker", {}).get("knows", [])]
    return audit(
        read_universe(scenario["universe"], links=scenario.get("links", ())),
        releases,
        None if by_default else [target_of(target) for target in scenario["targets"]],
        policy=policy_of(scenario),
        knows=knows,
    )
