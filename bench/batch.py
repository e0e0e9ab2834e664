"""Where the time and memory of the batch go: cold, and when nothing has changed.

Run with `make bench`. Prints a table; machines are noisy, so compare only within one run.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median

import psutil

MAIN = "from ikut_eval.cli import main; main()"
COMMAND = [sys.executable, "-c", MAIN]
ORDINARY = [sys.executable, "-c", f"from ikut_eval.kernels import manager; manager.can_fork = lambda: False; {MAIN}"]
TIMES = 3


def measured(*words: object, command: Sequence[str] = COMMAND) -> tuple[float, float]:
    """Run the command; return seconds and the peak of the whole process tree's memory [MB, shared pages counted once]."""
    started = time.perf_counter()
    process = psutil.Popen([*command, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        total = 0
        for each in (process, *process.children(recursive=True)):
            try:
                total += each.memory_full_info().pss
            except psutil.Error:
                continue
        peak = max(peak, total)
        time.sleep(0.05)
    if process.returncode:
        sys.exit(f"{words[0]} ended with {process.returncode}")
    return time.perf_counter() - started, peak / 1e6


def parts(runs: Path) -> dict[str, float]:
    """Return the seconds of each part, summed over all finished runs."""
    total = {"kernel start and stop": 0.0, "imports, reading and checking": 0.0, "other cells": 0.0, "export": 0.0}
    for manifest in runs.glob("*/*.json"):
        seconds = json.loads(manifest.read_text(encoding="utf-8"))["seconds"]
        cells = json.loads(manifest.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
        timing = next(c for c in cells if "import ikut_eval" in "".join(c["source"]))["metadata"]["execution"]
        begun, ended = (datetime.fromisoformat(timing[name]) for name in ("iopub.execute_input", "shell.execute_reply"))
        reading = (ended - begun).total_seconds()
        total["kernel start and stop"] += seconds["kernel_start_and_stop"]
        total["imports, reading and checking"] += reading
        total["other cells"] += seconds["cells"] - reading
        total["export"] += seconds["export"]
    return total


def side_by_side(space: Path) -> None:
    """Print what forking the kernels from a server changes, as ratios to starting each, taken in turns."""
    words = ("run", "-w", space, "-n", "20_cohort_report", "--cohort", "C1", "--force")
    for jobs in (1, 2):
        pairs = [(measured(*words, "--jobs", jobs), measured(*words, "--jobs", jobs, command=ORDINARY)) for _ in range(TIMES)]
        seconds, memory = (median(forked[n] / ordinary[n] for forked, ordinary in pairs) for n in (0, 1))
        print(f"{f'forked / ordinary, 3 runs, {jobs} jobs':34}{seconds:9.2f}{memory:9.2f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        space = Path(folder) / "space"
        subprocess.run([*COMMAND, "init", space, "-r", "fi", "-r", "sv", "-r", "en"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*COMMAND, "synth", space / "data" / "pilot.xlsx"], check=True, stdout=subprocess.DEVNULL)
        print(f"{os.cpu_count()} cores; 7 notebooks in 3 languages: 21 runs")
        print(f"{'':34}{'seconds':>9}{'peak MB':>9}")
        for name, words in (("cold, 1 job", ("--jobs", 1)), ("cold, 2 jobs", ("--jobs", 2, "--force")), ("nothing changed", ())):
            seconds, peak = measured("run", "-w", space, *words)
            print(f"{name:34}{seconds:9.2f}{peak:9.0f}")
            if words and words[1] == 1:
                for part, spent in parts(space / "runs").items():
                    print(f"  {part:32}{spent:9.2f}")
        side_by_side(space)


if __name__ == "__main__":
    main()
