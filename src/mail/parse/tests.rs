//! Whole mails in, messages out.

mod bounds;

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn message(text: &str) -> Message {
    let bytes = text.replace('\n', "\r\n");
    parse(bytes.as_bytes(), bytes.len() as u64)
}

const HEAD: &str = "From: Jan <jan@example.org>\nTo: info@ksyos.nl\nMessage-ID: <1@x>\nDate: Mon, 1 Jun 2026 09:00:00 +0200\nMIME-Version: 1.0\n";

fn mail(rest: &str) -> Message {
    message(&format!("{HEAD}{rest}"))
}

#[test]
fn plain_text_goes_before_html() {
    let got = mail(
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nHallo daar\n--b\nContent-Type: text/html\n\n<p>Hallo daar en meer</p>\n--b--\n",
    );
    assert_eq!(got.text, "Hallo daar\n");
    assert_eq!(got.legibility, Legibility::Readable);
}

#[test]
fn a_stub_gives_way_to_the_html() {
    let got = mail(
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nThis is an HTML message.\n--b\nContent-Type: text/html\n\n<p>Geachte heer, mijn vraag gaat over factuur 2026-1.</p>\n--b--\n",
    );
    assert_eq!(got.text, "Geachte heer, mijn vraag gaat over factuur 2026-1.\n");
}

#[test]
fn a_text_file_is_an_attachment_and_all_text_parts_are_joined() {
    let got = mail(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nEen\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"log.txt\"\n\nlog\n--b\nContent-Type: text/plain\n\nTwee\n--b--\n",
    );
    assert_eq!(got.text, "Een\n\nTwee\n");
    assert_eq!(got.attachments.len(), 1);
    assert_eq!(got.attachments[0].name.as_deref(), Some("log.txt"));
}

#[test]
fn an_attached_mail_is_read() {
    let got = mail(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nZie bijlage\n--b\nContent-Type: message/rfc822\n\nFrom: Piet <piet@example.org>\nSubject: Oud\n\nMijn oude mail\n--b--\n",
    );
    assert_eq!(got.text, "Zie bijlage\n");
    assert_eq!(got.attached.len(), 1);
    assert_eq!(got.attached[0].from[0].address, "piet@example.org");
    assert_eq!(got.attached[0].subject, "Oud");
    assert_eq!(got.attached[0].text.trim(), "Mijn oude mail");
    assert_eq!(got.delivery, None);
}

#[test]
fn a_saved_mail_is_read_whatever_its_media_type() {
    let got = mail(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nZie bijlage\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"oud.eml\"\n\nFrom: Piet <piet@example.org>\nSubject: Oud\n\nMijn oude mail\n--b--\n",
    );
    assert_eq!(got.attached.len(), 1);
    assert_eq!(got.attached[0].subject, "Oud");
}

#[test]
fn a_bounce_names_the_mail_that_came_back() {
    let got = mail(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: RFC822; Piet@Example.org\nAction: failed\nStatus: 5.1.1 (unknown)\n\n--b\nContent-Type: text/rfc822-headers\n\nFrom: a@b\nMessage-ID: <ack.1@ksyos.nl>\nX-Triaged-Case: K-2026-000001\n\n--b--\n",
    );
    let status = got.delivery.expect("a delivery status");
    assert_eq!(status.final_recipient.as_deref(), Some("piet@example.org"));
    assert_eq!(status.action.as_deref(), Some("failed"));
    assert_eq!(status.status.as_deref(), Some("5.1.1"));
    assert_eq!(status.original_message_id.as_deref(), Some("ack.1@ksyos.nl"));
    assert_eq!(status.original_case.as_deref(), Some("K-2026-000001"));
}

