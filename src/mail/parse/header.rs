//! The header section: split, unfolded, decoded. Tolerant, linear, bounded.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDate};
use mail_parser::parsers::MessageStream;
use mail_parser::{Address as Parsed, HeaderValue};

use super::{charset, clean, limits};
use crate::triage::message::{Address, ReturnPath};

/// One header field as it stands: name in lower case, value still folded and encoded.
pub struct Field<'a> {
    pub name: String,
    pub raw: &'a [u8],
}

/// Splits off the header section (RFC 5322 §2.2): its fields and where the body begins.
///
/// A line that is no field ends the section only where nothing of a header came before it.
pub fn split(bytes: &[u8]) -> (Vec<Field<'_>>, usize) {
    let mut fields: Vec<Field> = Vec::new();
    let mut at = 0;
    let mut kept = 0;
    let mut open: Option<(String, usize)> = None;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let end = rest.iter().position(|b| *b == b'\n').map_or(bytes.len(), |lf| at + lf + 1);
        let line = bytes.get(at..end).unwrap_or_default();
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        let is_blank = line.iter().all(|b| matches!(b, b'\r' | b'\n'));
        if !folded || is_blank {
            close(bytes, open.take(), at, &mut fields, &mut kept);
        }
        if is_blank {
            return (fields, end);
        }
        if !folded {
            match name_of(line) {
                Some((name, length)) => open = Some((name, at + length)),
                None if fields.is_empty() && at > 0 => return (fields, at),
                None => {}
            }
        }
        at = end;
    }
    close(bytes, open, bytes.len(), &mut fields, &mut kept);
    (fields, bytes.len())
}

fn close<'a>(
    bytes: &'a [u8],
    open: Option<(String, usize)>,
    end: usize,
    fields: &mut Vec<Field<'a>>,
    kept: &mut usize,
) {
    let Some((name, start)) = open else { return };
    let raw = bytes.get(start..end).unwrap_or_default();
    let raw = raw.get(..limits::HEADER_VALUE).unwrap_or(raw);
    if fields.len() < limits::HEADERS && *kept + raw.len() <= limits::HEADER_BYTES {
        *kept += raw.len();
        fields.push(Field { name, raw });
    }
}

