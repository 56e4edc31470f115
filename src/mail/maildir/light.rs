//! A big file without its weight: header and texts of the mail, and of every other part only its own
//! header, so that name and type stay known. What IMAP is asked for in pieces, a file is read for line
//! by line; of no line, text or header is more kept than its bound, whatever the bytes.

use std::io::{self, BufRead, Read};

use super::super::header;

/// Most bytes of one text.
const TEXT: usize = 256 * 1024;
/// Most bytes of the mail's header; a part's own has a sixteenth.
const HEADER: usize = 256 * 1024;
/// Bytes of a line that are looked at together.
const LINE: u64 = 16 * 1024;
/// Parts, and multiparts within multiparts.
const PARTS: usize = 128;
const DEPTH: usize = 8;
/// Texts that are kept.
const TEXTS: usize = 8;
/// Bytes of a file that are looked at: no mail server takes a larger mail.
const FILE: u64 = 1 << 30;

/// What is read now.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Header,
    /// Of a text so many more bytes are kept; of everything else none.
    Body {
        room: usize,
    },
}

struct Reading {
    out: Vec<u8>,
    place: Place,
    /// The header that is being read.
    header: Vec<u8>,
    /// The boundaries of the multiparts that are open, without their dashes.
    boundaries: Vec<String>,
    parts: usize,
    texts: usize,
}

/// The mail without what makes it big. Total; memory is bounded by the constants above.
///
/// # Errors
/// Those of the file.
pub fn light(file: impl Read) -> io::Result<Vec<u8>> {
    let mut lines = io::BufReader::with_capacity(64 * 1024, file.take(FILE));
    let mut reading = Reading {
        out: Vec::new(),
        place: Place::Header,
        header: Vec::new(),
        boundaries: Vec::new(),
        parts: 1,
        texts: 0,
    };
    let mut line = Vec::new();
    let mut starts = true;
    loop {
        line.clear();
        if (&mut lines).take(LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if !reading.takes(&line, starts) {
            break;
        }
        starts = line.ends_with(b"\n");
    }
    if reading.place == Place::Header {
        reading.out.append(&mut reading.header);
    }
    Ok(reading.out)
}

impl Reading {
    /// Takes the next piece of the file; `starts`: it is the start of a line. False: enough.
    fn takes(&mut self, line: &[u8], starts: bool) -> bool {
        if starts && self.is_boundary(line) {
            return self.parts <= PARTS;
        }
        match &mut self.place {
            Place::Header if starts && matches!(line, b"\n" | b"\r\n") => self.ends_header(line),
            Place::Header => {
                let most = if self.parts == 1 { HEADER } else { HEADER / 16 };
                let room = most.saturating_sub(self.header.len());
                self.header.extend(line.iter().take(room));
            }
            Place::Body { room } => {
                let kept = line.len().min(*room);
                self.out.extend(line.iter().take(kept));
                *room -= kept;
            }
        }
        true
    }

    /// RFC 2046 §5.1.1: a line that begins with two dashes and a boundary, of whichever multipart that is
    /// open.
    fn is_boundary(&mut self, line: &[u8]) -> bool {
        let Some(rest) = line.strip_prefix(b"--") else { return false };
        let rest = rest.trim_ascii_end();
        let ends = |boundary: &String| rest.strip_suffix(b"--") == Some(boundary.as_bytes());
        let Some(at) =
            self.boundaries.iter().rposition(|boundary| rest == boundary.as_bytes() || ends(boundary))
        else {
            return false;
        };
        let closes = self.boundaries.get(at).is_some_and(ends);
        // What the one before was cut in the middle of a line.
        if !self.out.ends_with(b"\n") {
            self.out.extend_from_slice(b"\r\n");
        }
        self.out.append(&mut self.header);
        self.out.extend_from_slice(line);
        self.boundaries.truncate(if closes { at } else { at + 1 });
        self.place = if closes { Place::Body { room: 0 } } else { Place::Header };
        self.parts += usize::from(!closes);
        true
    }

    fn ends_header(&mut self, line: &[u8]) {
        let kind = header::value(&self.header, "Content-Type");
        // Not said: text (RFC 2045 §5.2).
        let word = kind.as_deref().map_or_else(|| "text/plain".to_owned(), header::token);
        let attached = header::value(&self.header, "Content-Disposition")
            .is_some_and(|value| header::token(&value) == "attachment");
        let boundary = kind.as_deref().and_then(|kind| header::parameter(kind, "boundary"));
        let multipart = word.starts_with("multipart/") && self.boundaries.len() < DEPTH;
        let text = word.starts_with("text/") && !attached || word == "message/rfc822";
        self.out.append(&mut self.header);
        self.out.extend_from_slice(line);
        let mut room = 0;
        match boundary.filter(|boundary| multipart && !boundary.is_empty()) {
            Some(boundary) => self.boundaries.push(boundary),
            None if text && self.texts < TEXTS => {
                self.texts += 1;
                room = TEXT;
            }
            None => {}
        }
        self.place = Place::Body { room };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(mail: &str) -> String {
        String::from_utf8(light(mail.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn the_text_behind_a_big_attachment_is_kept_and_the_attachment_is_not() {
        let blob = "QUJD\r\n".repeat(400_000);
        let mail = format!(
            "Subject: scan\r\nContent-Type: multipart/mixed; boundary=\"x y\"\r\n\r\n--x y\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n{blob}\r\n--x y\r\n\r\nIk kan niet inloggen.\r\n--x y--\r\n{blob}"
        );
        assert_eq!(
            text(&mail),
            "Subject: scan\r\nContent-Type: multipart/mixed; boundary=\"x y\"\r\n\r\n--x y\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n--x y\r\n\r\nIk kan niet inloggen.\r\n--x y--\r\n"
        );
    }

    #[test]
    fn a_mail_without_parts_is_its_first_bytes() {
        let long = "regel\r\n".repeat(100_000);
        let kept = text(&format!("Subject: a\r\n\r\n{long}"));
        assert_eq!(kept.len(), "Subject: a\r\n\r\n".len() + TEXT);
    }

    #[test]
    fn nothing_grows_without_end() {
        let endless = "x".repeat(3_000_000);
        assert!(text(&endless).len() <= HEADER);
        let parts = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n{}",
            format!("--b\n\n{}\n", "a".repeat(300_000)).repeat(20)
        );
        assert!(text(&parts).len() < 9 * TEXT, "eight texts");
        let nested = "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(5_000);
        assert!(text(&nested).len() < 100_000);
        for bytes in
            [&b""[..], b"\n", b"--", b"Content-Type: multipart/mixed; boundary=\"", b"\xff\x00\n--\n"]
        {
            assert!(light(bytes).unwrap().len() <= bytes.len());
        }
    }
}
