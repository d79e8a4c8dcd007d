//! From the words of a step to a request.

use super::road::{Look, Request};

/// The long form of the short words.
pub fn long(step: &str) -> String {
    let words: Vec<_> = step.split_whitespace().collect();
    let attach = |eni, instance, card, index| {
        format!(
            "AttachNetworkInterface NetworkInterfaceId={{{eni}}} InstanceId={{{instance}}} \
             DeviceIndex={index} NetworkCardIndex={card}"
        )
    };
    match words[..] {
        ["dry", ..] => format!("dry {}", long(&words[1..].join(" "))),
        ["attach", eni, instance, index] => attach(eni, instance, "0", index),
        ["attach", eni, instance, card, index] => attach(eni, instance, card, index),
        ["detach", eni] => format!(
            "DetachNetworkInterface AttachmentId={{{}}}",
            attachment(eni)
        ),
        ["force", eni] => format!(
            "DetachNetworkInterface AttachmentId={{{}}} Force=true",
            attachment(eni)
        ),
        ["delete", eni] => format!("DeleteNetworkInterface NetworkInterfaceId={{{eni}}}"),
        ["protect", eni] => format!(
            "ModifyNetworkInterfaceAttribute NetworkInterfaceId={{{}}} DeleteOnTermination=[\"{{{}}}\",true]",
            eni.trim_end_matches("#0"),
            attachment(eni)
        ),
        ["start", instance] => on_instance("StartInstances", instance),
        ["stop", instance] => on_instance("StopInstances", instance),
        ["reboot", instance] => on_instance("RebootInstances", instance),
        ["terminate", instance] => on_instance("TerminateInstances", instance),
        _ => step.to_owned(),
    }
}

/// `E` now, `E#0` at the beginning of the case.
fn attachment(eni: &str) -> String {
    match eni.strip_suffix("#0") {
        Some(eni) => format!("{eni}.AttachmentId#0"),
        None => format!("{eni}.AttachmentId"),
    }
}

fn on_instance(action: &str, instance: &str) -> String {
    format!("{action} InstanceIds=[\"{{{instance}}}\"]")
}

/// The request of a step whose names are ids by now. `image` is what instances are launched from.
pub fn request(step: &str, image: &str) -> Result<Request, String> {
    let (dry, step) = match step.strip_prefix("dry ") {
        Some(step) => (true, step),
        None => (false, step),
    };
    let with_image;
    let step = match step.strip_prefix("RunInstances ") {
        Some(rest) => {
            with_image = format!("RunInstances ImageId={image} {rest}");
            &with_image
        }
        None => step,
    };
    match crate::notation::call(step) {
        Some(call) => Ok(Request::Change(call, dry)),
        None if step.starts_with("Describe") => Ok(Request::Look(look(step))),
        None => Err(format!("no such step: {step}")),
    }
}

/// `DescribeX Ids=a,b MaxResults=5 filter-name=v,w all`.
fn look(step: &str) -> Look {
    let mut words = step.split_whitespace();
    let mut look = Look {
        action: words.next().unwrap_or_default().to_owned(),
        ..Look::default()
    };
    for word in words {
        let values = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        match word.split_once('=') {
            None if word == "all" => look.all = true,
            Some(("Ids", ids)) => look.ids = values(ids),
            Some(("MaxResults", n)) => look.max_results = Some(n.parse().expect(step)),
            Some(("NextToken", token)) => look.next_token = Some(token.to_owned()),
            Some(("Attribute", name)) => look.attribute = Some(name.to_owned()),
            Some((filter, wanted)) if filter.starts_with(|c: char| c.is_ascii_lowercase()) => {
                look.filters.push((filter.to_owned(), values(wanted)));
            }
            _ => panic!("no such parameter: {word} in {step}"),
        }
    }
    look
}
