"""The pages of the dashboards as plain functions of a bundle and a language."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ikut_eval.contract.locale import day, text
from ikut_eval.dashboard.internal import attendance as internal_attendance
from ikut_eval.dashboard.internal import outcomes as internal_outcomes
from ikut_eval.dashboard.internal import overview as internal_overview
from ikut_eval.dashboard.internal import rights_awareness as internal_rights_awareness
from ikut_eval.dashboard.page import Page, with_sections
from ikut_eval.dashboard.public import attendance as public_attendance
from ikut_eval.dashboard.public import people
from ikut_eval.present import tables
from ikut_eval.release.store import Bundle

_INTERNAL: Mapping[str, Any] = {
    "overview": internal_overview,
    "outcomes": internal_outcomes,
    "attendance": internal_attendance,
    "rights_awareness": internal_rights_awareness,
}
_PUBLIC: Mapping[str, Any] = {
    "overview": people.overview,
    "outcomes": people.outcomes,
    "attendance": public_attendance,
    "rights_awareness": people.rights_awareness,
}
_MODULES: Mapping[str, Mapping[str, Any]] = {"internal": _INTERNAL, "public": _PUBLIC}


def overview(bundle: Bundle, *, language: str) -> Page:
    """Return the page that says the main thing in words: participants, rights, follow-up, support.

    Parameters
    ----------
    bundle : Bundle
        Of either audience; the page shows what that audience may see.
    language : {"fi", "sv", "en"}
    """
    return _page("overview", bundle, language)


def outcomes(bundle: Bundle, *, language: str) -> Page:
    """Return the page of what came afterwards; parameters as in `overview`."""
    return _page("outcomes", bundle, language)


def attendance(bundle: Bundle, *, language: str) -> Page:
    """Return the page of coming to sessions and of what was offered; parameters as in `overview`."""
    return _page("attendance", bundle, language)


def rights_awareness(bundle: Bundle, *, language: str) -> Page:
    """Return the page of what people say of their rights before and after; parameters as in `overview`."""
    return _page("rights_awareness", bundle, language)


def _page(name: str, bundle: Bundle, language: str) -> Page:
    module = _MODULES[bundle.audience][name]
    page = Page(
        name=name,
        language=language,
        audience=bundle.audience,
        title=text(f"dash.title.{name}", language),
        about=_about(bundle, language),
        synthetic=bundle.synthetic,
        data_date=bundle.data_date,
        facts=module.facts(bundle, language) if hasattr(module, "facts") else (),
        caution=text("dash.caution", language),
        controls=(),
        sections=(),
        designs=_designs(bundle, language),
    )
    return with_sections(page, module.sections(bundle, language), module.controls(bundle, language))


def _about(bundle: Bundle, language: str) -> str:
    when = day(bundle.data_date, language) if bundle.data_date else "–"
    if bundle.audience == "public":
        return text("dash.about_public", language, date=when, release=bundle.about["release"], digest=bundle.digest[:12])
    return text("dash.about_internal", language, date=when, digest=bundle.digest[:12])


def _designs(bundle: Bundle, language: str) -> dict[str, str]:
    """Return what each cohort's training laid weight on; nothing where the bundle does not say."""
    if bundle.audience == "public":
        return {}
    cohorts = bundle.table("cohorts").dropna(subset=["emphasis"])
    return {str(row.cohort_id): tables.code_label("emphasis", str(row.emphasis), language) for row in cohorts.itertuples() if not pd.isna(row.emphasis)}
