//! `triaged` reads the mailboxes that an organisation has always had, understands each mail,
//! opens or joins a case, answers at once, and keeps watch over the promise of a person's reaction.
//!
//! # One idea
//! **Decide, then do.** [`triage`] is pure: a mail, the rules, the calendar, the case so far and
//! the time go in, a [`triage::decide::Decision`] comes out. Everything around it fetches, stores,
//! sends and shows.
//!
//! # The layers, each may name only those below it (held by `tests/layers.rs`)
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`cli`] | arguments; the commands; what people see on a terminal |
//! | [`daemon`] | tasks and signals: watch each mailbox, send, ring, reload |
//! | [`desk`] | one transaction for each happening: receive, ring, order, take and settle |
//! | [`store`] | `SQLite`: cases, messages, outbox, positions, events; the one writer thread |
//! | [`mail`] | bytes and wires: sources, senders, access tokens, parsing, composing |
//! | [`rules`] | `rules/*.toml` to a [`triage::ruleset::RuleSet`], with faults that have a place |
//! | [`config`] | `triaged.toml` to a [`config::Config`] |
//! | [`document`] | a file that an admin wrote: TOML with every fault at its line and column |
//! | [`clock`] | the only place that reads the time |
//! | [`triage`] | the decisions: no I/O, no clock, no randomness |
//!
//! # The way of one mail
//! A [`mail::Source`] hands over an [`mail::Arrival`]; [`mail::parse`] turns its bytes into a
//! [`triage::message::Message`]; [`triage::reading::read`] finds out who wrote what (no case
//! needed, so many mails are read at once); [`desk::Desk::receive`] opens the transaction, looks
//! up the cases it may belong to, calls [`triage::decide::on_mail`] and applies the effects. The
//! sender task drains the outbox.

pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod desk;
pub mod document;
pub mod mail;
pub mod rules;
pub mod store;
pub mod triage;
