//! Mails beyond the limit of a fetch, and such as come whole though they are large.

use std::time::{Duration, Instant};

use triaged::mail::Source;
use triaged::mail::imap::ImapSource;

use super::support::dovecot::Dovecot;
use super::{all, config, mail, source};

/// A mail with a text, a picture of `size` bytes, and, where wanted, a second text after it.
pub fn big_mail(size: usize, text_after: bool) -> Vec<u8> {
    let picture = "QUJD".repeat(18) + "\r\n";
    let after = if text_after {
        "--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n\
         --inner\r\nContent-Type: text/plain\r\n\r\nDeze tekst komt na de foto.\r\n\
         --inner\r\nContent-Type: text/html\r\n\r\n<p>Deze tekst</p>\r\n--inner--\r\n"
    } else {
        ""
    };
    format!(
        "From: jan@example.org\r\nSubject: foto\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed;\r\n boundary=\"outer\"\r\n\r\n\
         --outer\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHierbij de foto.\r\n\
         --outer\r\nContent-Type: image/jpeg; name=\"foto.jpg\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
         {after}--outer--\r\n",
        picture.repeat(size / picture.len())
    )
    .into_bytes()
}

/// Resident memory at its highest, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[tokio::test]
async fn of_a_big_mail_only_header_and_texts_come_and_other_parts_keep_their_names() {
    let dovecot = Dovecot::start();
    let big = big_mail(20 * 1024 * 1024, true);
    let size = big.len() as u64;
    dovecot.append("info", "INBOX", &big);
    drop(big);
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    let start = Instant::now();
    let arrivals = source.fetch(0, 10).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let [arrival] = arrivals.as_slice() else { panic!("{}", arrivals.len()) };
    assert_eq!(arrival.size, size);
    let text = String::from_utf8(arrival.bytes.clone()).unwrap();
    assert!(text.len() < 2_000, "{}", text.len());
    let mail = mail_parser::MessageParser::default().parse(&arrival.bytes).unwrap();
    assert_eq!(mail.subject(), Some("foto"));
    assert_eq!(mail.body_text(0).unwrap().trim(), "Hierbij de foto.");
    assert!(text.contains("Deze tekst komt na de foto."), "{text}");
    let names: Vec<_> = mail.attachments().filter_map(mail_parser::MimeHeaders::attachment_name).collect();
    assert_eq!(names, ["foto.jpg"]);
}

#[tokio::test]
async fn a_big_mail_without_parts_keeps_the_start_of_its_text() {
    let dovecot = Dovecot::start();
    let mut big = mail("lang");
    big.extend(b"regel na regel na regel\r\n".repeat(80_000));
    dovecot.append("info", "INBOX", &big);
    let mut source = ImapSource::new(config(&dovecot, "info"), 1_500_000);
    source.open("INBOX").await.unwrap();
    let arrivals = source.fetch(0, 10).await.unwrap();
    let bytes = &arrivals[0].bytes;
    assert!(bytes.starts_with(&mail("lang")), "{}", String::from_utf8_lossy(&bytes[..200]));
    assert!((200_000..300_000).contains(&bytes.len()), "{}", bytes.len());
    assert_eq!(arrivals[0].size, big.len() as u64);
}

#[tokio::test]
async fn a_middling_mail_comes_whole() {
    let dovecot = Dovecot::start();
    let middling = big_mail(5 * 1024 * 1024, true);
    dovecot.append("info", "INBOX", &mail("before"));
    dovecot.append("info", "INBOX", &middling);
    dovecot.append("info", "INBOX", &mail("after"));
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    let before = peak();
    let arrivals = all(&mut source, 10).await;
    assert_eq!(arrivals.len(), 3);
    assert!(arrivals[1].bytes == middling);
    assert!(peak() < before + 40 * 1024 * 1024);
}
