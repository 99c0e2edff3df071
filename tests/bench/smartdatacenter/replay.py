"""A cloud that answers at once: recorded answers, with any number of machines. Who signs and how is
not looked at.

usage: replay.py MACHINES       prints its port, ends with its standard input
"""
import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
import replaying  # noqa: E402

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

    def answer(self, request):
        name = request.path.rsplit("/", 1)[1]
        headers = {"content-type": "application/json"}
        if name == "machines":
            start = int(request.query.get("offset", 0))
            limit = min(PAGE, int(request.query.get("limit", PAGE)))
            # CloudAPI counts what is in the answer.
            count = len(self.machines[start:start + limit])
            counted = {"x-query-limit": limit, "x-resource-count": count}
            return 200, headers | counted, self.page(start, limit)
        file = GOLDEN / f"{name}.json"
        return 200, headers, file.read_bytes() if file.exists() else b"[]"


if __name__ == "__main__":
    replaying.main(lambda _port, count: Machines(count).answer)
