"""A release says each rule with the number that holds: whatever a workspace made tighter or looser, in three languages."""

import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import LANGUAGES, listing, text
from ikut_eval.dashboard.pages import page_of
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.policy import LIMITS, POLICY_RULES, Policy, adjusted, load_policy, rule_words
from ikut_eval.release.draft import rules_table
from ikut_eval.release.package import StoredTable, from_csv, to_csv
from ikut_eval.release.publication import current, release_to_review
from ikut_eval.release.store import Bundle
from tests.release.released import CLOSINGS, as_it_was, released, workspace

POLICY = load_policy()
REASON = "because we ask"
IN_WORDS = {
    "fi": r"\b(?:kaksi|kahde\w+|kahta|kolm\w+|neljä\w*|viisi|viide\w+|kuusi|kuude\w+|kahdeksa\w*|yhdeksä\w*|kymmene\w*)\b",
    "sv": r"\b(?:två|tre|fyra|fem|sex|sju|åtta|nio|tio)\b",
    "en": r"\b(?:two|three|four|five|six|seven|eight|nine|ten|pairs?)\b",
}
"""Numbers from two, and pairs, as words: none may stand in the words of a rule or a view."""
TIGHTER = [(name, getattr(POLICY.limits, name) + by) for name in LIMITS for by in (1, 2)]
LOOSER = [(name, value) for name in LIMITS for value in range(1, getattr(POLICY.limits, name))]
PARTITIONS = [[[1, 2, 3, 4]], [[1, 2, 3], [4]], [[1], [2], [3], [4]], [[2, 3], [1, 4]], [[1, 2, 3, 4], [5, 6, 7, 8, 9]]]


def numbers_of(policy: Policy) -> dict[str, list[int]]:
    """Return the numbers that the words of each rule and view must hold, in their order."""
    limits = policy.limits
    positions = [position for group in policy.partition for position in group]
    return {f"rule.{name}": [] for name in POLICY_RULES} | {
        "rule.partition": positions,
        "rule.min_group": [limits.min_group],
        "rule.min_cohort": [limits.min_cohort],
        "rule.min_candidates": [limits.min_group, limits.min_candidates],
        "rule.small": [1, limits.small],
        "rule.mean_min_sums": [limits.mean_min_sums],
        "rule.coalition": [limits.coalition],
        "rule.coalition_sensitive": [max(limits.coalition, limits.coalition_sensitive)],
        "view.cohort_band": [limits.min_cohort],
        "view.final_pooled": [limits.small],
        **{f"view.{name}": [] for name in ("delivery", "pair_count", "pair_change", "pair_mean")},
    }


def changed(name: str, value: object) -> Policy:
    return adjusted(POLICY, {"rule": {name: {"value": value, "reason": REASON}}})


def with_rules(bundle: Bundle, policy: Policy) -> Bundle:
    """Return a release as it would be under another policy, as far as its rules are concerned."""
    schema = bundle.schemas["rules"]
    columns = dict(bundle.columns) | {"rules": from_csv(schema, to_csv(StoredTable(schema, rules_table(policy))))}
    return replace(bundle, columns=MappingProxyType(columns))


def check_words(words: dict[str, dict[str, str]], policy: Policy) -> None:
    for name, numbers in numbers_of(policy).items():
        for language in LANGUAGES:
            said = words[name][language]
            assert [int(number) for number in re.findall(r"\d+", said)] == numbers, (name, language)
            assert not re.search(IN_WORDS[language], said, re.IGNORECASE), (name, language)
            assert not re.search(r"[{}]", said)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    found = release_to_review("")
    assert found is not None
    return found


def test_every_rule_and_view_has_expected_numbers() -> None:
    assert set(numbers_of(POLICY)) == {name for name in POLICY.explanations if not name.startswith("family.")}
    check_words(rule_words(POLICY), POLICY)


@pytest.mark.parametrize(("name", "value"), [*TIGHTER, *LOOSER])
def test_changed_limit_is_said_with_its_number(name: str, value: int) -> None:
    policy = changed(name, value)
    assert bool(policy.loosened) == ((name, value) in LOOSER)
    check_words(rule_words(policy), policy)


@pytest.mark.parametrize("groups", PARTITIONS, ids=str)
def test_changed_partition_is_said_with_its_groups(groups: list[list[int]]) -> None:
    policy = changed("partition", groups)
    check_words(rule_words(policy), policy)
    for language in LANGUAGES:
        named = "; ".join(listing(map(str, group), language) for group in groups)
        assert rule_words(policy)["rule.partition"][language].endswith(f": {named}.")


@pytest.mark.parametrize("name", sorted({*POLICY_RULES} - {*LIMITS, "partition"}))
def test_rule_whose_words_hold_no_value_cannot_be_changed_by_a_workspace(name: str) -> None:
    with pytest.raises(ConfigurationError):
        changed(name, [])


@pytest.mark.parametrize("name", LIMITS)
def test_limit_has_no_value_below_one(name: str) -> None:
    with pytest.raises(ConfigurationError):
        changed(name, 0)


def test_family_that_is_not_published_is_not_explained() -> None:
    policy = adjusted(POLICY, {"family": {"support": {"publish": False}}})
    assert set(rule_words(POLICY)) - set(rule_words(policy)) == {"family.support"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "value"), [*TIGHTER[::2], *LOOSER, *(("partition", groups) for groups in PARTITIONS[:4])], ids=lambda one: str(one).replace(" ", "")
)
def test_pages_of_a_release_say_its_rules(bundle: Bundle, name: str, value: object, language: str) -> None:
    policy = changed(name, value)
    page = page_of(with_rules(bundle, policy), "overview", language=language)
    told = "\n".join(section.panels[()].sentence for section in page.sections)
    words = {rule: said[language] for rule, said in rule_words(policy).items()}
    assert all(words[rule] in told for rule in ("rule.partition", "rule.min_group"))
    relaxed = text("dash.public.loosened", language, rule=words[f"rule.{name}"], reason=REASON)
    assert (relaxed in told) == bool(policy.loosened)


def test_release_of_a_workspace_with_its_own_rules_says_them(synthetic: PilotData, tmp_path: Path) -> None:
    """README's example, and other pairs of trainings."""
    own = f'\n[policy.rule.min_group]\nvalue = 9\n\n[policy.rule.partition]\nvalue = [[1, 3], [2, 4]]\nreason = "{REASON}"\n'
    space = workspace(tmp_path / "space", more=own)
    released(space, as_it_was(synthetic, CLOSINGS["after the last follow-up"]))
    table = pd.read_csv(space.public_bundles / "r01" / "rules.csv", keep_default_na=False).set_index("rule")
    for language in LANGUAGES:
        page = page_of(current(space), "overview", language=language).document
        assert re.findall(r"\d+", table.loc["rule.min_group", language]) == ["9"]
        assert re.findall(r"\d+", table.loc["rule.partition", language]) == ["1", "3", "2", "4"]
        assert all(table.loc[rule, language] in page for rule in ("rule.min_group", "rule.partition"))
    assert table.loc[table["loosened"] != "", "loosened"].to_dict() == {"rule.partition": REASON}


def test_loosened_code_of_a_figure_is_printed_with_its_name(bundle: Bundle) -> None:
    policy = adjusted(POLICY, {"indicator": {"completed": {"k": 1, "reason": REASON}}})
    for language in LANGUAGES:
        page = page_of(with_rules(bundle, policy), "overview", language=language)
        told = "\n".join(section.panels[()].sentence for section in page.sections)
        assert f"{text('indicator.completed', language)}. " in told
        assert REASON in told
