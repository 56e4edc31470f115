//! An [`Outgoing`] to the bytes that are sent.
//!
//! Plain text for exactly one recipient, with the marks that keep other machines from answering it
//! (RFC 3834 §3.1.7). It decides nothing: address, subject and text are given. No header can be
//! smuggled in by a value, and no header line is longer than RFC 5322 §2.1.1 allows.

use chrono::{DateTime, Utc};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::{Address, Message};

use crate::triage::case::numbers_in;
use crate::triage::decide::Outgoing;
use crate::triage::letter::{AlertKind, LetterKind};

/// Why there are no bytes: an address that no mail can be sent to. Names no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotCompose(pub String);

/// The first so many and the last so many ids of a long thread are kept in `References`.
const REFERENCES_FIRST: usize = 1;
const REFERENCES_LAST: usize = 20;
/// Longer ids are left out: with the header's name they would near the 998 octets of a line.
const LONGEST_ID: usize = 900;
/// Longer subjects and names are cut, in characters.
const LONGEST_SUBJECT: usize = 200;

/// The Message-ID, without angle brackets, of a mail that is about to be stored.
/// `random` makes it one that nobody can guess.
#[must_use]
pub fn message_id(outgoing: &Outgoing, random: &str) -> String {
    let about = outgoing.case.as_deref().unwrap_or("triaged");
    let domain = outgoing.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("{}.{}.{random}@{domain}", token(about), kind_word(outgoing.kind))
}

/// Does this Message-ID look like one that was made for a letter about a case from one of these addresses?
/// Anybody can write such a one: it proves nothing.
#[must_use]
pub fn looks_like_ours<'a>(id: &str, mut addresses: impl Iterator<Item = &'a str>) -> bool {
    let Some((local, domain)) = id.rsplit_once('@') else { return false };
    let [about, kind, _] = local.split('.').collect::<Vec<_>>()[..] else { return false };
    let letters = [LetterKind::Acknowledgement, LetterKind::Request, LetterKind::Reminder];
    let domain_of = |address: &'a str| address.rsplit_once('@').map_or("", |(_, domain)| domain);
    letters.map(kind_word).contains(&kind)
        && numbers_in(about).len() == 1
        && addresses.any(|address| domain_of(address).eq_ignore_ascii_case(domain))
}

/// The word for a kind of mail, as stored and as part of its Message-ID.
#[must_use]
pub fn kind_word(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::Acknowledgement => "acknowledgement",
        LetterKind::Request => "request",
        LetterKind::Reminder => "reminder",
        LetterKind::Alert(_) => "alert",
    }
}

/// The value of `X-Triaged-Alert`.
#[must_use]
pub fn alert_word(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::New => "new",
        AlertKind::DueSoon => "due_soon",
        AlertKind::Overdue => "overdue",
        AlertKind::Review => "review",
        AlertKind::Bounce => "bounce",
        AlertKind::Astray => "astray",
        AlertKind::Mailbox => "mailbox",
        AlertKind::Outbox => "outbox",
        AlertKind::Rules => "rules",
        AlertKind::Token => "token",
    }
}

