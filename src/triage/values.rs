//! What a right value is, one finder a file. A finder adds candidates with evidence and a score;
//! it never decides.

pub mod attached;
pub mod context;
pub mod date;
pub mod description;
pub mod email;
pub mod labels;
pub mod name;
pub mod near;
pub mod persons;
pub mod phone;
pub mod phrases;
pub mod reference;
pub mod service;

use super::fields::Candidate;
use super::reading::View;

/// Runs all finders.
pub fn find_all(view: &View, out: &mut Vec<Candidate>) {
    name::find(view, out);
    phone::find(view, out);
    email::find(view, out);
    attached::find(view, out);
    service::find(view, out);
    reference::find(view, out);
    let told = persons::find(view, out);
    date::find(view, &told, out);
    description::find(view, out);
}
