"""A word of the call that is not understood is refused with the words there are."""

from collections.abc import Callable

import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.data.pilot import PilotData

CASES = {
    "attendance by": (lambda p: ikut.attendance_rate(p, by="month"), "cohort, person, week, session_type, mode"),
    "notification by": (lambda p: ikut.notification_rate(p, by="month"), "cohort, person, week, session_type, mode"),
    "lateness by": (lambda p: ikut.late_share(p, by="month"), "cohort, person, week, session_type, mode"),
    "hours received by": (lambda p: ikut.attended_hours(p, by="month"), "cohort, person, week, session_type, mode"),
    "viability by": (lambda p: ikut.group_viability(p, by="person"), "cohort, week, session_type"),
    "hours held by": (lambda p: ikut.delivered_hours(p, by="week"), "cohort, session_type"),
    "need wave": (lambda p: ikut.need_level(p, wave="m6"), "start, exit"),
    "wish wave": (lambda p: ikut.preferred_support(p, wave="m6"), "start, exit"),
    "situation at": (lambda p: ikut.situation(p, at="start"), "exit, m3, m6, m12"),
    "bounds at": (lambda p: ikut.outcome_bounds(p, "in_work", at="start"), "exit, m3, m6, m12"),
    "criteria at": (lambda p: ikut.fair_work_criteria(p, at="start"), "exit, m3, m6, m12"),
    "outcome": (lambda p: ikut.outcome_bounds(p, "work"), "in_work, fair_work, in_work_trial, in_study, seeking_work, next_service"),
    "instrument of scores": (lambda p: ikut.scale_scores(p, "rights"), "rights_awareness"),
    "instrument of a summary": (lambda p: ikut.score_summary(p, "rights"), "rights_awareness"),
    "instrument of items": (lambda p: ikut.item_agreement(p, "rights"), "rights_awareness"),
    "items without agreement": (lambda p: ikut.item_agreement(p, "who5"), "feedback, rights_awareness, rights_confidence"),
    "instrument of knowledge": (lambda p: ikut.knowledge_answers(p, instrument="rights"), "rights_knowledge"),
    "knowledge without right answers": (lambda p: ikut.knowledge_answers(p, instrument="rights_awareness"), "rights_knowledge"),
    "start of items": (lambda p: ikut.item_agreement(p, "rights_awareness", start="before"), "start, exit, m6, m12"),
    "end of items": (lambda p: ikut.item_agreement(p, "rights_awareness", end="mid"), "start, exit, m6, m12"),
    "start of a change": (lambda p: ikut.paired_change(ikut.scale_scores(p, "rights_knowledge"), end="m6"), "start, exit"),
    "cohort": (lambda p: p.cohort("C9"), "C1, C2, C3, C4"),
    "measure": (lambda p: ikut.explain("attendance"), "attendance_rate"),
}


@pytest.mark.parametrize(("call", "choices"), CASES.values(), ids=CASES)
def test_refusal_names_the_choices(synthetic: PilotData, call: Callable[[PilotData], object], choices: str) -> None:
    with pytest.raises(UsageError, match=choices):
        call(synthetic)
