"""Plays the story of two-am on moto with the real binary, and on it with real clients; exit code 1 if anything is not as it must be."""

import os
import pathlib
import sys
import tempfile

import boto3

import bench
import beside
import cases
import clients
import lost
import moto
import school
import screen
import seed
import timing
from check import Checks, Pilot


def main():
    binary = pathlib.Path(os.environ["ENIPILOT"]).resolve()
    if sys.argv[1:] == ["bench"]:
        return beside.main(binary)
    if sys.argv[1:] == ["failover"]:
        return timing.main(binary)
    if sys.argv[1:] == ["lost"]:
        return lost.main(binary)
    checks = Checks()
    clients.run(checks, binary)
    school.run(checks, binary)
    with tempfile.TemporaryDirectory() as home, moto.server() as endpoint:
        pilot = Pilot(binary, endpoint, pathlib.Path(home))
        ec2 = boto3.client(
            "ec2",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        ids = seed.seed(ec2)
        print(f"moto at {endpoint}, seeded: {ids['service']} on {ids['db-primary']}")
        cases.reading(checks, pilot, ids)
        cases.refusals(checks, pilot, ids)
        cases.flight(checks, pilot, ec2, ids)
        cases.hostile_name(checks, pilot, ec2, ids)
        screen.follows(checks, pilot, ec2, ids)
        bench.compare(checks, pilot, ec2, ids)
    return checks.summary()


if __name__ == "__main__":
    sys.exit(main())
