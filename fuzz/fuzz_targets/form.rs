//! Any bytes are a form, or a refusal in words.
#![no_main]

use enipilot::wire::{Form, Params};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(form) = Form::decode(body) {
        let _ = Params::new(form);
    }
});
