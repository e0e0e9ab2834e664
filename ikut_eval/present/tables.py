"""Tables and lists as HTML."""

from collections.abc import Callable, Iterable
from datetime import date
from textwrap import wrap

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import day, number, percent, text
from ikut_eval.contract.measure_catalogue import measure_named
from ikut_eval.contract.schema import load_contract


def count(k: float, n: float, language: str) -> str:
    """Return "3 of 4"; of nobody a dash: there is nothing to tell."""
    return text("count", language, k=number(k, language, 2), of=number(n, language, 2)) if n else "–"


def count_due(k: float, n: float, not_yet: float, language: str, *, not_asked: float = 0) -> str:
    """Return "3 of 4", "not asked" where none of them was, "not yet" where people wait for their time, or a dash where there is nobody."""
    if n and not_asked == n:
        return text("not_asked", language)
    return text("not_yet", language) if not_yet and not n else count(k, n, language)


def versions_caution(versions: Iterable[str] | pd.DataFrame, language: str) -> str:
    """Return, after a space, that a questionnaire had several versions; nothing where it had one.

    From texts that may name several with commas, or from a table with such texts or with their number. No version is named: it is a cell of the data.
    """
    if isinstance(versions, pd.DataFrame) and "n_versions" in versions:
        n = int(versions["n_versions"].fillna(0).max()) if len(versions) else 0
    else:
        named = versions["versions"] if isinstance(versions, pd.DataFrame) else versions
        n = len({version for words in named for version in words.split(", ")} - {""})
    return f" {text('caution.versions', language, n=n)}" if n > 1 else ""


def count_and_share(k: float, n: float, language: str) -> str:
    """Return "3 of 4 (75 %)"; of nobody a dash: there is nothing to tell."""
    return f"{count(k, n, language)} ({percent(k / n, language)})" if n else "–"


def code_label(code_list: str, code: str, language: str) -> str:
    return load_contract().code_lists[code_list].label(code, language)


def item_text(item: str, language: str) -> str:
    instrument = load_contract().instrument_of(item)
    return next(i.text[language] for i in instrument.items if i.id == item) if instrument else item


def instrument_name(instrument: str, language: str) -> str:
    known = load_contract().instruments.get(instrument)
    return known.labels[language] if known else instrument


def wrapped(words: str, width: int = 52) -> str:
    """Return a label broken into lines for a chart's axis."""
    return "<br>".join(wrap(words, width, break_long_words=False, break_on_hyphens=False))


def headings(language: str, *names: str) -> list[str]:
    """Return the catalogue's headings ``table.…``."""
    return [text(f"table.{name}", language) for name in names]


def between(ends: tuple[float, float] | None, language: str, write: Callable[[float, str], str] = percent) -> str:
    """Return "a to b", each end written by `write`; a dash where there are no ends."""
    return "–" if ends is None else text("range", language, low=write(ends[0], language), high=write(ends[1], language))


def share_between(ends: tuple[float, float] | None, language: str) -> str:
    """Return two shares as "a to b", as one where both are written alike; a dash where there are none."""
    return percent(ends[0], language) if ends and percent(ends[0], language) == percent(ends[1], language) else between(ends, language)


def points(value: float, language: str) -> str:
    """Return scale points, with at most two decimals."""
    return number(value, language, 2)


def legend(kinds: Iterable[str], language: str) -> dict[str, str]:
    """Return how each kind of mark is called in a figure: the catalogue's ``figure.…``."""
    return {kind: text(f"figure.{kind}", language) for kind in kinds}


def measure_title(measure: str, language: str) -> str:
    return measure_named(measure).title[language]


def measure_caution(measure: str, language: str) -> str:
    return measure_named(measure).caution[language]


def refuse_several(table: pd.DataFrame) -> None:
    """Raise UsageError, which names the cohorts, if a table is of several."""
    if not one_cohort(table):
        raise UsageError("one_cohort", cohorts=", ".join(dict.fromkeys(table["cohort_id"])))


def one_cohort(table: pd.DataFrame) -> bool:
    """Return whether a table is about one cohort."""
    return bool(table["cohort_id"].nunique() <= 1)


def due_lines(table: pd.DataFrame, on: date, language: str) -> list[str]:
    """Return a line for each follow-up in `follow_ups_due` that waits or is late on a day: the row on the sheet of participants, never the id."""
    waiting = table[table["state"].isin(["overdue", "due"])].sort_values(["closes", "row"])
    lines = [
        text(
            f"due.{row.state}",
            language,
            row=row.row,
            cohort=row.cohort_id,
            wave=code_label("wave", str(row.wave), language),
            opens=day(row.opens.date(), language),
            closes=day(row.closes.date(), language),
        )
        for row in waiting.itertuples()
    ]
    return [text("due.on", language, day=day(on, language)), *(lines or [text("due.nothing", language)])]
