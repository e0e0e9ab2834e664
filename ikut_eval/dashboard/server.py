"""The server of the dashboards: prints its address once, when there are pages to show, and stops without leaving a kernel behind.

Only Voilà's renderer is used, and not its application: that one opens kernels, files and a contents service to viewers. Here a
viewer gets finished pages, and there is no address at which anything could be run.
"""

import asyncio
import errno
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import gaierror, socket

import click
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from ikut_eval.contract.errors import MachineError, NotAllowedError
from ikut_eval.contract.locale import text
from ikut_eval.dashboard.bundle_source import BundleSource
from ikut_eval.dashboard.current_pages import CurrentPages, log_event
from ikut_eval.dashboard.handler import Access, PageHandler, is_open_to_others, new_access
from ikut_eval.dashboard.rendering import page_kernels
from ikut_eval.dashboard.site import Settings

_STOPPING = (signal.SIGTERM, signal.SIGINT)


def serve(source: BundleSource, settings: Settings, *, port: int, ip: str = "127.0.0.1", host_names: Sequence[str] = ()) -> None:
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
    sockets = listening_sockets(ip, port)
    host = f"[{ip}]" if ":" in ip else ip
    address = f"http://{host}:{sockets[0].getsockname()[1]}/" + (f"?token={access.token}" if is_new else "")

    def tell_address() -> None:
        click.echo(text("dashboard.address", settings.language, address=address))
        if is_open_to_others(ip):
            log_event("open_to_network", settings.language)

    async def answer_until_told() -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()

        def stop(*_: object) -> None:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_IGN)  # told once is enough
            if task:
                loop.call_soon_threadsafe(task.cancel)

        for number in _STOPPING:
            signal.signal(number, stop)
        await answer(sockets, CurrentPages(source, settings), access, settled=tell_address)

    with page_kernels(), suppress(asyncio.CancelledError):
        asyncio.run(answer_until_told())


def listening_sockets(ip: str, port: int) -> list[socket]:
    """Return sockets that listen at an address; errors are those of `serve`."""
    try:
        return bind_sockets(port, ip)
    except PermissionError as problem:
        raise NotAllowedError("port_not_allowed", port=port) from problem
    except OSError as problem:
        taken = problem.errno == errno.EADDRINUSE and not isinstance(problem, gaierror)
        raise (MachineError("port_taken", port=port) if taken else MachineError("no_such_address", ip=ip)) from problem


async def answer(sockets: Sequence[socket], pages: CurrentPages, access: Access, *, settled: Callable[[], None]) -> None:
    """Answer requests and renew the pages, within `page_kernels`, until cancelled; call `settled` when there are pages, or a reason why not."""
    said = {"pages": pages, "access": access, "cookie": f"ikut-eval-{sockets[0].getsockname()[1]}"}
    server = HTTPServer(
        Application([(r".*", PageHandler, said)], log_function=lambda _: None),
        max_header_size=16_384,
        max_body_size=0,
        idle_connection_timeout=60,
    )
    server.add_sockets(sockets)
    following = asyncio.create_task(pages.follow())
    try:
        await pages.settled(pages.settings.start_seconds)
        settled()
        await following  # it ends by a defect of ours alone
    finally:
        server.stop()
        following.cancel()
        await asyncio.wait([following])
        await server.close_all_connections()
        log_event("stopped", pages.settings.language)
