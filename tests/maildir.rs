//! The Maildir source on real folders, while others deliver and read.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use triaged::mail::maildir::{MaildirSource, SENT, UidLedger};
use triaged::mail::{Arrival, Failure, Source};

/// A ledger that lasts as long as the test.
#[derive(Debug, Clone, Default)]
struct Ledger(Arc<Mutex<HashMap<String, u32>>>);

impl UidLedger for Ledger {
    async fn number(&self, mailbox: &str, folder: &str, keys: &[String]) -> Result<Vec<u32>, Failure> {
        let mut numbers = self.0.lock().unwrap();
        let mut number = |key: &String| {
            let next = u32::try_from(numbers.len()).unwrap() + 1;
            *numbers.entry(format!("{mailbox}/{folder}/{key}")).or_insert(next)
        };
        Ok(keys.iter().map(&mut number).collect())
    }

    async fn next(&self, _: &str, _: &str) -> Result<u32, Failure> {
        Ok(u32::try_from(self.0.lock().unwrap().len()).unwrap() + 1)
    }
}

struct Place {
    folder: tempfile::TempDir,
    ledger: Ledger,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["new", "cur", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, ledger: Ledger::default() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn source(&self, limit: u64) -> MaildirSource<Ledger> {
        MaildirSource::new("info".to_owned(), self.path().to_owned(), None, self.ledger.clone(), limit)
    }

    fn deliver(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        fs::write(&file, text).unwrap();
        file
    }
}

async fn opened(place: &Place) -> MaildirSource<Ledger> {
    let mut source = place.source(1_000);
    source.open("INBOX").await.unwrap();
    source
}

fn texts(arrivals: &[Arrival]) -> Vec<(u32, &str)> {
    arrivals.iter().map(|arrival| (arrival.uid, std::str::from_utf8(&arrival.bytes).unwrap())).collect()
}

#[tokio::test]
async fn mails_come_in_the_order_and_with_the_time_of_their_delivery() {
    let place = Place::new();
    place.deliver("cur/1762000200.b.host:2,S", "second");
    place.deliver("new/1762000100.a.host", "first");
    place.deliver("tmp/1762000300.c.host", "half");
    place.deliver("new/.hidden", "hidden");
    let mut source = place.source(1_000);
    let state = source.open("INBOX").await.unwrap();
    assert_eq!((state.validity, state.next_uid), (1, 3));
    let arrivals = source.fetch(0, 10).await.unwrap();
    assert_eq!(texts(&arrivals), [(1, "first"), (2, "second")]);
    assert_eq!(arrivals[0].arrived.timestamp(), 1_762_000_100);
    assert!(source.fetch(2, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_without_a_time_in_its_name_arrived_when_it_was_written() {
    let place = Place::new();
    let file = place.deliver("new/12.eml", "x");
    let written: chrono::DateTime<chrono::Utc> = file.metadata().unwrap().modified().unwrap().into();
    assert_eq!(opened(&place).await.fetch(0, 10).await.unwrap()[0].arrived, written);
}

#[tokio::test]
async fn a_mail_stays_the_same_while_people_read_and_flag_it() {
    let place = Place::new();
    let file = place.deliver("new/1762000100.a.host", "text");
    let mut source = opened(&place).await;
    assert_eq!(source.fetch(0, 10).await.unwrap().len(), 1);
    fs::rename(file, place.path().join("cur/1762000100.a.host:2,RS")).unwrap();
    place.deliver("new/1762000050.older.host", "late");
    assert_eq!(texts(&source.fetch(1, 10).await.unwrap()), [(2, "late")]);
    // Another run with the same ledger: still the same numbers.
    assert_eq!(texts(&opened(&place).await.fetch(0, 10).await.unwrap()), [(1, "text"), (2, "late")]);
}

#[tokio::test]
async fn nothing_is_moved_and_a_deleted_mail_just_vanishes() {
    let place = Place::new();
    let first = place.deliver("new/1762000100.a.host", "first");
    let second = place.deliver("new/1762000200.b.host", "second");
    let mut source = opened(&place).await;
    fs::remove_file(&first).unwrap();
    assert_eq!(texts(&source.fetch(0, 10).await.unwrap()), [(2, "second")]);
    assert!(second.exists());
    assert_eq!(fs::read_dir(place.path().join("cur")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_new_mail_is_noticed_soon() {
    let place = Place::new();
    let mut source = opened(&place).await;
    assert!(source.fetch(0, 10).await.unwrap().is_empty());
    let (first, second) = (place.path().join("new/1762000100.a.host"), place.path().join("tmp/a"));
    fs::write(&second, "x").unwrap();
    let start = Instant::now();
    let waiting = tokio::spawn(async move {
        source.wait(Duration::from_secs(30)).await.unwrap();
        source
    });
    fs::rename(second, first).unwrap();
    let mut source = waiting.await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(source.fetch(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_wait_for_nothing_ends_in_time() {
    let place = Place::new();
    let mut source = opened(&place).await;
    source.fetch(0, 10).await.unwrap();
    let start = Instant::now();
    source.wait(Duration::from_millis(300)).await.unwrap();
    assert!((Duration::from_millis(290)..Duration::from_secs(2)).contains(&start.elapsed()));
}

#[tokio::test]
async fn of_a_big_file_the_texts_are_read_wherever_they_stand() {
    let place = Place::new();
    let scan = "JVBERi0xLjQK\r\n".repeat(100_000);
    let text = format!(
        "Subject: groot\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf; name=scan.pdf\r\n\r\n{scan}--b\r\nContent-Type: text/plain\r\n\r\nIk kan niet inloggen.\r\n--b--\r\n"
    );
    place.deliver("new/1762000100.a.host", &text);
    let arrivals = opened(&place).await.fetch(0, 10).await.unwrap();
    assert_eq!(arrivals[0].size, text.len() as u64);
    let bytes = String::from_utf8(arrivals[0].bytes.clone()).unwrap();
    assert!(bytes.contains("Ik kan niet inloggen.") && bytes.contains("scan.pdf") && bytes.len() < 1_000);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_for_a_person_to_mend() {
    let place = Place::new();
    fs::remove_dir(place.path().join("cur")).unwrap();
    let failure = place.source(1_000).open("INBOX").await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("cur"), "{failure:?}");
}

#[tokio::test]
async fn sent_mail_is_a_folder_of_its_own() {
    let (place, sent) = (Place::new(), Place::new());
    sent.deliver("cur/1762000100.a.host:2,S", "sent");
    let mut source = MaildirSource::new(
        "info".to_owned(),
        place.path().to_owned(),
        Some(sent.path().to_owned()),
        place.ledger.clone(),
        1_000,
    );
    source.open(SENT).await.unwrap();
    assert_eq!(texts(&source.fetch(0, 10).await.unwrap()), [(1, "sent")]);
    source.open("INBOX").await.unwrap();
    assert!(source.fetch(0, 10).await.unwrap().is_empty());
    assert!(place.source(1_000).open(SENT).await.unwrap_err().permanent);
}
