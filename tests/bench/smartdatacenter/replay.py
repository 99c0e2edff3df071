"""A cloud that answers at once: recorded answers, with any number of machines. Who signs and how is
not looked at.

usage: replay.py MACHINES       prints its port, ends with its standard input
"""
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

GOLDEN = Path(__file__).resolve().parents[2] / "clouds/smartdatacenter/golden"
# As many as CloudAPI puts on a page.
PAGE = 1000


class Machines:
    """The recorded machine again and again, each with an id and a name of its own."""

    def __init__(self, count):
        (recorded,) = json.loads((GOLDEN / "machines.json").read_text())
        self.machines = [
            json.dumps(recorded | {"id": f"{number:08x}-5047-4855-9a11-7025c0d207d0",
                                   "name": f"node-{number}"})
            for number in range(count)]
        self.made = {}

    def page(self, start, limit):
        if (start, limit) not in self.made:
            self.made[start, limit] = f"[{','.join(self.machines[start:start + limit])}]".encode()
        return self.made[start, limit]


class Replay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    machines = None

    def answer(self):
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        name = url.path.rstrip("/").rsplit("/", 1)[1]
        headers = {}
        if name == "machines":
            start, limit = int(asked.get("offset", 0)), min(PAGE, int(asked.get("limit", PAGE)))
            body = self.machines.page(start, limit)
            # CloudAPI counts what is in the answer.
            count = len(self.machines.machines[start:start + limit])
            headers = {"x-query-limit": limit, "x-resource-count": count}
        else:
            file = GOLDEN / f"{name}.json"
            body = file.read_bytes() if file.exists() else b"[]"
        self.send_response(200)
        for header, value in headers.items():
            self.send_header(header, str(value))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_GET = do_HEAD = answer

    def log_message(self, *_):
        pass


def main():
    Replay.machines = Machines(int(sys.argv[1]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Replay)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Until whoever started it is gone.
    sys.stdin.read()


if __name__ == "__main__":
    main()
