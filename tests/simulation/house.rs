//! One daemon with its disk: started, killed at any instant, started again on what the disk then held.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;
use triaged::clock::Clock;
use triaged::config::Config;
use triaged::desk::{Chance, Desk, DeskError, Role};
use triaged::rules::live::{Guidance, Live};
use triaged::triage::ruleset::RuleSet;

use super::line::house_name;
use super::rounds::{Gate, Round};
use super::world::{COORDINATORS, MAILBOXES, address, coordinator};

/// The fuse is looked at each time that `SQLite` has done so many of its smallest steps.
const GRAIN: i32 = 1;

static RULES: LazyLock<Arc<RuleSet>> =
    LazyLock::new(|| Arc::new(triaged::rules::load(&repository().join("rules")).unwrap()));
static CONFIGS: LazyLock<[Config; 2]> = LazyLock::new(|| [config(0), config(1)]);

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn config(house: usize) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let host = format!("{}.example", house_name(house).to_lowercase());
    let mut text = format!(
        "rules = \"{}\"\ndatabase = \"triaged.db\"\n[alerts]\nadmin = [\"beheer@{host}\"]\n\
         [receiver]\nauthserv_ids = [\"mx.{host}\"]\n[outbox]\ndirectory = \"out\"\n",
        repository().join("rules").display()
    );
    for (mailbox, name) in MAILBOXES.iter().enumerate() {
        let inquiry = ["complaint", "invoice"][mailbox];
        let staff: Vec<String> = COORDINATORS[mailbox].iter().map(|c| coordinator(house, c)).collect();
        let _ = write!(
            text,
            "[[mailbox]]\nname = {name:?}\naddress = {:?}\ninquiry = {inquiry:?}\ncoordinators = {staff:?}\n\
             [mailbox.maildir]\npath = \"{name}\"\n",
            address(house, mailbox)
        );
    }
    let file = folder.path().join("triaged.toml");
    fs::write(&file, text).unwrap();
    triaged::config::load(&file).unwrap()
}

/// What a fuse does when it blows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blows {
    /// The disk as it is at that instant is what the next start finds.
    Kill = 1,
    /// The statement at work fails, as with an I/O error.
    Fail = 2,
}

/// Burns down while `SQLite` works, and blows in the middle of whatever that is then.
#[derive(Debug, Default)]
struct Fuse {
    left: AtomicI64,
    blows: AtomicU8,
    blown: AtomicBool,
    /// Folder of the database now, and where its copy goes.
    disks: Mutex<(PathBuf, PathBuf)>,
    gate: Arc<Gate>,
}

impl Fuse {
    fn new(gate: &Arc<Gate>) -> Self {
        Self { gate: Arc::clone(gate), ..Self::default() }
    }

    /// True: the statement must fail.
    fn burn(&self) -> bool {
        self.gate.pass();
        let blows = self.blows.load(Ordering::Relaxed);
        if blows == 0 || self.left.fetch_sub(1, Ordering::Relaxed) > 0 {
            return false;
        }
        self.blows.store(0, Ordering::Relaxed);
        if blows == Blows::Kill as u8 {
            let disks = self.disks.lock().unwrap();
            copy(&disks.0, &disks.1);
        }
        self.blown.store(true, Ordering::Relaxed);
        true
    }
}

/// What another process would find if this one were killed now.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in ["triaged.db", "triaged.db-wal"] {
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

pub struct House {
    pub index: usize,
    root: TempDir,
    runs: u32,
    clock: Clock,
    chance: Chance,
    fuse: Arc<Fuse>,
    /// Somebody else holds the database.
    lock: Option<Connection>,
    pub desk: Desk,
    pub rounds: Vec<Round>,
    /// Its disk failed in this run by more than being full: not even a mail could be put back.
    pub has_failed: bool,
    /// It was asked to stop: what is begun is finished, nothing new is begun.
    pub stopping: Arc<AtomicBool>,
}

