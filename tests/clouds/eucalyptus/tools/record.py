"""Records what moto answers to every call of the driver that reads, in golden/: for tests, fuzzers
and the benchmark. Needs the server that up starts.

usage: record.py PORT     the port of moto itself, CLOUDFARM_EC2_MOTO_PORT
"""

import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import boto3

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
ZONE = "us-east-1a"
TAGS = [{"Key": "Name", "Value": "recorded"}, {"Key": "role", "Value": "web & <db>"}]


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def client(port):
    return boto3.client("ec2", region_name="us-east-1", endpoint_url=f"http://127.0.0.1:{port}",
                        aws_access_key_id="recorder", aws_secret_access_key="recorder")


def make(ec2):
    """One of everything; gives what takes it away again, in order."""
    image = ec2.describe_images(Filters=[{"Name": "name", "Values": ["amzn-ami-hvm-*-gp2"]}])["Images"][0]
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.1.0/24", AvailabilityZone=ZONE,
                               TagSpecifications=tagged("subnet"))["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="recorded", Description="recorded", VpcId=vpc,
                                      TagSpecifications=tagged("security-group"))["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
         "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "inside"}]},
        {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}])
    ec2.create_key_pair(KeyName="recorded")
    node = ec2.run_instances(
        ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1,
        KeyName="recorded", SubnetId=subnet, SecurityGroupIds=[group], ClientToken="recorded",
        TagSpecifications=tagged("instance"))["Instances"][0]["InstanceId"]
    volume = ec2.create_volume(AvailabilityZone=ZONE, Size=1,
                               TagSpecifications=tagged("volume"))["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=node, Device="/dev/sdf")
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="recorded",
                                   TagSpecifications=tagged("snapshot"))["SnapshotId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, InstanceId=node)
    ids = {"vpc": vpc, "subnet": subnet, "group": group, "node": node, "volume": volume,
           "snapshot": snapshot, "address": address, "image": image["ImageId"]}
    return ids


def unmake(ec2, ids):
    ec2.terminate_instances(InstanceIds=[ids["node"]])
    ec2.release_address(AllocationId=ids["address"])
    ec2.delete_snapshot(SnapshotId=ids["snapshot"])
    ec2.delete_volume(VolumeId=ids["volume"])
    ec2.delete_key_pair(KeyName="recorded")
    ec2.delete_security_group(GroupId=ids["group"])
    ec2.delete_subnet(SubnetId=ids["subnet"])
    ec2.delete_vpc(VpcId=ids["vpc"])


def calls(ids):
    return {
        "instances": {"Action": "DescribeInstances", "InstanceId.1": ids["node"]},
        "images": {"Action": "DescribeImages", "ImageId.1": ids["image"]},
        "types": {"Action": "DescribeInstanceTypes", "InstanceType.1": "t3.micro",
                  "InstanceType.2": "m5.large"},
        "zones": {"Action": "DescribeAvailabilityZones"},
        "key-pairs": {"Action": "DescribeKeyPairs", "KeyName.1": "recorded"},
        "volumes": {"Action": "DescribeVolumes", "VolumeId.1": ids["volume"]},
        "snapshots": {"Action": "DescribeSnapshots", "SnapshotId.1": ids["snapshot"]},
        "vpcs": {"Action": "DescribeVpcs", "VpcId.1": ids["vpc"]},
        "subnets": {"Action": "DescribeSubnets", "SubnetId.1": ids["subnet"]},
        "groups": {"Action": "DescribeSecurityGroups", "GroupId.1": ids["group"]},
        "addresses": {"Action": "DescribeAddresses", "AllocationId.1": ids["address"]},
        "console": {"Action": "GetConsoleOutput", "InstanceId": ids["node"]},
        "attributes": {"Action": "DescribeAccountAttributes"},
        "refusal": {"Action": "DescribeInstances", "InstanceId.1": "i-00000000000000000"},
        "stopped": {"Action": "StopInstances", "InstanceId.1": ids["node"]},
    }


def ask(port, fields):
    body = urllib.parse.urlencode(fields | {"Version": "2016-11-15"}).encode()
    scope = "AWS4-HMAC-SHA256 Credential=up/20260101/us-east-1/ec2/aws4_request"
    headers = {"Authorization": f"{scope}, SignedHeaders=host, Signature=0",
               "Host": "ec2.us-east-1.amazonaws.com"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", body, headers)
    try:
        return urllib.request.urlopen(request, timeout=120).read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def main():
    port = sys.argv[1]
    ec2 = client(port)
    ids = make(ec2)
    GOLDEN.mkdir(exist_ok=True)
    for name, fields in calls(ids).items():
        text = re.sub(r">\s+<", ">\n<", ask(port, fields).strip())
        (GOLDEN / f"{name}.xml").write_text(text + "\n")
    unmake(ec2, ids)


if __name__ == "__main__":
    main()
