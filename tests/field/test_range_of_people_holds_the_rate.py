"""People's lowest and highest attendance stand beside the rate that was chosen, and are of the same sessions and people."""

import pandas as pd
import pytest

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.locale import text
from ikut_eval.dashboard.internal.attendance import RATES
from ikut_eval.dashboard.pages import page_of
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.measures.attendance import attendance_rate
from ikut_eval.present.tables import measure_title
from ikut_eval.release.internal import build_internal
from ikut_eval.release.store import Bundle, read_bundle
from tests.field.conftest import INPUTS

CASES = ["synthetic", "synthetic:tiny", str(INPUTS / "11_returner.xlsx"), str(INPUTS / "20_running_training.xlsx")]


@pytest.fixture(params=CASES, scope="module")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[PilotData, Bundle]:
    pilot = read_pilot(request.param)
    folder = tmp_path_factory.mktemp("bundle") / "internal"
    build_internal(pilot, folder, about={}, plan=AnalysisPlan())
    return pilot, read_bundle(folder, audience="internal")


def test_lowest_is_never_above_nor_highest_below_the_rate(made: tuple[PilotData, Bundle]) -> None:
    pilot, bundle = made
    table = bundle.table("measures")
    people = attendance_rate(pilot, by="person").dropna(subset="value")
    for rate in RATES:
        shown = table[(table["measure"] == rate) & (table["by"] == "cohort") & (table["cohort_id"] != "all")].set_index("cohort_id")
        assert list(shown.index) == list(pilot.cohort_ids)
        for cohort, row in shown.iterrows():
            own = 100 * people.loc[(people["measure"] == rate) & (people["cohort_id"] == cohort), "value"].astype(float)
            if own.empty:
                assert pd.isna(row["minimum"])
                continue
            assert (row["minimum"], row["maximum"]) == (round(own.min()), round(own.max()))
            assert row["minimum"] <= round(100 * row["value"]) <= row["maximum"]


def test_row_of_the_page_follows_the_rate(made: tuple[PilotData, Bundle]) -> None:
    pilot, bundle = made
    page = page_of(bundle, "attendance", language="en")
    table = next(section for section in page.sections if section.name == "viability").panels[()].table
    people = attendance_rate(pilot, by="person").dropna(subset="value")
    for rate in RATES:
        row = table.set_index(table.columns[0]).loc[f"{measure_title(rate, 'en')}: {text('table.person_range', 'en')}"]
        for cohort in pilot.cohort_ids:
            own = 100 * people.loc[(people["measure"] == rate) & (people["cohort_id"] == cohort), "value"].astype(float)
            wanted = {f"{round(own.min())}% to {round(own.max())}%", f"{round(own.min())}%"} if len(own) else {"–"}
            assert row[cohort] in wanted
