//! Describes: every field of an interface, tokens, pages, status checks, routes, looks.

use super::handler::{Form, empty, ok, reader, refusal};
use crate::cloud::port::Options;
use crate::ec2::eni::Eni;
use crate::ec2::resource::CheckStatus;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::engine::Gaze;
use crate::failover::facts::Scope;
use crate::failover::mechanism::good::{Berth, Good, What};
use crate::rules::limits;

const FULL: &str = include_str!("../../../../tests/data/ec2/eni-every-field.xml");
const FULL_AS_JSON: &str = include_str!("../../../../tests/data/ec2/eni-every-field.json");
const STORY: &str = include_str!("../../../../tests/data/ec2/inventory.xml");

fn options() -> Options {
    Options {
        endpoint_url: Some("http://127.0.0.1:1".into()),
        ..Options::default()
    }
}

/// The element `<ActionResponse>…</ActionResponse>` of the inventory file.
fn story(action: &str) -> String {
    let open = format!("<{action}Response>");
    let close = format!("</{action}Response>");
    let start = STORY.find(&open).unwrap_or_else(|| panic!("{action}"));
    let end = STORY[start..].find(&close).unwrap() + start + close.len();
    STORY[start..end].to_owned()
}

#[tokio::test]
async fn every_field_of_an_interface_arrives() {
    let (reader, _) = reader(&options(), |form: &Form| match &*form["Action"] {
        "DescribeNetworkInterfaces" => ok(FULL),
        other => empty(other),
    });
    let world = reader.world(&mut |_| ()).await.unwrap();
    let seen = world.enis().next().unwrap();
    let expected: Eni = serde_json::from_str(FULL_AS_JSON).unwrap();
    assert_eq!(**seen, expected);
    // No field of the expectation may be a default: a forgotten one would go unseen.
    let json: serde_json::Value = serde_json::from_str(FULL_AS_JSON).unwrap();
    let fields = serde_json::to_value(&expected).unwrap();
    assert_eq!(
        json.as_object().unwrap().len(),
        fields.as_object().unwrap().len()
    );
}

#[tokio::test]
async fn three_pages_by_token_and_rows_as_they_come() {
    let (reader, log) = reader(&options(), |form: &Form| match &*form["Action"] {
        "DescribeNetworkInterfaces" => {
            let (id, next) = match form.get("NextToken").map(String::as_str) {
                None => ("eni-a", "<nextToken>two</nextToken>"),
                Some("two") => ("eni-b", "<nextToken>three</nextToken>"),
                Some(_) => ("eni-c", "<nextToken></nextToken>"),
            };
            ok(format!(
                "<DescribeNetworkInterfacesResponse><networkInterfaceSet><item><networkInterfaceId>{id}</networkInterfaceId>\
                 <ownerId>1</ownerId></item></networkInterfaceSet>{next}</DescribeNetworkInterfacesResponse>"
            ))
        }
        other => empty(other),
    });
    let mut sizes = Vec::new();
    let mut on_page = |world: &World| sizes.push(world.eni_count());
    let world = reader.world(&mut on_page).await.unwrap();
    assert_eq!((world.eni_count(), &*world.account), (3, "1"));
    sizes.dedup();
    assert!(sizes.ends_with(&[1, 2, 3]), "{sizes:?}");
    let asked: Vec<_> = log
        .all()
        .into_iter()
        .filter(|form| form["Action"] == "DescribeNetworkInterfaces")
        .map(|form| (form.get("NextToken").cloned(), form["MaxResults"].clone()))
        .collect();
    assert_eq!(
        asked,
        [
            (None, "1000".to_owned()),
            (Some("two".to_owned()), "1000".to_owned()),
            (Some("three".to_owned()), "1000".to_owned()),
        ]
    );
}

#[tokio::test]
async fn the_inventory_around_the_interface() {
    let (reader, log) = reader(&options(), |form: &Form| ok(story(&form["Action"])));
    let world = reader.world(&mut |_| ()).await.unwrap();
    // Torn on purpose: the interface that carries it is not among those described.
    assert_eq!(
        world.check_invariants(),
        ["eipalloc-0123456789abcdef0: the Elastic IP and its interface disagree"]
    );
    let text = format!("{:#?}", Shown(&world));
    insta::assert_snapshot!("inventory", text);
    let tables = log.all();
    let tables = tables.iter().find(|f| f["Action"] == "DescribeRouteTables");
    assert_eq!(tables.unwrap()["MaxResults"], "100");
}

