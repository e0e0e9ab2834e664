"""The whole main job on a workspace: check the data, draft a release if one is due, run the plan, write the internal bundle and the list of reports."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikut_eval.batch.plan import Run, file_digest, inputs_of, is_current, make_runs, package_digest, read_plan, versions
from ikut_eval.batch.report import ListedReport, write_index
from ikut_eval.batch.runner import RunResult, failed_path, report_path, run_all
from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.atomic import storing, write_text
from ikut_eval.contract.errors import DataError, IkutError, UsageError
from ikut_eval.contract.locale import shipped
from ikut_eval.data.identifiers import NO_NAMES, names_beside
from ikut_eval.data.reading import data_digest
from ikut_eval.data.workspace import SETTINGS, Workspace, plan_in_force, record_plan
from ikut_eval.release.ledger import read_ledger
from ikut_eval.release.recovery import check_copies
from ikut_eval.release.store import OUTDATED, noted_outdated, read_bundle

if TYPE_CHECKING:
    from ikut_eval.data.pilot import PilotData

_MADE_FROM = "made_from"


@dataclass(frozen=True)
class Job:
    """A job under way.

    Attributes
    ----------
    reports : sequence of Run – every run of the plan, also those not asked for now
    due : str – hash of what the reporting date makes due: weeks, waves and follow-ups
    reporting_date : date – the day as of which the reports count
    total : int – number of runs asked for
    results : iterator of RunResult – one after the other, as the runs end
    drafted : str – id of the release that was drafted; empty where none was due
    refusal : IkutError or None – why a release that is due could not be drafted; the reports are written all the same
    read : function – the data as of a day, or of today: read when it is first asked for, and once
    """

    space: Workspace
    reports: Sequence[Run]
    synthetic: bool
    data_digest: str
    due: str
    reporting_date: dt.date | None
    total: int
    results: Iterator[RunResult]
    drafted: str
    refusal: IkutError | None
    read: "_Read"

    @property
    def suggested_plan(self) -> bool:
        """Whether the settings hold the plan that `ikut-eval init` suggests, and nobody has confirmed it."""
        return bool(self.space.analysis.primary) and not plan_in_force(self.space).primary

    @property
    def outdated(self) -> list[dict[str, Any]]:
        """The figures that are published and no longer agree with the data, as `ikut_eval.release.publication.outdated` gives them."""
        return noted_outdated(self.space.releases)

    def outdated_lines(self) -> list[str]:
        """Return a line in the workspace's language for each figure that is published and no longer agrees with the data."""
        if not self.outdated:  # nothing to say, so nothing to import
            return []
        from ikut_eval.present.releases import outdated_lines

        return outdated_lines(self.outdated, self.space.language)

    def write_index(self) -> Path:
        """Write the page that lists the reports there are, and return its path."""
        plan, made_from = plan_in_force(self.space).about, {"data": self.data_digest, "due": self.due}
        listed = [_listed(run, report_path(run, self.space.runs), inputs_of(run, made_from, plan)) for run in self.reports]
        there = [one for one in listed if one.finished or one.state == "failed"]
        return write_index(self.space.runs, there, language=self.space.language, synthetic=self.synthetic, reporting_date=self.reporting_date)

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
        plan = plan_in_force(self.space)
        inputs = {"data": self.data_digest, "due": self.due, "plan": plan.about, "package": package_digest(), "versions": versions()}
        about = {_MADE_FROM: inputs, OUTDATED: self.outdated}
        with suppress(IkutError):  # not there or not whole: made below
            if read_bundle(folder, audience="internal").about == about:
                return False
        from ikut_eval.release.internal import build_internal

        _make_folder(self.space.bundles)
        build_internal(self.read(self.space.report_date), folder, about=about, plan=plan)
        return True


