//! When people hear of a mailbox that cannot be read, by a clock that the test holds.

use super::super::Daemon;
use super::super::tests::{daemon, daemon_in};
use super::*;
use crate::desk::Desk;
use crate::mail::Arrival;

/// The mailbox of a daemon, as its task would watch it.
fn watch_of(Daemon { around, .. }: &Daemon) -> Watch<MaildirSource<Desk>> {
    let mailbox = around.live.get().config.mailboxes[0].clone();
    let MailboxPlace::Maildir { path, sent } = mailbox.place.clone() else { unreachable!("a Maildir") };
    let source = MaildirSource::new(mailbox.name.clone(), path, sent, around.desk.clone(), 1 << 20);
    Watch::new(around.clone(), mailbox, source, "INBOX".to_owned(), Duration::from_secs(1))
}

/// The alerts about the mailbox that are on their way, to whom each.
fn alerts(dir: &std::path::Path) -> Vec<String> {
    let database = rusqlite::Connection::open(dir.join("triaged.db")).unwrap();
    let mut rows =
        database.prepare("SELECT recipient FROM outbox WHERE alert = 'mailbox' ORDER BY id").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_mailbox_is_told_of_after_15_minutes_once_also_across_a_restart() {
    let (daemon, control, dir) = daemon();
    let away = Failure::temporary("imap.example.org does not answer");
    let start = Instant::now();
    let mut watch = watch_of(&daemon);
    for minutes in [0, 7, 14] {
        watch.failed(&away, start + minutes * MINUTE).await;
    }
    watch.failed(&away, start + 15 * MINUTE - Duration::from_secs(1)).await;
    assert!(alerts(dir.path()).is_empty(), "not yet");
    watch.failed(&away, start + 15 * MINUTE).await;
    assert_eq!(alerts(dir.path()), ["c@ksyos.example"]);
    for minutes in [16, 60, 600] {
        watch.failed(&away, start + minutes * MINUTE).await;
    }
    assert_eq!(alerts(dir.path()).len(), 1, "once is once");

    drop((watch, daemon, control));
    let (daemon, control) = daemon_in(dir.path());
    let mut watch = watch_of(&daemon);
    for minutes in [0, 15, 60] {
        watch.failed(&away, start + minutes * MINUTE).await;
    }
    assert_eq!(alerts(dir.path()).len(), 1, "they know");

    // It works again, and then not again: that is news, after another quarter of an hour.
    watch.note().await.unwrap_or_else(|_| unreachable!("the database is well"));
    watch.failing = None;
    for (minutes, told) in [(100, 1), (114, 1), (115, 2), (130, 2)] {
        watch.failed(&away, start + minutes * MINUTE).await;
        assert_eq!(alerts(dir.path()).len(), told, "minute {minutes}");
    }
    drop(control);
}

#[tokio::test]
async fn a_server_that_asks_for_a_longer_rest_than_that_is_told_of_at_once() {
    let (daemon, _control, dir) = daemon();
    let rests = |rest| Failure { rest: Some(rest), ..Failure::temporary("throttled") };
    let mut watch = watch_of(&daemon);
    watch.failed(&rests(14 * MINUTE), Instant::now()).await;
    assert!(alerts(dir.path()).is_empty());
    let mut watch = watch_of(&daemon);
    watch.failed(&rests(15 * MINUTE), Instant::now()).await;
    assert_eq!(alerts(dir.path()).len(), 1);
}

#[tokio::test]
async fn a_quarter_of_an_hour_with_restarts_in_it_is_one_too() {
    let (daemon, control, dir) = daemon();
    let away = Failure::temporary("imap.example.org does not answer");
    let start = Instant::now();
    let mut watch = watch_of(&daemon);
    watch.failed(&away, start).await;
    watch.failed(&away, start + 8 * MINUTE).await;
    drop((watch, daemon, control));

    // The hour in which nothing ran is no hour of trouble.
    let (daemon, control) = daemon_in(dir.path());
    let mut watch = watch_of(&daemon);
    watch.failed(&away, start + 68 * MINUTE).await;
    watch.failed(&away, start + 74 * MINUTE).await;
    assert!(alerts(dir.path()).is_empty(), "8 and 6");
    watch.failed(&away, start + 75 * MINUTE).await;
    assert_eq!(alerts(dir.path()).len(), 1, "8 and 7");
    drop((watch, daemon, control));

    // Read once, it begins anew.
    let (daemon, control) = daemon_in(dir.path());
    let mut watch = watch_of(&daemon);
    watch.note().await.unwrap_or_else(|_| unreachable!("the database is well"));
    for (minutes, told) in [(200, 1), (214, 1), (215, 2)] {
        watch.failed(&away, start + minutes * MINUTE).await;
        assert_eq!(alerts(dir.path()).len(), told, "minute {minutes}");
    }
    drop(control);
}

#[tokio::test]
async fn while_a_backlog_is_taken_in_the_mailbox_counts_as_looked_at() {
    let (daemon, control, dir) = daemon();
    let checks = || {
        let database = rusqlite::Connection::open(dir.path().join("triaged.db")).unwrap();
        database.query_row("SELECT count(*) FROM checks", [], |row| row.get::<_, u32>(0)).unwrap()
    };
    let mut watch = watch_of(&daemon);
    let state = watch.source.open("INBOX").await.unwrap();
    watch.position(Folder::Inbox, state).await.unwrap_or_else(|_| unreachable!("the database is well"));
    let take_in = async |watch: &mut Watch<_>| {
        watch.take_in(Folder::Inbox, 0, "a test").await.unwrap_or_else(|_| unreachable!("all can be read"))
    };
    assert_eq!((take_in(&mut watch).await, checks()), (0, 0), "nothing was there");
    let mail = "From: jan@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nIk heb een klacht.\r\n";
    std::fs::write(dir.path().join("mail/new/1795425000.1.host"), mail).unwrap();
    assert_eq!((take_in(&mut watch).await, checks()), (1, 1));
    drop(control);
}

/// A server that freezes behind its first mail.
struct Freezes(Option<Arrival>);

impl Source for Freezes {
    async fn sent(&mut self) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    async fn open(&mut self, _: &str) -> Result<FolderState, Failure> {
        Ok(FolderState { validity: 1, next_uid: 1 })
    }

    async fn fetch(&mut self, _: u32, _: usize) -> Result<Vec<Arrival>, Failure> {
        match self.0.take() {
            Some(mail) => Ok(vec![mail]),
            None => std::future::pending().await,
        }
    }

    async fn status(&mut self, folder: &str) -> Result<FolderState, Failure> {
        self.open(folder).await
    }

    async fn wait(&mut self, _: Duration) -> Result<(), Failure> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_mail_is_answered_while_the_server_freezes_behind_it() {
    let (daemon, control, dir) = daemon();
    let around = daemon.around.clone();
    let mailbox = around.live.get().config.mailboxes[0].clone();
    let bytes =
        b"From: jan@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nIk heb een klacht.\r\n".to_vec();
    let size = bytes.len() as u64;
    let mail = Arrival { validity: 1, uid: 1, arrived: around.clock.now(), size, bytes };
    let mut watch =
        Watch::new(around.clone(), mailbox, Freezes(Some(mail)), "INBOX".to_owned(), Duration::from_secs(1));
    let state = watch.source.open("INBOX").await.unwrap();
    watch.position(Folder::Inbox, state).await.unwrap_or_else(|_| unreachable!("the database is well"));
    tokio::select! {
        _ = watch.take_in(Folder::Inbox, 0, "a test") => panic!("it freezes"),
        () = around.outbox.notified() => {}
        () = tokio::time::sleep(Duration::from_secs(30)) => panic!("the answer waits for the server"),
    }
    let database = rusqlite::Connection::open(dir.path().join("triaged.db")).unwrap();
    let requests = "SELECT count(*) FROM outbox WHERE kind = 'request' AND recipient = 'jan@example.org'";
    assert_eq!(database.query_row(requests, [], |row| row.get::<_, u32>(0)).unwrap(), 1);
    drop(control);
}
