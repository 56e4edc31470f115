//! What can happen at any moment of the bad days.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use triaged::triage::decide::Order;

use super::folder::Place;
use super::house::Blows;
use super::mails::{Text, Truth};
use super::people;
use super::play::Play;
use super::rounds::{Kind, finish};
use super::world::{MAILBOXES, Weather, address};

#[derive(Debug, Clone, Copy)]
enum Happening {
    Step,
    Begin,
    Open,
    Burst,
    Unanswerable,
    Again,
    Neighbour,
    Seconds,
    Hours,
    Asleep,
    Kill,
    Stop,
    Fuse(Blows),
    Lock,
    Full,
    Renumber,
    Weather,
    Order,
}

const HAPPENINGS: [(usize, Happening); 19] = [
    (560, Happening::Step),
    (180, Happening::Begin),
    (40, Happening::Open),
    (4, Happening::Burst),
    (20, Happening::Unanswerable),
    (15, Happening::Again),
    (15, Happening::Neighbour),
    (60, Happening::Seconds),
    (16, Happening::Hours),
    (4, Happening::Asleep),
    (8, Happening::Kill),
    (5, Happening::Stop),
    (14, Happening::Fuse(Blows::Kill)),
    (14, Happening::Fuse(Blows::Fail)),
    (8, Happening::Lock),
    (8, Happening::Full),
    (6, Happening::Renumber),
    (14, Happening::Weather),
    (10, Happening::Order),
];

impl Play {
    /// One of them.
    pub fn bad_moment(&mut self) {
        let (what, house, mailbox) = {
            let chance = &mut self.world.lock().chance;
            let house = chance.below(self.houses.len());
            (chance.weighted(&HAPPENINGS), house, chance.below(MAILBOXES.len()))
        };
        let place = Place { house, mailbox, sent: false };
        match what {
            Happening::Step => self.any_step(house),
            Happening::Begin => self.begin_any(house, mailbox),
            Happening::Open => self.somebody_writes(place, 1),
            Happening::Burst => self.somebody_writes(place, 7),
            Happening::Unanswerable => people::send_unanswerable(&mut self.world.lock(), place),
            Happening::Again => self.again(place),
            Happening::Neighbour => self.neighbour_writes(place),
            Happening::Seconds => self.wait(90, 1),
            Happening::Hours => self.awake(house),
            Happening::Asleep => self.wait(80, 3600),
            Happening::Kill => self.kill(house, "is killed"),
            Happening::Stop => self.stop(house),
            Happening::Fuse(blows) => self.arm(house, blows),
            Happening::Lock => self.lock_or_unlock(house),
            Happening::Full => self.fill_or_mend(house),
            Happening::Renumber => self.renumber(house, mailbox),
            Happening::Weather => self.weather_changes(),
            Happening::Order => self.order(house),
        }
    }

    pub fn put_old_mail(&mut self, house: usize, mailbox: usize) {
        let mut state = self.world.lock();
        for _ in 0..state.chance.below(3) {
            let number = state.mails.len();
            let (from, to) = (format!("old{number}@mail.example"), address(house, mailbox));
            let text =
                Text { from: &from, to: &to, subject: "Klacht", headers: "", body: "Een oude klacht.\n" };
            let mail = state.write(Truth::Old, "an old mail", &text);
            let before = state.clock.now() - TimeDelta::days(3);
            state.put(Place { house, mailbox, sent: false }, mail, before, 0);
        }
    }

    fn any_step(&mut self, house: usize) {
        let all = self.houses[house].rounds.len();
        if all == 0 {
            let mailbox = self.world.lock().chance.below(MAILBOXES.len());
            self.begin_any(house, mailbox);
        } else {
            let at = self.world.lock().chance.below(all);
            self.step(house, at);
        }
    }

    fn begin_any(&mut self, house: usize, mailbox: usize) {
        let kinds =
            [(5, Kind::Mailbox(mailbox)), (2, Kind::Sender(0)), (2, Kind::Sender(1)), (2, Kind::Ring)];
        let kind = self.world.lock().chance.weighted(&kinds);
        self.begin(house, kind);
    }

    fn somebody_writes(&mut self, place: Place, times: usize) {
        let mut state = self.world.lock();
        if state.is_crowded() {
            return;
        }
        let from = format!("p{}@mail.example", state.mails.len());
        for _ in 0..times {
            let mail = people::open(&mut state, &from, place);
            if state.chance.permille(150) {
                let other = Place { mailbox: (place.mailbox + 1) % MAILBOXES.len(), ..place };
                state.send_in(mail, other, 0);
            }
        }
    }

