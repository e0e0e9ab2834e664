"""Exhibits on who took part, and on the data itself."""

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
