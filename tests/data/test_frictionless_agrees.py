"""frictionless, reading our descriptor, comes to the same verdict as we do on the same CSV folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from frictionless import Package, system

from ikut_eval.contract.schema import Contract, load_contract
from ikut_eval.data.pilot import validate
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.writing import pilot_descriptor, write_csv_folder

Rows = dict[str, list[dict[str, object]]]


def cell(table: str, column: str, content: object, row: int = 0) -> Callable[[Rows], None]:
    return lambda rows: rows[table][row].update({column: content})


def repeated(rows: Rows) -> None:
    rows["attendance"].append(dict(rows["attendance"][0]))


def of_nobody(rows: Rows) -> None:
    rows["need"].append({**rows["need"][0], "participant_id": "PNOBODY"})


def of_no_outcome(rows: Rows) -> None:
    rows["fair_work"].append({**rows["fair_work"][0], "wave": "m12"})


WRONG = {
    "code": cell("session", "place", "moon"),
    "code-of-a-column-with-some-of-the-list": cell("need", "wave", "m3"),
    "pattern": cell("participant", "participant_id", "p-1"),
    "below-the-limit": cell("session", "hours", 0.1),
    "above-the-limit": cell("support_after", "month", 13),
    "required": cell("session", "place", None),
    "number": cell("session", "hours", "two"),
    "whole-number": cell("session", "week", 1.5),
    "date": cell("session", "date", "2022-02-30"),
    "yes-or-no": cell("outcome", "reached", "perhaps"),
    "key-twice": repeated,
    "key-of-nobody": of_nobody,
    "key-of-two-columns": of_no_outcome,
}


@pytest.fixture
def loose(typed_rows: Rows) -> Rows:
    return {name: [dict(row) for row in table] for name, table in typed_rows.items()}


def verdicts(folder: Path) -> tuple[bool, bool]:
    """Return whether we and whether frictionless find the folder sound."""
    with system.use_context(trusted=True):
        theirs = Package(str(folder / "datapackage.json")).validate().valid
    return validate(folder).ok, theirs


def stored(folder: Path, rows: Rows, contract: Contract) -> Path:
    write_csv_folder(folder, contract, rows, language="en")
    return folder


@pytest.mark.parametrize("case", ["tiny", "empty"])
def test_both_find_the_synthetic_pilot_sound(case: str, contract: Contract, tmp_path: Path) -> None:
    assert verdicts(stored(tmp_path / "pilot", synthetic_rows(contract, case=case), contract)) == (True, True)


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_both_refuse_one_mistake(change: Callable[[Rows], None], loose: Rows, contract: Contract, tmp_path: Path) -> None:
    change(loose)
    assert verdicts(stored(tmp_path / "pilot", loose, contract)) == (False, False)


def recut(path: Path, cut: Callable[[list[str]], list[str]]) -> None:
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(",".join(cut(line)) for line in lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "cut",
    [pytest.param(lambda line: line[:-1], id="missing-column"), pytest.param(lambda line: [*line, "extra"], id="extra-column")],
)
def test_both_refuse_other_columns(cut: Callable[[list[str]], list[str]], loose: Rows, contract: Contract, tmp_path: Path) -> None:
    folder = stored(tmp_path / "pilot", loose, contract)
    recut(folder / "preferred_support.csv", cut)
    assert verdicts(folder) == (False, False)


def test_both_refuse_a_missing_file(loose: Rows, contract: Contract, tmp_path: Path) -> None:
    folder = stored(tmp_path / "pilot", loose, contract)
    (folder / "session.csv").unlink()
    assert verdicts(folder) == (False, False)


def test_descriptor_says_every_constraint_of_the_contract(contract: Contract) -> None:
    described = {(r["name"], f["name"]): f.get("constraints", {}) for r in pilot_descriptor(contract, "en")["resources"] for f in r["schema"]["fields"]}
    for table in load_contract().main_tables:
        for field in table.fields:
            found = described[table.name, field.name]
            assert (found.get("required", False), found.get("pattern")) == (field.required, field.pattern)
            assert (found.get("minimum"), found.get("maximum")) == (field.minimum, field.maximum)
            assert found.get("enum") == (list(field.codes) if field.codes and field.type == "string" else None)
