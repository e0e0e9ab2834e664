"""The verbs of a release's life."""

import sys
from typing import TYPE_CHECKING

import click

from ikut_eval.contract.errors import DataError, DisclosureError, UsageError
from ikut_eval.contract.locale import text
from ikut_eval.data.workspace import Workspace
from ikut_eval.options import as_of, in_workspace, language_option

if TYPE_CHECKING:
    from ikut_eval.disclosure.audit import Audit
    from ikut_eval.release.publication import Standing

by_option = click.option("--by", "who", required=True, help="cli.by")


@click.group(help="cli.release")
def release() -> None:
    pass


def _print_standing(standing: "Standing", language: str) -> None:
    values = {name: getattr(standing, name) or "–" for name in ("author", "approver", "digest")}
    state = text(f"release.{standing.state}", language)
    click.echo(text("release.standing", language, release=standing.id, state=state, **values))


def print_given_up(space: Workspace, name: str) -> None:
    """Print what a draft had to give up."""
    from ikut_eval.present.releases import given_up_lines
    from ikut_eval.release.publication import release_bundle

    for line in given_up_lines(release_bundle(space, name), space.language):
        click.echo(line)


@release.command(help="cli.release_draft")
@as_of
@by_option
def draft(space: Workspace, who: str) -> None:
    from ikut_eval.data.pilot import read_pilot
    from ikut_eval.release.publication import draft_release

    drafted = draft_release(space, read_pilot(space.data, date=space.report_date), author=who)
    _print_standing(drafted, space.language)
    print_given_up(space, drafted.id)


@release.command(help="cli.release_show")
@click.argument("name", metavar="click.blank.release")
@in_workspace
@language_option
def show(space: Workspace, name: str, language: str | None) -> None:
    from ikut_eval.present.releases import release_lines
    from ikut_eval.release.publication import list_releases, release_bundle

    bundle, words = release_bundle(space, name), language or space.language
    _print_standing(next(one for one in list_releases(space) if one.id == name), words)
    click.echo("\n".join(release_lines(bundle, words)))
    _print_outdated(space, words)


@release.command(help="cli.release_diff")
@click.argument("name", metavar="click.blank.release")
@in_workspace
def diff(space: Workspace, name: str) -> None:
    from ikut_eval.disclosure.coded_figures import figure_text
    from ikut_eval.present.releases import figure_name
    from ikut_eval.release.publication import difference

    for pair in difference(space, name):
        before, after = (figure_text(figure, space.language) if figure else "–" for figure in pair)
        (figure, *_) = filter(None, pair)
        click.echo(text("release.changes", space.language, name=figure_name(figure, space.language), before=before, after=after))


@release.command(help="cli.release_approve")
@click.argument("name", metavar="click.blank.release")
@click.option("--hash", "digest", required=True, help="cli.hash")
@in_workspace
@by_option
def approve(space: Workspace, name: str, digest: str, who: str) -> None:
    from ikut_eval.release import publication

    _print_standing(publication.approve(space, name, approver=who, digest=digest), space.language)


@release.command(help="cli.release_publish")
@click.argument("name", metavar="click.blank.release")
@in_workspace
def publish(space: Workspace, name: str) -> None:
    from ikut_eval.release import publication

    _print_standing(publication.publish(space, name), space.language)


@release.command(help="cli.release_withdraw")
@click.argument("indicator", metavar="click.blank.indicator")
@click.option("--reason", required=True, help="cli.reason")
@in_workspace
@by_option
def withdraw(space: Workspace, indicator: str, reason: str, who: str) -> None:
    from ikut_eval.release import publication

    _print_standing(publication.withdraw(space, indicator, who=who, reason=reason), space.language)


@release.command(help="cli.release_correct")
@click.argument("indicator", metavar="click.blank.indicator")
@click.option("--reason", required=True, help="cli.correction_reason")
@in_workspace
@by_option
def correct(space: Workspace, indicator: str, reason: str, who: str) -> None:
    from ikut_eval.data.pilot import read_pilot
    from ikut_eval.release.publication import request_correction

    request_correction(space, read_pilot(space.data, date=space.report_date), indicator, who=who, reason=reason)
    click.echo(text("release.correction_noted", space.language))


@release.command("list", help="cli.release_list")
@in_workspace
def list_(space: Workspace) -> None:
    from ikut_eval.release.publication import list_releases

    for standing in (found := list_releases(space)):
        _print_standing(standing, space.language)
    if not found:
        click.echo(text("release.none", space.language))


@release.command(help="cli.release_audit")
@in_workspace
def audit(space: Workspace) -> None:
    from ikut_eval.release.publication import audit_releases

    found = audit_releases(space)
    _print_outdated(space, space.language)
    _print_audit(found, space.language)


def _print_outdated(space: Workspace, language: str) -> None:
    """Print which published figures no longer agree with the data; that nobody knows, where the data cannot be read."""
    from ikut_eval.data.pilot import read_pilot
    from ikut_eval.present.releases import outdated_lines
    from ikut_eval.release.publication import outdated

    try:
        lines = outdated_lines(outdated(space, read_pilot(space.data, date=space.report_date)), language)
    except DataError as problem:
        lines = [text("release.not_compared", language, reason=problem.message(language))]
    for line in lines:
        click.echo(line)


def _print_audit(found: "Audit", language: str) -> None:
    """Print an audit's verdict and findings; end with the code of a disclosure rule if it is not safe."""
    from ikut_eval.present.releases import audited_name

    verdict = text(f"release.{found.verdict}", language)
    click.echo(text("release.audit", language, verdict=verdict, n=len(found.bounds)))
    frame = found.to_frame()
    for row in frame[frame["findings"] != ""].itertuples():
        click.echo(text("release.finding", language, people=audited_name(row.block, row.cohorts, row.where, language), kind=row.findings))
    if found.verdict != "safe":
        sys.exit(DisclosureError.exit_code)


@release.command(help="cli.release_recover")
@in_workspace
@by_option
def recover(space: Workspace, who: str) -> None:
    from ikut_eval.release import publication

    found = publication.recover(space, who=who)
    for release in found.releases:
        click.echo(text("release.recovered", space.language, release=release))
    for copy in found.copies:
        click.echo(text("release.kept_copy", space.language, file=copy))
    click.echo(text("release.not_recovered", space.language))
    if found.missing:
        click.echo(text("release.entries_missing", space.language, n=found.missing))


@release.group(help="cli.release_fact")
def fact() -> None:
    pass


@fact.command(help="cli.release_fact_add")
@click.argument("name", metavar="click.blank.indicator")
@click.argument("cohorts", metavar="click.blank.cohorts")
@click.argument("low", type=int, required=False, metavar="click.blank.low")
@click.argument("high", type=int, required=False, metavar="click.blank.high")
@click.option("--percent", default="", help="cli.fact_percent")
@click.option("--of", default="", metavar="click.blank.indicator", help="cli.fact_of")
@click.option("--mean", default="", help="cli.fact_mean")
@click.option("--source", required=True, help="cli.source")
@in_workspace
@by_option
def add(space: Workspace, name: str, cohorts: str, low: int | None, high: int | None, percent: str, of: str, mean: str, source: str, who: str) -> None:
    from ikut_eval.release.outside_facts import Printed
    from ikut_eval.release.publication import add_fact

    if not all(part.isdigit() for part in cohorts.split("+")):
        raise UsageError("cohorts_by_position")
    printed = Printed(None if low is None else (low, low if high is None else high), percent, of, mean)
    found = add_fact(space, name, printed, group=tuple(map(int, cohorts.split("+"))), source=source, who=who)
    _print_audit(found, space.language)
