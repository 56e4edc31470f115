//! Signs that the standards fix: how a mail is built and which header fields it has.

use super::{Evidence, Force};
use crate::triage::message::{Message, ReturnPath};
use crate::triage::surroundings::Surroundings;

/// Header fields of mailing lists and bulk mail (RFC 2369, 2919, 8058).
const LIST: [&str; 9] = [
    "list-id",
    "list-post",
    "list-help",
    "list-subscribe",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-owner",
    "list-archive",
    "x-list-unsubscribe",
];

/// Adds every sign that the mail's structure shows.
pub fn find(message: &Message, surroundings: &Surroundings, found: &mut Vec<Evidence>) {
    let mut add = |reason: &str, force: Force, seen: String| found.push(Evidence::new(reason, force, seen));
    for (reason, seen) in reports(message) {
        add(reason, Force::Proof, seen);
    }
    if let Some(seen) = calendar(message) {
        add("calendar", Force::Proof, seen);
    }
    for value in message.headers_named("auto-submitted") {
        match auto_submitted(value).as_str() {
            // RFC 3834 §5: "no" says that a person wrote it.
            "" | "no" => {}
            "auto-replied" => add("auto_reply", Force::Proof, "Auto-Submitted: auto-replied".into()),
            // auto-generated, auto-notified and what may yet come: forwarding rules write it too.
            token => add("auto_reply", Force::Weak, format!("Auto-Submitted: {}", short(token))),
        }
    }
    if message.return_path == ReturnPath::Null {
        add("auto_reply", Force::Null, "Return-Path: <>".into());
    }
    let list: Vec<&str> = LIST.into_iter().filter(|name| message.header(name).is_some()).collect();
    // Our own mailbox may be a group that a person has written to.
    let own_list = message.header("list-id").is_some_and(|id| names_us(id, surroundings));
    if !own_list {
        for name in list {
            // Programs by which a firm writes to one customer put this in too.
            let force = if name.contains("unsubscribe") { Force::Unsubscribe } else { Force::Proof };
            add("bulk", force, format!("header {name}"));
        }
        for value in message.headers_named("precedence") {
            let word = auto_submitted(value);
            if matches!(word.as_str(), "bulk" | "junk" | "list") {
                add("bulk", Force::Proof, format!("Precedence: {word}"));
            }
        }
    }
}

/// The word before a comment or parameter, in lower case (RFC 3834 §5).
fn auto_submitted(value: &str) -> String {
    let value = value.trim_start();
    // A comment may come first.
    let value = match value.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, rest)) => rest.trim_start(),
        None => value,
    };
    value.split([';', '(', ' ', '\t', ',']).next().unwrap_or_default().trim_matches('"').to_ascii_lowercase()
}

/// Only what is a word; a made-up value may hold anything.
fn short(token: &str) -> &str {
    let fits = token.len() <= 20 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { token } else { "another word" }
}

/// RFC 3464, 8098, 5965, 8460; also where the multipart is not labelled as a report.
fn reports(message: &Message) -> Vec<(&'static str, String)> {
    const KINDS: [(&str, &str); 9] = [
        ("delivery-status", "bounce"),
        ("message/delivery-status", "bounce"),
        ("message/global-delivery-status", "bounce"),
        ("disposition-notification", "receipt"),
        ("message/disposition-notification", "receipt"),
        ("message/global-disposition-notification", "receipt"),
        ("feedback-report", "report"),
        ("message/feedback-report", "report"),
        ("tlsrpt", "report"),
    ];
    let types = message.attachments.iter().map(|attachment| attachment.media_type.as_str());
    let kinds = message.report_type.as_deref().into_iter().chain([message.media_type.as_str()]).chain(types);
    kinds
        .filter_map(|kind| KINDS.iter().find(|(name, _)| *name == kind))
        .map(|(name, reason)| (*reason, format!("part {name}")))
        .collect()
}

/// RFC 6047: an invitation is one shape of the text; a file beside the text is a person's.
fn calendar(message: &Message) -> Option<String> {
    let part = message.attachments.iter().any(|part| part.inline && part.media_type == "text/calendar");
    (part || message.media_type == "text/calendar").then(|| "part text/calendar".into())
}

/// One of our addresses, or our domain.
fn names_us(value: &str, surroundings: &Surroundings) -> bool {
    let value = value.to_lowercase();
    surroundings.mailboxes.iter().any(|mailbox| {
        let domain = mailbox.address.rsplit_once('@').map_or("", |(_, domain)| domain);
        !domain.is_empty()
            && value.match_indices(domain).any(|(at, _)| {
                let before = value.get(..at).and_then(|before| before.chars().next_back());
                let after = value.get(at + domain.len()..).and_then(|after| after.chars().next());
                before.is_none_or(|c| !c.is_alphanumeric() && c != '-')
                    && after.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '.')
            })
    })
}

/// Our own mail come home (RFC 3834 §2: never answer what one sent oneself).
pub fn own_mail(message: &Message, surroundings: &Surroundings) -> Option<&'static str> {
    if message.from.iter().chain(&message.sender).any(|mailbox| surroundings.is_own(&mailbox.address)) {
        return Some("From: one of our mailboxes");
    }
    if message.headers_named("x-loop").any(|value| {
        let value = value.to_lowercase();
        surroundings.mailboxes.iter().any(|mailbox| value.contains(&mailbox.address.to_lowercase()))
    }) {
        return Some("X-Loop: one of our mailboxes");
    }
    // Nobody else writes these headers; a list that rewrites From keeps them.
    if message.header("x-triaged-case").is_some() || message.header("x-triaged-alert").is_some() {
        return Some("X-Triaged-Case: our own header");
    }
    let our_id = message.message_id.as_deref().and_then(|id| id.rsplit_once('@')).is_some_and(|(_, host)| {
        surroundings.mailboxes.iter().any(|mailbox| {
            mailbox.address.rsplit_once('@').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(host))
        })
    });
    if !our_id {
        return None;
    }
    // A colleague writes from our domain; an id of ours behind another From is a mail that was sent on.
    let host = |address: &str| address.rsplit_once('@').map(|(_, host)| host.to_owned());
    let colleague = message.author().and_then(|author| host(&author.address)).is_some_and(|from| {
        surroundings
            .mailboxes
            .iter()
            .any(|mailbox| host(&mailbox.address).is_some_and(|own| from.ends_with(&own)))
    });
    (!colleague).then_some("Message-ID of ours behind another From")
}
