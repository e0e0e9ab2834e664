"""A release as its readers see it: figures, what can be concluded from them, and what is not published and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from ikut_eval.contract.html import ShownWords, piece
from ikut_eval.contract.locale import day, listing, number, percent, text
from ikut_eval.disclosure.coded_figures import GIVEN_UP, CodedFigure, figure_text, people_text, read_figure, read_figures, reason_text
from ikut_eval.disclosure.families import Group
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import dots_and_ranges
from ikut_eval.present.tables import titled
from ikut_eval.present.theme import Drawing
from ikut_eval.release.store import Bundle, noted_outdated

_NARROW = 24
"""Letters of a label that leave room for the ranges on a phone."""
_CODE_LISTS = {"hours_by_component": "session_type"}


def coded_figures(bundle: Bundle) -> Iterator[CodedFigure]:
    """Return every figure of a release."""
    return read_figures(bundle.table("figures"))


def indicator_name(indicator: str, language: str) -> str:
    """Return the name of a published figure in words."""
    name, part = _name_and_part(indicator, language)
    return f"{name}: {part}" if part else name


def _name_and_part(indicator: str, language: str) -> tuple[str, str]:
    """Return what a figure is of, and which part of it: a week, or what sessions were about; no part where there is none."""
    name, _, part = indicator.partition(".")
    words = text(f"indicator.{name}", language)
    if not part:
        return words, ""
    return words, tables.code_label(_CODE_LISTS[name], part, language) if name in _CODE_LISTS else text("table.week_number", language, week=part)


def group_name(group: Group, language: str) -> str:
    """Return the name of a group of trainings: "Trainings 1 and 2"."""
    return text("dash.public.trainings", language, n=len(group), positions=listing([str(position) for position in group], language))


@dataclass(frozen=True)
class Corrected:
    """What was corrected of an indicator in a group, on one day and for one reason.

    Attributes
    ----------
    name : str – the indicator and the group
    changes : tuple of (str, str, str) – part, what was published, and what is published now; the part is empty where there is only one
    why : str – when and why
    """

    name: str
    changes: tuple[tuple[str, str, str], ...]
    why: str


def corrected_figures(bundle: Bundle, language: str) -> list[Corrected]:
    """Return what a release corrected, or an earlier one did."""
    if "corrections" not in bundle.schemas:
        return []
    table = bundle.table("corrections")
    now = {(figure.indicator, figure.group): figure for figure in coded_figures(bundle)}
    found: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for row, before in zip(table.itertuples(), read_figures(table), strict=True):
        after = now.get((before.indicator, before.group))
        if after is not None and before.lo is not None:
            name, part = _name_and_part(before.indicator, language)
            why = text("published.corrected", language, date=day(row.corrected, language), reason=text(str(row.reason), language))
            changes = found.setdefault((f"{name} ({group_name(before.group, language).lower()})", why), [])
            changes.append((part, figure_text(before, language), figure_text(after, language)))
    return [Corrected(name, tuple(changes), why) for (name, why), changes in found.items()]


def figure_name(figure: CodedFigure, language: str) -> str:
    """Return of what and of whom a figure is: "Known to have completed the training, cohorts 1+2"."""
    return _of_cohorts(indicator_name(figure.indicator, language), "+".join(map(str, figure.group)), language)


def people_name(family: str, cohorts: str, cells: str, language: str) -> str:
    """Return of which people of a family a conclusion is, by their categories, which "|" stands between; of all of the cohorts where there are none."""
    family = _of_cohorts(text(f"dash.public.family.{family}", language), cohorts, language)
    return f"{family}: {_in_cells(cells, language)}" if cells else family


def audited_name(block: str, cohorts: str, where: str, language: str) -> str:
    """Return of which people a finding of the audit is, from a row of its frame: of a family, of a later version of its data, or by a statement's id."""
    family, _, version = block.partition(":")
    codes, cohorts = where.partition("=")[2], cohorts.replace(" ", "+")
    if "." in block:
        return f"{_of_cohorts(block, cohorts, language)}: {codes.replace('|', ' + ')}"
    people = people_name(family, cohorts, codes, language)
    return text("release.of_version", language, people=people, version=version) if version else people


def _of_cohorts(what: str, cohorts: str, language: str) -> str:
    return text("release.of_cohorts", language, what=what, cohorts=cohorts, n=len(cohorts.split("+")))


def _in_cells(cells: str, language: str) -> str:
    return " + ".join(text(f"cell.{cell}", language) for cell in cells.split("|"))


