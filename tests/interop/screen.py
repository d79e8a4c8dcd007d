"""The explorer under a pseudo-terminal: an interface moved by somebody else shows by itself."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import pyte

from check import wait
from seed import attach

COLUMNS, ROWS = 140, 40
START_MAX = 20.0
FOLLOW_MAX = 3.0


class Terminal:
    def __init__(self, words, env):
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            words, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)

    def text(self):
        return "\n".join(self.screen.display)

    def type(self, keys):
        os.write(self.master, keys.encode())

    def read(self, most):
        """Feeds what the program writes, waiting for it at most so long."""
        if select.select([self.master], [], [], most)[0]:
            # A pseudo-terminal whose other side is closed answers with an error.
            with contextlib.suppress(OSError):
                self.stream.feed(os.read(self.master, 65536))

    def until(self, words, most):
        """Waits until all words are on the screen; seconds, or None."""
        found, took = wait(lambda: all(w in self.text() for w in words), most, self.read)
        return took if found else None

    def shows(self, eni, holder, most):
        """Waits until the panel is the interface's and both panel and tree have it on `holder`."""

        def is_so():
            halves = [line.split("│") for line in self.screen.display if line.count("│") >= 3]
            tree, panel = [h[1] for h in halves], [h[2] for h in halves]
            named = [n for n, line in enumerate(panel) if eni in line]
            under = [n for n, line in enumerate(tree) if "db-service" in line]
            return (
                bool(named and under)
                and holder in panel[named[0] + 1]
                and holder in tree[under[0] - 1]
            )

        found, took = wait(is_so, most, self.read)
        return took if found else None

    def selected(self):
        """The rows in reverse video or with a background of their own in the tree's columns."""
        rows = []
        for n, line in enumerate(self.screen.display):
            cells = [self.screen.buffer[n][x] for x in range(2, 30)]
            if any((c.reverse or c.bg != "default") and c.data.strip() for c in cells):
                rows.append(line)
        return rows

    def close(self):
        self.process.terminate()
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def follows(checks, pilot, ec2, ids):
    print("screen")
    eni = ids["service"]
    holder = attached_to(ec2, eni)
    other = ids["db-primary"] if holder == ids["db-standby"] else ids["db-standby"]
    terminal = Terminal(
        [pilot.binary, "--endpoint-url", pilot.endpoint],
        pilot.env(TERM="xterm-256color", LINES=None, COLUMNS=None),
    )
    try:
        took = terminal.until(["LIVE READ-ONLY", "db-service"], START_MAX)
        checks.that("the tree is on the screen", took is not None, terminal.text())
        if took is None:
            return
        print(f"        first tree of the endpoint after {took:.2f} s")
        # Choose the interface through the filter, as a person would.
        terminal.type("/" + eni)
        terminal.until([eni], START_MAX)
        terminal.type("\r")
        names = {ids[short]: short for short in ("db-primary", "db-standby")}
        took = terminal.shows(eni, names[holder], START_MAX)
        checks.that("tree and panel show the holder", took is not None, terminal.text())
        row = ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"][0]
        ec2.detach_network_interface(AttachmentId=row["Attachment"]["AttachmentId"])
        attach(ec2, eni, other)
        took = terminal.shows(eni, names[other], FOLLOW_MAX)
        checks.that("the move shows within 3 s with no key", took is not None, terminal.text())
        if took is not None:
            print(f"        shown after {took:.2f} s")
        text = terminal.text()
        chosen = "\n".join(terminal.selected())
        checks.that("the selection stays on the interface", "db-service" in chosen or eni in chosen, text)
    finally:
        terminal.close()


def attached_to(ec2, eni):
    row = ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"][0]
    return row["Attachment"]["InstanceId"]