/// Everything but the interfaces, in one text.
struct Shown<'a>(&'a World);

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("region", &self.0.region)
            .field("account", &self.0.account)
            .field("vpcs", &self.0.vpcs().collect::<Vec<_>>())
            .field("subnets", &self.0.subnets().collect::<Vec<_>>())
            .field("instances", &self.0.instances().collect::<Vec<_>>())
            .field("groups", &self.0.groups().collect::<Vec<_>>())
            .field("addresses", &self.0.addresses().collect::<Vec<_>>())
            .field("route_tables", &self.0.route_tables().collect::<Vec<_>>())
            .finish()
    }
}

fn scope() -> Scope {
    Scope {
        eni: "eni-0c1d52aa7be03f9a1".into(),
        source: Some("i-0d1a2b3c4d5e6f701".into()),
        target: "i-0d1a2b3c4d5e6f702".into(),
        source_name: String::new(),
        target_name: String::new(),
        goods: Vec::new(),
    }
}

#[tokio::test]
async fn a_look_at_the_interface_is_one_describe_by_id() {
    let (reader, log) = reader(&options(), |_| ok(FULL));
    let seen = reader.look(&scope(), Gaze::Eni, Time::default()).await;
    assert!(seen.seen.unwrap().eni(&scope().eni).is_some());
    let asked = log.all();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["NetworkInterfaceId.1"], "eni-0c1d52aa7be03f9a1");
    assert!(!asked[0].contains_key("MaxResults"));
}

#[tokio::test]
async fn a_full_look_asks_for_both_instances() {
    let (reader, log) = reader(&options(), |form: &Form| {
        match form.get("NetworkInterfaceId.1") {
            Some(_) => ok(FULL),
            None => ok(story(&form["Action"])),
        }
    });
    let seen = reader.look(&scope(), Gaze::Full, Time::default()).await;
    let world = seen.seen.unwrap();
    let primary = world.instance(&"i-0d1a2b3c4d5e6f701".into()).unwrap();
    assert_eq!(primary.system_status, CheckStatus::Impaired);
    assert_eq!(world.route_tables_to(&scope().eni).count(), 1);
    assert_eq!(world.addresses().count(), 2);
    for (name, action) in [
        ("attachment.instance-id", "DescribeNetworkInterfaces"),
        ("instance-id", "DescribeInstances"),
    ] {
        let asked = log.all();
        let asked = asked
            .iter()
            .find(|f| f["Action"] == action && f.contains_key("Filter.1.Name"))
            .unwrap();
        assert_eq!(asked["Filter.1.Name"], name);
        assert_eq!(asked["Filter.1.Value.1"], "i-0d1a2b3c4d5e6f701");
        assert_eq!(asked["Filter.1.Value.2"], "i-0d1a2b3c4d5e6f702");
    }
}

#[tokio::test]
async fn where_private_addresses_are_carried_over_a_full_look_has_their_subnet() {
    let berth = |eni: &str| Berth {
        eni: eni.into(),
        private_ip: None,
    };
    let good = |what| Good {
        what,
        from: berth("eni-0c1d52aa7be03f9a1"),
        to: berth("eni-0c1d52aa7be03f9a2"),
    };
    let address = What::PrivateIp("10.0.1.51".parse().unwrap());
    let route = What::Route {
        table: "rtb-1".into(),
        destination: "172.31.99.0/24".into(),
    };
    for (what, asked) in [(address, true), (route, false)] {
        let (reader, log) = reader(&options(), |form: &Form| {
            match form.get("NetworkInterfaceId.1") {
                Some(_) => ok(FULL),
                None => ok(story(&form["Action"])),
            }
        });
        let scope = Scope {
            goods: vec![good(what)],
            ..scope()
        };
        let seen = reader.look(&scope, Gaze::Full, Time::default()).await;
        let world = seen.seen.unwrap();
        let subnet = &world.eni(&scope.eni).unwrap().subnet_id;
        assert_eq!(world.subnet(subnet).is_some(), asked);
        let forms = log.all();
        assert_eq!(
            forms.iter().any(|f| f["Action"] == "DescribeSubnets"),
            asked
        );
    }
}

#[tokio::test]
async fn an_interface_that_is_gone_is_an_answer_and_no_error() {
    for gaze in [Gaze::Eni, Gaze::Full] {
        let (reader, _) = reader(&options(), |form: &Form| {
            match form.get("NetworkInterfaceId.1") {
                Some(_) => refusal(400, "InvalidNetworkInterfaceID.NotFound"),
                None => empty(&form["Action"]),
            }
        });
        let seen = reader.look(&scope(), gaze, Time::default()).await;
        assert!(seen.seen.unwrap().eni(&scope().eni).is_none());
    }
}

