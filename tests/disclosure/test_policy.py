"""The policy is read whole or not at all; a workspace may tighten it at will, and loosen it for a written reason."""

from pathlib import Path

import pytest

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import LANGUAGES, shipped
from ikut_eval.disclosure.families import VIEWS
from ikut_eval.disclosure.policy import POLICY_RULES, Policy, adjusted, load_policy
from ikut_eval.disclosure.proof import plan_of, prove

SHIPPED = (shipped("data_schema") / "policy.toml").read_text(encoding="utf-8")
POLICY = load_policy()
IDS = [i.id for f in POLICY.families for i in f.indicators]


def policy_with(folder: Path, old: str, new: str) -> Policy:
    assert SHIPPED.count(old) >= 1
    path = folder / "policy.toml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return load_policy(path)


def test_policy_says_what_the_page_says() -> None:
    assert POLICY.partition == ((1, 2), (3, 4))
    limits = POLICY.limits
    assert (limits.min_group, limits.min_candidates, limits.small, limits.mean_min_sums, limits.coalition, limits.coalition_sensitive) == (8, 3, 3, 4, 1, 2)
    assert POLICY.public_facts == ("cohort_sizes", "total")
    assert POLICY.loosened == ()


def test_every_rule_view_and_family_is_explained_in_three_languages() -> None:
    names = [*(f"rule.{r}" for r in POLICY_RULES), *(f"view.{v}" for v in VIEWS), *(f"family.{f.id}" for f in POLICY.families)]
    assert set(POLICY.explanations) == set(names)
    for words in POLICY.explanations.values():
        assert set(words) == set(LANGUAGES)
        assert len(set(words.values())) == 3
        assert all(sentence.endswith(".") for sentence in words.values())


