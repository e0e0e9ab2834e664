"""A pilot's data: opened, validated and held as typed tables."""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ikut_eval.contract.atomic import given_path
from ikut_eval.contract.errors import DataError, UsageError, with_nearest
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.schema import Contract, Table, load_contract
from ikut_eval.data.columns import DTYPES, REFUSALS, as_typed, check_columns, coerce
from ikut_eval.data.forms import said_once
from ikut_eval.data.issues import ERROR, WARNING, FormLayout, Issue, Report, at_their_cells
from ikut_eval.data.reading import CellText, Sheet, Source, cell_text, data_digest, read_source, synthetic_case
from ikut_eval.data.rules import check_rules, enrolments, missing_register_rows, wave_windows_of
from ikut_eval.data.structure import find_tables
from ikut_eval.data.synthetic import synthetic_rows

if TYPE_CHECKING:
    from pandas._libs.tslibs.nattype import NaTType


def check_source(source: Source, contract: Contract) -> tuple[dict[str, pd.DataFrame], Report]:
    """Return the typed tables of a pilot's source and the report on them.

    Cross-table rules run only when every table is there; otherwise the errors of the structure say what is missing.
    """
    tables, issues, layouts = check_tables(source, contract, contract.main_tables)
    return tables, report_on(tables, issues, contract, layouts)


def report_on(tables: Mapping[str, pd.DataFrame], issues: list[Issue], contract: Contract, layouts: Mapping[int, FormLayout]) -> Report:
    """Return the report on typed tables: the issues inside each, and what the cross-table rules find if every table is there."""
    if all(t.name in tables for t in contract.main_tables):
        issues = issues + _without_unreadable(check_rules(tables, contract), issues)
    issues = at_their_cells(issues, layouts, contract)
    return Report(tuple(sorted(issues, key=lambda i: i.severity != ERROR)))


def check_tables(source: Source, contract: Contract, wanted: tuple[Table, ...]) -> tuple[dict[str, pd.DataFrame], list[Issue], Mapping[int, FormLayout]]:
    """Return the `wanted` tables of a source, typed, what is wrong inside each, and the layouts of its sheets in a form."""
    texts, issues, layouts = find_tables(source, wanted, contract)
    tables = {}
    for table in wanted:
        if table.name in texts:
            frame, noted = _typed(texts[table.name], table, contract, source.day_zero)
            tables[table.name] = frame = said_once(frame)
            issues += noted
            issues += _without_unreadable(check_columns(frame, table), issues)
        elif table.optional and not any(i.sheet == table.labels for i in issues):
            no_rows = pd.Index([], name="row", dtype="int64")
            tables[table.name] = pd.DataFrame({f.name: pd.Series([], dtype=DTYPES[f.type]) for f in table.fields}, index=no_rows)
    return tables, issues, layouts


def _typed(cells: pd.DataFrame, table: Table, contract: Contract, day_zero: dt.date) -> tuple[pd.DataFrame, list[Issue]]:
    columns, issues = {}, []
    for field in table.fields:
        columns[field.name], noted = coerce(cells[field.name], field, day_zero=day_zero)
        for code, rows in noted.items():
            issues.append(Issue(ERROR if code in REFUSALS else WARNING, code, table.labels, field.labels, tuple(rows)))
    frame = pd.DataFrame(columns, index=cells.index)
    if table.name == "answer":
        frame["value"] = _answer_codes(frame, contract)
    return frame, issues


def _answer_codes(answer: pd.DataFrame, contract: Contract) -> pd.Series:
    """Return answers as codes where they came as the label of their item's scale."""
    words: dict[tuple[str, str], str] = {}
    for instrument in contract.instruments.values():
        scales = [contract.code_lists["missing"], *([instrument.scale] if instrument.scale else [])]
        labels = {as_typed(w): code for s in scales for code in s.codes for w in s.words(code)}
        words |= {(item.id, word): code for item in instrument.items for word, code in labels.items()}
    pairs = zip(answer["item"], answer["value"].map(as_typed, na_action="ignore"), answer["value"], strict=True)
    return pd.Series([words.get((i, w), v) for i, w, v in pairs], index=answer.index, dtype="str")


def _without_unreadable(found: list[Issue], refused: list[Issue]) -> list[Issue]:
    """Return `found` without cells that could not be read: they only look empty to later checks."""
    unreadable: dict[tuple[str, str], set[int]] = {}
    for issue in refused:
        if issue.code in REFUSALS:
            unreadable.setdefault((str(issue.sheet), str(issue.column)), set()).update(issue.rows)
    kept = []
    for issue in found:
        without = unreadable.get((str(issue.sheet), str(issue.column)), set())
        rows = tuple(row for row in issue.rows if row not in without)
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
        return read_source(given_path(data))
    rows, sheets = synthetic_rows(contract, case=case), []
    for position, table in enumerate(contract.main_tables, start=1):
        header: list[CellText] = [f.name for f in table.fields]
        body = [(n, [cell_text(value) for value in row.values()]) for n, row in enumerate(rows[table.name], start=2)]
        sheets.append(Sheet(table.name, position, [(1, header), *body]))
    return Source(str(data), sheets, True, data_digest(data))


