//! One piece of work on many things: on all cores, each where the stack is deep enough to take a mail
//! apart, with the results in the order in which the things came. The hands stay the same to the
//! end: a new thread would have to warm up each pattern of the rules again.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, Scope};

use super::super::Trouble;
use super::super::explain::STACK;

/// Things for each hand that wait or are worked on: so much is held in memory.
const WAITING: usize = 8;

type Worked<R> = Result<R, Trouble>;

/// Hands at work. They go home when this is dropped.
pub struct Hands<T, R> {
    jobs: Sender<(usize, T)>,
    worked: Receiver<(usize, Worked<R>)>,
    most: usize,
    given: usize,
    returned: usize,
    /// What came back before its turn.
    early: BTreeMap<usize, Worked<R>>,
    next: usize,
}

/// Where the hands take their work from.
struct Table<T>(Mutex<Receiver<(usize, T)>>);

impl<T: Send, R: Send> Hands<T, R> {
    /// `work` is done on each thing.
    pub fn start<'scope, 'env>(
        scope: &'scope Scope<'scope, 'env>,
        work: &'env (dyn Fn(T) -> Worked<R> + Sync),
    ) -> Result<Self, Trouble>
    where
        T: 'env,
        R: 'env,
    {
        let hands = std::thread::available_parallelism().map_or(1, usize::from);
        let (jobs, waiting) = channel();
        let (give_back, worked) = channel();
        let table = Arc::new(Table(Mutex::new(waiting)));
        for _ in 0..hands {
            let (table, give_back) = (Arc::clone(&table), give_back.clone());
            let hand = move || {
                while let Some((at, thing)) = table.take() {
                    let done = catch_unwind(AssertUnwindSafe(|| work(thing)));
                    if give_back.send((at, done.unwrap_or_else(|_| Err(broken())))).is_err() {
                        return;
                    }
                }
            };
            Builder::new().stack_size(STACK).spawn_scoped(scope, hand).map_err(Trouble::failed)?;
        }
        let (most, early) = (hands * WAITING, BTreeMap::new());
        Ok(Self { jobs, worked, most, given: 0, returned: 0, early, next: 0 })
    }

    /// Hands a thing over; while all hands are full, waits for one.
    pub fn give(&mut self, thing: T) {
        while self.given - self.returned >= self.most && self.wait() {}
        // Without a hand nothing comes back, and that is told at the end.
        let _ = self.jobs.send((self.given, thing));
        self.given += 1;
    }

    /// The next result in the order of the things, where it is there.
    pub fn take(&mut self) -> Option<Worked<R>> {
        while let Ok((at, result)) = self.worked.try_recv() {
            self.keep(at, result);
        }
        self.in_turn()
    }

    /// The next result, waited for; none when all was taken.
    pub fn take_last(&mut self) -> Option<Worked<R>> {
        if self.next == self.given {
            return None;
        }
        while !self.early.contains_key(&self.next) {
            if !self.wait() {
                self.next = self.given;
                return Some(Err(broken()));
            }
        }
        self.in_turn()
    }

    fn wait(&mut self) -> bool {
        let Ok((at, result)) = self.worked.recv() else { return false };
        self.keep(at, result);
        true
    }

    fn keep(&mut self, at: usize, result: Worked<R>) {
        self.returned += 1;
        self.early.insert(at, result);
    }

    fn in_turn(&mut self) -> Option<Worked<R>> {
        let result = self.early.remove(&self.next)?;
        self.next += 1;
        Some(result)
    }
}

impl<T> Table<T> {
    /// Waits for the next thing; none when there will be no more.
    fn take(&self) -> Option<(usize, T)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
    }
}

fn broken() -> Trouble {
    Trouble::Failed("this is a fault of the program; see the message above".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_things_and_one_panic_stops_no_other() {
        let work = |number: usize| {
            assert!(number != 7, "a fault");
            // The earlier, the longer: they come back in another order.
            std::thread::sleep(std::time::Duration::from_micros(200_u64.saturating_sub(number as u64 * 2)));
            Ok(number * 2)
        };
        let results: Vec<Option<usize>> = std::thread::scope(|scope| {
            let mut hands = Hands::start(scope, &work).unwrap();
            let mut results = Vec::new();
            for number in 0..100 {
                hands.give(number);
                results.extend(std::iter::from_fn(|| hands.take()).map(Result::ok));
            }
            results.extend(std::iter::from_fn(|| hands.take_last()).map(Result::ok));
            results
        });
        let expected = (0..100).map(|number| (number != 7).then_some(number * 2));
        assert_eq!(results, expected.collect::<Vec<_>>());
    }
}
