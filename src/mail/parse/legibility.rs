//! Are the words of a person within reach? And PGP's clear text signatures, which must not hide them.

use super::body::Body;
use crate::triage::message::{Attachment, Legibility};

const ARMOUR: &str = "-----BEGIN PGP MESSAGE-----";
const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const SIGNATURE_END: &str = "-----END PGP SIGNATURE-----";

/// Judges what the walk found. `has_header`: the mail began with header fields.
pub fn judge(body: &Body, has_header: bool) -> Legibility {
    if !has_header || is_rubbish(&body.text) {
        return Legibility::Broken;
    }
    if body.encrypted || body.text.lines().any(|line| line.trim_end() == ARMOUR) {
        return Legibility::Encrypted;
    }
    if body.broken {
        return Legibility::Broken;
    }
    if !is_blank(&body.text) || !body.attached.is_empty() {
        return Legibility::Readable;
    }
    if body.images || body.attachments.iter().any(could_be_the_message) {
        return Legibility::AttachmentOnly;
    }
    Legibility::Empty
}

/// Signatures and business cards come along with a message; they are none.
fn could_be_the_message(attachment: &Attachment) -> bool {
    !matches!(
        attachment.media_type.as_str(),
        "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "application/pgp-keys"
            | "text/vcard"
            | "text/x-vcard"
    )
}

/// Nothing but blanks and the marks that mail programs put where an image was: `[cid:logo.png]`.
fn is_blank(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| {
        line.is_empty()
            || line.starts_with('[') && line.ends_with(']') && line.contains([':', '.'])
            || line.chars().all(|c| matches!(c, '>' | '_' | '-' | ' ' | '\u{fffc}'))
    })
}

/// More than one character in five that no decoder knew.
fn is_rubbish(text: &str) -> bool {
    let (mut all, mut bad) = (0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        bad += usize::from(c == '\u{fffd}');
    }
    all >= 20 && bad * 5 > all
}

/// Takes the armour off clear text that is signed (RFC 9580 §7), and keeps the text.
pub fn strip_signature(text: String) -> String {
    if !text.contains(SIGNED) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let (mut head, mut inside, mut signature) = (false, false, false);
    for line in text.lines() {
        let bare = line.trim_end();
        match bare {
            SIGNED => (head, inside) = (true, true),
            SIGNATURE if inside => signature = true,
            SIGNATURE_END if inside => (head, inside, signature) = (false, false, false),
            // `Hash:` lines up to the first empty one.
            "" if head => head = false,
            _ if head || signature => {}
            _ => {
                // §7.1: a line that began with a dash was escaped.
                let line = if inside { line.strip_prefix("- ").unwrap_or(line) } else { line };
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_clear_text_loses_its_armour_only() {
        let text = "Vooraf\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHallo\n- -- \nJan\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\nNa\n";
        assert_eq!(strip_signature(text.into()), "Vooraf\nHallo\n-- \nJan\nNa\n");
    }

    #[test]
    fn a_mark_where_an_image_was_is_no_text() {
        assert!(is_blank("[cid:image001.png@01]\n\n > \n"));
        assert!(!is_blank("[cid:image001.png@01]\nHoi"));
    }
}
