//! Each bound on one mail, with a mail that just keeps within it and one that just does not.

use super::*;

fn with_headers(lines: impl Iterator<Item = String>) -> Message {
    let head: String = lines.map(|line| line + "\n").collect();
    message(&format!("{head}\nHallo\n"))
}

fn parted(parts: impl Iterator<Item = String>) -> Message {
    let body: Vec<String> = parts.map(|part| format!("--b\n{part}\n")).collect();
    let body = body.concat();
    mail(&format!("Content-Type: multipart/mixed; boundary=b\n\n{body}--b--\n"))
}

#[test]
fn header_fields_are_bounded_in_number() {
    let many = |count: usize| with_headers((0..count).map(|i| format!("X-{i}: a"))).headers.len();
    assert_eq!(many(limits::HEADERS), limits::HEADERS);
    assert_eq!(many(limits::HEADERS + 1), limits::HEADERS);
}

#[test]
fn a_header_value_is_bounded_and_so_are_all_of_them_together() {
    let long = |length: usize| with_headers(std::iter::once(format!("X: {}", "a".repeat(length)))).headers;
    // The blank before the value counts.
    assert_eq!(long(limits::HEADER_VALUE - 1)[0].1.len(), limits::HEADER_VALUE - 1);
    assert_eq!(long(limits::HEADER_VALUE)[0].1.len(), limits::HEADER_VALUE - 1);

    let each = limits::HEADER_VALUE;
    let full = limits::HEADER_BYTES / each;
    let together =
        |count: usize| with_headers((0..count).map(|i| format!("X-{i}: {}", "a".repeat(each)))).headers.len();
    assert_eq!(together(full), full);
    assert_eq!(together(full + 1), full);
}

#[test]
fn a_field_name_is_bounded() {
    let named =
        |length: usize| with_headers(std::iter::once(format!("{}: a", "x".repeat(length)))).headers.len();
    assert_eq!(named(limits::HEADER_NAME - 1), 1);
    assert_eq!(named(limits::HEADER_NAME), 0);
}

#[test]
fn subjects_names_addresses_and_ids_are_bounded() {
    let subject =
        |length: usize| mail(&format!("Subject: {}\n\nx\n", "é".repeat(length))).subject.chars().count();
    assert_eq!((subject(limits::SUBJECT), subject(limits::SUBJECT + 1)), (limits::SUBJECT, limits::SUBJECT));

    let to = |address: &str| message(&format!("From: a@b.nl\nTo: {address}\n\nx\n")).to;
    let fits = format!("{}@example.org", "a".repeat(limits::ADDRESS - "@example.org".len()));
    assert_eq!(to(&fits)[0].address, fits);
    assert!(to(&format!("a{fits}")).is_empty(), "half an address is another's address");
    let name = |length: usize| {
        to(&format!("\"{}\" <a@b.nl>", "n".repeat(length)))[0].name.clone().unwrap_or_default().len()
    };
    assert_eq!((name(limits::NAME), name(limits::NAME + 1)), (limits::NAME, limits::NAME));
    let list = |count: usize| to(&vec!["a@b.nl"; count].join(", ")).len();
    assert_eq!(
        (list(limits::ADDRESSES), list(limits::ADDRESSES + 1)),
        (limits::ADDRESSES, limits::ADDRESSES)
    );

    let id =
        |length: usize| message(&format!("Message-ID: <{}@x>\n\nx\n", "i".repeat(length - 2))).message_id;
    assert!(id(limits::ID).is_some() && id(limits::ID + 1).is_none());
    let ids = |count: usize| {
        let all: Vec<String> = (0..count).map(|i| format!("<{i}@x>")).collect();
        message(&format!("References: {}\n\nx\n", all.join("\n ")))
    };
    assert_eq!(ids(limits::IDS).references[0], "0@x");
    let more = ids(limits::IDS + 1).references;
    assert_eq!((more.len(), more[0].as_str()), (limits::IDS, "1@x"), "the last ones are the nearest");
}

#[test]
fn text_is_bounded_however_long_its_lines() {
    let text = |length: usize, line: &str| {
        let body = line.repeat(length / line.len());
        mail(&format!("Content-Type: text/plain\n\n{body}")).text.len()
    };
    for line in ["a", "aaaaaaa\n"] {
        // A line end is put behind a text that has none.
        assert!((limits::TEXT - 8..limits::TEXT).contains(&text(limits::TEXT - 8, line)));
        assert!((limits::TEXT..=limits::TEXT + 1).contains(&text(limits::TEXT + 64, line)));
    }
}

