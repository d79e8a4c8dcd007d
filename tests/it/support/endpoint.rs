//! A loopback EC2 endpoint over our own simulator that knows as little as some do: it executes dry
//! runs, and transitions (a detach, an attach) complete between two requests.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use enipilot::ec2::call::{Attach, Call, Detach, Modify};
use enipilot::ec2::error::ApiError;
use enipilot::ec2::world::World;
use enipilot::sim::Sim;
use serde_json::Value;

#[derive(Clone)]
pub struct Endpoint {
    sim: Arc<Mutex<Sim>>,
    port: u16,
}

impl Endpoint {
    pub fn start(sim: Sim) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = Self {
            sim: Arc::new(Mutex::new(sim)),
            port,
        };
        let server = endpoint.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.serve(&stream));
            }
        });
        endpoint
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn world(&self) -> Arc<World> {
        self.sim.lock().unwrap().world()
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(form) = request(&mut reader) {
            let (status, body) = self.answer(&form);
            let head = format!(
                "HTTP/1.1 {status} x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let mut out = stream;
            if out.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, form: &BTreeMap<String, String>) -> (u16, String) {
        let action = form.get("Action").cloned().unwrap_or_default();
        let mut sim = self.sim.lock().unwrap();
        while let Some(due) = sim.next_due() {
            sim.advance(due);
        }
        let answer = respond(&mut sim, &action, form);
        match answer {
            Ok(inner) => {
                let inner = format!("<requestId>r</requestId>{inner}");
                (200, format!("<{action}Response>{inner}</{action}Response>"))
            }
            Err(error) => {
                let (code, text) = (&error.code, escape(&error.message));
                let error = format!("<Error><Code>{code}</Code><Message>{text}</Message></Error>");
                let body = format!(
                    "<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"
                );
                (400, body)
            }
        }
    }
}

/// The form of one request; `None` when the connection is over.
fn request(reader: &mut impl BufRead) -> Option<BTreeMap<String, String>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    Some(pairs.map(|(k, v)| (decode(k), decode(v))).collect())
}

fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}