#[test]
fn encrypted_and_empty_and_image_only_mails_are_told_apart() {
    let smime = mail(
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nAAAA\n",
    );
    assert_eq!(smime.legibility, Legibility::Encrypted);
    let pgp = mail("\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n");
    assert_eq!(pgp.legibility, Legibility::Encrypted);
    assert_eq!(mail("\n\n  \n").legibility, Legibility::Empty);
    let image = mail(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n\n--b\nContent-Type: image/jpeg; name=a.jpg\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n",
    );
    assert_eq!(image.legibility, Legibility::AttachmentOnly);
    let shown = mail("Content-Type: text/html\n\n<img src='https://x/y.png'>\n");
    assert_eq!(shown.legibility, Legibility::AttachmentOnly);
}

#[test]
fn bytes_that_are_no_mail_are_broken() {
    assert_eq!(parse(b"", 0).legibility, Legibility::Broken);
    assert_eq!(parse(&[0xff, 0, 0x80, b'\n', 0x90], 5).legibility, Legibility::Broken);
    assert_eq!(parse(b"zomaar wat: tekst\nzonder kop", 5).legibility, Legibility::Broken);
}

#[test]
fn wrongly_labelled_letters_are_read() {
    let head = "From: a@example.org\r\nContent-Type: text/plain; charset=x-onzin-9\r\n\r\n";
    let bytes = [head.as_bytes(), b"Pati\xebnt"].concat();
    assert_eq!(parse(&bytes, 0).text, "Patiënt\n");
    let head = head.replace("x-onzin-9", "utf-8");
    let bytes = [head.as_bytes(), b"Pati\xebnt"].concat();
    assert_eq!(parse(&bytes, 0).text, "Patiënt\n");
}

#[test]
fn two_copies_of_a_mail_share_the_content_digest() {
    let one = parse(b"Received: by a\r\nFrom: a@b\r\nSubject: x\r\n\r\nHallo  \r\n\r\n", 0);
    let two = parse(b"Received: by b\nDelivered-To: c@d\nFrom: a@b\nSubject: x\n\nHallo\n", 0);
    assert_ne!(one.digest, two.digest);
    assert_eq!(one.content_digest, two.content_digest);
    let other = parse(b"From: a@b\nSubject: x\n\nHallo!\n", 0);
    assert_ne!(one.content_digest, other.content_digest);
}

#[test]
fn a_subject_is_one_line() {
    let got = mail("Subject: =?utf-8?Q?Vraag=0D=0ABcc:_x=40example.org?=\n\nHallo\n");
    assert_eq!(got.subject, "Vraag Bcc: x@example.org");
}

#[test]
fn a_thousand_nested_multiparts_are_survived() {
    let mut text = String::from(HEAD);
    for i in 0..1000 {
        let _ = write!(text, "Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n");
    }
    text.push_str("Content-Type: text/plain\n\nHallo\n");
    let _ = message(&text);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = parse(&bytes, 0);
    }

    #[test]
    fn any_mail_shaped_text_is_clean(
        pieces in proptest::collection::vec(prop_oneof![
            Just("From: ".to_owned()), Just("Content-Type: multipart/mixed; boundary=b\r\n".to_owned()),
            Just("Content-Type: message/rfc822\r\n".to_owned()), Just("Content-Type: text/html; charset=x\r\n".to_owned()),
            Just("--b\r\n".to_owned()), Just("--b--\r\n".to_owned()), Just("\r\n".to_owned()), Just("=?utf-8?Q?".to_owned()),
            Just("Content-Transfer-Encoding: base64\r\n".to_owned()), Just("<blockquote>".to_owned()), "\\PC{0,20}", ".{0,20}",
        ], 0..60)
    ) {
        let got = parse(pieces.concat().as_bytes(), 0);
        let bad = |c: char| c.is_control() && c != '\n' && c != '\t';
        prop_assert!(!got.text.contains(bad));
        prop_assert!(!got.subject.contains(char::is_control));
        prop_assert!(got.headers.iter().all(|(_, value)| !value.contains(char::is_control)));
    }
}
