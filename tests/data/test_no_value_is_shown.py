"""A marker is planted wherever a file can hold a value; no message, page, repr or exception may hold it."""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import openpyxl
import pytest

from ikut_eval.contract.errors import DataError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.schema import Contract, Table, load_contract
from ikut_eval.data.issues import Report, check_page
from ikut_eval.data.pilot import check_source, open_source, read_pilot, validate

Rows = dict[str, list[dict[str, str | None]]]
Write = Callable[[Path, Rows], Path]
MARKER = "MARKER_7F3A"
PLANTED = {
    "word": MARKER,
    "bad-number": f"2,5 {MARKER}",
    "bad-date": f"31.11.2022 {MARKER}",
    "identity-code": f"{MARKER} 131052-308T",
    "email": f"{MARKER}@example.fi",
    "phone": f"{MARKER} 040 123 4567",
    "almost-a-label": f"Läsnä {MARKER}",
    "markup": f"<b>{MARKER}</b>",
    "braces": f"{{{MARKER}}}",
    "formula": f'=HYPERLINK("{MARKER}")',
}


AS_NAMES = [pytest.param(PLANTED[kind], id=kind) for kind in ("word", "identity-code", "markup", "braces")]


def forms_of(report: Report) -> Iterator[str]:
    """Yield everything that a report can be shown as."""
    yield from (repr(report), str(report), report._repr_html_(), *map(repr, report.issues))
    for language in LANGUAGES:
        yield from (report.to_text(language), report.to_json(language), report.to_html(language), check_page(report, language), report.summary(language))
        yield report.to_frame(language).to_csv()


def refusal(data: Path) -> Iterator[str]:
    """Yield what an evaluator sees when the data is refused: message, repr and the whole traceback."""
    with pytest.raises(DataError) as caught:
        read_pilot(data)
    yield from (str(caught.value), repr(caught.value), repr(caught.value.values), *traceback.format_exception(caught.value))
    yield from (caught.value.message(language) for language in LANGUAGES)


def holds_nothing(texts: Iterator[str]) -> None:
    for text in texts:
        assert text
        assert MARKER.casefold() not in text.casefold()


@pytest.mark.parametrize("table", [pytest.param(t, id=t.name) for t in load_contract().main_tables])
def test_marker_in_every_column_of_a_table(table: Table, rows: Rows, tmp_path: Path, write_csv: Write) -> None:
    for field, content in zip(table.fields, [*PLANTED.values()] * 2, strict=False):
        rows[table.name].append({**rows[table.name][0], field.name: content})
    report = validate(write_csv(tmp_path / "pilot", rows))
    assert not report.ok
    holds_nothing(forms_of(report))


def test_marker_is_not_in_the_traceback_of_a_refusal(rows: Rows, tmp_path: Path, write_csv: Write, contract: Contract) -> None:
    for table in contract.main_tables:
        for field, content in zip(table.fields, [*PLANTED.values()] * 2, strict=False):
            rows[table.name].append({**rows[table.name][0], field.name: content})
    holds_nothing(refusal(write_csv(tmp_path / "pilot", rows)))


@pytest.mark.parametrize("content", AS_NAMES)
def test_marker_as_participant_id(content: str, rows: Rows, tmp_path: Path, write_csv: Write) -> None:
    known = rows["participant"][0]["participant_id"]
    for table in rows.values():
        for row in table:
            row.update({k: content for k, v in row.items() if v == known})
    folder = write_csv(tmp_path / "pilot", rows)
    report = validate(folder)
    assert not report.ok
    holds_nothing(forms_of(report))
    holds_nothing(refusal(folder))


@pytest.mark.parametrize("content", AS_NAMES)
def test_marker_as_heading(content: str, rows: Rows, tmp_path: Path, write_csv: Write) -> None:
    rows["session"] = [{**row, content: content} for row in rows["session"]]
    rows["outcome"] = [{content if k == "status" else k: v for k, v in row.items()} for row in rows["outcome"]]
    folder = write_csv(tmp_path / "pilot", rows)
    report = validate(folder)
    assert not report.ok
    holds_nothing(forms_of(report))
    holds_nothing(refusal(folder))


def test_identifier_in_a_comment_or_a_property_stops_the_reading(tmp_path: Path) -> None:
    for place in ("comment", "property"):
        book = openpyxl.Workbook()
        if place == "comment":
            book.active["A1"].comment = openpyxl.comments.Comment("call 010190-123A", "somebody")
        else:
            book.properties.creator = "Matti 010190-123A"
        book.save(tmp_path / f"{place}.xlsx")
        report = validate(tmp_path / f"{place}.xlsx")
        assert "identifier_in_annotation" in {i.code for i in report.issues}
        assert "010190" not in report.to_json("en")


