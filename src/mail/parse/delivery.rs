//! Delivery status notifications (RFC 3464) and what older programs send in their place.

use super::body::Report;
use super::header::{Field, split};
use crate::triage::message::DeliveryStatus;

/// What the reports say, when one of them is about a delivery.
///
/// Only returned headers make no notification: a person may attach a mail.
pub fn status(reports: &[Report], is_notice: bool, text: &str) -> Option<DeliveryStatus> {
    let has_status = reports.iter().any(|report| matches!(report, Report::Status(_)));
    if !has_status && !is_notice {
        return None;
    }
    let mut found = DeliveryStatus::default();
    for report in reports {
        match report {
            Report::Status(text) => recipient(text, &mut found),
            Report::Returned(headers) => returned(headers, &mut found),
        }
    }
    if found.original_message_id.is_none() {
        returned_in_text(text, &mut found);
    }
    Some(found)
}

/// The first group that names a recipient (RFC 3464 §2.3).
fn recipient(text: &str, found: &mut DeliveryStatus) {
    let mut rest = text;
    while !rest.is_empty() && found.final_recipient.is_none() {
        let (fields, end) = split(rest.trim_start_matches('\n').as_bytes());
        let value = |name: &str| fields.iter().find(|f| f.name == name).map(Field::text);
        // `rfc822; jan@example.org`
        let typed = |value: String| value.rsplit(';').next().unwrap_or_default().trim().to_lowercase();
        found.final_recipient = value("final-recipient").or_else(|| value("original-recipient")).map(typed);
        found.action = value("action").map(|action| first_word(&action));
        found.status = value("status").map(|status| first_word(&status));
        let skipped = rest.len() - rest.trim_start_matches('\n').len();
        rest = rest.get(skipped + end.max(1)..).unwrap_or_default();
    }
}

/// Without the comment that some makers add.
fn first_word(value: &str) -> String {
    value.split_whitespace().next().unwrap_or_default().to_lowercase()
}

fn returned(headers: &str, found: &mut DeliveryStatus) {
    let (fields, _) = split(headers.trim_start_matches('\n').as_bytes());
    for field in &fields {
        match field.name.as_str() {
            "message-id" if found.original_message_id.is_none() => {
                found.original_message_id = field.ids().into_iter().next();
            }
            "x-triaged-case" if found.original_case.is_none() => {
                found.original_case = Some(field.text()).filter(|case| !case.is_empty());
            }
            _ => {}
        }
    }
}

/// qmail, Exim and old Exchange put the headers into the text.
fn returned_in_text(text: &str, found: &mut DeliveryStatus) {
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ', '\t']);
        let Some((name, value)) = line.split_once(':') else { continue };
        let field = Field { name: String::new(), raw: value.as_bytes() };
        if name.eq_ignore_ascii_case("message-id") && found.original_message_id.is_none() {
            found.original_message_id = field.ids().into_iter().next();
        } else if name.eq_ignore_ascii_case("x-triaged-case") && found.original_case.is_none() {
            found.original_case = Some(field.text()).filter(|case| !case.is_empty());
        }
    }
}
