//! The one thread that writes. Jobs that wait together share one commit, each inside a savepoint
//! of its own: a job that fails or panics takes nothing else with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::open::Opened;
use super::{Result, StoreError};

/// At most so many jobs share a commit.
const GROUP: usize = 64;

/// A small change can succeed where a larger one finds no room: only after so long without a
/// failure does it count as a sign that all is well.
const CALM: Duration = Duration::from_secs(30);

/// What must be true of the disk before a job is reported as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// It survives a power cut.
    Yes,
    /// It survives the end of the program; that is enough for what only helps to notice a crash.
    No,
}

/// The handle of the writer thread. Dropping it ends the thread and closes the database.
#[derive(Debug)]
pub struct Writer {
    jobs: Option<Sender<Box<dyn Job>>>,
    health: Arc<Health>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It keeps the daemon's lock.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(opened: Opened) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let health = Arc::new(Health::default());
        let noted = Arc::clone(&health);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                let Opened { connection, lock } = opened;
                serve(&connection, &waiting, &noted);
                close(connection);
                drop(lock);
            })
            .map_err(|error| StoreError::permanent(format!("no thread for the database: {error}")))?;
        Ok(Self { jobs: Some(jobs), health, thread: Some(thread) })
    }

    /// Runs `work` inside a transaction and returns when that is committed.
    ///
    /// A caller that stops waiting does not stop the work.
    ///
    /// # Errors
    /// Those of `work` and of the commit; then nothing was changed.
    pub async fn run<T, F>(&self, durable: Durable, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task { durable, work: Some(work), result: None, reply });
        let stopped = || StoreError::permanent("the database has been closed");
        self.jobs.as_ref().ok_or_else(stopped)?.send(job).map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Writer {
    /// The thread has not ended.
    #[must_use]
    pub fn lives(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Why nothing can be written at present.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.health.last().as_ref().map(|(what, _)| what.clone())
    }
}

/// Whether the database can be written, as the last changes showed.
#[derive(Debug, Default)]
struct Health(Mutex<Option<(String, Instant)>>);

impl Health {
    fn last(&self) -> std::sync::MutexGuard<'_, Option<(String, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: &StoreError) {
        *self.last() = Some((error.what.clone(), Instant::now()));
    }

    fn changed(&self, durable: bool) {
        let mut last = self.last();
        if last.as_ref().is_some_and(|(_, at)| durable || at.elapsed() >= CALM) {
            *last = None;
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been answered where it happened.
            let _ = thread.join();
        }
    }
}

/// A piece of work of which the type of the result is forgotten.
trait Job: Send {
    fn durable(&self) -> bool;
    fn work(&mut self, connection: &Connection) -> Result<()>;
    fn done(self: Box<Self>, end: Result<()>);
}

struct Task<T, F> {
    durable: Durable,
    work: Option<F>,
    result: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T> + Send,
{
    fn durable(&self) -> bool {
        self.durable == Durable::Yes
    }

    fn work(&mut self, connection: &Connection) -> Result<()> {
        if let Some(work) = self.work.take() {
            self.result = Some(work(connection)?);
        }
        Ok(())
    }

    fn done(self: Box<Self>, end: Result<()>) {
        let Self { result, reply, .. } = *self;
        let missing = || StoreError::temporary("the work was not done");
        // Where nobody waits any more the work stands all the same.
        let _ = reply.send(end.and_then(|()| result.ok_or_else(missing)));
    }
}

fn serve(connection: &Connection, waiting: &Receiver<Box<dyn Job>>, health: &Health) {
    let mut durable = true;
    let mut next: Option<Box<dyn Job>> = None;
    while let Some(first) = next.take().or_else(|| waiting.recv().ok()) {
        let wanted = first.durable();
        let mut group = vec![first];
        // Of one kind, so that nobody waits for the disk because of the neighbours.
        while group.len() < GROUP && next.is_none() {
            match waiting.try_recv() {
                Ok(job) if job.durable() == wanted => group.push(job),
                Ok(job) => next = Some(job),
                Err(_) => break,
            }
        }
        if wanted != durable {
            let level = if wanted { "FULL" } else { "NORMAL" };
            if connection.pragma_update(None, "synchronous", level).is_ok() {
                durable = wanted;
            }
        }
        commit(connection, group, health);
    }
}

/// One transaction for all jobs of a group.
fn commit(connection: &Connection, mut group: Vec<Box<dyn Job>>, health: &Health) {
    let before = connection.total_changes();
    let mut ends = Vec::with_capacity(group.len());
    let end = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from).and_then(|()| {
        for job in &mut group {
            ends.push(within_savepoint(connection, job.as_mut())?);
        }
        connection.execute_batch("COMMIT").map_err(StoreError::from)
    });
    if !connection.is_autocommit() {
        // A failed ROLLBACK leaves nothing behind either: the next BEGIN fails and says so.
        let _ = connection.execute_batch("ROLLBACK");
    }
    ends.resize(group.len(), Ok(()));
    let ends: Vec<Result<()>> = ends.into_iter().map(|own| own.and(end.clone())).collect();
    match ends.iter().filter_map(|end| end.as_ref().err()).find(|error| error.of_database) {
        Some(error) => health.failed(error),
        None if connection.total_changes() == before => {}
        None => health.changed(group.iter().any(|job| job.durable())),
    }
    for (job, end) in group.into_iter().zip(ends) {
        job.done(end);
    }
}

