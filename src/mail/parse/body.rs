//! The tree of MIME parts: which of them are the text, which are attachments.
//!
//! mail-parser finds the parts; which of two alternatives a person reads is decided here.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{ContentType, Encoding, Message as Parsed, MessagePart, MimeHeaders, PartType};

use super::{charset, clean, crowd, limits, wrapped};
use crate::mail::html;
use crate::triage::message::{Attached, Attachment};

/// What the walk has found so far.
#[derive(Debug, Default)]
pub struct Body {
    pub text: String,
    pub extent: Extent,
    pub attachments: Vec<Attachment>,
    pub attached: Vec<Attached>,
    /// The text shows images, also such as are not sent along.
    pub images: bool,
    /// Contents of `message/delivery-status` and of the returned headers.
    pub reports: Vec<Report>,
    /// A part that says that it is encrypted.
    pub encrypted: bool,
    /// A multipart of which no part could be found.
    pub broken: bool,
    parts: usize,
}

/// How much of the text there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    #[default]
    Whole,
    /// Some of it is beyond the limit and was left out.
    Cut,
}

/// A machine-readable part of a delivery status notification.
#[derive(Debug)]
pub enum Report {
    /// RFC 3464 §2
    Status(String),
    /// Headers of the mail that came back.
    Returned(String),
}

/// Collects text and attachments of a parsed mail.
pub fn read(mail: &Parsed) -> Body {
    let mut body = Body::default();
    visit(mail, 0, Place { raw: mail.raw_message(), depth: 0, mails: 0, alone: true }, &mut body);
    body
}

#[derive(Clone, Copy)]
struct Place<'a> {
    /// The bytes that the offsets of the parts count in.
    raw: &'a [u8],
    /// Multiparts around this part.
    depth: usize,
    /// Mails around this part.
    mails: usize,
    /// Not one of several: may be text whatever its disposition says.
    alone: bool,
}

fn visit(mail: &Parsed, id: u32, place: Place<'_>, body: &mut Body) {
    let Some(part) = mail.part(id) else { return };
    body.parts += 1;
    if body.parts > limits::PARTS || place.depth > limits::DEPTH {
        return;
    }
    let inner = Place { depth: place.depth + 1, alone: false, ..place };
    match &part.body {
        PartType::Multipart(children) if subtype(part) == "alternative" => {
            alternatives(mail, children, inner, body);
        }
        PartType::Multipart(children) => {
            body.encrypted |= subtype(part) == "encrypted";
            for child in children.iter().take(limits::PARTS) {
                visit(mail, *child, inner, body);
            }
        }
        PartType::Message(inner_mail) => attached_mail(part, inner_mail, place, body),
        PartType::Text(text) | PartType::Html(text) => text_part(part, text, place, body),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => binary(part, bytes, place, body),
    }
}

/// One content in several shapes: plain text unless it only says that there is HTML.
fn alternatives(mail: &Parsed, children: &[u32], place: Place<'_>, body: &mut Body) {
    type Shown = (String, Extent);
    let (mut plain, mut rich): (Option<Shown>, Option<Shown>) = (None, None);
    for child in children.iter().take(limits::PARTS) {
        let mut one = Body { parts: body.parts, ..Body::default() };
        visit(mail, *child, Place { alone: true, ..place }, &mut one);
        let is_plain = mail.part(*child).is_some_and(|part| media_type(part) == "text/plain");
        let text = std::mem::take(&mut one.text);
        let shape = if is_plain { &mut plain } else { &mut rich };
        if !text.trim().is_empty() {
            shape.get_or_insert((text, one.extent));
        }
        body.absorb(one);
    }
    let (text, extent) = match (plain, rich) {
        (Some((plain, _)), Some(rich)) if is_stub(&plain, &rich.0) => rich,
        (Some(text), _) | (None, Some(text)) => text,
        (None, None) => return,
    };
    body.add_text(&text, extent);
}

/// A short plain text whose words the HTML does not have: "your mail program shows no HTML".
fn is_stub(plain: &str, rich: &str) -> bool {
    /// No stub is longer than a few sentences.
    const LONGEST: usize = 400;
    if plain.len() > LONGEST || rich.len() <= plain.len() {
        return false;
    }
    let (mut all, mut shared) = (0, 0);
    for word in plain.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)) {
        all += 1;
        shared += usize::from(rich.contains(word));
    }
    shared * 2 < all
}

