"""The disclosure policy: rules, views and what is published in which view, from `policy.toml` and the changes of a workspace."""

import difflib
import hashlib
import json
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import LANGUAGES, Words, listing, number, shipped, text
from ikut_eval.contract.measure_catalogue import measure_catalogue
from ikut_eval.contract.schema import load_contract
from ikut_eval.contract.toml_tables import TomlTable, read_toml
from ikut_eval.disclosure.families import COHORT_SCALES, COUNT_BANDS, NOT_PUBLISHED, VIEWS, Family, Group, Indicator, bands_of, coarser
from ikut_eval.disclosure.leaks import Limits

LIMITS = tuple(field.name for field in fields(Limits))
PUBLIC_FACTS = ("cohort_sizes", "total")
CLOSINGS = ("all_finished_and_frozen",)
POLICY_RULES = ("partition", "public_facts", "closing", *LIMITS, "linked", "never_public")


@dataclass(frozen=True)
class Policy:
    """What may be published, and how.

    Attributes
    ----------
    partition : tuple of tuple of int – groups of cohorts, by position
    public_facts, never_public : tuple of str – facts entered by hand; statistics that no release holds
    closing : str – when a group is published
    linked : tuple of tuple of str – measures that reveal something about one another, so that one family must hold them
    explanations : mapping of str to Words – of "rule.*", "view.*" and "family.*", with names in place of the rules' numbers;
        `rule_words` fills them in
    loosened : tuple of (str, str) – rules that a workspace made looser, with its written reasons
    """

    limits: Limits
    partition: tuple[Group, ...]
    public_facts: tuple[str, ...]
    closing: str
    linked: tuple[tuple[str, ...], ...]
    never_public: tuple[str, ...]
    families: tuple[Family, ...]
    explanations: Mapping[str, Words]
    loosened: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        """A hash over everything that the policy says."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def family_of(self, indicator: str) -> Family:
        """Return the family that holds an indicator, or refuse a name that is not there."""
        for family in self.families:
            if indicator in {i.id for i in family.indicators}:
                return family
        known = [i.id for family in self.families for i in family.indicators]
        near = difflib.get_close_matches(indicator, known, n=1)
        if near:
            raise ConfigurationError("policy_nearly_known", name=indicator, near=near[0])
        raise ConfigurationError("policy_unknown_name", name=indicator, known=", ".join(known))

    @property
    def groups(self) -> Mapping[str, tuple[Group, ...]]:
        """For each view all its groups, also those whose cohorts have not all started."""
        everybody = tuple(sorted(position for group in self.partition for position in group))
        cohorts = tuple((position,) for position in everybody)
        pairs = dict.fromkeys(("pair_count", "pair_change", "pair_mean"), self.partition)
        return {"delivery": cohorts, **pairs, "cohort_band": cohorts, "final_pooled": (everybody,)}

    def groups_of(self, cohort_sizes: Sequence[int]) -> Mapping[str, tuple[Group, ...]]:
        """Return, for each view, the groups with enough people, from the public sizes of the cohorts so far.

        Raises ConfigurationError if there are more cohorts than the partition has places for.
        """
        places = sum(map(len, self.partition))
        if missing := list(range(places + 1, len(cohort_sizes) + 1)):
            together = missing if len(missing) > 1 else [*missing, missing[0] + 1]  # one training alone is too few people
            example = [*map(list, self.partition), together]
            raise ConfigurationError("policy_partition_too_small", missing=", ".join(map(str, missing)), example=example)
        least = {"delivery": 0, "cohort_band": self.limits.min_cohort}
        started = {view: [group for group in groups if max(group) <= len(cohort_sizes)] for view, groups in self.groups.items()}
        return {
            view: tuple(group for group in groups if sum(cohort_sizes[position - 1] for position in group) >= least.get(view, self.limits.min_group))
            for view, groups in started.items()
        }


def rule_words(policy: Policy) -> dict[str, Words]:
    """Return what each rule, each view and each published family says, with the numbers that hold.

    Examples
    --------
    >>> rule_words(load_policy())["rule.min_group"]["en"]
    'A figure about participants is published only if the group is large enough. Smallest group size: 8.'
    """
    families = {f"family.{family.id}" for family in policy.families}
    limits = {name: getattr(policy.limits, name) for name in LIMITS} | {"coalition_sensitive": policy.limits.insiders(sensitive=True)}
    said: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        groups = "; ".join(listing([str(position) for position in group], language) for group in policy.partition)
        said[language] = {name: number(value, language, 0) for name, value in limits.items()} | {"partition": groups, **_named(policy, language)}
    return {
        name: {language: words[language].format(**said[language]) for language in LANGUAGES}
        for name, words in policy.explanations.items()
        if name in families or not name.startswith("family.")
    }


def _named(policy: Policy, language: str) -> dict[str, str]:
    """Return which figures are of single trainings and of all together, and which families are sensitive; a dash where there is none."""

    single = [f"indicator.{i.id}" for family in policy.families if family.view in ("delivery", "cohort_band") for i in family.indicators]
    pooled = [f"dash.public.family.{family.id}" for family in policy.families if family.view == "final_pooled"]
    sensitive = [f"dash.public.family.{family.id}" for family in policy.families if family.sensitive]
    found = {"single": single, "pooled": pooled, "sensitive": sensitive}
    return {name: "; ".join(text(key, language) for key in keys) or "–" for name, keys in found.items()}


@cache
def load_policy(path: Path | None = None) -> Policy:
    """Read the policy in `path`, or the one that comes with the package.

    Raises ConfigurationError if the file is missing or names something that there is not; with a hint where a name is nearly right.
    """
    file = read_toml(path or shipped("data_schema") / "policy.toml")
    file.check_keys(("rule", "view", "family"), required=("rule", "view", "family"))
    rules, views = file.table("rule"), file.table("view")
    rules.check_keys(POLICY_RULES, required=POLICY_RULES)
    views.check_keys(VIEWS, required=VIEWS)
    families = file.table("family").tables()
    explanations = {f"view.{name}": _words(view) for name, view in views.tables().items()}
    explanations |= {f"rule.{name}": _words(rule, required=("value",)) for name, rule in rules.tables().items()}
    explanations |= {f"family.{name}": _words(family, (*_FAMILY, "indicator"), ("view", "indicator")) for name, family in families.items()}
    every = tuple(_family(name, family) for name, family in families.items())
    linked = _linked(rules.table("linked"))
    _check_apart(every, linked)
    return Policy(
        limits=Limits(**{name: rules.table(name).whole("value") for name in LIMITS}),
        partition=partition(rules.table("partition").value("value")),
        public_facts=rules.table("public_facts").several("value", PUBLIC_FACTS),
        closing=rules.table("closing").choice("value", CLOSINGS),
        linked=linked,
        never_public=_texts(rules.table("never_public"), "value"),
        families=every,
        explanations=explanations,
    )


def partition(groups: object) -> tuple[Group, ...]:
    """Return groups of positions, or refuse what leaves out a cohort or names one twice."""
    named = [list(group) for group in groups if isinstance(group, Sequence)] if isinstance(groups, Sequence) else []
    if not named or sorted(position for group in named for position in group) != list(range(1, sum(map(len, named)) + 1)):
        raise ConfigurationError("policy_partition_not_sound")
    return tuple(tuple(group) for group in named)


_FAMILY = ("view", "cells", "sensitive", "asked", "alternative")
_INDICATOR = tuple(field.name for field in fields(Indicator) if field.name != "id")
_FILLED = (*LIMITS, "partition", "single", "pooled", "sensitive")
"""Names that the words of a rule may hold in place of a number, of groups or of figures."""


def _words(table: TomlTable, others: tuple[str, ...] = (), required: tuple[str, ...] = ()) -> Words:
    table.check_keys((*required, *others, *LANGUAGES), required=required)
    for language in LANGUAGES:
        try:
            names = [name for _, name, *_ in string.Formatter().parse(table.string(language)) if name is not None]
        except ValueError as problem:
            raise table.wrong_kind(language, f'{language} = "… {{{_FILLED[0]}}}."') from problem
        for name in names:
            if name not in _FILLED:
                raise table.not_allowed(language, _FILLED, name)
    return table.words()


def _linked(table: TomlTable) -> tuple[tuple[str, ...], ...]:
    groups = table.value("value")
    if not isinstance(groups, list):
        raise table.wrong_kind("value", 'value = [["need_level", "needs_met"]]')
    return tuple(TomlTable(table.file, table.path, {"value": group}).several("value", measure_catalogue()) for group in groups)


def _texts(table: TomlTable, key: str) -> tuple[str, ...]:
    """Return a list of texts; empty where there is no such key."""
    texts = table.value(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise table.wrong_kind(key, f'{key} = ["…"]')
    return tuple(texts)


def _family(name: str, table: TomlTable) -> Family:
    cells = _texts(table, "cells")
    indicators = tuple(_indicator(key, indicator, cells) for key, indicator in table.table("indicator").tables().items())
    if not indicators:
        raise table.wrong_kind("indicator", f"[{table.key_path('indicator')}.…]")
    sensitive, asked = (table.boolean(key, False) for key in ("sensitive", "asked"))
    family = _checked(Family(name, table.choice("view", VIEWS), cells, sensitive, indicators, asked))
    return replace(family, alternatives=tuple(_alternative(family, codes) for codes in table.array("alternative")))


def _alternative(family: Family, codes: TomlTable) -> Family:
    """Return a family with other codes; figures without one are not published."""
    codes.check_keys([i.id for i in family.indicators])
    given = {name: _code(code) for name, code in codes.tables().items()}
    coded = ((i, *given.get(i.id, (NOT_PUBLISHED, 0))) for i in family.indicators)
    return replace(family, indicators=tuple(replace(i, bands=bands, k=k, by_size=()) for i, bands, k in coded))


def _code(table: TomlTable) -> tuple[str, int]:
    table.check_keys(("bands", "k"), required=("bands",))
    return table.choice("bands", (*COUNT_BANDS, NOT_PUBLISHED)), table.whole("k") if "k" in table else 0


def _checked(family: Family) -> Family:
    """Return a family, or refuse one that its view cannot publish."""
    for fault in _faults(family):
        raise ConfigurationError("policy_wrong_value", name=f"family.{family.id}.{fault}")
    return family


def _indicator(name: str, table: TomlTable, cells: tuple[str, ...]) -> Indicator:
    table.check_keys(_INDICATOR, required=("measure",))
    contract = load_contract()
    known = {"measure": measure_catalogue(), "wave": contract.code_lists["wave"].codes, "instrument": contract.instruments}
    given: dict[str, Any] = {key: table.choice(key, choices) for key, choices in known.items() if key in table}
    given |= {key: table.value(key) for key in ("bands", "k") if key in table}
    if "by_size" in table:
        given["by_size"] = tuple(_coded_by_size(table.table("by_size")))
    return Indicator(name, **given, rows=_texts(table, "rows"), cells=table.several("cells", cells, default=()))


def _coded_by_size(table: TomlTable) -> Iterator[tuple[int, str, int]]:
    for size, code in table.tables().items():
        if not size.isdecimal() or int(size) < 1:
            raise table.wrong_kind(size, f'{table.key_path("11")} = {{ bands = "{COUNT_BANDS[0]}", k = 3 }}')
        yield int(size), *_code(code)


def _faults(family: Family) -> Iterator[str]:
    """Give the parts of a family that its view cannot publish."""
    first = family.indicators[0]
    if family.view == "delivery":
        yield from ("cells" for i in family.indicators if family.cells or i.cells or i.bands or i.k)
        return
    if len(family.cells) < 2 or len(set(family.cells)) < len(family.cells) or any(not i.cells or set(i.cells) == set(family.cells) for i in family.indicators):
        yield "cells"
    if family.asked and not family.left_over:
        yield "asked"
    if (family.view == "pair_mean" or first.bands in ("mean", "attendance")) and not all(cell.isdigit() for cell in family.cells):
        yield "cells"
    codes = {"pair_mean": ("",), "cohort_band": tuple(COHORT_SCALES), "final_pooled": ("",)}.get(family.view, (*COUNT_BANDS, NOT_PUBLISHED))
    with_ends = ("exact", "three", *(("",) if family.view == "final_pooled" else ()))
    for i in family.indicators:
        for bands, k in ((i.bands, i.k), *((bands, k) for _, bands, k in i.by_size)):
            if bands not in codes:
                yield f"indicator.{i.id}.bands"
            if not isinstance(k, int) or isinstance(k, bool) or (k < 1 if bands in with_ends else k != 0):
                yield f"indicator.{i.id}.k"
    alike = len({(i.bands, i.k, i.by_size) for i in family.indicators}) == 1
    if family.view == "pair_change" and not (alike and len(family.indicators) == 2):
        yield "indicator"
    if family.view == "final_pooled" and tuple(i.cells for i in family.indicators) != tuple((c,) for c in family.cells[: len(family.indicators)]):
        yield "indicator"


def _check_apart(families: tuple[Family, ...], linked: tuple[tuple[str, ...], ...]) -> None:
    """Refuse an indicator that is there twice, and measures that reveal something about one another in two families."""
    first = {measure: measures[0] for measures in linked for measure in measures}
    holder: dict[str, str] = {}
    for family in families:
        ids = [i.id for i in family.indicators]
        sources = [f"{first.get(i.measure, i.measure)} {i.instrument}" for i in family.indicators if family.view != "delivery"]
        for name in [*ids, *dict.fromkeys(sources)]:
            if name in holder:
                raise ConfigurationError("policy_in_two_families", name=name.strip(), first=holder[name], second=family.id)
            holder[name] = family.id


_TOGETHER = ("pair_change", "final_pooled")
"""Views in which all indicators of a family are published together: without one of them the family is not published."""
_SIZES = range(8, 41)
"""Sizes of a group for which a code of counts must be coarser to be called tighter."""


def withdrawn_with(family: Family, indicator: str) -> list[str]:
    """Return the indicators that are withdrawn with one of them: the whole family where its figures add up to the people."""
    return [one.id for one in family.indicators] if family.view in _TOGETHER else [indicator]


def adjusted(policy: Policy, overrides: Mapping[str, Any]) -> Policy:
    """Return the policy with a workspace's own rules: tighter as it likes, looser only for a written reason that the release prints.

    Parameters
    ----------
    overrides : mapping
        ``rule`` : name to ``value`` (a limit, or the partition); ``family`` : name to ``sensitive`` or ``publish``;
        ``indicator`` : name to ``k``, ``bands`` or ``publish``. Each may have a ``reason``.

    Raises ConfigurationError if a name is not known, or something is made looser without a reason.
    """
    steps = {
        "rule": (_with_rule, ("value", "reason")),
        "family": (_with_family, ("sensitive", "publish", "reason")),
        "indicator": (_with_indicator, ("k", "bands", "publish", "reason")),
    }
    section = TomlTable("evaluation.toml", "policy", overrides)
    section.check_keys(steps)
    loosened = list(policy.loosened)
    for kind, (step, keys) in steps.items():
        tables = section.table(kind)
        for name, table in tables.tables().items():
            table.check_keys(keys)
            policy, tighter = step(policy, name, table, tables)
            reason = str(table.value("reason", "")).strip()
            if not tighter and not reason:
                raise ConfigurationError("policy_loosened_without_reason", name=name)
            loosened += [] if tighter else [(name, reason)]
    return replace(policy, loosened=tuple(loosened))


def _with_rule(policy: Policy, name: str, table: TomlTable, tables: TomlTable) -> tuple[Policy, bool]:
    """Return the policy with a change, and whether it is at least as tight as before."""
    tables.check_keys((*LIMITS, "partition"))
    if name == "partition":
        groups = partition(table.value("value"))
        same_cohorts = sum(map(len, groups)) == sum(map(len, policy.partition))
        return replace(policy, partition=groups), same_cohorts and all(any(set(old) <= set(new) for new in groups) for old in policy.partition)
    value = table.whole("value")
    return replace(policy, limits=replace(policy.limits, **{name: value})), value >= getattr(policy.limits, name)


def _with_family(policy: Policy, name: str, table: TomlTable, tables: TomlTable) -> tuple[Policy, bool]:
    known = {family.id: family for family in policy.families}
    if name not in known:
        raise tables.unknown_key(name, known)
    old = known[name]
    if not table.boolean("publish", True):
        return _replaced(policy, old, None), True
    sensitive = table.boolean("sensitive", old.sensitive)
    return _replaced(policy, old, replace(old, sensitive=sensitive)), sensitive or not old.sensitive


def _with_indicator(policy: Policy, name: str, table: TomlTable, _: TomlTable) -> tuple[Policy, bool]:
    family = policy.family_of(name)
    old = next(i for i in family.indicators if i.id == name)
    together = family.view in _TOGETHER
    if not table.boolean("publish", True):
        left = tuple(i for i in family.indicators if i is not old)
        return _replaced(policy, family, replace(family, indicators=left) if left and not together else None), True
    bands = table.value("bands", old.bands)
    k = table.value("k", 0 if bands in ("half", NOT_PUBLISHED) else old.k)
    indicators = (replace(i, bands=bands, k=k, by_size=()) if together or i is old else i for i in family.indicators)
    changed = _checked(replace(family, indicators=tuple(indicators)))
    before = [(n, *old.coding(n)) for n in _SIZES]
    sizes = [(n, code, ends) for n, code, ends in before if n > 2 * max(k, ends)]
    tighter = all(coarser(bands_of(family.view, n, bands=bands, k=k), bands_of(family.view, n, bands=code, k=ends)) for n, code, ends in sizes)
    return _replaced(policy, family, changed), tighter


def _replaced(policy: Policy, old: Family, new: Family | None) -> Policy:
    families = (new if family is old else family for family in policy.families)
    return replace(policy, families=tuple(family for family in families if family))
