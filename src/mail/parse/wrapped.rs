//! Mails within a mail.

use mail_parser::{HeaderName, Message as Parsed};

use super::header::Field;
use super::{clean, limits};
use crate::triage::message::Attached;

/// What is kept of an attached mail. `raw` is what the offsets of its headers count in.
pub fn summary(mail: &Parsed, raw: &[u8], text: &str) -> Attached {
    let field = |name: HeaderName| {
        let header = mail.headers().iter().find(|header| header.name == name)?;
        let range = header.offset_start() as usize..header.offset_end() as usize;
        Some(Field { name: String::new(), raw: raw.get(range)? })
    };
    let (mut text, left_out) = clean::text_within(text, limits::ATTACHED_TEXT);
    if left_out {
        clean::to_whole_lines(&mut text);
    }
    Attached {
        from: field(HeaderName::From).map(|from| from.addresses()).unwrap_or_default(),
        subject: field(HeaderName::Subject)
            .map(|s| clean::line(&s.text(), limits::SUBJECT))
            .unwrap_or_default(),
        date: field(HeaderName::Date).and_then(|date| date.date()),
        text,
    }
}

/// The file name of a saved mail?
pub fn is_mail(name: Option<&str>) -> bool {
    name.is_some_and(|name| name.to_lowercase().ends_with(".eml"))
}