    /// A mail comes once more: to the same mailbox or to another, of the same house.
    fn again(&mut self, place: Place) {
        let mut state = self.world.lock();
        let there: Vec<usize> = state
            .folders
            .iter()
            .filter(|(at, _)| at.house == place.house && !at.sent)
            .flat_map(|(_, folder)| folder.copies.iter().map(|copy| copy.mail))
            .filter(|mail| state.mails[*mail].truth != Truth::Old)
            .collect();
        if !there.is_empty() {
            let mail = there[state.chance.below(there.len())];
            state.send_in(mail, place, 0);
        }
    }

    /// A colleague of the other house writes from its mailbox, which another triaged watches.
    fn neighbour_writes(&mut self, place: Place) {
        if self.houses.len() < 2 {
            return;
        }
        let mut state = self.world.lock();
        let mailbox = state.chance.below(MAILBOXES.len());
        let from = address(1 - place.house, mailbox);
        people::open(&mut state, &from, place);
    }

    fn wait(&mut self, most: usize, unit: i64) {
        let (clock, time) = {
            let mut state = self.world.lock();
            let time = i64::try_from(1 + state.chance.below(most)).unwrap() * unit;
            (state.clock.clone(), TimeDelta::seconds(time))
        };
        clock.jump(clock.now() + time);
        if time.num_hours() > 0 {
            self.world.lock().tell(&format!("{} hours later", time.num_hours()));
        }
    }

    /// Hours in which the daemon does its work.
    fn awake(&mut self, house: usize) {
        let hops = 1 + self.world.lock().chance.below(6);
        for _ in 0..hops {
            self.wait(5, 3600);
            self.world.lock().deliver();
            self.begin(house, Kind::Ring);
            self.begin(house, Kind::Mailbox(0));
            self.begin(house, Kind::Mailbox(1));
            self.begin(house, Kind::Sender(0));
            for _ in 0..60 {
                if self.houses[house].rounds.is_empty() || self.houses[house].is_killed() {
                    break;
                }
                self.any_step(house);
            }
        }
    }

    fn stop(&mut self, house: usize) {
        self.tell(house, "is asked to stop");
        self.blame_what_is_in_hand(house, false);
        self.houses[house].stopping.store(true, Ordering::Relaxed);
        for _ in 0..200 {
            if self.houses[house].rounds.is_empty() || self.houses[house].is_killed() {
                break;
            }
            self.any_step(house);
        }
        if self.houses[house].rounds.is_empty() && !self.houses[house].is_killed() {
            self.houses[house].restart();
            self.begun[house] = self.now();
        } else {
            self.kill(house, "does not end in time and is killed");
        }
    }

    fn lock_or_unlock(&mut self, house: usize) {
        let locked = self.houses[house].is_locked();
        self.tell(house, if locked { "the database is free again" } else { "the database is in use" });
        self.houses[house].set_locked(!locked);
    }

    fn fill_or_mend(&mut self, house: usize) {
        let full = self.world.lock().chance.permille(400);
        self.tell(house, if full { "the disk is full" } else { "the disk has room" });
        self.set_full(house, full);
    }

    fn renumber(&mut self, house: usize, mailbox: usize) {
        let mut state = self.world.lock();
        let sent = state.chance.permille(300);
        let place = Place { house, mailbox, sent };
        let mut folder = state.folders.remove(&place).unwrap();
        let validity = folder.validity + 1 + u32::try_from(state.chance.below(3)).unwrap();
        folder.renumber(validity, || !state.chance.permille(50));
        state.folders.insert(place, folder);
        state.tell(&format!("{} is numbered anew: {validity}", super::world::folder_name(place)));
    }

    fn weather_changes(&mut self) {
        let mut state = self.world.lock();
        let mut often = |all: &[usize]| state.chance.one_of(all);
        let weather = Weather {
            source_drops: often(&[0, 0, 20, 100, 300]),
            loses_line: often(&[0, 0, 50, 300]),
            defers: often(&[0, 0, 100, 500]),
            refuses: often(&[0, 0, 50, 200]),
            hangs: often(&[0, 0, 50]),
            server_away: often(&[0, 0, 0, 1]) == 1,
        };
        state.tell(&format!("the weather changes: {weather:?}"));
        state.weather = weather;
    }

    /// A coordinator gives an order about a case.
    fn order(&mut self, house: usize) {
        let numbers = super::checks::numbers(&self.houses[house].look());
        if numbers.is_empty() {
            return;
        }
        let (number, order) = {
            let chance = &mut self.world.lock().chance;
            let order = match chance.below(4) {
                0 => Order::Answer { note: None },
                1 => Order::Close { outcome: "klaar".to_owned() },
                2 => Order::Reopen,
                _ => Order::Note { text: "gebeld".to_owned() },
            };
            (numbers[chance.below(numbers.len())].clone(), order)
        };
        let end = finish(self.houses[house].desk.order(&number, order.clone(), "Noor"));
        let end = end.map_or_else(|error| error.to_string(), |()| "done".to_owned());
        self.tell(house, &format!("order about {number}: {order:?}: {end}"));
        self.world.lock().touched_numbers.insert(format!("{house} {number}"));
    }
}
