"""The command line: each verb parses, calls and prints."""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from ikut_eval import __version__
from ikut_eval.contract.atomic import given_path, storing
from ikut_eval.contract.errors import DataError, IkutError, MachineError, NotAllowedError, NotebookError, UsageError, place_of
from ikut_eval.contract.locale import LANGUAGES, default_language, number, shipped, text
from ikut_eval.data.workspace import LARGEST_COHORT, SETTINGS, Workspace, create_workspace
from ikut_eval.options import (
    GivenPath,
    as_of,
    as_typed_here,
    in_words,
    in_workspace,
    is_workspace,
    language_of,
    language_option,
    show_message,
    workspace_at,
    workspace_option,
)
from ikut_eval.release_commands import print_given_up, release

DEMO_SIZES = (4, 5, 5, 6)
"""How many people take part in each training of the synthetic pilot."""


@click.group(help="cli.help", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="%(prog)s %(version)s", help="cli.version")
def cli() -> None:
    pass


@cli.command(help="cli.init")
@click.argument("folder", type=GivenPath(), metavar="directory")
@click.option("--data", default="data/pilot.xlsx", show_default=True, help="cli.init_data")
@click.option("--report-language", "-r", "languages", type=click.Choice(LANGUAGES), multiple=True, help="cli.report_language")
@click.option("--cohort-size", "-n", "sizes", type=click.IntRange(1, LARGEST_COHORT), multiple=True, help="cli.cohort_size")
@language_option
def init(folder: Path, data: str, languages: tuple[str, ...], sizes: tuple[int, ...], language: str | None) -> None:
    create_workspace(folder, language=language or default_language(), languages=languages or (language or default_language(),), data=data, cohort_sizes=sizes)
    show_message("workspace", language or default_language(), folder=folder)
    workspace_at(folder)


@cli.command(help="cli.demo")
@click.argument("folder", type=GivenPath(), required=False, metavar="directory")
def demo(folder: Path | None) -> None:
    from ikut_eval.dashboard.bundle_source import DEMO
    from ikut_eval.release.publication import list_releases, release_bundle

    space = folder or Path.home() / DEMO.parent
    _refuse_real_workspace(space)
    _do("init", space, *(word for language in LANGUAGES for word in ("-r", language)), *(word for n in DEMO_SIZES for word in ("-n", n)))
    _do("synth", space / "data" / "pilot.xlsx")
    _do("check", "-w", space)
    _do("run", "--by", "demo author", "-w", space)
    for drafted in list_releases(workspace_at(space)):
        if not drafted.approver and release_bundle(workspace_at(space), drafted.id).synthetic:  # of invented people, so that the demo may approve it
            _do("release", "approve", drafted.id, "--hash", drafted.digest, "--by", "demo approver", "-w", space)
            _do("release", "publish", drafted.id, "-w", space)
    for audience in ("internal", "public"):
        _do("dashboard", "--audience", audience, "--static", space / "pages" / audience, "-w", space)


def _refuse_real_workspace(folder: Path) -> None:
    """Raise NotAllowedError if a workspace is there already and does not hold synthetic data: the demo publishes what it finds."""
    from ikut_eval.data.writing import refuse_real_data

    if is_workspace(str(folder)):
        space = workspace_at(folder)
        refuse_real_data(Path(space.data))
        if space.ledger.exists() and not Path(space.data).exists():
            raise NotAllowedError("not_synthetic", file=folder.name)


def _do(*words: object) -> None:
    cli([str(word) for word in words], prog_name="ikut-eval", standalone_mode=False)