/// The job's own end inside; an error outside when the whole transaction is lost with it.
fn within_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<Result<()>> {
    connection.execute_batch("SAVEPOINT job")?;
    let end = catch_unwind(AssertUnwindSafe(|| job.work(connection)))
        .unwrap_or_else(|_| Err(StoreError::permanent("a fault in the program; nothing was changed")));
    if connection.is_autocommit() {
        // SQLite rolls the whole transaction back by itself when the disk is full or fails.
        return Err(end.err().unwrap_or_else(|| StoreError::temporary("the transaction was lost")));
    }
    if end.is_err() {
        connection.execute_batch("ROLLBACK TO job")?;
    }
    connection.execute_batch("RELEASE job")?;
    Ok(end)
}

fn close(connection: Connection) {
    // Both only tidy up: what they leave undone, the next start does.
    let _ = connection.execute_batch("PRAGMA optimize");
    let _ = connection.close();
}

#[cfg(test)]
mod tests {
    use super::super::open::{Role, open};
    use super::*;

    fn writer() -> (tempfile::TempDir, Writer) {
        let folder = tempfile::tempdir().unwrap();
        let opened = open(&folder.path().join("triaged.db"), Role::Daemon).unwrap();
        (folder, Writer::start(opened).unwrap())
    }

    fn note(connection: &Connection, what: &str) -> Result<()> {
        connection
            .execute("INSERT INTO events (time, what, actor, text) VALUES (1, ?1, '', '')", [what])
            .map(|_| ())
            .map_err(StoreError::from)
    }

    async fn noted(writer: &Writer) -> Vec<String> {
        writer
            .run(Durable::No, |connection| {
                let mut statement = connection.prepare("SELECT what FROM events ORDER BY id")?;
                let rows = statement.query_map([], |row| row.get(0))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_job_that_fails_takes_back_its_own_changes_and_no_others() {
        let (_folder, writer) = writer();
        let good = writer.run(Durable::Yes, |c| note(c, "good"));
        let bad = writer.run(Durable::Yes, |c| {
            note(c, "bad")?;
            Err::<(), _>(StoreError::permanent("no"))
        });
        let panics = writer.run(Durable::Yes, |c| {
            note(c, "worse")?;
            assert!(c.is_autocommit(), "never");
            Ok(())
        });
        let last = writer.run(Durable::No, |c| note(c, "last"));
        let (good, bad, panics, last) = tokio::join!(good, bad, panics, last);
        assert!(good.is_ok() && last.is_ok());
        assert_eq!(bad.unwrap_err().what, "no");
        assert!(panics.unwrap_err().what.contains("fault in the program"));
        assert_eq!(noted(&writer).await, ["good", "last"]);
    }

    #[tokio::test]
    async fn short_work_is_answered_before_the_long_work_behind_it() {
        let (_folder, writer) = writer();
        let (go, told) = mpsc::channel::<()>();
        // Holds the thread until both of the others wait.
        let holds = writer.run(Durable::Yes, move |_| {
            told.recv().map_err(|error| StoreError::permanent(error.to_string()))
        });
        let (answered, hears) = mpsc::channel();
        let short = async {
            writer.run(Durable::No, |c| note(c, "short")).await.unwrap();
            answered.send(()).unwrap();
        };
        let long = writer.run(Durable::Yes, move |c| {
            note(c, "long")?;
            Ok(hears.recv_timeout(Duration::from_secs(20)).is_ok())
        });
        let go = async { go.send(()).unwrap() };
        let (held, (), was_answered, ()) = tokio::join!(biased; holds, short, long, go);
        held.unwrap();
        assert!(was_answered.unwrap(), "it waited for the long work");
    }

    #[tokio::test]
    async fn a_full_disk_is_temporary_and_work_goes_on_when_there_is_room() {
        let (_folder, writer) = writer();
        let pages = |limit: &'static str| {
            writer
                .run(Durable::No, move |c| Ok(c.execute_batch(&format!("PRAGMA max_page_count = {limit}"))?))
        };
        pages("1").await.unwrap();
        let big = || writer.run(Durable::Yes, |c| note(c, &"x".repeat(1_000_000)));
        let error = big().await.unwrap_err();
        assert!(error.temporary && error.what.contains("full"), "{error}");
        assert_eq!(noted(&writer).await, [""; 0]);
        assert_eq!(writer.trouble(), Some(error.what), "looking at it makes it no better");
        pages("1000000").await.unwrap();
        big().await.unwrap();
        assert_eq!(writer.trouble(), None);
        assert_eq!(noted(&writer).await.len(), 1);
    }
}
