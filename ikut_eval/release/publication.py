"""A release from draft to public: approved by a second person, published at once or not at all, withdrawn."""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import normalize

from ikut_eval.contract.atomic import given_path, write_text
from ikut_eval.contract.errors import ConfigurationError, DisclosureError, NotAllowedError, UsageError, check_choice
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.data.workspace import SETTINGS, Workspace
from ikut_eval.disclosure.audit import Audit
from ikut_eval.disclosure.coded_figures import CodedFigure, figure_json, read_figures
from ikut_eval.disclosure.policy import Policy, adjusted, load_policy, withdrawn_with
from ikut_eval.measures.participants import participants
from ikut_eval.release.corrections import REASONS, disagreements, left_of
from ikut_eval.release.draft import bundle_content, check_safe, make_draft, still_told
from ikut_eval.release.ledger import Entry, Ledger, append, locked, read_ledger, timestamp
from ikut_eval.release.outside_facts import Printed, fact_content
from ikut_eval.release.public_knowledge import PublicFacts, audit_families, audit_known, by_key, read_public_facts, standing, with_release, withdrawn
from ikut_eval.release.recovery import BUNDLE, Recovered, check_copies, mark_as_published, rebuild
from ikut_eval.release.store import CURRENT, OUTDATED, Bundle, copy_bundle, current_bundle, noted_outdated, read_bundle, write_bundle


def current(space: Workspace) -> Bundle:
    """Return the bundle that is public now, or raise UsageError if nothing has been published."""
    folder = current_bundle(space.public_bundles)
    if folder is None:
        raise UsageError("nothing_published")
    return read_bundle(folder, audience="public")


def finish(space: Workspace, ledger: Ledger) -> None:
    """Put the bundle of the last release or withdrawal where readers find it, if it is not there yet.

    Raises DisclosureError if what readers find there, or what should be put there, is not what the ledger says.
    """
    last = next(reversed(ledger.releases), None)
    if last is None:
        return
    mark_as_published(space, last.content["release"])
    if _is_public(space, last):
        return
    release = last.content["release"]
    with locked(space.ledger):
        if not _is_public(space, last):
            _as_in_ledger(_drafted(space, release), last)
            space.public_bundles.mkdir(mode=0o700, parents=True, exist_ok=True)
            copy_bundle(space.releases / release / BUNDLE, space.public_bundles / release)
            write_text(space.public_bundles / CURRENT, release + "\n")


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


def _drafted(space: Workspace, release: str) -> Bundle:
    return read_bundle(space.releases / release / BUNDLE, audience="public")


def _folder(space: Workspace, release: str) -> Path:
    """Return the folder of the next release, made where it is not there, without anything that stood for an older draft."""
    folder = space.releases / release
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for waiting in (_APPROVAL, _ABOUT):
        (folder / waiting).unlink(missing_ok=True)
    return folder


_ABOUT, _APPROVAL, _PROOFS, _MARKS = "draft.json", "approval.json", "proofs.json", "marks.json"
_FEWEST_LETTERS = 8


@dataclass(frozen=True)
class Standing:
    """A release and where it stands: "draft", "approved", "published" or "superseded"."""

    id: str
    state: str
    digest: str
    author: str
    approver: str


def rules(space: Workspace) -> tuple[Policy, PublicFacts]:
    """Return the workspace's policy and public facts."""
    return adjusted(load_policy(), space.policy), read_public_facts(space.public, file=SETTINGS)


def ledger_of(space: Workspace) -> Ledger:
    """Return the ledger, after finishing what a kill may have left half-way; errors are those of `read_ledger` and `check_copies`."""
    ledger = read_ledger(space.ledger)
    check_copies(space, ledger)
    finish(space, ledger)
    return ledger


def recover(space: Workspace, *, who: str) -> Recovered:
    """Make a ledger that was lost, cut or rolled back whole again from the copies of releases; errors are those of `rebuild`."""
    policy, _ = rules(space)

    def told_by(copy: Bundle, ledger: Ledger) -> Mapping[str, Any]:
        new, more = _told_by(copy, ledger, policy, copy.about["release"])
        return {"figures": [figure_json(figure) for figure in new], **more}

    found = rebuild(space, who=_named(who), told_by=told_by)
    ledger_of(space)
    return found