fn text_part(part: &MessagePart, text: &str, place: Place<'_>, body: &mut Body) {
    let media = media_type(part);
    let media = media.as_str();
    if matches!(media, "message/rfc822-headers" | "text/rfc822-headers" | "message/global-headers") {
        body.reports.push(Report::Returned(clean::text(text, limits::ATTACHED_TEXT)));
        body.attach(part, text.len(), true);
        return;
    }
    let is_text =
        media.is_empty() || matches!(media, "text/plain" | "text/html" | "text/enriched" | "text/richtext");
    body.broken |= place.depth == 0 && media.starts_with("multipart/");
    if !is_text && !media.starts_with("multipart/") || is_attachment(part, place) {
        if wrapped::is_mail(name(part).as_deref()) {
            attach_text_mail(text.as_bytes(), place, body);
        }
        body.attach(part, text.len(), !is_attachment(part, place));
        return;
    }
    let text = honest_text(place.raw, part, text);
    let bare = text.trim_start();
    let says_html = bare.get(..15).is_some_and(|start| {
        let start = start.to_ascii_lowercase();
        start.starts_with("<html") || start.starts_with("<!doctype html")
    });
    if part.is_text_html() || says_html {
        let mut page = html::lay_out(&text, limits::TEXT);
        if page.cut {
            page.text.truncate(page.text.trim_end().len());
            clean::to_whole_lines(&mut page.text);
        }
        body.images |= page.images;
        let extent = if page.cut { Extent::Cut } else { Extent::Whole };
        body.add_text(&page.text, extent);
    } else if attribute(part, "format").is_some_and(|format| format.eq_ignore_ascii_case("flowed")) {
        let delete = attribute(part, "delsp").is_some_and(|value| value.eq_ignore_ascii_case("yes"));
        body.add_text(&unflow(&text, delete), Extent::Whole);
    } else {
        body.add_text(&text, Extent::Whole);
    }
}

/// The text by the charset that its bytes show, where the declared one is unknown or plainly wrong.
fn honest_text<'a>(raw: &[u8], part: &MessagePart, text: &'a str) -> Cow<'a, str> {
    let declared = attribute(part, "charset").is_some_and(|name| charset::is_known(&name));
    if declared && !text.contains('\u{fffd}') || text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let range = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    let Some(raw) = raw.get(range) else { return Cow::Borrowed(text) };
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    match bytes {
        Some(bytes) => Cow::Owned(charset::guess(&bytes).into_owned()),
        None => Cow::Borrowed(text),
    }
}

/// Joins the lines that the sender's program broke (RFC 3676 §4).
fn unflow(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut flowing: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let content = line.get(depth..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        // RFC 3676 §4.3: the signature separator is never flowed.
        let is_separator = content == "-- ";
        if flowing.is_some_and(|at| at == depth) && !is_separator {
            out.push_str(content);
        } else {
            if flowing.is_some() {
                out.push('\n');
            }
            for _ in 0..depth.min(limits::DEPTH) {
                out.push('>');
            }
            if depth > 0 {
                out.push(' ');
            }
            out.push_str(content);
        }
        flowing = (content.ends_with(' ') && !is_separator).then_some(depth);
        if flowing.is_none() {
            out.push('\n');
        } else if delete_space {
            out.pop();
        }
    }
    out
}

fn attached_mail(part: &MessagePart, inner: &Parsed, place: Place<'_>, body: &mut Body) {
    body.attach(part, inner.raw_message().len().min(part.raw_len() as usize), false);
    if place.mails >= limits::ATTACHED_DEPTH || body.attached.len() >= limits::ATTACHED {
        return;
    }
    // A mail that stands here as it is keeps the offsets of the whole; a decoded one has its own.
    let raw = if part.encoding == Encoding::None { place.raw } else { inner.raw_message() };
    let top = inner.root_part();
    let headers = top.raw_header_offset() as usize..top.raw_body_offset() as usize;
    let headers = raw.get(headers).unwrap_or_default();
    let headers = headers.get(..limits::ATTACHED_TEXT).unwrap_or(headers);
    body.reports.push(Report::Returned(charset::guess(headers).into_owned()));
    let mut one = Body { parts: body.parts, ..Body::default() };
    visit(inner, 0, Place { raw, depth: 0, mails: place.mails + 1, alone: true }, &mut one);
    body.parts = one.parts;
    body.attached.push(wrapped::summary(inner, raw, &one.text));
    let room = limits::ATTACHED.saturating_sub(body.attached.len());
    body.attached.extend(one.attached.into_iter().take(room));
}

/// A mail that came as a file with another media type (`.eml` as `application/octet-stream`).
fn attach_text_mail(bytes: &[u8], place: Place<'_>, body: &mut Body) {
    if place.mails >= limits::ATTACHED_DEPTH || body.attached.len() >= limits::ATTACHED {
        return;
    }
    let bytes = &*crowd::bounded(bytes);
    let Some(inner) = mail_parser::MessageParser::default().parse(bytes) else { return };
    let mut one = Body { parts: body.parts, ..Body::default() };
    visit(&inner, 0, Place { raw: bytes, depth: 0, mails: place.mails + 1, alone: true }, &mut one);
    body.parts = one.parts;
    body.attached.push(wrapped::summary(&inner, bytes, &one.text));
}

