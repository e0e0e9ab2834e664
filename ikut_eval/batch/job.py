"""The whole main job on a workspace: check the data, draft a release if one is due, run the plan, write the internal bundle and the list of reports."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ikut_eval.batch.manifest import package_digest, versions
from ikut_eval.batch.plan import Run, make_runs, read_plan
from ikut_eval.batch.report import report_title, write_index
from ikut_eval.batch.runner import RunResult, report_path, run_all
from ikut_eval.contract.atomic import storing, write_text
from ikut_eval.contract.errors import DataError, IkutError, UsageError
from ikut_eval.contract.locale import shipped
from ikut_eval.data.reading import data_digest
from ikut_eval.data.workspace import Workspace
from ikut_eval.release.store import read_bundle

_MADE_FROM = "made_from"


@dataclass(frozen=True)
class Job:
    """A job under way.

    Attributes
    ----------
    reports : sequence of Run – every run of the plan, also those not asked for now
    total : int – number of runs asked for
    results : iterator of RunResult – one after the other, as the runs end
    drafted : str – id of the release that was drafted; empty where none was due
    refusal : IkutError or None – why a release that is due could not be drafted; the reports are written all the same
    """

    space: Workspace
    reports: Sequence[Run]
    synthetic: bool
    data_digest: str
    total: int
    results: Iterator[RunResult]
    drafted: str
    refusal: IkutError | None

    def write_index(self) -> Path:
        """Write the page that lists the reports there are, and return its path."""
        written = [run for run in self.reports if report_path(run, self.space.runs).exists()]
        entries = [(run.language, report_title(run), report_path(run, self.space.runs)) for run in written]
        return write_index(self.space.runs, entries, synthetic=self.synthetic)

    def renew_internal(self) -> bool:
        """Make the internal bundle if it is not there, not whole, or of other data or another package; return whether it was made.

        Raises
        ------
        DataError
            As `read_pilot`.
        NotAllowedError, MachineError
            If it cannot be written.
        """
        folder = self.space.internal_bundle
        inputs = {"data": self.data_digest, "package": package_digest(), "versions": versions()}
        with suppress(IkutError):  # not there or not whole: made below
            if read_bundle(folder, audience="internal").about.get(_MADE_FROM) == inputs:
                return False
        from ikut_eval.data.pilot import read_pilot
        from ikut_eval.release.internal import build_internal

        _make_folder(self.space.bundles)
        build_internal(read_pilot(self.space.data), folder, about={_MADE_FROM: inputs})
        return True


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
    every_cohort, synthetic = _cohorts(space, digest)
    refusal, drafted = None, ""
    try:
        drafted = "" if dry_run else _draft_if_due(space, digest)
    except IkutError as problem:  # what a release needs stops no report
        refusal = problem
    all_runs = partial(make_runs, plan, paths=_paths(space), cohorts=every_cohort, languages=space.languages)
    runs = all_runs(only_cohorts=cohorts, only_notebooks=notebooks, words=words)
    results = run_all(runs, space.runs, data_digest=digest, plan_digest=space.analysis.digest, jobs=jobs, force=force, dry_run=dry_run)
    return Job(space, all_runs(), synthetic, digest, len(runs), results, drafted, refusal)


def finished_reports(space: Workspace, *, cohorts: Sequence[str] = (), notebooks: Sequence[str] = ()) -> list[Path]:
    """Return the reports that have been written.

    Raises
    ------
    UsageError
        If there is none.
    """
    names = [Path(n).stem for n in notebooks]
    finished = [path for path in sorted(space.runs.glob("*/*.html")) if path.with_suffix(".json").exists()]
    found = [path for path in finished if (not names or path.parent.name in names) and (not cohorts or path.stem.rpartition(".")[0] in cohorts)]
    if not found:
        raise UsageError("no_reports")
    return found


def _paths(space: Workspace) -> dict[str, str]:
    """Return what notebooks read: the data, the settings, and the release to review: the newest draft that waits, if any."""
    waiting = sorted(space.releases.glob("r*/bundle"), key=lambda path: path.parent.name)
    return {"data": space.data, "settings": str(space.settings), "release": str(waiting[-1].absolute()) if waiting else "none"}


def _cohorts(space: Workspace, digest: str) -> tuple[list[str], bool]:
    """Return the cohorts of sound data, and whether it is synthetic; both are kept beside the data's hash, so that unchanged data is not read again."""
    kept = space.runs / "cohorts.json"
    with suppress(OSError, ValueError, KeyError):
        content = json.loads(kept.read_text(encoding="utf-8"))
        if content["data"] == digest:
            return list(content["cohorts"]), bool(content["synthetic"])
    from ikut_eval.data.pilot import read_pilot

    pilot = read_pilot(space.data)
    cohorts = list(pilot.cohort_ids)
    if not cohorts:
        raise DataError("no_cohorts")
    _make_folder(space.runs)
    write_text(kept, json.dumps({"data": digest, "cohorts": cohorts, "synthetic": pilot.synthetic}) + "\n")
    return cohorts, pilot.synthetic


def _draft_if_due(space: Workspace, digest: str) -> str:
    """Draft a release if a group has closed since the last one, and return its id; empty where none is due.

    The hash of data, rules and ledger is kept, so that nothing is read twice. Without public facts nothing can be released.
    An error is raised if a design is not proved, the policy has no place for a cohort, the ledger is not whole, or the audit refuses.
    """
    if not space.public:
        return ""
    ledger = space.ledger.read_bytes() if space.ledger.exists() else b""
    rules = json.dumps([digest, package_digest(), dict(space.public), dict(space.policy)], sort_keys=True, default=str)
    inputs = hashlib.sha256(rules.encode() + ledger).hexdigest()
    kept = space.releases / "drafted_from"
    if kept.exists() and kept.read_text(encoding="utf-8").strip() == inputs:
        return ""
    from ikut_eval.data.pilot import read_pilot
    from ikut_eval.release.publication import draft_release

    try:
        drafted = draft_release(space, read_pilot(space.data), author="ikut-eval run").id  # a person approves it
    except UsageError as problem:
        if problem.key != "nothing_to_release":
            raise
        drafted = ""
    _make_folder(space.releases)
    write_text(kept, inputs + "\n")
    return drafted


def _make_folder(folder: Path) -> None:
    with storing(folder.name):
        folder.mkdir(mode=0o700, exist_ok=True)