def test_indicators_have_names_of_their_own() -> None:
    assert len(set(IDS)) == len(IDS)
    assert POLICY.family_of("fair_work").id == POLICY.family_of("reached_at_six_months").id == "six_months"
    assert POLICY.family_of("in_work").sensitive


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("[rule.min_group]", "[rule.min_gruop]", "min_group"),
        ("[view.pair_mean]", "[view.pair_maen]", "pair_mean"),
        ('view = "pair_change"', 'view = "pair_chnage"', "pair_change"),
        ("sensitive = true", "sensitiv = true", "sensitive"),
        ('measure = "completion"', 'measure = "compeltion"', "completion"),
        ('wave = "m6"', 'wave = "m66"', "m6"),
        ('instrument = "rights_awareness"', 'instrument = "rights_awarness"', "rights_awareness"),
        ('cells = ["need_met"]', 'cells = ["need_mett"]', "need_met"),
        ("bands = ", "band = ", "bands"),
        ("[family.completion]", "[famly.completion]\n[family.completion]", "family"),
    ],
)
def test_name_that_is_nearly_right_gets_a_hint(tmp_path: Path, old: str, new: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        policy_with(tmp_path, old, new)
    assert raised.value.key in ("nearly_known_setting", "setting_nearly_allowed")
    assert raised.value.values["near"] == hint


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("[rule.small]", "[rule.xyzzy]", "unknown_setting"),
        ('view = "pair_change"', 'view = "all of it"', "setting_choice"),
        ('bands = "three"', 'bands = "five"', "policy_wrong_value"),
        ("k = 2", "k = 0", "policy_wrong_value"),
        ("k = 2", 'k = "2"', "policy_wrong_value"),
        ('bands = "half"', 'bands = "half"\nk = 3', "policy_wrong_value"),
        ("sensitive = true", 'sensitive = "yes"', "setting_choice"),
        ("value = 8", "value = 0", "setting_choice"),
        ("value = 8", "value = true", "setting_choice"),
        ('cells = ["completed", "rest"]', 'cells = ["completed"]', "policy_wrong_value"),
        ("[[1, 2], [3, 4]]", "[[1, 2], [2, 3, 4]]", "policy_partition_not_sound"),
        ("[[1, 2], [3, 4]]", "[[1, 2], [4]]", "policy_partition_not_sound"),
        ("[family.completion.indicator.completed]", "[family.completion.indicator.in_work]", "policy_in_two_families"),
        ('measure = "support_continuing"', 'measure = "follow_up_reach"', "policy_in_two_families"),
        ('measure = "support_continuing"', 'measure = "score_summary"\ninstrument = "rights_awareness"', "policy_in_two_families"),
        ("[rule.small]\nvalue = 3\n", "[rule.small]\n", "missing_setting"),
        ('\nen = "', '\nnot_en = "', "unknown_setting"),
        ("at least: {min_candidates}", "at least: {min_candidate}", "setting_nearly_allowed"),
        ("at least: {min_candidates}", "at least: {n of them}", "setting_choice"),
        ("at least: {min_candidates}", "at least: {", "wrong_setting"),
        ("[rule.small]", "[rule.small", "settings_not_toml"),
        ('"all_finished_and_frozen"', '"whenever"', "setting_choice"),
        ('["cohort_sizes", "total"]', '["cohort_sizes", "xyzzy"]', "setting_choice"),
        ('["participants", "completion"],', "3,", "wrong_setting"),
        ('rows = ["6"]', "rows = 6", "wrong_setting"),
    ],
)
def test_policy_that_is_not_sound_is_refused(tmp_path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        policy_with(tmp_path, old, new)
    assert raised.value.key == key
    assert raised.value.exit_code == 10


@pytest.mark.parametrize("rule", POLICY_RULES)
def test_policy_without_one_of_its_rules_is_refused(tmp_path: Path, rule: str) -> None:
    before, _, after = SHIPPED.partition(f"[rule.{rule}]\n")
    (tmp_path / "policy.toml").write_text(before + after[after.index("\n[") :], encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_policy(tmp_path / "policy.toml")
    assert (raised.value.key, raised.value.values["key"]) == ("missing_setting", f"rule.{rule}")


def test_missing_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        load_policy(tmp_path / "policy.toml")


def test_unknown_indicator_gets_a_hint() -> None:
    with pytest.raises(ConfigurationError, match="in_work"):
        POLICY.family_of("in_wrok")


TIGHTER = [
    {"rule": {"min_group": {"value": 10}}},
    {"rule": {"coalition": {"value": 2}}},
    {"rule": {"small": {"value": 5}, "min_candidates": {"value": 4}}},
    {"rule": {"partition": {"value": [[1, 2, 3, 4]]}}},
    {"family": {"completion": {"sensitive": True}}},
    {"family": {"six_months": {"publish": False}}},
    {"indicator": {"fair_work": {"publish": False}}},
    {"indicator": {"completed": {"k": 3}}},
    {"indicator": {"completed": {"bands": "half"}}},
    {"indicator": {"completed": {"bands": "three"}}},
    {"indicator": {"individual_support_first": {"k": 4}}},
]
LOOSER = [
    {"rule": {"min_group": {"value": 7}}},
    {"rule": {"coalition_sensitive": {"value": 1}}},
    {"rule": {"partition": {"value": [[1], [2], [3, 4]]}}},
    {"rule": {"partition": {"value": [[1, 3], [2, 4]]}}},
    {"family": {"six_months": {"sensitive": False}}},
    {"indicator": {"completed": {"k": 1}}},
    {"indicator": {"in_work": {"bands": "exact", "k": 3}}},
    {"indicator": {"rights_awareness_improved": {"bands": "exact"}}},
    {"indicator": {"everyday_need_met": {"k": 3}}},
    {"indicator": {"individual_support_first": {"k": 1}}},
]


@pytest.mark.parametrize("overrides", TIGHTER, ids=str)
def test_tightening_needs_no_reason(overrides: dict) -> None:
    tighter = adjusted(POLICY, overrides)
    assert tighter.loosened == ()
    assert tighter.digest != POLICY.digest


@pytest.mark.parametrize("overrides", LOOSER, ids=str)
@pytest.mark.parametrize("reason", [{}, {"reason": ""}, {"reason": "  "}])
def test_loosening_without_a_reason_is_refused(overrides: dict, reason: dict) -> None:
    with pytest.raises(ConfigurationError) as raised:
        adjusted(POLICY, with_reason(overrides, reason))
    assert raised.value.key == "policy_loosened_without_reason"


@pytest.mark.parametrize("overrides", LOOSER, ids=str)
def test_reason_for_loosening_is_kept(overrides: dict) -> None:
    looser = adjusted(POLICY, with_reason(overrides, {"reason": "The board decided so on 3 May."}))
    ((rule, reason),) = looser.loosened
    assert rule in {name for table in overrides.values() for name in table}
    assert reason == "The board decided so on 3 May."
    assert looser.digest != POLICY.digest


def with_reason(overrides: dict, reason: dict) -> dict:
    return {kind: {name: {**table, **reason} for name, table in names.items()} for kind, names in overrides.items()}


@pytest.mark.parametrize(
    "overrides",
    [
        {"rules": {}},
        {"rule": {"min_gruop": {"value": 9}}},
        {"rule": {"min_group": {"valeu": 9}}},
        {"rule": {"closing": {"value": "never"}}},
        {"family": {"six_month": {"publish": False}}},
        {"indicator": {"in_wrok": {"publish": False}}},
        {"indicator": {"in_work": {"publish": "no"}}},
        {"indicator": {"in_work": {"bands": "five"}}},
        {"indicator": {"hours_by_component": {"k": 2}}},
        {"rule": {"min_group": {}}},
        {"rule": {"partition": {"value": 3}}},
        {"rule": 3},
    ],
    ids=str,
)
def test_override_that_is_not_understood_is_refused(overrides: dict) -> None:
    with pytest.raises(ConfigurationError):
        adjusted(POLICY, overrides)


def test_indicator_told_with_others_takes_its_family_with_it() -> None:
    assert "rights_awareness" not in {f.id for f in adjusted(POLICY, {"indicator": {"rights_awareness_worse": {"publish": False}}}).families}
    left = adjusted(POLICY, {"indicator": {"fair_work": {"publish": False}}}).family_of("in_work")
    assert [i.id for i in left.indicators] == ["reached_at_six_months", "in_work", "next_service"]


def test_both_directions_of_a_change_are_always_coded_alike() -> None:
    changed = adjusted(POLICY, {"indicator": {"rights_awareness_improved": {"bands": "exact", "reason": "tried"}}}).family_of("rights_awareness_worse")
    assert {i.bands for i in changed.indicators} == {"exact"}


def test_looser_policy_is_still_proved_and_found_to_leak() -> None:
    looser = adjusted(POLICY, {"indicator": {"rights_awareness_improved": {"bands": "exact", "reason": "tried"}}})
    leaking = {proof.family for proof in prove(plan_of(looser, (4, 5, 5, 6)), looser.limits)[0] if not proof.safe}
    assert leaking == {"rights_awareness"}


def test_higher_minimum_group_leaves_out_the_smaller_pair() -> None:
    steps = plan_of(adjusted(POLICY, {"rule": {"min_group": {"value": 10}}}), (4, 5, 5, 6))
    assert {sizes for _, sizes in steps} == {(5, 6), (4, 5, 5, 6)}


def test_no_adjustment_leaves_the_policy_as_it_is() -> None:
    assert adjusted(POLICY, {}) == POLICY
    assert adjusted(POLICY, {}).digest == POLICY.digest


def test_more_cohorts_than_the_partition_has_places_for_are_refused() -> None:
    with pytest.raises(ConfigurationError):
        POLICY.groups_of((4, 5, 5, 6, 4))
