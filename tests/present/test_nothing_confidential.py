"""No participant's id and no answer is in what an object says of itself."""

import pytest

import ikut_eval as ikut
from ikut_eval.data.pilot import PilotData
from tests.measures.conftest import A, B, Build, answers
from tests.present.conftest import EXHIBITS, draw


@pytest.fixture(scope="module")
def telling(build: Build) -> PilotData:
    """One person answers 5 everywhere and has an urgent need."""
    given = answers(A, "start", "C01", "5 5 5") + answers(A, "exit", "C01", "1 1 1")
    return build(participant=[A, B], answer=given, need=[(A, "start", "permit", 3)])


@pytest.mark.parametrize("show", [repr, str], ids=["repr", "str"])
def test_pilot_says_its_size_and_nothing_else(telling: PilotData, show: object) -> None:
    assert show(telling) == "PilotData(C1; 2 participants)"


@pytest.mark.parametrize("show", [repr, str], ids=["repr", "str"])
def test_change_says_its_pairs_number_and_nothing_else(telling: PilotData, show: object) -> None:
    change = ikut.paired_change(ikut.scale_scores(telling, "rights_confidence"))
    assert show(change) == "PairedChange(rights_confidence, start to exit; 1 pairs)"


@pytest.mark.parametrize("name", EXHIBITS)
def test_exhibit_says_its_sentence(telling: PilotData, name: str) -> None:
    exhibit = draw(name, telling, "en")
    assert repr(exhibit) == str(exhibit) == exhibit.sentence
    assert A not in repr(exhibit)


def test_synthetic_pilot_says_so(synthetic: PilotData) -> None:
    assert repr(synthetic) == "PilotData(C1, C2, C3, C4; 20 participants, synthetic)"
