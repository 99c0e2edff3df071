"""Version 1 of Cloud Block Storage, before version 3 of Cinder: names are called otherwise."""
OLD_TO_NEW = {'display_name': 'name', 'display_description': 'description'}
NEW_TO_OLD = {new: old for old, new in OLD_TO_NEW.items()}
KEYS = ('volume', 'volumes', 'snapshot', 'snapshots')


def to_new(body):
    return renamed(body, OLD_TO_NEW)


def to_old(body):
    return renamed(body, NEW_TO_OLD)


def renamed(body, names):
    if not isinstance(body, dict):
        return body
    return {key: things(value, names) if key in KEYS else value for key, value in body.items()}


def things(value, names):
    if isinstance(value, list):
        return [things(one, names) for one in value]
    if isinstance(value, dict):
        return {names.get(key, key): kept for key, kept in value.items()}
    return value


def query(text):
    return text.replace('display_name=', 'name=')
