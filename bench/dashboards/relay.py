"""A relay on the way between browser and server that counts bytes on the wire, websockets as they are packed too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass


@dataclass
class Count:
    """Bytes in both directions."""

    total: int = 0

    def taken(self) -> float:
        """Return what came since the last time [MB] and start again."""
        total, self.total = self.total, 0
        return total / 1e6


@asynccontextmanager
async def relayed(port: int) -> AsyncIterator[tuple[int, Count]]:
    """Yield a port that leads to `port`, and the count."""
    count = Count()

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(65536):
                count.total += len(piece)
                sink.write(piece)
                await sink.drain()
        sink.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, server_writer), pump(server_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], count
    finally:
        server.close()