/// The field name and how many bytes it takes with its colon.
fn name_of(line: &[u8]) -> Option<(String, usize)> {
    let colon = line.iter().take(limits::HEADER_NAME).position(|b| *b == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    let fits = !name.is_empty() && name.iter().all(|b| matches!(b, 33..=126));
    fits.then(|| (String::from_utf8_lossy(name).to_ascii_lowercase(), colon + 1))
}

impl Field<'_> {
    /// The value as one line, encoded words decoded (RFC 2047).
    pub fn text(&self) -> String {
        clean::line(&self.decoded(), limits::HEADER_VALUE)
    }

    /// As [`Field::text`], but with the control characters that hide in encoded words.
    fn decoded(&self) -> String {
        let source = self.source();
        if !source.contains("=?") {
            return source.into_owned();
        }
        let bytes = ended(&source);
        match MessageStream::new(&bytes).parse_unstructured() {
            HeaderValue::Text(text) => text.into_owned(),
            HeaderValue::TextList(list) => list.join(" "),
            _ => source.into_owned(),
        }
    }

    /// The mailboxes of an address header; groups are flattened, what is no address is left out.
    pub fn addresses(&self) -> Vec<Address> {
        let bytes = ended(&self.source());
        match MessageStream::new(&bytes).parse_address() {
            HeaderValue::Address(Parsed::List(list)) => {
                list.iter().filter_map(mailbox).take(limits::ADDRESSES).collect()
            }
            HeaderValue::Address(Parsed::Group(groups)) => groups
                .iter()
                .flat_map(|group| &group.addresses)
                .filter_map(mailbox)
                .take(limits::ADDRESSES)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The ids of a `Message-ID`, `In-Reply-To` or `References`; at most the last [`limits::IDS`].
    pub fn ids(&self) -> Vec<String> {
        let text = self.source();
        let bracketed: Vec<&str> =
            text.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(id, _)| id)).collect();
        let ids = if bracketed.is_empty() { text.split_whitespace().collect() } else { bracketed };
        let mut ids: Vec<String> = ids.into_iter().filter_map(id).collect();
        ids.drain(..ids.len().saturating_sub(limits::IDS));
        ids
    }

    /// A date that exists (RFC 5322 §3.3), also behind the last `;` of a `Received`.
    pub fn date(&self) -> Option<DateTime<FixedOffset>> {
        let source = self.source();
        let value = source.rsplit(';').next().unwrap_or_default();
        let bytes = ended(value);
        let HeaderValue::DateTime(date) = MessageStream::new(&bytes).parse_date() else { return None };
        let east = (i32::from(date.tz_hour) * 60 + i32::from(date.tz_minute)) * 60;
        let zone = FixedOffset::east_opt(if date.tz_before_gmt { -east } else { east })?;
        NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))?
            .and_hms_opt(u32::from(date.hour), u32::from(date.minute), u32::from(date.second))?
            .and_local_timezone(zone)
            .single()
    }

    /// The value of a `Return-Path`.
    pub fn return_path(&self) -> ReturnPath {
        let text = clean::line(&self.source(), limits::HEADER_VALUE);
        let inner = text.split_once('<').map_or(text.as_str(), |(_, rest)| rest);
        let inner = inner.split('>').next().unwrap_or_default().trim();
        if inner.is_empty() && text.contains('<') {
            return ReturnPath::Null;
        }
        address(inner).map_or(ReturnPath::Missing, ReturnPath::Address)
    }

    /// Characters out of bytes; an encoded word of unknown charset is relabelled, so that its
    /// ASCII letters at least come through.
    fn source(&self) -> Cow<'_, str> {
        let text = charset::guess(self.raw);
        if !text.contains("=?") {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        let mut rest: &str = &text;
        while let Some((before, word)) = rest.split_once("=?") {
            out.push_str(before);
            out.push_str("=?");
            rest = word;
            let name = word.split('?').next().unwrap_or_default();
            // RFC 2231 §5: a language may follow the charset.
            let bare = name.split('*').next().unwrap_or_default();
            let is_name = !name.is_empty() && name.len() < 40 && name.bytes().all(|b| b.is_ascii_graphic());
            if is_name && name.len() < word.len() && !charset::is_known(bare) {
                out.push_str("windows-1252");
                rest = word.get(name.len()..).unwrap_or_default();
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// The parsers of mail-parser stop at a line end that is not folded: give them one, and only one.
fn ended(value: &str) -> Vec<u8> {
    let mut bytes = value.trim_end_matches(['\r', '\n']).as_bytes().to_vec();
    bytes.push(b'\n');
    bytes
}

fn mailbox(parsed: &mail_parser::Addr) -> Option<Address> {
    let address = address(parsed.address.as_deref()?)?;
    let name = parsed.name.as_deref().map(|name| clean::line(name, limits::NAME));
    Some(Address { name: name.filter(|name| !name.is_empty()), address })
}

/// `local@domain` in lower case, when it is one (RFC 5321 §4.1.2, with the letters of RFC 6531).
pub fn address(raw: &str) -> Option<String> {
    let raw = raw.trim();
    let (local, domain) = raw.rsplit_once('@')?;
    let bad = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | ',' | ';' | ':' | '(' | ')' | '"' | '\\')
    };
    let fits = raw.len() <= limits::ADDRESS
        && !local.is_empty()
        && !local.contains(bad)
        && !local.contains('@')
        && is_domain(domain);
    fits.then(|| clean::line(raw, limits::ADDRESS).to_lowercase())
}

fn is_domain(domain: &str) -> bool {
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return !literal.is_empty() && literal.chars().all(|c| c.is_ascii_hexdigit() || ".:IPv".contains(c));
    }
    let is_letter = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !domain.is_empty()
        && domain
            .trim_end_matches('.')
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(is_letter))
}

