"""Every word of the pages is in the reader's language, and the three languages tell the same."""

import json
import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, Comment, Doctype, Tag

from ikut_eval.contract.locale import CATALOGUES
from ikut_eval.contract.schema import load_contract
from tests.dashboard.shown import EVERY_PAGE, LANGUAGES, Dashboards, texts_of

SAME = {"ikut", "p", "h", "holm", "csv", "png", "svg", "suomi", "svenska", "english", "who", "esf"}
"""Words that are the same in all three languages."""
ALIKE = {"Plan": ("sv", "en"), "Situation": ("sv", "en"), "Start": ("sv", "en"), "start": ("sv", "en")}
"""Texts that happen to be the same in two languages."""
_IDS = re.compile(r"\b[A-Z]{1,3}\d+\b|\b[0-9a-f]{12}\b")
each_page = pytest.mark.parametrize(("audience", "name"), EVERY_PAGE)


def told(page: BeautifulSoup) -> Iterator[str]:
    """Give every text that reaches a reader."""
    for node in page.find_all(string=True):
        if node.parent is not None and node.parent.name not in ("script", "style") and not isinstance(node, Comment | Doctype):
            yield str(node)
    for element in page.find_all(True):
        yield from (str(element[name]) for name in ("aria-label", "title", "alt", "placeholder") if element.get(name))
    settings = json.loads(page.select_one("script#page").string)
    yield from texts_of([settings["words"], settings["about"], settings["mark"]])


def own_words(text: str) -> str:
    """Return a text's words that could be in one language or another; empty where there are none."""
    words = re.findall(r"[^\W\d_]+", _IDS.sub(" ", re.sub(r"<[^>]+>", " ", text)))
    return " ".join(word for word in words if word.casefold() not in SAME)


@each_page
@pytest.mark.parametrize(("one", "other"), [("fi", "sv"), ("fi", "en"), ("sv", "en")])
def test_no_text_is_the_same_in_two_languages(dashboards: Dashboards, audience: str, name: str, one: str, other: str) -> None:
    texts = [{words for text in told(dashboards.parsed(audience, name, each)) if (words := own_words(text))} for each in (one, other)]
    assert min(len(each) for each in texts) > 30
    assert {words for words in texts[0] & texts[1] if ALIKE.get(words) != (one, other)} == set()


@cache
def codes() -> set[str]:
    """Return keys of the catalogue and codes of the data that no reader should see."""
    contract = load_contract()
    with (CATALOGUES / "en.po").open("rb") as file:
        keys = {str(message.id) for message in read_po(file) if message.id}
    listed = {code for each in contract.code_lists.values() for code in (each.name, *each.codes)} | set(contract.instruments)
    return {code for code in keys | listed if re.search(r"[._]", code)}


@each_page
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_or_code_is_visible(dashboards: Dashboards, audience: str, name: str, language: str) -> None:
    texts = list(told(dashboards.parsed(audience, name, language)))
    tokens = {token.strip(".,:;()") for text in texts for token in text.split()}
    assert tokens & codes() == set()
    assert {token for token in tokens if re.fullmatch(r"[a-z]+(_[a-z]+)+|[a-z_]+\.[a-z_.]+", token)} == set()


def structure(page: BeautifulSoup) -> list[object]:
    """Return what a page consists of, without its words and the room that they take."""

    def shape(element: Tag) -> tuple[object, ...]:
        kept = {k: v for k, v in element.attrs.items() if k in ("class", "id", "name", "value", "hidden") or k.startswith("data-")}
        return (element.name, json.dumps(kept, sort_keys=True))

    shown = (each for each in page.body.find_all(True) if each.get("class") != ["range"])  # how lines are broken differs between languages
    return [*map(shape, shown)]


@each_page
def test_languages_have_the_same_parts_and_the_same_marks(dashboards: Dashboards, audience: str, name: str) -> None:
    fi, sv, en = (structure(dashboards.parsed(audience, name, language)) for language in LANGUAGES)
    assert fi == sv == en


@each_page
def test_languages_tell_the_same_figures(dashboards: Dashboards, audience: str, name: str) -> None:
    """Digits of the tables, cell by cell: Swedish and Finnish write them alike."""
    fi, sv = ([re.findall(r"\d+", cell.get_text()) for cell in dashboards.parsed(audience, name, each).select("tbody td")] for each in ("fi", "sv"))
    assert fi == sv


@each_page
@pytest.mark.parametrize("language", ["fi", "sv"])
def test_decimals_have_a_comma_in_finnish_and_swedish(dashboards: Dashboards, audience: str, name: str, language: str) -> None:
    texts = list(told(dashboards.parsed(audience, name, language)))
    assert {text for text in texts if re.search(r"(?<![\d.])\d+\.\d+(?![\d.])", text)} == set()
