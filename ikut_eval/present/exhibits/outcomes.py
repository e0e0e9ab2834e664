"""Exhibits on what came afterwards. People not reached are shown as such, never left out."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ikut_eval.contract.locale import text
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import unit_dots

_KINDS: Mapping[str, Mapping[str, str]] = {"yes": theme.YES, "unknown": theme.UNKNOWN, "no": theme.NO}


def _names(language: str) -> dict[str, str]:
    return {kind: text(f"figure.{kind}", language) for kind in _KINDS}


def plot_outcomes(bounds: pd.DataFrame | Sequence[pd.DataFrame], *, language: str) -> Exhibit:
    """Outcomes as bounds: at least a, at most b of n.

    Parameters
    ----------
    bounds : pandas.DataFrame or sequence of pandas.DataFrame
        `outcome_bounds`; several outcomes of one cohort, or one outcome of several cohorts.
    """
    table = bounds if isinstance(bounds, pd.DataFrame) else pd.concat(list(bounds), ignore_index=True)
    by_outcome = tables.one_cohort(table)
    rows, marks, said = [], [], []
    for row in table.itertuples():
        name = text(f"outcome.{row.group}", language)
        label = name if by_outcome else str(row.cohort_id)
        wave = tables.code_label("wave", str(row.wave), language)
        low, high, n = int(row.at_least), int(row.at_most), int(row.denominator)
        shown = text("bounds", language, low=low, high=high, of=n) if low != high else tables.count_due(low, n, row.n_not_yet, language)
        rows.append([str(row.cohort_id), name, wave, shown, str(row.n_missing), str(row.n_not_yet)])
        if n or row.n_not_yet:
            marks.append((label, [("yes", low), ("unknown", high - low), ("no", n - high)], shown))
            said.append(text("sentence.bounds", language, label=label, shown=shown))
    if not table["denominator"].sum():
        marks, said = [], [text("sentence.not_yet" if table["n_not_yet"].sum() else "sentence.nobody_due", language)]
    return Exhibit(
        sentence="\n".join(said),
        drawing=unit_dots(marks, kinds=_KINDS, names=_names(language)) if marks else None,
        table=tables.headed(rows, ["cohort", "outcome", "wave", "known_share", "unknown", "not_yet"], language),
        caption=text("caption.at_wave", language, measure=tables.title("outcome_bounds", language), wave=_waves(table, language)),
        caution=tables.caution("outcome_bounds", language),
        language=language,
    )


def _waves(table: pd.DataFrame, language: str) -> str:
    return ", ".join(tables.code_label("wave", wave, language) for wave in dict.fromkeys(table["wave"]))


def plot_fair_work(criteria: pd.DataFrame, *, language: str) -> Exhibit:
    """The eight criteria of fair work among those who work.

    Parameters
    ----------
    criteria : pandas.DataFrame
        `fair_work_criteria` of one cohort.
    """
    tables.refuse_several(criteria)
    rows, marks = [], []
    working = int((criteria["denominator"] + criteria["n_missing"]).max()) if len(criteria) else 0
    for row in criteria.itertuples():
        label = tables.code_label("fair_work_criterion", str(row.group), language)
        yes, known, missing = int(row.numerator), int(row.denominator), int(row.n_missing)
        rows.append([label, tables.count(yes, known, language), str(missing)])
        marks.append((label, [("yes", yes), ("unknown", missing), ("no", known - yes)], tables.count(yes, known + missing, language)))
    return Exhibit(
        sentence=text("sentence.fair_work", language, n=working) if working else text("sentence.nobody_works", language),
        drawing=unit_dots(marks, kinds=_KINDS, names=_names(language)) if working else None,
        table=tables.headed(rows, ["criterion", "met_of_known", "unknown"], language),
        caption=tables.title("fair_work_criteria", language),
        caution=tables.caution("fair_work_criteria", language),
        language=language,
    )


def plot_reach(reach: pd.DataFrame, *, language: str) -> Exhibit:
    """How many were reached at each follow-up.

    Parameters
    ----------
    reach : pandas.DataFrame
        `follow_up_reach`; one cohort, or several.
    """
    kinds = {"reached": theme.YES, "not_reached": theme.NO, "not_tried": theme.UNKNOWN}
    names = {kind: text(f"figure.{kind}", language) for kind in kinds}
    single = tables.one_cohort(reach)
    rows, marks, said = [], [], []
    for row in reach.itertuples():
        wave = tables.code_label("wave", str(row.wave), language)
        label = wave if single else f"{row.cohort_id} · {wave}"
        shown = tables.count_due(row.numerator, row.denominator, row.n_not_yet, language)
        rows.append([str(row.cohort_id), wave, shown, str(row.n_missing), str(row.n_not_yet)])
        if row.denominator or row.n_not_yet:
            tried = int(row.denominator) - int(row.numerator) - int(row.n_missing)
            marks.append((label, [("reached", int(row.numerator)), ("not_reached", tried), ("not_tried", int(row.n_missing))], shown))
            said.append((str(row.cohort_id), f"{wave} {shown}"))
    if not reach["denominator"].sum():
        marks, said = [], []
    return Exhibit(
        sentence=text("sentence.reach", language, shown=_line_a_cohort(said, language)) if said else text("sentence.not_yet", language),
        drawing=unit_dots(marks, kinds=kinds, names=names) if marks else None,
        table=tables.headed(rows, ["cohort", "wave", "reached", "not_tried", "not_yet"], language),
        caption=tables.title("follow_up_reach", language),
        caution=tables.caution("follow_up_reach", language),
        language=language,
    )


def plot_support(support: pd.DataFrame, handed: pd.DataFrame, *, language: str) -> Exhibit:
    """Whether support goes on after the training, and who took over.

    Parameters
    ----------
    support, handed : pandas.DataFrame
        `support_continuing` and `handed_over`; one cohort, or several.
    """
    names = _names(language) | {"yes": text("figure.contact", language), "no": text("figure.no_contact", language)}
    single = tables.one_cohort(support)
    rows, marks, said = [], [], []
    for row in support.itertuples():
        month = text("figure.month", language, month=row.group)
        label = month if single else f"{row.cohort_id} · {month}"
        shown = tables.count_due(row.numerator, row.denominator, 0 if row.n_missing else row.n_not_yet, language)
        rows.append([str(row.cohort_id), month, shown, str(row.n_missing), str(row.n_not_yet)])
        if row.denominator or row.n_missing or row.n_not_yet:
            marks.append((label, [("yes", int(row.numerator)), ("unknown", int(row.n_missing)), ("no", int(row.denominator - row.numerator))], shown))
            said.append((str(row.cohort_id), f"{month} – {shown}"))
    if not (support["denominator"] + support["n_missing"]).sum():
        marks, said = [], []
    services = handed[handed["numerator"] > 0].groupby("group", sort=False)["numerator"].sum()
    over = listing_of_services(services, language)
    return Exhibit(
        sentence=text("sentence.support", language, shown=_line_a_cohort(said, language)) + f"\n{over}" if said else text("sentence.not_yet", language),
        drawing=unit_dots(marks, kinds=_KINDS, names=names) if marks else None,
        table=tables.headed(rows, ["cohort", "month", "contact", "missing", "not_yet"], language),
        caption=tables.title("support_continuing", language),
        caution=tables.caution("support_continuing", language),
        language=language,
    )


def _line_a_cohort(said: Sequence[tuple[str, str]], language: str) -> str:
    """Return what is said of each cohort on one line."""
    cohorts = dict.fromkeys(cohort for cohort, _ in said)
    lines = {cohort: "; ".join(words for other, words in said if other == cohort) for cohort in cohorts}
    return "\n".join(text("sentence.bounds", language, label=cohort, shown=words) for cohort, words in lines.items())


def listing_of_services(services: pd.Series, language: str) -> str:
    """Return to whom people were handed over, as a sentence."""
    if services.empty:
        return text("sentence.no_handover", language)
    parts = [f"{tables.code_label('next_service', str(s), language)} {n}" for s, n in services.items()]
    return text("sentence.handover", language, services="; ".join(parts))
