"""Who may log in, with what, and what the catalog then shows."""
import secrets
from typing import NamedTuple

REGIONS = ('DFW', 'ORD', 'IAD', 'LON')


class Account(NamedTuple):
    """A user of Rackspace, and the user of Keystone behind it."""
    name: str
    api_key: str
    password: str
    default_region: str
    # None: an account with servers of the first generation alone.
    keystone: str | None


def api_key():
    return secrets.token_hex(16)


ACCOUNTS = {account.name: account for account in (
    Account('demo', api_key(), 'secret', 'ORD', 'demo'),
    Account('legacy', api_key(), 'secret', 'DFW', None),
)}


def account_of(auth):
    """The account that a login is for, and by what; None if it is refused."""
    by_key = auth.get('RAX-KSKEY:apiKeyCredentials')
    by_password = auth.get('passwordCredentials')
    given = by_key or by_password or {}
    account = ACCOUNTS.get(given.get('username'))
    if account is None:
        return None
    secret, wanted = ((given.get('apiKey'), account.api_key) if by_key
                      else (given.get('password'), account.password))
    if not isinstance(secret, str) or not secrets.compare_digest(secret, wanted):
        return None
    return account, 'APIKEY' if by_key else 'PASSWORD'


def catalog(account, base, tenant):
    """The services of an account. Those with regions have one address in each."""
    first_generation = service('cloudServers', 'compute', [
        {'publicURL': f'{base}/first-generation/v1.0/{tenant}', 'tenantId': tenant}])
    files = regional('cloudFiles', 'object-store', f'{base}/{{region}}/files/v1/{tenant}', tenant)
    if account.keystone is None:
        return [first_generation, files]
    return [
        files,
        first_generation,
        regional('cloudServersPreprod', 'compute', f'{base}/{{region}}/preprod/v2/{tenant}', tenant),
        regional('cloudServersOpenStack', 'compute',
                 f'{base}/{{region}}/servers/v2/{tenant}', tenant),
        regional('cloudImages', 'image', f'{base}/{{region}}/images/v2', tenant),
        regional('cloudBlockStorage', 'volume', f'{base}/{{region}}/volumes/v1/{tenant}', tenant),
        # Nobody answers there: networks are asked for at cloudServersOpenStack.
        regional('cloudNetworks', 'network', f'{base}/{{region}}/networks/v2.0', tenant),
    ]


def service(name, kind, endpoints):
    return {'name': name, 'type': kind, 'endpoints': endpoints}


def regional(name, kind, address, tenant):
    return service(name, kind, [
        {'region': region, 'tenantId': tenant,
         'publicURL': address.format(region=region.lower()),
         'internalURL': address.format(region=region.lower())}
        for region in REGIONS])
