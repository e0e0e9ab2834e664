"""What readers of an internal bundle can choose: a follow-up, and some of the cohorts."""

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.page import Control
from ikut_eval.present import tables
from ikut_eval.present.side_by_side import EVERY_COHORT, cohort_ids
from ikut_eval.release.store import Bundle

WAVES_AFTER = ("exit", "m3", "m6", "m12")
WAVES_TO_CHOOSE = ("m6", "exit", "m3", "m12")
"""The same as a reader chooses among them: six months first."""


def label(cohort: str, language: str) -> str:
    """Return how a cohort is called."""
    return text("table.all_cohorts", language) if cohort == EVERY_COHORT else cohort


def wave_control(language: str) -> Control:
    """Return the choice of a follow-up."""
    waves = tuple((wave, tables.code_label("wave", wave, language)) for wave in WAVES_TO_CHOOSE)
    return Control("wave", text("dash.control.wave", language), waves)


def cohorts_control(bundle: Bundle, language: str) -> Control:
    """Return the choice of some of the cohorts."""
    return Control("cohorts", text("dash.control.cohorts", language), tuple((cohort, cohort) for cohort in cohort_ids(bundle)), several=True)
