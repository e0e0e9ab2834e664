"""What holds for every exhibit, on the pilot and on each of its cohorts, each in one of the languages."""

import re
from collections.abc import Callable
from functools import cache

import pytest
from babel.messages.pofile import read_po

import ikut_eval as ikut
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import CATALOGUES
from ikut_eval.contract.measure_catalogue import measure_catalogue
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.pilot import PilotData
from ikut_eval.present.exhibit import Exhibit
from tests.present.conftest import COHORTS, EXHIBITS, OF_ANY, OF_ONE, OF_RELEASE, draw, everything, figure_json

Drawn = Callable[..., Exhibit]
MISSING = re.compile(r"\b(nan|NaN|NaT|None)\b|<NA>|&lt;NA&gt;")
SPOKEN = dict(zip((None, *COHORTS), ("en", "fi", "sv", "fi", "en"), strict=True))
"""The language in which each cohort's exhibits are drawn: every exhibit in each, and every cohort once."""
CASES = [pytest.param(c, name, id=f"{name}-{c or 'whole'}") for c in SPOKEN for name in (EXHIBITS if c else OF_ANY)]


@pytest.mark.parametrize(("cohort", "name"), CASES)
def test_exhibit_is_whole_and_names_nobody(synthetic: PilotData, drawn: Drawn, cohort: str | None, name: str) -> None:
    """Sentence, table, caption and caution are there; nothing missing is printed; no participant's id is anywhere."""
    exhibit = drawn(name, SPOKEN[cohort], cohort)
    assert all(words.strip() for words in (exhibit.sentence, exhibit.caption, exhibit.caution))
    assert len(exhibit.table)
    assert exhibit.figure is None or len(exhibit.figure.data)
    shown = everything(exhibit)
    assert not MISSING.search(shown)
    assert not [p for p in synthetic["participant"]["participant_id"] if p in shown]
    assert not [s for s in synthetic["session"]["session_id"] if s in shown]


def test_every_plot_is_tested() -> None:
    assert {name for name in ikut.__all__ if name.startswith("plot_")} == {name.split(" ")[0] for name in EXHIBITS} | {
        *OF_RELEASE,
        "plot_outdated",
    }  # the last in tests/release/test_corrections.py


@cache
def english_words(language: str) -> set[str]:
    """Return pieces of English text that are not also words of `language`."""
    pieces = {x: _catalogue(x) for x in (language, "en")}
    own = "\n".join(words for all_words in pieces[language].values() for words in all_words).casefold()
    longest = (max(re.split(r"\{\w+\}", words), key=len).strip(" .,:;()") for all_words in pieces["en"].values() for words in all_words)
    return {words for words in longest if len(words) > 7 and words.casefold() not in own}


def _catalogue(language: str) -> dict[str, list[str]]:
    """Return all texts that an exhibit may hold: the catalogue, the measures' and the contract's words."""
    texts: dict[str, list[str]] = {}
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        for message in read_po(file):
            if message.id:
                texts[str(message.id)] = [message.string] if isinstance(message.string, str) else list(message.string)
    for measure in measure_catalogue().values():
        texts[f"measure {measure.id}"] = [measure.title[language], measure.caution[language]]
    contract = load_contract()
    for codes in contract.code_lists.values():
        texts |= {f"{codes.name} {code}": [words[language]] for code, words in codes.labels.items()}
    return texts


@pytest.mark.parametrize(("cohort", "language"), [("C1", "fi"), ("C2", "sv")])
@pytest.mark.parametrize("name", EXHIBITS)
def test_no_english_is_left_in_finnish_and_swedish(drawn: Drawn, name: str, cohort: str, language: str) -> None:
    shown = everything(drawn(name, language, cohort)).replace("<br>", " ")
    assert not [words for words in english_words(language) if words in shown]


def test_english_is_found_where_it_is(drawn: Drawn) -> None:
    """The search above finds English in an English exhibit, so that it can fail."""
    shown = everything(drawn("plot_attendance", "en"))
    assert [words for words in english_words("fi") if words in shown]


@pytest.mark.parametrize("name", EXHIBITS)
def test_languages_show_the_same_figures(drawn: Drawn, name: str) -> None:
    """The digits of the table are the same in Finnish and Swedish."""
    tables = [drawn(name, language, "C1").table.to_csv(header=False) for language in ("fi", "sv")]
    assert re.findall(r"\d+", tables[0]) == re.findall(r"\d+", tables[1])


@pytest.mark.parametrize("name", [name for name in OF_ONE if "all kinds" not in name])
def test_exhibit_of_one_cohort_refuses_several(synthetic: PilotData, name: str) -> None:
    with pytest.raises(UsageError, match="C1, C2, C3, C4"):
        draw(name, synthetic, "en")


@pytest.mark.parametrize("name", EXHIBITS)
def test_figure_tells_nothing_by_hovering(drawn: Drawn, name: str) -> None:
    exhibit = drawn(name, "fi", "C1")
    assert exhibit.drawing is None or '"hovermode": false' in figure_json(exhibit)
