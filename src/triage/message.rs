//! A mail as decisions see it: decoded, bounded, owned. No bytes of MIME get past this point.
//!
//! Built by `mail::parse` from any byte sequence; never fails: what cannot be read is said in
//! [`Message::legibility`].

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

/// A decoded mail.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Message {
    /// `Message-ID` without angle brackets (RFC 5322 §3.6.4); `None` when missing or unusable.
    pub message_id: Option<String>,
    /// The ids of `In-Reply-To`, without angle brackets.
    pub in_reply_to: Vec<String>,
    /// The ids of `References`, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// The mailboxes of `From`; groups are flattened. Addresses that are none are left out.
    pub from: Vec<Address>,
    /// The mailbox of `Sender`.
    pub sender: Option<Address>,
    /// The mailboxes of `Reply-To`.
    pub reply_to: Vec<Address>,
    /// The mailboxes of `To`.
    pub to: Vec<Address>,
    /// The mailboxes of `Cc`.
    pub cc: Vec<Address>,
    /// The mailboxes of `Bcc`, which a mail in a Sent folder still has.
    pub bcc: Vec<Address>,
    /// The envelope sender as our receiver noted it.
    pub return_path: ReturnPath,
    /// Decoded, control characters replaced by blanks, one line.
    pub subject: String,
    /// The `Date` header when it is a date that exists. It may still lie.
    pub date: Option<DateTime<FixedOffset>>,
    /// The newest date in a `Received` header, the nearest thing to an arrival time in a bare file.
    pub received: Option<DateTime<FixedOffset>>,
    /// All headers in order, names in lower case, values unfolded and decoded. Bounded in number and size.
    pub headers: Vec<(String, String)>,
    /// Media type of the whole mail, lower case, such as `multipart/report`.
    pub media_type: String,
    /// The parameter `report-type` of a `multipart/report` (RFC 6522), lower case.
    pub report_type: Option<String>,
    /// The text that a person sees: plain text parts, else HTML laid out as text (blocks become
    /// lines, table cells are kept apart by a tab, a blockquote becomes `> `). LF line ends; no
    /// control characters but LF and TAB; no zero-width or bidirectional control characters.
    pub text: String,
    /// There was more text than is read of one mail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Parts that are neither the text nor structure.
    pub attachments: Vec<Attachment>,
    /// Attached mails (`message/rfc822`), outermost first, bounded in number and depth.
    pub attached: Vec<Attached>,
    /// What a delivery status notification says (RFC 3464), when this is one.
    pub delivery: Option<DeliveryStatus>,
    /// Whether a person's words could be read at all.
    pub legibility: Legibility,
    /// SHA-256 of all bytes, in hexadecimal.
    pub digest: String,
    /// SHA-256 of what stays the same on every way that the mail takes (Message-ID, From, Date,
    /// Subject, body), in hexadecimal: two copies of one mail in two mailboxes share it.
    pub content_digest: String,
    /// Size in bytes as the server tells it.
    pub size: u64,
}

/// One mailbox of an address header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The display name, decoded, one line.
    pub name: Option<String>,
    /// `local@domain`, lower case, syntactically an address.
    pub address: String,
}

/// The envelope sender (RFC 5321 §4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnPath {
    /// No `Return-Path` header: that says nothing.
    #[default]
    Missing,
    /// `<>`: must never be answered.
    Null,
    /// Lower case.
    Address(String),
}

/// A part that is not the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Decoded file name.
    pub name: Option<String>,
    /// Lower case, such as `application/pdf`.
    pub media_type: String,
    /// Decoded size in bytes.
    pub size: u64,
    /// Shown within the text (an image of a signature).
    pub inline: bool,
}

/// A mail attached to this one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Attached {
    pub from: Vec<Address>,
    pub subject: String,
    pub date: Option<DateTime<FixedOffset>>,
    /// Same rules as [`Message::text`].
    pub text: String,
}

/// What a DSN reports about the first recipient that it names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryStatus {
    /// `failed`, `delayed`, `delivered`, `relayed`, `expanded`; lower case.
    pub action: Option<String>,
    /// Enhanced status code, such as `5.1.1`.
    pub status: Option<String>,
    pub final_recipient: Option<String>,
    /// Message-ID of the mail that it is about, out of the returned headers.
    pub original_message_id: Option<String>,
    /// Our own case number, out of the returned `X-Triaged-Case` header.
    pub original_case: Option<String>,
}

/// Whether the words of a person are within reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Legibility {
    #[default]
    Readable,
    /// Nothing but white space, and nothing attached that could be the message.
    Empty,
    /// S/MIME or PGP, `rpmsg`.
    Encrypted,
    /// Text is missing; what there is is an image, a scan, a fax, `winmail.dat`.
    AttachmentOnly,
    /// No header, or MIME so broken that nothing can be trusted.
    Broken,
}

impl Message {
    /// The first value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// All values of a header, top-most first; `name` in lower case.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The author's address: the first of `From`.
    #[must_use]
    pub fn author(&self) -> Option<&Address> {
        self.from.first()
    }

    /// It says of itself that it answers a mail: by its subject (RFC 5322 §3.6.5) or by the ids that it names.
    #[must_use]
    pub fn is_reply(&self) -> bool {
        let mark = self.subject.trim_start().get(..3).unwrap_or_default();
        mark.eq_ignore_ascii_case("re:") || !self.in_reply_to.is_empty()
    }

    /// Every id that the mail says it answers or follows, nearest first, without repetition.
    #[must_use]
    pub fn ancestors(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for id in self.in_reply_to.iter().chain(self.references.iter().rev()) {
            if !ids.contains(&id.as_str()) {
                ids.push(id);
            }
        }
        ids
    }
}

impl Address {
    /// The part behind the last `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}
