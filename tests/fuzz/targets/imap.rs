#![no_main]

#[path = "../../hostile/wires.rs"]
mod wires;

libfuzzer_sys::fuzz_target!(|data: &[u8]| wires::imap(data));
