"""A report as PDF, printed by the system's Chromium."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ikut_eval.contract.atomic import written_atomically
from ikut_eval.contract.errors import MachineError

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 120


def find_browser() -> str | None:
    """Return the path of a Chromium-like browser: IKUT_EVAL_BROWSER, else the first one found."""
    named = os.environ.get("IKUT_EVAL_BROWSER")
    return named or next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def print_pdf(report: Path) -> Path:
    """Write a PDF beside an HTML report and return its path.

    Raises
    ------
    MachineError
        If there is no browser, or it fails.
    """
    browser = find_browser()
    if browser is None:
        raise MachineError("no_browser")
    target = report.with_suffix(".pdf")
    with written_atomically(target) as temporary, tempfile.TemporaryDirectory() as profile:
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            "--virtual-time-budget=10000",
            f"--print-to-pdf={temporary}",
            report.absolute().as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError) as problem:
            raise MachineError("browser_failed", file=target.name) from problem
        if temporary.stat().st_size == 0:
            raise MachineError("browser_failed", file=target.name)
    return target
