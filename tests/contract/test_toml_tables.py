"""A TOML file is read strictly: what is wrong in it is said with file, key path, what is allowed and the nearest word."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import LANGUAGES, shipped
from ikut_eval.contract.measure_catalogue import COUNTS, measure_catalogue
from ikut_eval.contract.toml_tables import TomlTable, parse_toml, read_toml

CONTENT = b"""
colour = "red"
sizes = [1, 2]
level = 0.5
on = true
[rule.small]
value = 3
[rule.none]
value = 0
[[line]]
file = "a"
[[line]]
"""
COLOURS = ("red", "green")


def positive(number: float) -> bool:
    return number > 0


@pytest.fixture
def table() -> TomlTable:
    return parse_toml(CONTENT, file="some.toml")


def test_what_is_right_is_given(table: TomlTable) -> None:
    table.check_keys(("colour", "sizes", "level", "on", "rule", "line"), required=("colour",))
    assert (table.string("colour"), table.choice("colour", COLOURS), table.value("sizes")) == ("red", "red", [1, 2])
    assert (table.number("level", "> 0", within=positive), table.number("no", "> 0", 2, within=positive), table.boolean("on"), table.boolean("no", False)) == (
        0.5,
        2.0,
        True,
        False,
    )
    assert table.table("rule").table("small").whole("value") == 3
    assert (table.choice("no", COLOURS, "green"), table.several("no", COLOURS, COLOURS)) == ("green", COLOURS)
    assert [line.content for line in table.array("line")] == [{"file": "a"}, {}]
    assert table.table("no").content == {}
    assert ("colour" in table, "no" in table) == (True, False)


FAULTS: dict[str, tuple[Callable[[TomlTable], object], str, tuple[str, ...]]] = {
    "unknown": (lambda t: t.check_keys(("size", "xyz")), "unknown_setting", ("colour", "size, xyz")),
    "nearly-known": (lambda t: t.check_keys(("colours", "xyz")), "nearly_known_setting", ("colour", "”colours”|“colours”", "colours, xyz")),
    "required": (lambda t: t.check_keys(list(t.content), required=("weight",)), "missing_setting", ("weight",)),
    "missing": (lambda t: t.string("weight"), "missing_setting", ("weight",)),
    "nested": (lambda t: t.table("rule").table("small").string("name"), "missing_setting", ("rule.small.name",)),
    "not-a-table": (lambda t: t.table("colour"), "wrong_setting", ("colour", "[colour]")),
    "not-all-tables": (lambda t: t.tables(), "wrong_setting", ("[colour]",)),
    "not-an-array": (lambda t: t.array("rule"), "wrong_setting", ("rule", "[[rule]]")),
    "in-an-array": (lambda t: t.array("line")[1].string("file"), "missing_setting", ("line[2].file",)),
    "not-text": (lambda t: t.string("sizes"), "wrong_setting", ("sizes", 'sizes = "…"')),
    "no-words": (lambda t: t.words(), "missing_setting", ("fi",)),
    "not-allowed": (lambda t: t.choice("colour", ("blue", "pink")), "setting_choice", ("colour", "blue, pink")),
    "nearly-allowed": (lambda t: t.choice("colour", ("reds", "pink")), "setting_nearly_allowed", ("colour", "”reds”|“reds”", "reds, pink")),
    "not-a-list": (lambda t: t.several("colour", COLOURS), "wrong_setting", ("colour", 'colour = ["red", "green"]')),
    "one-not-allowed": (lambda t: t.several("sizes", COLOURS), "setting_choice", ("sizes", "red, green")),
    "not-boolean": (lambda t: t.boolean("level"), "setting_choice", ("level", "true, false")),
    "not-whole": (lambda t: t.whole("level"), "setting_choice", ("level", "1, 2, 3, …")),
    "true-is-not-whole": (lambda t: t.whole("on"), "setting_choice", ("on", "1, 2, 3, …")),
    "too-small": (lambda t: t.table("rule").table("none").whole("value"), "setting_choice", ("rule.none.value", "1, 2, 3, …")),
    "number-too-small": (lambda t: t.table("rule").table("none").number("value", "> 0", within=positive), "setting_choice", ("rule.none.value", "> 0")),
    "not-a-number": (lambda t: t.number("colour", "> 0", within=positive), "setting_choice", ("colour", "> 0")),
    "true-is-no-number": (lambda t: t.number("on", "> 0", within=positive), "setting_choice", ("on", "> 0")),
}


@pytest.mark.parametrize(("read", "key", "named"), FAULTS.values(), ids=FAULTS)
def test_fault_is_named(table: TomlTable, read: Callable[[TomlTable], object], key: str, named: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read(table)
    assert refusal.value.key == key
    for language in LANGUAGES:
        message = refusal.value.message(language)
        assert "some.toml" in message
        assert all(any(word in message for word in words.split("|")) for words in named)


@pytest.mark.parametrize(
    ("content", "key"),
    [(None, "schema_missing_file"), (b"a = ", "settings_not_toml"), (b'a = "\xe4"', "settings_not_toml")],
    ids=["missing", "broken", "bytes"],
)
def test_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes | None, key: str) -> None:
    if content is not None:
        (tmp_path / "some.toml").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"some\.toml") as refusal:
        read_toml(tmp_path / "some.toml")
    assert refusal.value.key == key


def edited_measures(folder: Path, old: str, new: str) -> Path:
    shutil.copy(shipped("data_schema") / "measures.toml", folder)
    words = (folder / "measures.toml").read_text(encoding="utf-8")
    assert old in words
    (folder / "measures.toml").write_text(words.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "key", "named"),
    [
        ('counts = "people"\n', "", "missing_setting", "measure.participants.counts"),
        ('counts = "people"', 'counts = "peoples"', "setting_nearly_allowed", "people, sessions, hours"),
        ('counts = "people"', 'counts = "rows"', "setting_choice", "people, sessions, hours"),
        ('counts = "people"', "counts = 1", "setting_choice", "measure.participants.counts"),
        ('unit = "count"', 'units = "count"', "nearly_known_setting", "measure.participants.units"),
        ('caution = "few"', 'caution = "fews"', "setting_nearly_allowed", "measure.participants.caution"),
        (', en = "Participants" }', " }", "missing_setting", "measure.participants.title.en"),
    ],
)
def test_measure_that_is_not_sound_is_refused(tmp_path: Path, old: str, new: str, key: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        measure_catalogue(edited_measures(tmp_path, old, new))
    assert refusal.value.key == key
    assert all(word in refusal.value.message(language) for language in LANGUAGES for word in ("measures.toml", named))


def test_every_measure_says_what_it_counts() -> None:
    counts = {measure.id: measure.counts for measure in measure_catalogue().values()}
    assert set(counts.values()) == set(COUNTS)
    assert [id for id, kind in counts.items() if kind == "hours"] == ["attended_hours", "delivered_hours", "weekly_group_hours", "everyday_wellbeing_share"]
    assert {id for id, kind in counts.items() if kind == "sessions"} == {
        "attendance_rate",
        "attendance_rate_b",
        "attendance_spread",
        "notification_rate",
        "late_share",
        "minutes_late",
        "group_viability",
    }
