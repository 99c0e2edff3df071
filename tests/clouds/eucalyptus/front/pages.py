"""Pages of lists, which moto gives whole."""

import base64
import xml.etree.ElementTree as xml

from signatures import Refused

# The element with the items, and the most and least of a page.
LISTS = {
    "DescribeInstances": ("reservationSet", "instancesSet/item/instanceId", 5, 1000),
    "DescribeVolumes": ("volumeSet", "volumeId", 5, 1000),
    "DescribeSnapshots": ("snapshotSet", "snapshotId", 5, 1000),
    "DescribeImages": ("imagesSet", "imageId", 1, 1000),
    "DescribeInstanceTypes": ("instanceTypeSet", "instanceType", 5, 100),
    "DescribeSecurityGroups": ("securityGroupInfo", "groupId", 5, 1000),
    "DescribeVpcs": ("vpcSet", "vpcId", 5, 1000),
    "DescribeSubnets": ("subnetSet", "subnetId", 5, 1000),
}


def asked(action, params):
    """Takes the page out of the fields; None if the whole list is wanted."""
    limit, token = params.pop("MaxResults", None), params.pop("NextToken", None)
    if limit is None and token is None:
        return None
    if action not in LISTS:
        raise Refused(400, "UnknownParameter", "The parameter MaxResults is not recognized")
    _, _, least, most = LISTS[action]
    if limit is not None and not least <= int(limit) <= most:
        raise Refused(400, "InvalidParameterValue",
                      f"Value ( {limit} ) for parameter maxResults is invalid. "
                      f"Expecting a value between {least} and {most}.")
    return int(limit or most), _after(action, token)


def _after(action, token):
    if token is None:
        return None
    try:
        name, after = base64.urlsafe_b64decode(token.encode()).decode().split(" ", 1)
    except ValueError:
        name, after = None, None
    if name != action:
        raise Refused(400, "InvalidParameterValue", "Unable to parse pagination token")
    return after


def cut(action, page, body):
    limit, after = page
    holder, key, _, _ = LISTS[action]
    root = xml.fromstring(body)
    space = root.tag[: root.tag.index("}") + 1]
    path = "/".join(space + part for part in key.split("/"))
    items = root.find(space + holder)
    rows = sorted(items, key=lambda item: item.findtext(path))
    rows = [item for item in rows if after is None or item.findtext(path) > after]
    for item in list(items):
        items.remove(item)
    items.extend(rows[:limit])
    if len(rows) > limit:
        last = rows[limit - 1].findtext(path)
        token = base64.urlsafe_b64encode(f"{action} {last}".encode()).decode()
        xml.SubElement(root, space + "nextToken").text = token
    xml.register_namespace("", space[1:-1])
    return xml.tostring(root, encoding="utf-8", xml_declaration=True)
