//! Private servers for tests: real ones where possible, scripted ones for what no real server does.
//! Each listens on loopback, on a port of its own, and ends with the test that started it.

#![allow(dead_code, unused_imports, reason = "each test uses some of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail loudly")]

pub mod certificates;
pub mod cyrus;
pub mod dovecot;
pub mod postfix;
pub mod program;
pub mod quiet;
pub mod scripted;
pub mod sink;
pub mod slip;
pub mod token_server;

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub use certificates::Certificates;
pub use cyrus::Cyrus;
pub use dovecot::Dovecot;
pub use postfix::Postfix;
pub use quiet::Running;
pub use scripted::ScriptedImap;
pub use sink::SmtpSink;
pub use token_server::TokenServer;

/// A port that nobody listens on, and that nobody gets by chance before the server that it is for:
/// it is below those that systems hand out (RFC 6335: Linux from 32768, others from 49152), and no
/// port is given twice. (Two ports asked of the system one after the other were once the same.)
pub fn free_port() -> u16 {
    const FIRST: u32 = 10_240;
    const COUNT: u32 = 22_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Tests that run beside these in another process begin elsewhere.
    let start = std::process::id().wrapping_mul(997);
    for _ in 0..COUNT {
        let number = start.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(FIRST + number).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("0.0.0.0", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// Looks until `found` says something; fails the test after `limit`.
pub fn eventually<T>(what: &str, limit: Duration, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends a server that was begun as the head of a process group, and all its children.
pub fn end_group(child: &mut Child) {
    let group = format!("-{}", child.id());
    let signal = |signal: &str| {
        // Whoever has ended already gets none.
        let _ = Command::new("kill").args([signal, "--", &group]).stderr(Stdio::null()).status();
    };
    signal("-TERM");
    for _ in 0..300 {
        if matches!(child.try_wait(), Ok(Some(_))) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    signal("-KILL");
    let _ = child.kill();
    let _ = child.wait();
}
