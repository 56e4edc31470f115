//! `Authentication-Results` (RFC 8601) of our own receivers. Nobody else's count: anyone can write one.

use crate::triage::message::Message;
use crate::triage::surroundings::Surroundings;

/// What our own receiver found out about the author of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The domain of From vouches for the mail.
    Proved,
    /// It does not, or nobody looked.
    NotProved,
    /// No receiver of ours is configured: nothing can be said.
    Unknown,
}

/// Did the domain of From vouch for this mail? Asked where a mail may do what only our own people may.
#[must_use]
pub fn author(message: &Message, surroundings: &Surroundings) -> Author {
    if surroundings.authserv_ids.is_empty() {
        return Author::Unknown;
    }
    // Of several addresses nobody knows which one was looked at.
    let [from] = message.from.as_slice() else { return Author::NotProved };
    let Some(value) = trusted(message, surroundings) else { return Author::NotProved };
    let results: Vec<Outcome> = value.split(';').skip(1).filter_map(Outcome::of).collect();
    let domain = from.domain();
    let vouches = |one: &Outcome| match one.method.as_str() {
        "dmarc" => one.property("header.from").is_none_or(|author| author == domain),
        "dkim" => one.is_aligned("header.d", domain),
        "spf" => one.is_aligned("smtp.mailfrom", domain),
        _ => false,
    };
    let disowned = results.iter().any(Outcome::is_dmarc_fail);
    let proved = !disowned && results.iter().any(|one| one.verdict == "pass" && vouches(one));
    if proved { Author::Proved } else { Author::NotProved }
}

/// `method[/version]=verdict property=value …` (RFC 8601 §2.2), in small letters.
struct Outcome {
    method: String,
    verdict: String,
    properties: Vec<(String, String)>,
}

impl Outcome {
    fn of(result: &str) -> Option<Self> {
        let result = result.to_lowercase();
        let (method, rest) = result.split_once('=')?;
        let method = method.trim().split('/').next().unwrap_or_default().trim_end().to_owned();
        let mut words = rest.split_whitespace();
        let verdict = words.next()?.to_owned();
        let pair = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Self { method, verdict, properties: words.filter_map(pair).collect() })
    }

    fn is_dmarc_fail(&self) -> bool {
        self.method == "dmarc" && self.verdict == "fail"
    }

    /// The domain that a property names, also where it is a whole address.
    fn property(&self, name: &str) -> Option<&str> {
        let (_, value) = self.properties.iter().find(|(key, _)| key == name)?;
        Some(value.rsplit('@').next().unwrap_or(value).trim_matches('"'))
    }

    /// RFC 7489 §3.1: the same domain as that of From, or one below it. One above it would be
    /// aligned too, where both are of one organisation; to know that takes the public suffix list.
    fn is_aligned(&self, name: &str, domain: &str) -> bool {
        self.property(name).is_some_and(|found| {
            found.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
}

/// Our receiver says that the author's domain disowns the mail (RFC 7489).
pub fn dmarc_failed(message: &Message, surroundings: &Surroundings) -> bool {
    trusted(message, surroundings)
        .is_some_and(|value| value.split(';').skip(1).filter_map(Outcome::of).any(|one| one.is_dmarc_fail()))
}

/// The top-most of a trusted receiver: what stands below may have come with the mail.
fn trusted(message: &Message, surroundings: &Surroundings) -> Option<String> {
    message
        .headers_named("authentication-results")
        .map(without_comments)
        .find(|value| is_trusted(value, surroundings))
}

/// `authserv-id [version];`
///
/// Without configured names those within our own domains are taken: only a *failure* is read then, and
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

#[cfg(test)]
mod tests {
    use super::{Author, author};
    use crate::triage::message::{Address, Message};
    use crate::triage::surroundings::Surroundings;

    fn judged(from: &[&str], results: &[&str]) -> Author {
        let address = |address: &&str| Address { name: None, address: (*address).to_owned() };
        let message = Message {
            from: from.iter().map(address).collect(),
            headers: results.iter().map(|r| ("authentication-results".to_owned(), (*r).to_owned())).collect(),
            ..Message::default()
        };
        let surroundings = Surroundings {
            mailboxes: Vec::new(),
            admins: Vec::new(),
            authserv_ids: vec!["mx1.ksyos.nl".to_owned()],
            time_zone: chrono_tz::Europe::Amsterdam,
        };
        author(&message, &surroundings)
    }

    #[test]
    fn only_what_our_own_receiver_found_about_the_domain_of_from_proves_an_author() {
        let carla = "carla@ksyos.nl";
        for (results, expected) in [
            ("mx1.ksyos.nl; dmarc=pass header.from=ksyos.nl", Author::Proved),
            ("MX1.ksyos.nl 1; DMARC=Pass (p=REJECT) header.from=ksyos.nl", Author::Proved),
            ("mx1.ksyos.nl; dkim=pass header.d=ksyos.nl header.s=a", Author::Proved),
            ("mx1.ksyos.nl; spf=pass smtp.mailfrom=carla@ksyos.nl", Author::Proved),
            ("mx1.ksyos.nl; spf=pass smtp.mailfrom=bounce.ksyos.nl", Author::Proved),
            // Somebody else's domain is in order: that says nothing of ours.
            (
                "mx1.ksyos.nl; spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example",
                Author::NotProved,
            ),
            ("mx1.ksyos.nl; dmarc=pass header.from=evil.example", Author::NotProved),
            ("mx1.ksyos.nl; dkim=pass header.d=evilksyos.nl", Author::NotProved),
            ("mx1.ksyos.nl; dkim=pass header.d=ksyos.nl.evil.example", Author::NotProved),
            ("mx1.ksyos.nl; dkim=pass header.d=nl", Author::NotProved),
            ("mx1.ksyos.nl; dmarc=fail header.from=ksyos.nl; dkim=pass header.d=ksyos.nl", Author::NotProved),
            ("mx1.ksyos.nl; dmarc=none; spf=softfail smtp.mailfrom=ksyos.nl", Author::NotProved),
            ("mx1.ksyos.nl; none (; dmarc=pass header.from=ksyos.nl)", Author::NotProved),
            ("mx1.ksyos.nl; x=\"; dmarc=pass\"", Author::NotProved),
            ("mx1.ksyos.nl.evil.example; dmarc=pass header.from=ksyos.nl", Author::NotProved),
            ("mx.evil.example; dmarc=pass header.from=ksyos.nl", Author::NotProved),
            ("", Author::NotProved),
        ] {
            assert_eq!(judged(&[carla], &[results]), expected, "{results}");
        }
        let proof = "mx1.ksyos.nl; dmarc=pass header.from=ksyos.nl";
        assert_eq!(judged(&[carla], &[]), Author::NotProved);
        assert_eq!(judged(&[carla, "x@evil.example"], &[proof]), Author::NotProved);
        // What stands below the newest may have come with the mail.
        assert_eq!(judged(&[carla], &["mx1.ksyos.nl; dmarc=none", proof]), Author::NotProved);
        assert_eq!(judged(&[carla], &["mx.elsewhere.example; dmarc=fail", proof]), Author::Proved);
    }
}
