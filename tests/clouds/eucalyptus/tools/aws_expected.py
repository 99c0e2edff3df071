"""What botocore makes of the files of its tools: the raw values of those in
drivers/eucalyptus/tests/aws_files, and of those in tests/import_aws who connects where. With
--check it says whether that is what is recorded there."""

import contextlib
import json
import os
import pathlib
import sys

import botocore.exceptions
import botocore.session

ROOT = pathlib.Path(__file__).resolve().parents[4]
FILES = ROOT / "drivers/eucalyptus/tests/aws_files"
IMPORTED = ROOT / "tests/import_aws"
KEYS = ["region", "aws_access_key_id", "aws_secret_access_key", "aws_session_token",
        "credential_process", "role_arn"]


def session_of(folder, profile=None):
    session = botocore.session.Session(profile=profile)
    session.set_config_variable("config_file", str(folder / "config"))
    session.set_config_variable("credentials_file", str(folder / "credentials"))
    return session


def values(folder):
    try:
        profiles = session_of(folder).full_config["profiles"]
    except botocore.exceptions.ConfigParseError:
        return {"error": True}
    return {
        name: {key: values[key] for key in KEYS if key in values}
        for name, values in sorted(profiles.items())
    }


def resolved(session):
    """Who connects where. Keys that have to be fetched are not: how is all that is told."""
    try:
        return connected(session)
    except botocore.exceptions.BotoCoreError as error:
        return {"error": type(error).__name__}


def connected(session):
    credentials = session.get_credentials()
    if credentials is None:
        return {"error": "NoCredentials"}
    told = {"method": credentials.method}
    if not isinstance(credentials, botocore.credentials.DeferredRefreshableCredentials):
        keys = credentials.get_frozen_credentials()
        told |= {"access_key": keys.access_key, "secret_key": keys.secret_key, "token": keys.token}
    told["region"] = session.get_config_variable("region")
    if told["region"]:
        told["url"] = endpoint(session)
    told["ca_bundle"] = session.get_config_variable("ca_bundle")
    return told


def endpoint(session):
    # A file with authorities need not be there to be named.
    return session.create_client("ec2", verify=False).meta.endpoint_url


def of_profiles(folder):
    names = sorted(session_of(folder).available_profiles)
    return {name: resolved(session_of(folder, name)) for name in names}


@contextlib.contextmanager
def environment(variables):
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ.update(variables, AWS_EC2_METADATA_DISABLED="true")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def of_environments(file):
    told = []
    for variables in json.loads(file.read_text()):
        with environment(variables):
            told.append(resolved(session_of(pathlib.Path("/nonexistent"))))
    return told


def recordings():
    """Each file of what botocore says, and what it says now."""
    for folder in sorted(FILES.iterdir()):
        yield folder / "expected.json", values(folder)
    for folder in sorted(path for path in IMPORTED.iterdir() if path.is_dir()):
        yield folder / "expected.json", of_profiles(folder)
    yield IMPORTED / "environment-expected.json", of_environments(IMPORTED / "environment.json")


def main():
    differing = []
    with environment({}):
        told = list(recordings())
    for file, found in told:
        text = json.dumps(found, indent=2) + "\n"
        if "--check" not in sys.argv:
            file.write_text(text)
        elif file.read_text() != text:
            differing.append(str(file.relative_to(ROOT)))
    if differing:
        sys.exit(f"botocore reads otherwise than recorded: {', '.join(differing)}")


if __name__ == "__main__":
    main()
