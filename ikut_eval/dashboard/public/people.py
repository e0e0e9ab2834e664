"""The pages about people in a release: the main figures, the situation afterwards, and rights awareness."""

from collections.abc import Mapping

from ikut_eval.contract.locale import listing, text
from ikut_eval.dashboard.page import PageContent
from ikut_eval.dashboard.public.published import found, protection_section, range_section, withheld_section
from ikut_eval.release.store import Bundle

_CHANGE = ("rights_awareness_improved", "rights_awareness_worse")
_NEED = ("everyday_need_at_start", "everyday_need_met")
_SIX_MONTHS = ("reached_at_six_months", "in_work", "fair_work", "next_service")
_SUPPORT = "support_at_six_months"
_MAIN: Mapping[str, tuple[str, ...]] = {
    "end": ("completed", "attended_three_quarters", *_CHANGE),
    "everyday": _NEED,
    "six_months": (*_SIX_MONTHS, _SUPPORT),
}
_OUTCOMES = {
    "six_months": _SIX_MONTHS,
    "support": (_SUPPORT,),
    "completion": ("completed",),
    "needs": _NEED,
    "wanted": ("individual_support_first", "group_support_first"),
}


def public_overview(bundle: Bundle, language: str) -> PageContent:
    """Return the main figures, what is withheld, and how the release was proved safe."""
    titled = {text(f"dash.public.time.{name}", language): indicators for name, indicators in _MAIN.items()}
    sections = (
        range_section("main", bundle, titled, language, intro=_took_part(bundle, language)),
        withheld_section(bundle, ("same", "study", "coming", "one_training"), language),
        protection_section(bundle, language),
    )
    return PageContent((), sections, finding=found(bundle, ("rights_awareness_improved", "completed"), language))


def public_outcomes(bundle: Bundle, language: str) -> PageContent:
    """Return the situation afterwards, support, and needs."""
    return _content(bundle, language, _OUTCOMES, ("study", "other_outcomes", "one_training", "spread"), ("in_work", "next_service", _SUPPORT, "completed"))


def public_rights_awareness(bundle: Bundle, language: str) -> PageContent:
    """Return the change in rights awareness."""
    return _content(bundle, language, {"change": _CHANGE}, ("same", "mean", "statements", "knowledge", "one_training", "spread"), _CHANGE)


def _content(bundle: Bundle, language: str, questions: Mapping[str, tuple[str, ...]], withheld: tuple[str, ...], first: tuple[str, ...]) -> PageContent:
    """Return the questions, each answered by its indicators, then what a reader might look for and does not find."""
    asked = (range_section(name, bundle, indicators, language) for name, indicators in questions.items())
    return PageContent((), (*asked, withheld_section(bundle, withheld, language)), finding=found(bundle, first, language))


def _took_part(bundle: Bundle, language: str) -> str:
    sizes, total = [int(n) for n in bundle.about["cohort_sizes"]], int(bundle.about["total"])
    key = "dash.public.fact.took_part" if total == sum(sizes) else "dash.public.fact.take_part"
    return f"{total} {text(key, language, n=len(sizes), sizes=listing([str(n) for n in sizes], language))}."