def _listed(run: Run, report: Path, inputs: Mapping[str, Any]) -> ListedReport:
    """Return a report as the list of reports tells of it; what it depends on says whether it is up to date."""
    manifest = report.with_suffix(".json")
    told: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        told = json.loads(manifest.read_text(encoding="utf-8")) if report.exists() else {}
    finished = dt.datetime.fromisoformat(told["finished"]).astimezone().date() if "finished" in told else None
    state = "failed" if failed_path(report).exists() else "current" if is_current(manifest, inputs) else "outdated"
    ours = shipped("notebooks") / run.notebook.path.name
    own = not ours.is_file() or file_digest(ours) != file_digest(run.notebook.path)
    return ListedReport(run, report, state, own, finished, told.get("findings", ()))


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
    who: str | None = None,
) -> Job:
    """Prepare a job: everything that can be refused is refused here, before the first notebook starts.

    `who` is the name of the person who runs it, in place of the workspace's: a release that is drafted carries it.

    Raises
    ------
    DataError
        If the data cannot be read or is not sound.
    UsageError, ConfigurationError
        As `make_runs` and `read_plan`.
    """
    digest = data_digest(space.data)
    plan = read_plan(notebook_folder or shipped("notebooks"))
    read = _reading(space)
    refusal, drafted = None, ""
    people, synthetic, due, day = _known_of_data(space, digest, read)
    try:
        drafted = "" if dry_run or _ahead(space) else _draft_if_due(space, digest, due, read, who=space.by if who is None else who)
    except IkutError as problem:  # what a release needs stops no report
        refusal = problem
    if not dry_run:
        record_plan(space, lambda: _end_answers(space, read))
    all_runs = partial(make_runs, plan, paths=_paths(space, day), cohorts=list(people), languages=space.languages)
    runs = all_runs(only_cohorts=cohorts, only_notebooks=notebooks, words=words)
    made_from = {"data": digest, "due": due}
    told = {"reporting_date": day and day.isoformat(), "synthetic": synthetic, "people": people}
    results = run_all(runs, space.runs, made_from=made_from, told=told, plan=plan_in_force(space), jobs=jobs, force=force, dry_run=dry_run)
    return Job(space, all_runs(), synthetic, digest, due, day, len(runs), results, drafted, refusal, read)


def confirm_plan(space: Workspace) -> AnalysisPlan:
    """Enter the plan of a workspace in the record, as one that somebody has decided on, and return it with when it was made.

    Raises
    ------
    NotAllowedError, MachineError
        If the record cannot be written.
    """
    record_plan(space, lambda: _end_answers(space, _reading(space)), confirmed=True)
    return plan_in_force(space)


_Read = Callable[[dt.date | None], "PilotData"]


def _reading(space: Workspace) -> _Read:
    """Return a function that reads the data of a workspace as of a day, or of today; the same day is read once."""

    @cache
    def read(day: dt.date | None) -> "PilotData":
        from ikut_eval.data.pilot import read_pilot

        return read_pilot(space.data, date=day)

    return read


def _end_answers(space: Workspace, read: _Read) -> int | None:
    """Return how many people have answered the plan's outcome at the end of its contrast, whatever the reporting date.

    None where the data cannot be read, or is no longer where an earlier run found it.
    """
    from ikut_eval.measures.questionnaires import n_answered

    if not space.data.startswith("synthetic") and not Path(space.data).exists():
        return None if (space.runs / _KNOWN).exists() else 0
    try:
        return n_answered(read(None), space.analysis.primary, wave=space.analysis.contrast[1])
    except DataError:
        return None


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


def _paths(space: Workspace, day: dt.date | None) -> dict[str, str]:
    """Return what notebooks read: data, settings, reporting date, and the release to review: the newest draft that waits, if any."""
    waiting = sorted(space.releases.glob("r*/bundle"), key=lambda path: path.parent.name)
    release = str(waiting[-1].absolute()) if waiting else "none"
    return {"data": space.data, "settings": str(space.settings), "date": day.isoformat() if day else "", "release": release}


_KNOWN = "cohorts.json"


