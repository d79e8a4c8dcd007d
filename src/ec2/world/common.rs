//! Texts that many resources have in common are kept once: zones, owners, subnets, groups, types.
//!
//! Invariants: what a text says never changes, only where it is kept; the number of kept texts is
//! bounded, so that an account full of unlike descriptions costs a look-up and nothing else.

use std::collections::BTreeSet;

use super::World;
use super::share::Shared;
use crate::ec2::eni::Eni;
use crate::ec2::id::{GroupId, Str, SubnetId, VpcId};
use crate::ec2::resource::Instance;

/// Texts kept at most.
const TEXTS_MAX: usize = 16_384;

/// The texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Common(Shared<BTreeSet<Str>>);

impl Common {
    /// The kept text that says the same; `None` if there is none, and no room for it.
    fn kept(&mut self, text: &str) -> Option<Str> {
        if let Some(kept) = self.0.get(text) {
            return Some(Str::clone(kept));
        }
        let text = (self.0.len() < TEXTS_MAX).then(|| Str::from(text))?;
        self.0.insert(Str::clone(&text));
        Some(text)
    }

    fn keep(&mut self, text: &mut Str) {
        if let Some(kept) = self.kept(text) {
            *text = kept;
        }
    }

    fn keep_id<I: From<Str>>(&mut self, id: &mut I, text: fn(&I) -> &str) {
        if let Some(kept) = self.kept(text(id)) {
            *id = I::from(kept);
        }
    }
}

impl World {
    /// Lets an interface use the texts that others have already, and gives back spare room.
    pub(super) fn lean_eni(&mut self, eni: &mut Eni) {
        let common = &mut self.common;
        common.keep_id(&mut eni.subnet_id, SubnetId::as_str);
        common.keep_id(&mut eni.vpc_id, VpcId::as_str);
        common.keep(&mut eni.availability_zone);
        common.keep(&mut eni.description);
        common.keep(&mut eni.owner_id);
        common.keep(&mut eni.interface_type);
        eni.availability_zone_id
            .iter_mut()
            .for_each(|t| common.keep(t));
        eni.requester_id.iter_mut().for_each(|t| common.keep(t));
        for group in &mut eni.groups {
            common.keep_id(&mut group.group_id, GroupId::as_str);
            common.keep(&mut group.group_name);
        }
        for tag in &mut eni.tag_set {
            common.keep(&mut tag.key);
        }
        if let Some(attachment) = &mut eni.attachment {
            attachment
                .instance_owner_id
                .iter_mut()
                .for_each(|t| common.keep(t));
            if let Some(id) = &mut attachment.instance_id
                && let Some(instance) = self.instances.get(id)
            {
                *id = instance.id.clone();
            }
        }
        eni.private_ip_addresses.shrink_to_fit();
        eni.groups.shrink_to_fit();
        eni.tag_set.shrink_to_fit();
    }

    /// The same for an instance.
    pub(super) fn lean_instance(&mut self, instance: &mut Instance) {
        let common = &mut self.common;
        common.keep(&mut instance.instance_type);
        common.keep(&mut instance.availability_zone);
        common.keep(&mut instance.owner_id);
        instance
            .subnet_id
            .iter_mut()
            .for_each(|id| common.keep_id(id, SubnetId::as_str));
        instance
            .vpc_id
            .iter_mut()
            .for_each(|id| common.keep_id(id, VpcId::as_str));
        for tag in &mut instance.tags {
            common.keep(&mut tag.key);
        }
        instance.tags.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use super::*;

    fn eni(id: &str) -> Eni {
        serde_json::from_value(serde_json::json!({
            "NetworkInterfaceId": id, "SubnetId": "subnet-1", "VpcId": "vpc-1",
            "AvailabilityZone": "us-east-1a", "OwnerId": "111122223333", "Status": "available",
            "MacAddress": "02:00:00:00:00:01", "InterfaceType": "interface",
            "Groups": [{"GroupId": "sg-1", "GroupName": "db"}],
        }))
        .unwrap()
    }

    #[test]
    fn what_two_interfaces_have_in_common_is_kept_once_and_says_the_same() {
        let mut world = World::new("us-east-1", "111122223333");
        world.put_eni(eni("eni-1"));
        world.put_eni(eni("eni-2"));
        let [one, two] = ["eni-1", "eni-2"].map(|id| world.eni(&id.into()).unwrap());
        assert!(Arc::ptr_eq(&one.owner_id, &two.owner_id));
        assert_eq!(
            one.subnet_id.as_str().as_ptr(),
            two.subnet_id.as_str().as_ptr()
        );
        assert_eq!(**one, eni("eni-1"));
        assert_eq!(**two, eni("eni-2"));
    }

    #[test]
    fn unlike_texts_stop_being_kept_at_a_bound() {
        let mut common = Common::default();
        for n in 0..=TEXTS_MAX {
            common.kept(&n.to_string());
        }
        assert_eq!(common.0.len(), TEXTS_MAX);
        assert_eq!(common.kept("one more"), None);
    }
}
