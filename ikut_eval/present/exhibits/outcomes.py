"""Exhibits on the follow-ups. People who were not reached are shown as such, never left out."""

from collections.abc import Sequence

import pandas as pd

from ikut_eval.contract.locale import text
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import unit_dots


def plot_outcomes(bounds: pd.DataFrame | Sequence[pd.DataFrame], *, language: str) -> Exhibit:
    """Outcomes as bounds: at least a, at most b of n.

    Parameters
    ----------
    bounds : pandas.DataFrame or sequence of pandas.DataFrame
        `outcome_bounds`; several outcomes of one cohort, or one outcome of several cohorts.
    """
    table = bounds if isinstance(bounds, pd.DataFrame) else pd.concat(list(bounds), ignore_index=True)
    by_outcome, anybody = tables.one_cohort(table), bool(table["denominator"].sum())
    rows = []
    for row in table.itertuples():
        cohort, name = str(row.cohort_id), text(f"outcome.{row.group}", language)
        label, wave = name if by_outcome else cohort, tables.code_label("wave", str(row.wave), language)
        low, high, n = int(row.at_least), int(row.at_most), int(row.denominator)
        words = text("bounds", language, low=low, high=high, of=n) if low != high else tables.count_due(low, n, row.n_not_yet, language)
        drawn = anybody and (n or row.n_not_yet)
        line = text("sentence.bounds", language, label=label, shown=words) if drawn else ""
        mark = (label, [("yes", low), ("unknown", high - low), ("no", n - high)], words) if drawn else None
        rows.append(ExhibitRow(cohort, [cohort, name, wave, words, str(row.n_missing), str(row.n_not_yet)], line, mark))
    waves = ", ".join(tables.code_label("wave", wave, language) for wave in dict.fromkeys(table["wave"]))
    return exhibit(
        rows,
        tables.headings(language, "cohort", "outcome", "wave", "known_share", "unknown", "not_yet"),
        about="outcome_bounds",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=theme.COUNTED, names=tables.legend(theme.COUNTED, language)),
        nothing="sentence.not_yet" if table["n_not_yet"].sum() else "sentence.nobody_due",
        caption=text("caption.at_wave", language, measure=tables.title("outcome_bounds", language), wave=waves),
    )


def plot_fair_work(criteria: pd.DataFrame, *, language: str) -> Exhibit:
    """The eight criteria of fair work among those who work.

    Parameters
    ----------
    criteria : pandas.DataFrame
        `fair_work_criteria` of one cohort.
    """
    tables.refuse_several(criteria)
    working = int((criteria["denominator"] + criteria["n_missing"]).max()) if len(criteria) else 0
    rows = []
    for row in criteria.itertuples():
        label = tables.code_label("fair_work_criterion", str(row.group), language)
        yes, known, missing = int(row.numerator), int(row.denominator), int(row.n_missing)
        mark = (label, [("yes", yes), ("unknown", missing), ("no", known - yes)], tables.count(yes, known + missing, language)) if working else None
        rows.append(ExhibitRow(str(row.cohort_id), [label, tables.count(yes, known, language), str(missing)], mark=mark))
    return exhibit(
        rows,
        tables.headings(language, "criterion", "met_of_known", "unknown"),
        about="fair_work_criteria",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=theme.COUNTED, names=tables.legend(theme.COUNTED, language)),
        more=[("", text("sentence.fair_work", language, n=working))] if working else [],
        nothing="sentence.nobody_works",
    )


def plot_reach(reach: pd.DataFrame, *, language: str) -> Exhibit:
    """How many were reached at each follow-up.

    Parameters
    ----------
    reach : pandas.DataFrame
        `follow_up_reach`; one cohort, or several.
    """
    kinds = {"reached": theme.YES, "not_reached": theme.NO, "not_tried": theme.NOT_KNOWN}
    single, anybody = tables.one_cohort(reach), bool(reach["denominator"].sum())
    rows, parts = [], []
    for row in reach.itertuples():
        cohort, wave = str(row.cohort_id), tables.code_label("wave", str(row.wave), language)
        words = tables.count_due(row.numerator, row.denominator, row.n_not_yet, language)
        mark = None
        if anybody and (row.denominator or row.n_not_yet):
            tried = int(row.denominator) - int(row.numerator) - int(row.n_missing)
            counts = [("reached", int(row.numerator)), ("not_reached", tried), ("not_tried", int(row.n_missing))]
            mark = (wave if single else f"{cohort} · {wave}", counts, words)
            parts.append((cohort, f"{wave} {words}"))
        rows.append(ExhibitRow(cohort, [cohort, wave, words, str(row.n_missing), str(row.n_not_yet)], mark=mark))
    return exhibit(
        rows,
        tables.headings(language, "cohort", "wave", "reached", "not_tried", "not_yet"),
        about="follow_up_reach",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=kinds, names=tables.legend(kinds, language)),
        more=_line_a_cohort(parts, language),
        nothing="sentence.not_yet",
        intro=text("sentence.reach", language) if parts else "",
    )


def plot_support(support: pd.DataFrame, handed: pd.DataFrame, *, language: str) -> Exhibit:
    """Whether support goes on after the training, and who took over.

    Parameters
    ----------
    support, handed : pandas.DataFrame
        `support_continuing` and `handed_over`; one cohort, or several.
    """
    names = tables.legend(theme.COUNTED, language) | {"yes": text("figure.contact", language), "no": text("figure.no_contact", language)}
    single, anybody = tables.one_cohort(support), bool((support["denominator"] + support["n_missing"]).sum())
    rows, parts = [], []
    for row in support.itertuples():
        cohort, month = str(row.cohort_id), text("figure.month", language, month=row.group)
        words = tables.count_due(row.numerator, row.denominator, 0 if row.n_missing else row.n_not_yet, language)
        mark = None
        if anybody and (row.denominator or row.n_missing or row.n_not_yet):
            counts = [("yes", int(row.numerator)), ("unknown", int(row.n_missing)), ("no", int(row.denominator - row.numerator))]
            mark = (month if single else f"{cohort} · {month}", counts, words)
            parts.append((cohort, f"{month} – {words}"))
        rows.append(ExhibitRow(cohort, [cohort, month, words, str(row.n_missing), str(row.n_not_yet)], mark=mark))
    services = handed[handed["numerator"] > 0].groupby("group", sort=False)["numerator"].sum()
    over = [("", listing_of_services(services, language))] if parts else []
    return exhibit(
        rows,
        tables.headings(language, "cohort", "month", "contact", "missing", "not_yet"),
        about="support_continuing",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=theme.COUNTED, names=names),
        more=[*_line_a_cohort(parts, language), *over],
        nothing="sentence.not_yet",
        intro=text("sentence.support", language) if parts else "",
    )


def _line_a_cohort(parts: Sequence[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """Return what is said of each cohort, part by part, as its one line."""
    lines = []
    for cohort in dict.fromkeys(cohort for cohort, _ in parts):
        words = "; ".join(words for other, words in parts if other == cohort)
        lines.append((cohort, text("sentence.bounds", language, label=cohort, shown=words)))
    return lines


def listing_of_services(services: pd.Series, language: str) -> str:
    """Return to which services people were referred, as a sentence."""
    if services.empty:
        return text("sentence.no_handover", language)
    parts = [f"{tables.code_label('next_service', str(s), language)} {n}" for s, n in services.items()]
    return text("sentence.handover", language, services="; ".join(parts))
