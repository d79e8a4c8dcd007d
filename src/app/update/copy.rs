//! Copying to the terminal's clipboard.

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::tree::Node;
use crate::ec2::shown::shown;

/// The selected row's id or address.
pub(super) fn selected(model: &Model) -> Vec<Effect> {
    let text = match model.selected() {
        Some(Node::Vpc(id)) => id.to_string(),
        Some(Node::Subnet(id) | Node::Unattached(id) | Node::Managed(id)) => id.to_string(),
        Some(Node::Instance(id)) => id.to_string(),
        Some(Node::Eni(id)) => id.to_string(),
        Some(Node::Address(_, ip)) => ip.to_string(),
        None => return Vec::new(),
    };
    vec![Effect::Copy(text)]
}

pub(super) fn copied(model: &mut Model, text: &str) {
    let lines = text.lines().count();
    if lines > 1 {
        model.tell(format!("{lines} lines sent to the terminal's clipboard"));
    } else {
        model.tell(format!("{} sent to the terminal's clipboard", shown(text)));
    }
}