/// The final bytes. `organisation` is the display name of From; `message_id` has no angle brackets.
///
/// # Errors
/// Where an address cannot be put into a mail.
pub fn compose(
    outgoing: &Outgoing,
    organisation: &str,
    message_id: &str,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, CannotCompose> {
    let name = Some(one_line(organisation)).filter(|name| !name.is_empty());
    let mut builder = Message::builder()
        .from(Mailbox::new(name, address(&outgoing.from, "sender")?))
        .to(Mailbox::new(None, address(&outgoing.to, "recipient")?))
        .subject(one_line(&outgoing.subject))
        .date(now.into())
        .message_id(Some(format!("<{message_id}>")));
    if let Some(id) = outgoing.in_reply_to.as_deref().filter(|id| is_id(id)) {
        builder = builder.in_reply_to(format!("<{id}>"));
    }
    if let Some(references) = references(outgoing) {
        builder = builder.references(references);
    }
    for (name, value) in marks(outgoing) {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let message = builder
        .singlepart(SinglePart::plain(plain(&outgoing.body)))
        .map_err(|error| CannotCompose(format!("a mail could not be put together: {error}")))?;
    Ok(message.formatted())
}

/// What other machines, and the mail programs of coordinators, go by.
fn marks(outgoing: &Outgoing) -> Vec<(&'static str, String)> {
    let alert = match outgoing.kind {
        LetterKind::Alert(kind) => Some(alert_word(kind)),
        _ => None,
    };
    // RFC 3834 §5: an answer is `auto-replied`, what is sent unasked is `auto-generated`.
    let submitted = if alert.is_some() { "auto-generated" } else { "auto-replied" };
    let mut marks = vec![
        ("Auto-Submitted", submitted.to_owned()),
        // [MS-OXCMAIL] §2.1.3.2.20: Exchange sends no automatic reply of any kind to it.
        ("X-Auto-Response-Suppress", "All".to_owned()),
    ];
    if let Some(number) = &outgoing.case {
        marks.push(("X-Triaged-Case", token(number)));
    }
    if let Some(alert) = alert {
        marks.push(("X-Triaged-Alert", alert.to_owned()));
    }
    marks
}

/// RFC 5322 §3.6.4: the references of the mail that is answered, then its own id.
fn references(outgoing: &Outgoing) -> Option<String> {
    let mut ids: Vec<&str> = Vec::new();
    for id in outgoing.references.iter().chain(&outgoing.in_reply_to) {
        if is_id(id) {
            ids.retain(|seen| seen != id);
            ids.push(id);
            if ids.len() > REFERENCES_FIRST + REFERENCES_LAST {
                ids.remove(REFERENCES_FIRST);
            }
        }
    }
    (!ids.is_empty()).then(|| ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" "))
}

/// An id that stands in a header as it is: visible ASCII without angle brackets, and nothing that a
/// careless reader would decode (RFC 2047 §5 allows no encoded word there).
fn is_id(id: &str) -> bool {
    !id.is_empty()
        && !id.contains("=?")
        && id.len() <= LONGEST_ID
        && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>')
}

fn address(address: &str, whose: &str) -> Result<Address, CannotCompose> {
    // RFC 5321 §4.5.3.1.3: a path has at most 256 octets.
    let parsed = if address.len() <= 254 { address.parse().ok() } else { None };
    parsed.ok_or_else(|| CannotCompose(format!("the {whose} has no address that mail can be sent to")))
}

/// One line without control characters, of bounded length.
fn one_line(text: &str) -> String {
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_SUBJECT).collect();
    line.trim().to_owned()
}

/// Letters, digits and hyphens only: case numbers, and whatever is passed for one.
fn token(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(80).collect()
}