def draft_release(space: Workspace, pilot: PilotData, *, author: str) -> Standing:
    """Write a draft of the next release in the place of an older draft.

    Raises DisclosureError as `make_draft`; UsageError if there is nothing new to publish, the reporting date is still to
    come, or the author has no name.
    """
    if pilot.reporting_date is not None and pilot.reporting_date > date.today():
        raise UsageError("release_ahead")
    ledger = ledger_of(space)
    policy, facts = rules(space)
    _forget_people(space, pilot)
    proofs_before = _json_of(space.releases / _PROOFS)
    draft, proofs = make_draft(pilot, policy=policy, facts=facts, ledger=ledger, known_proofs=proofs_before, marks=_marks(space, ledger))
    if not draft.new:
        raise UsageError("nothing_to_release")
    who = _named(author)
    folder = _folder(space, _next_id(ledger))
    digest = write_bundle(folder / BUNDLE, **bundle_content(draft, release=folder.name, ledger_head=ledger.head))
    _write(folder / _ABOUT, {"author": who, "digest": digest, "ledger_head": ledger.head, "data": pilot.digest})
    _write(folder / _MARKS, draft.marks)
    _write(space.releases / _PROOFS, proofs)
    return Standing(folder.name, "draft", digest, who, "")


def _marks(space: Workspace, ledger: Ledger) -> dict[str, dict[str, str]]:
    """Return the marks of people kept with the releases, of each family and group the last."""
    found: dict[str, dict[str, str]] = {}
    for entry in (one for one in ledger.entries if one.kind == "release"):
        found |= _json_of(space.releases / entry.content["release"] / _MARKS) or {}
    return found


def _forget_people(space: Workspace, pilot: PilotData) -> None:
    """Remove the marks of people who are not in the data any more."""
    people = list(pilot["participant"]["participant_id"])
    for path in space.releases.glob(f"r*/{_MARKS}"):
        kept = _json_of(path)
        left = {key: left_of(marks, people) for key, marks in kept.items()}
        if left != kept:
            _write(path, left)


def approve(space: Workspace, release: str, *, approver: str, digest: str) -> Standing:
    """Approve a draft over its hash.

    Raises NotAllowedError if the author approves, or the hash is not that of the draft.
    """
    who, about = _named(approver), _draft(space, release)
    if _same_person(who, about["author"]):
        raise NotAllowedError("author_cannot_approve")
    bundle = _drafted(space, release)
    if len(digest) < _FEWEST_LETTERS or not bundle.digest.startswith(digest.lower()) or bundle.digest != about["digest"]:
        raise NotAllowedError("hash_does_not_fit", release=release)
    _write(space.releases / release / _APPROVAL, {"approver": who, "digest": bundle.digest, "draft": _fingerprint(about), "when": timestamp()})
    return Standing(release, "approved", bundle.digest, about["author"], who)


def publish(space: Workspace, release: str) -> Standing:
    """Publish an approved draft: first the ledger, which decides, then the bundle. A kill between is finished by the next command.

    Raises NotAllowedError if it is not approved, or was changed since; DisclosureError if something was published or became
    known since it was drafted, or the audit now refuses it.
    """
    about = _draft(space, release)
    approval = _json_of(space.releases / release / _APPROVAL)
    if approval is None:
        raise NotAllowedError("not_approved", release=release)
    bundle = _drafted(space, release)
    same = approval["digest"] == about["digest"] == bundle.digest and approval["draft"] == _fingerprint(about)
    if not same or _same_person(approval["approver"], about["author"]):
        raise NotAllowedError("hash_does_not_fit", release=release)
    ledger = read_ledger(space.ledger)
    if ledger.head != bundle.ledger_head:
        raise DisclosureError("ledger_moved", release=release)
    policy, facts = rules(space)
    if (policy.digest, list(facts.cohort_sizes), facts.total) != (bundle.policy, bundle.about["cohort_sizes"], bundle.about["total"]):
        raise DisclosureError("policy_moved", release=release)
    new, more = _told_by(bundle, ledger, policy, release)
    check_safe(audit_families(policy, facts, with_release(ledger, new, **more)), policy, new)
    content = {"release": release, "digest": bundle.digest, "author": about["author"], "data": about["data"], "figures": [figure_json(f) for f in new], **more}
    finish(space, append(space.ledger, kind="release", who=approval["approver"], when=timestamp(), content=content, after=ledger.head))
    return Standing(release, "published", bundle.digest, about["author"], approval["approver"])


