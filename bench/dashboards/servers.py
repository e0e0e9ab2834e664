"""Servers of the programs: started on a free port, ended with all their children, weighed."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from programs import Program

LONGEST_START = 60.0


@contextmanager
def served(program: Program, workload: Path) -> Iterator[tuple[int, int]]:
    """Yield the port and the process of a server that answers; afterwards nothing of it runs.

    Raises
    ------
    TimeoutError
        If it does not answer within a minute, or ends; with the end of what it wrote.
    """
    port = free_port()
    log = workload.with_name(f"{program.name.replace(' ', '-')}.log")
    environment = os.environ | {"WORKLOAD": str(workload)} | program.environment
    with log.open("wb") as output:
        process = subprocess.Popen(
            program.command(port), cwd=program.folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            if not _answers(process, port):
                raise TimeoutError(f"{program.name} does not start: {log.read_text(encoding='utf-8', errors='replace')[-800:]}")
            yield port, process.pid
        finally:
            _end(process)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait for the port alone, so that the browser is the first to ask for a page."""
    end = time.monotonic() + LONGEST_START
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the group that the process leads, and whatever else descends from it."""
    descendants = tree(process.pid)
    for word in (signal.SIGTERM, signal.SIGKILL):
        for each in descendants:
            with suppress(ProcessLookupError):
                os.kill(each, word)
        with suppress(subprocess.TimeoutExpired):
            process.wait(3)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tree(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found = [root]
    for each in found:
        found += children.get(each, [])
    return found


def memory(root: int) -> float:
    """Return the proportional set size of a process and its descendants [MB]."""
    total = 0
    for each in tree(root):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000