/// Line feeds and tabs are the only control characters of a plain text.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Outgoing {
        Outgoing {
            key: "K-2026-000001.1.request".into(),
            kind: LetterKind::Request,
            mailbox: "klacht".into(),
            from: "klacht@ksyos.example".into(),
            to: "jan@example.org".into(),
            subject: "Uw klacht [K-2026-000001]: wij missen nog gegevens".into(),
            body: "Beste heer De Vries,\n\nDank u wel. Wij missen de datum.\n".into(),
            in_reply_to: Some("a@example.org".into()),
            references: vec!["first@example.org".into()],
            case: Some("K-2026-000001".into()),
        }
    }

    fn text(outgoing: &Outgoing) -> String {
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        let bytes = compose(outgoing, "Ksyos Zorg, afdeling é", "id@ksyos.example", now).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn header<'a>(mail: &'a str, name: &str) -> Vec<&'a str> {
        let head = mail.split("\r\n\r\n").next().unwrap();
        head.split("\r\n").filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
    }

    #[test]
    fn an_answer_carries_every_header_that_is_promised() {
        let mail = text(&answer());
        assert_eq!(header(&mail, "Auto-Submitted"), ["auto-replied"]);
        assert_eq!(header(&mail, "X-Auto-Response-Suppress"), ["All"]);
        assert_eq!(header(&mail, "X-Triaged-Case"), ["K-2026-000001"]);
        assert_eq!(header(&mail, "X-Triaged-Alert"), [""; 0]);
        assert_eq!(header(&mail, "Message-ID"), ["<id@ksyos.example>"]);
        assert_eq!(header(&mail, "In-Reply-To"), ["<a@example.org>"]);
        assert_eq!(header(&mail, "References"), ["<first@example.org> <a@example.org>"]);
        assert_eq!(header(&mail, "To"), ["jan@example.org"]);
        assert_eq!(header(&mail, "MIME-Version"), ["1.0"]);
        assert_eq!(header(&mail, "Date"), ["Mon, 23 Nov 2026 09:00:00 +0000"]);
        assert_eq!(header(&mail, "Content-Type"), ["text/plain; charset=utf-8"]);
        assert!(mail.contains("Beste heer De Vries,\r\n\r\nDank u wel."), "{mail}");
    }

    #[test]
    fn an_alert_says_which() {
        let mut alert = answer();
        alert.kind = LetterKind::Alert(AlertKind::DueSoon);
        let mail = text(&alert);
        assert_eq!(header(&mail, "Auto-Submitted"), ["auto-generated"]);
        assert_eq!(header(&mail, "X-Triaged-Alert"), ["due_soon"]);
    }

    #[test]
    fn no_value_can_smuggle_a_header_in() {
        let mut mail = answer();
        mail.subject = "Vraag\r\nBcc: x@example.org\r\n\r\nbody".into();
        mail.case = Some("K-1\r\nBcc: x@example.org".into());
        mail.in_reply_to = Some("a@b>\r\nBcc: x@example.org".into());
        mail.references =
            vec!["r@b\nBcc: x@example.org".into(), "=?utf-8?Q?=0D=0ABcc:_x?=@b".into(), "fine@b".into()];
        let text = text(&mail);
        assert_eq!(header(&text, "Bcc"), [""; 0]);
        assert_eq!(header(&text, "In-Reply-To"), [""; 0]);
        assert_eq!(header(&text, "References"), ["<fine@b>"]);
    }

    #[test]
    fn lines_stay_short_whatever_the_thread_and_the_subject() {
        let mut mail = answer();
        mail.references = (0..500).map(|i| format!("{i}.{}@example.org", "x".repeat(400))).collect();
        mail.subject = "é".repeat(5000);
        mail.body = "woord ".repeat(4000);
        let text = text(&mail);
        let longest = text.split("\r\n").map(str::len).max().unwrap();
        assert!(longest <= 998, "{longest}");
        assert!(text.contains("<0.x") && text.contains("<499.x") && !text.contains("<250.x"));
    }

    #[test]
    fn an_impossible_address_is_an_error_that_names_nobody() {
        for to in ["", "jan", "jan@", "jan@example.org\r\nBcc: x@y.nl", "a b@example.org"] {
            let mut mail = answer();
            mail.to = to.into();
            let error = compose(&mail, "Ksyos", "id@x", DateTime::UNIX_EPOCH).unwrap_err();
            assert!(!error.to_string().contains("jan"), "{error}");
        }
    }

    #[test]
    fn a_letter_of_ours_is_known_by_the_shape_of_its_message_id() {
        let ours = |id: &str| looks_like_ours(id, ["klacht@ksyos.example"].into_iter());
        assert!(ours(&message_id(&answer(), "0a1b2c")));
        for id in [
            "K-2026-000001.request.0a1b@evil.example",
            "K-2026-000001.alert.0a1b@ksyos.example",
            "triaged.request.0a1b@ksyos.example",
            "request.0a1b@ksyos.example",
            "K-2026-000001@ksyos.example",
            "",
        ] {
            assert!(!ours(id), "{id}");
        }
    }
}