def _told_by(bundle: Bundle, ledger: Ledger, policy: Policy, release: str) -> tuple[list[CodedFigure], dict[str, Any]]:
    """Return what a bundle tells for the first time, and its day, corrections and withdrawals, from the approved files themselves."""
    made = {}
    for row in bundle.table("corrections").itertuples() if "corrections" in bundle.schemas else ():
        if row.release == release:
            group = tuple(int(position) for position in str(row.cohorts).split("+"))
            made[policy.family_of(str(row.indicator).partition(".")[0]).id, group] = str(row.reason).rpartition(".")[2]
    before, gone, new, away = by_key(standing(ledger)), withdrawn(ledger), list[CodedFigure](), dict[str, None]()
    for figure in read_figures(bundle.table("figures")):
        stands, name = before.get((figure.indicator, figure.group)), figure.indicator.partition(".")[0]
        if figure.status == "withdrawn" and name not in gone:
            away[name] = None
        elif figure.speaks and (stands is None or (policy.family_of(name).id, figure.group) in made):
            new.append(figure)
        elif figure.speaks and stands != figure:
            raise DisclosureError("release_changed", release=release)
    names = {family.id: [i.id for i in family.indicators] for family in policy.families}
    corrected = [{"family": name, "group": list(group), "indicators": names[name], "reason": reason} for (name, group), reason in made.items()]
    return new, {"day": bundle.data_date.isoformat() if bundle.data_date else "", "corrected": corrected, "withdrawn": list(away)}


def request_correction(space: Workspace, pilot: PilotData, indicator: str, *, who: str, reason: str) -> None:
    """Ask for an indicator to be corrected in the next release with a group that has closed; `reason` is one of `REASONS`.

    Raises UsageError if it is not published, or agrees with the data.
    """
    name, ledger = _named(who), ledger_of(space)
    rules(space)[0].family_of(indicator)
    check_choice("--reason", reason, REASONS)
    if indicator not in {figure.indicator.partition(".")[0] for figure in standing(ledger)}:
        raise UsageError("not_published", indicator=indicator)
    if indicator not in {one["figure"]["indicator"].partition(".")[0] for one in outdated(space, pilot)}:
        raise UsageError("nothing_to_correct", indicator=indicator)
    append(space.ledger, kind="correction", who=name, when=timestamp(), content={"indicator": indicator, "reason": reason}, after=ledger.head)


def outdated(space: Workspace, pilot: PilotData) -> list[dict[str, Any]]:
    """Return each figure that is published and no longer agrees with the data: the `figure` as JSON, the `release` that published it, and `since` when."""
    ledger = ledger_of(space)
    if not ledger.releases:
        return []
    policy, facts = rules(space)
    every = (one for found in disagreements(pilot, policy, facts, ledger, _marks(space, ledger)) for one in found.outdated)
    return [{"figure": figure_json(figure), "release": release, "since": since} for figure, release, since in every]


def note_outdated(space: Workspace, pilot: PilotData) -> None:
    """Keep beside the releases which published figures no longer agree with the data, for whoever shows a release or the internal bundle."""
    found = outdated(space, pilot)
    if found or noted_outdated(space.releases):
        _write(space.releases / OUTDATED, {"figures": found})


def withdraw(space: Workspace, indicator: str, *, who: str, reason: str) -> Standing:
    """Take an indicator from all groups at once, with its whole family where its figures add up to the people.

    What was published stays in the ledger: it stays known. No file that is written from now on holds it.

    Raises UsageError if it is not published, or there is no reason.
    """
    name, ledger = _named(who), ledger_of(space)
    policy, _ = rules(space)
    family = policy.family_of(indicator)
    if not reason.strip():
        raise UsageError("reason_needed")
    if indicator not in {figure.indicator.partition(".")[0] for figure in standing(ledger)}:
        raise UsageError("not_published", indicator=indicator)
    old, release, names = current(space), _next_id(ledger), withdrawn_with(family, indicator)
    frames = {table: old.table(table) for table in old.schemas}
    figures = frames["figures"]
    away = figures["indicator"].str.partition(".")[0].isin(names)
    figures.loc[away, ["lo", "hi"]] = None
    figures.loc[away, "display"], figures.loc[away, "status"], figures.loc[away, "reason"] = "", "withdrawn", "published.reason.withdrawn"
    frames["beliefs"] = still_told(frames["beliefs"], read_figures(figures), policy)
    if "corrections" in frames:
        frames["corrections"] = frames["corrections"].loc[lambda made: ~made["indicator"].str.split(".").str[0].isin(names)]
    tables = [replace(one, frame=frames[one.schema["name"]]) for one in old.content["tables"]]
    changed = {"tables": tables, "about": {**old.about, "release": release}, "ledger_head": ledger.head}
    digest = write_bundle(_folder(space, release) / BUNDLE, **old.content | changed)
    content = {"release": release, "digest": digest, "indicator": indicator, "withdrawn": names, "reason": reason.strip()}
    finish(space, append(space.ledger, kind="withdrawal", who=name, when=timestamp(), content=content, after=ledger.head))
    return Standing(release, "published", digest, name, "")


