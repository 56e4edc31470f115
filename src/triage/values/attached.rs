//! Names, phones and addresses in an attached mail of the same writer, which counts like their own
//! earlier words: read as a mail of its own, and believed a little less than the mail itself.
//!
//! An attached mail of anybody else gives nothing.

use super::super::fields::{Candidate, FLOOR, Kind, Source};
use super::super::message::Message;
use super::super::reading::View;
use super::super::text;
use super::{email, labels, name, phone};

/// Taken off a score; what was sure enough there stays so.
const LESS: i32 = 15;

/// Adds what the writer's own attached mails state.
pub fn find(view: &View, out: &mut Vec<Candidate>) {
    let Some(author) = view.message.author().filter(|_| !view.message.attached.is_empty()) else { return };
    let rules = view.context.rules;
    let refused = phone::refuses(view);
    for (index, mail) in view.message.attached.iter().enumerate() {
        if !mail.from.iter().any(|from| from.address == author.address) {
            continue;
        }
        let message = Message {
            from: mail.from.clone(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            ..Message::default()
        };
        let labels = labels::find(&message, &rules.text, &rules.fields);
        let rows = labels::rows(&labels, &rules.fields);
        let sections = text::split(&message, &rules.text, &rules.organisation.domains, &rows);
        let view = View { message: &message, sections: &sections, labels: &labels, ..*view };
        let mut found = Vec::new();
        name::find(&view, &mut found);
        phone::find(&view, &mut found);
        email::find(&view, &mut found);
        let is_phone = |field: &str| rules.fields.get(field).is_some_and(|field| field.kind == Kind::Phone);
        for mut candidate in found {
            if candidate.evidence.source != Source::Body || refused && is_phone(&candidate.field) {
                continue;
            }
            candidate.evidence.source = Source::Attached(index);
            if candidate.score >= FLOOR {
                candidate.score = (candidate.score - LESS).max(FLOOR);
            }
            candidate.why.push_str(", in an attached mail of the writer");
            out.push(candidate);
        }
    }
}
