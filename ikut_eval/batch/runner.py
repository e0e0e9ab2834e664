"""Executes notebooks and puts finished reports in place, one file at a time, the manifest last."""

import builtins
import logging
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ikut_eval import HOMES
from ikut_eval.batch.manifest import inputs_of, is_current, write_manifest
from ikut_eval.batch.plan import Run
from ikut_eval.contract.atomic import storing, write_text
from ikut_eval.contract.errors import OURS, MachineError
from ikut_eval.kernels.process import fork_server, leave_out_address_grammar

_CELL_SECONDS = 600
_PRELOADED = (
    "jinja2",
    "pandas",
    "pandera.accessors",
    "pandera.backends.pandas.builtin_checks",
    "pandera.backends.pandas.register",
    "plotly.graph_objs._bar",
    "plotly.graph_objs._figure",
    "plotly.graph_objs._heatmap",
    "plotly.graph_objs._layout",
    "plotly.graph_objs._scatter",
    "plotly.io._json",
    "plotly.io._templates",
    *(f"ikut_eval.{home}" for home in HOMES),
)
"""What notebooks import sooner or later. No data is read: the process that imports this is shared by all kernels."""


@dataclass(frozen=True)
class RunResult:
    """What became of a run: "written", "unchanged", "planned" or "failed".

    Of a failed one, the number of the cell that failed, from 1, the line in it, and the kind of error, without any value;
    0 where cell or line is not known.
    """

    run: Run
    state: str
    report: Path
    cell: int = 0
    line: int = 0
    error: str = ""
    seconds: float = 0.0


def report_path(run: Run, runs_folder: Path) -> Path:
    """Return where the report of a run lies."""
    return runs_folder / run.notebook.name / f"{run.label}.html"


def run_all(
    runs: Sequence[Run], runs_folder: Path, *, data_digest: str, plan_digest: str, jobs: int, force: bool = False, dry_run: bool = False
) -> Iterator[RunResult]:
    """Execute the runs whose inputs have changed; yield each result as it comes.

    A failed notebook does not stop the others, and leaves the last good report in place.
    """
    wanted = []
    for run in runs:
        report, inputs = report_path(run, runs_folder), inputs_of(run, data_digest, plan_digest)
        if not force and is_current(report.with_suffix(".json"), inputs):
            yield RunResult(run, "unchanged", report)
        elif dry_run:
            yield RunResult(run, "planned", report)
        else:
            wanted.append((run, report, inputs))
    if not wanted:
        return
    with ThreadPoolExecutor(max_workers=jobs) as pool, fork_server(_PRELOADED):
        _prepare(runs_folder)
        waiting = [pool.submit(_run_one, *each) for each in wanted]
        try:
            for done in as_completed(waiting):
                yield done.result()
        except BaseException as problem:  # after Ctrl-C, the kernels that run are killed with the fork server
            pool.shutdown(wait=isinstance(problem, Exception), cancel_futures=True)
            raise


def _prepare(runs_folder: Path) -> None:
    leave_out_address_grammar()
    from ikut_eval.batch.report import write_assets

    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    for folder in runs_folder.glob("*/.run-*"):
        if folder.stat().st_mtime < time.time() - 24 * 3600:
            shutil.rmtree(folder, ignore_errors=True)
    with storing("assets"):
        write_assets(runs_folder / "assets")


def _run_one(run: Run, report: Path, inputs: Mapping[str, Any]) -> RunResult:
    with storing(run.name):
        return _execute(run, report, inputs)


def _execute(run: Run, report: Path, inputs: Mapping[str, Any]) -> RunResult:
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    from ikut_eval.batch.report import export_report
    from ikut_eval.kernels.manager import KernelManager

    started = time.monotonic()
    report.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    failed = report.with_suffix(".failed.ipynb")
    with tempfile.TemporaryDirectory(dir=report.parent, prefix=".run-") as folder:
        executed = Path(folder) / "executed.ipynb"
        try:
            execute_notebook(
                run.notebook.path,
                executed,
                parameters=dict(run.parameters),
                kernel_name="python3",
                kernel_manager_class=KernelManager,
                progress_bar=False,
                execution_timeout=_CELL_SECONDS,
                autosave_cell_every=0,
                request_save_on_cell_execute=False,  # written once, at the end or at an error: writing it twice a cell took most of this process's time
                shutdown_kernel="immediate",
            )
        except NoSuchKernel as problem:
            raise MachineError("no_kernel") from problem
        except PapermillExecutionError:
            notebook = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
            cell, line, error = without_values(notebook)
            write_text(failed, nbformat.writes(notebook))  # type: ignore[no-untyped-call]
            return RunResult(run, "failed", report, cell, line, error, time.monotonic() - started)
        except (DeadKernelError, CellTimeoutError) as problem:
            return RunResult(run, "failed", report, error=type(problem).__name__, seconds=time.monotonic() - started)
        executing = time.monotonic() - started
        notebook = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    cells = sum(c.metadata.get("papermill", {}).get("duration") or 0 for c in notebook.cells)
    html = export_report(notebook, run)
    copy = report.with_suffix(".ipynb")
    write_text(copy, nbformat.writes(notebook))  # type: ignore[no-untyped-call]
    write_text(report, html)
    seconds = {"kernel_start_and_stop": executing - cells, "cells": cells, "export": time.monotonic() - started - executing}
    write_manifest(report.with_suffix(".json"), inputs, [copy, report], seconds, datetime.now(UTC).isoformat(timespec="seconds"))
    failed.unlink(missing_ok=True)
    return RunResult(run, "written", report, seconds=time.monotonic() - started)


def without_values(notebook: Any) -> tuple[int, int, str]:
    """Take every word of an error out of an executed notebook that could hold a participant's value.

    Only the words of our own errors stay; of another error its name, if a library gave it: a name made in
    the notebook could be a value.

    Returns
    -------
    tuple of int, int and str
        Number of the code cell that failed, as the evaluator's notebook counts it, the line in it, and the error.
    """
    place = (0, 0, "")
    own = [c for c in notebook.cells if c.cell_type == "code" and "injected-parameters" not in c.metadata.get("tags", [])]
    for number, cell in enumerate(own, start=1):
        for output in cell.get("outputs", []):
            if output.output_type != "error":
                continue
            frames = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))
            if frames.startswith(f"{output.ename}{OURS}"):
                said, _, arrow = frames.partition("\n----> ")
                line = int(arrow) if arrow.isdigit() else 0
            else:
                said = _known(output.ename)
                found = re.search(r"Cell In\[.*?-+> (\d+)", frames, flags=re.S)
                line = int(found[1]) if found else 0
            output.ename, _, output.evalue = said.partition(OURS)
            output.traceback = [said]
            place = (number, line, said)
    return place


def _known(name: str) -> str:
    from pandas import errors as pandas_errors

    return name if hasattr(builtins, name) or hasattr(pandas_errors, name) else "Exception"
