"""Every mistake on a sheet in a form is named at the cell where it was typed, all at once, and never by its content."""

from collections.abc import Callable

import pytest

from ikut_eval.contract.locale import LANGUAGES
from tests.data.sheets_in_forms import CONTRACT, DATE, HEADS, LETTER, PEOPLE, RECORD, STATUS, Grid, Spot, held, report_of, sheets_of, spots


def test_small_file_in_forms_is_sound() -> None:
    assert spots(sheets_of()) == []


def _typed(content: str) -> Callable[[dict[str, Grid]], list[Spot]]:
    codes = {
        "Q": "not_a_letter",
        "P10": "minutes_with_letter",
        "E": "letter_without_reason",
        "Ph": "reason_with_letter",
        "L999": "too_large",
        "#N/A": "error_in_cell",
        "=": "formula_without_result",
    }

    def change(grids: dict[str, Grid]) -> list[Spot]:
        place = held(grids)
        grids[RECORD][place][PEOPLE[0]] = content
        return [(codes[content], RECORD, LETTER[PEOPLE[0]], (place + 1,))]

    return change


def _person_twice(grids: dict[str, Grid]) -> list[Spot]:
    for n, row in enumerate(grids[RECORD]):
        row.append(HEADS[PEOPLE[0]] if n == 0 else None)
    return [("listed_twice", RECORD, LETTER[len(HEADS)], (1,))]


def _unknown_person(grids: dict[str, Grid]) -> list[Spot]:
    for n, row in enumerate(grids[RECORD]):
        row.append("P9ZZZ9" if n == 0 else "P" if n == held(grids) else None)
    return [("dangling_key", RECORD, LETTER[len(HEADS)], (1,))]


def _lower_case(grids: dict[str, Grid]) -> list[Spot]:
    grids[RECORD][0][PEOPLE[0]] = str(HEADS[PEOPLE[0]]).lower()
    return [("key_in_other_letters", RECORD, LETTER[PEOPLE[0]], (1,))]


def _outside(grids: dict[str, Grid]) -> list[Spot]:
    place = next(n for n, row in enumerate(grids[RECORD]) if row[HEADS.index("Group or individual")] == "Individual" and row[PEOPLE[0]])
    grids[RECORD][place][DATE] = "2021-01-04"
    return [("attendance_outside_dates", RECORD, LETTER[PEOPLE[0]], (place + 1,)), ("session_outside_cohort", RECORD, "Date", (place + 1,))]


def _one_id_twice(grids: dict[str, Grid]) -> list[Spot]:
    first, second = held(grids), held(grids, 1)
    for n, row in enumerate(grids[RECORD]):
        row.insert(0, "Session" if n == 0 else f"C1-{first if n == second else n}")
    return [("duplicate_key", RECORD, "Session", (second + 1,))]


def _own_heading(grids: dict[str, Grid]) -> list[Spot]:
    for n, row in enumerate(grids[RECORD]):
        row.append("Our notes" if n == 0 else None)
    return [("unknown_heading", RECORD, None, (1,))]


def _cancelled(grids: dict[str, Grid]) -> list[Spot]:
    place = held(grids)
    grids[RECORD][place][STATUS] = "Cancelled"
    return [("cancelled_with_attendance", RECORD, LETTER[n], (place + 1,)) for n in PEOPLE if grids[RECORD][place][n]]


def _no_date(grids: dict[str, Grid]) -> list[Spot]:
    place = held(grids)
    grids[RECORD][place][DATE] = None
    return [("required", RECORD, "Date", (place + 1,))]


def _total(grids: dict[str, Grid]) -> list[Spot]:
    grids[RECORD].append(["Total", *[None] * (len(HEADS) - 3), "12", "14"])
    return [("total_row", RECORD, None, (len(grids[RECORD]),))]


def _wave_twice(grids: dict[str, Grid]) -> list[Spot]:
    grids["Rights awareness"].append(list(grids["Rights awareness"][1]))
    return [("duplicate_key", "Rights awareness", None, (len(grids["Rights awareness"]),))]


def _no_such_item(grids: dict[str, Grid]) -> list[Spot]:
    grids["Rights awareness"][0][-1] = "K01"
    return [("unknown_heading", "Rights awareness", None, (1,))]


def _not_on_scale(grids: dict[str, Grid]) -> list[Spot]:
    grids["Rights awareness"][1][-1] = "6"
    return [("not_on_scale", "Rights awareness", f"{LETTER[len(grids['Rights awareness'][0]) - 1]} · R12", (2,))]


