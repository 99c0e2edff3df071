"""Lists instances with Apache Libcloud; see run."""
import os
import sys
from pathlib import Path

from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider

sys.path.append(str(Path(__file__).resolve().parents[1]))
import listing

cloud = get_driver(Provider.EC2)(
    "bench", "secret", region="us-east-1", secure=False, host="127.0.0.1",
    port=int(os.environ["BENCH_PORT"]), signature_version="4")

listing.serve(lambda: len(cloud.list_nodes()))
