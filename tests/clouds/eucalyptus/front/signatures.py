"""Whether a request is signed by somebody that is known, with keystoneclient's own signer."""

import calendar
import hashlib
import hmac
import time

from keystoneclient.contrib.ec2.utils import Ec2Signer

SKEW_SECONDS = 300


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def verify(request, keys):
    """Returns the version of the signature, or raises Refused."""
    if "SignatureVersion" in request.params:
        return _verify_v2(request, keys)
    return _verify_v4(request, keys)


def _verify_v2(request, keys):
    params = dict(request.params)
    given = params.pop("Signature", None)
    access = params.get("AWSAccessKeyId")
    if given is None or access is None:
        raise Refused(400, "MissingParameter", "Signature and AWSAccessKeyId are needed")
    secret = _secret(access, keys)
    at = params.get("Timestamp", "")
    _fresh(at.rstrip("Z").split(".")[0], "%Y-%m-%dT%H:%M:%S")
    _same(given, lambda host: Ec2Signer(secret).generate(_credentials(request, params, host)), request)
    return 2


def _verify_v4(request, keys):
    authorization = request.headers.get("Authorization", "")
    if not authorization.startswith("AWS4-HMAC-SHA256 "):
        raise Refused(401, "AuthFailure", "the request is not signed")
    fields = dict(part.strip().split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
    access, _, region, service, _ = fields["Credential"].split("/")
    secret = _secret(access, keys)
    if service != "ec2":
        raise Refused(401, "SignatureDoesNotMatch", "the scope is not of ec2")
    if request.regions and region not in request.regions:
        raise Refused(401, "SignatureDoesNotMatch", "Credential should be scoped to a valid region")
    _fresh(request.headers.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(request.body).hexdigest()
    if request.headers.get("X-Amz-Content-SHA256", digest) != digest:
        raise Refused(401, "SignatureDoesNotMatch", "the digest is not that of the body")
    params = {} if request.verb == "POST" else dict(request.params)
    _same(
        fields["Signature"],
        lambda host: Ec2Signer(secret).generate(_credentials(request, params, host)),
        request,
    )
    return 4


def _credentials(request, params, host):
    return {
        "params": dict(params),
        "verb": request.verb,
        "host": host,
        "path": request.signed_path,
        "headers": dict(request.headers, Host=host),
        "body_hash": hashlib.sha256(request.body).hexdigest(),
    }


def _secret(access, keys):
    if access not in keys:
        raise Refused(401, "AuthFailure" if not keys else "InvalidClientTokenId",
                      "The AWS Access Key Id you provided does not exist in our records.")
    return keys[access]


def _fresh(text, form):
    try:
        at = calendar.timegm(time.strptime(text, form))
    except ValueError:
        raise Refused(400, "MissingParameter", "the request has no time") from None
    if abs(time.time() - at) > SKEW_SECONDS:
        raise Refused(400, "RequestExpired", "Request has expired.")


def _same(given, expected, request):
    # boto 2 signs the host alone, everybody else with the port.
    hosts = [request.headers["Host"], request.headers["Host"].split(":")[0]]
    for host in hosts:
        if hmac.compare_digest(given.encode(), str(expected(host)).encode()):
            return
    raise Refused(
        401,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
    )