def _need_too_high(grids: dict[str, Grid]) -> list[Spot]:
    grids["Needs"][1][next(n for n, cell in enumerate(grids["Needs"][1]) if n > 2 and cell)] = "7"
    place = next(n for n, cell in enumerate(grids["Needs"][1]) if n > 2 and cell)
    return [("too_large", "Needs", f"{LETTER[place]} · {grids['Needs'][0][place]}", (2,))]


def _no_column(grids: dict[str, Grid]) -> list[Spot]:
    grids[RECORD] = [[cell for n, cell in enumerate(row) if n != HEADS.index("Hours")] for row in grids[RECORD]]
    return [("missing_column", RECORD, "Hours", ())]


def _survey_column(grids: dict[str, Grid]) -> list[Spot]:
    for n, row in enumerate(grids["WHO-5"]):
        row.append("_uuid" if n == 0 else "0c8a1b2e")
    return [("program_column", "WHO-5", None, (1,))]


MISTAKES = {
    **{f"typed {each}": _typed(each) for each in ("Q", "P10", "E", "Ph", "L999", "#N/A", "=")},
    **{
        each.__name__.strip("_"): each
        for each in (
            _person_twice,
            _unknown_person,
            _lower_case,
            _outside,
            _one_id_twice,
            _own_heading,
            _cancelled,
            _no_date,
            _total,
            _wave_twice,
            _no_such_item,
            _not_on_scale,
            _need_too_high,
            _no_column,
            _survey_column,
        )
    },
}


@pytest.mark.parametrize("change", MISTAKES.values(), ids=MISTAKES)
def test_one_mistake_is_named_at_its_cell(change: Callable[[dict[str, Grid]], list[Spot]]) -> None:
    grids = sheets_of()
    expected = change(grids)
    also = {"register_gap", "missing_table", "without_answers"}
    assert sorted(each for each in map(str, (s for s in spots(grids) if s[0] not in also))) == sorted(map(str, expected))


def test_all_mistakes_are_named_at_once_and_none_of_them_by_its_content() -> None:
    grids = sheets_of()
    first, second, third = (held(grids, n) for n in range(3))
    grids[RECORD][first][PEOPLE[0]] = "Qvist"
    grids[RECORD][second][PEOPLE[0]] = "P10"
    grids[RECORD][third][DATE] = "31.11.2022"
    grids["Rights awareness"][1][-1] = "Qvist"
    report = report_of(grids)
    assert {"not_a_letter", "minutes_with_letter", "not_a_date", "not_on_scale"} <= {i.code for i in report.issues}
    assert not any(word in report.to_text(language) for word in ("Qvist", "P10", "31.11.2022") for language in LANGUAGES)


def test_letters_offered_are_those_of_the_sheet() -> None:
    grids = sheets_of("fi")
    grid = grids["Läsnäololista C1"]
    place, column = next((n, c) for n, row in enumerate(grid) for c, cell in enumerate(row) if n and cell == "L")
    grid[place][column] = "Q"
    (issue,) = [i for i in report_of(grids).issues if i.code == "not_a_letter"]
    assert issue.values["letters"] == "L, M, E, P, H"


def test_sheet_of_a_cohort_that_is_not_there_is_named_once_as_a_whole() -> None:
    grids = sheets_of()
    grids["Attendance record C9"] = grids.pop(RECORD)
    assert ("dangling_key", "Attendance record C9", None, ()) in spots(grids)


def test_second_sheet_of_a_cohort_is_told_and_not_mixed_with_the_first() -> None:
    grids = sheets_of()
    grids["Läsnäololista C1"] = [list(row) for row in grids[RECORD]]
    assert spots(grids) == [("sheet_twice", RECORD, None, ())]


@pytest.mark.parametrize("content", [[], [["Our list"]]], ids=["empty", "title-alone"])
def test_register_without_headings_says_so(content: Grid) -> None:
    grids = sheets_of()
    grids[RECORD] = content
    assert spots(grids) == [("no_header", RECORD, None, ())]


def test_missing_sheets_are_named_as_the_template_names_them() -> None:
    grids = sheets_of()
    del grids[RECORD]
    for each in CONTRACT.instruments.values():
        del grids[each.sheet["en"]]
    names = [sheet for code, sheet, _, _ in spots(grids) if code == "missing_table"]
    assert names == ["Attendance record", ", ".join(each.sheet["en"] for each in CONTRACT.instruments.values())]


def test_heading_that_is_nearly_one_of_the_template_is_named() -> None:
    grids = sheets_of()
    grids[RECORD][0][DATE] = "Dates"
    assert ("column_nearly_known", RECORD, "Date", (1,)) in spots(grids)


def test_codes_of_people_in_small_letters_down_a_column() -> None:
    grids = sheets_of()
    grids["Needs"][1][0] = str(grids["Needs"][1][0]).lower()
    assert spots(grids) == [("key_in_other_letters", "Needs", "Participant", (2,))]
