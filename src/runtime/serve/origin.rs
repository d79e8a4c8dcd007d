//! Where a served world comes from, so that it can begin again.

use crate::sim::Sim;
use crate::sim::saved::Settings;
use crate::sim::worldfile::WorldFileError;

/// A world file's text, and what the command line says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Names the text in errors.
    pub file: String,
    /// The world file, or a saved world.
    pub text: String,
    /// What it is begun with, unless a saved world has settings of its own.
    pub settings: Settings,
}

impl Origin {
    /// The world at its beginning; a saved one where it was saved.
    pub fn begin(&self) -> Result<Sim, WorldFileError> {
        Sim::begin(&self.file, &self.text, &self.settings)
    }
}
