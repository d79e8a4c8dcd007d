"""`enipilot serve` under the hands of boto3 and the aws CLI."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SERVICE = "eni-0c1d52aa7be03f9a1"
ATTACHMENT = "eni-attach-0b7e5c21d09f1a338"
PRIMARY, STANDBY = "i-0d1a2b3c4d5e6f701", "i-0d1a2b3c4d5e6f702"
APP_A = "subnet-0aa11bb22cc33dd44"
AWS = pathlib.Path(sys.executable).with_name("aws")


@contextlib.contextmanager
def server(binary, *args):
    """A server on a free port for the length of a with block; gives what it announces."""
    with running(binary, *args) as (at, _process):
        yield at


@contextlib.contextmanager
def running(binary, *args):
    """The same, with the process."""
    process = subprocess.Popen(
        [binary, "serve", "--json", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        # One object over several lines; it ends with the only brace at the start of a line.
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.rstrip() == "}":
                break
        yield json.loads("".join(lines)), process
    finally:
        process.terminate()
        process.wait()


def client(at, service="ec2", **change):
    keys = {
        "aws_access_key_id": at["AccessKeyId"],
        "aws_secret_access_key": at["SecretAccessKey"],
    }
    keys.update(change)
    return boto3.client(
        service,
        endpoint_url=at["Endpoint"],
        region_name=at["Region"],
        config=Config(retries={"total_max_attempts": 1}),
        **keys,
    )


def code(call, **parameters):
    """EC2's code and the HTTP status of a refusal; None of a success."""
    try:
        call(**parameters)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return error.response["Error"]["Code"], status
    return None


def run(checks, binary):
    print("boto3 on enipilot serve")
    with server(binary, "--detach-time", "1s", "--attach-time", "1s", "--speed", "50") as at:
        with_boto(checks, at)
    with server(binary, "--detach-time", "1s", "--attach-time", "1s", "--speed", "50") as at:
        print("the aws CLI on enipilot serve")
        with_cli(checks, at)


def with_boto(checks, at):
    ec2 = client(at)
    who = client(at, "sts").get_caller_identity()
    checks.that("GetCallerIdentity", who["Account"] == "111122223333", who)
    looking(checks, ec2)
    refusals(checks, at, ec2)
    flight(checks, ec2)
    creating(checks, ec2)
    building(checks, ec2)


def looking(checks, ec2):
    [eni] = ec2.describe_network_interfaces(NetworkInterfaceIds=[SERVICE])["NetworkInterfaces"]
    addresses = [ip["PrivateIpAddress"] for ip in eni["PrivateIpAddresses"]]
    checks.that("addresses", addresses == ["10.0.1.50", "10.0.1.51"], eni)
    checks.that("Elastic IP", eni["Association"]["PublicIp"] == "203.0.113.10", eni)
    checks.that("attachment", eni["Attachment"]["InstanceId"] == PRIMARY, eni)
    tags = {tag["Key"]: tag["Value"] for tag in eni["TagSet"]}
    checks.that("tags", tags.get("Name") == "db-service", tags)
    pages = ec2.get_paginator("describe_network_interfaces").paginate(
        PaginationConfig={"PageSize": 5}
    )
    pages = [page["NetworkInterfaces"] for page in pages]
    ids = [eni["NetworkInterfaceId"] for page in pages for eni in page]
    whole = ec2.describe_network_interfaces()["NetworkInterfaces"]
    checks.that("pages of five", len(pages) > 1 and max(map(len, pages)) == 5, ids)
    checks.that("every row once", ids == [eni["NetworkInterfaceId"] for eni in whole], ids)
    filters = [
        {"Name": "attachment.instance-id", "Values": [PRIMARY, STANDBY]},
        {"Name": "tag:Name", "Values": ["db-*"]},
        {"Name": "attachment.device-index", "Values": ["1"]},
    ]
    found = ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    checks.that("filters", [e["NetworkInterfaceId"] for e in found] == [SERVICE], found)
    instances = ec2.describe_instances(InstanceIds=[PRIMARY])["Reservations"][0]["Instances"]
    held = [e["NetworkInterfaceId"] for e in instances[0]["NetworkInterfaces"]]
    checks.that("an instance shows its interfaces", SERVICE in held, instances)
    [status] = ec2.describe_instance_status(InstanceIds=[PRIMARY])["InstanceStatuses"]
    checks.that("impaired", status["InstanceStatus"]["Status"] == "impaired", status)
    for name, key in [
        ("describe_addresses", "Addresses"),
        ("describe_availability_zones", "AvailabilityZones"),
        ("describe_instance_types", "InstanceTypes"),
        ("describe_internet_gateways", "InternetGateways"),
        ("describe_nat_gateways", "NatGateways"),
        ("describe_regions", "Regions"),
        ("describe_route_tables", "RouteTables"),
        ("describe_security_groups", "SecurityGroups"),
        ("describe_subnets", "Subnets"),
        ("describe_tags", "Tags"),
        ("describe_vpcs", "Vpcs"),
    ]:
        answer = getattr(ec2, name)()
        checks.that(name, answer.get(key), answer)


