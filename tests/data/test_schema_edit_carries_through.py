"""One edit of one file of the contract: validation, template, synthetic data, code book and descriptor follow."""

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ikut_eval.contract.locale import shipped
from ikut_eval.contract.schema import Contract, load_contract
from ikut_eval.data.issues import Report
from ikut_eval.data.pilot import check_source, open_source, validate
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.template import write_template
from ikut_eval.data.writing import code_book_lines, table_schema, write_synthetic

Edit = Callable[[Path], None]
CHILDCARE = {"fi": "Lastenhoito", "sv": "Barnpassning", "en": "Childcare"}


def table_edited(table: str, change: Callable[[dict[str, Any]], object]) -> Edit:
    def edit(folder: Path) -> None:
        path = folder / "tables" / f"{table}.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change({f["name"]: f for f in content["fields"]} | {"": content})
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    return edit


def column(**more: object) -> Edit:
    field = {"name": "childcare", "labels": CHILDCARE, "hints": {k: f"{v}?" for k, v in CHILDCARE.items()}, "type": "string", **more}
    return table_edited("session", lambda fields: fields[""]["fields"].append(field))


def place_added(folder: Path) -> None:
    with (folder / "code_lists" / "place.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["park", "Puisto", "Park", "In the park"])


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Edit], Contract]:
    def with_edit(edit: Edit) -> Contract:
        folder = Path(shutil.copytree(shipped("data_schema"), tmp_path / "data_schema"))
        edit(folder)
        return load_contract(folder)

    return with_edit


def heading_row(contract: Contract, tmp_path: Path) -> list[str]:
    write_template(tmp_path / "template.xlsx", contract, language="sv")
    return [cell.value for cell in openpyxl.load_workbook(tmp_path / "template.xlsx")["Närvarolista C1"][5]]


def offered_words(contract: Contract, tmp_path: Path) -> set[str]:
    write_template(tmp_path / "template.xlsx", contract, language="sv")
    return {cell for row in openpyxl.load_workbook(tmp_path / "template.xlsx")["_lists"].iter_rows(values_only=True) for cell in row}


def session_issues(report: Report) -> list[tuple[str, str]]:
    return [(i.code, i.column["en"]) for i in report.issues if i.column and i.sheet and i.sheet["en"] == "Sessions"]


def field_of(contract: Contract, name: str) -> dict[str, Any]:
    return next(f for f in table_schema(contract.tables["session"], "sv")["fields"] if f["name"] == name)


def test_new_required_column_is_demanded(edited: Callable[[Edit], Contract], tmp_path: Path) -> None:
    older = write_synthetic(tmp_path / "older", load_contract(), case="tiny", seed=None, language="en")[0]
    contract = edited(column(constraints={"required": True}))
    assert ("missing_column", "Childcare") in session_issues(validate(older, contract=contract))


def test_new_column_is_a_heading_of_the_template(edited: Callable[[Edit], Contract], tmp_path: Path) -> None:
    assert "Barnpassning" in heading_row(edited(column()), tmp_path)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="optional"),
        pytest.param({"constraints": {"required": True}}, id="text"),
        pytest.param({"type": "boolean", "constraints": {"required": True}}, id="yes-or-no"),
        pytest.param({"type": "integer", "constraints": {"required": True, "minimum": 3}}, id="number"),
        pytest.param({"type": "date", "constraints": {"required": True}}, id="date"),
        pytest.param({"codeList": "yesno", "constraints": {"required": True}}, id="code"),
    ],
)
@pytest.mark.parametrize("name", ["pilot", "pilot.xlsx"], ids=["csv", "workbook"])
def test_synthetic_pilot_fills_the_new_column_and_stays_sound(name: str, more: dict[str, object], edited: Callable[[Edit], Contract], tmp_path: Path) -> None:
    contract = edited(column(**more))
    assert all("childcare" in row for row in synthetic_rows(contract, case="tiny")["session"])
    path = write_synthetic(tmp_path / name, contract, case="tiny", seed=None, language="en")[0]
    assert validate(path, contract=contract).issues == ()


def test_new_column_is_in_the_code_book(edited: Callable[[Edit], Contract]) -> None:
    contract = edited(column())
    assert ("Träffar", "Barnpassning", "childcare", "Barnpassning?", "") in code_book_lines(contract.main_tables, contract, "sv")


def test_new_column_is_in_the_descriptor(edited: Callable[[Edit], Contract]) -> None:
    contract = edited(column(constraints={"required": True}))
    wanted = {"name": "childcare", "title": "Barnpassning", "description": "Barnpassning?", "type": "string", "constraints": {"required": True}}
    assert field_of(contract, "childcare") == wanted


def test_column_that_was_taken_out_is_not_read(edited: Callable[[Edit], Contract], tmp_path: Path) -> None:
    older = write_synthetic(tmp_path / "older", load_contract(), case="tiny", seed=None, language="en")[0]
    contract = edited(table_edited("target", lambda fields: fields[""]["fields"].remove(fields["source"])))
    assert [i.code for i in validate(older, contract=contract).issues] == ["unknown_column"]


