//! What makes two mails the same mail.

use sha2::{Digest, Sha256};

/// SHA-256 in hexadecimal.
pub fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 over what stays the same on every way: header values that the author's program wrote,
/// and the body without regard to line ends and blanks at the end of lines.
pub fn of_content(headers: &[&str], body: &[u8]) -> String {
    let mut hash = Sha256::new();
    for header in headers {
        hash.update(header.as_bytes());
        hash.update([0]);
    }
    let mut text = Gathered { hash, waiting: Vec::with_capacity(GATHERED) };
    // Empty lines count when something follows them: servers add and take away the last ones.
    let mut empty = 0_usize;
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', body).chain([body.len()]) {
        let line = body.get(start..end).unwrap_or_default().trim_ascii_end();
        start = end + 1;
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            text.add(b"\n");
        }
        text.add(line);
        text.add(b"\n");
    }
    text.hash.update(&text.waiting);
    hex(&text.hash.finalize())
}

/// Bytes that are hashed together: a hash of many short pieces spends its time between them.
const GATHERED: usize = 8 * 1024;

struct Gathered {
    hash: Sha256,
    waiting: Vec<u8>,
}

impl Gathered {
    fn add(&mut self, bytes: &[u8]) {
        if self.waiting.len() + bytes.len() > GATHERED {
            self.hash.update(&self.waiting);
            self.waiting.clear();
        }
        if bytes.len() > GATHERED {
            self.hash.update(bytes);
        } else {
            self.waiting.extend_from_slice(bytes);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| DIGITS.get(usize::from(digit)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length_are_hashed_as_one_text() {
        let lines =
            [1, 3, GATHERED - 1, GATHERED, GATHERED + 1, 3 * GATHERED].map(|length| "x".repeat(length));
        for (between, end) in [("\n", ""), ("\r\n", "\r\n\r\n"), (" \t\r\n", "\n")] {
            let body = format!("{between}{}{end}", lines.join(between));
            let normal = format!("a\0\n{}\n", lines.join("\n"));
            assert_eq!(of_content(&["a"], body.as_bytes()), of_bytes(normal.as_bytes()));
        }
    }
}
