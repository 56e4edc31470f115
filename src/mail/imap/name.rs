//! Folder names as the wire wants them: modified UTF-7 (RFC 3501 §5.1.3), quoted; and back.
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

/// The name that people see. What is no modified UTF-7 stays as the server wrote it.
pub fn decoded(wire: &str) -> String {
    decode(wire).unwrap_or_else(|| wire.to_owned())
}

fn decode(wire: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = wire;
    while let Some((plain, shifted)) = rest.split_once('&') {
        out.push_str(plain);
        let (code, after) = shifted.split_once('-')?;
        if code.is_empty() {
            out.push('&');
        } else {
            out.push_str(&String::from_utf16(&units(code)?).ok()?);
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// UTF-16 out of base64; what is left of the last character must be padding of zeros.
fn units(code: &str) -> Option<Vec<u16>> {
    let (mut units, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in code.bytes() {
        let six = ALPHABET.iter().position(|letter| *letter == byte)?;
        bits = bits << 6 | u32::try_from(six).ok()?;
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push(u16::try_from(bits >> held).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    (held < 6 && bits == 0).then_some(units)
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

    #[test]
    fn a_name_that_is_no_modified_utf_7_stays_as_it_is() {
        assert_eq!(decoded("~peter/mail/&U,BTFw-/&ZeVnLIqe-"), "~peter/mail/台北/日本語");
        for odd in ["a&b", "&AO8", "&!!!-", "&A-", "&2AA-", "&AO9-"] {
            assert_eq!(decoded(odd), odd);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_name_comes_back(name in "\\PC{0,40}|[&a-zéß🙂-]{0,12}") {
            proptest::prop_assert_eq!(decoded(&encoded(&name)), name);
        }

        #[test]
        fn any_text_of_a_server_is_a_name(wire in ".{0,60}") {
            decoded(&wire);
        }
    }
}
