"""A schema folder that is not as it must be is refused, and the file is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.locale import LANGUAGES, shipped
from ikut_eval.contract.schema import load_contract


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("data_schema"), tmp_path / "data_schema"))


def json_edited(file: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def edit(schema: Path) -> None:
        content = json.loads((schema / file).read_text(encoding="utf-8"))
        change(content)
        (schema / file).write_text(json.dumps(content), encoding="utf-8")

    return edit


def rewritten(file: str, content: bytes) -> Callable[[Path], object]:
    return lambda schema: (schema / file).write_bytes(content)


def removed(file: str) -> Callable[[Path], object]:
    return lambda schema: (schema / file).unlink()


def set_in_field(**new: object) -> Callable[[dict[str, Any]], object]:
    return lambda content: content["fields"][2].update(new)


BROKEN = {
    "no-package": (removed("datapackage.json"), "schema_missing_file", "datapackage.json"),
    "no-table": (removed("tables/session.json"), "schema_missing_file", "session.json"),
    "no-missing-codes": (removed("code_lists/missing.csv"), "schema_missing_file", "missing.csv"),
    "package-not-json": (rewritten("datapackage.json", b"{"), "schema_not_json", "datapackage.json"),
    "table-not-json": (rewritten("tables/session.json", b"fields: []"), "schema_not_json", "session.json"),
    "table-not-text": (rewritten("tables/session.json", b"\xff\xfe\xff"), "schema_not_json", "session.json"),
    "questionnaire-not-json": (rewritten("instruments/who5.json", b""), "schema_not_json", "who5.json"),
    "table-of-another-kind": (rewritten("tables/session.json", b"[]"), "schema_missing_file", "session.json"),
    "package-without-tables": (json_edited("datapackage.json", lambda c: c.pop("resources")), "schema_missing_file", "datapackage.json"),
    "table-without-key": (json_edited("tables/session.json", lambda c: c.pop("primaryKey")), "schema_missing_file", "session.json"),
    "column-without-labels": (json_edited("tables/session.json", lambda c: c["fields"][0].pop("labels")), "schema_missing_file", "session.json"),
    "questionnaire-without-score": (json_edited("instruments/who5.json", lambda c: c.pop("score")), "schema_missing_file", "who5.json"),
    "code-list-without-a-language": (rewritten("code_lists/place.csv", b"code,fi,en\non_site,a,b\n"), "schema_missing_file", "place.csv"),
    "code-list-not-utf-8": (rewritten("code_lists/place.csv", "code,fi,sv,en\na,Läsnä,b,c\n".encode("cp1252")), "schema_missing_file", "place.csv"),
    "unknown-code-list": (json_edited("tables/session.json", set_in_field(codeList="colours")), "schema_unknown_name", "session.json"),
    "unknown-type": (json_edited("tables/session.json", set_in_field(type="geopoint")), "schema_unknown_name", "session.json"),
    "unknown-table-in-a-key": (
        json_edited("tables/session.json", lambda c: c["foreignKeys"][0]["reference"].update(resource="course")),
        "schema_unknown_name",
        "session.json",
    ),
    "unknown-scale": (json_edited("instruments/feedback.json", lambda c: c.update(scale="agree9")), "schema_unknown_name", "feedback.json"),
    "unknown-score": (json_edited("instruments/who5.json", lambda c: c["score"].update(method="median")), "schema_unknown_name", "who5.json"),
}


@pytest.mark.parametrize(("damage", "key", "file"), BROKEN.values(), ids=BROKEN)
def test_broken_schema_names_its_file(damage: Callable[[Path], object], key: str, file: str, schema: Path) -> None:
    damage(schema)
    with pytest.raises(ConfigurationError) as refusal:
        load_contract(schema)
    assert refusal.value.key == key
    assert all(file in refusal.value.message(language) for language in LANGUAGES)


def test_unknown_name_is_reported(schema: Path) -> None:
    json_edited("tables/session.json", set_in_field(codeList="colours"))(schema)
    with pytest.raises(ConfigurationError, match="colours"):
        load_contract(schema)


def test_whole_copy_is_the_same_contract(schema: Path) -> None:
    copy, ours = load_contract(schema), load_contract()
    assert (copy.tables, copy.code_lists, copy.instruments) == (ours.tables, ours.code_lists, ours.instruments)


def test_configuration_has_its_exit_code(schema: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_contract(schema / "nowhere")
    assert refusal.value.exit_code == 10
