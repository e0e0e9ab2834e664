"""Evaluation of small working-life trainings: exact where n is 4, and careful about what cannot be known.

Everything an evaluator calls is here by its own name; `ikut_eval.explain` tells what a measure is.
Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

HOMES = {
    "contract.analysis_plan": "AnalysisPlan",
    "contract.measure_catalogue": "explain",
    "data.pilot": "PilotData read_pilot validate",
    "measures.attendance": "attendance_rate attendance_spread attended_hours delivered_hours everyday_wellbeing_share group_viability late_share "
    "minutes_late notification_rate weekly_group_hours",
    "measures.change": "PairedChange paired_change primary_change",
    "measures.follow_up": "fair_work_criteria follow_up_reach follow_ups_due handed_over outcome_bounds situation still_to_come support_continuing",
    "measures.participants": "completion need_level needs_met participants preferred_support weeks_in_training",
    "measures.questionnaires": "item_agreement item_answers knowledge_answers scale_scores score_summary",
    "data.workspace": "analysis_plan",
    "analysis.change": "compare_groups holm item_shift planned_contrast reliable_change",
    "analysis.comparison": "compare_cohorts",
    "analysis.limits": "detectable_effect time_in_training tipping_point",
    "analysis.shrinkage": "cohort_shrinkage",
    "inference.groups": "group_test probability_of_superiority",
    "inference.intervals": "clopper_pearson clustered_rate event_rate_interval rate_interval with_interval",
    "inference.missing": "adjusted_rate change_bounds rate_bounds",
    "inference.paired": "mean_change_test rank_biserial sign_test signed_rank_test smallest_p smallest_p_two_groups",
    "inference.pooling": "heterogeneity normal_shrinkage rate_shrinkage",
    "inference.reliability": "cronbach_alpha cutoffs likeness_within_cohorts",
    "inference.tables": "freeman_halton_test stratified_odds_test trend_test yes_no_change_test",
    "present.tables": "findings note say say_plan say_to_come section title",
    "present.exhibits.attendance": "plot_attendance plot_delivery plot_emphasis plot_notification plot_viability plot_weekly_attendance plot_weekly_hours",
    "present.exhibits.certainty": "plot_detectable plot_item_shift plot_mean_change plot_staying plot_tipping",
    "present.exhibits.cohorts": "plot_comparison plot_shrinkage plot_spread",
    "present.exhibits.people": "plot_answers plot_fair_work plot_needs plot_outcomes plot_participants plot_preferred_support plot_reach plot_support",
    "present.releases": "plot_beliefs plot_codings plot_outdated plot_proofs plot_release release_title",
    "release.publication": "release_to_review",
    "present.exhibits.summary": "plot_summary",
    "present.exhibits.rights": "plot_change plot_items plot_knowledge say_interval",
}
"""Module of the package, and the names in it that evaluators call."""
_HOME_OF = {name: home for home, names in HOMES.items() for name in names.split()}
__all__ = sorted(_HOME_OF)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ikut_eval' has no attribute {name!r}")
    found = getattr(import_module(f"ikut_eval.{_HOME_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
