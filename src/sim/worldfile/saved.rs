//! The part of a world file that a program wrote: what has happened since the beginning.
//!
//! Invariant: it is read as it was written, or refused with its line; nothing is left out.

use std::time::Duration;

use super::WorldFileError;
use super::error::Source;
use super::schema::File;
use crate::sim::saved::{MARK, Saved, Settings};

/// What was saved, if anything was.
pub fn saved(source: Source<'_>, file: &File) -> Result<Option<Saved>, WorldFileError> {
    let Some(found) = &file.saved else {
        return Ok(None);
    };
    if !source.text.contains(MARK) {
        return Err(source.error(
            found.span(),
            "[saved] without the line above it",
            "the file as `serve ctl save` wrote it",
        ));
    }
    let found = found.get_ref();
    let seed = found.seed.get_ref();
    let seed = seed.parse().map_err(|_| {
        let what = format!("the seed `{seed}`");
        source.error(found.seed.span(), what, "a whole number from 0 on")
    })?;
    let inputs = found.inputs.iter().map(|input| {
        serde_json::from_str(input.get_ref()).map_err(|error| {
            let what = format!("an input that cannot be read: {error}");
            source.error(input.span(), what, "an input as it was saved")
        })
    });
    Ok(Some(Saved {
        settings: Settings {
            seed,
            attach_time: found.attach_ms.map(Duration::from_millis),
            detach_time: found.detach_ms.map(Duration::from_millis),
        },
        inputs: inputs.collect::<Result<_, _>>()?,
    }))
}
