"""What boto3, or Apache Libcloud, sees of the cloud: the nodes that are there, as JSON."""

import json
import os
import sys

STATES = {"pending": "pending", "running": "running", "stopping": "stopping", "stopped": "stopped"}


def by_boto3(port):
    import boto3

    client = boto3.client(
        "ec2",
        endpoint_url=f"http://127.0.0.1:{port}/",
        region_name="us-east-1",
        aws_access_key_id=os.environ["CLOUDFARM_EC2_ACCESS_KEY"],
        aws_secret_access_key=os.environ["CLOUDFARM_EC2_SECRET_KEY"],
    )
    pages = client.get_paginator("describe_instances").paginate()
    for page in pages:
        for reservation in page["Reservations"]:
            for instance in reservation["Instances"]:
                tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
                ips = [instance.get("PublicIpAddress"), instance.get("PrivateIpAddress")]
                yield (instance["InstanceId"], tags.get("Name"), instance["State"]["Name"],
                       instance["InstanceType"], ips)


def by_libcloud(port):
    from libcloud.compute.drivers.ec2 import EucNodeDriver

    driver = EucNodeDriver(
        os.environ["CLOUDFARM_EC2_ACCESS_KEY"],
        os.environ["CLOUDFARM_EC2_SECRET_KEY"],
        secure=False, host="127.0.0.1", port=int(port), path="/services/compute",
        api_version="3.4.1",
    )
    # The elements are looked for in one namespace, whatever the answer has.
    import libcloud.compute.drivers.ec2 as ec2

    ec2.NAMESPACE = "http://ec2.amazonaws.com/doc/2013-10-15/"
    for node in driver.list_nodes():
        state = node.extra["status"]
        ips = node.public_ips + node.private_ips
        yield node.id, node.name, state, node.extra["instance_type"], ips


def main():
    see = {"boto3": by_boto3, "libcloud": by_libcloud}[sys.argv[1]]
    nodes = [
        {"id": id, "name": name, "state": state, "size": size,
         "ips": sorted({ip for ip in ips if ip})}
        for id, name, state, size, ips in see(os.environ["CLOUDFARM_EC2_PORT"])
        if state in STATES
    ]
    print(json.dumps(sorted(nodes, key=lambda node: node["id"])))


if __name__ == "__main__":
    main()
