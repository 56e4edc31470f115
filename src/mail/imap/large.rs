//! The mail without its weight: of a big mail the header, the texts, and of every other part only
//! its own header, so that name and type stay known.
//!
//! Part after part is asked for its MIME header. BODYSTRUCTURE would be one command, but it is a
//! nested list without a bound, servers get it wrong, and one mistake ends the connection.

use async_imap::imap_proto::{AttributeValue, MessageSection, Response, SectionPath};

use super::super::header;
use super::item::section;
use super::line::{Fault, Line};

/// Most bytes of one text, or of a header.
pub const TEXT: u32 = 256 * 1024;
/// Most bytes of a part's own header.
const MIME_HEADER: u32 = 16 * 1024;
/// Parts of one multipart that are looked at.
const CHILDREN: u32 = 32;
/// Multiparts within multiparts.
const DEPTH: usize = 6;
/// Texts that are fetched, and parts altogether.
const TEXTS: usize = 8;
const PARTS: usize = 128;

#[derive(Debug)]
struct Part {
    /// Such as `[1, 2]` for BODY[1.2]; empty for the mail itself.
    path: Vec<u32>,
    header: Vec<u8>,
    children: Vec<usize>,
    body: Vec<u8>,
}

impl Part {
    fn new(path: Vec<u32>, header: Vec<u8>) -> Self {
        Self { path, header, children: Vec::new(), body: Vec::new() }
    }

    /// `None`: not said, which means text (RFC 2045 §5.2).
    fn kind(&self) -> Option<String> {
        header::value(&self.header, "Content-Type").map(|value| header::token(&value))
    }

    fn is_multipart(&self) -> bool {
        self.kind().is_some_and(|kind| kind.starts_with("multipart/"))
    }

    fn is_text(&self) -> bool {
        let attached = header::value(&self.header, "Content-Disposition").map(|value| header::token(&value));
        self.kind().is_none_or(|kind| kind.starts_with("text/")) && attached.as_deref() != Some("attachment")
    }
}

/// A big mail without what makes it big, as a valid mail. `None`: it is no longer there.
pub async fn skeleton(line: &mut Line, uid: u32) -> Result<Option<Vec<u8>>, Fault> {
    match parts(line, uid).await {
        Ok(Some(parts)) => Ok(Some(rebuild(&parts))),
        Ok(None) => Ok(None),
        // A server that cannot take a mail apart still has its first bytes.
        Err(Fault::Refused(_)) => section(line, uid, &format!("BODY.PEEK[]<0.{TEXT}>")).await,
        Err(fault) => Err(fault),
    }
}

async fn parts(line: &mut Line, uid: u32) -> Result<Option<Vec<Part>>, Fault> {
    let Some(top) = section(line, uid, &format!("BODY.PEEK[HEADER]<0.{TEXT}>")).await? else {
        return Ok(None);
    };
    let mut parts = vec![Part::new(Vec::new(), top)];
    let mut at = 0;
    while let Some(part) = parts.get(at) {
        if part.is_multipart() && part.path.len() < DEPTH && parts.len() < PARTS {
            for child in children(line, uid, &part.path.clone()).await? {
                let number = parts.len();
                parts.push(child);
                if let Some(parent) = parts.get_mut(at) {
                    parent.children.push(number);
                }
            }
        }
        at += 1;
    }
    texts(line, uid, &mut parts).await?;
    Ok(Some(parts))
}

/// The parts of a multipart, up to the first that is not there.
async fn children(line: &mut Line, uid: u32, path: &[u32]) -> Result<Vec<Part>, Fault> {
    let child = |number| [path, &[number]].concat();
    let wanted: Vec<String> =
        (1..=CHILDREN).map(|n| format!("BODY.PEEK[{}.MIME]<0.{MIME_HEADER}>", dotted(&child(n)))).collect();
    let found = sections(line, uid, &wanted.join(" ")).await?;
    let mime = |n: u32| {
        let path = child(n);
        let (_, data) = found.iter().find(|(at, _)| *at == path)?;
        (!data.is_empty()).then(|| Part::new(path, data.clone()))
    };
    Ok((1..=CHILDREN).map_while(mime).collect())
}

