"""Who took part, what they needed and what they answered."""

from collections.abc import Sequence

import pandas as pd

from ikut_eval.contract.locale import listing, text
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import unit_dots


def plot_participants(started: pd.DataFrame, ended: pd.DataFrame, *, language: str) -> Exhibit:
    """How many took part, and how it ended.

    Parameters
    ----------
    started, ended : pandas.DataFrame
        `participants` and `completion`; one cohort, or several.
    """
    kinds = {
        "completed": theme.YES,
        "early_positive": {"color": theme.GREEN, "symbol": "diamond"},
        "early_other": theme.NO,
        "ongoing": {"color": theme.GREY, "symbol": "triangle-right-open"},
    }
    names = {kind: tables.code_label("exit_type", kind, language) for kind in kinds}
    rows, marks, said = [], [], []
    for row in started.itertuples():
        cohort = str(row.cohort_id)
        here = ended[ended["cohort_id"] == cohort].set_index("group")["numerator"]
        n = int(row.numerator)
        places = "–" if pd.isna(row.denominator) else str(row.denominator)
        rows.append([cohort, str(n), places, *(str(here.get(kind, 0)) for kind in kinds), str(row.n_missing)])
        if n:
            marks.append((cohort, [(kind, int(here.get(kind, 0))) for kind in kinds], text("people", language, n=n)))
        ways = [f"{int(here[kind])} {names[kind].lower()}" for kind in kinds if here.get(kind, 0)]
        line = text("sentence.participants", language, cohort=cohort, people=text("people", language, n=n), places=places)
        if ways:
            line += " " + text("sentence.completion", language, ways=listing(ways, language))
        said.append(line)
    headings = [text(f"table.{h}", language) for h in ("cohort", "started", "places")]
    headings += [*names.values(), text("table.data_refused", language)]
    return Exhibit(
        sentence="\n".join(said),
        drawing=unit_dots(marks, kinds=kinds, names=names) if marks else None,
        table=pd.DataFrame(rows, columns=headings, dtype="str"),
        caption=tables.title("participants", language),
        caution=tables.caution("participants", language),
        language=language,
    )


def plot_answers(summaries: Sequence[pd.DataFrame], *, language: str) -> Exhibit:
    """How complete the questionnaires are, wave by wave: a sentence and a table.

    Parameters
    ----------
    summaries : sequence of pandas.DataFrame
        `score_summary` of each instrument.
    """
    summary = pd.concat(list(summaries), ignore_index=True)
    scored, due = int(summary["numerator"].sum()), int(summary["denominator"].sum())
    rows = [
        [
            str(r.cohort_id),
            tables.code_label("instrument", str(r.group), language),
            tables.code_label("wave", str(r.wave), language),
            tables.count_due(r.numerator, r.denominator, r.n_not_yet, language),
            str(r.n_missing),
        ]
        for r in summary.itertuples()
    ]
    return Exhibit(
        sentence=text("sentence.answers", language, count=tables.count_and_share(scored, due, language)) if due else text("sentence.no_answers", language),
        drawing=None,
        table=tables.headed(rows, ["cohort", "instrument", "wave", "scored", "missing"], language),
        caption=tables.title("score_summary", language),
        caution=tables.caution("score_summary", language),
        language=language,
    )


_NAMED = 3


def plot_needs(level: pd.DataFrame, met: pd.DataFrame, *, language: str) -> Exhibit:
    """Clear needs at start by domain, and which of them were met.

    Parameters
    ----------
    level, met : pandas.DataFrame
        `need_level` at start and `needs_met`, of one cohort.
    """
    tables.refuse_several(level)
    kinds = {"met": theme.YES, "not_met": theme.NO, "not_rated": theme.UNKNOWN}
    names = {kind: text(f"figure.{kind}", language) for kind in kinds}
    after = met.set_index("group")
    rows, marks = [], []
    for row in level.sort_values("numerator", ascending=False, kind="stable").itertuples():
        label = tables.code_label("need_domain", str(row.group), language)
        result = after.loc[str(row.group)]
        k, of, missing = (int(result[c]) for c in ("numerator", "denominator", "n_missing"))
        rows.append([label, tables.count(row.numerator, row.denominator, language), tables.count(k, of, language), str(missing)])
        if row.numerator:
            marks.append(
                (label, [("met", k), ("not_met", of - k), ("not_rated", missing)], text("figure.met_of", language, count=tables.count(k, of, language)))
            )
    k, of, missing = (int(met[c].sum()) for c in ("numerator", "denominator", "n_missing"))
    return Exhibit(
        sentence=text("sentence.needs", language, total=of + missing, met=k, rated=of, missing=missing) if marks else text("sentence.no_needs", language),
        drawing=unit_dots(marks, kinds=kinds, names=names) if marks else None,
        table=tables.headed(rows, ["need_domain", "clear_need", "met", "not_rated"], language),
        caption=tables.title("needs_met", language),
        caution=tables.caution("needs_met", language),
        language=language,
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
    names = {kind: text(f"figure.{kind}", language) for kind in kinds}
    first = wanted[wanted["measure"] == "preferred_support_first"].set_index("group")
    named = wanted[wanted["measure"] == "preferred_support"].sort_values("numerator", ascending=False, kind="stable")
    rows, marks = [], []
    for row in named.itertuples():
        label = tables.code_label("support_form", str(row.group), language)
        top = int(first.loc[str(row.group), "numerator"])
        rows.append([label, tables.count(top, row.denominator, language), tables.count(row.numerator, row.denominator, language)])
        if row.numerator:
            marks.append((label, [("first", top), ("named", int(row.numerator) - top)], str(row.numerator)))
    most = [label.lower() for label, _, _ in marks[:_NAMED]]
    return Exhibit(
        sentence=text("sentence.preferred", language, forms="; ".join(most)) if marks else text("sentence.no_answers", language),
        drawing=unit_dots(marks, kinds=kinds, names=names) if marks else None,
        table=tables.headed(rows, ["support_form", "first", "named"], language),
        caption=tables.title("preferred_support", language),
        caution=tables.caution("preferred_support", language),
        language=language,
    )