/// An id without brackets: `None` when it could not stand in a header again.
fn id(raw: &str) -> Option<String> {
    let id: String = raw.chars().filter(|c| !c.is_whitespace()).collect();
    let fits = !id.is_empty()
        && id.len() <= limits::ID
        && id.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | ',' | ';'));
    fits.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(raw: &str) -> Field<'_> {
        Field { name: "x".into(), raw: raw.as_bytes() }
    }

    #[test]
    fn an_encoded_word_of_unknown_charset_is_still_read() {
        let got = field(" =?x-onzin-9?Q?J=FCrgen_Bakx?= <j@example.org>").addresses();
        assert_eq!(got[0].name.as_deref(), Some("Jürgen Bakx"));
    }

    #[test]
    fn encoded_words_have_their_own_charset() {
        for (word, name) in [
            ("=?UTF-8?B?VG9tw6FzIEphbnNlbg==?=", "Tomás Jansen"),
            ("=?utf-8?q?Tom=C3=A1s_Jansen?=", "Tomás Jansen"),
            ("=?UTF8?Q?Tom=C3=A1s_Jansen?=", "Tomás Jansen"),
            ("=?utf-8*pt?Q?Tom=C3=A1s_Jansen?=", "Tomás Jansen"),
            ("=?iso-8859-1?Q?Tom=E1s_Jansen?=", "Tomás Jansen"),
            ("=?Windows-1252?Q?Tom=E1s_Jansen?=", "Tomás Jansen"),
            ("=?UTF-8?Q?Fran=C3=A7oise?= =?UTF-8?Q?_Mend=C3=A8s?=", "Françoise Mendès"),
        ] {
            let got = field(&format!(" {word} <j@example.org>")).addresses();
            assert_eq!(got[0].name.as_deref(), Some(name), "{word}");
            assert_eq!(field(&format!(" {word}\r\n")).text(), name, "{word}");
        }
    }

    #[test]
    fn raw_bytes_in_a_name_are_read_whatever_they_are() {
        let utf8 = Field { name: "x".into(), raw: " Chloë <c@example.org>".as_bytes() };
        let latin = Field { name: "x".into(), raw: b" Chlo\xeb <c@example.org>" };
        assert_eq!(utf8.addresses(), latin.addresses());
        assert_eq!(utf8.addresses()[0].name.as_deref(), Some("Chloë"));
    }

    #[test]
    fn what_is_no_address_is_left_out() {
        for bad in [
            " Jan Scholten <jan scholten@>",
            " undisclosed-recipients:;",
            " Jan",
            " <>",
            " <@b>",
            " a@b@",
            "",
        ] {
            assert_eq!(field(bad).addresses(), Vec::new(), "{bad}");
        }
        assert_eq!(field(" \"Vries, J. de\" <Jan@Example.ORG>").addresses()[0].address, "jan@example.org");
        assert_eq!(
            field(" root@app03.example (Cron Daemon)").addresses()[0].name.as_deref(),
            Some("Cron Daemon")
        );
        assert_eq!(field(" Groep: a@b.nl, c@d.nl;").addresses().len(), 2);
    }

    #[test]
    fn a_null_return_path_is_not_a_missing_one() {
        assert_eq!(field(" <>").return_path(), ReturnPath::Null);
        assert_eq!(field(" <Jan@X.nl>").return_path(), ReturnPath::Address("jan@x.nl".into()));
        assert_eq!(field(" jan@x.nl").return_path(), ReturnPath::Address("jan@x.nl".into()));
        assert_eq!(field(" ").return_path(), ReturnPath::Missing);
    }

    #[test]
    fn dates_that_do_not_exist_are_none() {
        assert!(field(" Mon, 1 Jun 2026 09:00:00 +0200").date().is_some());
        assert!(field(" from a by b; Mon, 1 Jun 2026 09:00:00 +0200 (CEST)").date().is_some());
        for bad in ["31 Feb 2026 25:61:00 +0200", "gisteren", "", "2026-06-01"] {
            assert_eq!(field(bad).date(), None, "{bad}");
        }
    }

    #[test]
    fn ids_come_without_brackets_and_folds() {
        assert_eq!(field("\r\n <a@b>\r\n <c@d>").ids(), ["a@b", "c@d"]);
        assert_eq!(field(" a@b").ids(), ["a@b"]);
        assert_eq!(field(" <é@b>").ids(), Vec::<String>::new());
    }

    #[test]
    fn the_body_begins_behind_the_first_empty_line() {
        let (fields, body) = split(b"A: 1\r\nB: 2\r\n 3\r\n\r\nC: 4");
        assert_eq!(
            fields.iter().map(|f| (f.name.as_str(), f.text())).collect::<Vec<_>>(),
            [("a", "1".into()), ("b", "2 3".into())]
        );
        assert_eq!(body, 18);
    }
}
