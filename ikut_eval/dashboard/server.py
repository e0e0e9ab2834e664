"""The server of the dashboards: listens, tells its address once, and stops without leaving a kernel behind.

Only Voilà's renderer is used, and not its application: that one opens kernels, files and a contents service to viewers. Here a
viewer gets finished pages, and there is no address at which anything could be run.
"""

import asyncio
import errno
import signal
from collections.abc import Sequence
from pathlib import Path
from socket import gaierror, socket

import click
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from ikut_eval.contract.errors import IkutError, MachineError, NotAllowedError
from ikut_eval.contract.locale import text
from ikut_eval.dashboard.access import is_open_to_others, new_access
from ikut_eval.dashboard.edition import Settings
from ikut_eval.dashboard.events import say, silence_libraries
from ikut_eval.dashboard.handler import PageHandler
from ikut_eval.dashboard.showing import Showing
from ikut_eval.dashboard.source import Source
from ikut_eval.kernels.manager import remove_what_a_kill_left

PORT = 8866
_LARGEST_HEADER = 16_384
_IDLE_SECONDS = 60


def serve(folder: Path, settings: Settings, *, audience: str, ip: str = "127.0.0.1", port: int = PORT, host_names: Sequence[str] = ()) -> None:
    """Serve the dashboards of a bundle until the system or the user asks to stop.

    Parameters
    ----------
    folder : Path
        As in `Source`. It may come later.
    settings : Settings
    audience : {"internal", "public"}
    ip, port
        Where to listen; port 0 is any free one.
    host_names
        Names under which viewers reach us through a proxy.

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
    sockets = _listening(ip, port)
    silence_libraries()
    remove_what_a_kill_left()
    port = sockets[0].getsockname()[1]
    showing = Showing(Source(folder, audience), settings)
    said = {"showing": showing, "access": access, "audience": audience, "language": settings.language, "cookie": f"ikut-eval-{port}"}
    address = f"http://{f'[{ip}]' if ':' in ip else ip}:{port}/" + (f"?token={access.token}" if is_new else "")
    asyncio.run(_serve(sockets, Application([(r".*", PageHandler, said)], log_function=lambda _: None), showing, settings, address, is_open_to_others(ip)))


def _listening(ip: str, port: int) -> list[socket]:
    try:
        return bind_sockets(port, ip)
    except PermissionError as problem:
        raise NotAllowedError("port_not_allowed", port=port) from problem
    except OSError as problem:
        raise _no_socket(problem, ip, port) from problem


def _no_socket(problem: OSError, ip: str, port: int) -> IkutError:
    taken = problem.errno == errno.EADDRINUSE and not isinstance(problem, gaierror)
    return MachineError("port_taken", port=port) if taken else MachineError("no_such_address", ip=ip)


async def _serve(sockets: list[socket], application: Application, showing: Showing, settings: Settings, address: str, is_open: bool) -> None:
    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    server = HTTPServer(application, max_header_size=_LARGEST_HEADER, max_body_size=0, idle_connection_timeout=_IDLE_SECONDS)
    server.add_sockets(sockets)
    following = asyncio.create_task(showing.follow())
    click.echo(text("dashboard.address", settings.language, address=address))
    if is_open:
        say("open_to_network", settings.language)
    waiting = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([following, waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.stop()
        for task in (following, waiting):
            task.cancel()
        ended = await asyncio.gather(following, waiting, return_exceptions=True)
        await server.close_all_connections()
        say("stopped", settings.language)
    if isinstance(ended[0], Exception):
        raise ended[0]


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
