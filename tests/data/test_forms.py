"""Registers and sheets with a row a person and wave: read as long tables, and written from them."""

import copy
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.schema import Contract
from ikut_eval.data.columns import read_entry
from ikut_eval.data.forms import form_sheets
from ikut_eval.data.pilot import check_source, check_tables, open_source, validate
from ikut_eval.data.reading import cell_text
from ikut_eval.data.synthetic import CASES, synthetic_rows
from ikut_eval.data.template import write_forms
from tests.data.sheets_in_forms import (
    CONTRACT,
    DATE,
    PEOPLE,
    RECORD,
    REGISTER,
    SOUND,
    STATUS,
    as_source,
    held,
    report_of,
    same_tables,
    sheets_of,
    spots,
    spread,
)
from tests.field.conftest import INPUTS


@pytest.mark.parametrize("case", CASES)
def test_each_synthetic_case_is_read_back_from_a_workbook_in_forms(case: str, tmp_path: Path) -> None:
    rows, language = synthetic_rows(CONTRACT, case=case), LANGUAGES[CASES.index(case) % len(LANGUAGES)]
    sheets, left = form_sheets(rows, CONTRACT)
    assert not any(left.values())
    write_forms(tmp_path / "pilot.xlsx", CONTRACT, {t.name: rows[t.name] for t in CONTRACT.main_tables if t.name not in left}, sheets, language=language)
    tables, report = check_source(open_source(tmp_path / "pilot.xlsx", CONTRACT), CONTRACT)
    expected, of_long = check_source(open_source(f"synthetic:{case}" if case != "ordinary" else "synthetic", CONTRACT), CONTRACT)
    same_tables(tables, expected)
    assert report.ok == of_long.ok
    assert (case == "messy") or [i.code for i in report.issues if i.code != "register_gap"] == [i.code for i in of_long.issues if i.code != "register_gap"]


MARKS = st.sampled_from([(s, m, r) for s, minutes in (("present", [None]), ("late", [None, 1, 15, 480])) for m in minutes for r in [None]])
ABSENT = st.tuples(
    st.sampled_from(["absent_notified", "absent_unnotified", "excused"]), st.none(), st.sampled_from([None, *CONTRACT.code_lists["absence_reason"].codes])
)


@settings(max_examples=8, deadline=None)
@given(data=st.data(), language=st.sampled_from(LANGUAGES))
def test_long_to_wide_to_long_gives_the_same_tables(data: st.DataObject, language: str) -> None:
    """Of every table, any of its rows, in any order, with any of the codes and numbers that its cells may hold."""
    rows = copy.deepcopy({table.name: SOUND[table.name] for table in CONTRACT.main_tables})
    for name in ("attendance", "answer", "need", "preferred_support", "fair_work", "cohort_plan", "support_after", "target"):
        rows[name] = data.draw(st.permutations([row for row in rows[name] if data.draw(st.integers(0, 3))][:60]), label=name)
    for row in rows["attendance"]:
        row["status"], row["minutes_late"], row["reason"] = data.draw(st.one_of(MARKS, ABSENT))
    for row in rows["need"]:
        row["level"], row["rated_by"] = data.draw(st.integers(0, 3)), data.draw(st.sampled_from(CONTRACT.code_lists["rated_by"].codes))
    for row in rows["session"]:
        row["hours"], row["week"] = data.draw(st.sampled_from([0.25, 1.0, 2.5, 8.0])), data.draw(st.one_of(st.none(), st.integers(1, 10)))
    values = {item.id: item.values for each in CONTRACT.instruments.values() for item in each.items}
    for row in rows["answer"]:
        row["value"] = data.draw(st.sampled_from(values[str(row["item"])]))
    for row in rows["fair_work"]:
        row["met"] = data.draw(st.sampled_from(CONTRACT.code_lists["yesno"].codes))
    long = as_source((t.name, [[f.name for f in t.fields], *([cell_text(r[f.name]) for f in t.fields] for r in rows[t.name])]) for t in CONTRACT.main_tables)
    same_tables(*(check_tables(each, CONTRACT, CONTRACT.main_tables)[0] for each in (spread(rows, language), long)))


