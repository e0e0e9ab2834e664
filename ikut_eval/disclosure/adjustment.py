"""A workspace's own rules: tighter as it likes, looser only for a written reason that the release prints."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.toml_tables import TomlTable
from ikut_eval.disclosure.families import Family, Indicator, bands_of
from ikut_eval.disclosure.policy import LIMITS, Policy, check_family, partition
from ikut_eval.disclosure.views import coarser

_FILE = "evaluation.toml"
"""Where a workspace has its own rules, for errors."""
_TOGETHER = ("pair_change", "final_pooled")
"""Views in which all indicators of a family are published together: without one of them the family is not published."""
_SIZES = range(8, 41)
"""Sizes of a group for which a code of counts must be coarser to be called tighter."""


@dataclass(frozen=True)
class _Change:
    rule: str
    tighter: bool
    reason: str


def adjusted(policy: Policy, overrides: Mapping[str, Any]) -> Policy:
    """Return the policy with a workspace's own rules.

    Parameters
    ----------
    overrides : mapping
        ``rule`` : name to ``value`` (a limit, or the partition); ``family`` : name to ``sensitive`` or ``publish``;
        ``indicator`` : name to ``k``, ``bands`` or ``publish``. Each may have a ``reason``.

    Returns
    -------
    Policy
        What was made looser stands in `loosened` with its reason.

    Raises
    ------
    ConfigurationError
        If a name is not known, or something is made looser without a reason.

    Examples
    --------
    >>> from ikut_eval.disclosure.policy import load_policy
    >>> adjusted(load_policy(), {"rule": {"min_group": {"value": 10}}}).limits.min_group
    10
    """
    section = TomlTable(_FILE, "policy", overrides)
    section.check_keys(_STEPS)
    result, changes = policy, []
    for kind, (step, keys) in _STEPS.items():
        tables = section.table(kind)
        for name, table in tables.tables().items():
            table.check_keys(keys)
            result, change = step(result, name, table, tables)
            changes.append(change)
    loosened = [change for change in changes if not change.tighter]
    for change in loosened:
        if not change.reason:
            raise ConfigurationError("policy_loosened_without_reason", name=change.rule)
    return replace(result, loosened=(*policy.loosened, *((change.rule, change.reason) for change in loosened)))


def _reason(table: TomlTable) -> str:
    return str(table.value("reason", "")).strip()


def _rule(policy: Policy, name: str, table: TomlTable, tables: TomlTable) -> tuple[Policy, _Change]:
    tables.check_keys((*LIMITS, "partition"))
    if name == "partition":
        groups = partition(table.value("value"))
        tighter = len([p for group in groups for p in group]) == len([p for group in policy.partition for p in group])
        tighter &= all(any(set(old) <= set(new) for new in groups) for old in policy.partition)
        return replace(policy, partition=groups), _Change("partition", tighter, _reason(table))
    value = table.whole("value")
    tighter = value >= getattr(policy.limits, name)
    return replace(policy, limits=replace(policy.limits, **{name: value})), _Change(name, tighter, _reason(table))


def _family(policy: Policy, name: str, table: TomlTable, tables: TomlTable) -> tuple[Policy, _Change]:
    known = {family.id: family for family in policy.families}
    if name not in known:
        raise tables.unknown_key(name, known)
    if not table.boolean("publish", True):
        return _with(policy, known[name], None), _Change(name, True, "")
    sensitive = table.boolean("sensitive", known[name].sensitive)
    tighter = sensitive or not known[name].sensitive
    return _with(policy, known[name], replace(known[name], sensitive=sensitive)), _Change(name, tighter, _reason(table))


def _indicator(policy: Policy, name: str, table: TomlTable, tables: TomlTable) -> tuple[Policy, _Change]:
    family = policy.family_of(name)
    old = next(i for i in family.indicators if i.id == name)
    if not table.boolean("publish", True):
        left = tuple(i for i in family.indicators if i is not old)
        return _with(policy, family, replace(family, indicators=left) if left and family.view not in _TOGETHER else None), _Change(name, True, "")
    bands = table.value("bands", old.bands)
    new = replace(old, bands=bands, k=table.value("k", 0 if bands == "half" else old.k))
    twins = family.view in _TOGETHER
    indicators = tuple(replace(i, bands=new.bands, k=new.k) if twins or i is old else i for i in family.indicators)
    changed = check_family(replace(family, indicators=indicators))
    return _with(policy, family, changed), _Change(name, _is_coarser(changed, new, old), _reason(table))


def _is_coarser(family: Family, new: Indicator, old: Indicator) -> bool:
    if (new.bands, new.k) == (old.bands, old.k):
        return True
    sizes = [n for n in _SIZES if n > 2 * max(new.k, old.k)]
    if family.view == "final_pooled":
        return new.k >= old.k
    return all(coarser(bands_of(family, new, n), bands_of(family, old, n)) for n in sizes)


def _with(policy: Policy, old: Family, new: Family | None) -> Policy:
    families = tuple(new if family is old else family for family in policy.families)
    return replace(policy, families=tuple(family for family in families if family))


_STEPS = {
    "rule": (_rule, ("value", "reason")),
    "family": (_family, ("sensitive", "publish", "reason")),
    "indicator": (_indicator, ("k", "bands", "publish", "reason")),
}
