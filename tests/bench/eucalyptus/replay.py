"""A cloud that answers at once: moto's recorded answer, with any number of instances.

usage: replay.py INSTANCES      prints its port, ends with its standard input
"""
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
import replaying  # noqa: E402

GOLDEN = Path(__file__).resolve().parents[2] / "clouds/eucalyptus/golden"
NO_ADDRESSES = ('<?xml version="1.0" encoding="utf-8"?>\n<DescribeAddressesResponse '
                'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>'
                "<addressesSet/></DescribeAddressesResponse>").encode()


class Instances:
    """The recorded reservation again and again, each with an id and a name of its own."""

    def __init__(self, count):
        # Amazon's namespace ends in a slash, moto's does not, and Libcloud looks.
        text = (GOLDEN / "instances.xml").read_text().replace('/2016-11-15"', '/2016-11-15/"', 1)
        self.head, rest = text.split("<reservationSet>", 1)
        item, self.tail = rest.rsplit("</reservationSet>", 1)
        recorded = re.search(r"<instanceId>(i-\w+)</instanceId>", item)[1]
        reservation = re.search(r"<reservationId>(r-\w+)</reservationId>", item)[1]
        self.items = [
            item.replace(recorded, f"i-{number:017x}").replace(reservation, f"r-{number:017x}")
            .replace("<value>recorded</value>", f"<value>node-{number}</value>")
            for number in range(count)]
        self.made = {}

    def page(self, start, limit):
        if (start, limit) not in self.made:
            end = start + limit if limit else len(self.items)
            following = f"<nextToken>{end}</nextToken>" if end < len(self.items) else ""
            items = "".join(self.items[start:end])
            text = f"{self.head}<reservationSet>{items}</reservationSet>{following}{self.tail}"
            self.made[start, limit] = text.encode()
        return self.made[start, limit]

    def answer(self, request):
        asked = request.form
        body = NO_ADDRESSES
        if asked.get("Action") == "DescribeInstances":
            body = self.page(int(asked.get("NextToken", 0)), int(asked.get("MaxResults", 0)))
        return 200, {"content-type": "text/xml;charset=UTF-8"}, body


if __name__ == "__main__":
    replaying.main(lambda _port, count: Instances(count).answer)