@pytest.mark.parametrize(
    ("language", "typed", "says"),
    [
        ("en", "P", ("present", None, None)),
        ("en", " p ", ("present", None, None)),
        ("en", "x", ("present", None, None)),
        ("en", "L15", ("late", "15", None)),
        ("en", "l 15 min", ("late", "15", None)),
        ("en", "E illness", ("excused", None, "health")),
        ("en", "Eh", ("excused", None, "health")),
        ("en", "E, work", ("excused", None, "work_study")),
        ("en", "Excused absence (care)", ("excused", None, "care")),
        ("en", "absent_notified", ("absent_notified", None, None)),
        ("fi", "L", ("present", None, None)),
        ("fi", "M10", ("late", "10", None)),
        ("fi", "P", ("absent_unnotified", None, None)),
        ("fi", "H sairaus", ("excused", None, "health")),
        ("fi", "Läsnä", ("present", None, None)),
        ("sv", "N", ("present", None, None)),
        ("sv", "S10", ("late", "10", None)),
        ("sv", "G sjukdom", ("excused", None, "health")),
    ],
)
def test_entries_as_people_write_them(language: str, typed: str, says: tuple[str | None, ...]) -> None:
    entry = read_entry(typed, REGISTER, [language])
    assert (entry["status"], entry.get("minutes_late"), entry.get("reason")) == says


@pytest.mark.parametrize("typed", ["Q", "15", "-", "Pz", "here", "E zzz", "PP", "L15x9"])
def test_what_is_no_entry_is_left_whole(typed: str) -> None:
    assert read_entry(typed, REGISTER, ["en"]) == {"status": typed}


def test_letter_of_two_languages_stands_for_neither() -> None:
    assert read_entry("P", REGISTER, ["fi", "en"]) == {"status": "P"}
    assert read_entry("x", REGISTER, ["fi", "en"])["status"] == "present"


def test_session_without_a_code_gets_one_of_cohort_date_and_order() -> None:
    tables = check_source(as_source(sheets_of().items()), CONTRACT)[0]
    codes = tables["session"]["session_id"]
    day = tables["session"]["date"].iloc[0].date()
    assert codes.iloc[0] == f"C1-{day}"
    assert (tables["session"].groupby("date").cumcount() + 1).map(str).tolist() == [c[14:] or "1" for c in codes]
    assert codes.is_unique


def test_session_counts_as_held_once_somebody_is_marked_and_waits_until_then() -> None:
    grids = sheets_of()
    place = held(grids)
    grids[RECORD][place][STATUS] = None
    assert spots(grids) == []
    for column in PEOPLE:
        grids[RECORD][place][column] = None
    assert spots(grids) == [("not_filled_in_yet", RECORD, None, (place + 1,))]
    grids[RECORD][place][DATE] = (date.today() + timedelta(days=9)).isoformat()
    assert spots(grids) == []


def test_both_forms_of_a_table_are_told_and_the_same_entry_counts_once() -> None:
    grids = sheets_of()
    answers = CONTRACT.tables["answer"]
    grids["Answers"] = [[f.labels["en"] for f in answers.fields], *([cell_text(row[f.name]) for f in answers.fields] for row in SOUND["answer"][:3])]
    report = report_of(grids)
    (issue,) = report.issues
    assert (issue.code, issue.sheet) == ("two_forms", answers.labels)
    assert "Rights awareness" in issue.to_dict("en")["problem"]
    grids["Answers"][1][-1] = "1" if grids["Answers"][1][-1] != "1" else "2"
    assert [i.code for i in report_of(grids).issues if i.severity == "error"] == ["entry_twice"]


