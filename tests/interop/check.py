"""The binary under test, and a list of what was as it must be and what was not."""

import json
import os
import subprocess
import time

RUN_MAX = 60


class Pilot:
    """Runs enipilot with an environment that holds nothing but what a case gives it."""

    def __init__(self, binary, endpoint, home):
        self.binary, self.endpoint, self.home = binary, endpoint, home

    def env(self, **extra):
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }
        env.update(extra)
        return {name: value for name, value in env.items() if value is not None}

    def run(self, *args, endpoint=True, **env):
        """Exit code, stdout, stderr and seconds."""
        words = [self.binary, *args]
        if endpoint:
            words += ["--endpoint-url", self.endpoint if endpoint is True else endpoint]
        began = time.monotonic()
        done = subprocess.run(
            words, env=self.env(**env), capture_output=True, text=True, timeout=RUN_MAX
        )
        return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


class Done:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    def json(self):
        """The document, or the last one of a stream with one a line."""
        for text in (self.out, (self.out.splitlines() or [""])[-1]):
            try:
                return json.loads(text)
            except ValueError:
                continue
        return None

    def __str__(self):
        return f"exit {self.code}\n{self.out}{self.err}"


class Checks:
    def __init__(self):
        self.passed, self.failed = 0, []

    def that(self, name, true, seen=""):
        if true:
            self.passed += 1
            print(f"  ok    {name}")
        else:
            self.failed.append(name)
            print(f"  WRONG {name}")
            for line in str(seen).splitlines()[:40]:
                print(f"        {line}")

    def summary(self):
        print(f"{self.passed} as they must be, {len(self.failed)} not")
        return 1 if self.failed else 0


def wait(until, most, step):
    """Calls `step` until `until()` answers something, at most so many seconds; answers both."""
    began = time.monotonic()
    while True:
        if seen := until():
            return seen, time.monotonic() - began
        left = began + most - time.monotonic()
        if left <= 0:
            return None, most
        step(left)
