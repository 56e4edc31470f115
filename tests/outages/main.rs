//! The whole daemon while its servers fail: each mailbox fails by itself, nothing is lost, nothing is
//! said twice, and what was wrong is to be read in `status`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail loudly")]

mod certificate;
mod cyrus;
mod house;
mod post;
mod servers;
#[path = "../support/mod.rs"]
mod support;