#[test]
fn a_text_that_is_too_long_ends_with_a_whole_line_and_says_that_it_was_cut() {
    // The limit falls into the number, which cut in half would be another one.
    let filled = |tail: &str| {
        let line = "Zo ging het verder.\n";
        let length = limits::TEXT - tail.len() / 2;
        let text = line.repeat(length / line.len());
        let rest = "a".repeat(length - text.len() - 1);
        format!("{text}{rest}\n{tail}")
    };
    let tail = "Factuurnummer: 20261234";
    let plain = mail(&format!("Content-Type: text/plain\n\n{}", filled(tail)));
    assert!(plain.cut && plain.text.ends_with("a\n") && !plain.text.contains("Factuur"), "cut in the line");
    let page = mail(&format!("Content-Type: text/html\n\n<pre>{}</pre>", filled(tail)));
    assert!(page.cut && page.text.ends_with("a\n"), "{:?}", &page.text[page.text.len() - 40..]);
    let words = mail(&format!("Content-Type: text/plain\n\n{}", filled(tail).replace('\n', " ")));
    assert!(words.cut && words.text.ends_with("a\n"), "{:?}", &words.text[words.text.len() - 40..]);
    let both = |plain: &str, rich: &str| {
        mail(&format!(
            "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{plain}\n\
             --b\nContent-Type: text/html\n\n{rich}\n--b--\n"
        ))
    };
    assert!(both(&filled(tail), "<p>x</p>").cut);
    assert!(!both("Zo ging het verder.", &format!("<pre>{}</pre>", filled(tail))).cut, "nobody reads it");

    let whole = filled("");
    for within in [whole.as_str(), "kort", "", &format!("{whole}\n\n \n\n")] {
        let read = mail(&format!("Content-Type: text/plain\n\n{within}"));
        assert!(!read.cut && read.text.trim_end().len() == within.trim_end().len());
    }
}

#[test]
fn parts_attachments_and_attached_mails_are_bounded_in_number() {
    let file = |i: usize| format!("Content-Type: application/pdf; name=\"{i}.pdf\"\n\nx");
    let files = |count: usize| parted((0..count).map(file)).attachments.len();
    assert_eq!(files(limits::ATTACHMENTS), limits::ATTACHMENTS);
    assert_eq!(files(limits::ATTACHMENTS + 1), limits::ATTACHMENTS);

    let letters = |count: usize| {
        parted((0..count).map(|i| format!("Content-Type: message/rfc822\n\nSubject: {i}\n\nx")))
            .attached
            .len()
    };
    assert_eq!(letters(limits::ATTACHED), limits::ATTACHED);
    assert_eq!(letters(limits::ATTACHED + 1), limits::ATTACHED);

    // The multipart itself is a part too.
    let texts = |count: usize| parted((0..count).map(|i| format!("Content-Type: text/plain\n\nw{i}w"))).text;
    let last = limits::PARTS - 2;
    assert!(texts(limits::PARTS - 1).contains(&format!("w{last}w")));
    let cut = texts(limits::PARTS);
    assert!(cut.contains(&format!("w{last}w")) && !cut.contains(&format!("w{}w", last + 1)));
}

#[test]
fn multiparts_are_followed_so_deep_and_no_deeper() {
    let nested = |depth: usize| {
        let mut text = String::new();
        for level in 0..depth {
            let _ = write!(text, "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        }
        mail(&format!("{text}Content-Type: text/plain\n\nheel diep\n")).text
    };
    assert!(nested(limits::DEPTH).contains("heel diep"));
    assert!(!nested(limits::DEPTH + 1).contains("heel diep"));
}

#[test]
fn attached_mails_are_followed_so_deep_and_no_deeper() {
    let nested = |depth: usize| {
        let inner: Vec<String> = (1..=depth)
            .map(|level| format!("Content-Type: message/rfc822\n\nSubject: nr {level}\n"))
            .collect();
        let inner = inner.concat();
        let read = mail(&format!("{inner}\ntekst\n"));
        read.attached.iter().any(|mail| mail.subject == format!("nr {depth}"))
    };
    assert!(nested(limits::ATTACHED_DEPTH));
    assert!(!nested(limits::ATTACHED_DEPTH + 1));
}

#[test]
fn an_attached_mail_is_read_however_it_is_encoded() {
    let inner = "U3ViamVjdDogYmlubmVuCgpkZSB0ZWtzdCBlcnZhbgo=";
    let read = mail(&format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nzie bijlage\n--b\nContent-Type: message/rfc822\n\
         Content-Transfer-Encoding: base64\n\n{inner}\n--b--\n"
    ));
    assert_eq!(read.attached.len(), 1);
    assert_eq!(
        (read.attached[0].subject.as_str(), read.attached[0].text.trim()),
        ("binnen", "de tekst ervan")
    );
    assert_eq!(read.attachments[0].media_type, "message/rfc822");
}
