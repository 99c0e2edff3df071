"""A walk through the control plane as a user of openstacksdk would take it."""
