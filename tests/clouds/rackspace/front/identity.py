"""Rackspace's identity service, version 2.0: logins, and the tokens that came of them."""
import secrets
import threading
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from . import accounts, upstream

# Rackspace writes when a token ends with the offset of its own time zone.
OFFSET = timezone(timedelta(hours=-6))
LIFE = timedelta(hours=24)


class Refused(Exception):
    """An answer that is no success: its status and its body."""

    def __init__(self, status, name, message):
        super().__init__(message)
        self.status = status
        self.body = {name: {'code': status, 'message': message}}


class Token(NamedTuple):
    account: accounts.Account
    keystone: str | None
    tenant: str


class Identity:
    """The tokens that were given and are still good."""

    def __init__(self):
        self.lock = threading.Lock()
        self.tokens = {}

    def login(self, body, base):
        auth = body.get('auth') if isinstance(body, dict) else None
        if not isinstance(auth, dict):
            raise Refused(400, 'badRequest', 'Invalid json request body')
        found = accounts.account_of(auth)
        if found is None:
            raise Refused(401, 'unauthorized',
                          'Unable to authenticate user with credentials provided.')
        account, by = found
        keystone, tenant = (None, '100001')
        if account.keystone:
            keystone, tenant = upstream.login(account.keystone)
        if auth.get('tenantId') not in (None, tenant):
            raise Refused(401, 'unauthorized',
                          f"Tenant with Name/Id: '{auth['tenantId']}' is not valid for User "
                          f"'{account.name}'")
        secret = 'AA' + secrets.token_urlsafe(48)
        with self.lock:
            self.tokens[secret] = Token(account, keystone, tenant)
        ends = (datetime.now(OFFSET) + LIFE).isoformat(timespec='milliseconds')
        return {'access': {
            'token': {'id': secret, 'expires': ends, 'tenant': {'id': tenant, 'name': tenant},
                      'RAX-AUTH:authenticatedBy': [by]},
            'user': {'id': '10049', 'name': account.name, 'roles': [],
                     'RAX-AUTH:defaultRegion': account.default_region},
            'serviceCatalog': accounts.catalog(account, base, tenant),
        }}

    def token(self, secret):
        with self.lock:
            token = self.tokens.get(secret)
        if token is None or token.keystone is None:
            raise Refused(401, 'unauthorized', 'No valid token provided. Please use the '
                                               "'X-Auth-Token' header with a valid token.")
        return token

    def forget_all(self):
        """Ends every token."""
        with self.lock:
            self.tokens.clear()
