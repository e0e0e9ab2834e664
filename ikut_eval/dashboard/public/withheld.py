"""What is not published, and why: in the words of the release's own rules."""

from collections.abc import Mapping, Sequence

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.page import Panel, Section
from ikut_eval.dashboard.public.published import rules
from ikut_eval.dashboard.public.ranges import headed
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.release.store import Bundle

NOT_PLANNED = ""
"""Reason of what is not among the figures that were proved safe."""
_REASONS: Mapping[str, str] = {
    "same": "family.rights_awareness",
    "mean": "family.rights_awareness",
    "statements": NOT_PLANNED,
    "knowledge": NOT_PLANNED,
    "study": "family.six_months",
    "other_outcomes": NOT_PLANNED,
    "coming": NOT_PLANNED,
    "weeks_of_people": "rule.never_public",
    "single_hours": "family.delivery",
    "one_training": "rule.min_group",
    "spread": "rule.never_public",
}


def withheld_section(bundle: Bundle, what: Sequence[str], language: str, *, name: str = "withheld") -> Section:
    """Return what a reader might look for and does not find, each with its reason.

    Parameters
    ----------
    what : sequence of str
        Keys of the catalogue under ``dash.public.withheld.``.
    name : str
        Key of the question under ``dash.public.section.``.
    """
    said = rules(bundle, language)
    rows = [[text(f"dash.public.withheld.{one}", language), said.get(_REASONS[one]) or text("dash.public.not_planned", language)] for one in what]
    reasons: dict[str, list[str]] = {}
    for held, reason in rows:
        reasons.setdefault(reason, []).append(held)
    heading = text(f"dash.public.section.{name}", language)
    exhibit = Exhibit(
        sentence="\n".join(f"{_title(', '.join(held))}: {reason}" for reason, held in reasons.items()),
        drawing=None,
        table=headed([[_title(held), reason] for held, reason in rows], ("withheld", "reason"), language),
        caption=heading,
        caution=text("dash.public.not_nought", language),
        language=language,
    )
    return Section.of(name, heading, Panel(exhibit))


def _title(words: str) -> str:
    return words[:1].upper() + words[1:]
