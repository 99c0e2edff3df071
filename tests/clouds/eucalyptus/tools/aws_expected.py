"""What botocore reads from the files in drivers/eucalyptus/tests/aws_files. With --check it says
whether that is what is recorded there."""

import json
import pathlib
import sys

import botocore.exceptions
import botocore.session

KEYS = ["region", "aws_access_key_id", "aws_secret_access_key", "aws_session_token",
        "credential_process", "role_arn"]


def read(folder):
    session = botocore.session.Session()
    session.set_config_variable("config_file", str(folder / "config"))
    session.set_config_variable("credentials_file", str(folder / "credentials"))
    try:
        profiles = session.full_config["profiles"]
    except botocore.exceptions.ConfigParseError:
        return {"error": True}
    return {
        name: {key: values[key] for key in KEYS if key in values}
        for name, values in sorted(profiles.items())
    }


def main():
    here = pathlib.Path(__file__).resolve()
    root = here.parents[4] / "drivers/eucalyptus/tests/aws_files"
    differing = []
    for folder in sorted(root.iterdir()):
        text = json.dumps(read(folder), indent=2) + "\n"
        expected = folder / "expected.json"
        if "--check" not in sys.argv:
            expected.write_text(text)
        elif expected.read_text() != text:
            differing.append(folder.name)
    if differing:
        sys.exit(f"botocore reads otherwise than recorded: {', '.join(differing)}")


if __name__ == "__main__":
    main()
