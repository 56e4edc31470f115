#![no_main]

#[path = "../../hostile/files.rs"]
mod files;

libfuzzer_sys::fuzz_target!(|data: &[u8]| files::config(data));
