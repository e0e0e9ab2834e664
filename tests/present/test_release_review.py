"""What an approver sees of a release, in each language, and where there is none."""

import re
from dataclasses import replace
from types import MappingProxyType

import pytest

import ikut_eval as ikut
from ikut_eval.contract.locale import percent, text
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.families import count_bands
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.present.releases import audited_name, coded_figures, indicator_name, release_lines
from ikut_eval.release.public_knowledge import universe
from ikut_eval.release.publication import release_to_review
from ikut_eval.release.store import Bundle
from tests.present.conftest import LANGUAGES, OF_RELEASE, everything
from tests.present.test_every_exhibit import MISSING, english_words

RANGE = re.compile(r"\d+–\d+")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    found = release_to_review("")
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OF_RELEASE)
def test_review_is_whole_and_names_nobody(bundle: Bundle, synthetic: PilotData, name: str, language: str) -> None:
    exhibit = getattr(ikut, name)(bundle, language=language)
    assert all(words.strip() for words in (exhibit.sentence, exhibit.caption, exhibit.caution))
    assert len(exhibit.table) > 1
    shown = everything(exhibit)
    assert not MISSING.search(shown)
    assert not [p for p in synthetic["participant"]["participant_id"] if p in shown]
    if language != "en":
        assert not [words for words in english_words(language) if words in shown.replace("<br>", " ")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OF_RELEASE)
def test_no_release_is_said_in_words(name: str, language: str) -> None:
    assert getattr(ikut, name)(release_to_review("none"), language=language).sentence == text("note.nothing_to_release", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_a_name_and_a_line(bundle: Bundle, language: str) -> None:
    lines = release_lines(bundle, language)
    names = [indicator_name(figure.indicator, language) for figure in coded_figures(bundle)]
    assert len(names) > 80
    assert all(any(line.startswith(name) for line in lines) for name in names)
    told = bundle.table("beliefs")
    assert len(lines) == len(names) + 1 + len(told)
    assert not [line for line in lines if re.search(r"[a-z]_[a-z]|\|", line)], "categories are said in words"


@pytest.mark.parametrize("language", LANGUAGES)
def test_codings_are_said_in_words_for_each_family_and_size(bundle: Bundle, language: str) -> None:
    """Every value that a group of a size can have stands in one of the ranges that are named, or between the ends as it is."""
    chosen = bundle.table("codings").loc[lambda codes: codes["chosen"]]
    exhibit = ikut.plot_codings(bundle, language=language)
    assert len(exhibit.table) == len(chosen)
    for row, cells in zip(chosen.itertuples(), exhibit.table.itertuples(index=False), strict=True):
        said = cells[2]
        assert str(cells[1]).startswith(f"{row.n} ")
        assert all(indicator_name(one.split()[0], language) in said for one in row.coding.split("; "))
        assert percent(row.left, language) == cells[4]
        for figure, bands, *k in (one.split() for one in row.coding.split("; ")):
            if row.view == "pair_count" and bands != "none":
                told = next(part for part in said.split("; ") if indicator_name(figure, language) in part) if bands == "three" else said
                assert {f"{band.lo}–{band.hi}" for band in count_bands(row.n, bands=bands, k=int(k[0])) if band.lo < band.hi} <= set(RANGE.findall(told))
    older = replace(bundle, schemas=MappingProxyType({name: schema for name, schema in bundle.schemas.items() if name != "codings"}))
    assert ikut.plot_codings(older, language=language).sentence == text("sentence.no_codings", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cohorts", [(1,), (1, 2)], ids=str)
def test_every_finding_of_an_audit_can_be_said(language: str, cohorts: tuple[int, ...]) -> None:
    """Of every family, of corrected data, and of a statement whose mean others have printed."""
    policy, among = load_policy(), " ".join(map(str, cohorts))
    for block in universe(policy, (4, 5, 5, 6), 20).blocks:
        for cell in block.attributes[0][1]:
            said = audited_name(block.name, among, f"cell={cell}", language)
            assert text(f"cell.{cell}", language) in said
            assert "2" in audited_name(f"{block.name}:2", among, f"cell={cell}", language).removeprefix(said)
    assert audited_name("R03.exit", among, "score=1|2", language).endswith(": 1 + 2")


def test_title_says_that_the_pilot_is_invented(bundle: Bundle) -> None:
    for language in LANGUAGES:
        assert text("report.synthetic", language) in repr(ikut.release_title(bundle, language=language))
    assert not re.search(r"\d", repr(ikut.release_title(None, language="en")))