def _known_of_data(space: Workspace, digest: str, read: _Read) -> tuple[dict[str, int], bool, str, dt.date | None]:
    """Return how many took part in each cohort of sound data, whether it is synthetic, the hash of what is due, and the reporting date.

    They are kept beside the hashes of the data, of the list of names and of the package that read it, so that unchanged data is not
    read again before something new is due; of real data no date is kept, but how many days before and after the reporting date the same is due.
    """
    file, names = space.runs / _KNOWN, NO_NAMES.digest if space.data.startswith("synthetic") else names_beside(Path(space.data)).digest
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(file.read_text(encoding="utf-8"))
        read_as_of, own = (dt.date.fromisoformat(kept[name]) if kept[name] else None for name in ("reporting_date", "synthetic_date"))
        day = space.report_date or (own if kept["synthetic"] else dt.date.today())
        apart = (day - read_as_of).days if day and read_as_of else 0
        if (kept["data"], kept["names"], kept["package"]) == (digest, names, package_digest()) and -kept["days_before"] <= apart <= kept["days_after"]:
            return dict(kept["people"]), bool(kept["synthetic"]), str(kept["due"]), day
    from ikut_eval.measures.participants import participants
    from ikut_eval.measures.table import days_without_change

    pilot = read(None)
    if not pilot.cohort_ids:
        raise DataError("no_cohorts")
    people = {row.cohort_id: int(row.numerator) for row in participants(pilot).itertuples()}
    day = space.report_date or pilot.reporting_date
    first, last = days_without_change(pilot, day)
    found = {
        "data": digest,
        "names": names,
        "package": package_digest(),
        "people": people,
        "synthetic": pilot.synthetic,
        "due": hashlib.sha256(f"{digest} {first}".encode()).hexdigest(),
        "reporting_date": day and day.isoformat(),
        "days_before": (day - first).days if day else 0,
        "days_after": (last - day).days if day else 0,
        "synthetic_date": pilot.reporting_date.isoformat() if pilot.synthetic and pilot.reporting_date else None,
    }
    _make_folder(space.runs)
    write_text(file, json.dumps(found) + "\n")
    return people, pilot.synthetic, str(found["due"]), day


def _ahead(space: Workspace) -> bool:
    """Return whether the reporting date is still to come: nothing can be drafted for such a day."""
    return space.report_date is not None and space.report_date > dt.date.today()


def _draft_if_due(space: Workspace, digest: str, due: str, read: _Read, *, who: str) -> str:
    """Draft a release if a group has closed since the last one, and return its id; empty where none is due.

    The hash of data, rules and ledger is kept, so that nothing is read twice. Without public facts nothing can be released.
    An error is raised if a design is not proved, the policy has no place for a cohort, the ledger is not whole, the audit refuses,
    or `who` is nobody.
    """
    if not space.public:
        return ""
    check_copies(space, read_ledger(space.ledger))
    ledger = space.ledger.read_bytes() if space.ledger.exists() else b""
    rules = json.dumps([digest, due, package_digest(), dict(space.public), dict(space.policy)], sort_keys=True, default=str)
    inputs = hashlib.sha256(rules.encode() + ledger).hexdigest()
    kept = space.releases / "drafted_from"
    if kept.exists() and kept.read_text(encoding="utf-8").strip() == inputs:
        return ""
    from ikut_eval.release.publication import draft_release, note_outdated

    pilot = read(space.report_date)
    note_outdated(space, pilot)
    try:
        drafted = draft_release(space, pilot, author=who).id
    except UsageError as problem:
        if problem.key == "name_needed":
            raise UsageError("draft_needs_name", file=SETTINGS) from problem
        if problem.key != "nothing_to_release":
            raise
        drafted = ""
    _make_folder(space.releases)
    write_text(kept, inputs + "\n")
    return drafted


def _make_folder(folder: Path) -> None:
    with storing(folder.name):
        folder.mkdir(mode=0o700, exist_ok=True)
