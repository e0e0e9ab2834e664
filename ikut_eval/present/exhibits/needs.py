"""Exhibits on what people need and want."""

import pandas as pd

from ikut_eval.contract.locale import text
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import unit_dots

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
