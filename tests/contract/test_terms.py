"""The texts keep to the agreed terms and to the typography of their language."""

import csv
import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.pofile import read_po

from ikut_eval.contract.locale import CATALOGUES, LANGUAGES, shipped

AVOID = {
    "fi": r"virhelaji|eksakti\b|pidätet|tuntemat[ot]|tutkiva|aukko|itsearvio|jälkikysely|[Ii]hmis(?:et|ten)\b|[Ii]hminen|[Ii]hmisen\b|päästö|tietokoe",
    "sv": r"\bgap\b|\bluck(?:a|or|an)\b|\b[Tt]räning(?:en|ens|ar|arna)?\b|\b[Tt]illfälle\b|undanhåll|utforskande|\b[Nn]ådda?\b|[Gg]odta(?:gen|gbar)"
    r"|[Mm]eddelad frånvaro|\bjämte\b|[Ii]nte (?:ännu|än)\.?$|[Tt]illfrågad\b|\bskattning|\bav slump\b|[Mm]änniskor(?:s|nas)?\b(?! kan andelen)|anteckningsbok",
    "en": r"[Ww]ithheld|[Nn]ought\b|\bgap\b|[Ss]elf-(?:assess|report)|[Nn]otified|[Nn]ext service|follow-on|come by|[Tt]ells? of|told of|takes for granted"
    r"|[Ii]n vain|\bwere lost\b|^Caution$|[Pp]eople do not|\bstill there\b",
}
"""Words that the terms replace, as a pattern for each language."""

_COMMON = r"(?<![\w-])\d+-\d+(?![\w-])|\w'\w"
_NORDIC = r"[\d}][ ]?%|[“\"]|\d\.\d|" + _COMMON
TYPOGRAPHY = {"fi": _NORDIC, "sv": _NORDIC, "en": r"[\d}][ \u00a0]%|„|\"|" + _COMMON}
"""A plain space or none before %, marks of another language, a point for a decimal comma, a hyphen in a range, a straight apostrophe."""

OF_OTHERS = {"abilitator", "who5", "x3x10d"}
"""Questionnaires whose words are not ours."""

TYPED = re.compile(r'\w+ = "…"|\w+:? ?(?:str )?= ?"[\w.]+"|0\.\d+|\d+\.\d+\.\d{4}|WCAG 2\.1|Python 3\.11|\d\.\d-draft')
"""What a reader types or a name: Python, a date, a version."""


@cache
def texts(language: str) -> dict[str, str]:
    """Return every text of a language that people read, by where it stands."""
    with (CATALOGUES / f"{language}.po").open("rb") as source:
        found = {}
        for entry in read_po(source):
            forms = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            key = entry.id[0] if isinstance(entry.id, tuple) else entry.id
            found |= {f"{key} {number}": form for number, form in enumerate(forms) if key}
    for path in sorted(shipped("data_schema").rglob("*.*")):
        if path.stem in OF_OTHERS:
            continue
        raw = path.read_text(encoding="utf-8")
        if path.suffix == ".csv":
            found |= {f"{path.name} {row['code']}": row[language] for row in csv.DictReader(raw.splitlines()) if language in row}
        elif path.suffix in {".json", ".toml"}:
            content = json.loads(raw) if path.suffix == ".json" else tomllib.loads(raw)
            found |= {f"{path.name} {where}": words for where, words in spoken(content, language)}
    return found


def spoken(content: object, language: str, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts of a language in a file's content, each with its place."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key == language and isinstance(value, str):
                yield where, value
            yield from spoken(value, language, f"{where}.{key}")
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from spoken(value, language, f"{where}.{number}")


def breaking(pattern: str, language: str) -> dict[str, str]:
    """Return the texts of a language in which a pattern is found, without what is typed and what is filled in."""
    return {where: words for where, words in texts(language).items() if re.search(pattern, TYPED.sub("", re.sub(r"\{\w+\}", "{}", words)))}


def test_texts_of_every_file_are_looked_at() -> None:
    places = " ".join(texts("en"))
    assert all(name in places for name in ("dash.caution", "wave.csv", "participant.json", "measures.toml", "policy.toml", "bundle.toml", "feedback.json"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_uses_a_word_that_the_terms_replace(language: str) -> None:
    assert breaking(AVOID[language], language) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_keeps_the_typography_of_its_language(language: str) -> None:
    assert breaking(TYPOGRAPHY[language], language) == {}
