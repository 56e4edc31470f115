//! A disk that lets us down while the desk works.

use std::io::{Seek, SeekFrom, Write};

use super::outgoing::{answer, states, take};
use super::{INCOMPLETE, Office, mail};
use crate::mail::Sent;
use crate::triage::decide::Folder;

/// What `receive` says when it fails.
async fn fails(office: &Office, uid: u32, text: &str) -> crate::desk::DeskError {
    let arrivals = vec![office.arrival(uid, text)];
    office.desk().receive("klacht", Folder::Inbox, "INBOX", arrivals).await.unwrap_err()
}

#[tokio::test]
async fn a_disk_that_turns_read_only_is_said_and_once_it_is_mended_nothing_is_lost_or_double() {
    let mut office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    let taken = take(&office).await;
    office.desk().on_connection(|c| Ok(c.execute_batch("PRAGMA query_only = 1")?)).await.unwrap();
    let second = mail("b", "", INCOMPLETE).replace("jan@", "piet@");
    let error = fails(&office, 2, &second).await;
    assert!(error.temporary && error.what.contains("read-only: check its disk"), "{error}");
    assert_eq!(office.desk().cannot_write(), Some(error.what), "for status and the admins");
    let ends = taken.iter().map(|mail| (mail.id, Sent::Accepted)).collect();
    assert!(office.desk().settle(ends).await.unwrap_err().temporary);
    assert!(office.desk().take(10).await.is_err(), "nothing is sent that cannot be recorded");
    assert_eq!(office.mails().len(), 1);
    // SQLite lets nobody take that back on the connection itself: a new one stands for the mended disk.
    office.restart();
    office.receive("klacht", 2, &second).await;
    assert_eq!((office.mails().len(), office.cases().len()), (2, 2));
    assert_eq!(states(&office).await.iter().filter(|state| *state == "uncertain").count(), taken.len());
    let sent = office.outgoing().await;
    for person in ["jan@example.org", "piet@example.org"] {
        assert_eq!(sent.iter().filter(|(_, to)| to == person).count(), 1, "{sent:?}");
    }
}

#[tokio::test]
async fn a_page_that_goes_bad_while_it_runs_stops_the_mail_instead_of_keeping_half_of_it() {
    let mut office = Office::new();
    for uid in 1..4 {
        office.receive("klacht", uid, &mail(&format!("m{uid}"), "", INCOMPLETE)).await;
    }
    let page = office.count("SELECT rootpage FROM sqlite_schema WHERE name = 'cases'").await;
    // All of it into the file.
    office.desk = None;
    office.restart();
    let path = office.folder.path().join("state/triaged.db");
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(u64::from(page - 1) * 4096)).unwrap();
    file.write_all(&[0xa5; 4096]).unwrap();
    // The start has looked at every page; none of them is to be remembered.
    office.desk().on_connection(|c| Ok(c.execute_batch("PRAGMA shrink_memory")?)).await.unwrap();
    let error = fails(&office, 9, &mail("late", "", INCOMPLETE)).await;
    assert!(error.of_database && error.what.contains("triaged restore"), "{error}");
    assert!(office.desk().cannot_write().is_some());
    let kept = office.count("SELECT count(*) FROM mails").await;
    assert_eq!(kept, 3, "it stays in its mailbox");
    answer(&office, "the outbox is another page", "noor@ksyos.example").await;
}
