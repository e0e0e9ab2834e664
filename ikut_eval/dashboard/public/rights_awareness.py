"""What a release tells of rights awareness: how many say more and how many less than at the start."""

from ikut_eval.dashboard.page import Control, Section
from ikut_eval.dashboard.public.published import groups_control, view_control
from ikut_eval.dashboard.public.ranges import range_section
from ikut_eval.dashboard.public.withheld import withheld_section
from ikut_eval.release.store import Bundle

CHANGE = ("rights_awareness_improved", "rights_awareness_worse")
WITHHELD = ("same", "mean", "statements", "knowledge", "one_training", "spread")


def controls(bundle: Bundle, language: str) -> tuple[Control, ...]:
    """Return what a reader can choose on the page."""
    return (view_control(language), groups_control(bundle, language))


def sections(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return the page's questions, in their order."""
    return (range_section("change", bundle, CHANGE, language), withheld_section(bundle, WITHHELD, language))
