"""moto behind a front that verifies signatures and adds what moto lacks; see README.md."""

import argparse
import hashlib
import http.client
import json
import re
import socketserver
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import eucalyptus
import pages
from signatures import Refused, verify

# The region of moto that stands behind each path. One that a proxy changed on the way is signed as
# another.
PATHS = {
    "/": ("us-east-1", ["us-east-1"], "/"),
    "/services/compute": ("us-west-2", ["eucalyptus"], "/services/compute"),
    "/changed/by/a/proxy": ("us-west-2", ["eucalyptus"], "/services/compute"),
}
TAGGING = ("CreateTags", "DeleteTags")


class Request:
    def __init__(self, handler):
        self.verb = handler.command
        url = urllib.parse.urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        self.body = handler.rfile.read(length)
        self.headers = {}
        for name in handler.headers:
            proper = {"x-amz-date": "X-Amz-Date", "authorization": "Authorization", "host": "Host",
                      "x-amz-content-sha256": "X-Amz-Content-SHA256"}.get(name.lower(), name)
            self.headers[proper] = handler.headers[name]
        form = self.body.decode() if self.verb == "POST" else ""
        pairs = urllib.parse.parse_qsl(url.query or form, keep_blank_values=True)
        self.params = dict(pairs)
        self.path = url.path
        self.region, self.regions, self.signed_path = PATHS.get(url.path, (None, None, url.path))


class Cloud:
    """Moto, with the memory of client tokens that it lacks."""

    def __init__(self, port, keys):
        self.port, self.keys = port, keys
        self.tokens = {}
        self.types = {}
        self.lock = threading.Lock()
        self.local = threading.local()
        self.one_at_a_time = threading.Lock()

    def answer(self, request):
        """The status and the body of the answer."""
        if request.region is None:
            return 404, b"<html><body><h1>404 Not Found</h1></body></html>"
        verify(request, self.keys)
        params = {
            name: value for name, value in request.params.items()
            if name not in ("AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion",
                            "Timestamp", "SecurityToken")
        }
        action = params.get("Action", "")
        is_eucalyptus = request.path != "/"
        if is_eucalyptus:
            eucalyptus.take(params)
            if action == eucalyptus.ACTION:
                return 200, eucalyptus.types()
        page = pages.asked(action, params)
        self.find_tokens(request.region, params)
        if action in TAGGING:
            self.all_there(request.region, params)
        if action == "DescribeInstanceTypes":
            return self.instance_types(request.region, params, page)
        if action == "ModifyInstanceAttribute" and "InstanceType.Value" in params:
            self.known_type(request.region, params["InstanceType.Value"])
        if action == "AttachVolume":
            self.is_free(request.region, params.get("VolumeId", ""))
        if action == "RunInstances" and params.get("ClientToken"):
            status, body = self.run_once(request.region, params)
        else:
            status, body = self.moto(request.region, params)
        if page is not None and status == 200:
            body = pages.cut(action, page, body)
        return status, eucalyptus.give(body) if is_eucalyptus else body

    def find_tokens(self, region, params):
        """Moto knows no filter by client token."""
        for name, value in list(params.items()):
            if re.fullmatch(r"Filter\.\d+\.Name", name) and value == "client-token":
                prefix = name[: -len("Name")] + "Value.1"
                known = self.tokens.get((region, params[prefix]))
                params[name] = "instance-id"
                params[prefix] = known[1] if known else "i-0123456789abcdef0"

    def all_there(self, region, params):
        """Moto tags what is not there."""
        ids = [value for name, value in params.items()
               if name.startswith("ResourceId.") and value.startswith("i-")]
        if ids:
            found = {"Action": "DescribeInstances", "Version": "2016-11-15"}
            found.update({f"InstanceId.{n}": value for n, value in enumerate(ids, 1)})
            status, body = self.moto(region, found)
            if status != 200:
                raise Whole(status, body)

    def instance_types(self, region, params, page):
        """They never change, and moto takes a second to write them."""
        key = (region, page, tuple(sorted(params.items())))
        if key not in self.types:
            if page is None:
                self.types[key] = self.moto(region, params)
            else:
                status, body = self.instance_types(region, params, None)
                self.types[key] = status, pages.cut(params["Action"], page, body)
        return self.types[key]

    def known_type(self, region, name):
        """Moto gives an instance any type afterwards."""
        asked = {"Action": "DescribeInstanceTypes", "Version": "2016-11-15", "InstanceType.1": name}
        status, _ = self.instance_types(region, asked, None)
        if status != 200:
            raise Refused(400, "InvalidInstanceAttributeValue",
                          f"Invalid value '{name}' for InstanceType.")

    def is_free(self, region, volume):
        """Moto attaches a volume a second time."""
        asked = {"Action": "DescribeVolumes", "Version": "2016-11-15", "VolumeId.1": volume}
        status, body = self.moto(region, asked)
        if status == 200 and b"<status>in-use</status>" in body:
            raise Refused(400, "VolumeInUse", f"{volume} is already attached to an instance")

    def run_once(self, region, params):
        key = (region, params["ClientToken"])
        asked = hashlib.sha256(json.dumps(sorted(params.items())).encode()).hexdigest()
        with self.lock:
            if key not in self.tokens:
                status, body = self.moto(region, params)
                if status == 200:
                    found = re.search(rb"<instanceId>([^<]+)</instanceId>", body)
                    self.tokens[key] = (asked, found.group(1).decode())
                return status, body
        first, instance = self.tokens[key]
        if first != asked:
            raise Refused(400, "IdempotentParameterMismatch",
                          "The client token was used with other parameters.")
        status, body = self.moto(region, {
            "Action": "DescribeInstances", "Version": "2016-11-15", "InstanceId.1": instance,
        })
        if status == 200:
            inner = re.search(rb"<reservationSet><item>(.*)</item></reservationSet>", body, re.S)
            body = (b'<RunInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">'
                    + inner.group(1) + b"</RunInstancesResponse>")
        return status, body

    def moto(self, region, params):
        body = urllib.parse.urlencode(params)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "Host": f"ec2.{region}.amazonaws.com",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=front/20260101/{region}/ec2/aws4_request,"
                             " SignedHeaders=host, Signature=0",
        }
        # moto keeps its images and nodes in dictionaries that another thread may change under it.
        with self.one_at_a_time:
            return self.ask(body, headers)

    def ask(self, body, headers):
        for attempt in (1, 2):
            connection = getattr(self.local, "connection", None)
            fresh = connection is None
            if fresh:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
                self.local.connection = connection
            try:
                connection.request("POST", "/", body, headers)
                response = connection.getresponse()
                return response.status, response.read()
            except (http.client.HTTPException, OSError):
                self.local.connection = None
                # One that lay idle may have been closed meanwhile.
                if fresh or attempt == 2:
                    raise


