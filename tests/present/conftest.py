"""Every exhibit there is, from a pilot; and what a reader gets of one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.present.exhibit import Exhibit
from tests.measures.conftest import OUTCOMES, SCORED, build

__all__ = ["build"]

LANGUAGES = ("fi", "sv", "en")
COHORTS = ("C1", "C2", "C3", "C4")
Inputs = Callable[[PilotData], tuple[object, ...]]


def _changes(p: PilotData) -> tuple[list[ikut.PairedChange]]:
    return ([ikut.paired_change(ikut.scale_scores(p.cohort(c), "rights_awareness")) for c in p.cohort_ids],)


def _first_page(p: PilotData) -> tuple[object, ...]:
    """Return what the first page of a report is made from, as the notebooks gather it."""
    groups = [*map(p.cohort, p.cohort_ids), p] if len(p.cohort_ids) > 1 else [p]
    changes = [ikut.paired_change(ikut.scale_scores(group, name)) for name in ("rights_awareness", "rights_knowledge") for group in groups]
    tables = [ikut.participants(p), ikut.completion(p), ikut.delivered_hours(p), ikut.everyday_wellbeing_share(p), ikut.needs_met(p)]
    tables += [ikut.attendance_rate(p, by="week"), ikut.group_viability(p, at_least=(2, 3), by="week")]
    tables += [ikut.outcome_bounds(p, name, at=wave) for wave in ("exit", "m3", "m6", "m12") for name in OUTCOMES]
    tables += [ikut.follow_up_reach(p), ikut.support_continuing(p), ikut.with_interval(changes[len(groups) - 1].to_frame())]
    return p, tables, changes, ikut.follow_ups_due(p), ikut.AnalysisPlan()


OF_ANY: Mapping[str, Inputs] = {
    "plot_participants": lambda p: (ikut.participants(p), ikut.completion(p)),
    "plot_answers": lambda p: ([ikut.score_summary(p, name) for name in SCORED],),
    "plot_attendance": lambda p: (ikut.attendance_rate(p), ikut.attendance_rate(p, by="person")),
    "plot_weekly_attendance": lambda p: (ikut.attendance_rate(p, by="week"),),
    "plot_viability": lambda p: (ikut.group_viability(p, by="week"),),
    "plot_notification": lambda p: (ikut.notification_rate(p), ikut.late_share(p), ikut.minutes_late(p)),
    "plot_emphasis": lambda p: (ikut.everyday_wellbeing_share(p),),
    "plot_change": _changes,
    "plot_mean_change": lambda p: (*_changes(p), ikut.AnalysisPlan()),
    "plot_item_shift": lambda p: (ikut.item_shift(ikut.item_answers(p, "rights_awareness")), ikut.AnalysisPlan()),
    "plot_comparison": lambda p: (ikut.compare_cohorts(*_changes(p)),),
    "plot_comparison of attendance": lambda p: (ikut.compare_cohorts(ikut.attendance_rate(p, by="person")),),
    "plot_comparison of bounds": lambda p: (ikut.compare_cohorts(ikut.outcome_bounds(p, "in_work")),),
    "plot_shrinkage": lambda p: (ikut.cohort_shrinkage(*_changes(p)),),
    "plot_shrinkage of attendance": lambda p: (ikut.cohort_shrinkage(ikut.attendance_rate(p, by="person"), scale=0.1),),
    "plot_spread": lambda p: (ikut.cohort_shrinkage(*_changes(p)),),
    "plot_detectable": lambda p: (ikut.detectable_effect(ikut.participants(p)),),
    "plot_tipping": lambda p: (ikut.tipping_point(ikut.outcome_bounds(p, "in_work")),),
    "plot_staying": lambda p: (ikut.time_in_training(ikut.weeks_in_training(p)), ikut.AnalysisPlan()),
    "plot_outcomes": lambda p: (ikut.outcome_bounds(p, "fair_work"),),
    "plot_reach": lambda p: (ikut.follow_up_reach(p),),
    "plot_summary": _first_page,
    "plot_support": lambda p: (ikut.support_continuing(p), ikut.handed_over(p)),
}
"""What exhibits of one cohort or of several are drawn from."""
OF_ONE: Mapping[str, Inputs] = {
    "plot_delivery": lambda p: (ikut.delivered_hours(p, by="session_type"),),
    "plot_weekly_hours": lambda p: (ikut.weekly_group_hours(p),),
    "plot_items": lambda p: (ikut.item_agreement(p, "rights_awareness"),),
    "plot_knowledge": lambda p: (ikut.knowledge_answers(p),),
    "plot_needs": lambda p: (ikut.need_level(p), ikut.needs_met(p)),
    "plot_preferred_support": lambda p: (ikut.preferred_support(p),),
    "plot_fair_work": lambda p: (ikut.fair_work_criteria(p),),
    "plot_outcomes of all kinds": lambda p: ([ikut.outcome_bounds(p, name) for name in OUTCOMES],),
}
"""What exhibits of one cohort are drawn from."""
OF_RELEASE = ("plot_release", "plot_beliefs", "plot_proofs", "plot_codings")
"""What is drawn from a release and not from a pilot."""
EXHIBITS = {**OF_ANY, **OF_ONE}


def draw(name: str, pilot: PilotData, language: str) -> Exhibit:
    return call(name, EXHIBITS[name](pilot), language)


def call(name: str, inputs: tuple[object, ...], language: str) -> Exhibit:
    """Draw an exhibit; a plan of analysis among its inputs goes by its name."""
    plans = [each for each in inputs if isinstance(each, ikut.AnalysisPlan)]
    others = [each for each in inputs if not isinstance(each, ikut.AnalysisPlan)]
    return getattr(ikut, name.split(" ")[0])(*others, **({"plan": plans[0]} if plans else {}), language=language)


def figure_json(exhibit: Exhibit) -> str:
    """Return the drawings as JSON; empty where nothing is drawn. plotly checks each in `test_exhibit_is_whole_and_names_nobody`."""
    drawn = [[exhibit.drawing.data, exhibit.drawing.layout]] if exhibit.drawing else []
    return json.dumps(drawn, ensure_ascii=False, allow_nan=False) if drawn else ""


def everything(exhibit: Exhibit) -> str:
    """Return all that reaches a reader, and what is said of the exhibit in a trace."""
    return "\n".join(
        [exhibit.sentence, exhibit.sentence_html(), exhibit.table_html(), exhibit.caption, exhibit.caution, figure_json(exhibit), exhibit.page, repr(exhibit)]
    )


def first_people(pilot: PilotData, n: int) -> PilotData:
    """Return the pilot with its first `n` people alone; sessions and plans stay."""
    kept = set(pilot["participant"]["participant_id"].iloc[:n])
    tables = {name: t[t["participant_id"].isin(kept)] if "participant_id" in t else t for name, t in pilot.tables.items()}
    return replace(pilot, tables=tables)


def without_wave(pilot: PilotData, wave: str) -> PilotData:
    """Return the pilot as if nothing had been noted in a wave; "every" for all of them."""

    def rest(table: pd.DataFrame) -> pd.DataFrame:
        return table[~table["wave"].isin([wave]) & (wave != "every")] if "wave" in table else table

    return replace(pilot, tables={name: rest(table) for name, table in pilot.tables.items()})


@pytest.fixture(scope="session")
def synthetic() -> PilotData:
    return read_pilot("synthetic")


@pytest.fixture(scope="session")
def empty() -> PilotData:
    return read_pilot("synthetic:empty")


@pytest.fixture(scope="session")
def drawn(synthetic: PilotData) -> Callable[..., Exhibit]:
    """Return a function that gives an exhibit of the synthetic pilot, or of one cohort, each drawn once."""

    @cache
    def inputs(name: str, cohort: str | None) -> tuple[object, ...]:
        return EXHIBITS[name](synthetic.cohort(cohort) if cohort else synthetic)

    @cache
    def exhibit(name: str, language: str, cohort: str | None = None) -> Exhibit:
        return call(name, inputs(name, cohort), language)

    return exhibit
