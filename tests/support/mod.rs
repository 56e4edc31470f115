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
use std::time::{Duration, Instant};

pub use certificates::Certificates;
pub use cyrus::Cyrus;
pub use dovecot::Dovecot;
pub use postfix::Postfix;
pub use quiet::Running;
pub use scripted::ScriptedImap;
pub use sink::SmtpSink;
pub use token_server::TokenServer;

/// A port that nobody listens on at the moment.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
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
