"""What a release tells of afterwards: work and services, completion, support, needs, and which support people want."""

from ikut_eval.dashboard.page import Control, Section
from ikut_eval.dashboard.public.published import groups_control, view_control
from ikut_eval.dashboard.public.ranges import range_section
from ikut_eval.dashboard.public.withheld import withheld_section
from ikut_eval.release.store import Bundle

QUESTIONS = {
    "six_months": ("reached_at_six_months", "in_work", "fair_work", "next_service"),
    "support": ("support_at_six_months",),
    "completion": ("completed",),
    "needs": ("everyday_need_at_start", "everyday_need_met"),
    "wanted": ("individual_support_first", "group_support_first"),
}
WITHHELD = ("study", "other_outcomes", "one_training", "spread")


def controls(bundle: Bundle, language: str) -> tuple[Control, ...]:
    """Return what a reader can choose on the page."""
    return (view_control(language), groups_control(bundle, language))


def sections(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return the page's questions, in their order."""
    asked = (range_section(name, bundle, indicators, language) for name, indicators in QUESTIONS.items())
    return (*asked, withheld_section(bundle, WITHHELD, language))
