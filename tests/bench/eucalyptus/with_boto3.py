"""Lists instances with boto3; see run."""
import os
import sys
from pathlib import Path

import boto3

sys.path.append(str(Path(__file__).resolve().parents[1]))
import listing

cloud = boto3.client(
    "ec2", region_name="us-east-1", endpoint_url=f"http://127.0.0.1:{os.environ['BENCH_PORT']}",
    aws_access_key_id="bench", aws_secret_access_key="secret")
pages = cloud.get_paginator("describe_instances")


def count():
    every = pages.paginate(PaginationConfig={"PageSize": 1000})
    return sum(len(reservation["Instances"]) for page in every for reservation in page["Reservations"])


listing.serve(count)