def refusals(checks, at, ec2):
    foreign = client(at, aws_access_key_id="AKIAFOREIGN")
    table = [
        ("foreign key", foreign.describe_vpcs, {}, ("AuthFailure", 401)),
        (
            "unknown interface",
            ec2.describe_network_interfaces,
            {"NetworkInterfaceIds": ["eni-00000000000000000"]},
            ("InvalidNetworkInterfaceID.NotFound", 400),
        ),
        (
            "ids with MaxResults",
            ec2.describe_network_interfaces,
            {"NetworkInterfaceIds": [SERVICE], "MaxResults": 5},
            ("InvalidParameterCombination", 400),
        ),
        (
            "unknown filter",
            ec2.describe_network_interfaces,
            {"Filters": [{"Name": "colour", "Values": ["red"]}]},
            ("InvalidParameterValue", 400),
        ),
        (
            "attached already",
            ec2.attach_network_interface,
            {"NetworkInterfaceId": SERVICE, "InstanceId": STANDBY, "DeviceIndex": 1},
            ("InvalidNetworkInterface.InUse", 400),
        ),
        (
            "in use",
            ec2.delete_network_interface,
            {"NetworkInterfaceId": SERVICE},
            ("InvalidParameterValue", 400),
        ),
        (
            "dry run",
            ec2.detach_network_interface,
            {"AttachmentId": ATTACHMENT, "DryRun": True},
            ("DryRunOperation", 412),
        ),
        ("an action that is none", ec2.describe_volumes, {}, ("InvalidAction", 400)),
    ]
    for name, call, parameters, expected in table:
        seen = code(call, **parameters)
        checks.that(name, seen == expected, seen)


