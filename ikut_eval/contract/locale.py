"""Words, numbers and dates in each language: those that `datapackage.json` lists, each with its catalogue."""

import gettext
import io
import json
import locale as system_locale
import os
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from operator import index
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent, get_decimal_symbol, get_group_symbol

Words = Mapping[str, str]
"""One text in each language: ``{"fi": …, "sv": …, "en": …}``."""

PACKAGE = Path(__file__).resolve().parent.parent
CATALOGUES = Path(__file__).parent / "catalogues"


@cache
def shipped(name: str) -> Path:
    """Return the folder `name` ("data_schema", "notebooks" or "dashboards") that belongs to this installation."""
    inside = PACKAGE / "shipped" / name
    return inside if inside.exists() else PACKAGE.parent / name


LANGUAGES = tuple(json.loads((shipped("data_schema") / "datapackage.json").read_text(encoding="utf-8"))["languages"])
"""The languages of every text, in the order in which they are shown."""


@cache
def _catalogue(language: str) -> gettext.GNUTranslations:
    if language not in LANGUAGES:
        raise ValueError(f"unknown language; use one of {', '.join(LANGUAGES)}")
    compiled = io.BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def default_language() -> str:
    """Return the language of messages: IKUT_EVAL_LANGUAGE, else the system's, else English."""
    system = system_locale.getlocale()[0] or os.environ.get("LANG", "")
    for name in (os.environ.get("IKUT_EVAL_LANGUAGE", ""), system):
        if name[:2].lower() in LANGUAGES:
            return name[:2].lower()
    return "en"


def text(key: str, language: str, /, **values: Any) -> str:
    """Return the catalogue's text for `key`, with `values` filled in.

    A value named ``n`` chooses the plural form where the entry has one.

    Raises
    ------
    KeyError
        If the catalogue has no such key: a defect of ours, never shown as an empty text.
    """
    words = _catalogue(language)
    plural = words.ngettext(key, key, index(values["n"])) if "n" in values else key
    found = words.gettext(key) if plural == key else plural
    if found == key:
        raise KeyError(key)
    return found.format(**values) if values else found


@lru_cache(maxsize=10_000)
def plain(words: str) -> str:
    """Return a text as an ordinary keyboard writes it, whatever device or page it was copied from.

    Letters are composed (ä is one character), digits and full-width letters are those of ASCII, hyphens that do not break
    are hyphens, and characters that nobody sees are left out (zero-width spaces, soft hyphens, marks of direction).
    """
    if words.isascii() and words.isprintable():
        return words
    seen = "".join(_plain_letter(each) for each in words)
    return unicodedata.normalize("NFC", seen)


def _plain_letter(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category == "Cf" or (category == "Cc" and not letter.isspace()) or letter == "\u034f" or "\ufe00" <= letter <= "\ufe0f":
        return ""
    if "\uff01" <= letter <= "\uff5e":
        return chr(ord(letter) - 0xFEE0)
    return "-" if letter in "\u2010\u2011" else letter


def _locale(language: str) -> Locale:
    return Locale.parse(text("format.locale", language))


def number(value: float, language: str, digits: int = 1) -> str:
    """Return a number with at most `digits` decimals, as the language writes it."""
    pattern = "#,##0." + "#" * digits if digits else "#,##0"
    shown = value if round(value, digits) else 0  # never "-0"
    return str(format_decimal(shown, format=pattern, locale=_locale(language))).replace("-", "−")


def separators(language: str) -> str:
    """Return the decimal sign and the sign between thousands: ",\u00a0" in fi and sv, ".," in en."""
    return f"{get_decimal_symbol(_locale(language))}{get_group_symbol(_locale(language))}"


def percent(share: float, language: str) -> str:
    """Return a share (0 to 1) as whole per cent: ``62 %`` with a no-break space in fi and sv."""
    return str(format_percent(share, locale=_locale(language)))


def level_words(level: float, language: str) -> str:
    """Return a level in per cent with the decimals that it needs: 95 %, 93.75 %, 0.1 %."""
    whole = abs(100 * level - round(100 * level)) < 1e-9
    return percent(level, language) if whole else text("percent_exact", language, value=number(100 * level, language, 2 if level >= 0.01 else 6))


def day(value: date, language: str) -> str:
    """Return a date: ``12.11.2021`` in fi and sv, ``12 November 2021`` in en."""
    return str(format_date(value, format=text("format.day", language), locale=_locale(language)))


def weekdays(language: str) -> tuple[str, ...]:
    """Return the short names of the days of the week, Monday first: ma, ti in fi; mån, tis in sv; mon, tue in en."""
    names = get_day_names("abbreviated", locale=_locale(language))
    return tuple(names[n].casefold().rstrip(".") for n in range(7))


def months(first: date, last: date, language: str) -> str:
    """Return from which month to which: ``8–11/2021`` in fi, ``Aug–Nov 2021`` in en."""
    named = {name: format_date(value, format=text("format.month", language), locale=_locale(language)) for name, value in (("first", first), ("last", last))}
    return text("months.one_year" if first.year == last.year else "months.two_years", language, start=first.year, end=last.year, **named)


def listing(words: Iterable[str], language: str) -> str:
    """Return words as a list in a sentence: "a, b and c"."""
    return str(format_list(list(words), locale=_locale(language)))


def once_in(p: float, language: str) -> str:
    """Return a probability as people say it: "once in 16"; "about 7 times in 10" where it is more than a half."""
    if p > 0.5:
        return text("chance.often", language, times=number(10 * p, language, 0)) if p < 1 else text("chance.always", language)
    times = 1 / max(p, 1e-24)  # rarer than a decimal number can be written
    key = "chance.once" if abs(times - round(times)) < 1e-9 * times else "chance.about_once"
    return text(key, language, times=number(times, language, 0))


def tipping_words(kind: str, change: float | None, falls: bool, language: str) -> str:
    """Return what people whose answers are missing could do to a rise, or a fall.

    Parameters
    ----------
    kind : {"nobody", "never", "always", "from"}
        Nobody is missing; it cannot be shown, or can be, whatever their change; it can be from a change of theirs on.
    change : float or None
        For "from": that change [scale points].
    """
    if kind == "nobody":
        return text("tipping.nobody", language)
    values = {"change": number(change or 0, language, 2)} if kind == "from" else {}
    return text(f"tipping.fall.{kind}" if falls else f"tipping.rise.{kind}", language, **values)
