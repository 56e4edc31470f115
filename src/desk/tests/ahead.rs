//! Mails that are read before those ahead of them are kept.

use super::super::InHand;
use super::*;
use crate::triage::decide::Disposition;

const BOX: &str = "klacht";

async fn in_hand(office: &Office, uids: std::ops::Range<u32>) -> InHand {
    let mails = uids.map(|uid| office.arrival(uid, &mail(&format!("m{uid}"), "", INCOMPLETE))).collect();
    office.desk().take_in_hand(BOX, Folder::Inbox, "INBOX", mails).await.unwrap()
}

#[tokio::test]
async fn a_batch_read_ahead_is_kept_behind_the_one_before() {
    let office = Office::new();
    let desk = office.desk();
    let first = desk.read(in_hand(&office, 1..4).await).await.unwrap();
    let second = desk.read(in_hand(&office, 4..7).await).await.unwrap();
    assert_eq!(office.mails().len(), 0, "nothing is kept by reading");
    assert_eq!(desk.keep(first).await.unwrap(), Received { handled: 3, queued: true });
    assert_eq!(desk.position(BOX, "INBOX").await.unwrap().unwrap().uid, 3);
    assert_eq!(desk.keep(second).await.unwrap(), Received { handled: 3, queued: true });
    assert_eq!(desk.position(BOX, "INBOX").await.unwrap().unwrap().uid, 6);
    assert_eq!((office.cases().len(), office.count("SELECT count(*) FROM attempts").await), (6, 0));
}

#[tokio::test]
async fn a_batch_that_was_put_back_is_not_blamed_for_the_end_of_the_program() {
    let mut office = Office::new();
    for read in [false, true, true] {
        let mut batch = in_hand(&office, 1..3).await;
        assert!(!batch.is_suspect(), "nobody died of it");
        if read {
            batch = office.desk().read(batch).await.unwrap();
        }
        office.desk().put_back(batch).await;
        office.restart();
    }
    // One that is not put back is.
    drop(office.desk().read(in_hand(&office, 1..3).await).await.unwrap());
    office.restart();
    assert!(in_hand(&office, 1..3).await.is_suspect());
}

#[tokio::test]
async fn a_suspect_is_not_taken_apart_before_its_turn() {
    let mut office = Office::new();
    drop(in_hand(&office, 1..2).await);
    office.restart();
    let batch = office.desk().read(in_hand(&office, 1..4).await).await.unwrap();
    assert!(batch.is_suspect());
    // What waits is in nobody's hand: the program may end now as often as it likes.
    drop(batch);
    office.restart();
    let crashes = "SELECT coalesce(max(crashes), 0) FROM attempts";
    assert_eq!(office.count(crashes).await, 0);
    let batch = office.desk().read(in_hand(&office, 1..4).await).await.unwrap();
    assert_eq!(office.desk().keep(batch).await.unwrap().handled, 3);
    assert!(office.mails().iter().all(|mail| mail.disposition == Disposition::Case));
}
