"""`tests/interop/run failover`: one failover by enipilot and one by the aws CLI script that people write, on the same served EC2, second by second."""

import datetime
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import clients
from check import Pilot

DETACH, ATTACH = 3.0, 2.0
OWN = DETACH + ATTACH
RUNS = 5
BUDGET = 0.5


def requests(pilot):
    """How many the server has answered so far."""
    return pilot.run("serve", "ctl", "status", "--json").json()["Requests"]


def ours(pilot, there):
    before, began = requests(pilot), time.time()
    done = pilot.run("failover", clients.SERVICE, "--to", there, "--confirm", clients.SERVICE, "--allow-writes", "--json")
    ended = time.time()
    result = done.json()
    if done.code != 0 or result["Ending"] != "done":
        raise SystemExit(f"the failover did not end as it should: {done}")
    detach, attach = result["Calls"]
    detached = at(detach["At"]) + detach["Seconds"]
    attached = at(attach["At"]) + attach["Seconds"]
    return {
        "until attached and verified": ended - began,
        "start, inventory, preflight, journal": at(detach["At"]) - began,
        "detach answered": detach["Seconds"],
        "detach complete, noticed, last look": at(attach["At"]) - detached - DETACH,
        "attach answered": attach["Seconds"],
        "attach complete, noticed, verified": at(result["Ended"]) - attached - ATTACH,
        "end of the process": ended - at(result["Ended"]),
        "requests": requests(pilot) - before,
    }


def at(moment):
    return datetime.datetime.fromisoformat(moment).timestamp()


def script(pilot, there):
    """What people run: word by word, each a process of its own."""
    env = pilot.env(AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="")

    def aws(*words):
        command = [sys.executable, pathlib.Path(sys.executable).with_name("aws"), "ec2", *words]
        command += ["--endpoint-url", pilot.endpoint, "--output", "text"]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()

    def describe(query):
        return aws("describe-network-interfaces", "--network-interface-ids", clients.SERVICE, "--query", f"NetworkInterfaces[0].Attachment.{query}")

    before, began = requests(pilot), time.time()
    aws("detach-network-interface", "--attachment-id", describe("AttachmentId"))
    aws("wait", "network-interface-available", "--network-interface-ids", clients.SERVICE)
    aws("attach-network-interface", "--network-interface-id", clients.SERVICE, "--instance-id", there, "--device-index", "1")
    # No waiter of the CLI knows "attached": the script ends with whatever it sees now.
    attached = time.time() + ATTACH
    seen = describe("Status")
    count = requests(pilot) - before
    time.sleep(max(0.0, attached - time.time()))
    return {"until attached": attached - began, "requests": count, "seen": seen}


def main(binary):
    times = ("--detach-time", f"{DETACH:.0f}s", "--attach-time", f"{ATTACH:.0f}s")
    with tempfile.TemporaryDirectory() as home, clients.server(binary, *times) as served:
        pilot = Pilot(binary, served["Endpoint"], pathlib.Path(home))
        keys = {"AWS_ACCESS_KEY_ID": served["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": served["SecretAccessKey"]}
        plain = pilot.env
        pilot.env = lambda **extra: plain(**{**keys, **extra})
        places = [clients.STANDBY, clients.PRIMARY]
        runs = [ours(pilot, places[n % 2]) for n in range(RUNS)]
        theirs = script(pilot, places[RUNS % 2])
        journals = list(pathlib.Path(home).glob("state/enipilot/ops/*.jsonl"))
        records = len(journals[0].read_text().splitlines())
    return tell(runs, theirs, records)


def tell(runs, theirs, records):
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    total = middle.pop("until attached and verified")
    count = middle.pop("requests")
    print(f"{'':44}{'enipilot failover':>20}{'aws CLI script':>18}")
    for name, mine, other in [
        ("EC2's own time: detach 3 s, attach 2 s", f"{OWN:.2f} s", f"{OWN:.2f} s"),
        ("until attached", f"{total:.2f} s", f"{theirs['until attached']:.2f} s"),
        ("overhead", f"{total - OWN:.2f} s", f"{theirs['until attached'] - OWN:.2f} s"),
        ("requests to EC2", f"{count:.0f}", f"{theirs['requests']}"),
        ("seen in the end", "attached, verified", theirs["seen"]),
    ]:
        print(f"{name:44}{mine:>20}{other:>18}")
    print(f"the overhead of enipilot, in the median of {len(runs)}:")
    for name, span in middle.items():
        print(f"  {name:42}{span:>18.3f} s")
    print(f"{records} records in its journal, each on the disk before what follows from it")
    if total - OWN > BUDGET:
        print(f"over the budget of {BUDGET} s, which holds for a machine with nothing else to do")
    return 0
