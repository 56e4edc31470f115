#![no_main]

#[path = "../../hostile/wires.rs"]
mod wires;

use std::panic;
use std::sync::Once;

static ONCE: Once = Once::new();

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The parser of async-imap panics at replies that no sane server gives; the program catches that.
    ONCE.call_once(|| {
        let abort = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            if what.location().is_none_or(|place| !place.file().contains("imap-proto")) {
                abort(what);
            }
        }));
    });
    wires::imap(data);
});
