"""What the path of Eucalyptus does otherwise, as far as it is known from its documentation."""

import re

from signatures import Refused

ACTION = "DescribeInstanceTypes"

# Name, processors, megabytes of memory, gigabytes of disk.
TYPES = [
    ("t1.micro", 1, 256, 5),
    ("m1.small", 1, 256, 5),
    ("m1.medium", 1, 512, 10),
    ("c1.medium", 2, 512, 10),
    ("m1.large", 2, 512, 10),
    ("m1.xlarge", 2, 1024, 10),
    ("c1.xlarge", 2, 2048, 10),
    ("m2.xlarge", 2, 2048, 10),
    ("m3.xlarge", 4, 2048, 15),
    ("m2.2xlarge", 2, 4096, 30),
    ("m3.2xlarge", 4, 4096, 30),
    ("cc1.4xlarge", 8, 3072, 60),
    ("m2.4xlarge", 8, 4096, 60),
    ("hi1.4xlarge", 8, 6144, 120),
    ("cc2.8xlarge", 16, 6144, 120),
    ("cg1.4xlarge", 16, 12288, 200),
    ("cr1.8xlarge", 16, 16384, 240),
    ("hs1.8xlarge", 48, 119808, 24000),
]


def types():
    items = "".join(
        "<euca:item><euca:name>%s</euca:name><euca:cpu>%d</euca:cpu><euca:disk>%d</euca:disk>"
        "<euca:memory>%d</euca:memory><euca:availability/><euca:ephemeralDisk/></euca:item>"
        % (name, cpus, disk, memory)
        for name, cpus, memory, disk in TYPES
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><euca:DescribeInstanceTypesResponseType '
        'xmlns:euca="http://msgs.eucalyptus.com/3.4.1"><euca:requestId>5f2a</euca:requestId>'
        "<euca:_return>true</euca:_return><euca:instanceTypeDetails>"
        + items
        + "</euca:instanceTypeDetails></euca:DescribeInstanceTypesResponseType>"
    ).encode()


def take(params):
    """Changes the fields to what moto takes."""
    unknown = [name for name in ("MaxResults", "NextToken") if name in params]
    if unknown:
        raise Refused(400, "InvalidParameterValue",
                      "Failed to bind the following fields: " + ", ".join(unknown))
    for name in list(params):
        if name.startswith("TagSpecification."):
            del params[name]
        elif params[name].startswith("emi-"):
            params[name] = "ami-" + params[name][4:]


def give(body):
    """Changes an answer to what Eucalyptus gives."""
    text = body.decode()
    text = re.sub(r"<networkInterfaceSet>.*?</networkInterfaceSet>", "", text, flags=re.S)
    text = re.sub(r"\bami-(?=[0-9a-f])", "emi-", text)
    text = text.replace("http://ec2.amazonaws.com/doc/2016-11-15", "http://ec2.amazonaws.com/doc/2013-10-15/")
    return text.encode()
