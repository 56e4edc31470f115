//! Which folder holds the sent mail, where the configuration leaves that to us.

use async_imap::imap_proto::{MailboxDatum, MailboxListData, NameAttribute, Response};

use super::line::{Fault, Line};
use super::name;

/// What mail programs call the folder, by its last part; asked where the server marks none.
const USUAL: [&str; 7] = [
    "sent",
    "sent items",
    "sent messages",
    "sent mail",
    "verzonden items",
    "verzonden berichten",
    "verzonden",
];

/// The folder that the server marks `\\Sent` (RFC 6154 §2), or else the only one with a usual name.
pub async fn sent(line: &mut Line) -> Result<Option<String>, Fault> {
    let can = |what: &str| line.capabilities.iter().any(|can| can == what);
    // RFC 6154 §5: servers without the extended LIST show the marks in a plain one.
    let command = if can("SPECIAL-USE") && can("LIST-EXTENDED") {
        "LIST \"\" \"*\" RETURN (SPECIAL-USE)"
    } else {
        "LIST \"\" \"*\""
    };
    let (mut marked, mut usual) = (Vec::new(), Vec::new());
    line.command(command, |response| {
        let Response::MailboxData(MailboxDatum::List(MailboxListData { name_attributes, delimiter, name })) =
            response
        else {
            return;
        };
        if name_attributes.contains(&NameAttribute::NoSelect) {
            return;
        }
        let name = name::decoded(name);
        let last = delimiter.as_deref().filter(|d| !d.is_empty()).and_then(|d| name.rsplit(d).next());
        if name_attributes.contains(&NameAttribute::Sent) {
            marked.push(name);
        } else if USUAL.contains(&last.unwrap_or(&name).to_lowercase().as_str()) {
            usual.push(name);
        }
    })
    .await?;
    let found = if marked.is_empty() { usual } else { marked };
    Ok(<[String; 1]>::try_from(found).ok().map(|[only]| only))
}
