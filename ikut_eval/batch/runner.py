"""Executes notebooks and puts finished reports in place, one file at a time, the manifest last."""

import builtins
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ikut_eval import HOMES
from ikut_eval.batch.plan import Run, inputs_of, is_current, write_manifest
from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.atomic import storing, write_text
from ikut_eval.contract.errors import OURS, MachineError
from ikut_eval.contract.html import FOUND
from ikut_eval.kernels.process import fork_server, leave_out_address_grammar

CELL_SECONDS = 600
"""The time limit of a cell."""
DEAD, TOO_LONG = "DeadKernelError", "CellTimeoutError"
"""What ends a notebook whose cell raised nothing: the kernel has ended, or the cell took too long."""
_KERNEL = "python3"
_TRACEBACK = "Traceback (most recent call last)"
_SHOWN_LINE = re.compile(r"Cell In\[.*?-+> (\d+)", flags=re.DOTALL)
_TOLD_LINE = re.compile(r"ipykernel_\d+\W\d+\.py\", line (\d+)")
"""The line of the cell in a traceback as Jupyter shows it, and as Python writes it to stderr, which IPython does with groups of errors."""
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


def failed_path(report: Path) -> Path:
    """Return where the notebook of a report's latest run lies if it failed."""
    return report.with_suffix(".failed.ipynb")


def run_all(
    runs: Sequence[Run],
    runs_folder: Path,
    *,
    made_from: Mapping[str, str],
    told: Mapping[str, Any],
    plan: AnalysisPlan,
    jobs: int,
    force: bool = False,
    dry_run: bool = False,
) -> Iterator[RunResult]:
    """Execute the runs whose inputs have changed; yield each result as it comes.

    Parameters
    ----------
    made_from : mapping
        Hashes of the data and of what is due.
    told : mapping
        What else the manifests tell, and no run depends on.
    plan : AnalysisPlan
        The plan in force.

    A failed notebook does not stop the others, and leaves the last good report in place.
    """
    wanted = []
    for run in runs:
        report, inputs = report_path(run, runs_folder), inputs_of(run, made_from, plan.about)
        if not force and is_current(report.with_suffix(".json"), inputs):
            yield RunResult(run, "unchanged", report)
        elif dry_run:
            yield RunResult(run, "planned", report)
        else:
            wanted.append((run, report, inputs, told))
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
    with storing("assets"):
        write_assets(runs_folder / "assets")


def _run_one(run: Run, report: Path, inputs: Mapping[str, Any], told: Mapping[str, Any]) -> RunResult:
    with storing(run.name):
        return _execute(run, report, inputs, told)


def _execute(run: Run, report: Path, inputs: Mapping[str, Any], told: Mapping[str, Any]) -> RunResult:
    import nbformat
    from nbconvert.preprocessors import CoalesceStreamsPreprocessor

    from ikut_eval.batch.report import export_report

    started = time.monotonic()
    report.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    notebook = _prepared(run)
    seconds, stopped, problem = _execute_cells(notebook)
    executing = time.monotonic() - started
    notebook, _ = CoalesceStreamsPreprocessor().preprocess(notebook, {})  # type: ignore[no-untyped-call]
    cell, line, error = without_values(notebook, stopped=stopped if problem else None, problem=problem)
    failed = failed_path(report)
    if error:
        write_text(failed, nbformat.writes(notebook))  # type: ignore[no-untyped-call]
        return RunResult(run, "failed", report, cell, line, error, time.monotonic() - started)
    html = export_report(notebook, run)
    copy = report.with_suffix(".ipynb")
    write_text(copy, nbformat.writes(notebook))  # type: ignore[no-untyped-call]
    write_text(report, html)
    told = {**told, "findings": _findings(notebook)}
    parts = {"kernel_start_and_stop": executing - seconds, "cells": seconds, "export": time.monotonic() - started - executing}
    write_manifest(
        report.with_suffix(".json"),
        inputs,
        [copy, report],
        parts,
        datetime.now(UTC).isoformat(timespec="seconds"),
        told={**told, "findings": _findings(notebook)},
    )
    failed.unlink(missing_ok=True)
    return RunResult(run, "written", report, seconds=time.monotonic() - started)


def _findings(notebook: Any) -> list[str]:
    """Return what the first page of an executed notebook says, a finding a line; nothing where it has none."""
    each = (output.get("data", {}).get(FOUND) for cell in notebook.cells for output in cell.get("outputs", ()))
    return [str(words) for words in next(filter(None, each), ())]