def add_fact(space: Workspace, name: str, printed: Printed, *, group: tuple[int, ...], source: str, who: str) -> Audit:
    """Record what others have published, and return what can now be concluded."""
    ledger_of(space)
    policy, facts = rules(space)
    content = fact_content(name, printed, group=group, source=source, policy=policy, cohort_sizes=facts.cohort_sizes)
    append(space.ledger, kind="fact", who=_named(who), when=timestamp(), content=content)
    return audit_releases(space)


def audit_releases(space: Workspace) -> Audit:
    """Return what can be concluded from all that was ever published and is known from elsewhere."""
    ledger = ledger_of(space)
    policy, facts = rules(space)
    return audit_known(policy, facts.cohort_sizes, facts.total, ledger)


def release_to_review(folder: str) -> Bundle | None:
    """Return a release to look at: the bundle in a folder; none for "none"; for an empty text a draft of the invented pilot."""
    if folder:
        return None if folder == "none" else read_bundle(given_path(folder), audience="public")
    pilot = read_pilot("synthetic")
    sizes = tuple(participants(pilot)["numerator"].astype(int))
    draft, _ = make_draft(pilot, policy=load_policy(), facts=PublicFacts(sizes, sum(sizes)), ledger=Ledger())
    with tempfile.TemporaryDirectory() as place:
        write_bundle(Path(place) / BUNDLE, **bundle_content(draft, release="r01"))
        return read_bundle(Path(place) / BUNDLE, audience="public")


def list_releases(space: Workspace) -> list[Standing]:
    """Return every release with where it stands, oldest first."""
    ledger = ledger_of(space)
    out = ledger.releases
    found = []
    for entry in out:
        state = "published" if entry is out[-1] else "superseded"
        alone = "" if entry.content.get("recovered") else entry.who
        people = (entry.content["author"], entry.who) if "author" in entry.content else (alone, "")
        found.append(Standing(entry.content["release"], state, entry.content["digest"], *people))
    waiting = space.releases / _next_id(ledger)
    about = _json_of(waiting / _ABOUT)
    if about:
        approval = _json_of(waiting / _APPROVAL) or {}
        found.append(Standing(waiting.name, "approved" if approval else "draft", about["digest"], about["author"], approval.get("approver", "")))
    return found


def release_bundle(space: Workspace, release: str) -> Bundle:
    """Return the bundle of a release, drafted or published."""
    ids = [one.id for one in list_releases(space)]
    if release not in ids:
        raise UsageError("no_release", choices=", ".join(ids) or "–")
    return _drafted(space, release)


def difference(space: Workspace, release: str) -> list[tuple[CodedFigure | None, CodedFigure | None]]:
    """Return the figures that a release changes against what is public now, as (before, after); None where there is none."""
    bundles = (current(space) if current_bundle(space.public_bundles) else None, release_bundle(space, release))
    before, after = (by_key(read_figures(bundle.table("figures"))) if bundle else {} for bundle in bundles)
    pairs = [(before.get(key), after.get(key)) for key in sorted({*before, *after})]
    return [(old, new) for old, new in pairs if old is None or new is None or (old.display, old.status) != (new.display, new.status)]


def _next_id(ledger: Ledger) -> str:
    return f"r{1 + len(ledger.releases):02d}"


def _draft(space: Workspace, release: str) -> Mapping[str, Any]:
    """Return what is noted of the draft that waits, or refuse another."""
    waiting = _next_id(ledger_of(space))
    about: Mapping[str, Any] | None = _json_of(space.releases / waiting / _ABOUT)
    if release != waiting or about is None:
        raise UsageError("no_draft", choices=waiting if about else "–")
    return about


def _json_of(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise ConfigurationError("file_not_sound", file=path.name) from problem


def _write(path: Path, content: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def _named(name: str) -> str:
    if not _letters(name):
        raise UsageError("name_needed")
    return " ".join(name.split())


def _same_person(first: str, second: str) -> bool:
    return _letters(first) == _letters(second)


def _letters(name: str) -> list[str]:
    """Return the letters and digits of a name, sorted: the same in whatever order, case, accents and signs somebody writes it."""
    return sorted(letter for letter in normalize("NFKD", normalize("NFKC", name).casefold()) if letter.isalnum())


def _fingerprint(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