impl House {
    pub fn new(index: usize, clock: Clock, gate: &Arc<Gate>) -> Self {
        let memory = Path::new("/dev/shm");
        let root = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let (chance, fuse) = (Chance::guessable(), Arc::new(Fuse::new(gate)));
        fs::create_dir(root.path().join("0")).unwrap();
        let desk = open(index, &root.path().join("0"), &clock, &chance, &fuse);
        let stopping = Arc::new(AtomicBool::new(false));
        let has_failed = false;
        Self {
            has_failed,
            index,
            root,
            runs: 0,
            clock,
            chance,
            fuse,
            lock: None,
            desk,
            rounds: Vec::new(),
            stopping,
        }
    }

    fn disk(&self) -> PathBuf {
        self.root.path().join(self.runs.to_string())
    }

    fn next_disk(&self) -> PathBuf {
        self.root.path().join((self.runs + 1).to_string())
    }

    /// Puts a fuse of this length in.
    pub fn arm(&mut self, blows: Blows, length: usize) {
        *self.fuse.disks.lock().unwrap() = (self.disk(), self.next_disk());
        self.fuse.blown.store(false, Ordering::Relaxed);
        self.has_failed |= blows == Blows::Fail;
        self.fuse.left.store(i64::try_from(length).unwrap(), Ordering::Relaxed);
        self.fuse.blows.store(blows as u8, Ordering::Relaxed);
    }

    /// A fuse that kills has blown.
    pub fn is_killed(&self) -> bool {
        self.fuse.blown.load(Ordering::Relaxed) && self.next_disk().exists()
    }

    /// Killed: at the instant that a fuse has caught, else now. Starts again on what is left.
    pub fn kill(&mut self) {
        if !self.is_killed() {
            copy(&self.disk(), &self.next_disk());
        }
        self.rounds.clear();
        self.lock = None;
        self.has_failed = false;
        let old = self.disk();
        self.runs += 1;
        self.fuse.blows.store(0, Ordering::Relaxed);
        self.fuse.blown.store(false, Ordering::Relaxed);
        self.desk = open(self.index, &self.disk(), &self.clock, &self.chance, &self.fuse);
        fs::remove_dir_all(old).unwrap();
    }

    /// Ended in order and started again.
    pub fn restart(&mut self) {
        self.rounds.clear();
        self.lock = None;
        self.has_failed = false;
        self.fuse.blows.store(0, Ordering::Relaxed);
        copy(&self.disk(), &self.next_disk());
        let old = self.disk();
        self.runs += 1;
        self.desk = open(self.index, &self.disk(), &self.clock, &self.chance, &self.fuse);
        fs::remove_dir_all(old).unwrap();
        self.stopping.store(false, Ordering::Relaxed);
    }

    /// Another program takes the database for itself, or gives it back.
    pub fn set_locked(&mut self, locked: bool) {
        self.has_failed |= locked;
        self.lock = locked.then(|| {
            let other = Connection::open(self.disk().join("triaged.db")).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            other
        });
    }

    pub fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// A look that the program knows nothing of.
    pub fn look(&self) -> Connection {
        let path = self.disk().join("triaged.db");
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }
}

fn open(index: usize, disk: &Path, clock: &Clock, chance: &Chance, fuse: &Arc<Fuse>) -> Desk {
    let mut config = CONFIGS[index].clone();
    config.database = disk.join("triaged.db");
    let live = Live::of(Guidance { rules: Arc::clone(&RULES), config: Arc::new(config) });
    let fuse = Arc::clone(fuse);
    Desk::open_with(live, clock.clone(), Role::Daemon, chance.clone(), move |connection| {
        // Nobody else is patient either.
        connection.busy_timeout(Duration::from_millis(1))?;
        connection.pragma_update(None, "wal_autocheckpoint", 30)?;
        connection.progress_handler(GRAIN, Some(move || fuse.burn())).map_err(DeskError::from)
    })
    .unwrap()
}
