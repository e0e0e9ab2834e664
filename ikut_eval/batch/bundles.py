"""What a run keeps up to date besides reports: the evaluators' bundle, and the draft of the next release."""

import hashlib
import json
from pathlib import Path

from ikut_eval.batch.manifest import package_digest, versions
from ikut_eval.contract.atomic import storage_error, write_text
from ikut_eval.contract.errors import IkutError
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
    from ikut_eval.release.life import draft_release

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