@dataclass(frozen=True, repr=False)
class PilotData:
    """Sound data of a pilot, or of one of its cohorts.

    People who do not let their data be used in evaluation are counted in `n_data_refused` and are in no table.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame – as in `data_schema/`; index = row number in the file, or the place of a cell of a register
    contract : Contract – what the columns mean
    reporting_date : date or None – the day as of which everything is counted: what is not yet, due, late or missing follows
        from it alone; None for synthetic data without any day
    enrolments : pandas.DataFrame – as `ikut_eval.data.rules.enrolments` returns them: who is in the register of which cohort, and when
    synthetic : bool – invented people
    digest : str – SHA-256 of the source
    n_data_refused : mapping of cohort id to int
    sessions_of_refused : frozenset of str – held individual sessions of these people, which have no attendance row here
    """

    tables: Mapping[str, pd.DataFrame]
    contract: Contract
    reporting_date: dt.date | None
    enrolments: pd.DataFrame
    synthetic: bool
    digest: str
    n_data_refused: Mapping[str, int]
    sessions_of_refused: frozenset[str]

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table].copy()

    @property
    def today(self) -> "pd.Timestamp | NaTType":
        """The reporting date, to compare dates of tables with; NaT where there is none: then nothing is due."""
        return pd.NaT if self.reporting_date is None else pd.Timestamp(self.reporting_date)

    @cached_property
    def cohort_ids(self) -> tuple[str, ...]:
        """The cohorts, in the order of their first day."""
        return tuple(self.tables["cohort"].sort_values(["start_date", "cohort_id"])["cohort_id"])

    @cached_property
    def windows(self) -> pd.DataFrame:
        """The window of each person and wave, as `ikut_eval.data.rules.wave_windows_of` returns it; not to be changed."""
        return wave_windows_of(self.tables["participant"], self.contract)

    @cached_property
    def register_gaps(self) -> pd.DataFrame:
        """The rows that the register lacks, as `ikut_eval.data.rules.missing_register_rows` returns them; not to be changed."""
        return missing_register_rows(self.tables, self.enrolments)

    def cohort(self, cohort_id: str) -> "PilotData":
        """Return the same data for one cohort.

        Raises
        ------
        UsageError
            If there is no such cohort; names those that there are.
        """
        if cohort_id not in self.cohort_ids:
            raise with_nearest("unknown_cohort", "cohort_nearly_known", cohort_id, self.cohort_ids, cohorts=", ".join(self.cohort_ids))
        people = self.tables["participant"].loc[lambda p: p["cohort_id"] == cohort_id, "participant_id"]
        sessions = self.tables["session"].loc[lambda s: s["cohort_id"] == cohort_id, "session_id"]
        tables = {}
        for name, frame in self.tables.items():
            if "cohort_id" in frame:
                tables[name] = frame[frame["cohort_id"] == cohort_id]
            elif name == "attendance":
                tables[name] = frame[frame["session_id"].isin(sessions)]
            elif "participant_id" in frame:
                tables[name] = frame[frame["participant_id"].isin(people)]
            else:
                tables[name] = frame
        refused = {cohort_id: self.n_data_refused.get(cohort_id, 0)}
        enrolled = self.enrolments[self.enrolments["cohort_id"] == cohort_id]
        return replace(self, tables=tables, enrolments=enrolled, n_data_refused=refused)

    def __repr__(self) -> str:
        mark = ", synthetic" if self.synthetic else ""
        return f"PilotData({', '.join(self.cohort_ids)}; {len(self.tables['participant'])} participants{mark})"


def read_pilot(data: str | Path, *, date: str | dt.date | None = None, contract: Contract | None = None) -> PilotData:
    """Read data that is sound.

    Parameters
    ----------
    data : str or Path
        Path of a workbook (.xlsx, .ods) or a folder of CSV files; ``"synthetic"`` for the shipped pilot.
    date : str or date, optional
        The reporting date, as a date or as text ("2026-11-28" or "28.11.2026"). Left out or empty: today; for synthetic
        data its latest day. What is dated after it is left out, as it was not known on that day.

    Raises
    ------
    DataError
        If the data cannot be read or has errors; `ikut_eval.validate` lists them.
    UsageError
        If `date` is no date.
    """
    contract = contract or load_contract()
    asked = parse_day(date) if isinstance(date, str) else date
    source = open_source(data, contract)
    tables, report = check_source(source, contract)
    if not report.ok:
        raise DataError("not_sound", n=report.count(ERROR))
    return pilot_of(tables, contract, synthetic=source.synthetic, digest=source.digest, date=asked)


