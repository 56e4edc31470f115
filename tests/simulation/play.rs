//! One run: bad days, then a long quiet time, then the reckoning.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use chrono::{DateTime, TimeDelta, Utc};

use super::chance::Chance;
use super::checks;
use super::house::{Blows, House};
use super::line::house_name;
use super::rounds::{Gate, Kind, Round, finish, step};
use super::tasks::{self, Around};
use super::world::{MAILBOXES, Weather, World};

/// When a run may begin: an ordinary Monday, Christmas, the clocks' change before Easter, May holidays.
const STARTS: [&str; 5] = [
    "2026-11-23T08:00:00Z",
    "2026-11-27T15:30:00Z",
    "2026-12-22T10:00:00Z",
    "2027-03-24T09:00:00Z",
    "2027-04-26T12:00:00Z",
];
/// Long enough for every alarm of a case that nobody answers; most runs end when all is sent.
const WEEKS: TimeDelta = TimeDelta::days(25);
const DAYS: TimeDelta = TimeDelta::days(2);
/// How the story says that nothing more goes wrong.
pub const QUIET: &str = "the bad days are over";

/// Every task of a daemon, once.
const ALL_KINDS: [Kind; 4] = [Kind::Mailbox(0), Kind::Mailbox(1), Kind::Ring, Kind::Sender(0)];

/// What a run came to.
#[derive(Debug)]
pub struct End {
    pub fault: Option<String>,
    pub story: Vec<String>,
    pub seen: checks::Seen,
}

pub struct Play {
    pub world: Arc<World>,
    pub houses: Vec<House>,
    pub begun: Vec<DateTime<Utc>>,
    gate: Arc<Gate>,
    /// Every alarm rings to its end.
    pub rings_out: bool,
    /// Begin of the quiet time.
    pub calm: DateTime<Utc>,
}

/// Plays a seed; `most`: no more steps of bad days than these.
pub fn play(seed: u64, most: usize) -> End {
    let mut chance = Chance::new(seed ^ 0x5eed);
    let starts: DateTime<Utc> = chance.one_of(&STARTS).parse().unwrap();
    let starts = starts + TimeDelta::seconds(i64::try_from(chance.below(7200)).unwrap());
    let houses = if chance.permille(200) { 2 } else { 1 };
    // Many short runs and some long ones.
    let length = chance.weighted(&[(4, 20), (5, 40), (4, 60), (2, 100), (1, 250)]);
    let mails = 4 + chance.below(length / 6);
    let steps = (length / 2 + chance.below(length)).min(most);
    let world = Arc::new(World::new(seed, starts, houses, mails));
    let gate = Arc::<Gate>::default();
    let mut play = Play {
        houses: (0..houses).map(|index| House::new(index, world.lock().clock.clone(), &gate)).collect(),
        rings_out: chance.permille(300),
        begun: vec![starts; houses],
        gate,
        calm: starts,
        world,
    };
    let fault = play.through(steps).err();
    let met = checks::Seen::of(&play);
    let story = std::mem::take(&mut play.world.lock().story);
    End { fault, story, seen: met }
}

impl Play {
    fn through(&mut self, steps: usize) -> Result<(), String> {
        self.first_looks();
        for _ in 0..steps {
            self.bad_moment();
            self.world.lock().deliver();
            self.look_after_fuses()?;
        }
        self.calm_down();
        self.take_everything_in()?;
        self.calm = self.now();
        self.long_quiet()?;
        checks::all(self)
    }

    /// Old mail lies there; the first start, with or without a mail server.
    fn first_looks(&mut self) {
        for house in 0..self.houses.len() {
            for mailbox in 0..MAILBOXES.len() {
                self.put_old_mail(house, mailbox);
                if self.world.lock().chance.permille(300) {
                    self.world.lock().weather.source_drops = 1000;
                }
                self.begin(house, Kind::Mailbox(mailbox));
                self.finish_rounds(house);
                self.world.lock().weather.source_drops = 0;
            }
        }
        let clock = self.world.lock().clock.clone();
        clock.jump(clock.now() + TimeDelta::seconds(2));
    }

    /// Takes note of a fuse that has killed, and looks whether the disk runs ahead of the truth.
    pub fn look_after_fuses(&mut self) -> Result<(), String> {
        for house in 0..self.houses.len() {
            if self.houses[house].is_killed() {
                self.kill(house, "is killed in the middle of a happening");
            }
            if self.world.lock().chance.permille(30) {
                checks::positions(self, house)?;
            }
        }
        Ok(())
    }

    pub fn kill(&mut self, house: usize, how: &str) {
        self.tell(house, how);
        self.blame_what_is_in_hand(house, true);
        self.houses[house].kill();
        self.houses[house].stopping.store(false, Ordering::Relaxed);
        self.begun[house] = self.now();
    }

