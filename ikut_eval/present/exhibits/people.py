"""Who took part, what they needed and what they answered."""

from collections.abc import Sequence

import pandas as pd

from ikut_eval.contract.locale import listing, text
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import unit_dots

_ENDINGS = {
    "completed": theme.YES,
    "early_positive": {"color": theme.GREEN, "symbol": "diamond"},
    "early_other": theme.NO,
    "ongoing": {"color": theme.GREY, "symbol": "triangle-right-open"},
}
_NAMED = 3
"""Forms of support that a sentence names."""


def plot_participants(started: pd.DataFrame, ended: pd.DataFrame, *, language: str) -> Exhibit:
    """How many took part, and how it ended.

    Parameters
    ----------
    started, ended : pandas.DataFrame
        `participants` and `completion`; one cohort, or several.
    """
    names = {kind: tables.code_label("exit_type", kind, language) for kind in _ENDINGS}
    rows = []
    for row in started.itertuples():
        cohort, n = str(row.cohort_id), int(row.numerator)
        here = ended[ended["cohort_id"] == cohort].set_index("group")["numerator"]
        counts = [(kind, int(here.get(kind, 0))) for kind in _ENDINGS]
        places, people = "–" if pd.isna(row.denominator) else str(row.denominator), text("people", language, n=n)
        line = text("sentence.participants", language, cohort=cohort, people=people, places=places)
        ways = [f"{count} {names[kind].lower()}" for kind, count in counts if count]
        if ways:
            line += " " + text("sentence.completion", language, ways=listing(ways, language))
        cells = [cohort, str(n), places, *(str(count) for _, count in counts), str(row.n_missing)]
        rows.append(ExhibitRow(cohort, cells, line, (cohort, counts, people) if n else None))
    return exhibit(
        rows,
        [*tables.headings(language, "cohort", "started", "places"), *names.values(), *tables.headings(language, "data_refused")],
        about="participants",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=_ENDINGS, names=names),
    )


def plot_answers(summaries: Sequence[pd.DataFrame], *, language: str) -> Exhibit:
    """How complete the questionnaires are, wave by wave: a sentence and a table.

    Parameters
    ----------
    summaries : sequence of pandas.DataFrame
        `score_summary` of each instrument.
    """
    summary = pd.concat(list(summaries), ignore_index=True)
    rows = []
    for row in summary.itertuples():
        named = [tables.code_label(codes, str(code), language) for codes, code in (("instrument", row.group), ("wave", row.wave))]
        scored = tables.count_due(row.numerator, row.denominator, row.n_not_yet, language)
        rows.append(ExhibitRow(str(row.cohort_id), [str(row.cohort_id), *named, scored, str(row.n_missing)]))
    done, due = int(summary["numerator"].sum()), int(summary["denominator"].sum())
    return exhibit(
        rows,
        tables.headings(language, "cohort", "instrument", "wave", "scored", "missing"),
        about="score_summary",
        language=language,
        more=[("", text("sentence.answers", language, count=tables.count_and_share(done, due, language)))] if due else [],
        nothing="sentence.no_answers",
    )


def plot_needs(level: pd.DataFrame, met: pd.DataFrame, *, language: str) -> Exhibit:
    """Clear needs at start by domain, and which of them were met.

    Parameters
    ----------
    level, met : pandas.DataFrame
        `need_level` at start and `needs_met`, of one cohort.
    """
    tables.refuse_several(level)
    kinds = {"met": theme.YES, "not_met": theme.NO, "not_rated": theme.NOT_KNOWN}
    after = met.set_index("group")
    rows = []
    for row in level.sort_values("numerator", ascending=False, kind="stable").itertuples():
        label = tables.code_label("need_domain", str(row.group), language)
        k, of, missing = (int(after.loc[str(row.group), c]) for c in ("numerator", "denominator", "n_missing"))
        rated = tables.count(k, of, language)
        mark = (label, [("met", k), ("not_met", of - k), ("not_rated", missing)], text("figure.met_of", language, count=rated)) if row.numerator else None
        rows.append(ExhibitRow(str(row.cohort_id), [label, tables.count(row.numerator, row.denominator, language), rated, str(missing)], mark=mark))
    k, of, missing = (int(met[c].sum()) for c in ("numerator", "denominator", "n_missing"))
    said = text("sentence.needs", language, total=of + missing, met=k, rated=of, missing=missing)
    return exhibit(
        rows,
        tables.headings(language, "need_domain", "clear_need", "met", "not_rated"),
        about="needs_met",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=kinds, names=tables.legend(kinds, language)),
        more=[("", said)] if any(row.mark for row in rows) else [],
        nothing="sentence.no_needs",
    )


def plot_preferred_support(wanted: pd.DataFrame, *, language: str) -> Exhibit:
    """Which form of support people put first or name.

    Parameters
    ----------
    wanted : pandas.DataFrame
        `preferred_support` of one cohort.
    """
    tables.refuse_several(wanted)
    kinds = {"first": theme.YES, "named": theme.NO}
    first = wanted[wanted["measure"] == "preferred_support_first"].set_index("group")["numerator"]
    named = wanted[wanted["measure"] == "preferred_support"].sort_values("numerator", ascending=False, kind="stable")
    rows = []
    for row in named.itertuples():
        label, top, n = tables.code_label("support_form", str(row.group), language), int(first.loc[str(row.group)]), int(row.numerator)
        mark = (label, [("first", top), ("named", n - top)], str(n)) if n else None
        rows.append(ExhibitRow(str(row.cohort_id), [label, *(tables.count(k, row.denominator, language) for k in (top, n))], mark=mark))
    most = [row.mark[0].lower() for row in rows if row.mark][:_NAMED]
    return exhibit(
        rows,
        tables.headings(language, "support_form", "first", "named"),
        about="preferred_support",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=kinds, names=tables.legend(kinds, language)),
        more=[("", text("sentence.preferred", language, forms="; ".join(most)))] if most else [],
        nothing="sentence.no_answers",
    )
