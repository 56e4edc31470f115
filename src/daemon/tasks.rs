//! Tasks that last until they are told to stop. One that dies before is begun once more; when it
//! dies again, all end: a process that is started anew is better than a mailbox forgotten.

use std::time::Duration;

use tokio::task::JoinSet;

use super::{Around, Stop};

/// After a stop is asked for, tasks have this long to finish what they hold.
const GRACE: Duration = Duration::from_secs(20);

/// Before a task is begun once more: what killed it may pass.
const PAUSE: Duration = Duration::from_secs(1);

/// Tasks that are told to stop together.
#[derive(Debug)]
pub struct Tasks {
    around: Around,
    /// Each gives its name where it died for good.
    running: JoinSet<Result<(), String>>,
}

impl Tasks {
    /// Tasks that end when `stop` says so.
    pub fn new(around: &Around, stop: Stop) -> Self {
        Self { around: Around { stop, ..around.clone() }, running: JoinSet::new() }
    }

    /// Begins a task. It shows progress under its name, which no other has.
    pub fn add<F>(&mut self, name: &str, task: impl Fn(Around) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.running.spawn(tend(name.to_owned(), self.around.clone(), task));
    }

    /// Returns the name of a task that died for good.
    pub async fn died(&mut self) -> String {
        loop {
            match self.running.join_next().await {
                Some(Ok(Err(name))) => return name,
                Some(Ok(Ok(()))) => {}
                Some(Err(_)) => return "a task".to_owned(),
                // Nothing that could die.
                None => std::future::pending().await,
            }
        }
    }

    /// Waits for tasks that were told to end; what does not end in time is cut off.
    pub async fn finish(mut self) {
        let all = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            tracing::warn!("a task did not end within {} s and was cut off", GRACE.as_secs());
            self.running.shutdown().await;
        }
    }
}

/// Runs a task to its end, twice at most.
async fn tend<F>(name: String, mut around: Around, task: impl Fn(Around) -> F) -> Result<(), String>
where
    F: Future<Output = ()> + Send + 'static,
{
    let _ended = around.beats.of(&name);
    for last in [false, true] {
        // A set of its own: it ends with this one, and its panic stays in it.
        let mut alone = JoinSet::new();
        alone.spawn(task(around.clone()));
        alone.join_next().await;
        if around.stop.is_asked() {
            return Ok(());
        }
        if last {
            break;
        }
        tracing::error!(task = name, "a task died; it is begun once more");
        around.stop.sleep(PAUSE).await;
    }
    Err(name)
}
