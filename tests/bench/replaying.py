"""What the replays share: a server of HTTP that answers at once, so that the clients are measured
and the server is not."""

import asyncio
import sys
from urllib.parse import parse_qs, urlsplit


class Request:
    """What a client asks for."""

    def __init__(self, head, body):
        first, *lines = head.decode().splitlines()
        self.method, target, _ = first.split(" ")
        url = urlsplit(target)
        self.path, self.query = url.path.rstrip("/"), fields(url.query)
        self.headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
        self.body = body

    @property
    def form(self):
        """The fields of a form; of the query where there is no body."""
        return fields(self.body.decode()) if self.body else self.query


def fields(text):
    return {name: values[0] for name, values in parse_qs(text).items()}


async def serve(answer, reader, writer):
    """Answers one connection's requests: `answer` gives status, headers and body of each."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            request = Request(head, b"")
            request.body = await reader.readexactly(int(request.headers.get("content-length", 0)))
            status, headers, body = answer(request)
            told = {"content-length": len(body), **headers}
            lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in told.items())]
            body = b"" if request.method == "HEAD" else body
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def listen(make):
    # The port is known before the answers are, for some of them have it in their links.
    holder = []
    server = await asyncio.start_server(lambda *ends: serve(holder[0], *ends), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    holder.append(make(port, int(sys.argv[1])))
    print(port, flush=True)
    # Until whoever started it is gone.
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main(make):
    """Serves what `make`, given the port and how many nodes are wanted, answers."""
    asyncio.run(listen(make))
