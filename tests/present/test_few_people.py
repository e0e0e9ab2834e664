"""Everything runs with nobody, one, two and three people, and when a wave is empty, without a warning."""

import re
import warnings
from collections.abc import Iterator
from datetime import date

import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import text
from ikut_eval.data.pilot import PilotData, read_pilot
from ikut_eval.present.tables import due_lines
from tests.measures.conftest import MEASURES, SCORED
from tests.present.conftest import EXHIBITS, OF_ANY, draw, everything, first_people, without_wave
from tests.present.test_every_exhibit import MISSING

FEW = [*((n, None) for n in range(4)), (2, "exit"), (2, "every")]


@pytest.fixture(autouse=True)
def warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def few(pilot: PilotData, n: int, wave: str | None) -> PilotData:
    cut = first_people(pilot.cohort("C1"), n)
    return without_wave(cut, wave) if wave else cut


@pytest.mark.parametrize(("n", "wave"), FEW)
def test_every_measure_runs(synthetic: PilotData, n: int, wave: str | None) -> None:
    pilot = few(synthetic, n, wave)
    for measure in MEASURES.values():
        table = measure(pilot)
        assert not table[["measure", "cohort_id", "wave", "group", "unit"]].isin(["nan", "<NA>", "None"]).any(axis=None)
        shares = table[table["unit"] == "share"]
        assert (shares["value"].isna() | shares["value"].between(0, 1)).all()
        assert shares.loc[shares["denominator"] == 0, "value"].isna().all()
    for instrument in SCORED:
        assert len(ikut.scale_scores(pilot, instrument)) == n * len(pilot.contract.instruments[instrument].waves)
    assert len(ikut.follow_ups_due(pilot)) == 4 * n
    assert len(ikut.situation(pilot, at="m6")) == n


@pytest.mark.parametrize(("n", "wave"), FEW)
def test_every_exhibit_runs_and_prints_nothing_missing(synthetic: PilotData, n: int, wave: str | None) -> None:
    pilot = few(synthetic, n, wave)
    for name in EXHIBITS:
        exhibit = draw(name, pilot, "fi")
        assert exhibit.sentence
        assert not MISSING.search(everything(exhibit))


@pytest.mark.parametrize("n", [0, 5])
def test_cohorts_without_people_stand_beside_others(synthetic: PilotData, n: int) -> None:
    """The first cohort has four people: with five people two cohorts have none."""
    pilot = first_people(synthetic, n)
    for name in OF_ANY:
        assert not MISSING.search(everything(draw(name, pilot, "sv")))


def test_shipped_pilot_of_two_runs() -> None:
    pilot = read_pilot("synthetic:tiny")
    for name in EXHIBITS:
        assert not MISSING.search(everything(draw(name, pilot, "en")))


@pytest.mark.parametrize("name", EXHIBITS)
def test_nobody_is_never_told_as_a_count_of_zero(empty: PilotData, name: str) -> None:
    """ "0 of 0" and "not yet" are no answers where there is nobody."""
    exhibit = draw(name, empty, "en")
    cells = exhibit.table.to_csv(header=False)
    assert not re.search(r"\b0 of 0\b|not yet", cells + exhibit.sentence)


def test_nobody_has_no_interval(empty: PilotData) -> None:
    change = ikut.paired_change(ikut.scale_scores(empty, "who5"))
    said = ikut.say_interval(ikut.with_interval(change.to_frame()), group="improved", language="en")
    assert repr(said) == text("note.no_interval", "en")


def test_nobody_has_nothing_due(empty: PilotData) -> None:
    assert due_lines(ikut.follow_ups_due(empty), date(2022, 5, 1), "en") == ["Follow-ups on 1 May 2022:", "No follow-up is due."]
