//! Bounds on what is taken out of one mail (design, invariant 10). What lies beyond is left out:
//! no person writes so much, and a reader of the original still has it.

/// Header fields; a mail that travelled far has about 60.
pub const HEADERS: usize = 500;
/// Bytes of all header values together.
pub const HEADER_BYTES: usize = 256 * 1024;
/// Bytes of one header value.
pub const HEADER_VALUE: usize = 16 * 1024;
/// Bytes of a field name (RFC 5322 §2.1.1 allows a line of 998).
pub const HEADER_NAME: usize = 128;
/// Characters of a subject.
pub const SUBJECT: usize = 1000;
/// Characters of a display name or file name.
pub const NAME: usize = 256;
/// Bytes of an address (RFC 5321 §4.5.3.1.3).
pub const ADDRESS: usize = 254;
/// Bytes of a Message-ID.
pub const ID: usize = 500;
/// Mailboxes of one address header.
pub const ADDRESSES: usize = 100;
/// Ids of `References`, the last ones.
pub const IDS: usize = 100;
/// Bytes of text: some 500 printed pages.
pub const TEXT: usize = 1024 * 1024;
/// Bytes of the text of one attached mail.
pub const ATTACHED_TEXT: usize = 128 * 1024;
/// MIME parts that are looked at.
pub const PARTS: usize = 2000;
/// Nesting of multiparts.
pub const DEPTH: usize = 40;
/// Attachments that are listed.
pub const ATTACHMENTS: usize = 200;
/// Attached mails that are read, at all depths together.
pub const ATTACHED: usize = 10;
/// An attached mail within an attached mail, and so on.
pub const ATTACHED_DEPTH: usize = 3;
