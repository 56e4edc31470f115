//! The decisions. Pure: no I/O, no clock, no randomness; all of that comes in as arguments.

pub mod calendar;
pub mod case;
pub mod decide;
pub mod expression;
pub mod fault;
pub mod fields;
pub mod fold;
pub mod inquiry;
pub mod letter;
pub mod message;
pub mod reading;
pub mod ruleset;
pub mod screen;
pub mod sieve;
pub mod surroundings;
pub mod text;
pub mod typo;
pub mod values;