def test_row_of_which_only_person_and_wave_are_there_waits_to_be_filled_in() -> None:
    grids = sheets_of()
    for name in ("Rights awareness", "Needs", "Outcomes", "Preferred support"):
        grids[name].append(["PZZZZ9", "12 months", *[None] * (len(grids[name][0]) - 2)])
    assert spots(grids) == []


def test_headings_below_a_session_are_refused() -> None:
    grids = sheets_of()
    grids[RECORD].insert(1, grids[RECORD].pop(0))
    assert ("headings_not_first", RECORD, None, (1,)) in spots(grids)


def test_heading_twice_and_content_without_a_heading() -> None:
    grids = sheets_of()
    for n, row in enumerate(grids[RECORD]):
        row += ["Date" if n == 0 else None, None if n == 0 else "note"]
    assert {("column_twice", RECORD, "Date", (1,)), ("column_without_title", RECORD, None, ())} <= set(spots(grids))


@pytest.mark.parametrize(
    "titles",
    [["R01", "R02"], ["rights/R01", "rights/R02"], ["rights[R01]", "rights[R02]"], [CONTRACT.code_lists["item"].label(i, "fi") for i in ("R01", "R02")]],
)
def test_items_as_survey_programs_and_people_head_them(titles: Sequence[str]) -> None:
    grids = sheets_of()
    who = [str(row["participant_id"]) for row in SOUND["participant"]]
    grids["Rights awareness"] = [row[:6] for row in grids["Rights awareness"]]
    grids["Answers"] = [["Participant", "Wave", *titles, "_submission_time"], [who[0], "Start", "4", "5", "2021-09-02T10:00:00"]]
    tables, report = check_source(as_source(grids.items()), CONTRACT)
    assert [i.code for i in report.issues if i.severity == "error"] == []
    found = tables["answer"].loc[lambda a: a["item"].isin(["R01", "R02"]), ["item", "value"]]
    assert found.to_dict("records") == [{"item": "R01", "value": "4"}, {"item": "R02", "value": "5"}]


def test_field_input_with_a_column_an_item_is_read() -> None:
    report = validate(INPUTS / "09_one_row_a_person.xlsx")
    assert report.ok
    assert [(i.code, i.rows, i.values["letters"]) for i in report.issues if i.sheet == CONTRACT.tables["answer"].labels] == [
        ("program_column", (1,), "C, G, H")
    ]
    tables, _ = check_source(open_source(INPUTS / "09_one_row_a_person.xlsx", CONTRACT), CONTRACT)
    assert tables["answer"].groupby("item").size().to_dict() == {"R01": 20, "R02": 20, "R03": 20}


def test_field_input_of_people_and_sessions_is_read_and_its_mistakes_are_at_their_columns() -> None:
    """The list marks everybody present in two sessions that were cancelled: that is told, and everything else is read."""
    tables, report = check_source(open_source(INPUTS / "10_attendance_matrix.xlsx", CONTRACT), CONTRACT)
    assert [(i.code, i.column["en"] if i.column else None) for i in report.issues if i.severity == "error"] == [
        ("cancelled_with_attendance", "W"),
        ("cancelled_with_attendance", "AM"),
    ]
    assert (len(tables["attendance"]), set(tables["attendance"]["status"])) == (160, {"present"})


def test_sheet_of_sessions_may_have_its_people_beside_it() -> None:
    grids = sheets_of()
    grids["Sessions"] = [["Cohort" if n == 0 else "C1", "Session" if n == 0 else f"C1-{n}", *row] for n, row in enumerate(grids.pop(RECORD))]
    tables, report = check_source(as_source(grids.items()), CONTRACT)
    assert report.issues == ()
    assert len(tables["attendance"]) == len(SOUND["attendance"])


def test_contract_reads_its_forms(contract: Contract) -> None:
    assert {form.cells.name for form in contract.forms} == {"attendance", "answer", "need", "preferred_support", "fair_work"}
