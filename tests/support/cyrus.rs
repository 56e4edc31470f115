//! A private Cyrus IMAP server, of another line of descent than Dovecot.
//!
//! Debian's package conflicts with Dovecot's, so `tests/run` only fetches it (and the libraries that it
//! needs) and it is unpacked here, beside its mail. It refuses to run as root.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::dovecot::Person;
use super::{Dovecot, end_group, eventually, free_port};

const LIMIT: Duration = Duration::from_secs(30);

/// What it calls the folder of sent mail, which it marks as such: no usual name.
pub const SENT: &str = "Verstuurd";

/// Runs until it is dropped. Whoever logs in has a mailbox, whatever the password.
#[derive(Debug)]
pub struct Cyrus {
    folder: TempDir,
    pub port: u16,
    child: Option<Child>,
}

impl Cyrus {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut cyrus = Self { folder, port: free_port(), child: None };
        cyrus.unpack();
        cyrus.configure();
        cyrus.run();
        cyrus
    }

    /// An IMAP session of a person who uses the mailbox.
    pub fn person(&self, user: &str) -> Person {
        Person::log_in(self.port, user)
    }

    pub fn append(&self, user: &str, folder: &str, mail: &[u8]) -> u32 {
        self.person(user).append(folder, "", None, mail)
    }

    /// Takes a user's mailbox away. It is made anew when somebody logs in, with another UIDVALIDITY.
    pub fn delete_mailbox(&self, user: &str) {
        let mut admin = self.person("admin");
        admin.run(&format!("SETACL user/{user} admin lrswipkxtecda"));
        admin.run(&format!("DELETE user/{user}"));
    }

    pub fn password_file(&self) -> PathBuf {
        let file = self.path().join("password");
        fs::write(&file, Dovecot::password("klacht")).unwrap();
        file
    }

    /// Stops the server; its mail stays.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        end_group(&mut child);
    }

    /// Starts it again on the same port.
    pub fn restart(&mut self) {
        self.stop();
        self.run();
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn program(&self, name: &str) -> PathBuf {
        self.path().join("root/usr/lib/cyrus/bin").join(name)
    }

    fn unpack(&self) {
        let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/cyrus");
        let files = fs::read_dir(&fetched).into_iter().flatten().flatten().map(|file| file.path());
        let packages: Vec<PathBuf> =
            files.filter(|file| file.extension().is_some_and(|kind| kind == "deb")).collect();
        assert!(!packages.is_empty(), "this test needs Cyrus: tests/run fetches it to {}", fetched.display());
        for package in packages {
            let mut command = Command::new("dpkg-deb");
            command.arg("-x").arg(&package).arg(self.path().join("root"));
            assert!(command.status().unwrap().success(), "{}", package.display());
        }
    }

    fn configure(&self) {
        let path = self.path().display();
        for folder in
            ["conf/db", "conf/lock", "conf/log", "conf/msg", "conf/proc", "conf/quota", "conf/socket"]
        {
            fs::create_dir_all(self.path().join(folder)).unwrap();
        }
        fs::create_dir_all(self.path().join("mail")).unwrap();
        let imapd = format!(
            "configdirectory: {path}/conf\ndefaultpartition: default\npartition-default: {path}/mail\n\
             proc_path: {path}/conf/proc\nmboxname_lockpath: {path}/conf/lock\nidlesocket: {path}/conf/socket/idle\n\
             cyrus_user: nobody\ncyrus_group: nogroup\nadmins: admin\nservername: localhost\n\
             sasl_pwcheck_method: alwaystrue\nsasl_mech_list: PLAIN LOGIN\nallowplaintext: yes\n\
             virtdomains: off\nunixhierarchysep: yes\naltnamespace: yes\n\
             autocreate_quota: 0\nautocreate_inbox_folders: {SENT}\nxlist-sent: {SENT}\n"
        );
        fs::write(self.path().join("imapd.conf"), imapd).unwrap();
        let program = |name: &str| format!("{} -C {path}/imapd.conf", self.program(name).display());
        let services = format!(
            "START {{\n recover cmd=\"{} -r\"\n}}\nDAEMON {{\n idled cmd=\"{}\"\n}}\n\
             SERVICES {{\n imap cmd=\"{}\" listen=\"127.0.0.1:{}\" prefork=1\n}}\nEVENTS {{\n}}\n",
            program("ctl_cyrusdb"),
            program("idled"),
            program("imapd"),
            self.port,
        );
        fs::write(self.path().join("cyrus.conf"), services).unwrap();
        let mut own = Command::new("chown");
        own.args(["-R", "nobody:nogroup", "conf", "mail"]).current_dir(self.path());
        assert!(own.status().unwrap().success(), "these tests have to run as root");
    }

    /// Where Debian keeps libraries of this machine's kind, in what was unpacked.
    fn libraries(&self) -> PathBuf {
        let folders = fs::read_dir(self.path().join("root/usr/lib")).unwrap().flatten();
        let found = folders.map(|folder| folder.path()).find(|folder| folder.join("libcyrus.so.0").exists());
        found.unwrap()
    }

    fn run(&mut self) {
        let log = fs::File::create(self.path().join("start")).unwrap();
        let child = Command::new(self.program("master"))
            .env("LD_LIBRARY_PATH", self.libraries())
            .arg("-D")
            .arg("-C")
            .arg(self.path().join("imapd.conf"))
            .arg("-M")
            .arg(self.path().join("cyrus.conf"))
            .arg("-p")
            .arg(self.path().join("conf/pid"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn();
        self.child = Some(child.unwrap());
        eventually("Cyrus greets", LIMIT, || {
            if let Ok(Some(status)) = self.child.as_mut().unwrap().try_wait() {
                let start = fs::read_to_string(self.path().join("start")).unwrap_or_default();
                panic!(
                    "Cyrus ended with {status} (tests/run installs the libraries that it needs):\n{start}"
                );
            }
            Person::greets(self.port).then_some(())
        });
    }
}

impl Drop for Cyrus {
    fn drop(&mut self) {
        self.stop();
    }
}
