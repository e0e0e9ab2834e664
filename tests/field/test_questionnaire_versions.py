"""Another version of a questionnaire is a caution at the change and the comparison themselves, in reports and in the bundle.

`12_version_between_cohorts.xlsx`: rights awareness in version 1.0-draft in C1 and C2, in version 2.0 in C3 and C4.
"""

from dataclasses import replace
from pathlib import Path

import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.data.pilot import PilotData
from ikut_eval.release.internal import build_internal
from ikut_eval.release.store import Bundle, read_bundle
from tests.field.conftest import INPUTS
from tests.measures.conftest import A, B, Build, answers

EVERY = " ".join(["3"] * 12)


def caution(language: str) -> str:
    return text("caution.versions", language, n=2)


@pytest.fixture(scope="module")
def pilot() -> PilotData:
    return ikut.read_pilot(INPUTS / "12_version_between_cohorts.xlsx", date="2023-12-31")


@pytest.mark.parametrize("language", LANGUAGES)
def test_versions_between_cohorts_are_at_every_comparison(pilot: PilotData, language: str) -> None:
    own = [ikut.paired_change(ikut.scale_scores(pilot.cohort(c), "rights_awareness")) for c in pilot.cohort_ids]
    whole = ikut.paired_change(ikut.scale_scores(pilot, "rights_awareness"))
    shrunken = ikut.cohort_shrinkage(own)
    shown = [
        ikut.plot_change(own, language=language),
        ikut.plot_mean_change([*own, whole], plan=ikut.AnalysisPlan(), language=language),
        ikut.plot_comparison(ikut.compare_cohorts(own), language=language),
        ikut.plot_shrinkage(shrunken, language=language),
        ikut.plot_spread(shrunken, language=language),
        ikut.plot_item_shift(ikut.item_shift(ikut.item_answers(pilot, "rights_awareness")), plan=ikut.AnalysisPlan(), language=language),
    ]
    assert [caution(language) in exhibit.caution for exhibit in shown] == [True] * len(shown)


def test_one_version_is_no_caution(pilot: PilotData) -> None:
    first = pilot.cohort("C1")
    change = ikut.paired_change(ikut.scale_scores(first, "rights_awareness"))
    assert change.versions == ("1.0-draft",)
    exhibits = [ikut.plot_change(change, language="en"), ikut.plot_items(ikut.item_agreement(first, "rights_awareness"), language="en")]
    assert all("version" not in exhibit.caution.lower() for exhibit in exhibits)


def between_waves(build: Build, start: str, end: str) -> PilotData:
    given = [row for person in (A, B) for wave in ("start", "exit") for row in answers(person, wave, "R01", EVERY)]
    sets = [{"participant_id": p, "wave": w, "instrument": "rights_awareness", "version": v} for p in (A, B) for w, v in (("start", start), ("exit", end))]
    pilot = build(answer=given)
    return replace(pilot, tables={**pilot.tables, "answer_set": build(answer_set=sets)["answer_set"]})


@pytest.mark.parametrize("language", LANGUAGES)
def test_versions_between_waves_are_at_the_change(build: Build, language: str) -> None:
    pilot = between_waves(build, "1.0", "1.1")
    change = ikut.paired_change(ikut.scale_scores(pilot, "rights_awareness"))
    assert change.versions == ("1.0", "1.1")
    for exhibit in (ikut.plot_change(change, language=language), ikut.plot_items(ikut.item_agreement(pilot, "rights_awareness"), language=language)):
        assert exhibit.caution.endswith(caution(language))


def test_version_of_another_wave_does_not_matter(build: Build) -> None:
    """Only the two waves that are compared count."""
    pilot = between_waves(build, "1.0", "1.1")
    change = ikut.paired_change(ikut.scale_scores(pilot, "rights_awareness"), start="start", end="m6")
    assert change.versions == ()


@pytest.fixture(scope="module")
def bundle(pilot: PilotData, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder: Path = tmp_path_factory.mktemp("bundle") / "internal"
    build_internal(pilot, folder, about={}, plan=ikut.AnalysisPlan())
    return read_bundle(folder, audience="internal")


def test_bundle_holds_how_many_versions_and_none_by_name(bundle: Bundle) -> None:
    changes = bundle.table("changes").loc[lambda t: t["instrument"] == "rights_awareness"]
    assert dict(zip(changes["cohort_id"], changes["n_versions"], strict=True)) == {"C1": 1, "C2": 1, "C3": 1, "C4": 1, "all": 2}
    agreement = bundle.table("measures").loc[lambda t: (t["measure"] == "item_agreement") & (t["cohort_id"] == "all") & t["group"].str.startswith("R")]
    assert set(agreement["n_versions"]) == {2}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_bundle_carry_the_caution(bundle: Bundle, language: str) -> None:
    from ikut_eval.dashboard.pages import page_of

    said = caution(language)
    sections = {section.name: section for section in page_of(bundle, "rights_awareness", language=language).sections}
    for name in ("change", "statements", "certainty"):
        assert said in sections[name].panels[()].caution
    versions, rights = bundle.table("changes").groupby("instrument")["n_versions"].max(), ["rights_awareness", "rights_knowledge"]
    assert (said in sections["others"].panels[()].caution) == bool((versions.drop(rights) > 1).any())
    assert (said in sections["knowledge"].panels[()].caution) == bool(versions["rights_knowledge"] > 1)
