"""What readers of an internal bundle can choose: a follow-up."""

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.page import Control
from ikut_eval.present import tables

WAVES_AFTER = ("exit", "m3", "m6", "m12")
WAVES_TO_CHOOSE = ("m6", "exit", "m3", "m12")
"""The same as a reader chooses among them: six months first."""


def wave_control(language: str) -> Control:
    """Return the choice of a follow-up."""
    waves = tuple((wave, tables.code_label("wave", wave, language)) for wave in WAVES_TO_CHOOSE)
    return Control("wave", text("dash.control.wave", language), waves)
