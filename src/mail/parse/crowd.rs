//! A mail that is nothing but parts, headers or mails within mails, cut before it is taken apart.
//!
//! mail-parser keeps a kilobyte and more for each part and some hundred bytes for each header field: 10 MB of
//! boundaries become 900 MB of memory. What lies behind the cut is left out, as with all bounds; the
//! digests are those of the whole mail.

use std::borrow::Cow;

/// Lines that may begin a part or say what it is. A mail that is looked at has at most
/// [`super::limits::PARTS`] parts with a few such lines each; the rest is room for text that looks like them.
const MARKS: usize = 20_000;
/// Lines within headers, of all parts together.
const HEADER_LINES: usize = 100_000;
/// Bytes within headers, of all parts together: addresses and encoded words become ten times as much.
const HEADER_BYTES: usize = 4 * 1024 * 1024;

/// The mail, or as much of it as can be taken apart in bounded memory.
pub fn bounded(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut lines = Lines::default();
    let mut at = 0;
    let mut hidden: Vec<usize> = Vec::new();
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |lf| lf + 1);
        let line = rest.get(..length).unwrap_or(rest);
        hidden.extend(lines.see(line, at));
        if lines.marks > MARKS || lines.header > HEADER_LINES || lines.header_bytes > HEADER_BYTES {
            break;
        }
        at += length;
    }
    let kept = bytes.get(..at).unwrap_or(bytes);
    if hidden.is_empty() {
        return Cow::Borrowed(kept);
    }
    let mut changed = kept.to_vec();
    for at in hidden {
        if let Some(word) = changed.get_mut(at..at + MESSAGE.len()) {
            word.copy_from_slice(OTHER);
        }
    }
    Cow::Owned(changed)
}

/// The type of a mail within a mail, and what stands in its place where it is encoded: such a mail would
/// be decoded and taken apart without any bound. RFC 2046 §5.2.1 allows no encoding but 7bit, 8bit, binary.
const MESSAGE: &[u8] = b"message";
const OTHER: &[u8] = b"x-bytes";

#[derive(Debug, Default)]
struct Lines {
    marks: usize,
    header: usize,
    header_bytes: usize,
    in_body: bool,
    /// Where the header that is being read says `message`.
    message: Option<usize>,
    encoded: bool,
    /// The last field, which a folded line goes on with.
    field: Field,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Field {
    Type,
    Encoding,
    #[default]
    Other,
}

impl Lines {
    /// Takes note of a line; where a `message` is to be hidden.
    fn see(&mut self, line: &[u8], at: usize) -> Option<usize> {
        if line.starts_with(b"--") {
            self.marks += 1;
            (self.in_body, self.field) = (false, Field::Other);
            return self.end();
        }
        if line.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            // A mail within a mail begins with a header of its own.
            self.in_body = self.in_body || self.message.is_none();
            self.field = Field::Other;
            return self.end();
        }
        if starts_with(line, b"content-type") {
            self.marks += 1;
            self.field = Field::Type;
        } else if starts_with(line, b"content-transfer-encoding") {
            self.field = Field::Encoding;
        } else if !matches!(line.first(), Some(b' ' | b'\t')) {
            self.field = Field::Other;
        }
        if !self.in_body {
            self.header += 1;
            self.header_bytes += line.len();
        }
        match self.field {
            Field::Type => self.message = self.message.or_else(|| Some(at + mail_at(line)?)),
            Field::Encoding => {
                self.encoded |= find(line, b"base64").or_else(|| find(line, b"quoted")).is_some();
            }
            Field::Other => {}
        }
        None
    }

    /// A header ends.
    fn end(&mut self) -> Option<usize> {
        let (message, encoded) = (self.message.take(), std::mem::take(&mut self.encoded));
        message.filter(|_| encoded)
    }
}

fn starts_with(line: &[u8], word: &[u8]) -> bool {
    line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Headers are short where they matter: a long line is looked at from its beginning.
fn find(line: &[u8], word: &[u8]) -> Option<usize> {
    let line = line.get(..LOOKED_AT).unwrap_or(line);
    line.windows(word.len()).position(|part| part.eq_ignore_ascii_case(word))
}

const LOOKED_AT: usize = 1_000;

/// Where a line says `message`, save for the kinds that are reports: those are text, however encoded.
fn mail_at(line: &[u8]) -> Option<usize> {
    const REPORTS: [&[u8]; 5] =
        [b"delivery-status", b"disposition-notification", b"feedback-report", b"global-", b"rfc822-headers"];
    let at = find(line, MESSAGE)?;
    let kind = line.get(at + MESSAGE.len()..)?.trim_ascii_start();
    let kind = kind.strip_prefix(b"/").unwrap_or(kind).trim_ascii_start();
    (!REPORTS.iter().any(|report| starts_with(kind, report))).then_some(at)
}

/// The media type as the mail gave it.
pub fn named(media: String) -> String {
    match media.strip_prefix("x-bytes/") {
        Some(kind) => format!("message/{kind}"),
        None => media,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(piece: &str, count: usize) -> (usize, usize) {
        let mail = piece.repeat(count);
        (bounded(mail.as_bytes()).len(), mail.len())
    }

    #[test]
    fn crowds_are_cut_and_what_people_send_is_not() {
        for (piece, most) in [
            ("--b\r\n\r\nA: b\r\n\r\n", MARKS),
            ("Content-Type: message/rfc822\r\n\r\n", MARKS),
            ("A: b\r\n", HEADER_LINES),
            (&format!("To: {}\r\n", "a@b.nl, ".repeat(127) + "a@b."), HEADER_BYTES / 1_026),
        ] {
            let (kept, whole) = length(piece, most);
            assert_eq!(kept, whole, "{piece}");
            let (kept, whole) = length(piece, most + 10);
            assert!(kept < whole && kept >= piece.len() * most, "{piece}: {kept} of {whole}");
        }
        let long = format!("Subject: a\r\n\r\n{}", "Naam: Jan\r\n".repeat(200_000));
        assert_eq!(bounded(long.as_bytes()).len(), long.len(), "a long text is no header");
    }

    #[test]
    fn an_encoded_mail_within_a_mail_is_not_taken_apart_unseen() {
        let mail = b"Content-Type: Message/rfc822\r\nContent-Transfer-Encoding:\r\n base64\r\n\r\nAAAA";
        assert!(bounded(mail).starts_with(b"Content-Type: x-bytes/rfc822"));
        let report =
            b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA";
        assert_eq!(&*bounded(report), report);
        let forwarded = b"Content-Type: message/rfc822\r\n\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA";
        assert_eq!(&*bounded(forwarded), forwarded, "its own header says how it is encoded itself");
    }
}
