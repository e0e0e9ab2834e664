"""The whole main job on a workspace: check the data, run the plan, write bundles, list the reports."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ikut_eval.batch.manifest import package_digest, versions
from ikut_eval.batch.plan import PlannedNotebook, make_runs, read_plan
from ikut_eval.batch.report import report_title, write_index
from ikut_eval.batch.runner import Result, report_path, run_all
from ikut_eval.contract.atomic import storage_error, write_text
from ikut_eval.contract.errors import DataError, IkutError, UsageError
from ikut_eval.contract.schema import shipped
from ikut_eval.data.pilot import data_digest
from ikut_eval.data.workspace import Workspace
from ikut_eval.release.store import read_bundle

_MADE_FROM = "made_from"
_DRAFTED_FROM = "drafted_from"
_RUN = "ikut-eval run"
"""Who drafts, where nobody did: a person approves."""


def renew_internal(space: Workspace, *, data_digest: str) -> bool:
    """Make the internal bundle if it is not there, not whole, or of other data or another package.

    Returns
    -------
    bool
        Whether it was made. Where it was not, no data was read.

    Raises
    ------
    DataError
        As `read_pilot`.
    NotAllowedError, MachineError
        If it cannot be written.
    """
    folder = space.internal_bundle
    inputs = {"data": data_digest, "package": package_digest(), "versions": versions()}
    try:
        if read_bundle(folder, audience="internal").about.get(_MADE_FROM) == inputs:
            return False
    except IkutError:
        pass  # not there or not whole: made below
    from ikut_eval.data.pilot import read_pilot
    from ikut_eval.release.internal import build_internal

    try:
        space.bundles.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise storage_error(problem, space.bundles.name) from problem
    build_internal(read_pilot(space.data), folder, about={_MADE_FROM: inputs})
    return True


def draft_if_due(space: Workspace, *, data_digest: str) -> str:
    """Draft a release if a group has closed since the last one, and return its id; empty where none is due.

    What was found is remembered by the data, the rules and the ledger, so that nothing is read twice. Without public
    facts nothing can be released.

    Raises
    ------
    DisclosureError
        If a design is not proved, the ledger is not whole, or the audit refuses.
    """
    if not space.public:
        return ""
    ledger = space.ledger.read_bytes() if space.ledger.exists() else b""
    said = json.dumps([data_digest, package_digest(), dict(space.public), dict(space.policy)], sort_keys=True, default=str)
    inputs = hashlib.sha256(said.encode() + ledger).hexdigest()
    memory = space.releases / _DRAFTED_FROM
    if memory.exists() and memory.read_text(encoding="utf-8").strip() == inputs:
        return ""
    from ikut_eval.contract.errors import UsageError
    from ikut_eval.data.pilot import read_pilot
    from ikut_eval.release.publication import draft_release

    try:
        drafted = draft_release(space, read_pilot(space.data), author=_RUN).id
    except UsageError as nothing:
        if nothing.key != "nothing_to_release":
            raise
        drafted = ""
    try:
        space.releases.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise storage_error(problem, space.releases.name) from problem
    write_text(memory, inputs + "\n")
    return drafted


def release_to_show(space: Workspace) -> Path | None:
    """Return the bundle of the draft that waits, or else the one that is public; None where there is neither."""
    waiting = sorted(space.releases.glob("r*/bundle"), key=lambda path: path.parent.name)
    return waiting[-1] if waiting else None


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
