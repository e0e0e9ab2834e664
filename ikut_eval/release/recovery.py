"""A ledger that was lost or rolled back: found by the copies of releases, which name what it lacks, and rebuilt from them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ikut_eval.contract.atomic import write_text
from ikut_eval.contract.errors import DisclosureError, IkutError, UsageError
from ikut_eval.data.workspace import Workspace
from ikut_eval.release.ledger import START, Ledger, append, cut_to_sound, read_ledger, timestamp
from ikut_eval.release.store import MANIFEST, Bundle, copy_bundle, read_bundle

BUNDLE = "bundle"
"""Folder of a release that holds its bundle."""
_OUT = "published"
"""File beside the bundle of a release that has been published."""
_RELEASE = re.compile(r"r\d{2,6}")


@dataclass(frozen=True)
class Recovered:
    """What became of a ledger.

    Attributes
    ----------
    releases : tuple of str – releases whose entries were made again from their copies
    missing : int – entries that were there at least, by what was left of the ledger, and could not be made again
    copies : tuple of str – files beside the ledger that hold what was left of it
    """

    releases: tuple[str, ...]
    missing: int
    copies: tuple[str, ...]


def mark_as_published(space: Workspace, release: str) -> None:
    """Note beside a release that it has been published, so that it is known even where ledger and public copies are gone."""
    folder = space.releases / release
    if (folder / BUNDLE).exists() and not (folder / _OUT).exists():
        write_text(folder / _OUT, f"{release}\n")


def check_copies(space: Workspace, ledger: Ledger) -> None:
    """Refuse a ledger that lacks what a copy of a release names: the release itself, or the entry before it.

    Raises DisclosureError if something is lacking, or a copy is not what the ledger says; as `read_bundle` if a copy is not whole.
    """
    told = {entry.content["release"]: entry.content["digest"] for entry in ledger.releases}
    copies = list(_copies(space))
    for copy in copies:
        name = copy.about["release"]
        if name not in told:
            raise DisclosureError("ledger_lacks_release", release=name, file=space.ledger.name)
        if told[name] != copy.digest:
            raise DisclosureError("release_changed", release=name)
    if _lost_heads(space, ledger, copies):
        raise DisclosureError("ledger_lacks_entries", file=space.ledger.name)


def rebuild(space: Workspace, *, who: str, told_by: Callable[[Bundle, Ledger], Mapping[str, Any]]) -> Recovered:
    """Make the ledger whole again: what is left of it, then that this is done, then every release that only its copy still tells of.

    A kill leaves a ledger that is still refused, and the next call goes on. `told_by` returns what a copy told for the first time,
    as the ledger has it, beside the ledger of what came before.

    Raises
    ------
    UsageError
        If nothing is missing.
    DisclosureError
        If there is no copy of a release that came before another, or a copy is not what the ledger says.
    """
    written, files = cut_to_sound(space.ledger)
    ledger = read_ledger(space.ledger)
    found = list(_copies(space))
    copies: dict[str, Bundle] = {}
    for copy in found:
        if copies.setdefault(copy.about["release"], copy).digest != copy.digest:
            raise DisclosureError("release_changed", release=copy.about["release"])
    for entry in ledger.releases:
        if (kept := copies.pop(entry.content["release"], None)) and kept.digest != entry.content["digest"]:
            raise DisclosureError("release_changed", release=entry.content["release"])
    made = sorted(copies, key=_number)
    for number, release in enumerate(made, len(ledger.releases) + 1):
        if _number(release) != number:
            raise DisclosureError("copy_needed", release=f"r{number:02d}")
    heads = _lost_heads(space, ledger, found)
    if not (files or made or heads):
        raise UsageError("nothing_to_recover", file=space.ledger.name)
    missing = max(0, written - len(ledger.entries) - len(made))
    ledger = append(space.ledger, kind="recovery", who=who, when=timestamp(), content={"heads": sorted(heads), "releases": made, "missing": missing})
    for release in made:
        content = {"release": release, "digest": copies[release].digest, "recovered": True, **told_by(copies[release], ledger)}
        ledger = append(space.ledger, kind="release", who=who, when=timestamp(), content=content, after=ledger.head)
    for release in (entry.content["release"] for entry in ledger.releases):
        if (space.public_bundles / release).exists() and not (space.releases / release / BUNDLE).exists():
            (space.releases / release).mkdir(mode=0o700, parents=True, exist_ok=True)
            copy_bundle(space.public_bundles / release, space.releases / release / BUNDLE)
        mark_as_published(space, release)
    return Recovered(tuple(made), missing, files)


def _copies(space: Workspace) -> Iterator[Bundle]:
    """Give every copy of a release that was published: the public ones, and those kept where the release was drafted."""
    for folder in _folders(space.public_bundles):
        if (folder / MANIFEST).exists() or _RELEASE.fullmatch(folder.name):
            yield _checked(folder)
    for folder in _folders(space.releases):
        if (folder / _OUT).exists():
            yield _checked(folder / BUNDLE)


def _checked(folder: Path) -> Bundle:
    """Return a copy of a release, or refuse one that does not name it."""
    bundle = read_bundle(folder, audience="public")
    if not _RELEASE.fullmatch(str(bundle.about.get("release"))):
        raise DisclosureError("release_changed", release=folder.name)
    return bundle


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")) if folder.is_dir() else []


def _lost_heads(space: Workspace, ledger: Ledger, copies: Iterable[Bundle]) -> set[str]:
    """Return the heads with which releases and drafts were written that are no entry of the ledger, unless a recovery has noted them."""
    heads = {copy.ledger_head for copy in copies}
    for folder in _folders(space.releases):
        try:
            heads.add(read_bundle(folder / BUNDLE, audience="public").ledger_head)
        except IkutError:  # a draft that is not whole is made again
            continue
    noted = {head for entry in ledger.entries if entry.kind == "recovery" for head in entry.content["heads"]}
    return heads - {START, *(entry.hash for entry in ledger.entries), *noted}


def _number(release: str) -> int:
    return int(release[1:])
