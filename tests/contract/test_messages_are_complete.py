"""The three message catalogues have the same entries; every entry is used, and every used one is there."""

import ast
import json
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.pofile import read_po

import ikut_eval
from ikut_eval.contract.locale import CATALOGUES, LANGUAGES, PACKAGE, shipped, text

ERRORS = {"IkutError", "UsageError", "ConfigurationError", "DataError", "DisclosureError", "NotebookError", "NotAllowedError", "MachineError"}


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Return each entry's key with its text, or with all its plural forms."""
    with (CATALOGUES / f"{language}.po").open("rb") as source:
        messages = [m for m in read_po(source, locale=language) if m.id]
    return {m.id[0] if isinstance(m.id, tuple) else m.id: m.string if isinstance(m.string, tuple) else (m.string,) for m in messages}


def blanks(words: str) -> set[str]:
    """Return the names between braces."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


@cache
def trees() -> tuple[ast.AST, ...]:
    """Return the source of the package and of the notebooks' code cells."""
    found = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))]
    for path in sorted(shipped("notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found += [ast.parse("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    return tuple(found)


def nodes(*kinds: type) -> Iterator[ast.AST]:
    return (node for tree in trees() for node in ast.walk(tree) if isinstance(node, kinds))


@cache
def literals() -> frozenset[str]:
    """Return every literal word of the source, the notebooks' names, the measures' units, the published figures and the pages' templates."""
    measures = tomllib.loads((shipped("data_schema") / "measures.toml").read_text(encoding="utf-8"))["measure"]
    written = {str(node.value) for node in nodes(ast.Constant)} | {m["unit"] for m in measures.values()}
    families = tomllib.loads((shipped("data_schema") / "policy.toml").read_text(encoding="utf-8"))["family"].values()
    written |= {name for family in families for name in (*family["indicator"], *family.get("cells", ()))}
    templates = [path for folder in (PACKAGE, shipped("dashboards")) for path in folder.rglob("*.j2")]
    pages = {word for path in templates for word in re.findall(r"[\"']([\w.]+)[\"']", path.read_text(encoding="utf-8"))}
    return frozenset(written | pages | {path.stem.partition("_")[2] for path in shipped("notebooks").glob("*.ipynb")})


@cache
def patterns() -> frozenset[re.Pattern[str]]:
    """Return the f-strings that begin or end with words, as patterns: f"issue.{code}.what"."""
    found = set()
    for node in nodes(ast.JoinedStr):
        parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"([\w.]+)" for p in node.values]
        if re.fullmatch(r"[a-z_.\\]+", parts[0]) and len(parts[0]) > 2:
            found.add(re.compile("".join(parts)))
    return frozenset(found)


def used(word: str) -> bool:
    if word in literals() or word in dir(ikut_eval):
        return True
    matches = (pattern.fullmatch(word) for pattern in patterns())
    return any(all(used(part) for part in m.groups()) for m in matches if m and m.groups())


def first_words(call: ast.Call, place: int = 0) -> list[str]:
    """Return the literal words that a call may get at a place, also from a choice between two."""
    if len(call.args) <= place:
        return []
    return [str(n.value) for n in ast.walk(call.args[place]) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(*names: str) -> Iterator[ast.Call]:
    return (node for node in nodes(ast.Call) if isinstance(node, ast.Call) and name_of(node) in names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    assert [key for key, forms in catalogue(language).items() if not all(forms)] == []


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_entries_are_the_same(language: str) -> None:
    assert set(catalogue(language)) == set(catalogue("en"))


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_plural_entries_are_the_same(language: str) -> None:
    assert {k for k, forms in catalogue(language).items() if len(forms) > 1} == {k for k, forms in catalogue("en").items() if len(forms) > 1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_entries_have_two_forms(language: str) -> None:
    assert {len(forms) for forms in catalogue(language).values()} == {1, 2}


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_blanks_are_the_same_in_each_form(language: str) -> None:
    english = {key: set().union(*map(blanks, forms)) for key, forms in catalogue("en").items()}
    assert {key for key, forms in catalogue(language).items() if set().union(*map(blanks, forms)) != english[key]} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_blanks_are_the_same_in_singular_and_plural(language: str) -> None:
    assert {key for key, forms in catalogue(language).items() if len({frozenset(blanks(f) - {"n"}) for f in forms}) > 1} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_says_its_language(language: str) -> None:
    assert f'"Language: {language}\\n"' in (CATALOGUES / f"{language}.po").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_there_twice(language: str) -> None:
    keys = re.findall(r'^msgid "(.+)"$', (CATALOGUES / f"{language}.po").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_catalogue_is_translated(language: str) -> None:
    alike = {key for key, forms in catalogue(language).items() if forms == catalogue("en")[key] and re.search(r"[a-z]{4}", re.sub(r"\{\w+\}", "", forms[0]))}
    assert len(alike) < 15


def test_every_entry_is_used() -> None:
    assert {key for key in catalogue("en") if not used(key)} == set()


def test_an_unused_entry_would_be_found() -> None:
    assert not any(used(key) for key in ("cli.nothing_like_it", "issue.nothing_like_it.what", "error.nothing_like_it", "section.nothing_like_it"))


def test_every_error_has_its_text() -> None:
    keys = {word for call in calls(*ERRORS) for word in first_words(call)[:1]}
    assert len(keys) > 30
    assert {key for key in keys if f"error.{key}" not in catalogue("en")} == set()


def test_every_error_fills_the_blanks_of_its_text() -> None:
    unfilled = set()
    for call in calls(*ERRORS):
        given = {k.arg for k in call.keywords}
        for key in first_words(call)[:1]:
            if None not in given and not set().union(*map(blanks, catalogue("en")[f"error.{key}"])) <= given:
                unfilled.add(key)
    assert unfilled == set()


def test_every_issue_has_its_two_texts() -> None:
    codes = {word for call in calls("Issue") for word in first_words(call, 1)} | {word for call in calls("where") for word in first_words(call, 1)}
    codes |= {word for call in calls("NotThisTypeError") for word in first_words(call)}
    codes |= {str(k.value.value) for call in nodes(ast.Call) for k in call.keywords if k.arg == "error" and isinstance(k.value, ast.Constant)}
    assert {"register_gap", "not_a_date", "too_large"} <= codes
    assert {f"issue.{code}.{part}" for code in codes for part in ("what", "do")} - set(catalogue("en")) == set()


def test_every_literal_text_is_there_with_its_blanks() -> None:
    wrong = set()
    for call in calls("text"):
        given = {k.arg for k in call.keywords}
        for key in first_words(call)[:1] if call.args and isinstance(call.args[0], ast.Constant) else []:
            forms = catalogue("en").get(key)
            if forms is None or (None not in given and not set().union(*map(blanks, forms)) <= given):
                wrong.add(key)
    assert wrong == set()


def test_unknown_key_is_a_defect_and_not_an_empty_text() -> None:
    with pytest.raises(KeyError):
        text("nothing_like_it", "en")


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown language"):
        text("yes", "de")


@pytest.mark.parametrize(("language", "one", "many"), [("fi", "1 henkilö", "2 henkilöä"), ("sv", "1 person", "2 personer"), ("en", "1 person", "2 people")])
def test_plural_form_follows_the_number(language: str, one: str, many: str) -> None:
    assert (text("people", language, n=1), text("people", language, n=2)) == (one, many)
