"""A draft of a release: from measures to coded figures, proved by design and audited with everything published before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.audit import SAFE, Audit
from ikut_eval.disclosure.coded_figures import GIVEN_UP, MAIN_ONLY, TELLING, CodedFigure, not_shown
from ikut_eval.disclosure.families import Family, Group
from ikut_eval.disclosure.policy import Policy, rule_words, withdrawn_with
from ikut_eval.disclosure.proof import Proof, codings, plan_of, prove
from ikut_eval.release.corrections import (
    FEWEST_CHANGED,
    Correction,
    KeptMarks,
    corrections,
    disagreements,
    marks_key,
    marks_of,
    people_changed,
    requested,
)
from ikut_eval.release.group_figures import category_of_each, closing_wave, figures_now, planned_closing
from ikut_eval.release.ledger import Ledger
from ikut_eval.release.outside_facts import CELL
from ikut_eval.release.package import stored_tables
from ikut_eval.release.public_knowledge import (
    Key,
    PublicFacts,
    audit_families,
    by_key,
    may_follow,
    standing,
    together,
    told,
    with_release,
    withdrawn,
)


@dataclass(frozen=True, repr=False)
class Draft:
    """What a release would hold, and why it is safe.

    Attributes
    ----------
    figures : tuple of CodedFigure – all figures, those published before as they stand there
    new : tuple of CodedFigure – of these, what depends on the data and is published for the first time, also that it is held back
    closed : date or None – the last day on which one of its groups closed, as planned; never the day of anybody's answer
    release : mapping – what the ledger will say of it besides its figures: what it corrects, and withdraws as no correction of it is proved
    marks : mapping – marks of the people of its new groups; confidential
    corrections : tuple of Correction – all that have come out, its own with them
    """

    figures: tuple[CodedFigure, ...]
    new: tuple[CodedFigure, ...]
    proofs: tuple[Proof, ...]
    audit: Audit
    policy: Policy
    facts: PublicFacts
    closed: date | None
    synthetic: bool
    release: Mapping[str, Any]
    marks: KeptMarks
    corrections: tuple[Correction, ...]

    def __repr__(self) -> str:
        return f"Draft({len(self.figures)} figures, {len(self.new)} new; {self.audit.verdict})"


def make_draft(
    pilot: PilotData,
    *,
    policy: Policy,
    facts: PublicFacts,
    ledger: Ledger,
    known_proofs: Mapping[str, Mapping[str, object]] | None = None,
    marks: KeptMarks | None = None,
) -> tuple[Draft, dict[str, dict[str, object]]]:
    """Return the release that the data now allows, and the proofs to keep for the next one.

    What a family has published of a group is frozen and taken over as it stands. A group that closes now is left out of a family where
    something that is known could make a figure of it reveal too much; the others go on. Where a group closes, corrections that were asked
    for come out as well, if `marks`, those kept of earlier releases, show that at least two people have changed.

    Raises DisclosureError if a design is not proved, the data contradicts the public facts, or the audit finds that a new figure
    could reveal something about a person: nothing is then released.
    """
    _check_people(pilot, facts)
    proofs, keep = prove(plan_of(policy, facts.cohort_sizes), policy.limits, known_proofs)
    for proof in proofs:
        if not proof.safe:
            raise DisclosureError("design_not_proved", family=proof.family, sizes="+".join(map(str, proof.sizes)))
    before, gone = by_key(standing(ledger)), withdrawn(ledger)
    frozen = {(one.family.id, one.group) for one in told(ledger, policy)}
    figures: dict[Key, CodedFigure] = {}
    new: list[CodedFigure] = []
    planned: dict[Key, date] = {}
    here: dict[str, dict[str, str]] = {}
    for family, group in _places(policy, facts):
        wave = closing_wave(family, pilot.contract.code_lists["wave"].codes)
        stands = {key: figure for key, figure in before.items() if key[1] == group and family.holds(key[0])}
        if (family.id, group) in frozen:
            found = _as_published(family, group, stands, facts)
        else:
            found = list(figures_now(pilot, family, group, wave, policy, facts))
            if family.view == "delivery":
                found = _with_standing(found, stands)
            elif any(f.speaks for f in found) and not may_follow(policy, facts, with_release(ledger, new), family, group):
                found = [_held_back(f.indicator, family, group, facts, GIVEN_UP) for f in found]
        when = planned_closing(pilot, group, wave)
        for figure in found:
            if figure.indicator.partition(".")[0] in gone:
                figure = withdrawn_figure(figure)
            elif figure.speaks and (figure.indicator, group) not in before:
                new.append(figure)
            figures[figure.indicator, group] = figure
            planned |= {(figure.indicator, group): when} if when else {}
    closed = max((planned[key] for key, figure in figures.items() if figure.status in TELLING and key in planned), default=None)
    first = {(policy.family_of(f.indicator).id, f.group) for f in new if f.view != "delivery"}
    for family in policy.families:
        groups = [group for name, group in first if name == family.id]
        each = category_of_each(pilot, family) if groups else {}
        here |= {marks_key(family, group): marks_of(_of_group(pilot, each, group)) for group in groups}
    entry: dict[str, Any] = {"day": closed.isoformat() if closed else "", "corrected": [], "withdrawn": []}
    if new:
        _correct(pilot, policy, facts, ledger, marks or {}, figures, new, entry, here)
    after = with_release(ledger, new, release="", **entry)
    audits = audit_families(policy, facts, after)
    check_safe(audits, policy, new)
    audit, corrected = together(audits.values()), tuple(corrections(after))
    draft = Draft(tuple(figures.values()), tuple(new), proofs, audit, policy, facts, closed, pilot.synthetic, entry, here, corrected)
    return draft, keep


def _places(policy: Policy, facts: PublicFacts) -> Iterator[tuple[Family, Group]]:
    """Give each family with each of its groups, also those whose cohorts have not all started; hours only of those that have."""
    for family in policy.families:
        groups = policy.groups_of(facts.cohort_sizes)["delivery"] if family.view == "delivery" else policy.groups[family.view]
        yield from ((family, group) for group in groups)


def _of_group(pilot: PilotData, by_cohort: Mapping[str, Mapping[str, str]], group: Group) -> dict[str, str]:
    return {person: category for position in group for person, category in by_cohort[pilot.cohort_ids[position - 1]].items()}


def _correct(
    pilot: PilotData,
    policy: Policy,
    facts: PublicFacts,
    ledger: Ledger,
    marks: KeptMarks,
    figures: dict[Key, CodedFigure],
    new: list[CodedFigure],
    entry: dict[str, Any],
    here: dict[str, dict[str, str]],
) -> None:
    """Put corrections that were asked for into a draft's figures and entry: all of the family, in each group where it no longer agrees.

    Of hours, whatever has changed. Of people, nothing where fewer than two have changed; where who has changed is not known, or the audit
    does not pass the corrected figures beside all that was published, the indicator is withdrawn for all groups.
    """
    for indicator, reason in requested(ledger).items():
        family = policy.family_of(indicator)
        for change in [one for one in disagreements(pilot, policy, facts, ledger, marks) if one.family == family and one.figures]:
            key = marks_key(family, change.group)
            each = _of_group(pilot, category_of_each(pilot, family), change.group) if key in marks else {}
            if key in marks and people_changed(marks[key], each) < FEWEST_CHANGED:
                continue
            done = {"family": family.id, "group": list(change.group), "indicators": [i.id for i in family.indicators], "reason": reason}
            more = {**entry, "corrected": [*entry["corrected"], done]}
            proved = family.view == "delivery" or (
                key in marks and audit_families(policy, facts, with_release(ledger, [*new, *change.figures], **more))[family.id].verdict == SAFE
            )
            if not proved:
                away = withdrawn_with(family, indicator)
                entry["withdrawn"] += away
                figures |= {key: withdrawn_figure(f) for key, f in figures.items() if f.indicator.partition(".")[0] in away}
                new[:] = [figure for figure in new if figure.indicator.partition(".")[0] not in away]
                break
            entry["corrected"].append(done)
            new += [figure for figure in change.figures if figure.speaks]
            figures |= by_key(change.figures)
            here |= {key: marks_of(each)} if each else {}


def _as_published(family: Family, group: Group, stands: Mapping[Key, CodedFigure], facts: PublicFacts) -> list[CodedFigure]:
    """Return what is published of a group whose family has been published of it: as it stands, whatever the data or the policy now says."""
    reason = MAIN_ONLY if family.view == "final_pooled" else GIVEN_UP
    return [stands.get((i.id, group)) or _held_back(i.id, family, group, facts, reason) for i in family.indicators]


def _with_standing(found: Sequence[CodedFigure], stands: Mapping[Key, CodedFigure]) -> list[CodedFigure]:
    """Return facts about the service with those published before as they stand, also where the data no longer has them."""
    names = {name.partition(".")[0] for name, _ in stands}
    now = [figure for figure in found if figure.status != "not_yet" or figure.indicator not in names]
    return list((by_key(now) | dict(stands)).values())


def withdrawn_figure(figure: CodedFigure) -> CodedFigure:
    return not_shown(figure.indicator, view=figure.view, group=figure.group, n_public=figure.n_public, status="withdrawn")


def _held_back(indicator: str, family: Family, group: Group, facts: PublicFacts, reason: str) -> CodedFigure:
    n_public = sum(facts.cohort_sizes[position - 1] for position in group)
    return not_shown(indicator, view=family.view, group=group, n_public=n_public, status="by_design", reason=reason)


def check_safe(audits: Mapping[str, Audit], policy: Policy, new: Sequence[CodedFigure]) -> None:
    """Raise DisclosureError if new figures could reveal something about a person: if the audit of one of their families is anything but safe."""
    families = dict.fromkeys(policy.family_of(figure.indicator).id for figure in new if figure.view != "delivery")
    found = together(audits[family] for family in families)
    if found.verdict != SAFE:
        raise DisclosureError("audit_refuses", verdict=found.verdict, findings=", ".join(sorted({kind for kind, _ in found.findings})) or "–")


def _check_people(pilot: PilotData, facts: PublicFacts) -> None:
    """Refuse data with more cohorts, or more people in one of them, than are public."""
    people = pilot["participant"]["cohort_id"].value_counts()
    counted = [int(people.get(cohort, 0)) + pilot.n_data_refused.get(cohort, 0) for cohort in pilot.cohort_ids]
    if len(counted) > len(facts.cohort_sizes) or any(n > size for n, size in zip(counted, facts.cohort_sizes, strict=False)):
        raise DisclosureError("public_facts_contradict", family="cohort_sizes")


def figures_table(figures: Sequence[CodedFigure]) -> pd.DataFrame:
    """Return figures as rows: what is published, and nothing else."""
    return pd.DataFrame(
        {
            "indicator": f.indicator,
            "view": f.view,
            "cohorts": "+".join(map(str, f.group)),
            "n_public": f.n_public,
            "lo": None if f.lo is None else float(f.lo),
            "hi": None if f.hi is None else float(f.hi),
            "display": f.display,
            "status": f.status,
            "reason": f.reason,
        }
        for f in figures
    )


def beliefs_table(audit: Audit) -> pd.DataFrame:
    """Return what a reader can still believe of each group and category: the bounds that follow from everything published.

    Of a figure that was corrected, the bounds of its last version. Nothing of a family where a conclusion is too narrow: this table must not spread it.
    """
    frame = audit.to_frame()
    frame = frame[~frame["block"].isin(frame.loc[frame["findings"] != "", "block"])]
    kept = frame[frame["where"].str.startswith(f"{CELL}=") & (frame["since"] == "")].rename(columns={"where": "cells"})
    kept = kept.assign(family=kept["block"].str.partition(":")[0], cells=kept["cells"].str.removeprefix(f"{CELL}="))
    last = kept.drop_duplicates(["family", "cohorts", "cells"], keep="last", ignore_index=True)
    return last.assign(cohorts=last["cohorts"].str.replace(" ", "+"))


def still_told(beliefs: pd.DataFrame, figures: Iterable[CodedFigure], policy: Policy) -> pd.DataFrame:
    """Return the bounds that may stand beside figures: none of a family from which something was withdrawn, as they would tell it again."""
    away = {figure.indicator for figure in figures if figure.status == "withdrawn"}
    return beliefs[~beliefs["family"].isin([family.id for family in policy.families if any(i.id in away for i in family.indicators)])]


def rules_table(policy: Policy) -> pd.DataFrame:
    """Return what each rule, view and family says, with the numbers that hold, and the reason of what was loosened."""
    reasons = dict(policy.loosened)
    rows = [{"rule": name, **words, "loosened": reasons.pop(name.partition(".")[2], "")} for name, words in rule_words(policy).items()]
    rows += [{"rule": name, **dict.fromkeys(LANGUAGES, ""), "loosened": reason} for name, reason in reasons.items()]
    return pd.DataFrame(rows)


def corrections_table(made: Sequence[Correction]) -> pd.DataFrame:
    """Return what was published before each correction, with its day and its reason."""
    rows = [
        figures_table([one.before]).assign(corrected=date.fromisoformat(one.day), reason=f"published.correction.{one.reason}", release=one.release)
        for one in made
    ]
    return pd.concat(rows, ignore_index=True) if rows else figures_table([])


def bundle_content(draft: Draft, *, release: str, ledger_head: str = "") -> dict[str, Any]:
    """Return what `write_bundle` takes to write a draft as a bundle."""
    frames = {
        "figures": figures_table(draft.figures),
        "beliefs": still_told(beliefs_table(draft.audit), draft.figures, draft.policy),
        "proofs": pd.DataFrame(proof.row for proof in draft.proofs),
        "codings": pd.DataFrame(codings(plan_of(draft.policy, draft.facts.cohort_sizes), draft.policy.limits)),
        "rules": rules_table(draft.policy),
        "corrections": corrections_table([replace(one, release=one.release or release) for one in draft.corrections]),
    }
    sizes, loosened = list(draft.facts.cohort_sizes), [list(pair) for pair in draft.policy.loosened]
    return {
        "audience": "public",
        "tables": stored_tables(frames),
        "about": {"release": release, "cohort_sizes": sizes, "total": draft.facts.total, "loosened": loosened},
        "data_date": draft.closed,
        "synthetic": draft.synthetic,
        "policy": draft.policy.digest,
        "ledger_head": ledger_head,
    }
