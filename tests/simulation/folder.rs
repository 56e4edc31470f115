//! Folders of a mail server, and the source that reads them: it drops, numbers anew, and never lies
//! about a mail that is there.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use triaged::mail::{Arrival, Failure, FolderState, Source};

use super::rounds::pause;
use super::world::World;

/// A mail in a folder.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// Which mail of the world.
    pub mail: usize,
    pub uid: u32,
    pub arrived: DateTime<Utc>,
    /// It was there before the first start: never to be handled.
    pub old: bool,
}

#[derive(Debug)]
pub struct Folder {
    pub validity: u32,
    pub next: u32,
    pub copies: Vec<Item>,
    /// Every place that a mail ever had, with its UIDVALIDITY.
    pub places: Vec<(u32, Item)>,
    /// Runs of the program that ended while a mail of it may have been in hand.
    pub crashes: u32,
}

impl Folder {
    pub fn new(validity: u32) -> Self {
        Self { validity, next: 1, copies: Vec::new(), places: Vec::new(), crashes: 0 }
    }

    pub fn put(&mut self, mail: usize, arrived: DateTime<Utc>, old: bool, gap: u32) -> u32 {
        let uid = self.next + gap;
        self.next = uid + 1;
        let copy = Item { mail, uid, arrived, old };
        self.copies.push(copy);
        self.places.push((self.validity, copy));
        uid
    }

    /// The server makes its numbers anew; `keep` says which mails are still there.
    pub fn renumber(&mut self, validity: u32, mut keep: impl FnMut() -> bool) {
        let before = std::mem::take(&mut self.copies);
        (self.validity, self.next) = (validity, 1);
        for copy in before.into_iter().filter(|_| keep()) {
            self.put(copy.mail, copy.arrived, copy.old, 0);
        }
    }
}

/// Which folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub house: usize,
    pub mailbox: usize,
    pub sent: bool,
}

/// One connection to a mailbox.
#[derive(Debug)]
pub struct FakeSource {
    pub world: Arc<World>,
    pub house: usize,
    pub mailbox: usize,
    /// The open folder and its UIDVALIDITY then.
    pub open: Option<(bool, u32)>,
}

impl FakeSource {
    fn place(&self, folder: &str) -> Place {
        Place { house: self.house, mailbox: self.mailbox, sent: folder == "Sent" }
    }

    fn drops(&mut self) -> Result<(), Failure> {
        let mut state = self.world.lock();
        let often = state.weather.source_drops;
        if state.chance.permille(often) {
            self.open = None;
            return Err(Failure::temporary("the connection was lost"));
        }
        Ok(())
    }
}

impl Source for FakeSource {
    async fn sent(&mut self) -> Result<Option<String>, Failure> {
        Ok(Some("Sent".to_owned()))
    }

    async fn open(&mut self, folder: &str) -> Result<FolderState, Failure> {
        let state = self.status(folder).await?;
        self.open = Some((folder == "Sent", state.validity));
        Ok(state)
    }

    async fn fetch(&mut self, after: u32, most: usize) -> Result<Vec<Arrival>, Failure> {
        pause().await;
        self.drops()?;
        let Some((sent, validity)) = self.open else {
            return Err(Failure::temporary("no folder is open"));
        };
        let place = Place { house: self.house, mailbox: self.mailbox, sent };
        let world = Arc::clone(&self.world);
        let state = world.lock();
        let folder = &state.folders[&place];
        if folder.validity != validity {
            self.open = None;
            return Err(Failure::temporary("the folder was made anew"));
        }
        let above = folder.copies.iter().filter(|copy| copy.uid > after).take(most);
        Ok(above
            .map(|copy| {
                let bytes = state.mails[copy.mail].bytes.clone();
                Arrival { validity, uid: copy.uid, arrived: copy.arrived, size: bytes.len() as u64, bytes }
            })
            .collect())
    }

    async fn status(&mut self, folder: &str) -> Result<FolderState, Failure> {
        pause().await;
        self.drops()?;
        let state = self.world.lock();
        let folder = &state.folders[&self.place(folder)];
        Ok(FolderState { validity: folder.validity, next_uid: folder.next })
    }

    async fn wait(&mut self, _limit: Duration) -> Result<(), Failure> {
        pause().await;
        self.drops()
    }
}

/// The folder of this name.
pub fn folder_of(house: usize, mailbox: usize, name: &str) -> Place {
    Place { house, mailbox, sent: name == "Sent" }
}
