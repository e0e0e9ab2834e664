"""Everything that people read is there in Finnish, Swedish and English, and a word means one thing."""

from collections.abc import Iterable, Iterator, Mapping

import pytest

from ikut_eval.contract.locale import LANGUAGES, text
from ikut_eval.contract.measure_catalogue import explain, measure_catalogue
from ikut_eval.contract.schema import load_contract

CONTRACT = load_contract()
TABLES = [pytest.param(t, id=t.name) for t in CONTRACT.tables.values()]
CODE_LISTS = [pytest.param(c, id=c.name) for c in CONTRACT.code_lists.values()]
INSTRUMENTS = [pytest.param(i, id=i.id) for i in CONTRACT.instruments.values()]


def complete(words: Mapping[str, str]) -> bool:
    return set(words) == set(LANGUAGES) and all(w.strip() == w and w for w in words.values())


def ambiguous(named: Iterable[tuple[str, Mapping[str, str]]]) -> set[str]:
    """Return the words, in any language, that lead to more than one name."""
    leads: dict[str, set[str]] = {}
    for name, words in named:
        for word in (name, *words.values()):
            leads.setdefault(word.casefold(), set()).add(name)
    return {word for word, names in leads.items() if len(names) > 1}


@pytest.mark.parametrize("table", TABLES)
def test_table_has_its_words(table) -> None:
    words = [table.labels, table.descriptions, *(f.labels for f in table.fields), *(f.hints for f in table.fields)]
    assert [w for w in words if not complete(w)] == []


@pytest.mark.parametrize("codes", CODE_LISTS)
def test_code_list_has_its_labels(codes) -> None:
    assert codes.codes
    assert [c for c in codes.codes if not complete(codes.labels[c])] == []


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_questionnaire_has_its_words(instrument) -> None:
    assert complete(instrument.labels)
    assert [i.id for i in instrument.items if not complete(i.text)] == []


@pytest.mark.parametrize("measure", [pytest.param(m, id=m.id) for m in measure_catalogue().values()])
def test_measure_has_its_words(measure) -> None:
    assert all(complete(words) for words in (measure.title, measure.definition, measure.caution))
    assert measure.source
    assert all(text(f"unit.{measure.unit}", language) for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_explanation_has_definition_caution_and_source(language: str) -> None:
    measure = measure_catalogue()["attendance_rate"]
    shown = repr(explain("attendance_rate", language=language))
    assert all(words in shown for words in (measure.title[language], measure.definition[language], measure.caution[language], measure.source))


@pytest.mark.parametrize("language", LANGUAGES)
def test_label_fits_a_sheet_name(language: str) -> None:
    names = [t.labels[language] for t in CONTRACT.tables.values()] + [text("template.code_book_sheet", language)]
    assert [n for n in names if len(n) > 31 or set(n) & set("[]:*?/\\")] == []


def test_word_leads_to_one_table() -> None:
    assert ambiguous((t.name, t.labels) for t in CONTRACT.tables.values()) == set()


@pytest.mark.parametrize("table", TABLES)
def test_word_leads_to_one_column_of_a_table(table) -> None:
    assert ambiguous((f.name, f.labels) for f in table.fields) == set()


@pytest.mark.parametrize("codes", CODE_LISTS)
def test_word_leads_to_one_code_of_a_list(codes) -> None:
    assert ambiguous(codes.labels.items()) == set()


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_word_leads_to_one_answer_of_a_questionnaire(instrument) -> None:
    missing = CONTRACT.code_lists["missing"].labels
    assert ambiguous({**(instrument.scale.labels if instrument.scale else {}), **missing}.items()) == set()


def test_code_book_sheet_is_no_table() -> None:
    words = {word.casefold() for t in CONTRACT.tables.values() for word in (t.name, *t.labels.values())}
    assert words.isdisjoint(text("template.code_book_sheet", language).casefold() for language in LANGUAGES)


def test_items_of_all_questionnaires_have_names_of_their_own() -> None:
    items = [item.id for i in CONTRACT.instruments.values() for item in i.items]
    assert sorted(items) == sorted(set(items))


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_questionnaire_is_asked_in_known_waves(instrument) -> None:
    assert instrument.waves
    assert set(instrument.waves) <= set(CONTRACT.code_lists["wave"].codes)


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_right_answers_are_possible_answers(instrument) -> None:
    assert [i.id for i in instrument.items if i.correct and i.correct not in i.values] == []


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_score_needs_no_more_answers_than_there_are_items(instrument) -> None:
    assert instrument.minimum_answered <= len(instrument.items)


def keys() -> Iterator[tuple[str, str]]:
    for table in CONTRACT.tables.values():
        for key in table.foreign_keys:
            target = {f.name for f in CONTRACT.tables[key.table].fields}
            own = {f.name for f in table.fields}
            yield from ((table.name, c) for c in key.fields if c not in own)
            yield from ((key.table, c) for c in key.table_fields if c not in target)
        yield from ((table.name, c) for c in table.primary_key if c not in {f.name for f in table.fields})


def test_keys_name_columns_that_there_are() -> None:
    assert list(keys()) == []


@pytest.mark.parametrize("table", TABLES)
def test_columns_of_a_key_are_required(table) -> None:
    assert [c for c in table.primary_key if not table.field(c).required] == []


@pytest.mark.parametrize("table", TABLES)
def test_codes_of_a_column_are_of_its_list(table) -> None:
    assert [f.name for f in table.fields if f.enum and f.code_list and not set(f.enum) <= set(f.code_list.codes)] == []


def test_only_background_is_kept_in_a_file_of_its_own() -> None:
    assert set(CONTRACT.tables) - {t.name for t in CONTRACT.main_tables} == {"background"}


@pytest.mark.parametrize("table", TABLES)
def test_nothing_that_names_a_person_is_collected(table) -> None:
    never = {"name", "birth_date", "date_of_birth", "identity_code", "nationality", "country", "permit_status", "diagnosis", "address", "religion"}
    assert {f.name for f in table.fields} & never == set()
