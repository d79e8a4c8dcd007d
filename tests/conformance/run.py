"""Starts what is asked for and runs the conformance table on it with the AWS SDK."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys

# Virtual seconds a second, and how long an interface takes to move: long enough to be seen moving.
SPEED = "10"
MOVE = "16s"
# Servers side by side: most of the time is spent waiting.
SERVERS = 12
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target"))
KEY = "conformance"


@contextlib.contextmanager
def ours():
    binary = os.environ.get("ENIPILOT")
    if not binary:
        subprocess.run(["cargo", "build", "--quiet"], check=True)
        binary = TARGET / "debug" / "enipilot"
    words = [binary, "serve", "--json", "--world", "tests/conformance/account.toml"]
    words += ["--access-key", KEY, "--speed", SPEED, "--attach-time", MOVE, "--detach-time", MOVE]
    with contextlib.ExitStack() as stack:
        urls = []
        for seed in range(SERVERS):
            process = subprocess.Popen(
                [*words, "--seed", str(seed + 1)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.rstrip() == "}":
                    break
            urls.append(json.loads("".join(lines))["Endpoint"])
        yield {
            "ENIPILOT_CONFORMANCE_ENDPOINT": ",".join(urls),
            "AWS_ACCESS_KEY_ID": KEY,
        }


@contextlib.contextmanager
def moto():
    sys.path.insert(0, "tests/interop")
    import moto as server

    import boto3
    from botocore.config import Config

    with server.server() as url:
        # Its first answer loads tables of images and types, and may take a minute on a busy machine.
        patient = Config(read_timeout=300, retries={"total_max_attempts": 1})
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        ec2 = boto3.client("ec2", endpoint_url=url, region_name="us-east-1", config=patient, **keys)
        ec2.describe_network_interfaces()
        ec2.describe_images()
        yield {
            "ENIPILOT_CONFORMANCE_ENDPOINT": url,
            "ENIPILOT_CONFORMANCE_RESET": f"{url}/moto-api/reset",
        }


@contextlib.contextmanager
def given(url):
    yield {"ENIPILOT_CONFORMANCE_ENDPOINT": url}


def main(words):
    match words:
        case []:
            where = ours()
        case ["moto"]:
            where = moto()
        case [url]:
            where = given(url)
        case _:
            sys.exit("usage: tests/conformance/run [moto | URL]")
    test = ["cargo", "test", "--quiet", "--test", "it", "conformance::score::over_http"]
    with where as environment:
        done = subprocess.run(
            [*test, "--", "--ignored", "--exact", "--nocapture"], env={**os.environ, **environment}
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