    /// What a mailbox task may have had in hand can be suspected of a crash; also what could not be
    /// put back, where the disk failed at every turn.
    pub fn blame_what_is_in_hand(&mut self, house: usize, crash: bool) {
        let at = &self.houses[house];
        let mut state = self.world.lock();
        for (_, folder) in state.folders.iter_mut().filter(|(place, _)| {
            let kind = Kind::Mailbox(place.mailbox);
            let in_hand = crash && at.rounds.iter().any(|round| round.kind == kind);
            place.house == house && (in_hand || at.has_failed)
        }) {
            folder.crashes += 1;
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.world.lock().clock.now()
    }

    pub fn tell(&self, house: usize, what: &str) {
        self.world.lock().tell(&format!("{}: {what}", house_name(house)));
    }

    /// Begins a task, unless it runs.
    pub fn begin(&mut self, house: usize, kind: Kind) {
        let begun = self.begun[house];
        let at = &mut self.houses[house];
        if at.stopping.load(Ordering::Relaxed) || at.rounds.iter().any(|round| round.kind == kind) {
            return;
        }
        let around = Around {
            world: Arc::clone(&self.world),
            desk: at.desk.clone(),
            house,
            stopping: Arc::clone(&at.stopping),
            begun,
        };
        at.rounds.push(Round {
            kind,
            task: match kind {
                Kind::Mailbox(mailbox) => Box::pin(tasks::watch(around, mailbox)),
                Kind::Sender(_) => Box::pin(tasks::drain(around)),
                Kind::Ring => Box::pin(tasks::ring(around)),
            },
        });
    }

    /// One step of one task.
    pub fn step(&mut self, house: usize, at: usize) {
        let rounds = &mut self.houses[house].rounds;
        let kind = rounds[at].kind;
        if let Poll::Ready(end) = step(&self.gate, &mut rounds[at].task) {
            rounds.remove(at);
            let name = match kind {
                Kind::Mailbox(mailbox) => MAILBOXES[mailbox],
                Kind::Sender(_) => "sender",
                Kind::Ring => "ring",
            };
            self.tell(house, &format!("{name}: {end}"));
        }
    }

    /// Every task that runs comes to its end.
    pub fn finish_rounds(&mut self, house: usize) {
        while !self.houses[house].rounds.is_empty() && !self.houses[house].is_killed() {
            let all = self.houses[house].rounds.len();
            let at = self.world.lock().chance.below(all);
            self.step(house, at);
        }
    }

    /// The days get better.
    fn calm_down(&mut self) {
        {
            let mut state = self.world.lock();
            state.weather = Weather::default();
            state.lively = false;
            state.tell(QUIET);
        }
        for house in 0..self.houses.len() {
            self.mend_disk(house);
            self.finish_rounds(house);
            // A fuse may still have been burning.
            self.kill(house, "is killed a last time");
        }
    }

    pub fn mend_disk(&mut self, house: usize) {
        self.houses[house].set_locked(false);
        self.set_full(house, false);
    }

    pub fn set_full(&mut self, house: usize, full: bool) {
        let pages = if full { 1 } else { 1_000_000 };
        let sql = format!("PRAGMA max_page_count = {pages}");
        // A database that is in use stays as it is.
        let _ = finish(self.houses[house].desk.on_connection(move |c| Ok(c.execute_batch(&sql)?)));
    }

    /// Until every mail has arrived and every task has nothing to do.
    fn take_everything_in(&mut self) -> Result<(), String> {
        for _ in 0..50 {
            let clock = self.world.lock().clock.clone();
            let last = self.world.lock().coming.iter().map(|coming| coming.at).max();
            if let Some(last) = last {
                clock.jump(last.max(clock.now()));
            }
            self.world.lock().deliver();
            for house in 0..self.houses.len() {
                self.all_once(house, &ALL_KINDS);
                checks::positions(self, house)?;
            }
            if self.world.lock().coming.is_empty() {
                return Ok(());
            }
        }
        Err("mails never stop coming".to_owned())
    }

    fn all_once(&mut self, house: usize, kinds: &[Kind]) {
        for kind in kinds {
            self.begin(house, *kind);
            self.finish_rounds(house);
        }
    }

    /// Weeks in which nothing happens but what the program itself has to do.
    fn long_quiet(&mut self) -> Result<(), String> {
        let end = self.now() + if self.rings_out { WEEKS } else { DAYS };
        for _ in 0..2000 {
            let mut next: Option<DateTime<Utc>> = None;
            for house in &self.houses {
                let alarm = finish(house.desk.next_alarm()).map_err(|error| error.to_string())?;
                let send = finish(house.desk.next_send()).map_err(|error| error.to_string())?;
                next = next.into_iter().chain(alarm).chain(send).min();
            }
            let coming = self.world.lock().coming.iter().map(|coming| coming.at).min();
            let Some(next) = next.into_iter().chain(coming).min().filter(|next| *next <= end) else {
                return Ok(());
            };
            let clock = self.world.lock().clock.clone();
            clock.jump(next.max(clock.now()));
            self.world.lock().deliver();
            for house in 0..self.houses.len() {
                // A folder is looked at where something may have come.
                let kinds: &[Kind] =
                    if coming.is_some() { &ALL_KINDS } else { &[Kind::Ring, Kind::Sender(0)] };
                self.all_once(house, kinds);
            }
        }
        Err("something rings or is sent for ever".to_owned())
    }

    /// The other way to make a daemon end.
    pub fn arm(&mut self, house: usize, blows: Blows) {
        let length = {
            let chance = &mut self.world.lock().chance;
            let most = chance.one_of(&[30, 300, 3000]);
            chance.below(most)
        };
        self.tell(house, &format!("a fuse burns ({blows:?}, {length})"));
        self.houses[house].arm(blows, length);
    }
}
