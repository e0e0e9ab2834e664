"""How many cells a person fills in for five people and ten weeks: in a row an entry, and in the template's register and rows a person and wave.

The data are those of the second cohort of the synthetic pilot, which has five people. What the template writes, and a status that a
letter implies, is filled in by nobody. Of the other cells, three kinds: typed, as there is no drop-down or it does not offer all of what is in the
cell (``L15``); entries, which are the letter, answer or level itself and have a drop-down; and words chosen from a drop-down.

Run: python bench/cells_to_type.py
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from ikut_eval.contract.schema import Contract, Field, load_contract
from ikut_eval.data.forms import FormSheet, form_sheets
from ikut_eval.data.synthetic import SyntheticRows, synthetic_rows
from ikut_eval.data.template import new_training

_CODES = ("participant_id", "cohort_id", "session_id")
_MADE = ("participant_id", "session_id", "version")
COHORT, DAYS = "C2", ("mon", "mon", "wed", "wed", "thu", "thu")
Row = Mapping[str, object]
KINDS = ("typed", "entry", "chosen")
Filled = tuple[str, str]
"""A cell that somebody fills in: its sheet and its kind."""


def of_cohort(contract: Contract) -> SyntheticRows:
    """Return the rows of one cohort."""
    rows = synthetic_rows(contract)
    people = {row["participant_id"] for row in rows["participant"] if row["cohort_id"] == COHORT}
    sessions = {row["session_id"] for row in rows["session"] if row["cohort_id"] == COHORT}

    def belongs(row: Row) -> bool:
        return row.get("cohort_id", COHORT) == COHORT and row.get("participant_id") in {None, *people} and row.get("session_id") in {None, *sessions}

    return {table.name: [row for row in rows[table.name] if belongs(row)] for table in contract.main_tables}


def chosen(field: Field) -> bool:
    """Return whether a column has a drop-down."""
    return field.type == "boolean" or bool(field.codes) or field.name in _CODES


def long_form(rows: SyntheticRows, contract: Contract) -> list[Filled]:
    """Return the cells of long sheets. The codes of people and sessions are typed: those sheets had no drop-down for them."""
    entries = {form.cells.name: (form.value,) for form in contract.forms}
    return [
        (table.labels["en"], "typed" if f.name in _CODES or not chosen(f) else "entry" if f.name in entries.get(table.name, ()) else "chosen")
        for table in contract.main_tables
        for row in rows[table.name]
        for f in table.fields
        if row[f.name] is not None
    ]


def in_forms(rows: SyntheticRows, contract: Contract) -> list[Filled]:
    """Return the cells of the template's sheets that are not there beforehand."""
    people = len(rows["participant"])
    known = new_training(contract, cohort=COHORT, people=people, start=date(2022, 1, 31), weeks=10, days=DAYS)
    sheets, rest = form_sheets(rows, contract)
    filled = [cell for sheet in sheets for cell in of_sheet(sheet, known["session"])]
    for table in contract.main_tables:
        if table.name not in rest:
            beforehand = known.get(table.name, [])
            for n, row in enumerate(rows[table.name]):
                there = beforehand[n] if n < len(beforehand) else {}
                filled += [
                    (table.labels["en"], "chosen" if chosen(f) else "typed") for f in table.fields if row[f.name] is not None and not is_there(f, row, there)
                ]
    return filled


def is_there(field: Field, row: Row, there: Row) -> bool:
    """Return whether the template has the cell: as it is to be, or as a code of its own making."""
    return there.get(field.name) is not None and (field.name == "participant_id" or there[field.name] == row[field.name])


def of_sheet(sheet: FormSheet, planned: Sequence[Row]) -> list[Filled]:
    title, waiting = sheet.title["en"], list(planned)
    filled: list[Filled] = []
    for row, cells in sheet.rows:
        there: Row = {"participant_id": "made", "wave": row.get("wave"), "version": row.get("version")}
        if sheet.form.sheet_for:
            fits = [each for each in waiting if each["mode"] == row["mode"] and each["week"] == row["week"] and each["date"] in (None, row["date"])]
            there = fits[0] if fits else {}
            waiting = [each for each in waiting if each is not there]
            there = {**there, "session_id": "made", **({"status": row["status"]} if any(cells) else {})}
        filled += [
            (title, "chosen" if chosen(f) else "typed")
            for f in sheet.fields
            if row[f.name] is not None and there.get(f.name) != row[f.name] and f.name not in _MADE
        ]
        value = sheet.form.cells.field(sheet.form.value)
        filled += [(title, "typed" if needs_typing(cell, sheet, value) else "entry") for cell in cells if cell is not None]
    return filled


def needs_typing(cell: Row, sheet: FormSheet, value: Field) -> bool:
    """Return whether a cell holds more than its drop-down offers, or has none."""
    if sheet.form.letters:
        offered_with_reason = sheet.form.letters.attributes[str(cell["status"])].get("takes") == "reason"
        return cell["minutes_late"] is not None or (cell["reason"] is not None and not offered_with_reason)
    return not (chosen(value) or sheet.form.cells.name == "answer")


def main() -> None:
    contract = load_contract()
    rows = of_cohort(contract)
    for name, cells in (("a row an entry", long_form(rows, contract)), ("register, a row a person and wave", in_forms(rows, contract))):
        print(f"\n{name}: {len(cells)} cells filled in;", ", ".join(f"{kind} {Counter(k for _, k in cells)[kind]}" for kind in KINDS))
        counts = Counter(cells)
        for sheet in dict.fromkeys(sheet for sheet, _ in cells):
            print(f"  {sheet:28}", *(f"{counts[sheet, kind]:6}" for kind in KINDS))


if __name__ == "__main__":
    main()
