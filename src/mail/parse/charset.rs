//! Bytes to characters where the mail does not say truly which they are.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;

/// UTF-8; where bytes are none, each of them as windows-1252, which is what unlabelled mail that
/// is not UTF-8 turns out to be (the WHATWG Encoding Standard makes the same guess).
pub fn guess(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|byte| windows_1252(*byte)));
    }
    Cow::Owned(out)
}

/// A name that the decoder knows? UTF-8 is not in its table: it is what remains.
pub fn is_known(name: &str) -> bool {
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    charset_decoder(name.as_bytes()).is_some() || bare.to_ascii_lowercase().contains("utf8")
}

fn windows_1252(byte: u8) -> char {
    // The 27 characters that differ from ISO-8859-1.
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    usize::from(byte).checked_sub(0x80).and_then(|at| HIGH.get(at)).copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlabelled_latin_letters_are_read() {
        assert_eq!(guess(b"Pati\xebnt Zo\xeb \x80 5"), "Patiënt Zoë € 5");
        assert_eq!(guess("één".as_bytes()), "één");
    }
}
