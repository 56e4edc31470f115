//! `Authentication-Results` (RFC 8601) of our own receivers. Nobody else's count: anyone can write one.

use crate::triage::message::Message;
use crate::triage::surroundings::Surroundings;

/// Our receiver says that the author's domain disowns the mail (RFC 7489).
pub fn dmarc_failed(message: &Message, surroundings: &Surroundings) -> bool {
    message
        .headers_named("authentication-results")
        .map(without_comments)
        // The top-most of a trusted receiver: what stands below may have come with the mail.
        .find(|value| is_trusted(value, surroundings))
        .is_some_and(|value| {
            value.split(';').skip(1).any(|result| {
                let (method, rest) = result.split_once('=').unwrap_or_default();
                let method = method.trim().split('/').next().unwrap_or_default();
                let verdict = rest.split_whitespace().next().unwrap_or_default();
                method.eq_ignore_ascii_case("dmarc") && verdict.eq_ignore_ascii_case("fail")
            })
        })
}

/// `authserv-id [version];`
///
/// Without configured names those within our own domains are taken: only a *failure* is read, and
/// who forges that harms nobody but their own mail.
fn is_trusted(value: &str, surroundings: &Surroundings) -> bool {
    let id = value.split(';').next().unwrap_or_default();
    let id = id.split_whitespace().next().unwrap_or_default().trim_matches('"').to_lowercase();
    if !surroundings.authserv_ids.is_empty() {
        return surroundings.authserv_ids.iter().any(|known| known.eq_ignore_ascii_case(&id));
    }
    surroundings.mailboxes.iter().filter_map(|mailbox| mailbox.address.rsplit_once('@')).any(|(_, domain)| {
        id.strip_suffix(domain.to_lowercase().as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Comments may nest, and may hold `;` (RFC 5322 §3.2.2).
fn without_comments(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in value.chars() {
        if std::mem::take(&mut escaped) {
            if depth == 0 {
                out.push(c);
            }
            continue;
        }
        match c {
            '\\' if depth > 0 || quoted => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            // A `;` within quotes is no separator.
            ';' if quoted => {}
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
