//! Mail as `.eml` files in a folder: for a first look, and for systems that fetch them there.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::mail::{Failure, Sender, Sent};

/// Writes each mail as a file named after its Message-ID, so that a second attempt is the same file.
#[derive(Debug)]
pub struct DirectorySender {
    path: PathBuf,
}

impl DirectorySender {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes the folder where it is missing, and writes there.
    pub async fn check(&mut self) -> Result<(), Failure> {
        let path = self.path.clone();
        let failed = |error: &io::Error| unusable(&self.path, error);
        match spawn_blocking(move || write(&path, ".check", b"").and_then(fs::remove_file)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::permanent(failed(&error))),
            Err(_) => Err(Failure::temporary("writing was interrupted")),
        }
    }
}

impl Sender for DirectorySender {
    async fn send(&mut self, _from: &str, _to: &str, bytes: &[u8]) -> Sent {
        let (path, name, bytes) = (self.path.clone(), file_name(bytes), bytes.to_vec());
        match spawn_blocking(move || write(&path, &name, &bytes)).await {
            Ok(Ok(_)) => Sent::Accepted,
            Ok(Err(error)) => Sent::Deferred { what: unusable(&self.path, &error) },
            Err(_) => Sent::Deferred { what: "writing the mail was interrupted".to_owned() },
        }
    }

    async fn rest(&mut self) {}
}

fn unusable(path: &Path, error: &io::Error) -> String {
    format!("no mail can be written to the folder {}: {error}", path.display())
}

/// Whole or not at all: written beside its place and then renamed.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    let (half, whole) = (folder.join(format!(".{name}.part")), folder.join(name));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&half, &whole)?;
    // The name itself must last, too, before anybody is told that the mail is out.
    fs::File::open(folder)?.sync_all()?;
    Ok(whole)
}

/// A file name from the Message-ID: letters, digits and `.-_@` only, and never hidden.
fn file_name(bytes: &[u8]) -> String {
    let id: String = message_id(bytes)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_@.".contains(c) { c } else { '_' })
        .take(150)
        .collect();
    let id = id.trim_start_matches('.');
    if id.is_empty() {
        let digest = Sha256::digest(bytes);
        let mut name = String::new();
        for byte in digest.iter().take(16) {
            let _ = write!(name, "{byte:02x}");
        }
        return name + ".eml";
    }
    format!("{id}.eml")
}

fn message_id(bytes: &[u8]) -> String {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let mut header = lines.take_while(|line| !line.is_empty());
    let is_id = |line: &[u8]| line.get(..11).is_some_and(|name| name.eq_ignore_ascii_case(b"message-id:"));
    let Some(line) = header.find(|line| is_id(line)) else { return String::new() };
    let mut value = String::from_utf8_lossy(line.get(11..).unwrap_or_default()).trim().to_owned();
    if value.is_empty() {
        // Folded: the value stands on the next line (RFC 5322 §2.2.3).
        String::from_utf8_lossy(header.next().unwrap_or_default()).trim().clone_into(&mut value);
    }
    value.trim_matches(['<', '>']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_mail_and_stays_in_its_folder() {
        assert_eq!(file_name(b"Subject: a\r\nMessage-ID: <k1.7@ksyos.nl>\r\n\r\nb"), "k1.7@ksyos.nl.eml");
        assert_eq!(file_name(b"message-id:\r\n <k1@ksyos.nl>\r\n\r\n"), "k1@ksyos.nl.eml");
        assert_eq!(file_name(b"Message-ID: <../../etc/passwd>\r\n\r\n"), "_.._etc_passwd.eml");
        assert!(!file_name(b"Subject: none\r\n\r\nMessage-ID: <body@x>").contains("body"));
    }

    #[tokio::test]
    async fn a_mail_sent_twice_is_one_file_that_only_we_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut sender = DirectorySender::new(folder.path().join("outbox"));
        let mail = b"Message-ID: <a@b>\r\n\r\ntext\r\n";
        for _ in 0..2 {
            assert_eq!(sender.send("a@b", "c@d", mail).await, Sent::Accepted);
        }
        let files: Vec<_> = fs::read_dir(folder.path().join("outbox")).unwrap().flatten().collect();
        let [file] = files.as_slice() else { panic!("{files:?}") };
        assert_eq!(fs::read(file.path()).unwrap(), mail);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_defers_the_mail() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut sender = DirectorySender::new(file.path().join("outbox"));
        assert!(matches!(sender.send("a@b", "c@d", b"\r\n").await, Sent::Deferred { .. }));
    }
}
