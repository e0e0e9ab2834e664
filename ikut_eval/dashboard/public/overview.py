"""The first ten seconds of a release: who took part, and in which range each number of people lies."""

from collections.abc import Sequence

from ikut_eval.contract.locale import day, listing, text
from ikut_eval.dashboard.page import Control, Fact, Section
from ikut_eval.dashboard.public.protection import protection_section
from ikut_eval.dashboard.public.published import Row, groups_control, in_their_order, rows_of, view_control
from ikut_eval.dashboard.public.ranges import range_section
from ikut_eval.dashboard.public.withheld import withheld_section
from ikut_eval.disclosure.views import figure_text
from ikut_eval.release.store import Bundle

MAIN = (
    "rights_awareness_improved",
    "rights_awareness_worse",
    "reached_at_six_months",
    "in_work",
    "fair_work",
    "next_service",
    "support_at_six_months",
)
WITHHELD = ("same", "study", "coming", "one_training")


def controls(bundle: Bundle, language: str) -> tuple[Control, ...]:
    """Return what a reader can choose on the page."""
    return (view_control(language), groups_control(bundle, language))


def facts(bundle: Bundle, language: str) -> tuple[Fact, ...]:
    """Return what a reader wants to know first. What differs between groups is told of each, never added up."""
    study = Fact(text("published.status.by_design", language), text("dash.public.fact.study", language))
    rows = rows_of(bundle, MAIN)
    *before, support = (_fact([row for row in rows if row.figure.indicator == indicator], indicator, language) for indicator in MAIN)
    return (_took_part(bundle, language), *before, study, support)


def _took_part(bundle: Bundle, language: str) -> Fact:
    sizes, total = [int(n) for n in bundle.about["cohort_sizes"]], int(bundle.about["total"])
    key = "dash.public.fact.took_part" if total == sum(sizes) else "dash.public.fact.take_part"
    return Fact(str(total), text(key, language, n=len(sizes), sizes=listing([str(n) for n in sizes], language)))


def _fact(rows: Sequence[Row], indicator: str, language: str) -> Fact:
    words = text(f"dash.public.fact.{indicator}", language)
    if not rows:
        return Fact(text("published.status.by_design", language), words)
    said = [row.people(language) if row.shown else figure_text(row.figure, language) for row in rows]
    days = dict.fromkeys(text("release.expected", language, date=day(row.expected, language)) for row in rows if row.expected)
    apart = len(set(said)) > 1 or rows[0].shown
    more = ([in_their_order([row.figure.group for row in rows], language)] if apart else []) + list(days)
    if more:
        words = text("dash.public.fact.more", language, what=words, more="; ".join(more))
    return Fact(" · ".join(said if apart else said[:1]), words)


def sections(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return the page's questions, in their order."""
    return (
        range_section("main", bundle, MAIN, language),
        withheld_section(bundle, WITHHELD, language),
        protection_section(bundle, language),
    )
