"""Rackspace's doors before a plain OpenStack: identity, networks, block storage."""
