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
    // Empty lines count when something follows them: servers add and take away the last ones.
    let mut empty = 0_usize;
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            hash.update(b"\n");
        }
        hash.update(line);
        hash.update(b"\n");
    }
    hex(&hash.finalize())
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
