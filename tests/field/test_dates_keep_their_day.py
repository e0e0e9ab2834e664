"""A date is the day that its author saw: with a time, as a number, in the file's own epoch."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ikut_eval.data.columns import coerce
from ikut_eval.data.pilot import check_source, open_source, read_pilot, validate
from tests.field.conftest import CONTRACT, INPUTS, cell, column_of, errors, found, ods, row

Changed = Callable[[Callable[[openpyxl.Workbook], object]], Path]
DATE = CONTRACT.tables["session"].field("date")
DAY = date(2021, 9, 2)


@pytest.mark.parametrize(
    ("file", "code"),
    [("03_dates_44_s_early.xlsx", "date_rounded"), ("04_1904_plain_numbers.xlsx", "date_as_number"), ("07_finnish_date_with_time.xlsx", "time_in_date")],
)
def test_days_are_those_of_the_pilot(file: str, code: str) -> None:
    assert code in {i.code for i in validate(INPUTS / file).issues}
    pilot, sound = read_pilot(INPUTS / file), read_pilot(INPUTS / "06_zero_width_space.xlsx")
    for table, column in (("cohort", "start_date"), ("session", "date"), ("answer_set", "date"), ("outcome", "obs_date")):
        assert pilot[table][column].tolist() == sound[table][column].tolist()


@pytest.mark.parametrize(
    ("typed", "day", "notices"),
    [
        ("2021-09-02", DAY, ()),
        ("2021-09-02T00:00:00", DAY, ()),
        ("2021-09-02 14:05", DAY, ("time_in_date",)),
        ("2021-09-02T14:05:09.25", DAY, ("time_in_date",)),
        ("2.9.2021 14:05", DAY, ("time_in_date",)),
        ("2.9.2021 klo 14.05", DAY, ("time_in_date",)),
        ("2.9.2021 kl. 14:05:30", DAY, ("time_in_date",)),
        ("2. 9. 2021", DAY, ()),
        ("2.9.2021 0:02", DAY, ("date_rounded",)),
        ("2.9.2021 0:02:01", DAY, ("time_in_date",)),
        ("1.9.2021 23:58:00", DAY, ("date_rounded",)),
        ("1.9.2021 23:57:59", date(2021, 9, 1), ("time_in_date",)),
        ("31.12.2021 23:59:16", date(2022, 1, 1), ("date_rounded",)),
        ("44441", DAY, ("date_as_number",)),
        ("44440.99949074074", DAY, ("date_as_number", "date_rounded")),
        ("44441,5", DAY, ("date_as_number", "time_in_date")),
    ],
)
def test_each_way_to_write_a_day(typed: str, day: date, notices: tuple[str, ...]) -> None:
    values, noted = coerce(pd.Series([typed]), DATE)
    assert (values[0].date(), tuple(noted)) == (day, notices)


@pytest.mark.parametrize(
    "typed", ["2021-09-02 25:00", "2.9.2021 14:60", "2.9.2021 soon", "2021-09-01T22:00:00Z", "31.2.2021", "2.9.21", "9/2/2021", "42979000", "99999"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    assert coerce(pd.Series([typed]), DATE)[1] == {"not_a_date": [0]}


@pytest.mark.parametrize("epoch", ["1900", "1904"])
@pytest.mark.parametrize("as_date", [True, False], ids=["as-dates", "as-numbers"])
def test_both_epochs_of_excel(epoch: str, as_date: bool, changed: Changed) -> None:
    days: list[date] = []

    def change(book: openpyxl.Workbook) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

        book.epoch = CALENDAR_MAC_1904 if epoch == "1904" else CALENDAR_WINDOWS_1900
        sheet = book["Sessions"]
        place = column_of(sheet, "Date")
        for number in range(2, sheet.max_row + 1):
            value = sheet.cell(number, place).value
            days.append(value.date())
            if not as_date:
                sheet.cell(number, place).value = int(to_excel(value, book.epoch))
                sheet.cell(number, place).number_format = "0"

    tables, report = check_source(open_source(changed(change), CONTRACT), CONTRACT)
    assert [d.date() for d in tables["session"]["date"]] == days
    assert {i.code for i in report.issues} - {"synthetic_changed"} == (set() if as_date else {"date_as_number"})


@pytest.mark.parametrize(("null_date", "number"), [("", 44441), ("1904-01-01", 42979), ("1899-12-31", 44440)])
def test_epochs_of_ods(null_date: str, number: int, tmp_path: Path) -> None:
    fields = [f.name for f in CONTRACT.tables["session"].fields]
    values = {"session_id": "S1", "cohort_id": "C1", "date": str(number)}
    rows = [row(*map(cell, fields)), row(*(cell(values.get(name, "")) for name in fields))]
    tables, _ = check_source(open_source(ods(tmp_path / "pilot.ods", {"session": rows}, null_date=null_date), CONTRACT), CONTRACT)
    assert tables["session"]["date"].tolist() == [pd.Timestamp(DAY)]


def test_time_of_day_is_told_once_for_all_rows(changed: Changed) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Sessions"]
        place = column_of(sheet, "Date")
        for number in (2, 3):
            sheet.cell(number, place).value = datetime.combine(sheet.cell(number, place).value, datetime.min.time()).replace(hour=14)

    path = changed(change)
    assert errors(path) == []
    assert found(validate(path)) == [("time_in_date", "Sessions", "Date", (2, 3))]
