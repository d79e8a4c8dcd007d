"""The time of a whole failover, beside the four-call script of the aws CLI on the same server."""

import pathlib
import statistics
import subprocess
import sys
import time

from screen import attached_to

RUNS = 5
BUDGET = 0.3


def compare(checks, pilot, ec2, ids):
    print("timings")
    eni = ids["service"]
    took = []
    for _ in range(RUNS):
        here = attached_to(ec2, eni)
        there = ids["db-primary"] if here == ids["db-standby"] else ids["db-standby"]
        done = pilot.run("failover", eni, "--to", there, "--confirm", eni, "--allow-writes")
        if done.code != 0:
            checks.that("a failover to be timed", False, done)
            return
        took.append(done.seconds)
    ours = statistics.median(took)
    here = attached_to(ec2, eni)
    there = ids["db-primary"] if here == ids["db-standby"] else ids["db-standby"]
    theirs = script(pilot, eni, there)
    checks.that("the script moved it too", attached_to(ec2, eni) == there)
    print(f"        enipilot failover: {ours:.2f} s in the median of {RUNS} (fastest {min(took):.2f} s), plan and verification included")
    print(f"        aws CLI script:    {theirs:.2f} s (describe, detach, wait, attach; no verification)")
    if ours > BUDGET:
        print(f"        over the budget of {BUDGET} s, which holds for a machine with nothing else to do")


def script(pilot, eni, there):
    """What people run today, word by word."""
    env = pilot.env(AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="")

    def aws(*words):
        command = [sys.executable, pathlib.Path(sys.executable).with_name("aws"), "ec2", *words]
        command += ["--endpoint-url", pilot.endpoint, "--output", "text"]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()

    began = time.monotonic()
    query = "NetworkInterfaces[0].Attachment.AttachmentId"
    attachment = aws("describe-network-interfaces", "--network-interface-ids", eni, "--query", query)
    aws("detach-network-interface", "--attachment-id", attachment)
    aws("wait", "network-interface-available", "--network-interface-ids", eni)
    aws("attach-network-interface", "--network-interface-id", eni, "--instance-id", there, "--device-index", "1")
    return time.monotonic() - began
