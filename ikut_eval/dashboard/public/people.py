"""The pages about people in a release: the main figures, the situation afterwards, and rights awareness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ikut_eval.contract.locale import day, listing, text
from ikut_eval.dashboard.page import Control, Fact, Section
from ikut_eval.dashboard.public.protection import protection_section, withheld_section
from ikut_eval.dashboard.public.published import PublishedFigure, figures_of_people, names_in_a_row, people_controls
from ikut_eval.dashboard.public.ranges import range_section
from ikut_eval.disclosure.coded_figures import figure_text
from ikut_eval.release.store import Bundle


@dataclass(frozen=True)
class PeoplePage:
    """A page about people.

    Attributes
    ----------
    questions : mapping of question to indicators – in their order
    withheld : tuple of str – what a reader might look for and does not find
    first : bool – the page that begins with the main facts and ends with how the release was proved safe
    """

    questions: Mapping[str, tuple[str, ...]]
    withheld: tuple[str, ...]
    first: bool = False

    def controls(self, bundle: Bundle, language: str) -> tuple[Control, ...]:
        """Return what a reader can choose on the page."""
        return people_controls(bundle, language)

    def facts(self, bundle: Bundle, language: str) -> tuple[Fact, ...]:
        """Return what a reader wants to know first."""
        return _facts(bundle, language) if self.first else ()

    def sections(self, bundle: Bundle, language: str) -> tuple[Section, ...]:
        """Return the page's questions, in their order."""
        asked = (range_section(name, bundle, indicators, language) for name, indicators in self.questions.items())
        proved = (protection_section(bundle, language),) if self.first else ()
        return (*asked, withheld_section(bundle, self.withheld, language), *proved)


_CHANGE = ("rights_awareness_improved", "rights_awareness_worse")
_MAIN = (*_CHANGE, "reached_at_six_months", "in_work", "fair_work", "next_service", "support_at_six_months")

PEOPLE_PAGES = {
    "overview": PeoplePage({"main": _MAIN}, ("same", "study", "coming", "one_training"), first=True),
    "outcomes": PeoplePage(
        {
            "six_months": ("reached_at_six_months", "in_work", "fair_work", "next_service"),
            "support": ("support_at_six_months",),
            "completion": ("completed",),
            "needs": ("everyday_need_at_start", "everyday_need_met"),
            "wanted": ("individual_support_first", "group_support_first"),
        },
        ("study", "other_outcomes", "one_training", "spread"),
    ),
    "rights_awareness": PeoplePage({"change": _CHANGE}, ("same", "mean", "statements", "knowledge", "one_training", "spread")),
}
"""Each page about people, by its name."""


def _facts(bundle: Bundle, language: str) -> tuple[Fact, ...]:
    """Return the main figures. What differs between groups is said of each, never added up."""
    study = Fact(text("published.status.by_design", language), text("dash.public.fact.study", language))
    figures = figures_of_people(bundle, _MAIN)
    *before, support = (_fact([one for one in figures if one.figure.indicator == indicator], indicator, language) for indicator in _MAIN)
    return (_took_part(bundle, language), *before, study, support)


def _took_part(bundle: Bundle, language: str) -> Fact:
    sizes, total = [int(n) for n in bundle.about["cohort_sizes"]], int(bundle.about["total"])
    key = "dash.public.fact.took_part" if total == sum(sizes) else "dash.public.fact.take_part"
    return Fact(str(total), text(key, language, n=len(sizes), sizes=listing([str(n) for n in sizes], language)))


def _fact(figures: Sequence[PublishedFigure], indicator: str, language: str) -> Fact:
    words = text(f"dash.public.fact.{indicator}", language)
    if not figures:
        return Fact(text("published.status.by_design", language), words)
    values = [one.people(language) if one.shown else figure_text(one.figure, language) for one in figures]
    days = dict.fromkeys(text("release.expected", language, date=day(one.expected, language)) for one in figures if one.expected)
    apart = len(set(values)) > 1 or figures[0].shown
    more = ([names_in_a_row([one.figure.group for one in figures], language)] if apart else []) + list(days)
    if more:
        words = text("dash.public.fact.more", language, what=words, more="; ".join(more))
    return Fact(" · ".join(values if apart else values[:1]), words)
