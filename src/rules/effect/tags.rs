//! Tags: a key once, in the order in which keys came.

use super::Effect;
use crate::ec2::call::{CreateTags, DeleteTags};
use crate::ec2::change::Change;
use crate::ec2::world::World;

/// A key that is there gets the new value; other keys are added.
pub fn create(world: &World, call: &CreateTags) -> Effect {
    let mut effect = Effect::default();
    for id in &call.resources {
        let mut tags = world.tags_of(id).unwrap_or_default().to_vec();
        for new in &call.tags {
            match tags.iter_mut().find(|t| t.key == new.key) {
                Some(tag) => tag.value = new.value.clone(),
                None => tags.push(new.clone()),
            }
        }
        effect.at_once.push(Change::Tags(id.clone(), tags));
    }
    effect
}

/// Keys that are named go, where a value is named only with that value; all own ones if no key is.
pub fn delete(world: &World, call: &DeleteTags) -> Effect {
    let mut effect = Effect::default();
    for id in &call.resources {
        let mut tags = world.tags_of(id).unwrap_or_default().to_vec();
        tags.retain(|tag| {
            let named = call.tags.iter().any(|(key, value)| {
                *key == tag.key && value.as_ref().is_none_or(|value| *value == tag.value)
            });
            let all = call.tags.is_empty() && !tag.key.starts_with("aws:");
            !named && !all
        });
        effect.at_once.push(Change::Tags(id.clone(), tags));
    }
    effect
}
