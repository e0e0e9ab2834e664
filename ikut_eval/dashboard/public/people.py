"""The pages about people in a release: the main figures, the situation afterwards, and rights awareness."""

from collections.abc import Mapping

from ikut_eval.contract.locale import listing, text
from ikut_eval.dashboard.page import KeyFigure, PageContent
from ikut_eval.dashboard.public.published import figures_of_people, key_figure, protection_section, withheld_section
from ikut_eval.dashboard.public.ranges import range_controls, range_section
from ikut_eval.release.store import Bundle

_CHANGE = ("rights_awareness_improved", "rights_awareness_worse")
_MAIN = (*_CHANGE, "reached_at_six_months", "in_work", "fair_work", "next_service", "support_at_six_months")

_OUTCOMES = {
    "six_months": ("reached_at_six_months", "in_work", "fair_work", "next_service"),
    "support": ("support_at_six_months",),
    "completion": ("completed",),
    "needs": ("everyday_need_at_start", "everyday_need_met"),
    "wanted": ("individual_support_first", "group_support_first"),
}


def public_overview(bundle: Bundle, language: str) -> PageContent:
    """Return the main figures, what is withheld, and how the release was proved safe."""
    shown = _content(bundle, language, {"main": _MAIN}, ("same", "study", "coming", "one_training"))
    return PageContent(shown.controls, (*shown.sections, protection_section(bundle, language)), _facts(bundle, language))


def public_outcomes(bundle: Bundle, language: str) -> PageContent:
    """Return the situation afterwards, support, and needs."""
    return _content(bundle, language, _OUTCOMES, ("study", "other_outcomes", "one_training", "spread"))


def public_rights_awareness(bundle: Bundle, language: str) -> PageContent:
    """Return the change in rights awareness."""
    return _content(bundle, language, {"change": _CHANGE}, ("same", "mean", "statements", "knowledge", "one_training", "spread"))


def _content(bundle: Bundle, language: str, questions: Mapping[str, tuple[str, ...]], withheld: tuple[str, ...]) -> PageContent:
    """Return the questions, each answered by its indicators, then what a reader might look for and does not find."""
    asked = (range_section(name, bundle, indicators, language) for name, indicators in questions.items())
    return PageContent(range_controls(bundle, language), (*asked, withheld_section(bundle, withheld, language)))


def _facts(bundle: Bundle, language: str) -> tuple[KeyFigure, ...]:
    """Return the main figures. What differs between groups is said of each, never added up."""
    study = KeyFigure(text("published.status.by_design", language), text("dash.public.fact.study", language))
    figures = figures_of_people(bundle, _MAIN)
    *before, support = (key_figure([one for one in figures if one.figure.indicator == indicator], indicator, language) for indicator in _MAIN)
    return (_took_part(bundle, language), *before, study, support)


def _took_part(bundle: Bundle, language: str) -> KeyFigure:
    sizes, total = [int(n) for n in bundle.about["cohort_sizes"]], int(bundle.about["total"])
    key = "dash.public.fact.took_part" if total == sum(sizes) else "dash.public.fact.take_part"
    return KeyFigure(str(total), text(key, language, n=len(sizes), sizes=listing([str(n) for n in sizes], language)))
