"""A release as its readers see it: figures, what can be concluded from them, and what is not published and why."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from ikut_eval.contract.html import piece
from ikut_eval.contract.locale import day, number, text
from ikut_eval.disclosure.coded_figures import figure_text, people_text, read_figures, reason_text
from ikut_eval.disclosure.views import CodedFigure
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import dots_and_ranges
from ikut_eval.present.headings import Heading, titled
from ikut_eval.release.store import Bundle

_NARROW = 24
"""Letters of a label that leave room for the ranges on a phone."""
_CODE_LISTS = {"hours_by_component": "session_type"}


def coded_figures(bundle: Bundle) -> Iterator[tuple[CodedFigure, date | None]]:
    """Return every figure of a release, with the day on which it can be expected where it is not there yet."""
    table = bundle.table("figures")
    for figure, expected in zip(read_figures(table), table["expected"], strict=True):
        yield figure, None if pd.isna(expected) else expected


def indicator_name(indicator: str, language: str) -> str:
    """Return the name of a published figure in words."""
    name, _, part = indicator.partition(".")
    words = text(f"indicator.{name}", language)
    if not part:
        return words
    return f"{words}: {tables.code_label(_CODE_LISTS[name], part, language)}" if name in _CODE_LISTS else f"{words} {part}"


def dated_text(figure: CodedFigure, expected: date | None, language: str) -> str:
    """Return a figure as people read it, with the day on which it can be expected where it is not there yet."""
    words = figure_text(figure, language)
    return words if expected is None else f"{words} ({text('release.expected', language, date=day(expected, language))})"


def single_cohorts(beliefs: pd.DataFrame) -> pd.DataFrame:
    """Return what can be concluded of single cohorts, from a release's table of beliefs."""
    return beliefs[~beliefs["cohorts"].str.contains("+", regex=False)] if len(beliefs) else beliefs


def release_lines(bundle: Bundle, language: str) -> list[str]:
    """Return a release as lines of text: every figure, then every bound that a reader can conclude, then loosened rules."""
    lines = []
    for figure, when in coded_figures(bundle):
        reason = reason_text(figure, language)
        values = {"indicator": indicator_name(figure.indicator, language), "cohorts": "+".join(map(str, figure.group))}
        lines.append(text("release.figure", language, **values, shown=dated_text(figure, when, language), reason=f" – {reason}" if reason else ""))
    lines.append("")
    for row in bundle.table("beliefs").itertuples():
        lines.append(text("release.belief", language, family=row.family, cohorts=row.cohorts, cells=row.cells, low=f"{row.lo:g}", high=f"{row.hi:g}"))
    loosened = bundle.table("rules").dropna(subset=["loosened"])
    lines += [text("release.loosened", language, rule=row.rule, reason=row.loosened) for row in loosened.itertuples() if row.loosened]
    return lines


def release_title(bundle: Bundle | None, *, language: str) -> Heading:
    """Return the title of a review: which release, of which day, and whether the data is invented."""
    heading = text("report.release_review", language)
    if bundle is None:
        return Heading(heading, piece("heading", heading, 1))
    when = day(bundle.data_date, language) if bundle.data_date else "–"
    about = text("release.about", language, release=bundle.about["release"], date=when, digest=bundle.digest[:12])
    return titled(heading, about, [("synthetic", text("report.synthetic", language))] if bundle.synthetic else [])


def _nothing(caption: str, headings: list[str], language: str) -> Exhibit:
    """Return what is shown where no release waits and none is public."""
    return Exhibit(
        lines=(("", text("note.nothing_to_release", language)),),
        drawings={},
        table=tables.headed([["–"] * len(headings)], headings, language),
        caption=text(caption, language),
        caution=text("published.others", language),
        language=language,
    )


def plot_release(bundle: Bundle | None, *, language: str) -> Exhibit:
    """Every figure about people with the range in which it lies, what is not published, and why.

    Parameters
    ----------
    bundle : Bundle or None
        Of a release, drafted or published; None where there is none.
    """
    if bundle is None:
        return _nothing("caption.release", ["indicator", "cohorts", "shown", "reason"], language)
    rows, drawn, people, waiting = [], [], 0, 0
    for figure, when in coded_figures(bundle):
        cohorts = "+".join(map(str, figure.group))
        name, shown = indicator_name(figure.indicator, language), dated_text(figure, when, language)
        rows.append([name, cohorts, shown, reason_text(figure, language) or "–"])
        if figure.view == "delivery":
            continue
        people += 1
        waiting += figure.lo is None
        if figure.lo is not None and figure.hi is not None:
            between = (float(figure.lo) / figure.n_public, float(figure.hi) / figure.n_public)
            people_of = people_text(figure, language)
            drawn.append((tables.wrapped(f"{name} ({cohorts})", _NARROW), list[float](), between, None, people_of))
    names = ("", text("figure.published_range", language), "")
    return Exhibit(
        lines=(("", text("sentence.release", language, n=people, shown=people - waiting, held=waiting)),),
        drawings={"": dots_and_ranges(drawn, names=names, language=language)} if drawn else {},
        table=tables.headed(rows, ["indicator", "cohorts", "shown", "reason"], language),
        caption=text("caption.release", language),
        caution=text("published.others", language),
        language=language,
    )


def plot_beliefs(bundle: Bundle | None, *, language: str) -> Exhibit:
    """What an attacker can still believe of each group and set of people: never fewer than three values of a small group.

    Parameters
    ----------
    bundle : Bundle or None
        Of a release, drafted or published; None where there is none.
    """
    if bundle is None:
        return _nothing("caption.beliefs", ["family", "cohorts", "set", "range"], language)
    frame = bundle.table("beliefs")
    rows = [[str(r.family), str(r.cohorts), str(r.cells), f"{r.lo:g}–{r.hi:g}"] for r in frame.itertuples()]
    single = single_cohorts(frame)
    fewest = int((single["hi"] - single["lo"] + 1).min()) if len(single) else 0
    return Exhibit(
        lines=(("", text("sentence.beliefs", language, n=len(frame), fewest=fewest) if len(frame) else text("sentence.no_beliefs", language)),),
        drawings={},
        table=tables.headed(rows or [["–"] * 4], ["family", "cohorts", "set", "range"], language),
        caption=text("caption.beliefs", language),
        caution=text("published.others", language),
        language=language,
    )


def plot_proofs(bundle: Bundle | None, *, language: str) -> Exhibit:
    """How many possible data sets were tried for each part of the plan, and how many would reveal too much.

    Parameters
    ----------
    bundle : Bundle or None
        Of a release, drafted or published; None where there is none.
    """
    if bundle is None:
        return _nothing("caption.proofs", ["family", "view", "sizes", "tried", "leaking"], language)
    frame = bundle.table("proofs")
    rows = [[str(r.family), str(r.view), str(r.sizes), number(r.n_data_sets, language, 0), number(r.n_leaking, language, 0)] for r in frame.itertuples()]
    tried, leaking = int(frame["n_data_sets"].sum()), int(frame["n_leaking"].sum())
    return Exhibit(
        lines=(("", text("sentence.proofs", language, tried=number(tried, language, 0), leaking=number(leaking, language, 0))),),
        drawings={},
        table=tables.headed(rows or [["–"] * 5], ["family", "view", "sizes", "tried", "leaking"], language),
        caption=text("caption.proofs", language),
        caution=text("published.others", language),
        language=language,
    )
