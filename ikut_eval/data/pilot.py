"""The pilot's data once it is sound: typed tables, whole or of one cohort."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from ikut_eval.contract.errors import DataError, UsageError
from ikut_eval.contract.schema import Contract, load_contract
from ikut_eval.data.issues import ERROR
from ikut_eval.data.opening import open_source
from ikut_eval.data.validation import check_source

_PERSONAL = ("need", "preferred_support", "attendance", "answer_set", "answer", "outcome", "fair_work", "support_after")


@dataclass(frozen=True, repr=False)
class PilotData:
    """Sound data of a pilot, or of one of its cohorts.

    People who do not let their data be used in evaluation are counted in `n_data_refused` and are in no table.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame – as in `data_schema/`; index = row number in the file
    contract : Contract – what the columns mean
    data_date : date or None – the latest day that the data tells of
    synthetic : bool – invented people
    digest : str – SHA-256 of the source
    n_data_refused : mapping of cohort id to int
    sessions_of_refused : frozenset of str – individual sessions with them: held, and without a row here
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

    @property
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
    known = contract or load_contract()
    source = open_source(data, known)
    tables, report = check_source(source, known)
    if not report.ok:
        raise DataError("not_sound", n=report.count(ERROR))
    person = tables["participant"]
    usable = person["data_use_ok"].fillna(False).astype(bool)
    refused = person.loc[~usable, "participant_id"]
    counts = person.loc[~usable, "cohort_id"].value_counts().to_dict()
    kept = {"participant": person[usable]}
    kept |= {name: tables[name].loc[lambda t: ~t["participant_id"].isin(refused)] for name in _PERSONAL}
    return PilotData(
        tables={**tables, **kept},
        contract=known,
        data_date=_latest_day({**tables, **kept}),
        synthetic=source.synthetic,
        digest=source.digest,
        n_data_refused={str(k): int(v) for k, v in counts.items()},
        sessions_of_refused=_individual_sessions(tables, refused),
    )


def _individual_sessions(tables: Mapping[str, pd.DataFrame], people: pd.Series) -> frozenset[str]:
    rows = tables["attendance"].loc[lambda a: a["participant_id"].isin(people), "session_id"]
    session = tables["session"]
    return frozenset(session.loc[(session["mode"] == "individual") & session["session_id"].isin(rows), "session_id"])


def _latest_day(tables: Mapping[str, pd.DataFrame]) -> date | None:
    held = tables["session"].loc[lambda s: s["status"] == "held", "date"]
    days = pd.concat([held, tables["answer_set"]["date"], tables["outcome"]["obs_date"], tables["participant"]["exit_date"]])
    latest = days.max()
    return None if pd.isna(latest) else latest.date()
