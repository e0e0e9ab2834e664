"""A pilot's data: opened, validated and held as typed tables."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from ikut_eval.contract.errors import DataError, UsageError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.schema import Contract, Table, load_contract
from ikut_eval.data.columns import DTYPES, REFUSALS, as_typed, check_columns, coerce, excel_day_numbers
from ikut_eval.data.issues import ERROR, WARNING, Issue, Report
from ikut_eval.data.reading import CellText, Sheet, Source, data_digest, read_source, synthetic_case
from ikut_eval.data.rules import check_rules
from ikut_eval.data.structure import find_tables
from ikut_eval.data.synthetic import synthetic_rows


def check_source(source: Source, contract: Contract) -> tuple[dict[str, pd.DataFrame], Report]:
    """Return the typed tables of a pilot's source and the report on them.

    Cross-table rules run only when every table is there; otherwise the errors of the structure say what is missing.
    """
    tables, issues = check_tables(source, contract, contract.main_tables)
    return tables, report_on(tables, issues, contract)


def report_on(tables: Mapping[str, pd.DataFrame], issues: list[Issue], contract: Contract) -> Report:
    """Return the report on typed tables: the issues inside each, and what the cross-table rules find if every table is there."""
    if all(t.name in tables for t in contract.main_tables):
        issues = issues + _without_unreadable(check_rules(tables, contract), issues)
    return Report(tuple(sorted(issues, key=lambda i: i.severity != ERROR)))


def check_tables(source: Source, contract: Contract, wanted: tuple[Table, ...]) -> tuple[dict[str, pd.DataFrame], list[Issue]]:
    """Return the `wanted` tables of a source, typed, and what is wrong inside each."""
    texts, issues = find_tables(source, wanted)
    tables = {}
    for table in wanted:
        if table.name in texts:
            frame, refused = _typed(texts[table.name], table, contract)
            tables[table.name] = frame
            issues += refused + _without_unreadable(check_columns(frame, table), refused)
        elif table.optional and not any(i.sheet == table.labels for i in issues):
            no_rows = pd.Index([], name="row", dtype="int64")
            tables[table.name] = pd.DataFrame({f.name: pd.Series([], dtype=DTYPES[f.type]) for f in table.fields}, index=no_rows)
    return tables, issues


def _typed(cells: pd.DataFrame, table: Table, contract: Contract) -> tuple[pd.DataFrame, list[Issue]]:
    columns, issues = {}, []
    for field in table.fields:
        columns[field.name], refused = coerce(cells[field.name], field)
        issues += [Issue(ERROR, code, table.labels, field.labels, tuple(rows)) for code, rows in refused.items()]
        numbers = excel_day_numbers(cells[field.name]) if field.type == "date" else []
        read = tuple(row for row in numbers if row not in refused.get("not_a_date", []))
        if read:
            issues.append(Issue(WARNING, "date_as_number", table.labels, field.labels, read))
    frame = pd.DataFrame(columns, index=cells.index)
    if table.name == "answer":
        frame["value"] = _answer_codes(frame, contract)
    return frame, issues


def _answer_codes(answer: pd.DataFrame, contract: Contract) -> pd.Series:
    """Return answers as codes where they came as the label of their item's scale."""
    words: dict[tuple[str, str], str] = {}
    for instrument in contract.instruments.values():
        scales = [contract.code_lists["missing"], *([instrument.scale] if instrument.scale else [])]
        labels = {as_typed(w): code for s in scales for code in s.codes for w in s.labels[code].values()}
        words |= {(item.id, word): code for item in instrument.items for word, code in labels.items()}
    pairs = zip(answer["item"], answer["value"].map(as_typed, na_action="ignore"), answer["value"], strict=True)
    return pd.Series([words.get((i, w), v) for i, w, v in pairs], index=answer.index, dtype="str")


def _without_unreadable(found: list[Issue], refused: list[Issue]) -> list[Issue]:
    """Return `found` without cells that could not be read: they only look empty to later checks."""
    unreadable = {(str(i.sheet), str(i.column), row) for i in refused if i.code in REFUSALS for row in i.rows}
    kept = []
    for issue in found:
        rows = tuple(r for r in issue.rows if (str(issue.sheet), str(issue.column), r) not in unreadable)
        if rows or not issue.rows:
            kept.append(replace(issue, rows=rows))
    return kept


def validate(data: str | Path, *, contract: Contract | None = None) -> Report:
    """Check a workbook, a folder of CSV files or ``"synthetic"``, and list every problem.

    Parameters
    ----------
    data : str or Path
        Path of the workbook or folder; ``"synthetic"`` or ``"synthetic:CASE"`` for the shipped pilot.

    Returns
    -------
    Report
        ``report.ok`` and ``report.issues``. Never raises for what is wrong with the data.
    """
    contract = contract or load_contract()
    try:
        return check_source(open_source(data, contract), contract)[1]
    except DataError as problem:
        reason = {language: problem.message(language) for language in LANGUAGES}
        return Report((Issue(ERROR, "unreadable", values={"reason": reason}),))


