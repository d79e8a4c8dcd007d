"""`tests/interop/run lost`: the CPU time of a failover whose person is gone while EC2 detaches: headless with closed pipes, and on a screen with a closed terminal.

An operation goes on without its person, and shall take less than 1 % of a core meanwhile. It needs Linux (/proc).
"""

import os
import pathlib
import subprocess
import tempfile
import time

import clients
from check import Pilot
from screen import Terminal

HUNG = ("--detach-time", "600s")
# Seconds after the detach: looks are 0.2 s apart, then 0.5 s, then 2 s.
WINDOWS = [(0, 15), (15, 60), (60, 80)]
BUDGET = 1.0
PATIENCE = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


def used(pid):
    """Seconds of CPU time so far, and how often its threads have gone to sleep."""
    proc = pathlib.Path("/proc") / str(pid)
    # The name of the program may hold anything; what comes behind it does not.
    fields = (proc / "stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / TICKS
    sleeps = 0
    for task in (proc / "task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                sleeps += int(line.split()[1])
    return seconds, sleeps


def measured(pilot, pid):
    """CPU share, requests and sleeps a second in each window."""

    def now():
        requests = pilot.run("serve", "ctl", "status", "--json").json()["Requests"]
        return (*used(pid), requests, time.monotonic())

    began, rows = time.monotonic(), []
    for begin, end in WINDOWS:
        time.sleep(max(0.0, began + begin - time.monotonic()))
        before = now()
        time.sleep(max(0.0, began + end - time.monotonic()))
        cpu, sleeps, requests, took = (b - a for a, b in zip(before, now()))
        rows.append((begin, end, 100 * cpu / took, requests / took, sleeps / took))
    return rows


def headless(pilot):
    """Whoever read its lines has gone away."""
    words = ["failover", clients.SERVICE, "--to", clients.STANDBY, "--confirm", clients.SERVICE, "--allow-writes"]
    process = subprocess.Popen(
        [pilot.binary, *words, "--endpoint-url", pilot.endpoint],
        env=pilot.env(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if "DetachNetworkInterface" in line:
            break
    process.stdout.close()
    process.stderr.close()
    return process


def screen(pilot):
    """Its terminal is gone, and the hang-up is ignored as under nohup."""
    shell = ["sh", "-c", "trap '' HUP; exec \"$0\" \"$@\"", pilot.binary]
    terminal = Terminal(
        [*shell, "--allow-writes", "--endpoint-url", pilot.endpoint],
        pilot.env(TERM="xterm-256color"),
    )
    for keys, words in [
        ("", ["db-primary", "LIVE"]),
        ("/db-service\r", ["device index"]),
        ("f", ["READY"]),
        ("\r", ["preflight", "run all"]),
        ("r", ["last six"]),
        (clients.SERVICE[-6:] + "\r", ["detaching"]),
    ]:
        terminal.type(keys)
        if terminal.until(words, PATIENCE) is None:
            raise SystemExit(f"no {words} on:\n{terminal.text()}")
    os.close(terminal.master)
    return terminal.process


def main(binary):
    worst = 0.0
    print(f"{'':12}{'seconds':>12}{'of a core':>12}{'requests/s':>12}{'sleeps/s':>12}")
    for name, start in [("headless", headless), ("screen", screen)]:
        with tempfile.TemporaryDirectory() as home, clients.server(binary, *HUNG) as served:
            pilot = Pilot(binary, served["Endpoint"], pathlib.Path(home))
            keys = {"AWS_ACCESS_KEY_ID": served["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": served["SecretAccessKey"]}
            plain = pilot.env
            pilot.env = lambda **extra: plain(**{**keys, **extra})
            process = start(pilot)
            try:
                for begin, end, share, requests, sleeps in measured(pilot, process.pid):
                    worst = max(worst, share)
                    print(f"{name:12}{f'{begin} to {end}':>12}{share:>10.2f} %{requests:>12.1f}{sleeps:>12.1f}")
            finally:
                process.kill()
                process.wait()
    if worst > BUDGET:
        print(f"over the budget of {BUDGET:.0f} % of a core, which holds for an optimised build")
    return 0
