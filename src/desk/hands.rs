//! Threads that read mail, and one that looks at the clock: a mail that takes too long is left to a
//! person, and those behind it go on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::read::{Read, Readers, STACK, mailbox_named, no_thread, poisonous, read_one};
use super::{DeskError, Result};
use crate::mail::Arrival;
use crate::rules::live::Guidance;

/// The worst mail that is known takes two seconds on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// As many threads as there are cores. They last, because what the expressions of the rules have seen
/// of texts is remembered for each thread.
#[derive(Debug)]
pub struct Hands {
    tasks: mpsc::Sender<Task>,
    shared: Arc<Shared>,
}

type Reading = Box<dyn FnOnce() -> Result<Read> + Send>;

/// One mail of a batch.
struct Task {
    read: Reading,
    /// What is said of it where nobody waits any longer.
    set_aside: Reading,
    done: oneshot::Sender<Result<Read>>,
}

#[derive(Debug)]
struct Shared {
    waiting: Mutex<mpsc::Receiver<Task>>,
    under_way: Mutex<UnderWay>,
    /// Something is under way again, or the desk was closed.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct UnderWay {
    list: Vec<Begun>,
    tickets: u64,
    patience: Duration,
    closed: bool,
}

/// A mail that is being read.
struct Begun {
    ticket: u64,
    at: Instant,
    set_aside: Reading,
    done: oneshot::Sender<Result<Read>>,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun").field("ticket", &self.ticket).field("at", &self.at).finish_non_exhaustive()
    }
}

impl Hands {
    /// # Errors
    /// Where the system gives no thread.
    pub fn start() -> Result<Self> {
        let (tasks, waiting) = mpsc::channel::<Task>();
        let under_way = UnderWay { patience: PATIENCE, ..UnderWay::default() };
        let shared = Arc::new(Shared {
            waiting: Mutex::new(waiting),
            under_way: Mutex::new(under_way),
            changed: Condvar::new(),
        });
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            hire(&shared)?;
        }
        let watched = Arc::clone(&shared);
        let watch = thread::Builder::new().name("patience".to_owned());
        watch.spawn(move || watched.watch()).map_err(|error| no_thread(&error))?;
        Ok(Self { tasks, shared })
    }

    /// How long a mail may take from now on: tests cannot wait.
    #[cfg(test)]
    pub fn set_patience(&self, patience: Duration) {
        self.shared.under_way().patience = patience;
        self.shared.changed.notify_all();
    }

    /// Reads mails on all cores; the order stays.
    ///
    /// # Errors
    /// Where the system gives no thread, or a question cannot be asked.
    pub async fn read_all(
        &self,
        guidance: &Arc<Guidance>,
        mailbox: &str,
        arrivals: Vec<Arrival>,
        readers: &Arc<Readers>,
    ) -> Result<Vec<Read>> {
        let broke_off = || DeskError::temporary("reading broke off");
        let mut waited = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            let (done, read) = oneshot::channel();
            let given = (Arc::new(arrival), Arc::clone(guidance), mailbox.to_owned());
            let (arrival, guidance, mailbox) = given.clone();
            let set_aside = move || Ok(poisonous(mailbox_named(&guidance, &mailbox)?, &arrival));
            let readers = Arc::clone(readers);
            let (arrival, guidance, mailbox) = given;
            let task = Task {
                read: Box::new(move || read_one(&guidance, &mailbox, &readers, &arrival)),
                set_aside: Box::new(set_aside),
                done,
            };
            self.tasks.send(task).map_err(|_| broke_off())?;
            waited.push(read);
        }
        let mut all = Vec::with_capacity(waited.len());
        for read in waited {
            all.push(read.await.map_err(|_| broke_off())??);
        }
        Ok(all)
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        self.shared.under_way().closed = true;
        self.shared.changed.notify_all();
    }
}

/// One more thread that reads.
fn hire(shared: &Arc<Shared>) -> Result<()> {
    let shared = Arc::clone(shared);
    let builder = thread::Builder::new().name("read".to_owned()).stack_size(STACK);
    builder.spawn(move || shared.work()).map_err(|error| no_thread(&error))?;
    Ok(())
}

impl Shared {
    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads until the desk is closed, or until a mail took so long that somebody else has this place.
    fn work(&self) {
        let next = || self.waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok(Task { read, set_aside, done }) = next() {
            let ticket = self.begin(set_aside, done);
            let read = catch_unwind(AssertUnwindSafe(read));
            let Some(begun) = self.under_way().take(ticket) else { return };
            // Who waits for one that panicked hears of it by the end of the channel. Nobody waits any
            // more where another mail of the batch failed.
            if let Ok(read) = read {
                let _ = begun.done.send(read);
            }
        }
    }

    fn begin(&self, set_aside: Reading, done: oneshot::Sender<Result<Read>>) -> u64 {
        let mut under_way = self.under_way();
        under_way.tickets += 1;
        let ticket = under_way.tickets;
        if under_way.list.is_empty() {
            self.changed.notify_all();
        }
        under_way.list.push(Begun { ticket, at: Instant::now(), set_aside, done });
        ticket
    }

    /// Sets aside what takes too long, until the desk is closed.
    fn watch(self: &Arc<Self>) {
        let mut under_way = self.under_way();
        while !under_way.closed {
            let patience = under_way.patience;
            let oldest = under_way.list.iter().map(|begun| (begun.at, begun.ticket)).min();
            let Some((at, ticket)) = oldest else {
                under_way = self.changed.wait(under_way).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = patience.saturating_sub(at.elapsed());
            if !left.is_zero() {
                let waited = self.changed.wait_timeout(under_way, left);
                under_way = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            let late = under_way.take(ticket);
            drop(under_way);
            if let Some(late) = late {
                self.give_up(late);
            }
            under_way = self.under_way();
        }
    }

    /// The thread cannot be ended from outside: it goes by itself when it is through.
    fn give_up(self: &Arc<Self>, late: Begun) {
        tracing::error!(
            "a mail took more than {} s to read: it is left to a person",
            late.at.elapsed().as_secs()
        );
        if let Err(error) = hire(self) {
            tracing::error!("one mail fewer is read at a time: {error}");
        }
        let _ = late.done.send((late.set_aside)());
    }
}

impl UnderWay {
    fn take(&mut self, ticket: u64) -> Option<Begun> {
        let at = self.list.iter().position(|begun| begun.ticket == ticket)?;
        Some(self.list.swap_remove(at))
    }
}