def parse_day(words: str) -> dt.date | None:
    """Return a day written as 2026-11-28 or 28.11.2026; None where nothing is written.

    Raises
    ------
    UsageError
        If it is no date.
    """
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        with suppress(ValueError):
            return dt.datetime.strptime(words.strip(), form).date()
    if words.strip():
        raise UsageError("not_a_day")
    return None


def pilot_of(tables: Mapping[str, pd.DataFrame], contract: Contract, *, synthetic: bool, digest: str, date: dt.date | None = None) -> PilotData:
    """Return the pilot of sound typed tables as of a reporting date, without the people who do not let their data be used."""
    latest = _latest_day(tables)
    day = date or (latest if synthetic else dt.date.today())
    if day is not None and latest is not None and day < latest:
        tables = _as_of(tables, pd.Timestamp(day), contract)
    person, session = tables["participant"], tables["session"]
    without = person[~person["data_use_ok"].fillna(False).astype(bool)]
    used = {name: frame[~frame["participant_id"].isin(without["participant_id"])] if "participant_id" in frame else frame for name, frame in tables.items()}
    theirs = tables["attendance"].loc[lambda a: a["participant_id"].isin(without["participant_id"]), "session_id"]
    return PilotData(
        tables=used,
        contract=contract,
        reporting_date=day,
        enrolments=enrolments(used),
        synthetic=synthetic,
        digest=digest,
        n_data_refused=without["cohort_id"].value_counts().to_dict(),
        sessions_of_refused=frozenset(session.loc[(session["mode"] == "individual") & session["session_id"].isin(theirs), "session_id"]),
    )


_DAYS = (("session", "date"), ("answer_set", "date"), ("outcome", "obs_date"), ("participant", "exit_date"))


def _latest_day(tables: Mapping[str, pd.DataFrame]) -> dt.date | None:
    """Return the latest day on which something happened: a session that was held, an answer, a situation, an exit."""
    happened = {**tables, "session": tables["session"].loc[lambda s: s["status"] == "held"]}
    latest = pd.concat([happened[name][column] for name, column in _DAYS]).max()
    return None if pd.isna(latest) else latest.date()


def _as_of(tables: Mapping[str, pd.DataFrame], day: pd.Timestamp, contract: Contract) -> dict[str, pd.DataFrame]:
    """Return the tables as they could have been written on a day.

    Whoever had not started is not there, and whoever left later was still in the training. Rows without a date of their
    own go with what they belong to: a register entry with its session, an answer with its questionnaire, a criterion of
    fair work with the situation, a need or a wish with the period of its wave, support afterwards with its month.
    """
    person = tables["participant"].loc[lambda p: ~(p["start_date"] > day)]
    stays = person["exit_date"] > day
    person = person.assign(exit_date=person["exit_date"].mask(stays), exit_type=person["exit_type"].mask(stays, "ongoing"))
    known = {name: f[f["participant_id"].isin(person["participant_id"])] if "participant_id" in f else f for name, f in tables.items()}
    known |= {"participant": person} | {name: known[name].loc[lambda f, c=column: ~(f[c] > day)] for name, column in _DAYS[:3]}
    known["attendance"] = known["attendance"].loc[lambda a: a["session_id"].isin(known["session"]["session_id"])]
    asked = known["answer"]["item"].map({item.id: each.id for each in contract.instruments.values() for item in each.items})
    known["answer"] = _belonging(known["answer"].assign(instrument=asked), known["answer_set"], "instrument").drop(columns="instrument")
    known["fair_work"] = _belonging(known["fair_work"], known["outcome"])
    windows = wave_windows_of(person, contract)
    for name in ("need", "preferred_support"):
        known[name] = _belonging(known[name], windows[windows["opens"] <= day])
    support = known["support_after"]
    left = support[["participant_id", "month"]].merge(person[["participant_id", "exit_date"]], on="participant_id", how="left")
    begins = [exit_date + pd.DateOffset(months=int(month) - 1) for exit_date, month in zip(left["exit_date"], left["month"], strict=True)]
    known["support_after"] = support[pd.Series(begins, index=support.index, dtype="datetime64[ns]") <= day]
    return known


def _belonging(rows: pd.DataFrame, others: pd.DataFrame, *also: str) -> pd.DataFrame:
    """Return the rows for whose person and wave there is a row in `others`."""
    keys = ["participant_id", "wave", *also]
    there = pd.MultiIndex.from_frame(others[keys].astype("object"))
    return rows[pd.MultiIndex.from_frame(rows[keys].astype("object")).isin(there)]