fn respond(
    sim: &mut Sim,
    action: &str,
    form: &BTreeMap<String, String>,
) -> Result<String, ApiError> {
    let world = sim.world();
    let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let number = |name: &str| text(name).parse().unwrap_or(0);
    let listed = |prefix: &str| -> Vec<&str> {
        form.iter()
            .filter(|(name, _)| name.starts_with(&format!("{prefix}.")))
            .map(|(_, value)| value.as_str())
            .collect()
    };
    // The adapter uses one filter at a time.
    let filter = |name: &str| (text("Filter.1.Name") == name).then(|| listed("Filter.1.Value"));
    Ok(match action {
        "GetCallerIdentity" => format!(
            "<GetCallerIdentityResult><Account>{0}</Account><UserId>u</UserId>\
             <Arn>arn:aws:iam::{0}:user/test</Arn></GetCallerIdentityResult>",
            world.account
        ),
        "DescribeVpcs" => set("vpcSet", world.vpcs()),
        "DescribeSubnets" => set("subnetSet", world.subnets()),
        "DescribeSecurityGroups" => {
            set("securityGroupInfo", world.groups()).replace("description>", "groupDescription>")
        }
        "DescribeAddresses" => set("addressesSet", world.addresses()),
        "DescribeInstanceTypes" => "<instanceTypeSet/>".to_owned(),
        "DescribeInstances" => {
            let wanted = filter("instance-id");
            let items = world
                .instances()
                .filter(|i| wanted.as_ref().is_none_or(|w| w.contains(&i.id.as_str())))
                .map(|i| {
                    let (state, zone) = (i.state.as_str(), &i.availability_zone);
                    let mut json = serde_json::to_value(&**i).unwrap();
                    for name in [
                        "State",
                        "SystemStatus",
                        "InstanceStatus",
                        "AvailabilityZone",
                    ] {
                        json.as_object_mut().unwrap().remove(name);
                    }
                    let owner = &i.owner_id;
                    format!(
                        "<item><ownerId>{owner}</ownerId><instancesSet><item>{}\
                         <instanceState><code>16</code><name>{state}</name></instanceState>\
                         <placement><availabilityZone>{zone}</availabilityZone></placement>\
                         </item></instancesSet></item>",
                        members(&json)
                    )
                });
            wrap("reservationSet", items)
        }
        "DescribeInstanceStatus" => {
            let items = world.instances().map(|i| {
                format!(
                    "<item><instanceId>{}</instanceId>\
                     <systemStatus><status>{}</status></systemStatus>\
                     <instanceStatus><status>{}</status></instanceStatus></item>",
                    i.id, i.system_status, i.instance_status
                )
            });
            wrap("instanceStatusSet", items)
        }
        "DescribeNetworkInterfaces" => {
            let ids = listed("NetworkInterfaceId");
            let of = filter("attachment.instance-id");
            let found: Vec<_> = world
                .enis()
                .filter(|e| ids.is_empty() || ids.contains(&e.id.as_str()))
                .filter(|e| {
                    let on = e.instance_id().map(|i| i.as_str()).unwrap_or_default();
                    of.as_ref().is_none_or(|wanted| wanted.contains(&on))
                })
                .collect();
            if found.is_empty() && !ids.is_empty() {
                let what = format!("The networkInterface ID '{}' does not exist", ids[0]);
                return Err(ApiError::new("InvalidNetworkInterfaceID.NotFound", what));
            }
            set("networkInterfaceSet", found.into_iter())
        }
        "DescribeRouteTables" => {
            let items = world.route_tables().map(|t| {
                let routes = t.routes.iter().map(|r| {
                    let json = serde_json::to_value(r).unwrap();
                    let route = members(&json)
                        .replace("destination>", "destinationCidrBlock>")
                        .replace("gateway>", "gatewayId>");
                    format!("<item>{route}</item>")
                });
                format!(
                    "<item><routeTableId>{}</routeTableId><vpcId>{}</vpcId>{}<associationSet/>\
                     </item>",
                    t.id,
                    t.vpc_id,
                    wrap("routeSet", routes)
                )
            });
            wrap("routeTableSet", items)
        }
        "DetachNetworkInterface" => {
            sim.call(&Call::DetachNetworkInterface(Detach {
                attachment_id: text("AttachmentId").into(),
                force: text("Force") == "true",
            }))?;
            "<return>true</return>".to_owned()
        }
        "AttachNetworkInterface" => {
            let answer = sim.call(&Call::AttachNetworkInterface(Attach {
                network_interface_id: text("NetworkInterfaceId").into(),
                instance_id: text("InstanceId").into(),
                device_index: number("DeviceIndex"),
                network_card_index: number("NetworkCardIndex"),
            }))?;
            let id = answer.attachment_id.unwrap();
            format!("<attachmentId>{id}</attachmentId><networkCardIndex>0</networkCardIndex>")
        }
        "ModifyNetworkInterfaceAttribute" => {
            let attachment = text("Attachment.AttachmentId");
            let on = text("Attachment.DeleteOnTermination") == "true";
            sim.call(&Call::ModifyNetworkInterfaceAttribute(Modify {
                network_interface_id: text("NetworkInterfaceId").into(),
                delete_on_termination: (!attachment.is_empty()).then(|| (attachment.into(), on)),
                ..Modify::default()
            }))?;
            "<return>true</return>".to_owned()
        }
        other => {
            let what = format!("The action {other} is not valid for this web service.");
            return Err(ApiError::new("InvalidAction", what));
        }
    })
}

fn wrap(name: &str, items: impl Iterator<Item = String>) -> String {
    format!("<{name}>{}</{name}>", items.collect::<String>())
}

fn set<T: serde::Serialize>(name: &str, items: impl Iterator<Item = T>) -> String {
    let item = |i: T| {
        format!(
            "<item>{}</item>",
            members(&serde_json::to_value(&i).unwrap())
        )
    };
    wrap(name, items.map(item))
}

/// The members of a resource in wire form: the same names, first letter small, lists as sets.
fn members(json: &Value) -> String {
    let mut out = String::new();
    for (name, value) in json.as_object().unwrap() {
        let name = match name.as_str() {
            "PrivateIpAddresses" => "privateIpAddressesSet".to_owned(),
            "Ipv6Addresses" => "ipv6AddressesSet".to_owned(),
            "Groups" => "groupSet".to_owned(),
            "Tags" | "TagSet" => "tagSet".to_owned(),
            // Lists of plain values, of which the tests need none.
            "Ipv4Prefixes" | "Ipv6Prefixes" | "AssociatedSubnets" | "SubnetIds" => continue,
            other => other[..1].to_lowercase() + &other[1..],
        };
        let inner = match value {
            Value::Null => continue,
            Value::Array(items) => items
                .iter()
                .map(|i| format!("<item>{}</item>", members(i)))
                .collect(),
            Value::Object(_) => members(value),
            Value::String(text) if text.is_empty() => continue,
            Value::String(text) => escape(text),
            other => other.to_string(),
        };
        out.push_str(&format!("<{name}>{inner}</{name}>"));
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