async fn texts(line: &mut Line, uid: u32, parts: &mut [Part]) -> Result<(), Fault> {
    // A mail without parts: its text is BODY[TEXT], for BODY[1] would be the same with less certainty.
    if let [only] = parts {
        if only.is_text() && !only.is_multipart() {
            only.body = section(line, uid, &format!("BODY.PEEK[TEXT]<0.{TEXT}>")).await?.unwrap_or_default();
        }
        return Ok(());
    }
    let leaves = parts.iter().filter(|part| !part.path.is_empty() && part.is_text()).take(TEXTS);
    let wanted: Vec<String> =
        leaves.map(|part| format!("BODY.PEEK[{}]<0.{TEXT}>", dotted(&part.path))).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    for (path, data) in sections(line, uid, &wanted.join(" ")).await? {
        if let Some(part) = parts.iter_mut().find(|part| part.path == path) {
            part.body = data;
        }
    }
    Ok(())
}

/// Several sections of one mail in one command, each with its part number.
async fn sections(line: &mut Line, uid: u32, wanted: &str) -> Result<Vec<(Vec<u32>, Vec<u8>)>, Fault> {
    let mut found = Vec::new();
    line.command(&format!("UID FETCH {uid} (UID {wanted})"), |response| {
        let Response::Fetch(_, attributes) = response else { return };
        if !attributes.contains(&AttributeValue::Uid(uid)) {
            return;
        }
        for attribute in attributes {
            if let AttributeValue::BodySection {
                section: Some(SectionPath::Part(path, None | Some(MessageSection::Mime))),
                data: Some(data),
                ..
            } = attribute
            {
                found.push((path.clone(), data.to_vec()));
            }
        }
    })
    .await?;
    Ok(found)
}

fn dotted(path: &[u32]) -> String {
    path.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

/// The parts as a mail again, with boundaries of our own.
fn rebuild(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    emit(parts, 0, &mut out);
    out
}

/// Writes a part and those in it; never deeper than [`DEPTH`].
fn emit(parts: &[Part], number: usize, out: &mut Vec<u8>) {
    let Some(part) = parts.get(number) else { return };
    if !part.is_multipart() {
        out.extend(header::without(&part.header, &[]));
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&part.body);
        return;
    }
    let boundary = format!("=_part_{}", dotted(&part.path).replace('.', "_"));
    out.extend(header::without(&part.header, &["Content-Type", "Content-Transfer-Encoding"]));
    let kind = part.kind().filter(|kind| is_plain_word(kind)).unwrap_or_else(|| "multipart/mixed".to_owned());
    out.extend_from_slice(format!("Content-Type: {kind}; boundary=\"{boundary}\"\r\n\r\n").as_bytes());
    for child in &part.children {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        emit(parts, *child, out);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
}

fn is_plain_word(kind: &str) -> bool {
    kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-.+".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuilt_mail_keeps_texts_and_the_names_of_what_was_left_out() {
        let mut parts = vec![
            Part::new(
                vec![],
                b"Subject: foto\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\n\r\n".to_vec(),
            ),
            Part::new(vec![1], b"Content-Type: text/plain\r\n\r\n".to_vec()),
            Part::new(vec![2], b"Content-Type: image/png; name=\"a.png\"\r\n\r\n".to_vec()),
        ];
        parts[0].children = vec![1, 2];
        parts[1].body = b"Beste mensen".to_vec();
        let mail = String::from_utf8(rebuild(&parts)).unwrap();
        assert!(
            mail.starts_with("Subject: foto\r\nContent-Type: multipart/mixed; boundary=\"=_part_\"\r\n\r\n")
        );
        assert!(mail.contains("\r\n\r\nBeste mensen\r\n--"), "{mail}");
        assert!(mail.contains("name=\"a.png\"\r\n\r\n\r\n--"), "{mail}");
        assert!(!mail.contains("boundary=x"));
    }
}
