//! Refresh tokens on the disk: one file each, readable by its owner alone, replaced whole. While one is
//! being used for a new one nobody else may use it: a provider may take a second use for theft.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::http::LIMIT;
use super::{Failure, Hidden};

/// Whoever holds the lock is asking the endpoint, which has its own limit.
const PATIENCE: Duration = Duration::from_secs(LIMIT.as_secs() + 5);

/// The right to use and replace a refresh token, until it is dropped.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _lock: File,
}

impl Held {
    /// Waits until no other process uses the token of this file.
    pub async fn take(path: &Path) -> Result<Self, Failure> {
        let trouble = |error: &io::Error| unusable(path, error);
        let lock = prepare(path).map_err(|error| trouble(&error))?;
        let end = Instant::now() + PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { path: path.to_owned(), _lock: lock }),
                Err(TryLockError::Error(error)) => return Err(trouble(&error)),
                Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                    return Err(Failure::temporary(format!(
                        "another triaged holds the refresh token {} and does not let go",
                        path.display()
                    )));
                }
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// The token that is kept; `None` where nobody has signed in.
    pub fn read(&self) -> Result<Option<Hidden>, Failure> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(Hidden::new)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(&self.path, &error)),
        }
    }

    /// Puts another token in its place. The old one is there until the new one is safely on the disk.
    pub fn replace(&self, token: &Hidden) -> Result<(), Failure> {
        self.write(token).map_err(|error| unusable(&self.path, &error))
    }

    fn write(&self, token: &Hidden) -> io::Result<()> {
        let beside = beside(&self.path, ".new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(token.reveal().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        belong(&beside, folder);
        fs::rename(&beside, &self.path)?;
        File::open(folder)?.sync_all()
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes folder and lock file where they are missing.
fn prepare(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    if !folder.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if let Some(state) = folder.parent() {
            belong(folder, state);
        }
    }
    let lock = beside(path, ".lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&lock)?;
    belong(&lock, folder);
    Ok(file)
}

/// `triaged login` may run as root: what it writes must belong to the daemon's user, as its folder does.
/// Only root can give a file away; where it fails, reading it says so.
fn belong(path: &Path, to: &Path) {
    if let (Ok(own), Ok(folder)) = (fs::metadata(path), fs::metadata(to))
        && (own.uid(), own.gid()) != (folder.uid(), folder.gid())
    {
        let _ = chown(path, Some(folder.uid()), Some(folder.gid()));
    }
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::permanent(format!("the refresh token {} cannot be read or replaced: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_refresh_token_is_its_owners_alone_and_never_half_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("triaged.db.tokens/ms");
        let held = Held::take(&path).await.unwrap();
        assert_eq!(held.read().unwrap(), None);
        // What an interrupted replacement leaves behind counts for nothing.
        fs::write(beside(&path, ".new"), "half").unwrap();
        assert_eq!(held.read().unwrap(), None);
        for token in ["first", "second"] {
            held.replace(&Hidden::new(token)).unwrap();
            assert_eq!(held.read().unwrap(), Some(Hidden::new(token)));
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert!(!beside(&path, ".new").exists());
    }

    #[tokio::test]
    async fn a_token_is_used_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens/ms");
        let held = Held::take(&path).await.unwrap();
        let second = tokio::time::timeout(Duration::from_millis(200), Held::take(&path)).await;
        assert!(second.is_err(), "the first still has it");
        drop(held);
        Held::take(&path).await.unwrap();
    }
}
