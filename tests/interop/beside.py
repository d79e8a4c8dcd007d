"""`tests/interop/run bench`: the same work by the same client on enipilot serve and on moto, as one table."""

import contextlib
import http.client
import os
import pathlib
import re
import statistics
import tempfile
import time
import urllib.parse

import clients
import moto

ENIS = int(os.environ.get("BENCH_ENIS", "10000"))
PAGE = 1000
CALLS = 2000
STARTS = 5
WORLD = """name = "bench"
now = 2026-03-12T02:00:13Z
[quota]
network_interfaces = 20000
"""


class Client:
    """One connection that stays open, without an SDK: what is measured is the server."""

    def __init__(self, endpoint, key):
        at = urllib.parse.urlsplit(endpoint)
        self.connection = http.client.HTTPConnection(at.hostname, at.port, timeout=600)
        signed = f"Credential={key}/20260312/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00"
        self.headers = {
            "Authorization": f"AWS4-HMAC-SHA256 {signed}",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def ask(self, action, **parameters):
        form = {"Action": action, "Version": "2016-11-15", **parameters}
        self.connection.request("POST", "/", urllib.parse.urlencode(form), self.headers)
        response = self.connection.getresponse()
        body = response.read().decode()
        if response.status != 200:
            raise SystemExit(f"{action}: {response.status} {body}")
        return body


def found(pattern, body):
    return re.search(pattern, body)[1]


@contextlib.contextmanager
def ours(binary):
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as world:
        world.write(WORLD)
        world.flush()
        with clients.running(binary, "--world", world.name) as (at, process):
            yield at["Endpoint"], at["AccessKeyId"], process.pid


@contextlib.contextmanager
def theirs(_binary):
    with moto.running() as (endpoint, process):
        yield endpoint, "test", process.pid


def resident(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(found(r"VmRSS:\s+(\d+)", text)) * 1024 / 1e6


def per_second(count, call):
    began = time.monotonic()
    for _ in range(count):
        call()
    return count / (time.monotonic() - began)


def sweep(client):
    """Everything once, by the page as far as the server has pages."""
    began = time.monotonic()
    seen, token, pages = 0, {}, 0
    while True:
        body = client.ask("DescribeNetworkInterfaces", MaxResults=PAGE, **token)
        pages += 1
        # Once an interface and nowhere else.
        seen += body.count("</macAddress>")
        next_token = re.search(r"<nextToken>([^<]+)</nextToken>", body)
        if not next_token:
            break
        token = {"NextToken": next_token[1]}
    took = time.monotonic() - began
    if seen != ENIS:
        raise SystemExit(f"{seen} interfaces described, not {ENIS}")
    return took, pages


def start(server, binary):
    began = time.monotonic()
    with server(binary) as (endpoint, key, _pid):
        Client(endpoint, key).ask("DescribeVpcs")
        return time.monotonic() - began


def measure(server, binary):
    figures = {"start to first answer, s": statistics.median(start(server, binary) for _ in range(STARTS))}
    with server(binary) as (endpoint, key, pid):
        client = Client(endpoint, key)
        figures["resident when empty, MB"] = resident(pid)
        vpc = found(r"<vpcId>([^<]+)", client.ask("CreateVpc", CidrBlock="10.7.0.0/16"))
        subnet = found(r"<subnetId>([^<]+)", client.ask("CreateSubnet", VpcId=vpc, CidrBlock="10.7.0.0/17"))
        figures["created a second"] = per_second(ENIS - 1, lambda: client.ask("CreateNetworkInterface", SubnetId=subnet))
        eni = found(r"<networkInterfaceId>([^<]+)", client.ask("CreateNetworkInterface", SubnetId=subnet))
        took, pages = sweep(client)
        figures[f"{ENIS} described, s"] = took
        figures["in answers"] = pages
        figures["one described, calls a second"] = per_second(
            CALLS, lambda: client.ask("DescribeNetworkInterfaces", **{"NetworkInterfaceId.1": eni})
        )
        figures[f"resident with {ENIS}, MB"] = resident(pid)
    return figures


def main(binary):
    mine, other = measure(ours, binary), measure(theirs, binary)
    print(f"{'':34}{'enipilot serve':>16}{'moto':>12}")
    for name, figure in mine.items():
        print(f"{name:34}{shown(figure):>16}{shown(other[name]):>12}")
    return 0


def shown(figure):
    return f"{figure:,.0f}" if figure >= 100 or figure == int(figure) else f"{figure:.3g}"