def flight(checks, ec2):
    ec2.detach_network_interface(AttachmentId=ATTACHMENT)
    waiter = ec2.get_waiter("network_interface_available")
    waiter.wait(NetworkInterfaceIds=[SERVICE], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    answer = ec2.attach_network_interface(
        NetworkInterfaceId=SERVICE, InstanceId=STANDBY, DeviceIndex=1, NetworkCardIndex=0
    )
    checks.that("attached anew", answer["AttachmentId"] != ATTACHMENT, answer)
    [eni] = ec2.describe_network_interfaces(NetworkInterfaceIds=[SERVICE])["NetworkInterfaces"]
    checks.that("held by the standby", eni["Attachment"]["InstanceId"] == STANDBY, eni)
    change = {"AttachmentId": answer["AttachmentId"], "DeleteOnTermination": True}
    ec2.modify_network_interface_attribute(NetworkInterfaceId=SERVICE, Attachment=change)
    told = ec2.describe_network_interface_attribute(
        NetworkInterfaceId=SERVICE, Attribute="attachment"
    )
    checks.that("DeleteOnTermination", told["Attachment"]["DeleteOnTermination"], told)


def creating(checks, ec2):
    tags = [{"Key": "Name", "Value": "<new> & \"odd\""}, {"Key": "empty", "Value": ""}]
    created = ec2.create_network_interface(
        SubnetId=APP_A,
        Description="made by boto3",
        TagSpecifications=[{"ResourceType": "network-interface", "Tags": tags}],
    )["NetworkInterface"]
    checks.that("created with tags", created["TagSet"] == tags, created)
    told = ec2.describe_tags(
        Filters=[{"Name": "resource-id", "Values": [created["NetworkInterfaceId"]]}]
    )["Tags"]
    checks.that("DescribeTags", [tag["Key"] for tag in told] == ["Name", "empty"], told)
    ec2.get_waiter("network_interface_available").wait(
        NetworkInterfaceIds=[created["NetworkInterfaceId"]],
        WaiterConfig={"Delay": 1, "MaxAttempts": 30},
    )
    ec2.delete_network_interface(NetworkInterfaceId=created["NetworkInterfaceId"])
    seen = code(
        ec2.describe_network_interfaces, NetworkInterfaceIds=[created["NetworkInterfaceId"]]
    )
    checks.that("deleted", seen == ("InvalidNetworkInterfaceID.NotFound", 400), seen)
    stopped = ec2.stop_instances(InstanceIds=[STANDBY])["StoppingInstances"][0]
    checks.that("stopping", stopped["CurrentState"]["Name"] == "stopping", stopped)


def building(checks, ec2):
    """A VPC from nothing, an instance launched on an interface that exists, an Elastic IP on it."""
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.7.1.0/24", AvailabilityZone="us-east-1a"
    )["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
    )
    group = ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
    eni = ec2.create_network_interface(
        SubnetId=subnet,
        Groups=[group],
        PrivateIpAddresses=[
            {"PrivateIpAddress": "10.7.1.50", "Primary": True},
            {"PrivateIpAddress": "10.7.1.51", "Primary": False},
        ],
    )["NetworkInterface"]["NetworkInterfaceId"]
    ec2.get_waiter("network_interface_available").wait(
        NetworkInterfaceIds=[eni], WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    launched = ec2.run_instances(
        ImageId="ami-1",
        InstanceType="m5.large",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[{"NetworkInterfaceId": eni, "DeviceIndex": 0}],
    )["Instances"][0]
    held = launched["NetworkInterfaces"][0]["NetworkInterfaceId"]
    checks.that("launched on an interface that exists", held == eni, launched)
    ec2.get_waiter("instance_running").wait(
        InstanceIds=[launched["InstanceId"]], WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(
        AllocationId=allocation, NetworkInterfaceId=eni, PrivateIpAddress="10.7.1.51"
    )
    [address] = ec2.describe_addresses(AllocationIds=[allocation])["Addresses"]
    checks.that("associated", address["InstanceId"] == launched["InstanceId"], address)
    ec2.create_tags(Resources=[eni], Tags=[{"Key": "Name", "Value": "service"}])
    [seen] = ec2.describe_network_interfaces(
        Filters=[{"Name": "tag:Name", "Values": ["service"]}, {"Name": "vpc-id", "Values": [vpc]}]
    )["NetworkInterfaces"]
    checks.that("tagged", seen["NetworkInterfaceId"] == eni, seen)
    seen = code(ec2.delete_subnet, SubnetId=subnet)
    checks.that("a subnet in use", seen == ("DependencyViolation", 400), seen)


def cli(at):
    """The aws CLI on an endpoint: words in; exit code, stdout and stderr out."""
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": at["Endpoint"],
        "AWS_ACCESS_KEY_ID": at["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": at["SecretAccessKey"],
        "AWS_DEFAULT_REGION": at["Region"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }

    def aws(*words):
        done = subprocess.run(
            [AWS, *words], env=environment, capture_output=True, text=True, timeout=120
        )
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    return aws


def with_cli(checks, at):
    aws = cli(at)
    seen = aws("sts", "get-caller-identity", "--query", "Account", "--output", "text")
    checks.that("sts", seen[:2] == (0, "111122223333"), seen)
    holder = ("ec2", "describe-network-interfaces", "--network-interface-ids", SERVICE) + (
        "--query",
        "NetworkInterfaces[0].Attachment.InstanceId",
        "--output",
        "text",
    )
    seen = aws(*holder)
    checks.that("describe", seen[:2] == (0, PRIMARY), seen)
    seen = aws(
        "ec2", "describe-network-interfaces", "--page-size", "5",
        "--query", "length(NetworkInterfaces)",
    )  # fmt: skip
    checks.that("pages", seen[0] == 0 and int(seen[1]) > 5, seen)
    detach = ("ec2", "detach-network-interface", "--attachment-id", ATTACHMENT)
    seen = aws(*detach, "--dry-run")
    checks.that("dry run", "(DryRunOperation)" in seen[2], seen)
    seen = aws(*detach)
    checks.that("detach", seen[0] == 0, seen)
    seen = aws("ec2", "wait", "network-interface-available", "--network-interface-ids", SERVICE)
    checks.that("wait", seen[0] == 0, seen)
    seen = aws(
        "ec2", "attach-network-interface", "--network-interface-id", SERVICE,
        "--instance-id", STANDBY, "--device-index", "1", "--query", "AttachmentId",
        "--output", "text",
    )  # fmt: skip
    checks.that("attach", seen[0] == 0 and seen[1].startswith("eni-attach-"), seen)
    seen = aws(*holder)
    checks.that("held by the standby", seen[:2] == (0, STANDBY), seen)
    seen = aws(*detach)
    checks.that("twice", "(InvalidAttachmentID.NotFound)" in seen[2], seen)
