"""What holds for every result: names nobody, speaks three languages, explains itself, and cannot be changed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, fields

import pytest

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import LANGUAGES
from ikut_eval.contract.measure_catalogue import measure_catalogue
from ikut_eval.data.pilot import PilotData
from ikut_eval.inference.results import Result

CHOOSING = (
    "paired_change",
    "compare_cohorts",
    "compare_groups",
    "cohort_shrinkage",
    "reliable_change",
    "time_in_training",
    "detectable_effect",
    "tipping_point",
    "item_shift",
    "planned_contrast",
)
"""Functions that choose a method."""


def _scores(pilot: PilotData) -> object:
    return ikut.scale_scores(pilot, "rights_awareness")


def _change(pilot: PilotData) -> ikut.PairedChange:
    return ikut.paired_change(_scores(pilot))


def _changes(pilot: PilotData) -> list[ikut.PairedChange]:
    return [_change(pilot.cohort(c)) for c in pilot.cohort_ids]


def _late(pilot: PilotData) -> dict[str, str]:
    """Return everybody's group: alternately, so that each cohort has both."""
    return {person: ("even", "odd")[n % 2] for n, person in enumerate(pilot["participant"]["participant_id"])}


def _groups(pilot: PilotData, **words: object) -> Result:
    return ikut.compare_groups(_scores(pilot), _late(pilot), first="odd", **words)


RESULTS: Mapping[str, Callable[[PilotData], Result]] = {
    "exact_test of the mean": lambda p: _change(p).exact_test(),
    "exact_test of ranks": lambda p: _change(p).exact_test("signed_rank"),
    "exact_test of signs": lambda p: _change(p).exact_test("sign"),
    "exact_test of four": lambda p: _change(p.cohort("C1")).exact_test(),
    "item_shift": lambda p: ikut.item_shift(ikut.item_answers(p, "rights_awareness")),
    "item_shift of four": lambda p: ikut.item_shift(ikut.item_answers(p.cohort("C1"), "rights_awareness")),
    "planned_contrast": lambda p: ikut.planned_contrast(_scores(p), {"start": -1, "exit": 1}),
    "reliable_change": lambda p: ikut.reliable_change(_change(p), sd=1, reliability_outside=0.8),
    "compare_cohorts": lambda p: ikut.compare_cohorts(_changes(p)),
    "compare_cohorts by trend": lambda p: ikut.compare_cohorts(ikut.completion(p), group="completed", method="trend", order=p.cohort_ids),
    "compare_cohorts of bounds": lambda p: ikut.compare_cohorts(ikut.outcome_bounds(p, "in_work")),
    "compare_cohorts of attendance": lambda p: ikut.compare_cohorts(ikut.attendance_rate(p, by="person")),
    "compare_groups": _groups,
    "compare_groups of everybody": lambda p: _groups(p, within_cohorts=False),
    "cohort_shrinkage": lambda p: ikut.cohort_shrinkage(_changes(p)),
    "cohort_shrinkage of attendance": lambda p: ikut.cohort_shrinkage(ikut.attendance_rate(p, by="person"), scale=0.1),
    "cohort_shrinkage of counts": lambda p: ikut.cohort_shrinkage(ikut.completion(p), group="completed"),
    "cohort_shrinkage's check": lambda p: ikut.cohort_shrinkage(_changes(p)).check,
    "tipping_point": lambda p: ikut.tipping_point(_change(p)),
    "tipping_point of bounds": lambda p: ikut.tipping_point(ikut.outcome_bounds(p, "in_work")),
    "time_in_training": lambda p: ikut.time_in_training(ikut.weeks_in_training(p)),
    "detectable_effect": lambda p: ikut.detectable_effect(ikut.participants(p)),
}


@pytest.fixture(scope="module", params=RESULTS)
def result(request: pytest.FixtureRequest, synthetic: PilotData) -> Result:
    return RESULTS[request.param](synthetic)


def test_nobody_is_named(result: Result, synthetic: PilotData) -> None:
    people = synthetic["participant"]["participant_id"].tolist()
    assert len(people) == 20
    shown = "\n".join([repr(result), str(result), result._repr_html_(), result.to_frame().to_csv(), result.explain("en"), str(vars(result))])
    assert [p for p in people if p in shown] == []


def test_sentence_and_explanation_are_in_each_language(result: Result) -> None:
    for words in ({x: result.sentence(x) for x in LANGUAGES}, {x: result.explain(x) for x in LANGUAGES}):
        assert all(said.strip() == said and said for said in words.values())
        assert len(set(words.values())) == len(LANGUAGES)
        assert not [said for said in words.values() if re.search(r"[{}]|\b(nan|None)\b", said)]


def test_shown_is_the_sentence_and_the_rows(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    for language in LANGUAGES:
        monkeypatch.setenv("IKUT_EVAL_LANGUAGE", language)
        assert repr(result) == result.sentence(language)
        assert result._repr_html_().count("<tr") == 1 + len(result.to_frame())


def test_rows_hold_figures_and_words_alone(result: Result) -> None:
    frame = result.to_frame()
    assert len(frame)
    assert "inversion" not in frame
    assert all(isinstance(v, int | float | str | type(None)) for row in frame.astype(object).to_numpy() for v in row)


def test_explained_as_it_explains_itself(result: Result) -> None:
    for language in LANGUAGES:
        shown = ikut.explain(result, language=language)
        assert repr(shown) == result.explain(language)
        assert shown._repr_html_().startswith("<p>")


def test_cannot_be_changed(result: Result) -> None:
    name = fields(result)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(result, name, None)


def test_change_cannot_be_changed(synthetic: PilotData) -> None:
    with pytest.raises(FrozenInstanceError):
        _change(synthetic).improved = 20  # type: ignore[misc]


@pytest.mark.parametrize("name", CHOOSING)
def test_function_says_which_method_it_chooses(name: str) -> None:
    said = [repr(ikut.explain(name, language=language)) for language in LANGUAGES]
    assert all(said)
    assert len(set(said)) == len(LANGUAGES)
    assert all(ikut.explain(name, language=language)._repr_html_() for language in LANGUAGES)


def test_measure_that_chooses_a_method_says_both() -> None:
    """A change is a measure, with a definition, and has a test of its own."""
    shown = repr(ikut.explain("paired_change", language="en"))
    assert measure_catalogue()["paired_change"].definition["en"] in shown
    assert "Method: The sign-flip test of the mean change is the default" in shown
    assert "Method: " not in repr(ikut.explain("attendance_rate", language="en"))


def test_method_is_explained_by_its_name() -> None:
    assert "Fisher–Freeman–Halton" in repr(ikut.explain("freeman_halton", language="en"))


def test_unknown_word_is_refused_with_the_measures_there_are() -> None:
    with pytest.raises(UsageError, match="attendance_rate"):
        ikut.explain("nothing_like_it")


def test_every_function_that_chooses_is_tested_here() -> None:
    made = {name.split(" ")[0].removesuffix("'s") for name in RESULTS}
    assert set(CHOOSING) - {"paired_change"} == made - {"exact_test"}
    assert set(CHOOSING) <= set(ikut.__all__)
