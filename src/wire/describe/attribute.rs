//! `DescribeVpcAttribute` and `DescribeInstanceAttribute`: one attribute of one resource.

use super::super::params::{Params, invalid_value};
use super::super::xml::Xml;
use super::all_exist;
use super::eni::write_groups;
use super::instance::{ids_exist, primary};
use crate::ec2::error::ApiError;
use crate::ec2::resource::Instance;
use crate::ec2::world::World;

/// `DescribeVpcAttribute`.
pub(super) fn vpc(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let id = params.needed("VpcId")?;
    let name = params.needed("Attribute")?;
    params.finish()?;
    let found = world.vpc(&id.as_str().into());
    let exists = |_: &str| found.is_some();
    all_exist(&[id.clone()].into(), "InvalidVpcID.NotFound", "vpc", exists)?;
    let mut xml = Xml::ec2("DescribeVpcAttribute");
    xml.text("vpcId", &id);
    let Some(vpc) = found else { return Ok(xml) };
    // What the inventory does not tell is as it is in a VPC that nobody changed.
    let on = match name.as_str() {
        "enableDnsSupport" => vpc.enable_dns_support.unwrap_or(true),
        "enableDnsHostnames" => vpc.enable_dns_hostnames.unwrap_or(vpc.is_default),
        "enableNetworkAddressUsageMetrics" => false,
        other => {
            let expecting = "Expecting enableDnsSupport, enableDnsHostnames or \
                             enableNetworkAddressUsageMetrics.";
            return Err(invalid_value("Attribute", other, expecting));
        }
    };
    value(&mut xml, &name, on);
    Ok(xml)
}

fn value(xml: &mut Xml, name: &str, value: impl std::fmt::Display) {
    xml.within(name, |x| {
        x.text("value", value);
    });
}

/// `DescribeInstanceAttribute`. What the simulator does not model is as it is on an instance that
/// nobody changed.
pub(super) fn instance(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let id = params.needed("InstanceId")?;
    let name = params.needed("Attribute")?;
    params.finish()?;
    ids_exist(world, &[id.clone()].into())?;
    let mut xml = Xml::ec2("DescribeInstanceAttribute");
    xml.text("instanceId", &id);
    if let Some(found) = world.instance(&id.as_str().into()) {
        of_instance(&mut xml, world, found, &name)?;
    }
    Ok(xml)
}

fn of_instance(xml: &mut Xml, world: &World, i: &Instance, name: &str) -> Result<(), ApiError> {
    let primary = primary(world, i);
    match name {
        "instanceType" => value(xml, name, &i.instance_type),
        "disableApiTermination" => value(xml, name, i.disable_api_termination),
        "disableApiStop" | "ebsOptimized" => value(xml, name, false),
        "enaSupport" => value(xml, name, true),
        "instanceInitiatedShutdownBehavior" => value(xml, name, "stop"),
        "rootDeviceName" => value(xml, name, "/dev/xvda"),
        "sourceDestCheck" => value(xml, name, primary.is_none_or(|e| e.source_dest_check)),
        "groupSet" => match primary {
            Some(eni) => write_groups(xml, eni),
            None => _ = xml.within(name, |_| ()),
        },
        "blockDeviceMapping" | "productCodes" | "kernel" | "ramdisk" | "userData"
        | "sriovNetSupport" => _ = xml.within(name, |_| ()),
        "enclaveOptions" => {
            xml.within(name, |x| {
                x.text("enabled", false);
            });
        }
        other => return Err(invalid_value("Attribute", other, "Unknown attribute.")),
    }
    Ok(())
}
