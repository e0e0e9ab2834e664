"""Exhibits on questionnaires: change, items, knowledge."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.html import ShownWords
from ikut_eval.contract.locale import level_words, percent, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import Marks, before_after, slopes, stacked_counts, unit_dots
from ikut_eval.present.tables import note
from ikut_eval.present.theme import Drawing

_APART = 40
"""Marks in a row that can be told apart."""


def plot_change(change: Any, *, language: str) -> Exhibit:
    """Who rose, stayed the same or fell, each person as a line: from a `PairedChange`, or one for each cohort."""
    changes = list(change) if isinstance(change, Sequence) else [change]
    rows = []
    for one in changes:
        cohort = ", ".join(one.cohort_ids)
        counts = (one.improved, one.same, one.worse, one.n_paired, one.n_missing, one.n_not_yet)
        line, spread, mark = "", "–", None
        if one.n_paired and one.median_change is not None:
            median, low, high = (tables.points(float(v), language) for v in (one.median_change, one.changes[0], one.changes[-1]))
            spread = text("median_range", language, median=median, low=low, high=high)
            mark = (cohort or "–", [(float(a), float(b)) for a, b in one.pairs])
            values = {"up": one.improved, "same": one.same, "down": one.worse, "n": one.n_paired, "missing": one.n_missing}
            line = text("sentence.change", language, cohort=cohort or "–", **values)
        rows.append(ExhibitRow(cohort, [cohort or "–", *map(str, counts), spread], line, mark))
    known = instrument_of(changes)
    return exhibit(
        rows,
        tables.headings(language, "cohort", "improved", "same", "worse", "pairs", "missing", "not_yet", "median_change"),
        about="paired_change",
        language=language,
        draw=(lambda panels: _slopes(panels, changes[0], language)) if known else None,
        nothing="sentence.no_pairs",
        caption=tables.instrument_name(known, language) if known else "",
        caution=change_caution(changes, language),
    )


def change_caution(changes: Sequence[Any], language: str) -> str:
    """Return the caution of changes, with the versions of the questionnaire if there are several."""
    return tables.measure_caution("paired_change", language) + tables.versions_caution((v for one in changes for v in one.versions), language)


def instrument_of(changes: Sequence[Any]) -> str:
    """Return the questionnaire of some changes; "" where nobody answered one."""
    return next((one.instrument for one in changes if one.instrument), "")


def _slopes(panels: Sequence[tuple[str, Sequence[tuple[float, float]]]], first: Any, language: str) -> Drawing:
    asked = load_contract().instruments[first.instrument]
    most = max(value for _, pairs in panels for pair in pairs for value in pair)
    scale = [int(c) for c in asked.scale.codes] if asked.scale and asked.method == "mean" else [0, int(most) + 1]
    before, after = (tables.code_label("wave", wave, language) for wave in (first.start, first.end))
    names = tables.legend(("improved", "same", "worse"), language)
    return slopes(panels, before=before, after=after, limits=(min(scale), max(scale)), least=float(first.smallest_change), names=names)


def plot_items(agreement: pd.DataFrame, *, language: str) -> Exhibit:
    """How many agree with each statement before and after, among the same people: from `item_agreement` of one cohort.

    Raises
    ------
    UsageError
        If the table is of one wave, or of several cohorts.
    """
    tables.refuse_several(agreement)
    waves = list(dict.fromkeys(agreement["wave"]))
    if len(waves) == 1:
        raise UsageError("two_waves")
    rows, risen, fallen = [], 0, 0
    for item in dict.fromkeys(agreement["group"]):
        here = agreement[agreement["group"] == item].set_index("wave")
        first, last = (int(here.loc[w, "numerator"]) for w in (waves[0], waves[-1]))
        people = int(here.loc[waves[-1], "denominator"])
        label = f"{item} {tables.item_text(item, language)}"
        risen += last > first
        fallen += last < first
        missing, waiting = (int(here.loc[waves[-1], name]) for name in ("n_missing", "n_not_yet"))
        words = [tables.count_due(v, people, 0 if missing else waiting, language) for v in (first, last)]
        mark = (tables.wrapped(label), first, last, people, f"{first} → {last}") if people else None
        rows.append(ExhibitRow("", [label, *words, str(missing), str(waiting)], mark=mark))
    names = [tables.code_label("wave", w, language) for w in (waves or ["start", "exit"])]
    said = text("sentence.items", language, risen=risen, fallen=fallen, items=len(rows))
    return exhibit(
        rows,
        [*tables.headings(language, "question"), *names, *tables.headings(language, "missing", "not_yet")],
        about="item_agreement",
        language=language,
        draw=lambda marks: before_after(marks, before=names[0], after=names[-1], axis=text("figure.people_who_agree", language)),
        more=[("", said)] if any(row.mark for row in rows) else [],
        nothing="sentence.no_pairs",
        caution=tables.measure_caution("item_agreement", language) + tables.versions_caution(agreement, language),
    )


def plot_knowledge(answers: pd.DataFrame, *, language: str) -> Exhibit:
    """Right, wrong and "I don't know" among all answers to the knowledge questions, by wave: from `knowledge_answers` of one cohort."""
    tables.refuse_several(answers)
    kinds = {"correct": theme.YES, "wrong": theme.DOWN, "dont_know": theme.NO}
    rows = []
    for wave in dict.fromkeys(answers["wave"]):
        here = answers[answers["wave"] == wave]
        label = tables.code_label("wave", wave, language)
        counts = {kind: int(here.loc[here["measure"] == f"knowledge_{kind}", "numerator"].sum()) for kind in kinds}
        missing, waiting = (int(here.loc[here["measure"] == "knowledge_correct", name].sum()) for name in ("n_missing", "n_not_yet"))
        total = sum(counts.values())
        line = text("sentence.knowledge", language, wave=label, total=total, **counts) if total else ""
        mark = (label, list(counts.items()), tables.count(counts["correct"], total, language)) if total else None
        rows.append(
            ExhibitRow(
                "",
                [label, *(tables.count_due(n, total or missing, waiting, language, not_asked=0 if total else missing) for n in counts.values()), str(missing)],
                line,
                mark,
            )
        )
    return exhibit(
        rows,
        tables.headings(language, "wave", "correct", "wrong", "dont_know", "missing"),
        about="knowledge_correct",
        language=language,
        draw=lambda marks: _answers(marks, kinds, language),
        nothing="sentence.no_answers",
        caution=tables.measure_caution("knowledge_correct", language) + tables.versions_caution(answers, language),
    )


def _answers(rows: Sequence[tuple[str, Marks, str]], kinds: Mapping[str, Mapping[str, str]], language: str) -> Drawing:
    """Return answers as marks, or as bars where they are too many to be told apart."""
    names = tables.legend(kinds, language)
    if max(sum(n for _, n in marks) for _, marks, _ in rows) <= _APART:
        return unit_dots(rows, kinds=kinds, names=names)
    return stacked_counts(rows, kinds=kinds, names=names, axis=text("figure.answers", language))


def say_interval(table: pd.DataFrame, *, group: str, language: str, level: float = 0.95) -> ShownWords:
    """Return the exact interval of one group, such as "improved", of a measure table of one cohort after `with_interval` at the level, as a sentence.

    Raises
    ------
    UsageError
        If the table has no such group; names those that it has.
    """
    if group not in set(table["group"]):
        raise UsageError("unknown_choice", name="group", choices=", ".join(dict.fromkeys(table["group"])))
    row = table[table["group"] == group].iloc[0]
    if not row["denominator"]:
        return note("no_interval", language=language)
    low, high = (percent(float(row[end]), language) for end in ("lower", "upper"))
    values = {"count": tables.count(row["numerator"], row["denominator"], language), "low": low, "high": high, "level": level_words(level, language)}
    return note("interval", language=language, group=text(f"figure.{group}", language), **values)