def with_cells(contract: Contract, **cells: str) -> Report:
    source = open_source("synthetic:tiny", contract)
    sheet = next(s for s in source.sheets if s.name == "session")
    header, first = sheet.rows[0][1], sheet.rows[1][1]
    for name, content in cells.items():
        first[header.index(name)] = content
    return check_source(source, contract)[1]


@pytest.mark.parametrize("word", ["park", "Puisto", "In the park"])
def test_new_code_is_allowed(word: str, edited: Callable[[Edit], Contract]) -> None:
    assert with_cells(edited(place_added), place=word).issues == ()


def test_new_code_was_not_allowed_before() -> None:
    assert session_issues(with_cells(load_contract(), place="park")) == [("not_a_code", "Place")]


def test_new_code_is_offered_in_the_template(edited: Callable[[Edit], Contract], tmp_path: Path) -> None:
    assert "Park" in offered_words(edited(place_added), tmp_path)


def test_new_code_is_in_the_code_book(edited: Callable[[Edit], Contract]) -> None:
    contract = edited(place_added)
    assert ("Träffar", "Plats", "park", "Park", "") in code_book_lines(contract.main_tables, contract, "sv")


def test_new_code_is_in_the_descriptor(edited: Callable[[Edit], Contract]) -> None:
    described = field_of(edited(place_added), "place")
    assert "park" in described["constraints"]["enum"]
    assert {"value": "park", "label": "Park"} in described["categories"]


def longer_days(fields: dict[str, Any]) -> None:
    fields["hours"]["constraints"]["maximum"] = 10


def test_new_limit_is_kept(edited: Callable[[Edit], Contract]) -> None:
    contract = edited(table_edited("session", longer_days))
    assert with_cells(contract, hours="10").issues == ()
    assert session_issues(with_cells(contract, hours="10.25")) == [("too_large", "Hours")]


def test_new_limit_is_in_the_template(edited: Callable[[Edit], Contract], tmp_path: Path) -> None:
    contract = edited(table_edited("session", longer_days))
    write_template(tmp_path / "template.xlsx", contract, language="en")
    sheet = openpyxl.load_workbook(tmp_path / "template.xlsx")["Attendance record C1"]
    hours = next(cell.column_letter for cell in sheet[5] if cell.value == "Hours")
    assert [(r.formula1, r.formula2) for r in sheet.data_validations.dataValidation if f"{hours}6" in r.sqref] == [("0.25", "10")]


def test_new_limit_is_in_the_descriptor(edited: Callable[[Edit], Contract]) -> None:
    assert field_of(edited(table_edited("session", longer_days)), "hours")["constraints"]["maximum"] == 10


def domain_added(folder: Path) -> None:
    with (folder / "code_lists" / "need_domain.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["pets", "Lemmikit", "Husdjur", "Pets"])


def instrument_added(folder: Path) -> None:
    content = json.loads((folder / "instruments" / "who5.json").read_text(encoding="utf-8"))
    names = {language: f"Sleep ({language})" for language in ("fi", "sv", "en")}
    items = [{**item, "id": f"S{n}"} for n, item in enumerate(content["items"], start=1)]
    content |= {"id": "sleep", "version": "0.9", "names": names, "sheet": names, "items": items}
    (folder / "instruments" / "sleep.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def test_new_area_and_new_questionnaire_are_in_the_template_and_are_read(edited: Callable[[Edit], Contract], tmp_path: Path) -> None:
    def edit(folder: Path) -> None:
        domain_added(folder)
        instrument_added(folder)

    contract = edited(edit)
    write_template(tmp_path / "template.xlsx", contract, language="en")
    book = openpyxl.load_workbook(tmp_path / "template.xlsx")
    needs, sleep = book["Needs"], book["Sleep (en)"]
    pets = next(cell.column for cell in needs[1] if cell.value == "Pets")
    for cell, value in {(2, 1): "P7K2A", (2, 2): "Start", (2, 3): "Together", (2, pets): 3}.items():
        needs.cell(*cell).value = value
    headings = {cell.value: cell.column for cell in sleep[1]}
    for heading, value in {"Participant": "P7K2A", "Wave": "Start", "Date": date(2021, 9, 1), "Language": "Finnish", "S1": 4}.items():
        sleep.cell(2, headings[heading]).value = value
    book.save(tmp_path / "filled.xlsx")
    tables, _ = check_source(open_source(tmp_path / "filled.xlsx", contract), contract)
    assert tables["need"].to_dict("records") == [{"participant_id": "P7K2A", "wave": "start", "need_domain": "pets", "level": 3, "rated_by": "joint"}]
    assert tables["answer"].to_dict("records") == [{"participant_id": "P7K2A", "wave": "start", "item": "S1", "value": "4"}]
    assert tables["answer_set"][["instrument", "version"]].to_dict("records") == [{"instrument": "sleep", "version": "0.9"}]
