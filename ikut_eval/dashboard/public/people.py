"""The pages about people in a release: the main figures, the situation afterwards, and rights awareness."""

from collections.abc import Mapping, Sequence

from ikut_eval.contract.locale import listing, text
from ikut_eval.dashboard.page import Control, KeyFigure, PageContent
from ikut_eval.dashboard.public.protection import protection_section, withheld_section
from ikut_eval.dashboard.public.published import PublishedFigure, figures_of_people, group_name, groups, mark, names_in_a_row
from ikut_eval.dashboard.public.ranges import range_section
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
    views = tuple((view, text(f"dash.public.view.{view}", language)) for view in ("counts", "share"))
    choices = groups(bundle)
    named = tuple((mark(group, choices), group_name(group, language)) for group in choices)
    controls = (
        Control("view", text("dash.control.view", language), views),
        Control("cohorts", text("dash.public.control.groups", language), named, several=True),
    )
    asked = (range_section(name, bundle, indicators, language) for name, indicators in questions.items())
    return PageContent(controls, (*asked, withheld_section(bundle, withheld, language)))


def _facts(bundle: Bundle, language: str) -> tuple[KeyFigure, ...]:
    """Return the main figures. What differs between groups is said of each, never added up."""
    study = KeyFigure(text("published.status.by_design", language), text("dash.public.fact.study", language))
    figures = figures_of_people(bundle, _MAIN)
    *before, support = (_fact([one for one in figures if one.figure.indicator == indicator], indicator, language) for indicator in _MAIN)
    return (_took_part(bundle, language), *before, study, support)


def _took_part(bundle: Bundle, language: str) -> KeyFigure:
    sizes, total = [int(n) for n in bundle.about["cohort_sizes"]], int(bundle.about["total"])
    key = "dash.public.fact.took_part" if total == sum(sizes) else "dash.public.fact.take_part"
    return KeyFigure(str(total), text(key, language, n=len(sizes), sizes=listing([str(n) for n in sizes], language)))


def _fact(figures: Sequence[PublishedFigure], indicator: str, language: str) -> KeyFigure:
    words = text(f"dash.public.fact.{indicator}", language)
    if not figures:
        return KeyFigure(text("published.status.by_design", language), words)
    values = [one.people(language) for one in figures]
    apart = len(set(values)) > 1 or figures[0].shown
    if apart:
        words = text("dash.public.fact.more", language, what=words, more=names_in_a_row([one.figure.group for one in figures], language))
    return KeyFigure(" · ".join(values if apart else values[:1]), words)