fn binary(part: &MessagePart, bytes: &[u8], place: Place<'_>, body: &mut Body) {
    let media = media_type(part);
    match media.as_str() {
        "message/delivery-status" | "message/global-delivery-status" => {
            body.reports.push(Report::Status(clean::text(&charset::guess(bytes), limits::ATTACHED_TEXT)));
        }
        "message/rfc822-headers" | "message/global-headers" => {
            body.reports.push(Report::Returned(clean::text(&charset::guess(bytes), limits::ATTACHED_TEXT)));
        }
        "message/rfc822" | "message/global" => attach_text_mail(bytes, place, body),
        _ if wrapped::is_mail(name(part).as_deref()) => attach_text_mail(bytes, place, body),
        _ => body.encrypted |= is_encrypted(part, &media, bytes),
    }
    body.attach(
        part,
        bytes.len(),
        matches!(part.body, PartType::InlineBinary(_)) || part.content_id().is_some(),
    );
}

/// RFC 8551 §3.2, RFC 3156 §4, and what Microsoft's rights management sends.
fn is_encrypted(part: &MessagePart, media: &str, bytes: &[u8]) -> bool {
    /// id-signedData (RFC 5652 §5.1) as it stands at the start of an opaque signature.
    const SIGNED: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let smime = matches!(media, "application/pkcs7-mime" | "application/x-pkcs7-mime");
    let kind = attribute(part, "smime-type").unwrap_or_default().to_ascii_lowercase();
    let start = bytes.get(..64).unwrap_or(bytes);
    let signed = kind == "signed-data" || kind.is_empty() && start.windows(SIGNED.len()).any(|w| w == SIGNED);
    let named = |end: &str| name(part).is_some_and(|name| name.to_lowercase().ends_with(end));
    !signed && (smime || named(".p7m"))
        || media == "application/pgp-encrypted"
        || media == "application/x-microsoft-rpmsg-message"
        || named(".rpmsg")
}

impl Body {
    fn add_text(&mut self, text: &str, extent: Extent) {
        let room = limits::TEXT.saturating_sub(self.text.len());
        let (mut text, left_out) = clean::text_within(text, room);
        self.extent = self.extent.max(extent);
        if left_out {
            self.extent = Extent::Cut;
            clean::to_whole_lines(&mut text);
        }
        if text.trim().is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn attach(&mut self, part: &MessagePart, size: usize, inline: bool) {
        if self.attachments.len() < limits::ATTACHMENTS {
            self.attachments.push(Attachment {
                name: name(part),
                media_type: media_type(part),
                size: size as u64,
                inline,
            });
        }
    }

    /// Takes over all but the text.
    fn absorb(&mut self, other: Self) {
        self.parts = other.parts;
        self.images |= other.images;
        self.encrypted |= other.encrypted;
        self.broken |= other.broken;
        self.reports.extend(other.reports);
        self.attachments.extend(other.attachments);
        self.attachments.truncate(limits::ATTACHMENTS);
        self.attached.extend(other.attached);
        self.attached.truncate(limits::ATTACHED);
    }
}

/// A text part that came as a file.
fn is_attachment(part: &MessagePart, place: Place) -> bool {
    if part.content_disposition().is_some_and(ContentType::is_attachment) {
        return !(place.alone && name(part).is_none());
    }
    // A name without a disposition: how old programs attach.
    !place.alone && name(part).is_some()
}

fn name(part: &MessagePart) -> Option<String> {
    let name = clean::line(part.attachment_name()?, limits::NAME);
    (!name.is_empty()).then_some(name)
}

fn attribute(part: &MessagePart, name: &str) -> Option<String> {
    part.content_type().and_then(|kind| kind.attribute(name)).map(|value| clean::line(value, limits::NAME))
}

fn subtype(part: &MessagePart) -> String {
    part.content_type().and_then(ContentType::subtype).unwrap_or_default().to_ascii_lowercase()
}

/// Lower case; empty where the part has no `Content-Type`.
pub fn media_type(part: &MessagePart) -> String {
    let Some(kind) = part.content_type() else { return String::new() };
    let whole = kind.subtype().map_or(kind.ctype().to_owned(), |sub| format!("{}/{sub}", kind.ctype()));
    crowd::named(clean::line(&whole, limits::NAME).to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_are_joined_and_separators_kept() {
        assert_eq!(unflow("een lange \nregel\n-- \nJan\n", false), "een lange regel\n-- \nJan\n");
        assert_eq!(unflow("> a \n> b\nc", false), "> a b\nc\n");
    }

    #[test]
    fn a_plain_part_that_only_points_to_the_html_is_a_stub() {
        let rich = "Geachte mevrouw, ik heb een vraag over factuur 2026-1 van vorige maand. Groet, Jan";
        assert!(is_stub("Dit bericht kan alleen in HTML worden getoond", rich));
        assert!(!is_stub("Geachte mevrouw, ik heb een vraag over factuur 2026-1", rich));
    }
}
