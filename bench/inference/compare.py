"""Time, exactness and failures of the exact tests against scipy, statsmodels and R, on the same data in one run.

Run with `make bench`. A cell is the median time of a call [ms] and a mark: "=" within 1e-9 of the true answer,
"~" within 10 %, "x" farther off, "?" no truth known; or "error", "none" (no such interval), "time-out" (60 s).
The truth is counted by a route of its own (`truth.py`); for more people, what two programs agree on.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from math import isclose
from pathlib import Path
from shutil import which
from statistics import median

from data import SIZES, answers
from programs import OURS, PROGRAMS, Call, Data, absent
from truth import Answer, truth

from ikut_eval.contract.errors import UsageError

LONGEST = 60.0
NEAR = ("auto", "asymptotic", "fisher_exact", "StratifiedTable")
"""What does not claim to be exact, and so is no witness of the truth."""
Cell = tuple[float, Answer] | str


def timed(call: Call, data: Data) -> Cell:
    """Return the median time [ms] and the answer, in a process of its own that is ended after a minute."""
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_measure, args=(call, data, there))
    process.start()
    found: Cell = here.recv() if here.poll(LONGEST) else "time-out"
    process.kill()
    process.join()
    return found


def _measure(call: Call, data: Data, pipe: object) -> None:
    warnings.simplefilter("ignore")
    times: list[float] = []
    try:
        while len(times) < 3 or (sum(times) < 0.2 and len(times) < 200):
            started = time.perf_counter()
            answer = call(data)
            times.append(time.perf_counter() - started)
            if times[0] > 1:
                break
        found: Cell = (1000 * median(times), answer)
    except UsageError as refusal:
        found = "none" if refusal.key == "level_not_attainable" else "refused"
    except Exception:
        found = "error"
    pipe.send(found)  # type: ignore[attr-defined]


def in_r(data: dict[int, Data]) -> Iterator[tuple[str, ...]]:
    """Yield size, question, program and result of what R was asked."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.tsv"
        path.write_text("".join(f"{n}\t{name}\t{','.join(map(str, flat(values)))}\n" for n, d in data.items() for name, values in for_r(d)), encoding="utf-8")
        words = ["Rscript", "--vanilla", Path(__file__).with_name("peers.R"), path, str(LONGEST)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8") as process:
            for line in process.stdout or ():
                yield tuple(line.rstrip("\n").split("\t"))


def for_r(data: Data) -> Iterator[tuple[str, object]]:
    for name, values in data.items():
        if name == "odds":
            yield name, [table for table in values if all(map(sum, table))]
        elif name == "table":
            yield name, [row for row in values if sum(row)]
        else:
            yield name, values


def flat(values: object) -> Iterator[float]:
    if isinstance(values, list):
        for value in values:
            yield from flat(value)
    else:
        yield float(values)  # type: ignore[arg-type]


def close(found: Answer, true: Answer, share: float) -> bool:
    ends = zip(found if isinstance(found, tuple) else (found,), true if isinstance(true, tuple) else (true,), strict=True)
    return all(isclose(a, b, rel_tol=share, abs_tol=share if isinstance(true, tuple) else 0) for a, b in ends)


def agreed(answers: list[Answer]) -> Answer | None:
    """Return what two programs say, if two say the same."""
    return next((a for n, a in enumerate(answers) if any(close(b, a, 1e-9) for b in answers[n + 1 :])), None)


def shown(cell: Cell | None, true: Answer | None) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    spent, answer = cell
    mark = "?" if true is None else "=" if close(answer, true, 1e-9) else "~" if close(answer, true, 0.1) else "x"
    return f"{spent:.3g} {mark}" if spent < 1000 else f"{spent:,.0f} {mark}"


def main() -> None:
    missing = absent()
    data = {n: answers(n) for n in SIZES}
    cells: dict[tuple[str, str, int], Cell] = {}
    for question, programs in PROGRAMS.items():
        for program, call in programs.items():
            for n in SIZES:
                cells[question, program, n] = timed(call, data[n])
                if cells[question, program, n] == "time-out":
                    break
    if which("Rscript"):
        for n, name, *result in in_r(data):
            if n == "absent":
                missing += [each for each in name.split(", ") if each]
                continue
            question, program = name.split("|")
            PROGRAMS[question].setdefault(program, PROGRAMS[question][OURS])
            cells[question, program, int(n)] = result[0] if len(result) == 1 else (float(result[0]), answer_of(result[1]))
    else:
        missing += ["R"]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; absent: {', '.join(missing) or 'nothing'}; ms a call")
    print("| people | " + " | ".join(map(str, SIZES)) + " |\n| --- |" + " ---: |" * len(SIZES))
    for question, programs in PROGRAMS.items():
        print(f"| **{question}** |" + " |" * len(SIZES))
        known = {n: truth(question, data[n]) for n in SIZES}
        for n in SIZES:
            found = [cell[1] for p in programs if not p.endswith(NEAR) and isinstance(cell := cells.get((question, p, n)), tuple)]
            known[n] = known[n] if known[n] is not None else agreed(found)
        for program in programs:
            print(f"| {program} | " + " | ".join(shown(cells.get((question, program, n)), known[n]) for n in SIZES) + " |")


def answer_of(words: str) -> Answer:
    values = tuple(float("nan") if w.strip() in ("NA", "NaN") else float(w) for w in words.split(","))
    return values if len(values) == 2 else values[0]  # type: ignore[return-value]


if __name__ == "__main__":
    main()
