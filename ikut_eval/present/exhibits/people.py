"""Who took part, what they needed and answered, and the follow-ups. People who were not reached are shown as such, never left out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from ikut_eval.contract.locale import listing, text
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import Marks, unit_dots

_ENDINGS = {
    "completed": theme.YES,
    "early_positive": {"color": theme.GREEN, "symbol": "diamond"},
    "early_other": theme.NO,
    "ongoing": {"color": theme.GREY, "symbol": "triangle-right-open"},
}
_NAMED = 3
"""Forms of support that a sentence names."""


def plot_participants(started: pd.DataFrame, ended: pd.DataFrame, *, language: str) -> Exhibit:
    """How many took part, and how it ended: from `participants` and `completion` of one cohort, or several."""
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
        if not pd.isna(row.n_also) and row.n_also:
            line += " " + text("sentence.also", language, n=int(row.n_also))
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
    """How complete the questionnaires are, wave by wave: from `score_summary` of each instrument; no chart."""
    summary = pd.concat(list(summaries), ignore_index=True)
    rows = []
    for row in summary.itertuples():
        named = [tables.code_label(codes, str(code), language) for codes, code in (("instrument", row.group), ("wave", row.wave))]
        scored = tables.count_due(row.numerator, row.denominator, row.n_not_yet, language, not_asked=row.n_not_asked)
        rows.append(ExhibitRow(str(row.cohort_id), [str(row.cohort_id), *named, scored, *(str(n) for n in (row.n_missing, row.n_not_yet))]))
    done, due = int(summary["numerator"].sum()), int(summary["denominator"].sum())
    return exhibit(
        rows,
        tables.headings(language, "cohort", "instrument", "wave", "scored", "missing", "not_yet"),
        about="score_summary",
        language=language,
        more=[("", text("sentence.answers", language, count=tables.count_and_share(done, due, language)))] if due else [],
        nothing="sentence.no_answers",
    )


def plot_needs(level: pd.DataFrame, met: pd.DataFrame, *, language: str) -> Exhibit:
    """Clear needs at start by domain, and which of them were met: from `need_level` at start and `needs_met`, of one cohort."""
    tables.refuse_several(level)
    kinds = {"met": theme.YES, "not_met": theme.NO, "not_rated": theme.NOT_KNOWN}
    after = met.set_index("group")
    rows = []
    for row in level.sort_values("numerator", ascending=False, kind="stable").itertuples():
        label = tables.code_label("need_domain", str(row.group), language)
        k, of, missing, waiting = (int(after.loc[str(row.group), c]) for c in ("numerator", "denominator", "n_missing", "n_not_yet"))
        rated = tables.count_due(k, of + missing, waiting, language, not_asked=missing) if not of else tables.count(k, of, language)
        marks = [("met", k), ("not_met", of - k), ("not_rated", missing + waiting)]
        mark = (label, marks, text("figure.met_of", language, count=rated) if of else rated) if row.numerator else None
        need = tables.count(row.numerator, row.denominator, language)
        rows.append(ExhibitRow(str(row.cohort_id), [label, need, rated, str(missing), str(waiting)], mark=mark))
    k, of, missing, waiting = (int(met[c].sum()) for c in ("numerator", "denominator", "n_missing", "n_not_yet"))
    said = text("sentence.needs", language, total=of + missing + waiting, met=k, rated=of, missing=missing)
    if waiting:
        said = text("sentence.needs_waiting", language, total=of + missing + waiting, met=k, rated=of, missing=missing, waiting=waiting)
    return exhibit(
        rows,
        tables.headings(language, "need_domain", "clear_need", "met", "not_rated", "not_yet"),
        about="needs_met",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=kinds, names=tables.legend(kinds, language)),
        more=[("", said)] if any(row.mark for row in rows) else [],
        nothing="sentence.no_needs",
    )


def plot_preferred_support(wanted: pd.DataFrame, *, language: str) -> Exhibit:
    """Which form of support people put first or name: from `preferred_support` of one cohort."""
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


def plot_outcomes(bounds: pd.DataFrame | Sequence[pd.DataFrame], *, language: str) -> Exhibit:
    """Outcomes as bounds, at least a, at most b of n: from `outcome_bounds`, several outcomes of one cohort or one outcome of several."""
    table = bounds if isinstance(bounds, pd.DataFrame) else pd.concat(list(bounds), ignore_index=True)
    by_outcome, anybody = tables.one_cohort(table), bool(table["denominator"].sum())
    rows = []
    for row in table.itertuples():
        cohort, name = str(row.cohort_id), text(f"outcome.{row.group}", language)
        label, wave = name if by_outcome else cohort, tables.code_label("wave", str(row.wave), language)
        low, high, n = int(row.at_least), int(row.at_most), int(row.denominator)
        unknown = text("bounds", language, low=low, high=high, of=n) if low != high else ""
        asked = row.n_not_asked != n
        words = unknown if unknown and asked else tables.count_due(low, n, row.n_not_yet, language, not_asked=row.n_not_asked)
        drawn = anybody and (n or row.n_not_yet)
        line = text("sentence.bounds", language, label=label, shown=words) if drawn else ""
        mark = (label, [("yes", low), ("unknown", high - low), ("no", n - high)], words) if drawn else None
        rows.append(ExhibitRow(cohort, [cohort, name, wave, words, *(str(n) for n in (row.n_missing, row.n_not_asked, row.n_not_yet))], line, mark))
    waves = ", ".join(tables.code_label("wave", wave, language) for wave in dict.fromkeys(table["wave"]))
    return exhibit(
        rows,
        tables.headings(language, "cohort", "outcome", "wave", "known_share", "unknown", "not_asked", "not_yet"),
        about="outcome_bounds",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=theme.COUNTED, names=tables.legend(theme.COUNTED, language)),
        nothing="sentence.not_yet" if table["n_not_yet"].sum() else "sentence.nobody_due",
        caption=text("caption.at_wave", language, measure=tables.measure_title("outcome_bounds", language), wave=waves),
    )


def plot_fair_work(criteria: pd.DataFrame, *, language: str) -> Exhibit:
    """The eight criteria of fair work among those who work: from `fair_work_criteria` of one cohort."""
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
    """How many were reached at each follow-up: from `follow_up_reach` of one cohort, or several."""
    kinds = {"reached": theme.YES, "not_reached": theme.NO, "not_tried": theme.NOT_KNOWN}
    return _over_time(
        reach,
        ("cohort", "wave", "reached", "not_tried", "not_yet"),
        about="follow_up_reach",
        language=language,
        time=lambda row: tables.code_label("wave", str(row.wave), language),
        part="{time} {words}",
        counts=lambda yes, known, missing: [("reached", yes), ("not_reached", known - yes - missing), ("not_tried", missing)],
        kinds=kinds,
        names=tables.legend(kinds, language),
        intro=text("sentence.reach", language),
    )


def plot_support(support: pd.DataFrame, handed: pd.DataFrame, *, language: str) -> Exhibit:
    """Whether support goes on after the training, and who took over: from `support_continuing` and `handed_over` of one cohort, or several."""
    services = handed[handed["numerator"] > 0].groupby("group", sort=False)["numerator"].sum()
    return _over_time(
        support,
        ("cohort", "month", "contact", "missing", "not_yet"),
        about="support_continuing",
        language=language,
        time=lambda row: text("figure.month", language, month=row.group),
        part="{time} – {words}",
        counts=lambda yes, known, missing: [("yes", yes), ("unknown", missing), ("no", known - yes)],
        kinds=theme.COUNTED,
        names=tables.legend(theme.COUNTED, language) | {"yes": text("figure.contact", language), "no": text("figure.no_contact", language)},
        intro=text("sentence.support", language),
        last=_listing_of_services(services, language),
        without="not_entered",
    )


def _over_time(
    table: pd.DataFrame,
    headings: Sequence[str],
    *,
    about: str,
    language: str,
    time: Callable[[Any], str],
    part: str,
    counts: Callable[[int, int, int], Marks],
    kinds: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
    intro: str,
    last: str = "",
    without: str = "not_asked",
) -> Exhibit:
    """Return counts at several times as an exhibit: a row a cohort and time, a line a cohort, and a last line."""
    single, anybody = tables.one_cohort(table), bool((table["denominator"] + table["n_missing"]).sum())
    rows = []
    said: dict[str, list[str]] = {}
    for row in table.itertuples():
        cohort, when = str(row.cohort_id), time(row)
        words = tables.count_due(row.numerator, row.denominator, 0 if row.n_missing else row.n_not_yet, language)
        if row.n_not_asked and row.n_not_asked >= row.denominator:
            words = text(without, language)
        mark = None
        if anybody and (row.denominator or row.n_missing or row.n_not_yet):
            mark = (when if single else f"{cohort} · {when}", counts(int(row.numerator), int(row.denominator), int(row.n_missing)), words)
            said.setdefault(cohort, []).append(part.format(time=when, words=words))
        rows.append(ExhibitRow(cohort, [cohort, when, words, str(row.n_missing), str(row.n_not_yet)], mark=mark))
    lines = [(cohort, text("sentence.bounds", language, label=cohort, shown="; ".join(parts))) for cohort, parts in said.items()]
    return exhibit(
        rows,
        tables.headings(language, *headings),
        about=about,
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=kinds, names=names),
        more=[*lines, ("", last)] if lines and last else lines,
        nothing="sentence.not_yet",
        intro=intro,
    )


def _listing_of_services(services: pd.Series, language: str) -> str:
    """Return to which services people were referred, as a sentence."""
    if services.empty:
        return text("sentence.no_handover", language)
    parts = [f"{tables.code_label('next_service', str(s), language)} {n}" for s, n in services.items()]
    return text("sentence.handover", language, services="; ".join(parts))
