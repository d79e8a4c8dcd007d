"""The command line against moto: reading, refusing, flying."""

import contextlib
import http.server
import socket
import threading


def reading(checks, pilot, ids):
    print("reading")
    done = pilot.run("tree")
    names = ("prod", "app-a", "db-primary", "db-standby", "db-service", ids["service"], "10.0.1.50 +1", ids["eip"])
    checks.that("tree shows every level", done.code == 0 and all(n in done.out for n in names), done)

    done = pilot.run("show", ids["service"], "--json")
    shown = done.json() or {}
    # One object, or a list of one.
    if "items" in shown:
        shown = shown["items"][0]
    attachment = shown.get("Attachment", {})
    addresses = shown.get("PrivateIpAddresses", [])
    expected = {
        "id": (shown.get("NetworkInterfaceId"), ids["service"]),
        "attachment": (attachment.get("AttachmentId"), ids["attachment"]),
        "instance": (attachment.get("InstanceId"), ids["db-primary"]),
        "index": (attachment.get("DeviceIndex"), 1),
        "addresses": ([a["PrivateIpAddress"] for a in addresses], ["10.0.1.50", "10.0.1.51"]),
        "elastic": (addresses and addresses[0].get("Association", {}).get("AllocationId"), ids["allocation"]),
        "zone": (shown.get("AvailabilityZone"), "us-east-1a"),
    }
    for name, (seen, wanted) in expected.items():
        checks.that(f"show --json: {name}", seen == wanted, f"{seen!r} is not {wanted!r}\n{done}")

    done = pilot.run("plan", ids["service"], "--to", ids["db-standby"])
    detach = f"DetachNetworkInterface AttachmentId={ids['attachment']}"
    cli = f"aws ec2 detach-network-interface --attachment-id {ids['attachment']}"
    checks.that("plan names the exact detach", done.code == 0 and detach in done.out and cli in done.out, done)
    checks.that("plan names an explicit card", "NetworkCardIndex=0" in done.out, done)


def refusals(checks, pilot, ids):
    print("refusals")
    eni, standby = ids["service"], ids["db-standby"]
    fly = ("failover", eni, "--confirm", eni, "--to")

    def case(name, code, words, *args, **how):
        done = pilot.run(*args, **how)
        text = done.out + done.err
        missing = [w for w in words if w not in text]
        checks.that(name, done.code == code and not missing, f"wanted exit {code}, missing {missing}\n{done}")

    case("read-only refuses to fly", 1, ["--allow-writes"], *fly, standby)
    case("a plan to another zone is blocked", 2, ["us-east-1b"], "plan", eni, "--to", ids["report-b"])
    case("a plan to a full t3.nano is blocked", 2, ["AttachmentLimitExceeded"], "plan", eni, "--to", ids["bastion"])
    case("a blocked failover does nothing", 2, ["AttachmentLimitExceeded"], *fly, ids["bastion"], "--allow-writes")
    unknown = "eni-0123456789abcdef0"
    case("an unknown interface", 1, [unknown], "plan", unknown, "--to", standby)
    case("an unknown instance", 1, ["i-0123456789abcdef0"], "plan", eni, "--to", "i-0123456789abcdef0")
    case("an interface where an instance is needed", 1, [ids["spare"]], "plan", eni, "--to", ids["spare"])
    case("the holder as target has nothing to do", 0, ["nothing to do"], "plan", eni, "--to", ids["db-primary"])
    case("source and target the same", 1, [standby], *fly, standby, "--from", standby, "--allow-writes")
    case("another account", 1, ["123456789012", "--account"], "tree", "--account", "999999999999")
    case("no Region", 1, ["--region"], "tree", AWS_REGION=None)
    case("no credentials", 1, ["--profile"], "tree", AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    case("an unknown profile", 1, ["nosuch"], "tree", "--profile", "nosuch")
    case("plain HTTP beyond loopback", 1, ["Plain HTTP"], "tree", endpoint="http://198.51.100.1:5000")
    with closed_port() as url:
        case("an unreachable endpoint", 1, [url, "cannot be reached"], "tree", endpoint=url)
    page = "<!doctype html><html><title>Bad gateway</title></html>"
    expired = (
        "<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.</Message></Error></Errors>"
        "<RequestID>r</RequestID></Response>"
    )
    for name, status, body, words in (
        ("a web page with status 502", 502, page, ["web page", "502"]),
        ("a web page with status 200", 200, page, ["web page"]),
        ("an empty 503", 503, "", ["503"]),
        ("expired credentials", 400, expired, ["expired", "aws sso login"]),
    ):
        with answering(status, body) as url:
            case(name, 1, words, "tree", endpoint=url)
    profile_with_mfa(pilot)
    case(
        "a profile that wants a code",
        1,
        ["arn:aws:iam::1:mfa/me", "get-session-token", "credential_process"],
        "tree",
        "--profile",
        "guarded",
        AWS_ACCESS_KEY_ID=None,
        AWS_SECRET_ACCESS_KEY=None,
    )


def flight(checks, pilot, ec2, ids):
    print("flight")
    eni, standby = ids["service"], ids["db-standby"]
    words = ("failover", eni, "--to", standby, "--confirm", eni, "--allow-writes", "--json")
    done = pilot.run(*words)
    result = done.json() or {}
    checks.that("failover ends with 0 and changed", done.code == 0 and result.get("changed") is True, done)
    row = ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"][0]
    attachment = row.get("Attachment", {})
    checks.that("the endpoint has it on the standby", attachment.get("InstanceId") == standby, row)
    checks.that(
        "the new attachment is the one that was told",
        attachment.get("AttachmentId") == result.get("AttachmentId"),
        done,
    )
    address = ec2.describe_addresses(AllocationIds=[ids["allocation"]])["Addresses"][0]
    checks.that("the Elastic IP is still on it", address.get("NetworkInterfaceId") == eni, address)
    actions = [call["Call"]["Action"] for call in result.get("Calls", [])]
    wanted = ["DetachNetworkInterface", "AttachNetworkInterface"]
    checks.that("two mutating calls, each once", actions == wanted, actions)
    again = pilot.run(*words)
    result = again.json() or {}
    checks.that("a rerun is done and unchanged", again.code == 0 and result.get("changed") is False, again)


def hostile_name(checks, pilot, ec2, ids):
    print("names from outside")
    name = ("\u202e\u2066evil\u200b" + "x" * 60)[:60]
    ec2.create_tags(Resources=[ids["spare"]], Tags=[{"Key": "Name", "Value": name}])
    for words in (("tree",), ("show", ids["spare"])):
        done = pilot.run(*words)
        raw = [c for c in "\u202e\u2066\u200b" if c in done.out]
        checks.that(f"{words[0]} shows it escaped", done.code == 0 and not raw and "202E" in done.out.upper(), done)
    done = pilot.run("tree", "--json")
    checks.that("tree --json escapes it", done.code == 0 and "\u202e" not in done.out, done.code)
    ec2.create_tags(Resources=[ids["spare"]], Tags=[{"Key": "Name", "Value": "bastion-spare"}])


def profile_with_mfa(pilot):
    folder = pilot.home / ".aws"
    folder.mkdir(exist_ok=True)
    (folder / "config").write_text(
        "[profile guarded]\nregion = us-east-1\nmfa_serial = arn:aws:iam::1:mfa/me\n"
    )


@contextlib.contextmanager
def closed_port():
    """A port that is bound and does not listen: nobody else can take it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@contextlib.contextmanager
def answering(status, body):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
