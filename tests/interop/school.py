"""A lesson on `enipilot serve --lesson`, solved by the aws CLI and boto3 together."""

import json
import subprocess
import tempfile
import time

from check import wait
from clients import cli, client, code, server


def run(checks, binary):
    print("a lesson, by the aws CLI and boto3")
    with tempfile.TemporaryDirectory() as home:
        options = ["--lesson", "one-zone", "--state-dir", home, "--speed", "50"]
        with server(binary, *options) as at:
            solve(checks, binary, at)
        words = [binary, "learn", "--list", "--state-dir", home]
        kept = subprocess.run(words, capture_output=True, text=True).stdout
        checks.that("progress is kept", "done, 3 calls, best 3" in kept, kept)


def solve(checks, binary, at):
    ec2, aws = client(at), cli(at)

    def lesson():
        words = [binary, "serve", "ctl", "--access-key", at["AccessKeyId"], "status", "--json"]
        words += ["--endpoint-url", at["Endpoint"]]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["Lesson"]

    def reaches(step):
        return wait(lambda: lesson()["Step"] >= step, 20, lambda _left: time.sleep(0.1))[0]

    by_name = lambda name: [{"Name": "tag:Name", "Values": [name]}]
    [eni] = ec2.describe_network_interfaces(Filters=by_name("ledger"))["NetworkInterfaces"]
    eni, attachment = eni["NetworkInterfaceId"], eni["Attachment"]["AttachmentId"]

    def instance(name):
        found = ec2.describe_instances(Filters=by_name(name))["Reservations"]
        return found[0]["Instances"][0]["InstanceId"]

    checks.that("it begins at step 1", lesson()["Step"] == 1, lesson())
    seen = aws("ec2", "detach-network-interface", "--attachment-id", attachment)
    checks.that("detached by the aws CLI", seen[0] == 0, seen)
    checks.that("step 2", reaches(2), lesson())
    seen = code(
        ec2.attach_network_interface,
        NetworkInterfaceId=eni,
        InstanceId=instance("ledger-b"),
        DeviceIndex=1,
    )
    checks.that("refused by EC2", seen == ("InvalidParameterCombination", 400), seen)
    checks.that("step 3", reaches(3), lesson())
    words = ["--network-interface-id", eni, "--instance-id", instance("ledger-a2")]
    seen = aws("ec2", "attach-network-interface", *words, "--device-index", "1")
    checks.that("attached by the aws CLI", seen[0] == 0, seen)
    done = wait(lambda: lesson()["Done"], 20, lambda _left: time.sleep(0.1))[0]
    checks.that("done with three calls", done and lesson()["Calls"] == 3, lesson())
