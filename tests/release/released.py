"""The invented pilot as it was on earlier days, and workspaces with its releases."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from ikut_eval.contract.errors import IkutError
from ikut_eval.data.pilot import PilotData
from ikut_eval.data.workspace import Workspace, create_workspace, open_workspace
from ikut_eval.release.publication import Standing, approve, draft_release, list_releases, publish

SIZES = (4, 5, 5, 6)
AUTHOR, APPROVER = "Aino Äijälä", "Bo Öberg"
CLOSINGS: Mapping[str, date] = {
    "after cohort 1": date(2022, 1, 15),
    "after cohort 2": date(2022, 6, 10),
    "after cohort 3": date(2022, 8, 1),
    "after cohort 4": date(2023, 1, 31),
    "after the last follow-up": date(2023, 12, 1),
}
"""A day after each training's last answers, and one after the last half year."""
_DAYS = {"answer_set": "date", "outcome": "obs_date", "session": "date"}


def as_it_was(pilot: PilotData, day: date) -> PilotData:
    """Return a pilot as it was on a day: nobody and nothing that came later."""
    now = pd.Timestamp(day)
    cohorts = pilot["cohort"].loc[lambda c: c["start_date"] <= now]
    people = pilot["participant"].loc[lambda p: p["cohort_id"].isin(cohorts["cohort_id"])]
    left = people["exit_date"] <= now
    people = people.assign(exit_type=people["exit_type"].where(left, "ongoing"), exit_date=people["exit_date"].where(left))
    tables = {name: pilot[name] for name in pilot.tables} | {"cohort": cohorts, "participant": people}
    for name, table in tables.items():
        if "cohort_id" in table:
            tables[name] = table = table[table["cohort_id"].isin(cohorts["cohort_id"])]
        if name in _DAYS:
            tables[name] = table = table[table[_DAYS[name]] <= now]
        if "participant_id" in table:
            tables[name] = table[table["participant_id"].isin(people["participant_id"])]
    tables["attendance"] = tables["attendance"].loc[lambda a: a["session_id"].isin(tables["session"]["session_id"])]
    asked = tables["answer_set"][["participant_id", "wave"]].drop_duplicates()
    tables["answer"] = tables["answer"].merge(asked, on=["participant_id", "wave"])
    tables["fair_work"] = tables["fair_work"].merge(tables["outcome"][["participant_id", "wave"]], on=["participant_id", "wave"])
    gone = set(people.loc[left, "participant_id"])
    for name in ("need", "preferred_support"):
        tables[name] = tables[name].loc[lambda t: (t["wave"] == "start") | t["participant_id"].isin(gone)]
    ends = tables["support_after"]["participant_id"].map(people.set_index("participant_id")["exit_date"])
    months = (now - ends).dt.days // 30
    tables["support_after"] = tables["support_after"].loc[tables["support_after"]["month"].astype("Float64") <= months.astype("Float64")]
    return replace(pilot, tables=tables, reporting_date=day)


def workspace(folder: Path, *, sizes: tuple[int, ...] = SIZES, data: str = "synthetic", more: str = "") -> Workspace:
    """Return a new workspace, with more lines at the end of its settings."""
    create_workspace(folder, language="en", languages=("en",), data=data, cohort_sizes=sizes)
    settings = folder / "evaluation.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    return open_workspace(folder)


def released(space: Workspace, pilot: PilotData) -> Standing:
    """Draft, approve and publish."""
    drafted = draft_release(space, pilot, author=AUTHOR)
    approve(space, drafted.id, approver=APPROVER, digest=drafted.digest)
    return publish(space, drafted.id)


def shown(space: Workspace, release: str) -> pd.DataFrame:
    """Return the figures of a release's public files, by indicator and cohorts."""
    path = space.public_bundles / release / "figures.csv"
    return pd.read_csv(path, keep_default_na=False).set_index(["indicator", "cohorts"])


def change(path: Path, **values: object) -> None:
    """Change what is noted in a file of JSON."""
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def states(space: Workspace) -> list[tuple[str, str]]:
    return [(one.id, one.state) for one in list_releases(space)]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def refused(key: str, what: Callable[[], object]) -> IkutError:
    with pytest.raises(IkutError) as raised:
        what()
    assert raised.value.key == key
    return raised.value
