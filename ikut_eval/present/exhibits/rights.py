"""Exhibits on questionnaires: change, items, knowledge."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Protocol

import pandas as pd

from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import number, percent, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import Marks, before_after, slopes, unit_dots
from ikut_eval.present.figures_of_people import stacked_counts
from ikut_eval.present.headings import Heading, note
from ikut_eval.present.theme import Drawing

_APART = 40
"""Marks in a row that can be told apart."""


class Change(Protocol):
    """What `paired_change` returns, as far as it is shown."""

    @property
    def instrument(self) -> str: ...
    @property
    def start(self) -> str: ...
    @property
    def end(self) -> str: ...
    @property
    def cohort_ids(self) -> tuple[str, ...]: ...
    @property
    def smallest_change(self) -> Fraction: ...
    @property
    def improved(self) -> int: ...
    @property
    def same(self) -> int: ...
    @property
    def worse(self) -> int: ...
    @property
    def n_paired(self) -> int: ...
    @property
    def n_missing(self) -> int: ...
    @property
    def n_not_yet(self) -> int: ...
    @property
    def pairs(self) -> tuple[tuple[Fraction, Fraction], ...]: ...
    @property
    def changes(self) -> tuple[Fraction, ...]: ...
    @property
    def median_change(self) -> float | None: ...


def plot_change(change: Change | Sequence[Change], *, language: str) -> Exhibit:
    """Who rose, stayed or fell, each person as a line.

    Parameters
    ----------
    change : PairedChange or sequence of PairedChange
        One cohort, or one for each cohort.
    """
    changes = list(change) if isinstance(change, Sequence) else [change]
    kinds = {kind: text(f"figure.{kind}", language) for kind in ("improved", "same", "worse")}
    rows, panels, said = [], [], []
    for one in changes:
        label = ", ".join(one.cohort_ids) or "–"
        spread = "–"
        if one.n_paired and one.median_change is not None:
            spread = text(
                "median_range",
                language,
                median=number(one.median_change, language, 2),
                low=number(float(one.changes[0]), language, 2),
                high=number(float(one.changes[-1]), language, 2),
            )
            panels.append((label, [(float(a), float(b)) for a, b in one.pairs]))
            said.append(text("sentence.change", language, cohort=label, up=one.improved, same=one.same, down=one.worse, n=one.n_paired, missing=one.n_missing))
        rows.append([label, str(one.improved), str(one.same), str(one.worse), str(one.n_paired), str(one.n_missing), str(one.n_not_yet), spread])
    known = load_contract().instruments.get(next((c.instrument for c in changes if c.instrument), ""))
    figure = None
    if panels and known:
        values = [v for _, pairs in panels for pair in pairs for v in pair]
        scale = [int(c) for c in known.scale.codes] if known.scale and known.method == "mean" else [0, int(max(values)) + 1]
        figure = slopes(
            panels,
            before=tables.code_label("wave", changes[0].start, language),
            after=tables.code_label("wave", changes[0].end, language),
            limits=(min(scale), max(scale)),
            least=float(changes[0].smallest_change),
            names=kinds,
        )
    headings = ["cohort", "improved", "same", "worse", "pairs", "missing", "not_yet", "median_change"]
    return Exhibit(
        sentence="\n".join(said) or text("sentence.no_pairs", language),
        drawing=figure,
        table=tables.headed(rows, headings, language),
        caption=known.labels[language] if known else tables.title("paired_change", language),
        caution=tables.caution("paired_change", language),
        language=language,
    )


def plot_items(agreement: pd.DataFrame, *, language: str) -> Exhibit:
    """How many agree with each statement before and after, among the same people.

    Parameters
    ----------
    agreement : pandas.DataFrame
        `item_agreement` of one cohort, two waves.

    Raises
    ------
    UsageError
        If the table is of one wave, or of several cohorts.
    """
    tables.refuse_several(agreement)
    waves = list(dict.fromkeys(agreement["wave"]))
    if len(waves) == 1:
        raise UsageError("two_waves")
    rows, drawn, risen, fallen = [], [], 0, 0
    for item in dict.fromkeys(agreement["group"]):
        here = agreement[agreement["group"] == item].set_index("wave")
        first, last = (int(here.loc[w, "numerator"]) for w in (waves[0], waves[-1]))
        people = int(here.loc[waves[-1], "denominator"])
        label = f"{item} {tables.item_text(item, language)}"
        risen += last > first
        fallen += last < first
        words = [tables.count(v, people, language) for v in (first, last)]
        rows.append([label, *words, str(here.loc[waves[-1], "n_missing"])])
        if people:
            drawn.append((tables.wrapped(label), first, last, people, f"{first} → {last}"))
    names = [tables.code_label("wave", w, language) for w in (waves or ["start", "exit"])]
    figure = before_after(drawn, before=names[0], after=names[-1], axis=text("figure.people_who_agree", language))
    headings = [text("table.question", language), *names, text("table.missing", language)]
    return Exhibit(
        sentence=text("sentence.items", language, risen=risen, fallen=fallen, items=len(rows)) if drawn else text("sentence.no_pairs", language),
        drawing=figure if drawn else None,
        table=pd.DataFrame(rows, columns=headings, dtype="str"),
        caption=tables.title("item_agreement", language),
        caution=tables.caution("item_agreement", language),
        language=language,
    )


def plot_knowledge(answers: pd.DataFrame, *, language: str) -> Exhibit:
    """Right, wrong and "I don't know" among all answers to the knowledge questions, by wave.

    Parameters
    ----------
    answers : pandas.DataFrame
        `knowledge_answers` of one cohort.
    """
    tables.refuse_several(answers)
    kinds = {"correct": theme.YES, "wrong": theme.DOWN, "dont_know": theme.NO}
    names = {kind: text(f"figure.{kind}", language) for kind in kinds}
    waves = list(dict.fromkeys(answers["wave"]))
    rows, marks, said = [], [], []
    for wave in waves:
        here = answers[answers["wave"] == wave]
        label = tables.code_label("wave", wave, language)
        counts = {kind: int(here.loc[here["measure"] == f"knowledge_{kind}", "numerator"].sum()) for kind in kinds}
        missing = int(here.loc[here["measure"] == "knowledge_correct", "n_missing"].sum())
        total = sum(counts.values())
        rows.append([label, *(tables.count(n, total, language) for n in counts.values()), str(missing)])
        if total:
            marks.append((label, list(counts.items()), tables.count(counts["correct"], total, language)))
            said.append(text("sentence.knowledge", language, wave=label, total=total, **counts))
    return Exhibit(
        sentence="\n".join(said) or text("sentence.no_answers", language),
        drawing=_answers(marks, kinds, names, language) if marks else None,
        table=tables.headed(rows, ["wave", "correct", "wrong", "dont_know", "missing"], language),
        caption=tables.title("knowledge_correct", language),
        caution=tables.caution("knowledge_correct", language),
        language=language,
    )


def _answers(rows: Sequence[tuple[str, Marks, str]], kinds: Mapping[str, Mapping[str, str]], names: Mapping[str, str], language: str) -> Drawing:
    """Return answers as marks, or as bars where they are too many to be told apart."""
    if max(sum(n for _, n in marks) for _, marks, _ in rows) <= _APART:
        return unit_dots(rows, kinds=kinds, names=names)
    return stacked_counts(rows, kinds=kinds, names=names, shares=False, axis=text("figure.answers", language), percents=())


def say_interval(table: pd.DataFrame, *, group: str, language: str) -> Heading:
    """Say how little a count of few people tells: its exact interval, as a sentence.

    Parameters
    ----------
    table : pandas.DataFrame
        A measure table after `with_interval`, of one cohort.
    group : str
        The group of the table to tell of, for example "improved".

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
    values = {"count": tables.count(row["numerator"], row["denominator"], language), "low": low, "high": high}
    return note("interval", language=language, group=text(f"figure.{group}", language), **values)
