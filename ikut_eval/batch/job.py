"""The whole main job on a workspace: check the data, run the plan, list the reports."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ikut_eval.batch.bundles import release_to_show
from ikut_eval.batch.index import report_title, write_index
from ikut_eval.batch.plan import PlannedNotebook, make_runs, read_plan
from ikut_eval.batch.runner import Result, report_path, run_all
from ikut_eval.contract.atomic import storage_error, write_text
from ikut_eval.contract.errors import DataError, UsageError
from ikut_eval.contract.shipped import shipped
from ikut_eval.data.opening import data_digest
from ikut_eval.data.workspace import Workspace

_COHORTS = "cohorts.json"
NO_RELEASE = "none"


@dataclass(frozen=True)
class Job:
    """A job under way: its results come one by one."""

    space: Workspace
    plan: Sequence[PlannedNotebook]
    cohorts: Sequence[str]
    synthetic: bool
    data_digest: str
    total: int
    results: Iterator[Result]

    def write_index(self) -> Path:
        """Write the page that lists the reports there are, and return its path."""
        runs = make_runs(self.plan, paths=_paths(self.space), cohorts=self.cohorts, languages=self.space.languages)
        found = [(str(r.parameters["language"]), report_title(r, str(r.parameters["language"])), report_path(r, self.space.runs)) for r in runs]
        return write_index(self.space.runs, [entry for entry in found if entry[2].exists()], synthetic=self.synthetic)


def run_job(
    space: Workspace,
    *,
    notebook_folder: Path | None = None,
    cohorts: Sequence[str] = (),
    notebooks: Sequence[str] = (),
    words: Sequence[tuple[str, str]] = (),
    jobs: int = 1,
    force: bool = False,
    dry_run: bool = False,
) -> Job:
    """Prepare a job: everything that can be refused is refused here, before the first notebook starts.

    Raises
    ------
    DataError
        If the data cannot be read or is not sound.
    UsageError, ConfigurationError
        As `make_runs` and `read_plan`.
    """
    digest = data_digest(space.data)
    plan = read_plan(notebook_folder or shipped("notebooks"))
    known, synthetic = _cohorts(space, digest)
    runs = make_runs(plan, paths=_paths(space), cohorts=known, languages=space.languages, only_cohorts=cohorts, only_notebooks=notebooks, words=words)
    results = run_all(runs, space.runs, data_digest=digest, plan_digest=space.analysis.digest, jobs=jobs, force=force, dry_run=dry_run)
    return Job(space, plan, known, synthetic, digest, len(runs), results)


def _paths(space: Workspace) -> dict[str, str]:
    """Return what notebooks read: the data, the settings, and the release to be looked at."""
    release = release_to_show(space)
    return {"data": space.data, "settings": str(space.settings), "release": str(release.absolute()) if release else NO_RELEASE}


def _cohorts(space: Workspace, digest: str) -> tuple[list[str], bool]:
    """Return the cohorts of sound data, and whether it is synthetic; remembered by the data's hash, so that unchanged data is not read again."""
    memory = space.runs / _COHORTS
    try:
        remembered = json.loads(memory.read_text(encoding="utf-8"))
        if remembered["data"] == digest:
            return list(remembered["cohorts"]), bool(remembered["synthetic"])
    except (OSError, ValueError, KeyError):
        pass
    from ikut_eval.data.pilot import read_pilot

    pilot = read_pilot(space.data)
    cohorts = list(pilot.cohort_ids)
    if not cohorts:
        raise DataError("no_cohorts")
    try:
        space.runs.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise storage_error(problem, space.runs.name) from problem
    write_text(memory, json.dumps({"data": digest, "cohorts": cohorts, "synthetic": pilot.synthetic}) + "\n")
    return cohorts, pilot.synthetic


def finished_reports(space: Workspace, *, cohorts: Sequence[str] = (), notebooks: Sequence[str] = ()) -> list[Path]:
    """Return the reports that have been written.

    Raises
    ------
    UsageError
        If there is none.
    """
    names = [Path(n).stem for n in notebooks]
    found = []
    for path in sorted(space.runs.glob("*/*.html")):
        cohort = path.stem.rpartition(".")[0]
        wanted = (not names or path.parent.name in names) and (not cohorts or cohort in cohorts)
        if wanted and path.with_suffix(".json").exists():
            found.append(path)
    if not found:
        raise UsageError("no_reports")
    return found
