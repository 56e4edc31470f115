//! Any bytes to a [`Message`]. Never fails, never panics; bounded in time and memory.
//!
//! mail-parser splits and decodes; what it leaves open (which text a person reads, charsets that
//! lie, raw bytes in headers, control characters) is settled here. Deeply nested mails overflow a
//! small stack when mail-parser drops them: callers give the thread 128 MB and refuse more than 25 MB.

mod body;
mod charset;
mod clean;
mod crowd;
mod delivery;
mod digest;
mod header;
mod legibility;
pub mod limits;
mod wrapped;

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::MessageParser;

use self::body::{Body, Extent};
use self::header::Field;
use crate::triage::message::{Address, Legibility, Message, ReturnPath};

/// Takes a mail apart. `size` is its size on the server (more than `bytes` where only a part was fetched).
#[must_use]
pub fn parse(bytes: &[u8], size: u64) -> Message {
    let (fields, body_at) = header::split(bytes);
    let mut message = from_header(&fields);
    message.size = size;
    message.digest = digest::of_bytes(bytes);
    message.content_digest = content_digest(&message, &fields, bytes.get(body_at..).unwrap_or_default());
    // A panic in the MIME parser costs the body of one mail, not the program.
    let read = catch_unwind(AssertUnwindSafe(|| {
        MessageParser::default()
            .parse(&*crowd::bounded(bytes))
            .map(|mail| (content_type(&mail), body::read(&mail)))
    }));
    let Ok(Some(((media_type, report_type), body))) = read else {
        message.legibility = Legibility::Broken;
        return message;
    };
    message.media_type = media_type;
    message.report_type = report_type;
    fill_body(&mut message, body);
    message
}

fn fill_body(message: &mut Message, mut body: Body) {
    body.text = legibility::strip_signature(body.text);
    message.legibility = legibility::judge(&body, is_header(&message.headers));
    let is_notice = message.header("x-failed-recipients").is_some()
        || message.header("x-ms-exchange-message-is-ndr").is_some()
        || message.report_type.as_deref() == Some("delivery-status")
        || message.author().is_some_and(|author| author.address.starts_with("mailer-daemon@"));
    message.delivery = delivery::status(&body.reports, is_notice, &body.text);
    message.text = body.text;
    message.cut = body.extent == Extent::Cut;
    message.attachments = body.attachments;
    message.attached = body.attached;
}

fn from_header(fields: &[Field]) -> Message {
    let first = |name: &str| fields.iter().find(|field| field.name == name);
    let ids = |name: &str| first(name).map(Field::ids).unwrap_or_default();
    let boxes = |name: &str| -> Vec<Address> {
        let mut list: Vec<Address> =
            fields.iter().filter(|field| field.name == name).flat_map(Field::addresses).collect();
        list.truncate(limits::ADDRESSES);
        list
    };
    Message {
        message_id: ids("message-id").into_iter().next(),
        in_reply_to: ids("in-reply-to"),
        references: ids("references"),
        from: boxes("from"),
        sender: boxes("sender").into_iter().next(),
        reply_to: boxes("reply-to"),
        to: boxes("to"),
        cc: boxes("cc"),
        bcc: boxes("bcc"),
        return_path: first("return-path").map_or(ReturnPath::Missing, Field::return_path),
        subject: first("subject").map(|s| clean::line(&s.text(), limits::SUBJECT)).unwrap_or_default(),
        date: first("date").and_then(Field::date),
        // Each server puts its own on top: the first that can be read is the newest, and our own.
        received: fields.iter().filter(|field| field.name == "received").find_map(Field::date),
        headers: fields.iter().map(|field| (field.name.clone(), field.text())).collect(),
        ..Message::default()
    }
}

/// Media type and `report-type` of the whole mail.
fn content_type(mail: &mail_parser::Message) -> (String, Option<String>) {
    let root = mail.root_part();
    let report = mail_parser::MimeHeaders::content_type(root)
        .and_then(|kind| kind.attribute("report-type"))
        .map(|kind| clean::line(kind, limits::NAME).to_lowercase());
    (body::media_type(root), report)
}

/// Rubbish has lines with a colon too, but not these.
fn is_header(headers: &[(String, String)]) -> bool {
    const EXPECTED: [&str; 10] = [
        "from",
        "to",
        "date",
        "subject",
        "message-id",
        "received",
        "return-path",
        "content-type",
        "mime-version",
        "delivered-to",
    ];
    headers.iter().any(|(name, _)| EXPECTED.contains(&name.as_str()))
}

fn content_digest(message: &Message, fields: &[Field], body: &[u8]) -> String {
    let date = fields.iter().find(|field| field.name == "date").map(Field::text).unwrap_or_default();
    let author = message.author().map(|author| author.address.clone()).unwrap_or_default();
    let id = message.message_id.clone().unwrap_or_default();
    digest::of_content(&[&id, &author, &date, &message.subject], body)
}

#[cfg(test)]
mod tests;
