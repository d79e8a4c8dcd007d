"""Puts the story of two-am into an empty EC2 endpoint: a primary and its standby in one zone, the
service interface with its Elastic IP, its secondary address and a route to it, and instances that
cannot take it."""


def named(resource, name):
    return [{"ResourceType": resource, "Tags": [{"Key": "Name", "Value": name}]}]


def seed(ec2):
    """Creates everything; answers the ids by short names."""
    ids = {}
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=named("vpc", "prod"))["Vpc"]
    ids["vpc"] = vpc["VpcId"]
    for short, cidr, zone in (
        ("app-a", "10.0.1.0/24", "us-east-1a"),
        ("app-b", "10.0.2.0/24", "us-east-1b"),
    ):
        subnet = ec2.create_subnet(
            VpcId=ids["vpc"],
            CidrBlock=cidr,
            AvailabilityZone=zone,
            TagSpecifications=named("subnet", short),
        )["Subnet"]
        ids[short] = subnet["SubnetId"]
    ids["sg-db"] = ec2.create_security_group(
        GroupName="sg-db", Description="database clients", VpcId=ids["vpc"]
    )["GroupId"]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    for short, kind, subnet, address in (
        ("db-primary", "m5.large", "app-a", "10.0.1.10"),
        ("db-standby", "m5.large", "app-a", "10.0.1.11"),
        ("bastion", "t3.nano", "app-a", "10.0.1.12"),
        ("report-b", "m5.large", "app-b", "10.0.2.10"),
    ):
        started = ec2.run_instances(
            ImageId=image,
            InstanceType=kind,
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[
                {
                    "DeviceIndex": 0,
                    "SubnetId": ids[subnet],
                    "PrivateIpAddress": address,
                    "Groups": [ids["sg-db"]],
                }
            ],
            TagSpecifications=named("instance", short),
        )
        ids[short] = started["Instances"][0]["InstanceId"]
    ids["service"] = interface(ec2, ids, "db-service", ["10.0.1.50", "10.0.1.51"])
    ids["spare"] = interface(ec2, ids, "bastion-spare", ["10.0.1.60"])
    ids["attachment"] = attach(ec2, ids["service"], ids["db-primary"])
    attach(ec2, ids["spare"], ids["bastion"])
    address = ec2.allocate_address(Domain="vpc")
    ids["eip"], ids["allocation"] = address["PublicIp"], address["AllocationId"]
    ec2.associate_address(AllocationId=ids["allocation"], NetworkInterfaceId=ids["service"])
    table = ec2.create_route_table(VpcId=ids["vpc"], TagSpecifications=named("route-table", "app"))
    ids["table"] = table["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=ids["table"], SubnetId=ids["app-a"])
    ec2.create_route(
        RouteTableId=ids["table"],
        DestinationCidrBlock="172.31.99.0/24",
        NetworkInterfaceId=ids["service"],
    )
    return ids


def interface(ec2, ids, name, addresses):
    made = ec2.create_network_interface(
        SubnetId=ids["app-a"],
        Description=name,
        Groups=[ids["sg-db"]],
        PrivateIpAddresses=[
            {"PrivateIpAddress": ip, "Primary": n == 0} for n, ip in enumerate(addresses)
        ],
        TagSpecifications=named("network-interface", name),
    )
    return made["NetworkInterface"]["NetworkInterfaceId"]


def attach(ec2, eni, instance):
    return ec2.attach_network_interface(
        NetworkInterfaceId=eni, InstanceId=instance, DeviceIndex=1, NetworkCardIndex=0
    )["AttachmentId"]
