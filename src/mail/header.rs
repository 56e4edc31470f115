//! Just enough of header fields (RFC 5322 §2.2, RFC 2045 §5) to find a part's type and leave fields out.

/// The fields of a header block, each with its folded lines and line end. The empty line is left out.
fn fields(header: &[u8]) -> Vec<&[u8]> {
    let mut fields: Vec<&[u8]> = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in header.split_inclusive(|byte| *byte == b'\n') {
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        let blank = matches!(line, b"\n" | b"\r\n");
        if !folded && at > start {
            fields.extend(header.get(start..at));
            start = at;
        }
        if blank {
            return fields;
        }
        at += line.len();
    }
    if at > start {
        fields.extend(header.get(start..at));
    }
    fields
}

fn is_named(field: &[u8], name: &str) -> bool {
    let Some(colon) = field.iter().position(|byte| *byte == b':') else { return false };
    field.get(..colon).is_some_and(|found| found.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
}

/// The value of the first field of this name, unfolded.
pub fn value(header: &[u8], name: &str) -> Option<String> {
    let field = fields(header).into_iter().find(|field| is_named(field, name))?;
    let colon = field.iter().position(|byte| *byte == b':')?;
    let text = String::from_utf8_lossy(field.get(colon + 1..)?).replace(['\r', '\n'], "");
    Some(text.trim().to_owned())
}

/// The first word of a value such as `text/plain; charset=utf-8`, in small letters.
pub fn token(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The value of a parameter, with or without quotation marks (RFC 2045 §5.1).
pub fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|part| {
        let (found, rest) = part.split_once('=')?;
        let rest = rest.trim();
        let quoted = rest.strip_prefix('"').map(|rest| rest.split('"').next().unwrap_or_default());
        found.trim().eq_ignore_ascii_case(name).then(|| quoted.unwrap_or(rest).to_owned())
    })
}

/// The block without the fields of these names; each line ends in CRLF, no empty line at the end.
pub fn without(header: &[u8], names: &[&str]) -> Vec<u8> {
    let mut out = Vec::with_capacity(header.len());
    for field in fields(header) {
        if !names.iter().any(|name| is_named(field, name)) {
            out.extend_from_slice(field);
            if !field.ends_with(b"\n") {
                out.extend_from_slice(b"\r\n");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] =
        b"From: a\r\nContent-Type: Multipart/Mixed;\r\n boundary=x\r\nSubject: b\r\n\r\nbody: no\r\n";

    #[test]
    fn a_folded_field_is_one_field() {
        assert_eq!(value(HEADER, "content-type").as_deref(), Some("Multipart/Mixed; boundary=x"));
        assert_eq!(token("Multipart/Mixed; boundary=x"), "multipart/mixed");
        assert_eq!(value(HEADER, "body"), None);
    }

    #[test]
    fn a_parameter_may_stand_in_quotation_marks() {
        let value = "multipart/mixed; charset=utf-8; Boundary=\"a b=\"";
        assert_eq!(parameter(value, "boundary").as_deref(), Some("a b="));
        assert_eq!(parameter(value, "charset").as_deref(), Some("utf-8"));
        assert_eq!(parameter(value, "name"), None);
    }

    #[test]
    fn fields_are_left_out_whole() {
        assert_eq!(without(HEADER, &["Content-Type"]), b"From: a\r\nSubject: b\r\n");
        assert_eq!(without(b"X: cut off", &[]), b"X: cut off\r\n");
    }
}
