//! What FETCH answers, and how one mail or a part of it is asked for.

use std::fmt::Write as _;

use async_imap::imap_proto::{AttributeValue, Response};
use chrono::{DateTime, Utc};

use super::line::{Fault, Line};

/// Larger mails come in pieces of this size: each response is buffered whole.
pub const PIECE: u64 = 1024 * 1024;

/// What a FETCH response held.
#[derive(Debug, Default)]
pub struct Item {
    pub uid: Option<u32>,
    pub size: Option<u64>,
    pub arrived: Option<DateTime<Utc>>,
    /// Of whichever section was asked for.
    pub body: Option<Vec<u8>>,
}

impl Item {
    pub fn of(response: &Response<'_>) -> Option<Self> {
        let Response::Fetch(_, attributes) = response else { return None };
        let mut item = Self::default();
        for attribute in attributes {
            match attribute {
                AttributeValue::Uid(uid) => item.uid = Some(*uid),
                AttributeValue::Rfc822Size(size) => item.size = Some(u64::from(*size)),
                AttributeValue::InternalDate(date) => item.arrived = internal_date(date),
                AttributeValue::BodySection { data: Some(data), .. } => item.body = Some(data.to_vec()),
                _ => {}
            }
        }
        Some(item)
    }
}

/// RFC 3501 §9 `date-time`, such as ` 2-Nov-2026 21:11:34 +0100`.
fn internal_date(text: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z").ok()?;
    Some(date.with_timezone(&Utc))
}

/// Makes sure that these are really no longer there, and were not left out for another reason.
pub async fn gone(line: &mut Line, uids: &[u32]) -> Result<(), Fault> {
    if uids.is_empty() {
        return Ok(());
    }
    let mut there = false;
    let asked = line
        .command(&format!("UID FETCH {} (UID)", set(uids.iter().copied())), |response| {
            there |= Item::of(response).and_then(|item| item.uid).is_some_and(|uid| uids.contains(&uid));
        })
        .await;
    forgive_expunged(asked)?;
    if there { Err(Fault::Refused("a mail is listed but not handed over".to_owned())) } else { Ok(()) }
}

/// RFC 5530 §3 EXPUNGEISSUED: somebody deleted a mail meanwhile; the others were handed over.
pub fn forgive_expunged(asked: Result<(), Fault>) -> Result<(), Fault> {
    match asked {
        Err(Fault::Refused(text)) if text.to_ascii_uppercase().contains("EXPUNGEISSUED") => Ok(()),
        other => other,
    }
}

/// What one mail answers to `items`.
pub async fn item(line: &mut Line, uid: u32, items: &str) -> Result<Item, Fault> {
    let mut found = Item::default();
    let asked = line
        .command(&format!("UID FETCH {uid} (UID {items})"), |response| {
            if let Some(item) = Item::of(response).filter(|item| item.uid == Some(uid)) {
                found = Item {
                    uid: item.uid,
                    size: item.size.or(found.size),
                    arrived: item.arrived.or(found.arrived),
                    body: item.body.or(found.body.take()),
                };
            }
        })
        .await;
    forgive_expunged(asked)?;
    Ok(found)
}

/// A section of one mail; `None` where there is none.
pub async fn section(line: &mut Line, uid: u32, section: &str) -> Result<Option<Vec<u8>>, Fault> {
    Ok(item(line, uid, section).await?.body)
}

/// A whole mail, piece by piece, whatever its size is said to be.
pub async fn pieces(line: &mut Line, uid: u32, limit: u64) -> Result<Option<Vec<u8>>, Fault> {
    let mut bytes: Vec<u8> = Vec::new();
    while (bytes.len() as u64) < limit.saturating_add(PIECE) {
        let Some(piece) = section(line, uid, &format!("BODY.PEEK[]<{}.{PIECE}>", bytes.len())).await? else {
            // Nothing past the end of a mail, or the mail is gone.
            return Ok((!bytes.is_empty()).then_some(bytes));
        };
        bytes.extend_from_slice(&piece);
        if (piece.len() as u64) < PIECE {
            break;
        }
    }
    Ok(Some(bytes))
}

/// A sequence set: ascending numbers, runs joined.
pub fn set(uids: impl Iterator<Item = u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let mut text = String::new();
    for (first, last) in runs {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = if first == last {
            write!(text, "{comma}{first}")
        } else {
            write!(text, "{comma}{first}:{last}")
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_uids_are_joined() {
        assert_eq!(set([1, 2, 3, 7, 9, 10].into_iter()), "1:3,7,9:10");
        assert_eq!(set([4_294_967_295].into_iter()), "4294967295");
    }

    #[test]
    fn the_arrival_is_the_moment_that_the_server_names() {
        let expected = "2026-11-02T20:11:34Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(internal_date(" 2-Nov-2026 21:11:34 +0100"), Some(expected));
        assert_eq!(internal_date("02-Nov-2026 20:11:34 +0000"), Some(expected));
        assert_eq!(internal_date("gisteren"), None);
    }
}