class Whole(Exception):
    """An answer of moto to be handed on."""

    def __init__(self, status, body):
        super().__init__(status)
        self.status, self.body = status, body


def refusal(error):
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>%s</Code>'
        "<Message>%s</Message></Error></Errors><RequestID>ea966190-f9aa-478e-9ede-example"
        "</RequestID></Response>" % (error.code, error.message)
    ).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        try:
            status, body = self.server.cloud.answer(Request(self))
        except Refused as error:
            status, body = error.status, refusal(error)
        except Whole as error:
            status, body = error.status, error.body
        self.send_response(status)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, form, *args):
        pass


class Front(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    # The one of HTTPServer looks up the name of the host.
    server_bind = socketserver.TCPServer.server_bind


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--moto", type=int, required=True)
    parser.add_argument("--keys", required=True, help="a JSON file: secrets by access key id")
    arguments = parser.parse_args()
    with open(arguments.keys) as file:
        keys = json.load(file)
    cloud = Cloud(arguments.moto, keys)
    # Nobody shall wait for what takes moto seconds, and a busy machine half a minute.
    types = {"Action": "DescribeInstanceTypes", "Version": "2016-11-15"}
    cloud.instance_types("us-east-1", types, None)
    cloud.instance_types("us-east-1", types, (100, None))
    front = Front(("127.0.0.1", arguments.port), Handler)
    front.server_name, front.server_port = "127.0.0.1", arguments.port
    front.cloud = cloud
    front.serve_forever()


if __name__ == "__main__":
    main()