def open_source(data: str | Path, contract: Contract) -> Source:
    """Read a path, or make the synthetic pilot that is named."""
    case = synthetic_case(data)
    if case is None:
        return read_source(Path(data))
    rows, sheets = synthetic_rows(contract, case=case), []
    for position, table in enumerate(contract.main_tables, start=1):
        header: list[CellText] = [f.name for f in table.fields]
        body = [(n, [cell_text(value) for value in row.values()]) for n, row in enumerate(rows[table.name], start=2)]
        sheets.append(Sheet(table.name, position, [(1, header), *body]))
    return Source(str(data), sheets, True, data_digest(data))


def cell_text(value: object) -> CellText:
    """Return a typed value as a data file in the open standard writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, repr=False)
class PilotData:
    """Sound data of a pilot, or of one of its cohorts.

    People who do not let their data be used in evaluation are counted in `n_data_refused` and are in no table.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame – as in `data_schema/`; index = row number in the file
    contract : Contract – what the columns mean
    data_date : date or None – the latest day in the data
    synthetic : bool – invented people
    digest : str – SHA-256 of the source
    n_data_refused : mapping of cohort id to int
    sessions_of_refused : frozenset of str – held individual sessions of these people, which have no attendance row here
    """

    tables: Mapping[str, pd.DataFrame]
    contract: Contract
    data_date: date | None
    synthetic: bool
    digest: str
    n_data_refused: Mapping[str, int]
    sessions_of_refused: frozenset[str]

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table].copy()

    @cached_property
    def cohort_ids(self) -> tuple[str, ...]:
        """The cohorts, in the order of their first day."""
        return tuple(self.tables["cohort"].sort_values(["start_date", "cohort_id"])["cohort_id"])

    def cohort(self, cohort_id: str) -> "PilotData":
        """Return the same data for one cohort.

        Raises
        ------
        UsageError
            If there is no such cohort; names those that there are.
        """
        if cohort_id not in self.cohort_ids:
            raise UsageError("unknown_cohort", cohorts=", ".join(self.cohort_ids))
        people = self.tables["participant"].loc[lambda p: p["cohort_id"] == cohort_id, "participant_id"]
        tables = {}
        for name, frame in self.tables.items():
            if "cohort_id" in frame:
                tables[name] = frame[frame["cohort_id"] == cohort_id]
            elif "participant_id" in frame:
                tables[name] = frame[frame["participant_id"].isin(people)]
            else:
                tables[name] = frame
        refused = {cohort_id: self.n_data_refused.get(cohort_id, 0)}
        return replace(self, tables=tables, n_data_refused=refused)

    def __repr__(self) -> str:
        mark = ", synthetic" if self.synthetic else ""
        return f"PilotData({', '.join(self.cohort_ids)}; {len(self.tables['participant'])} participants{mark})"


def read_pilot(data: str | Path, *, contract: Contract | None = None) -> PilotData:
    """Read data that is sound.

    Parameters
    ----------
    data : str or Path
        Path of a workbook (.xlsx, .ods) or a folder of CSV files; ``"synthetic"`` for the shipped pilot.

    Raises
    ------
    DataError
        If the data cannot be read or has errors; `ikut_eval.validate` lists them.
    """
    contract = contract or load_contract()
    source = open_source(data, contract)
    tables, report = check_source(source, contract)
    if not report.ok:
        raise DataError("not_sound", n=report.count(ERROR))
    return pilot_of(tables, contract, synthetic=source.synthetic, digest=source.digest)


def pilot_of(tables: Mapping[str, pd.DataFrame], contract: Contract, *, synthetic: bool, digest: str) -> PilotData:
    """Return the pilot of sound typed tables, without the people who do not let their data be used."""
    person, session = tables["participant"], tables["session"]
    without = person[~person["data_use_ok"].fillna(False).astype(bool)]
    used = {name: frame[~frame["participant_id"].isin(without["participant_id"])] if "participant_id" in frame else frame for name, frame in tables.items()}
    theirs = tables["attendance"].loc[lambda a: a["participant_id"].isin(without["participant_id"]), "session_id"]
    return PilotData(
        tables=used,
        contract=contract,
        data_date=_latest_day(used),
        synthetic=synthetic,
        digest=digest,
        n_data_refused=without["cohort_id"].value_counts().to_dict(),
        sessions_of_refused=frozenset(session.loc[(session["mode"] == "individual") & session["session_id"].isin(theirs), "session_id"]),
    )


def _latest_day(tables: Mapping[str, pd.DataFrame]) -> date | None:
    held = tables["session"].loc[lambda s: s["status"] == "held", "date"]
    latest = pd.concat([held, tables["answer_set"]["date"], tables["outcome"]["obs_date"], tables["participant"]["exit_date"]]).max()
    return None if pd.isna(latest) else latest.date()
