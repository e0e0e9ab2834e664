"""When each person is due to be asked, and whether that time has come."""

import pandas as pd

from ikut_eval.data.pilot import PilotData

FOLLOW_UPS = ("exit", "m3", "m6", "m12")


def wave_windows(pilot: PilotData, *, on: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return the window of each person and wave.

    Parameters
    ----------
    on : pandas.Timestamp, optional
        The day to judge by; the data date when left out.

    Returns
    -------
    pandas.DataFrame, one row a person and wave
        participant_id, cohort_id, wave : str
        opens, closes : date – missing where the day they are counted from is not known yet
        not_yet : bool – the window has not opened, as far as the data tells
        closed : bool – the window is over
    """
    person = pilot["participant"]
    today = on if on is not None else pd.Timestamp(pilot.data_date) if pilot.data_date else pd.NaT
    frames = []
    for wave, rule in pilot.contract.code_lists["wave"].attributes.items():
        anchor = "start" if "day_from_start_min" in rule else "exit"
        low, high = (pd.Timedelta(days=int(rule[f"day_from_{anchor}_{end}"])) for end in ("min", "max"))
        opens, closes = person[f"{anchor}_date"] + low, person[f"{anchor}_date"] + high
        frames.append(
            pd.DataFrame(
                {
                    "participant_id": person["participant_id"],
                    "cohort_id": person["cohort_id"],
                    "wave": wave,
                    "opens": opens,
                    "closes": closes,
                    "not_yet": ~(opens <= today),
                    "closed": closes < today,
                }
            )
        )
    return pd.concat(frames, ignore_index=True).astype({"wave": "str"})
