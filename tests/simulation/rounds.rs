//! Tasks of the daemon, taken one step at a time in an order that the seed chooses.
//!
//! A step polls a task and then waits until the store's thread that it asked has answered: so at any
//! moment one thing happens, and a run can be played again exactly. While a task is polled a gate
//! keeps that thread from answering, and waits for threads that read mail are no ends of a step: how
//! fast any of them is must make no difference.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Longer no thread of a desk is waited for.
const STUCK: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
struct Bell {
    /// By whom.
    rung: Mutex<Option<Ringer>>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ringer {
    Reader,
    Other,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let reader = std::thread::current().name() == Some("read");
        *self.rung.lock().unwrap() = Some(if reader { Ringer::Reader } else { Ringer::Other });
        self.changed.notify_all();
    }
}

/// What a task is for; one of a kind at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mailbox(usize),
    Sender(usize),
    Ring,
}

pub type Task = Pin<Box<dyn Future<Output = String>>>;

pub struct Round {
    pub kind: Kind,
    pub task: Task,
}

/// Closed while a task is polled.
#[derive(Debug, Default)]
pub struct Gate {
    closed: AtomicBool,
    lock: Mutex<()>,
}

impl Gate {
    fn close(&self) -> MutexGuard<'_, ()> {
        let guard = self.lock.lock().unwrap();
        self.closed.store(true, Ordering::SeqCst);
        guard
    }

    fn open(&self, guard: MutexGuard<'_, ()>) {
        self.closed.store(false, Ordering::SeqCst);
        drop(guard);
    }

    /// Waits while it is closed.
    pub fn pass(&self) {
        if self.closed.load(Ordering::SeqCst) {
            drop(self.lock.lock().unwrap());
        }
    }
}

/// One step of a task; `Ready`: it is done and says what it did.
pub fn step<T>(gate: &Gate, task: &mut Pin<Box<dyn Future<Output = T> + '_>>) -> Poll<T> {
    loop {
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        let closed = gate.close();
        let end = task.as_mut().poll(&mut Context::from_waker(&waker));
        gate.open(closed);
        if end.is_ready() {
            return end;
        }
        let rung = bell.rung.lock().unwrap();
        let (rung, _) = bell.changed.wait_timeout_while(rung, STUCK, |rung| rung.is_none()).unwrap();
        match *rung {
            Some(Ringer::Reader) => {}
            Some(Ringer::Other) => return Poll::Pending,
            None => panic!("a task waits for something that never comes"),
        }
    }
}

/// All steps of a task, with nothing between them.
pub fn finish<T>(task: impl Future<Output = T>) -> T {
    let mut task: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(task);
    let gate = Gate::default();
    loop {
        if let Poll::Ready(end) = step(&gate, &mut task) {
            return end;
        }
    }
}

/// Lets others have their turn.
pub async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
