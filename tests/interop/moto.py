"""A moto server on a free loopback port, for the length of a with block."""

import contextlib
import pathlib
import re
import selectors
import subprocess
import sys
import time

START_MAX = 60.0


@contextlib.contextmanager
def server():
    with running() as (endpoint, _process):
        yield endpoint


@contextlib.contextmanager
def running():
    """The same, with the process."""
    binary = pathlib.Path(sys.executable).with_name("moto_server")
    # Port 0: the kernel chooses, and the server says which.
    process = subprocess.Popen(
        [binary, "-H", "127.0.0.1", "-p", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield f"http://127.0.0.1:{port_of(process)}", process
    finally:
        process.terminate()
        process.wait()


def port_of(process):
    """Reads the server's log until it names its port, then leaves the rest to be thrown away."""
    deadline = time.monotonic() + START_MAX
    seen = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if selector.select(deadline - time.monotonic()):
                chunk = process.stderr.read1(4096)
                if not chunk:
                    break
                seen += chunk
                if found := re.search(rb"http://127\.0\.0\.1:(\d+)", seen):
                    drain(process.stderr)
                    return int(found[1])
    raise SystemExit(f"moto did not start: {seen.decode(errors='replace')}")


def drain(pipe):
    """A full pipe would stop the server."""
    import threading

    def read():
        while pipe.read1(65536):
            pass

    threading.Thread(target=read, daemon=True).start()
