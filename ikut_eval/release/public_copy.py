"""The copy of a release that readers get: put in its place by what the ledger says, and checked against it."""

from ikut_eval.contract.atomic import write_text
from ikut_eval.contract.errors import DisclosureError, UsageError
from ikut_eval.data.workspace import Workspace
from ikut_eval.release.csv_table import Table
from ikut_eval.release.ledger import Entry, Ledger, locked
from ikut_eval.release.store import CURRENT, Bundle, current_bundle, read_bundle, write_bundle

BUNDLE = "bundle"
"""Folder of a release that holds its bundle."""


def current(space: Workspace) -> Bundle:
    """Return the bundle that is public now.

    Raises
    ------
    UsageError
        If nothing has been published.
    """
    folder = current_bundle(space.public_bundles)
    if folder is None:
        raise UsageError("nothing_published")
    return read_bundle(folder, audience="public")


def finish(space: Workspace, ledger: Ledger) -> None:
    """Put the bundle of the last release or withdrawal where readers find it, if it is not there yet.

    Raises
    ------
    DisclosureError
        If what readers find there, or what should be put there, is not what the ledger says.
    """
    last = next((e for e in reversed(ledger.entries) if e.kind in ("release", "withdrawal")), None)
    if last is None or _is_public(space, last):
        return
    with locked(space.ledger):
        if not _is_public(space, last):
            _make_public(space, last)


def _is_public(space: Workspace, last: Entry) -> bool:
    pointer = space.public_bundles / CURRENT
    if not pointer.is_file() or pointer.read_text(encoding="utf-8").strip() != last.content["release"]:
        return False
    _as_in_ledger(current(space), last)
    return True


def _as_in_ledger(bundle: Bundle, last: Entry) -> Bundle:
    if bundle.digest != last.content["digest"]:
        raise DisclosureError("release_changed", release=last.content["release"])
    return bundle


def _make_public(space: Workspace, last: Entry) -> None:
    release = last.content["release"]
    bundle = _as_in_ledger(read_bundle(space.releases / release / BUNDLE, audience="public"), last)
    space.public_bundles.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_bundle(
        space.public_bundles / release,
        audience="public",
        tables=[Table(bundle.schemas[name], bundle.table(name)) for name in bundle.schemas],
        about=bundle.about,
        data_date=bundle.data_date,
        synthetic=bundle.synthetic,
        policy=bundle.policy,
        ledger_head=bundle.ledger_head,
    )
    write_text(space.public_bundles / CURRENT, release + "\n")
