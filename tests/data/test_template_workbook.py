"""The workbook to fill in: what it offers, what it protects, and that it reads back as it was filled in."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.schema import Contract, Field, Form, load_contract
from ikut_eval.data.pilot import check_source, open_source, validate
from ikut_eval.data.template import write_template
from ikut_eval.data.writing import write_synthetic

CONTRACT = load_contract()


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(language: str, contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / f"{language}.xlsx"
    write_template(path, contract, language=language)
    return path


@pytest.fixture(scope="module")
def book(template: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(template)


LONG = tuple(t for t in CONTRACT.main_tables if t.name in ("cohort", "cohort_plan", "participant", "support_after", "target"))


def heading_row(sheet: Worksheet) -> int:
    """Return the row of the headings: below the letters and the counts in a register, else the first."""
    return int(sheet.freeze_panes[1:]) - 1


def columns(book: openpyxl.Workbook, language: str) -> Iterator[tuple[Worksheet, int, Field]]:
    """Yield sheet, column and field of all columns but the listed ones."""
    for table in LONG:
        yield from ((book[table.labels[language]], number, field) for number, field in enumerate(table.fields, start=1))
    for form in CONTRACT.forms:
        sheet = book[title_of(form, language)]
        fields = [f for f in form.fields if not (form.sheet_for and f.name == "session_id")]
        yield from ((sheet, number, field) for number, field in enumerate(fields, start=1))


def title_of(form: Form, language: str) -> str:
    titles = form.titles or (form.row or form.cells).labels
    return f"{titles[language]} C1" if form.sheet_for else titles[language]


def drop_down(book: openpyxl.Workbook, sheet: Worksheet, column: int) -> list[str] | None:
    """Return what the drop-down of a column offers in its first and its 400th row to fill in."""
    first = heading_row(sheet) + 1
    for rule in sheet.data_validations.dataValidation:
        letter = get_column_letter(column)
        if rule.type == "list" and f"{letter}{first}" in rule.sqref and f"{letter}{first + 400}" in rule.sqref:
            name, _, place = rule.formula1.lstrip("=").partition("!")
            left, top, right, bottom = range_boundaries(place.replace("$", ""))
            return [cell.value for row in book[name.strip("'")].iter_rows(top, bottom, left, right) for cell in row if cell.value]
    return None


def offered(field: Field, language: str) -> list[str] | None:
    if field.type == "boolean":
        return [text("yes", language), text("no", language)]
    if field.codes is None or field.code_list is None:
        return None
    as_codes = field.code_list.name == "item" or field.type != "string"
    return [c if as_codes else field.code_list.label(c, language) for c in field.codes]


def test_sheets_are_those_that_people_keep(book: openpyxl.Workbook, language: str) -> None:
    forms = {title_of(form, language) for form in CONTRACT.forms}
    assert set(book.sheetnames) == {*(t.labels[language] for t in LONG), *forms, text("template.code_book_sheet", language), "_lists"}
    assert len(book.sheetnames) == len(set(book.sheetnames))


def test_headings_are_the_labels(book: openpyxl.Workbook, language: str) -> None:
    assert all(sheet.cell(heading_row(sheet), n).value == field.labels[language] for sheet, n, field in columns(book, language))


def test_headings_carry_their_hints_and_what_is_required(book: openpyxl.Workbook, language: str) -> None:
    word = text("template.required", language)
    for sheet, n, field in columns(book, language):
        note = sheet.cell(heading_row(sheet), n).comment.text
        assert (field.hints[language] in note, word in note) == (True, field.required)


def test_drop_downs_offer_the_labels_and_the_codes_of_other_sheets(book: openpyxl.Workbook, language: str) -> None:
    of_codes = {"cohort_id", "participant_id"}
    found = {(sheet.title, n): drop_down(book, sheet, n) for sheet, n, _ in columns(book, language)}
    own = {(t.labels[language], 1) for t in LONG if t.name in ("cohort", "participant")}
    for sheet, n, field in columns(book, language):
        refers = field.name in of_codes and (sheet.title, n) not in own
        assert found[sheet.title, n] == ([] if refers else offered(field, language))


def test_wording_of_each_item_is_the_note_of_its_heading(book: openpyxl.Workbook, language: str) -> None:
    for instrument in CONTRACT.instruments.values():
        headings = {cell.value: cell for cell in book[instrument.sheet[language]][1]}
        assert all(item.text[language] in headings[item.id].comment.text for item in instrument.items)


def test_drop_down_of_an_item_offers_its_scale_and_why_there_is_no_answer(book: openpyxl.Workbook, language: str) -> None:
    sheet = book[CONTRACT.instruments["rights_knowledge"].sheet[language]]
    codes = [*CONTRACT.code_lists["tfdk"].labels.values(), *CONTRACT.code_lists["missing"].labels.values()]
    assert drop_down(book, sheet, sheet.max_column) == [words[language] for words in codes]


def test_register_offers_its_letters_and_explains_them(book: openpyxl.Workbook, language: str) -> None:
    sheet = book[title_of(CONTRACT.forms[0], language)]
    reasons = CONTRACT.code_lists["absence_reason"]
    letters = {code: CONTRACT.code_lists["attendance"].letters(code, language)[0] for code in CONTRACT.code_lists["attendance"].codes}
    wanted = [*(letters[c] for c in letters if c != "excused"), *(f"{letters['excused']} {reasons.letters(c, language)[0]}" for c in reasons.codes)]
    assert drop_down(book, sheet, 8) == wanted
    assert all(CONTRACT.code_lists["attendance"].label(code, language) in sheet["A1"].value for code in letters)
    rules = {rule.text for each in sheet.conditional_formatting for rule in each.rules if rule.type == "beginsWith"}
    assert set(letters.values()) <= rules


def test_each_sheet_in_a_form_is_printed_on_a4_with_its_headings_repeated(book: openpyxl.Workbook, language: str) -> None:
    for form in CONTRACT.forms:
        sheet = book[title_of(form, language)]
        row = heading_row(sheet)
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", 9, True)
        assert sheet.print_title_rows == f"${row}:${row}"


def test_dates_and_numbers_are_checked_while_typing(book: openpyxl.Workbook, language: str) -> None:
    kinds = {"date": "date", "integer": "whole", "number": "decimal"}
    for sheet, n, field in columns(book, language):
        if field.type in kinds and field.codes is None:
            rules = [r.type for r in sheet.data_validations.dataValidation if f"{get_column_letter(n)}{heading_row(sheet) + 1}" in r.sqref]
            assert rules == [kinds[field.type]]


def test_headings_are_frozen_and_protected_and_cells_to_fill_in_are_not_locked(book: openpyxl.Workbook, language: str) -> None:
    for sheet, n, _ in columns(book, language):
        assert sheet.protection.sheet
        assert sheet.cell(heading_row(sheet), n).protection.locked
        assert not next(w for w in sheet.column_dimensions.values() if w.min <= n <= w.max).protection.locked


def test_lists_are_out_of_sight(book: openpyxl.Workbook) -> None:
    assert book["_lists"].sheet_state == "hidden"


def test_code_book_names_every_table_column_and_code(book: openpyxl.Workbook, language: str, contract: Contract) -> None:
    lines = {tuple(v or "" for v in row[:4]) for row in book[text("template.code_book_sheet", language)].iter_rows(2, values_only=True)}
    wanted = set()
    for table in contract.main_tables:
        wanted.add((table.labels[language], "", "", table.descriptions[language]))
        for field in table.fields:
            wanted.add((table.labels[language], field.labels[language], field.name, field.hints[language]))
            codes = field.codes if field.code_list and field.codes else ()
            wanted |= {(table.labels[language], field.labels[language], c, field.code_list.label(c, language)) for c in codes}
    scales = [i.scale for i in contract.instruments.values() if i.scale] + [contract.code_lists["missing"]]
    answers = contract.tables["answer"]
    place = (answers.labels[language], answers.field("value").labels[language])
    wanted |= {(*place, code, scale.label(code, language)) for scale in scales for code in scale.codes}
    assert lines == wanted


def test_empty_template_is_sound_and_says_what_is_missing(template: Path, contract: Contract) -> None:
    missing = [contract.tables[name].labels for name in ("cohort", "participant")]
    assert [(i.severity, i.code, i.sheet) for i in validate(template).issues] == [("warning", "no_rows", labels) for labels in missing]


def test_register_filled_in_from_paper_is_read(template: Path, language: str, contract: Contract, tmp_path: Path) -> None:
    """Two people, three sessions, typed as from a paper list: what the person at the keyboard sees is what is read."""
    book = openpyxl.load_workbook(template)
    cohorts, people, record = (
        book[name] for name in (*(contract.tables[t].labels[language] for t in ("cohort", "participant")), title_of(contract.forms[0], language))
    )

    def put(sheet: Worksheet, row: int, **cells: object) -> None:
        fields = {f.name: sheet_column for s, sheet_column, f in columns(book, language) if s is sheet}
        for name, value in cells.items():
            sheet.cell(row, fields[name]).value = value

    def word(codes: str, code: str) -> str:
        return contract.code_lists[codes].label(code, language)

    put(cohorts, 2, cohort_id="C1", start_date=date(2021, 9, 6), end_date=date(2021, 11, 12), planned_weeks=10, emphasis=word("emphasis", "base"))
    for row, code in enumerate(("P7K2A", "P8M3B"), start=2):
        known = {
            "track": word("track", "group"),
            "start_date": date(2021, 9, 1),
            "exit_type": word("exit_type", "ongoing"),
            "data_use_ok": text("yes", language),
        }
        put(people, row, participant_id=code, cohort_id="C1", **known)
    head = heading_row(record)
    for column, code in enumerate(("P7K2A", "P8M3B"), start=8):
        record.cell(head, column).value = code
    letter = {code: contract.code_lists["attendance"].letters(code, language)[0] for code in contract.code_lists["attendance"].codes}
    ill = contract.code_lists["absence_reason"].letters("health", language)[0]
    typed = [(letter["present"].lower(), f"{letter['late']}15"), (f"{letter['excused']}{ill}", letter["absent_unnotified"]), (None, "x")]
    for n, (first, second) in enumerate(typed):
        session = {"session_type": word("session_type", "it"), "mode": word("mode", "group"), "place": word("place", "on_site")}
        put(record, head + 1 + n, date=date(2021, 9, 6 + n), week=1, hours=3, **session)
        record.cell(head + 1 + n, 8).value, record.cell(head + 1 + n, 9).value = first, second
    book.save(tmp_path / "filled.xlsx")
    tables, report = check_source(open_source(tmp_path / "filled.xlsx", contract), contract)
    assert [i.code for i in report.issues if i.severity == "error"] == []
    assert [(i.code, i.rows) for i in report.issues if i.code == "register_gap"] == [("register_gap", (head + 3,))]
    assert tables["attendance"].astype(object).where(lambda t: t.notna(), None).to_dict("split")["data"] == [
        ["C1-2021-09-06", "P7K2A", "present", None, None],
        ["C1-2021-09-06", "P8M3B", "late", 15, None],
        ["C1-2021-09-07", "P7K2A", "excused", None, "health"],
        ["C1-2021-09-07", "P8M3B", "absent_unnotified", None, None],
        ["C1-2021-09-08", "P8M3B", "present", None, None],
    ]
    assert list(tables["session"]["status"]) == ["held"] * 3


def test_background_is_a_workbook_of_its_own(language: str, contract: Contract, tmp_path: Path) -> None:
    write_template(tmp_path / "background.xlsx", contract, language=language, background=True)
    names = openpyxl.load_workbook(tmp_path / "background.xlsx").sheetnames
    assert names == [contract.tables["background"].labels[language], text("template.code_book_sheet", language), "_lists"]


def test_same_template_has_the_same_bytes(template: Path, language: str, contract: Contract, tmp_path: Path) -> None:
    write_template(tmp_path / "again.xlsx", contract, language=language)
    assert (tmp_path / "again.xlsx").read_bytes() == template.read_bytes()


def test_libreoffice_keeps_the_empty_template_sound(contract: Contract, tmp_path: Path, convert: Callable[[Path, str], Path]) -> None:
    write_template(tmp_path / "template.xlsx", contract, language="fi")
    assert [i.code for i in validate(convert(tmp_path / "template.xlsx", "ods")).issues] == ["no_rows", "no_rows"]


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_libreoffice_keeps_the_synthetic_workbook(suffix: str, contract: Contract, tmp_path: Path, convert: Callable[[Path, str], Path]) -> None:
    write_synthetic(tmp_path / "pilot.xlsx", contract, case="tiny", seed=None, language="fi")
    source = open_source(convert(tmp_path / "pilot.xlsx", suffix), contract)
    tables, report = check_source(source, contract)
    assert (report.issues, source.synthetic) == ((), True)
    expected = check_source(open_source("synthetic:tiny", contract), contract)[0]
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(tables[name], frame)


def test_dates_of_the_synthetic_workbook_are_dates(contract: Contract, tmp_path: Path) -> None:
    write_synthetic(tmp_path / "pilot.xlsx", contract, case="tiny", seed=None, language="sv")
    cell = openpyxl.load_workbook(tmp_path / "pilot.xlsx")[contract.tables["cohort"].labels["sv"]]["B2"]
    assert (cell.value.date(), cell.number_format) == (date(2022, 1, 31), "d.m.yyyy")


def test_command_replaces_an_older_file(tmp_path: Path, command: Callable[..., CompletedProcess[str]]) -> None:
    out = tmp_path / "template.xlsx"
    out.write_text("older")
    assert command("template", out, "--overwrite").returncode == 0
    assert (validate(out).ok, list(tmp_path.iterdir())) == (True, [out])


def test_command_asks_for_a_workbook(tmp_path: Path, command: Callable[..., CompletedProcess[str]]) -> None:
    done = command("template", tmp_path / "template.csv")
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