def _prepared(run: Run) -> Any:
    """Return a run's notebook with its parameters and without outputs."""
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = parameterize_notebook(load_notebook_node(str(run.notebook.path.absolute())), dict(run.parameters), kernel_name=_KERNEL, language="python")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _execute_cells(notebook: Any) -> tuple[float, int | None, str]:
    """Execute a notebook in place; return the seconds of its cells, the index of the cell that was begun last, and what ended it before its time.

    papermill's engine is called on the notebook itself: what there is of it stays where the kernel ends, no file is written before
    and after each cell, and braces in a path mean nothing.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError
    from papermill.engines import NBClientEngine

    from ikut_eval.kernels.manager import KernelManager

    problem = ""

    def note(cell: Any, cell_index: int, execute_reply: Any) -> None:
        nonlocal problem
        problem = execute_reply["content"].get("ename", "")

    try:
        NBClientEngine.execute_notebook(
            notebook,
            _KERNEL,
            progress_bar=False,
            autosave_cell_every=0,
            execution_timeout=CELL_SECONDS,
            iopub_timeout=CELL_SECONDS,  # seconds in which all output must have come once a cell has ended
            raise_on_iopub_timeout=True,
            force_raise_errors=True,
            kernel_manager_class=KernelManager,
            shutdown_kernel="immediate",
            on_cell_error=note,
        )
    except NoSuchKernel as missing:
        raise MachineError("no_kernel") from missing
    except CellTimeoutError:
        problem = TOO_LONG
    except RuntimeError:  # the kernel has ended, or it did not start
        problem = DEAD
    told = [cell.metadata.get("papermill", {}) for cell in notebook.cells]
    begun = [index for index, cell in enumerate(told) if cell.get("start_time")]
    return sum(cell.get("duration") or 0 for cell in told), max(begun, default=None), problem


def without_values(notebook: Any, *, stopped: int | None = None, problem: str = "") -> tuple[int, int, str]:
    """Take every word of an error out of an executed notebook that could hold a participant's value.

    Only the words of our own errors stay; of another error its name, if a library gave it: a name made in
    the notebook could be a value. What a cell wrote to stderr goes where the cell failed or a traceback is among it.

    Parameters
    ----------
    stopped : int, optional
        Index of the cell at which the execution stopped.
    problem : str
        Name of what stopped it: it is all there is to tell where the kernel has ended, or told of the error on stderr alone.

    Returns
    -------
    tuple of int, int and str
        Number of the code cell that failed, as the evaluator's notebook counts it, the line in it, and the error.
    """
    place = (0, 0, _known(problem)) if problem else (0, 0, "")
    own = [n for n, c in enumerate(notebook.cells) if c.cell_type == "code" and "injected-parameters" not in c.metadata.get("tags", [])]
    for number, index in enumerate(own, start=1):
        cell = notebook.cells[index]
        errors = [output for output in cell.outputs if output.output_type == "error"]
        told = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
        if index == stopped and not errors:
            place = (number, _first(_TOLD_LINE, told), _known(problem))
            cell.outputs.append(_error_output(place[2]))
        for output in errors:
            line, said = _line_and_words(output)
            place = (number, line, said)
            output.update(_error_output(said))
        if errors or index == stopped or _TRACEBACK in told:
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return place


def _line_and_words(output: Any) -> tuple[int, str]:
    frames = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))
    if frames.startswith(f"{output.ename}{OURS}"):
        said, _, arrow = frames.partition("\n----> ")
        return int(arrow) if arrow.isdigit() else 0, said
    return _first(_SHOWN_LINE, frames), _known(output.ename)


def _first(pattern: re.Pattern[str], words: str) -> int:
    """Return the first number that a pattern finds; 0 where it finds none."""
    found = pattern.search(words)
    return int(found[1]) if found else 0


def _error_output(said: str) -> Any:
    from nbformat.v4 import new_output

    name, _, words = said.partition(OURS)
    return new_output("error", ename=name, evalue=words, traceback=[said])  # type: ignore[no-untyped-call]


def _known(name: str) -> str:
    from pandas import errors as pandas_errors

    return name if name in (DEAD, TOO_LONG) or hasattr(builtins, name) or hasattr(pandas_errors, name) else "Exception"
