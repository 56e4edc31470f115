//! Folder names as the wire wants them: modified UTF-7 (RFC 3501 §5.1.3), quoted.
//!
//! What comes out holds neither line breaks nor an unescaped quote, whatever goes in, so no name
//! can smuggle in a command.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// A folder name as a quoted string.
pub fn quoted(name: &str) -> String {
    let mut out = String::from("\"");
    for c in encoded(name).chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// Modified UTF-7: printable ASCII as it is, `&` as `&-`, everything else as base64 of UTF-16.
fn encoded(name: &str) -> String {
    let mut out = String::new();
    let mut foreign: Vec<u8> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut foreign, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                foreign.extend(unit.to_be_bytes());
            }
        }
    }
    flush(&mut foreign, &mut out);
    out
}

fn flush(foreign: &mut Vec<u8>, out: &mut String) {
    if foreign.is_empty() {
        return;
    }
    out.push('&');
    for three in foreign.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for position in 0..=three.len() {
            let index = (bits >> (18 - 6 * position)) & 63;
            out.push(char::from(ALPHABET.get(index as usize).copied().unwrap_or(b'A')));
        }
    }
    out.push('-');
    foreign.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_rfc_shows() {
        assert_eq!(quoted("INBOX"), "\"INBOX\"");
        assert_eq!(quoted("Verzonden items"), "\"Verzonden items\"");
        assert_eq!(quoted("Kosten & baten"), "\"Kosten &- baten\"");
        // RFC 3501 §5.1.3
        assert_eq!(quoted("~peter/mail/台北/日本語"), "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");
        assert_eq!(quoted("Geïnd"), "\"Ge&AO8-nd\"");
    }

    #[test]
    fn no_name_can_hold_a_second_command() {
        for name in ["a\r\nX LOGOUT", "a\" \"b", "a\\", "\0"] {
            let name = quoted(name);
            let inside = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).unwrap();
            assert!(!inside.contains(['\r', '\n', '\0']), "{name}");
            assert!(!inside.replace("\\\\", "").replace("\\\"", "").contains(['"', '\\']), "{name}");
        }
    }
}