def _between(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def single_cohorts(beliefs: pd.DataFrame) -> pd.DataFrame:
    """Return what can be concluded of single cohorts, from a release's table of beliefs."""
    return beliefs[~beliefs["cohorts"].str.contains("+", regex=False)] if len(beliefs) else beliefs


def outdated_lines(found: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """Return a line for each published figure that no longer agrees with the data, as `ikut_eval.release.publication.outdated` gives them."""
    lines = []
    for one in found:
        figure = read_figure(one["figure"])
        since, shown = day(date.fromisoformat(one["since"]), language), figure_text(figure, language)
        lines.append(text("release.outdated", language, name=figure_name(figure, language), release=one["release"], shown=shown, since=since))
    return lines


def plot_outdated(release: str, *, language: str) -> Exhibit:
    """Which published figures no longer agree with the data, as the last run found; `release` is the folder of the bundle under review."""
    found = noted_outdated(Path(release).parents[1]) if len(Path(release).parents) > 1 else []
    rows = []
    for one, line in zip(found, outdated_lines(found, language), strict=True):
        figure = read_figure(one["figure"])
        cells = [indicator_name(figure.indicator, language), "+".join(map(str, figure.group)), figure_text(figure, language), one["release"]]
        rows.append(ExhibitRow("", cells, line))
    said = "" if found else text("sentence.agrees", language)
    return _review(rows, ("indicator", "cohorts", "shown", "release"), said, text("caption.outdated", language), language)


def given_up_lines(bundle: Bundle, language: str) -> list[str]:
    """Return a line for each figure that a release had to give up, because of what is public already."""
    found = (figure for figure in coded_figures(bundle) if figure.reason == GIVEN_UP)
    return [text("release.given_up", language, name=figure_name(figure, language)) for figure in found]


def release_lines(bundle: Bundle, language: str) -> list[str]:
    """Return a release as lines of text: every figure, then every bound that a reader can conclude, then loosened rules."""
    lines = []
    for figure in coded_figures(bundle):
        reason = reason_text(figure, language)
        name, shown = figure_name(figure, language), figure_text(figure, language)
        lines.append(text("release.figure", language, name=name, shown=shown, reason=f" – {reason}" if reason else ""))
    for one in corrected_figures(bundle, language):
        changes = "; ".join(f"{part}{': ' if part else ''}{before} → {after}" for part, before, after in one.changes)
        lines.append(text("release.corrected", language, name=one.name, changes=changes, why=one.why))
    lines.append("")
    for row in bundle.table("beliefs").itertuples():
        people = people_name(str(row.family), str(row.cohorts), str(row.cells), language)
        lines.append(text("release.belief", language, people=people, values=_between(row.lo, row.hi)))
    loosened = bundle.table("rules").dropna(subset=["loosened"])
    lines += [text("release.loosened", language, rule=row.rule, reason=row.loosened) for row in loosened.itertuples() if row.loosened]
    return lines


def release_title(bundle: Bundle | None, *, language: str) -> ShownWords:
    """Return the title of a review: which release, of which day, and whether the data is invented."""
    heading = text("report.release_review", language)
    if bundle is None:
        return ShownWords(heading, piece("heading", heading, 1))
    when = day(bundle.data_date, language) if bundle.data_date else "–"
    about = text("release.about", language, release=bundle.about["release"], date=when, digest=bundle.digest[:12])
    return titled(heading, about, [("synthetic", text("report.synthetic", language))] if bundle.synthetic else [])


def plot_release(bundle: Bundle | None, *, language: str) -> Exhibit:
    """Every figure about people of a release with the range in which it lies, what is not published, and why; None where there is no release."""
    headings, caption = ("indicator", "cohorts", "shown", "reason"), text("caption.release", language)
    if bundle is None:
        return _review([], headings, text("note.nothing_to_release", language), caption, language)
    rows, people, waiting = [], 0, 0
    for figure in coded_figures(bundle):
        cohorts, name = "+".join(map(str, figure.group)), indicator_name(figure.indicator, language)
        mark = None
        if figure.view != "delivery":
            people += 1
            waiting += figure.lo is None
            if figure.lo is not None and figure.hi is not None:
                between = (float(figure.lo) / figure.n_public, float(figure.hi) / figure.n_public)
                mark = (tables.wrapped(f"{name} ({cohorts})", _NARROW), (), between, None, people_text(figure, language))
        rows.append(ExhibitRow("", [name, cohorts, figure_text(figure, language), reason_text(figure, language) or "–"], mark=mark))
    names = ("", text("figure.published_range", language), "")
    said = text("sentence.release", language, n=people, shown=people - waiting, held=waiting)
    return _review(rows, headings, said, caption, language, draw=lambda marks: dots_and_ranges(marks, names=names, language=language))


def plot_beliefs(bundle: Bundle | None, *, language: str) -> Exhibit:
    """What an attacker can still believe of each group and set of people in a release: never fewer than three values of a small group."""
    headings, caption = ("family", "cohorts", "set", "range"), text("caption.beliefs", language)
    if bundle is None:
        return _review([], headings, text("note.nothing_to_release", language), caption, language)
    frame = bundle.table("beliefs")
    rows = []
    for row in frame.itertuples():
        people = _in_cells(str(row.cells), language)
        rows.append(ExhibitRow("", [text(f"dash.public.family.{row.family}", language), str(row.cohorts), people, _between(row.lo, row.hi)]))
    single = single_cohorts(frame)
    fewest = int((single["hi"] - single["lo"] + 1).min()) if len(single) else 0
    said = text("sentence.beliefs", language, n=len(frame), fewest=fewest) if len(frame) else text("sentence.no_beliefs", language)
    return _review(rows, headings, said, caption, language)


def plot_proofs(bundle: Bundle | None, *, language: str) -> Exhibit:
    """How many possible data sets were tried for each part of a release's plan, and how many would reveal too much."""
    headings, caption = ("family", "view", "sizes", "tried", "leaking"), text("caption.proofs", language)
    if bundle is None:
        return _review([], headings, text("note.nothing_to_release", language), caption, language)
    frame = bundle.table("proofs")
    counts = ("n_data_sets", "n_leaking")
    rows = []
    for row in frame.to_dict("records"):
        parts = (text(f"dash.public.family.{row['family']}", language), str(row["view"]), str(row["sizes"]))
        rows.append(ExhibitRow("", [*parts, *(number(row[name], language, 0) for name in counts)]))
    tried, leaking = (number(int(frame[name].sum()), language, 0) for name in counts)
    return _review(rows, headings, text("sentence.proofs", language, tried=tried, leaking=leaking), caption, language)


def plot_codings(bundle: Bundle | None, *, language: str) -> Exhibit:
    """How coarsely each family of a release is published, for each size of a group, and how much of what is possible that leaves open on average."""
    headings, caption = ("family", "group_size", "coding", "tried", "left"), text("caption.codings", language)
    if bundle is None or "codings" not in bundle.schemas:
        said = text("note.nothing_to_release" if bundle is None else "sentence.no_codings", language)
        return _review([], headings, said, caption, language, caution="caution.codings")
    frame = bundle.table("codings")
    chosen, others = (frame[frame["chosen"] == own] for own in (True, False))
    rows = []
    for row in chosen.to_dict("records"):
        family, size = text(f"dash.public.family.{row['family']}", language), f"{row['n']} ({row['sizes']})"
        left = (number(int(row["n_data_sets"]), language, 0), percent(float(row["left"]), language))
        rows.append(ExhibitRow("", [family, size, _coding_text(str(row["coding"]), str(row["view"]), int(row["n"]), language), *left]))
    open_to, leaking = percent(float(chosen["left"].mean()), language), int((others["n_leaking"] > 0).sum())
    said = text("sentence.codings", language, left=open_to, others=len(others), leaking=leaking)
    return _review(rows, headings, said, caption, language, caution="caution.codings")


def _coding_text(coding: str, view: str, n: int, language: str) -> str:
    """Return in words how the counts of a family are published of n people, from "figure bands k; figure bands k"."""
    names: dict[str, list[str]] = {}
    for one in coding.split("; "):
        figure, bands, *k = one.split()
        least, most = (int(k[0]), n - int(k[0])) if k else ((n - 1) // 2, (n + 1) // 2)
        inner = f"{least + 1}–{most - 1}" if most - least > 2 else str(least + 1)
        key = "coding.final" if view == "final_pooled" else f"coding.{bands}"
        names.setdefault(text(key, language, few=f"0–{least}", inner=inner, many=f"{most}–{n}"), []).append(indicator_name(figure, language))
    return "; ".join(f"{' · '.join(figures)}: {words}" for words, figures in names.items())


def _review(
    rows: list[ExhibitRow],
    headings: tuple[str, ...],
    said: str,
    caption: str,
    language: str,
    *,
    draw: Callable[[list[Any]], Drawing] | None = None,
    caution: str = "published.others",
) -> Exhibit:
    """Return what is shown of a release, or that none waits and none is public, where there is no row."""
    return exhibit(
        rows or [ExhibitRow("", ["–"] * len(headings))],
        tables.headings(language, *headings),
        language=language,
        draw=draw,
        more=[("", said)] if said else [],
        caption=caption,
        caution=text(caution, language),
    )
