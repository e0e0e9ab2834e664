"""Scores of questionnaires, and answers item by item for the same people."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import pandas as pd

from ikut_eval.contract.errors import UsageError, check_choice
from ikut_eval.contract.schema import Instrument
from ikut_eval.data.pilot import PilotData
from ikut_eval.measures.table import closed_by_person, cohort_sizes, measure_row, measure_table, median_row, rows_by, unanswered, wave_windows, with_cohort

DONT_KNOW = ("-7", "dk")
_MISSING = {"n_dont_know": DONT_KNOW, "n_declined": ("-8",), "n_not_asked": ("-9",), "n_not_applicable": ("-6",)}


def instrument_named(pilot: PilotData, instrument: str) -> Instrument:
    """Return an instrument by its id, or raise UsageError with the ids there are."""
    return pilot.contract.instruments[check_choice("instrument", instrument, pilot.contract.instruments)]


def check_waves(instrument: Instrument, *waves: str) -> None:
    """Raise UsageError for a wave in which the instrument is not asked; names those in which it is."""
    for wave in waves:
        check_choice("wave", wave, instrument.waves)


def _answers(pilot: PilotData, instrument: Instrument) -> pd.DataFrame:
    answer = pilot["answer"]
    return answer[answer["item"].isin([i.id for i in instrument.items])]


def versions_of(pilot: PilotData, instrument: str) -> pd.DataFrame:
    """Return which version of a questionnaire each person answered in each wave: participant_id, cohort_id, wave, version."""
    sets = pilot["answer_set"].loc[lambda s: s["instrument"] == instrument, ["participant_id", "wave", "version"]]
    return with_cohort(pilot, sets)[["participant_id", "cohort_id", "wave", "version"]]


def n_answered(pilot: PilotData, instrument: str, *, wave: str) -> int:
    """Return how many people have answered a questionnaire in a wave, in whole or in part."""
    answer = _answers(pilot, instrument_named(pilot, instrument))
    people = pd.concat([versions_of(pilot, instrument)[["participant_id", "wave"]], answer[["participant_id", "wave"]]])
    return int(people.loc[people["wave"] == wave, "participant_id"].nunique())


def _with_versions(pilot: PilotData, table: pd.DataFrame, instrument: str) -> pd.DataFrame:
    """Return a measure table with the versions that were answered in its cohort and wave, as text: one, several with commas, or none."""
    found = {key: joined_versions(here) for key, here in versions_of(pilot, instrument).groupby(["cohort_id", "wave"])["version"]}
    answered = [found.get(key, "") for key in zip(table["cohort_id"], table["wave"], strict=True)]
    return table.assign(versions=pd.Series(answered, index=table.index, dtype="str"))


def joined_versions(versions: Iterable[object]) -> str:
    """Return different versions as one text, in their order."""
    return ", ".join(sorted({str(each) for each in versions if not pd.isna(each)} - {""}))


def scale_scores(pilot: PilotData, instrument: str) -> pd.DataFrame:
    """Score of one questionnaire for each person and wave.

    Parameters
    ----------
    instrument : str
        An id of `data_schema/instruments`, for example "rights_awareness".

    Returns
    -------
    pandas.DataFrame, one row a person and wave in which the instrument is asked, also without answers
        participant_id, cohort_id, instrument, wave : str
        state : str – "scored", "too_few_answers", "no_answers" or "not_yet" (no answers, and the window has not closed)
        total : int – sum of the answers [scale points], or number of correct answers
        n_answered : int – answers that count; "I don't know" counts where answers are right or wrong
        n_agree : int – answers of 4 or 5, where the instrument declares agreement; else 0
        n_dont_know, n_declined, n_not_asked, n_not_applicable : int – by missing code; -6 to -9 are in no score
        score : float – mean of answered items, or the sum times its factor, or the number correct; missing
            where fewer items than declared were answered
        version : str – of the questionnaire that was answered; empty where none was

    Raises
    ------
    UsageError
        If the instrument is not known or has no score.
    """
    asked = instrument_named(pilot, instrument)
    if asked.method == "none":
        scored = [i.id for i in pilot.contract.instruments.values() if i.method != "none"]
        raise UsageError("no_score", choices=", ".join(scored))
    answer = _answers(pilot, asked)
    right = answer["value"] == answer["item"].map({i.id: i.correct for i in asked.items})
    counts = asked.method == "correct" or None
    substantive = ~answer["value"].str.startswith("-") & (answer["value"] != "dk")
    points = right.astype("int64") if counts else pd.to_numeric(answer["value"].where(substantive), errors="coerce").fillna(0)
    flags = pd.DataFrame(
        {
            "participant_id": answer["participant_id"],
            "wave": answer["wave"],
            "total": points.astype("int64"),
            "n_answered": substantive | answer["value"].isin(DONT_KNOW) if counts else substantive,
            "n_agree": substantive & (points >= asked.agree_from) if asked.agree_from else False,
            **{name: answer["value"].isin(codes) for name, codes in _MISSING.items()},
            "rows": True,
        }
    )
    sums = flags.groupby(["participant_id", "wave"], as_index=False).sum()
    windows = wave_windows(pilot)
    due = windows.loc[windows["wave"].isin(asked.waves), ["participant_id", "cohort_id", "wave", "closed"]]
    scores = due.merge(sums, on=["participant_id", "wave"], how="left")
    numbers = ["total", "n_answered", "n_agree", *_MISSING, "rows"]
    scores[numbers] = scores[numbers].fillna(0).astype("Int64")
    enough = (scores["n_answered"] >= asked.minimum_answered) & (scores["rows"] > 0)
    state = pd.Series("too_few_answers", index=scores.index, dtype="str").mask(enough, "scored")
    state = state.mask(scores["rows"] == 0, "no_answers").mask((scores["rows"] == 0) & ~scores["closed"], "not_yet")
    total = scores["total"].astype("Float64")
    value = total / scores["n_answered"].astype("Float64").replace(0, pd.NA) if asked.method == "mean" else total * asked.multiply
    scores = scores.assign(score=value.where(enough), state=state, instrument=pd.Series(asked.id, index=scores.index, dtype="str"))
    answered = versions_of(pilot, asked.id).drop_duplicates(["participant_id", "wave"]).drop(columns="cohort_id")
    scores = scores.merge(answered, on=["participant_id", "wave"], how="left").set_axis(scores.index)
    scores["version"] = scores["version"].fillna("").astype("str")
    return scores[["participant_id", "cohort_id", "instrument", "wave", "state", *numbers[:-1], "score", "version"]]


def exact_score(row: pd.Series, instrument: Instrument) -> Fraction:
    """Return a score as a fraction, so that equal changes are equal."""
    if instrument.method == "mean":
        return Fraction(int(row["total"]), int(row["n_answered"]))
    return Fraction(int(row["total"]) * instrument.multiply)


def score_summary(pilot: PilotData, instrument: str) -> pd.DataFrame:
    """How high people scored, wave by wave.

    Returns
    -------
    pandas.DataFrame, one row a cohort and wave
        numerator : int – people with a score
        denominator : int – people who answered, or whose window has closed
        n_missing : int – of those, people without a score
        value : float – median score [scale points]; missing without a score
        unit : str – "points"
        n_not_yet : int – people without answers whose window has not closed
        n_not_asked : int – people without answers whose window has closed
        versions : str – the versions of the questionnaire that were answered
    """
    scores = scale_scores(pilot, instrument)
    rows = []
    for cohort, wave, here in rows_by(pilot, scores, wave=instrument_named(pilot, instrument).waves):
        due = (here["state"] != "not_yet").sum()
        waits = {"n_not_yet": len(here) - due, "n_not_asked": (here["state"] == "no_answers").sum()}
        rows.append(median_row("score_summary", cohort, here["score"].dropna(), due, group=instrument, wave=wave, **waits))
    return _with_versions(pilot, measure_table(rows, "n_not_yet", "n_not_asked"), instrument)


def item_agreement(pilot: PilotData, instrument: str, *, start: str = "start", end: str | None = "exit") -> pd.DataFrame:
    """How many agree (4–5) with each statement before and after, among the same people.

    Parameters
    ----------
    start, end : str
        The two waves compared; with `end=None` everybody who answered in `start`.

    Returns
    -------
    pandas.DataFrame, one row a cohort, item and wave; columns as in `attendance_rate`
        group : str – item
        numerator : int – people who answered 4 or 5 in the wave
        denominator : int – people who answered the item in both waves
        n_missing : int – people of the cohort who did not, and no longer can in either wave
        n_not_yet : int – people of the cohort who did not, and still can in one of them
        versions : str – the versions of the questionnaire that were answered in the wave

    Raises
    ------
    UsageError
        If the instrument has no declared agreement, or is not asked in one of the waves.
    """
    asked = instrument_named(pilot, instrument)
    if asked.agree_from is None:
        agreeing = [i.id for i in pilot.contract.instruments.values() if i.agree_from]
        raise UsageError("no_agreement", choices=", ".join(agreeing))
    waves = [start] if end is None else [start, end]
    check_waves(asked, *waves)
    answer = _answers(pilot, asked)
    answer = answer[answer["wave"].isin(waves) & ~answer["value"].str.startswith("-")]
    answer = answer.assign(agrees=pd.to_numeric(answer["value"]) >= asked.agree_from)
    both = answer.groupby(["participant_id", "item"])["wave"].transform("nunique") == len(waves)
    answer = with_cohort(pilot, answer[both])
    sizes = cohort_sizes(pilot)
    open_for = _still_open(pilot, waves)
    rows = []
    for cohort, item, wave, here in rows_by(pilot, answer, item=[i.id for i in asked.items], wave=waves):
        waiting = int((~open_for[cohort].isin(here["participant_id"])).sum())
        missing = sizes[cohort] - len(here) - waiting
        rows.append(measure_row("item_agreement", cohort, here["agrees"].sum(), len(here), missing, group=item, wave=wave, n_not_yet=waiting))
    return _with_versions(pilot, measure_table(rows, "n_not_yet"), instrument)


def _still_open(pilot: PilotData, waves: Sequence[str]) -> dict[str, pd.Series]:
    """Return, for each cohort, the people who have not answered any questionnaire in one of the waves, and still can."""
    windows = wave_windows(pilot)
    windows = windows[windows["wave"].isin(waves) & ~windows["closed"]]
    answered = pilot["answer"][["participant_id", "wave"]].drop_duplicates().assign(answered=True)
    waiting = windows.merge(answered, on=["participant_id", "wave"], how="left")
    waiting = waiting[waiting["answered"].isna()].drop_duplicates("participant_id")
    return {cohort: here["participant_id"] for cohort, here in rows_by(pilot, waiting)}


def item_answers(pilot: PilotData, instrument: str, *, start: str = "start", end: str = "exit") -> pd.DataFrame:
    """What each person answered to each statement before and after.

    Returns
    -------
    pandas.DataFrame, one row a person and item
        participant_id, cohort_id, item : str
        before, after : int – the answers [scale points]; missing where there is none, or one that is not on the scale
        not_yet : bool – the person has not answered in one of the waves, and still can
        versions : str – the versions of the questionnaire that the person answered in the two waves

    Raises
    ------
    UsageError
        If the instrument's answers are not points of a scale, or it is not asked in one of the waves.
    """
    asked = instrument_named(pilot, instrument)
    check_choice("instrument", instrument, (i.id for i in pilot.contract.instruments.values() if i.method == "mean"))
    check_waves(asked, start, end)
    people = pilot["participant"][["participant_id", "cohort_id"]]
    rows = people.merge(pd.DataFrame({"item": pd.Series([i.id for i in asked.items], dtype="str")}), how="cross")
    answer = _answers(pilot, asked)
    answer = answer[~answer["value"].str.startswith("-")]
    points = answer[["participant_id", "item", "wave"]].assign(points=pd.to_numeric(answer["value"]).astype("Int64"))
    for name, wave in (("before", start), ("after", end)):
        here = points[points["wave"] == wave].drop(columns="wave").rename(columns={"points": name})
        rows = rows.merge(here, how="left", on=["participant_id", "item"])
    waiting = pd.concat(list(_still_open(pilot, (start, end)).values()) or [pd.Series(dtype="str")])
    answered = versions_of(pilot, instrument).loc[lambda v: v["wave"].isin([start, end])]
    used = {person: joined_versions(here) for person, here in answered.groupby("participant_id")["version"]}
    versions = pd.Series([used.get(person, "") for person in rows["participant_id"]], index=rows.index, dtype="str")
    return rows.assign(not_yet=rows["participant_id"].isin(waiting), versions=versions)


def knowledge_answers(pilot: PilotData, *, instrument: str = "rights_knowledge") -> pd.DataFrame:
    """How the true / false / don't-know questions were answered: right, wrong, and "I don't know" apart.

    Returns
    -------
    pandas.DataFrame, one row a kind of answer, cohort, wave and item; columns as in `attendance_rate`
        measure : str – "knowledge_correct", "knowledge_wrong" or "knowledge_dont_know"
        group : str – item
        numerator : int – people with that kind of answer
        denominator : int – people who answered the item; "I don't know" is an answer
        n_missing : int – people without an answer whose window has closed
        n_not_yet : int – people without an answer whose window has not closed
        versions : str – the versions of the questionnaire that were answered in the wave

    Raises
    ------
    UsageError
        If the instrument has no right answers.
    """
    asked = instrument_named(pilot, instrument)
    check_choice("instrument", instrument, (i.id for i in pilot.contract.instruments.values() if i.method == "correct"))
    answer = with_cohort(pilot, _answers(pilot, asked))
    unknown, right = answer["value"].isin(DONT_KNOW), answer["value"] == answer["item"].map({i.id: i.correct for i in asked.items})
    kind = pd.Series("wrong", index=answer.index, dtype="str").mask(right, "correct").mask(unknown, "dont_know")
    answered = answer.assign(kind=kind)[unknown | ~answer["value"].str.startswith("-")]
    closed = {wave: closed_by_person(pilot, wave) for wave in asked.waves}
    rows = []
    for cohort, wave, item, here in rows_by(pilot, answered, wave=asked.waves, item=[i.id for i in asked.items]):
        missing, waiting = unanswered(closed[wave][cohort], here["participant_id"])
        for kind in ("correct", "wrong", "dont_know"):
            n = (here["kind"] == kind).sum()
            rows.append(measure_row(f"knowledge_{kind}", cohort, n, len(here), missing, group=item, wave=wave, n_not_yet=waiting))
    return _with_versions(pilot, measure_table(rows, "n_not_yet"), instrument)