#[tokio::test]
async fn an_instance_that_is_gone_is_an_answer_and_no_error() {
    let (reader, _) = reader(&options(), |form: &Form| match &*form["Action"] {
        "DescribeInstanceStatus" => refusal(400, "InvalidInstanceID.NotFound"),
        "DescribeNetworkInterfaces" => ok(FULL),
        other => empty(other),
    });
    let seen = reader.look(&scope(), Gaze::Full, Time::default()).await;
    assert!(seen.seen.unwrap().instance(&scope().target).is_none());
}

#[tokio::test]
async fn the_holder_of_an_elastic_ip_is_filled_in_only_beyond_aws() {
    for (endpoint, expected) in [
        ("http://127.0.0.1:1", Some("i-0d1a2b3c4d5e6f701")),
        ("https://ec2.us-east-1.amazonaws.com", None),
    ] {
        let options = Options {
            endpoint_url: Some(endpoint.into()),
            ..Options::default()
        };
        let (reader, _) = reader(&options, |form: &Form| match &*form["Action"] {
            "DescribeNetworkInterfaces" => ok(FULL),
            other => ok(story(other)),
        });
        let world = reader.world(&mut |_| ()).await.unwrap();
        let holders: Vec<_> = world
            .addresses()
            .map(|a| a.instance_id.as_ref().map(|id| id.as_str()))
            .collect();
        assert_eq!(holders, [expected, None], "{endpoint}");
    }
}

const ODD_TYPES: &str = "<DescribeInstancesResponse><reservationSet><item><instancesSet>\
    <item><instanceId>i-1</instanceId><instanceType>q9.huge</instanceType></item>\
    <item><instanceId>i-2</instanceId><instanceType>m5.large</instanceType></item>\
    </instancesSet></item></reservationSet></DescribeInstancesResponse>";

const HUGE: &str = "<DescribeInstanceTypesResponse><instanceTypeSet><item>\
    <instanceType>q9.huge</instanceType><hypervisor>nitro</hypervisor><networkInfo>\
    <networkPerformance>9 Gigabit</networkPerformance><networkCards>\
    <item><networkCardIndex>0</networkCardIndex><maximumNetworkInterfaces>4</maximumNetworkInterfaces></item>\
    <item><networkCardIndex>1</networkCardIndex><maximumNetworkInterfaces>1</maximumNetworkInterfaces></item>\
    </networkCards><maximumNetworkInterfaces>5</maximumNetworkInterfaces>\
    <ipv4AddressesPerInterface>7</ipv4AddressesPerInterface>\
    </networkInfo></item></instanceTypeSet></DescribeInstanceTypesResponse>";

#[tokio::test]
async fn a_type_that_is_not_embedded_is_asked_for_once() {
    let (reader, log) = reader(&options(), |form: &Form| match &*form["Action"] {
        "DescribeInstances" => ok(ODD_TYPES),
        "DescribeInstanceTypes" => ok(HUGE),
        other => empty(other),
    });
    let mut world = World::default();
    for _ in 0..2 {
        world = reader.world(&mut |_| ()).await.unwrap();
    }
    let huge = limits::in_world(&world, "q9.huge").unwrap();
    let cards = [0, 1, 2].map(|card| huge.interfaces_per_card_max(card));
    assert_eq!((huge.interfaces_max, cards), (5, [4, 1, 0]));
    assert_eq!((huge.ipv4_per_interface_max, huge.nitro), (7, Some(true)));
    assert_eq!(limits::in_world(&world, "m5.large"), limits::of("m5.large"));
    let asked: Vec<_> = log
        .all()
        .into_iter()
        .filter(|form| form["Action"] == "DescribeInstanceTypes")
        .map(|form| {
            (
                form["InstanceType.1"].clone(),
                form.get("InstanceType.2").cloned(),
            )
        })
        .collect();
    assert_eq!(asked, [("q9.huge".to_owned(), None)]);
}

#[tokio::test]
async fn a_type_that_may_not_be_described_stays_unknown() {
    let (reader, log) = reader(&options(), |form: &Form| match &*form["Action"] {
        "DescribeInstances" => ok(ODD_TYPES),
        "DescribeInstanceTypes" => refusal(403, "UnauthorizedOperation"),
        other => empty(other),
    });
    for _ in 0..2 {
        let world = reader.world(&mut |_| ()).await.unwrap();
        assert_eq!(world.instances().count(), 2);
        assert_eq!(limits::in_world(&world, "q9.huge"), None);
    }
    let asked = log.all();
    let asked = asked
        .iter()
        .filter(|f| f["Action"] == "DescribeInstanceTypes");
    assert_eq!(asked.count(), 1, "not with every poll");
}
