"""The server of the dashboards: listens when the pages are ready, prints its address once, and stops without leaving a kernel behind.

Only Voilà's renderer is used, and not its application: that one opens kernels, files and a contents service to viewers. Here a
viewer gets finished pages, and there is no address at which anything could be run.
"""

import asyncio
import errno
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import AI_PASSIVE, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, gaierror, getaddrinfo, socket

import click
from tornado.httpserver import HTTPServer
from tornado.web import Application

from ikut_eval.contract.errors import MachineError, NotAllowedError
from ikut_eval.contract.locale import text
from ikut_eval.dashboard.access import is_open_to_others, new_access
from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.current_pages import CurrentPages, Settings
from ikut_eval.dashboard.events import log_event, silence_libraries
from ikut_eval.dashboard.handler import PageHandler
from ikut_eval.dashboard.rendering import page_fork_server


def serve(folder: Path, settings: Settings, *, audience: str, port: int, ip: str = "127.0.0.1", host_names: Sequence[str] = ()) -> None:
    """Serve the dashboards of a bundle, which may come later, until the system or the user asks to stop.

    Port 0 is any free one; viewers reach us through a proxy under `host_names`.

    Raises
    ------
    MachineError
        If the port is taken or the address is not this machine's.
    NotAllowedError
        If the system refuses the port.
    ConfigurationError
        If the token in the environment is too short.
    """
    access, is_new = new_access(ip=ip, host_names=host_names)
    silence_libraries()
    with page_fork_server(), _bound(ip, port) as bound:
        port = bound.getsockname()[1]
        pages = CurrentPages(BundleSource(folder, audience), settings)
        said = {"pages": pages, "access": access, "audience": audience, "language": settings.language, "cookie": f"ikut-eval-{port}"}
        server = HTTPServer(
            Application([(r".*", PageHandler, said)], log_function=lambda _: None),
            max_header_size=16_384,
            max_body_size=0,
            idle_connection_timeout=60,
        )
        address = f"http://{f'[{ip}]' if ':' in ip else ip}:{port}/" + (f"?token={access.token}" if is_new else "")

        def open_doors() -> None:
            with _listening_errors(ip, port):
                bound.listen(128)
            server.add_sockets([bound])
            click.echo(text("dashboard.address", settings.language, address=address))
            if is_open_to_others(ip):
                log_event("open_to_network", settings.language)

        asyncio.run(_serve(server, open_doors, pages, settings))


@contextmanager
def _listening_errors(ip: str, port: int) -> Iterator[None]:
    """Give the errors of the system while an address is taken or opened as ours."""
    try:
        yield
    except PermissionError as problem:
        raise NotAllowedError("port_not_allowed", port=port) from problem
    except OSError as problem:
        taken = problem.errno == errno.EADDRINUSE and not isinstance(problem, gaierror)
        raise (MachineError("port_taken", port=port) if taken else MachineError("no_such_address", ip=ip)) from problem


def _bound(ip: str, port: int) -> socket:
    """Return a socket at the address: the port is ours from now on, and is opened when there is something to show."""
    with _listening_errors(ip, port):
        family, kind, protocol, _, address = getaddrinfo(ip or None, port, type=SOCK_STREAM, flags=AI_PASSIVE)[0]
        bound = socket(family, kind, protocol)
        if os.name == "posix":
            bound.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        bound.setblocking(False)
        bound.bind(address)
        return bound


async def _serve(server: HTTPServer, open_doors: Callable[[], None], pages: CurrentPages, settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
    following, waiting, settled = (asyncio.create_task(each) for each in (pages.follow(), stopping.wait(), pages.settled.wait()))
    try:
        await asyncio.wait([following, waiting, settled], timeout=settings.start_seconds, return_when=asyncio.FIRST_COMPLETED)
        if not (following.done() or waiting.done()):
            open_doors()
            await asyncio.wait([following, waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.stop()
        for task in (following, waiting, settled):
            task.cancel()
        ended = await asyncio.gather(following, waiting, settled, return_exceptions=True)
        await server.close_all_connections()
        log_event("stopped", settings.language)
    if isinstance(ended[0], Exception):
        raise ended[0]
