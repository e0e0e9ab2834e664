"""A small sound file whose sheets are in the contract's forms, to be broken freely, and what is said of it."""

from collections.abc import Iterable

import pandas as pd

from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.columns import written_entry
from ikut_eval.data.forms import FormSheet, form_sheets
from ikut_eval.data.issues import Report
from ikut_eval.data.pilot import check_source
from ikut_eval.data.reading import CellText, Sheet, Source, as_read, cell_text
from ikut_eval.data.synthetic import synthetic_rows
from ikut_eval.data.writing import label_of

CONTRACT = load_contract()
REGISTER = CONTRACT.forms[0]
Typed = dict[str, list[dict[str, object]]]
Grid = list[list[CellText]]
SOUND = synthetic_rows(CONTRACT, case="tiny")


def shown(sheet: FormSheet, language: str) -> Grid:
    """Return a sheet as it looks in a workbook, without what stands above its headings."""
    value = sheet.form.cells.field(sheet.form.value)
    codes = sheet.form.codes
    heads = [codes.label(c, language) if codes and c in codes.codes and codes.name != "item" else c for c in sheet.listed]
    grid: Grid = [[*(f.labels[language] for f in sheet.fields), *heads]]
    for row, cells in sheet.rows:
        said = [
            None if c is None else written_entry(c, sheet.form, language) if sheet.form.letters else label_of(c[value.name], value, language) for c in cells
        ]
        grid.append([as_read(each) for each in (*(label_of(row[f.name], f, language) for f in sheet.fields), *said)])
    return grid


def as_source(sheets: Iterable[tuple[str, Grid]]) -> Source:
    numbered = [Sheet(name, n, [(place, row) for place, row in enumerate(grid, start=1) if any(row)]) for n, (name, grid) in enumerate(sheets, start=1)]
    return Source("pilot.xlsx", numbered, False, "0" * 64)


def spread(rows: Typed, language: str) -> Source:
    """Return rows of long tables as a file whose sheets are in the contract's forms."""
    sheets, left = form_sheets(rows, CONTRACT)
    assert {name: each for name, each in left.items() if each} == {}
    long = [t for t in CONTRACT.main_tables if t.name not in left]
    grids = [(each.title[language], shown(each, language)) for each in sheets]
    return as_source([*grids, *((t.name, [[f.name for f in t.fields], *([cell_text(r[f.name]) for f in t.fields] for r in rows[t.name])]) for t in long)])


def same_tables(left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame]) -> None:
    assert list(left) == list(right)
    for name, frame in left.items():
        columns = list(frame.columns)
        pd.testing.assert_frame_equal(*(each.sort_values(columns).reset_index(drop=True) for each in (frame, right[name])))


def sheets_of(language: str = "en") -> dict[str, Grid]:
    """Return the sheets of a small sound file in forms, without the code of each session, to be broken freely."""
    source = spread({table.name: SOUND[table.name] for table in CONTRACT.main_tables}, language)
    grids: dict[str, Grid] = {sheet.name: [list(row) for _, row in sheet.rows] for sheet in source.sheets}
    for name in (name for name in grids if name.endswith(" C1")):
        grids[name] = [row[1:] for row in grids[name]]
    return grids


RECORD = "Attendance record C1"
HEADS = sheets_of()[RECORD][0]
DATE, STATUS = HEADS.index("Date"), HEADS.index("Status")
PEOPLE = [n for n, head in enumerate(HEADS) if head and head.startswith("P") and any(letter.isdigit() for letter in head)]
LETTER = {n: chr(ord("A") + n) for n in range(26)}
Spot = tuple[str, str, str | None, tuple[int, ...]]


def report_of(grids: dict[str, Grid]) -> Report:
    report = check_source(as_source(grids.items()), CONTRACT)[1]
    for language in LANGUAGES:
        assert report.to_text(language)
    return report


def spots(grids: dict[str, Grid]) -> list[Spot]:
    return [(i.code, i.sheet["en"] if i.sheet else "", i.column["en"] if i.column else None, i.rows) for i in report_of(grids).issues]


def held(grids: dict[str, Grid], number: int = 0) -> int:
    """Return the place of a session of the group in which the first person was present."""
    grid = grids[RECORD]
    return [n for n, row in enumerate(grid) if n and row[STATUS] == "Held" and row[PEOPLE[0]] == "P" and row[PEOPLE[1]]][number]
