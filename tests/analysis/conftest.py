"""Small tables as the measures return them, from literal counts; and the synthetic pilot."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.measures.table import measure_table

ITEMS = 10
"""Answered items in `scored`: a total of 14 is a score of 1.4."""


def scored(rows: Iterable[Sequence[object]], instrument: str = "rights_awareness") -> pd.DataFrame:
    """Return scores as `scale_scores` does, from (person, cohort, wave, total); a total of None was not answered, "not_yet" is not due."""
    return pd.DataFrame(
        [
            {
                "participant_id": person,
                "cohort_id": cohort,
                "instrument": instrument,
                "wave": wave,
                "state": "scored" if isinstance(total, int) else total or "no_answers",
                "total": total if isinstance(total, int) else 0,
                "n_answered": ITEMS if isinstance(total, int) else 0,
            }
            for person, cohort, wave, total in rows
        ],
        columns=["participant_id", "cohort_id", "instrument", "wave", "state", "total", "n_answered"],
    )


def before_after(cohorts: Mapping[str, Sequence[tuple[object, object]]], instrument: str = "rights_awareness") -> pd.DataFrame:
    """Return scores of start and exit, from each cohort's people as (total before, total after)."""
    people = [(f"P{cohort}{n:03d}", cohort, pair) for cohort, pairs in cohorts.items() for n, pair in enumerate(pairs)]
    return scored([(person, cohort, wave, total) for person, cohort, pair in people for wave, total in zip(("start", "exit"), pair, strict=True)], instrument)


def changed(*totals: tuple[object, object], cohort: str = "C1", instrument: str = "rights_awareness") -> ikut.PairedChange:
    """Return the change of one cohort's people."""
    return ikut.paired_change(before_after({cohort: totals}, instrument))


def rose(*steps: int, cohort: str = "C1", lost: int = 0) -> ikut.PairedChange:
    """Return the change of people who moved by so many tenths of a point each, and of some who were lost."""
    return changed(*((25, 25 + step) for step in steps), *([(25, None)] * lost), cohort=cohort)


def counted(cohorts: Mapping[str, tuple[int, int]], measure: str = "completion", group: str = "completed") -> pd.DataFrame:
    """Return a measure table of (people counted, people), one row a cohort."""
    return measure_table([_row(measure, cohort, group, k, n) for cohort, (k, n) in cohorts.items()])


def bounded(cohorts: Mapping[str, tuple[int, int, int]], outcome: str = "in_work") -> pd.DataFrame:
    """Return bounds as `outcome_bounds` does, from (at least, at most, people)."""
    rows = [
        _row("outcome_bounds", cohort, outcome, least, n) | {"value": None, "n_missing": most - least, "at_least": least, "at_most": most, "n_not_yet": 0}
        for cohort, (least, most, n) in cohorts.items()
    ]
    return measure_table(rows, "at_least", "at_most", "n_not_yet")


def attended(cohorts: Mapping[str, Sequence[tuple[int, int]]]) -> pd.DataFrame:
    """Return attendance by person, from each person's (attended, held)."""
    people = [(cohort, f"P{cohort[-1]}{n:03d}", part) for cohort, parts in cohorts.items() for n, part in enumerate(parts)]
    return measure_table([_row("attendance_rate", cohort, person, k, n) for cohort, person, (k, n) in people])


def _row(measure: str, cohort: str, group: str, k: int, n: int) -> dict[str, object]:
    value = k / n if n else None
    return {
        "measure": measure,
        "cohort_id": cohort,
        "wave": "",
        "group": group,
        "numerator": k,
        "denominator": n,
        "n_missing": 0,
        "value": value,
        "unit": "share",
    }


def refused(key: str, call: object, *args: object, **words: object) -> UsageError:
    """Check that a call is refused by name, and return the refusal."""
    with pytest.raises(UsageError) as refusal:
        call(*args, **words)  # type: ignore[operator]
    assert refusal.value.key == key
    return refusal.value


@pytest.fixture(scope="session")
def synthetic() -> PilotData:
    return read_pilot("synthetic")