def test_name_of_a_missing_file_is_not_shown_if_it_is_an_identifier(tmp_path: Path) -> None:
    assert "010190" not in validate(tmp_path / "Lost 010190-123A.xlsx").to_text("fi")


def test_marker_as_sheet_name_and_on_a_sheet_of_no_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in (MARKER, f"{MARKER} 131052-308T", f"{MARKER} 040 123 4567"):
        book.create_sheet(name).append([MARKER, f"{MARKER} 131052-308T"])
    book.save(tmp_path / "pilot.xlsx")
    report = validate(tmp_path / "pilot.xlsx")
    assert {"unknown_sheet", "identifier_in_sheet_name", "identifier_elsewhere"} <= {i.code for i in report.issues}
    holds_nothing(forms_of(report))
    holds_nothing(refusal(tmp_path / "pilot.xlsx"))


def test_marker_in_sound_data_is_not_in_reprs(rows: Rows, tmp_path: Path, write_csv: Write, contract: Contract) -> None:
    rows["cohort"][0]["eligibility_note"] = rows["cohort_plan"][0]["note"] = rows["target"][0]["source"] = MARKER
    folder = write_csv(tmp_path / "pilot", rows)
    source = open_source(folder, contract)
    pilot = read_pilot(folder)
    holds_nothing(iter([repr(source), str(source), *map(repr, source.sheets), repr(pilot), str(pilot), repr(pilot.cohort("C1"))]))


def test_participants_are_not_in_the_repr_of_a_pilot(rows: Rows, tmp_path: Path, write_csv: Write) -> None:
    pilot = read_pilot(write_csv(tmp_path / "pilot", rows))
    assert not any(str(row["participant_id"]) in repr(pilot) for row in rows["participant"])


@pytest.mark.parametrize("file_name", ["131052-308T.xlsx", "040 123 4567.xlsx", "anna@example.fi.xlsx"])
def test_identifier_as_file_name_is_refused_and_not_shown(file_name: str, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / file_name)
    report = validate(tmp_path / file_name)
    assert "identifier_in_file_name" in {i.code for i in report.issues}
    assert not any(Path(file_name).stem in text for text in forms_of(report))


@pytest.mark.parametrize("content", ["131052-308T", "040 123 4567", "anna@example.fi", "FI2112345600000785", "5500/R/1234/21"])
def test_identifier_in_a_cell_is_reported_by_kind_row_and_column(content: str, rows: Rows, check: Callable[[Rows], Report]) -> None:
    rows["cohort_plan"][2]["note"] = content
    report = check(rows)
    assert [(i.severity, i.code, i.rows, i.values["letter"]) for i in report.issues] == [("error", "identifier", (4,), "D")]
    assert content not in "".join(forms_of(report))


def test_identifier_in_a_heading_stops_the_read(rows: Rows, check: Callable[[Rows], Report]) -> None:
    rows["target"] = [{**row, "131052-308T": None} for row in rows["target"]]
    assert ("identifier", (1,)) in [(i.code, i.rows) for i in check(rows).issues]


def test_identifier_on_a_sheet_of_no_table_stops_the_read(rows: Rows, source_of: Callable[[Rows], object], contract: Contract) -> None:
    rows["My notes"] = [{"a": "x", "b": "call 040 123 4567"}]
    report = check_source(source_of(rows), contract)[1]
    assert [(i.severity, i.code, i.rows) for i in report.issues if i.code.startswith("identifier")] == [("error", "identifier_elsewhere", (2,))]
    assert "Column B of sheet number 14" in report.to_text("en")


@pytest.mark.parametrize(("language", "form"), [("fi", "text"), ("sv", "json"), ("en", "html")])
def test_command_line_shows_no_value(
    language: str, form: str, rows: Rows, tmp_path: Path, write_csv: Write, command: Callable[..., CompletedProcess[str]]
) -> None:
    for n, (name, content) in enumerate((name, content) for name in rows for content in PLANTED.values()):
        row = dict(rows[name][0])
        row[list(row)[n % len(row)]] = content
        rows[name].append(row)
    rows["target"] = [{**row, MARKER: MARKER} for row in rows["target"]]
    done = command("check", write_csv(tmp_path / "pilot", rows), "--format", form, language=language)
    assert done.returncode == 11
    assert "Traceback" not in done.stderr
    holds_nothing(iter([done.stdout + done.stderr]))