@cli.command(help="cli.template")
@click.argument("out", type=GivenPath(dir_okay=False), metavar="file")
@click.option("--cohort", "-c", help="cli.new_cohort")
@click.option("--people", "-n", type=click.IntRange(0, LARGEST_COHORT), default=0, help="cli.people")
@click.option("--start", type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y"]), help="cli.start")
@click.option("--weeks", type=click.IntRange(1, 52), default=10, help="cli.weeks", show_default=True)
@click.option("--days", default="", help="cli.days")
@click.option("--off", multiple=True, help="cli.off")
@click.option("--key", type=GivenPath(dir_okay=False), help="cli.key")
@click.option("--background", is_flag=True, help="cli.background")
@click.option("--overwrite", is_flag=True, help="cli.overwrite")
@language_option
def template(out: Path, overwrite: bool, language: str | None, start: datetime | None, **training: Any) -> None:
    from ikut_eval.data.template import make_template

    if out.suffix != ".xlsx":
        raise UsageError("needs_suffix", suffix=".xlsx")
    if out.exists() and not overwrite:
        raise NotAllowedError("exists_already", file=out.name)
    for path in make_template(out, language=language or default_language(), start=start.date() if start else None, **training):
        show_message("written", language or default_language(), file=path)


@cli.command(help="cli.synth")
@click.argument("out", type=GivenPath(), metavar="path")
@click.option("--case", default="ordinary", help="cli.case", show_default=True)
@click.option("--seed", type=int, help="cli.seed")
@language_option
def synth(out: Path, case: str, seed: int | None, language: str | None) -> None:
    from ikut_eval.contract.schema import load_contract
    from ikut_eval.data.writing import refuse_real_data, write_synthetic

    refuse_real_data(out)
    for path in write_synthetic(out, load_contract(), case=case, seed=seed, language=language or default_language()):
        show_message("written", language or default_language(), file=path)


@cli.command(help="cli.check")
@click.argument("data", required=False, metavar="click.blank.data")
@workspace_option
@click.option("--format", "-f", "form", type=click.Choice(["text", "json", "html"]), default="text", help="cli.format")
@language_option
def check(data: str | None, folder: Path, form: str, language: str | None) -> None:
    from ikut_eval.data.issues import Report, check_page
    from ikut_eval.data.pilot import validate

    space = workspace_at(given_path(data) if data else folder) if not data or is_workspace(data) else None
    words = language or (space.language if space else default_language())
    report = validate(space.data if space else str(data))
    to_come = _to_come(space.data if space else str(data), space.report_date if space else None, words) if report.ok else []
    shown = {"html": check_page, "json": Report.to_json, "text": Report.to_text}[form](report, words, to_come)
    plain_ascii = form in _PLAIN_ASCII and not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    click.echo(_PLAIN_ASCII[form](shown) if plain_ascii else shown)
    if not report.ok:
        sys.exit(DataError.exit_code)


def _to_come(data: Path | str, on: date | None, language: str) -> list[str]:
    from ikut_eval.data.pilot import read_pilot
    from ikut_eval.measures.follow_up import still_to_come
    from ikut_eval.present.tables import to_come_lines

    return to_come_lines(still_to_come(read_pilot(data, date=on)), language)


@cli.command(help="cli.names")
@in_workspace
def names(space: Workspace) -> None:
    from ikut_eval.data.identifiers import NAMES, list_names
    from ikut_eval.data.reading import synthetic_case

    if synthetic_case(space.data):
        raise UsageError("names_of_nobody", file=SETTINGS)
    if sys.stdin.isatty():
        show_message("type_names", space.language)
    listed, as_whole = list_names(Path(space.data), sys.stdin)
    if not listed:
        raise UsageError("no_names")
    show_message("names_listed", space.language, n=listed, file=NAMES)
    if as_whole:
        show_message("names_as_whole", space.language, n=as_whole)


@cli.command(help="cli.run")
@as_of
@click.option("--cohort", "-c", "cohorts", multiple=True, help="cli.cohort")
@click.option("--notebook", "-n", "notebooks", multiple=True, help="cli.notebook")
@click.option("-p", "words", nargs=2, multiple=True, metavar="click.blank.name_value", help="cli.parameter")
@click.option("--notebooks", "notebook_folder", type=GivenPath(), help="cli.notebook_folder")
@click.option("--jobs", "-j", type=click.IntRange(1, 16), default=min(os.cpu_count() or 1, 4), help="cli.jobs", show_default=True)
@click.option("--force", is_flag=True, help="cli.force")
@click.option("--dry-run", is_flag=True, help="cli.dry_run")
@click.option("--by", "who", help="cli.run_by")
def run(space: Workspace, notebook_folder: Path | None, jobs: int, force: bool, dry_run: bool, **chosen: Any) -> None:
    from ikut_eval.batch.job import run_job

    started = time.monotonic()
    job = run_job(space, notebook_folder=notebook_folder, jobs=jobs, force=force, dry_run=dry_run, **chosen)
    failed = _show_progress(job.results, job.total, space.language)
    if not dry_run:
        _show_written(job, space, started)
    if job.refusal:
        click.echo(f"{text('said.not_drafted', space.language)} {job.refusal.message(space.language)}", err=True)
    if failed:
        raise NotebookError("notebooks_failed", n=failed)
    if job.refusal:
        sys.exit(job.refusal.exit_code)


def _show_progress(results: Any, total: int, language: str) -> int:
    failed = 0
    on_terminal = sys.stdout.isatty()
    with click.progressbar(length=total, label=text("said.running", language), hidden=not on_terminal) as bar:
        for result in results:
            bar.update(1)
            failed += result.state == "failed"
            if result.state == "failed":
                _show_failure(result, language)
            elif not on_terminal:
                show_message(f"run_{result.state}", language, name=result.run.name, seconds=number(result.seconds, language))
    return failed


def _show_failure(result: Any, language: str) -> None:
    from ikut_eval.batch.runner import CELL_SECONDS, DEAD, TOO_LONG

    key = "run_failed" if result.line else "run_failed_in_cell" if result.cell else "run_failed_at_start"
    error = text(f"said.{result.error}", language, limit=number(CELL_SECONDS, language, 0)) if result.error in (DEAD, TOO_LONG) else result.error
    show_message(key, language, name=result.run.name, cell=result.cell, line=result.line, error=error)
    if result.report.exists():
        show_message("run_kept", language, name=result.run.name)


def _show_written(job: Any, space: Workspace, started: float) -> None:
    index = job.write_index()
    show_message("bundle_written" if job.renew_internal() else "bundle_unchanged", space.language, folder=space.internal_bundle)
    if job.suggested_plan:
        show_message("plan_not_confirmed", space.language)
    if job.drafted:
        click.echo(text("release.drafted", space.language, release=job.drafted, command=f"ikut-eval release show {job.drafted}"))
        print_given_up(space, job.drafted)
    for line in job.outdated_lines():
        click.echo(line)
    show_message("reports", space.language, index=index, seconds=number(time.monotonic() - started, space.language))


@cli.command(help="cli.report")
@in_workspace
@click.option("--cohort", "-c", "cohorts", multiple=True, help="cli.cohort")
@click.option("--notebook", "-n", "notebooks", multiple=True, help="cli.notebook")
@click.option("--format", "-f", "form", type=click.Choice(["pdf", "docx", "pptx", "xlsx"]), default="pdf", help="cli.report_format", show_default=True)
@click.option("--audience", type=click.Choice(["internal", "public"]), default="internal", help="cli.report_audience", show_default=True)
def report(space: Workspace, cohorts: tuple[str, ...], notebooks: tuple[str, ...], form: str, audience: str) -> None:
    from ikut_eval.batch.job import finished_reports
    from ikut_eval.batch.office import write_office
    from ikut_eval.batch.report import finished_report, print_pdf

    if audience == "public":
        if cohorts or notebooks:
            raise UsageError("public_has_no_cohorts")
        if form == "pdf":
            raise UsageError("public_pdf")
        _show_public_report(space, form)
        return
    for path in finished_reports(space, cohorts=cohorts, notebooks=notebooks):
        made = print_pdf(path) if form == "pdf" else write_office(finished_report(path), path.with_suffix(f".{form}"))
        show_message("written", space.language, file=made)


def _show_public_report(space: Workspace, form: str) -> None:
    """Write what is published in each language of the workspace: from the bundle that is public now, and from nothing else."""
    from ikut_eval.batch.office import write_office
    from ikut_eval.batch.report import OfficeReport
    from ikut_eval.dashboard.bundle_source import BundleSource
    from ikut_eval.dashboard.pages import published_parts
    from ikut_eval.release.store import current_bundle

    if current_bundle(space.public_bundles) is None:
        raise NotAllowedError("nothing_published")
    bundle = BundleSource(space.public_bundles, "public").read()
    folder = space.folder / "public"
    with storing(folder.name):
        folder.mkdir(mode=0o700, exist_ok=True)
    for language in space.languages:
        title, about, labels, parts = published_parts(bundle, language)
        made = OfficeReport(title, about, labels, language, bundle.data_date, parts)
        show_message("written", space.language, file=write_office(made, folder / f"{bundle.about['release']}.{language}.{form}"))


@cli.command(help="cli.dashboard")
@click.option("--audience", type=click.Choice(["internal", "public"]), required=True, help="cli.audience")
@workspace_option
@click.option("--bundle", type=GivenPath(file_okay=False), help="cli.bundle")
@click.option("--port", type=click.IntRange(0, 65535), default=8866, help="cli.port", show_default=True)
@click.option("--ip", default="127.0.0.1", help="cli.ip", show_default=True)
@click.option("--host-name", "host_names", multiple=True, help="cli.host_name")
@click.option("--kernels", type=click.IntRange(1, 16), default=4, help="cli.kernels", show_default=True)
@click.option("--static", "out", type=GivenPath(file_okay=False), help="cli.static")
@click.option("--notebooks", "own", type=GivenPath(file_okay=False), help="cli.own_pages")
@language_option
def dashboard(
    audience: str, folder: Path, bundle: Path | None, out: Path | None, own: Path | None, language: str | None, kernels: int, **listening: Any
) -> None:
    from ikut_eval.dashboard.bundle_source import BundleSource
    from ikut_eval.dashboard.server import serve
    from ikut_eval.dashboard.site import Settings, own_pages, write_pages

    words = language or default_language()
    if not bundle:
        space = workspace_at(folder)
        words, bundle = language or space.language, space.public_bundles if audience == "public" else space.internal_bundle
    source, settings = BundleSource(bundle, audience), Settings(shipped("dashboards"), words, kernels=kernels, own=own_pages(own, audience))
    if out:
        made = write_pages(source, out, settings, made=lambda **page: click.echo(text("dashboard.rendered", words, **page)))
        show_message("pages", words, file=made)
    else:
        serve(source, settings, **listening)


@cli.command(help="cli.due")
@as_of
def due(space: Workspace) -> None:
    from ikut_eval.data.pilot import read_pilot
    from ikut_eval.measures.follow_up import follow_ups_due
    from ikut_eval.present.tables import due_lines

    pilot = read_pilot(space.data, date=space.report_date)
    click.echo("\n".join(due_lines(follow_ups_due(pilot), pilot.reporting_date or date.today(), space.language)))


@cli.command(help="cli.plan")
@in_workspace
def plan(space: Workspace) -> None:
    from ikut_eval.batch.job import confirm_plan
    from ikut_eval.present.tables import say_plan

    click.echo(repr(say_plan(confirm_plan(space), language=space.language)))


@cli.command(help="cli.explain")
@click.argument("measure", required=False, metavar="click.blank.measure")
@language_option
def explain(measure: str | None, language: str | None) -> None:
    from ikut_eval.contract.measure_catalogue import explain as explanation
    from ikut_eval.contract.measure_catalogue import measure_catalogue

    words = language or default_language()
    shown = [str(explanation(measure, language=words))] if measure else [f"{m.id:28} {m.title[words]}" for m in measure_catalogue().values()]
    click.echo("\n".join(shown))


@cli.command(help="cli.doctor")
@language_option
def doctor(language: str | None) -> None:
    from ikut_eval.batch.report import environment_checks

    words = language or default_language()
    found = environment_checks()
    for key, ok, detail in found:
        click.echo(f"{'✓' if ok else '✗'} {text(f'doctor.{key}', words)}: {detail or text('doctor.missing', words)}")
    if not all(ok for _, ok, _ in found):
        sys.exit(MachineError.exit_code)


cli.add_command(release)
_PLAIN_ASCII: dict[str, Callable[[str], str]] = {
    "html": lambda page: page.encode("ascii", "xmlcharrefreplace").decode(),
    "json": lambda found: json.dumps(json.loads(found), indent=2),
}
"""How a page and JSON write what a terminal cannot show."""


def main() -> None:
    """Run the command line; every error is one sentence and an exit code, in the language of the workspace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows a question mark
    words = [as_typed_here(word) for word in sys.argv[1:]]
    os.environ["IKUT_EVAL_LANGUAGE"] = here = language_of(words)
    try:
        sys.exit(in_words(cli, here)(words, prog_name="ikut-eval", standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(UsageError.exit_code)
    except IkutError as problem:
        click.echo(f"{text('severity.error', here)}: {problem.message(here)}", err=True)
        sys.exit(problem.exit_code)
    except Exception as problem:
        click.echo(f"{text('severity.error', here)}: {text('error.defect', here, kind=type(problem).__name__, place=place_of(problem))}", err=True)
        sys.exit(1)
