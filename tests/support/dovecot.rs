//! A private Dovecot with the three mailboxes of the examples.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::certificates::Flaw;
use super::{Certificates, end_group, eventually, free_port};

/// The users; the password of each is its name and `-geheim`.
pub const USERS: [&str; 3] = ["administratie", "info", "klacht"];

const LIMIT: Duration = Duration::from_secs(20);

/// What a private Dovecot is like.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub tls: bool,
    /// Of its certificate.
    pub flaw: Option<Flaw>,
    pub without_idle: bool,
    /// The port of a token server whose access tokens count here, too.
    pub tokens: Option<u16>,
    /// Without it a login takes one more step.
    pub without_sasl_ir: bool,
    /// The mechanisms that take a token; none named: both.
    pub mechanisms: Option<&'static str>,
}

/// Runs until it is dropped.
#[derive(Debug)]
pub struct Dovecot {
    folder: TempDir,
    options: Options,
    pub port: u16,
    /// TLS from the first byte; 0 without TLS.
    pub tls_port: u16,
    pub certificates: Option<Certificates>,
    child: Option<Child>,
}

impl Dovecot {
    /// Without TLS.
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    pub fn start_with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Dovecot's own processes run as other users and pass through here.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut dovecot = Self {
            folder,
            options,
            port: free_port(),
            tls_port: if options.tls { free_port() } else { 0 },
            certificates: options.tls.then(|| Certificates::with(options.flaw)),
            child: None,
        };
        dovecot.configure();
        dovecot.run();
        dovecot
    }

    pub fn password(user: &str) -> String {
        format!("{user}-geheim")
    }

    /// A file that holds the password of a user.
    pub fn password_file(&self, user: &str) -> PathBuf {
        let file = self.path().join(format!("password-{user}"));
        fs::write(&file, Self::password(user)).unwrap();
        file
    }

    /// The Maildir of a user.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.path().join("mail").join(user)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    /// Stops the server; its mail stays.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        end_group(&mut child);
    }

    /// Ends every session of a user, as an administrator does.
    pub fn kick(&self, user: &str) {
        let configuration = self.path().join("dovecot.conf");
        eventually("a session to end", LIMIT, || {
            let mut command = Command::new("doveadm");
            command.arg("-c").arg(&configuration).args(["kick", user]).stderr(Stdio::null());
            command.output().ok().filter(|output| output.status.success())
        });
    }

    /// Starts it again on the same ports.
    pub fn restart(&mut self) {
        self.stop();
        self.run();
    }

    /// Freezes all its processes, or lets them go on: connections stay and nothing answers.
    pub fn freeze(&self, frozen: bool) {
        let group = format!("-{}", self.child.as_ref().unwrap().id());
        let signal = if frozen { "-STOP" } else { "-CONT" };
        assert!(Command::new("kill").args([signal, "--", &group]).status().unwrap().success());
    }

    /// Gives the inbox of a user another UIDVALIDITY, as a restored backup has; the server is down meanwhile.
    pub fn number_anew(&mut self, user: &str) {
        self.stop();
        let list = self.maildir(user).join("dovecot-uidlist");
        let text = fs::read_to_string(&list).unwrap();
        let (head, mails) = text.split_once('\n').unwrap();
        let another = |word: &str| match word.strip_prefix('V') {
            Some(number) => format!("V{}", number.parse::<u32>().unwrap() + 1_000),
            None => word.to_owned(),
        };
        let head: Vec<String> = head.split(' ').map(another).collect();
        fs::write(&list, format!("{}\n{mails}", head.join(" "))).unwrap();
        for index in fs::read_dir(self.maildir(user)).unwrap().flatten() {
            if index.file_name().to_string_lossy().starts_with("dovecot.index") {
                fs::remove_file(index.path()).unwrap();
            }
        }
        self.run();
    }

    /// An IMAP session of a person who uses the mailbox.
    pub fn person(&self, user: &str) -> Person {
        Person::log_in(self.port, user)
    }

    /// Puts a mail into a folder; its UID.
    pub fn append(&self, user: &str, folder: &str, mail: &[u8]) -> u32 {
        self.person(user).append(folder, "", None, mail)
    }

    /// Makes the folder anew, so that its UIDVALIDITY changes and it is empty.
    pub fn recreate(&self, user: &str, folder: &str) {
        let mut person = self.person(user);
        let status = format!("STATUS {folder} (UIDVALIDITY)");
        let line = |person: &mut Person| person.run(&status).lines().next().unwrap().to_owned();
        let before = line(&mut person);
        // Dovecot takes the time in seconds for it.
        eventually("a new UIDVALIDITY", LIMIT, || {
            person.run(&format!("DELETE {folder}"));
            person.run(&format!("CREATE {folder}"));
            (line(&mut person) != before).then_some(())
        });
    }

    /// Where a Postfix asks who may send; there with `tokens`.
    pub fn who_may_send(&self) -> PathBuf {
        self.path().join("who-may-send")
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn configure(&self) {
        let path = self.path().display();
        for folder in ["mail", "run", "state"] {
            fs::create_dir_all(self.path().join(folder)).unwrap();
        }
        // Dovecot keeps nobody's mail as root.
        let owned = Command::new("chown").arg("nobody:nogroup").arg(self.path().join("mail")).status();
        assert!(owned.unwrap().success(), "these tests have to run as root");
        let users = USERS.map(|user| format!("{user}:{{PLAIN}}{}::::::\n", Self::password(user)));
        fs::write(self.path().join("users"), users.concat()).unwrap();
        let tls = match &self.certificates {
            None => "ssl = no\n".to_owned(),
            Some(files) => format!(
                "ssl = yes\nssl_cert = <{}\nssl_key = <{}\n",
                files.certificate().display(),
                files.key().display()
            ),
        };
        let capability = match self.options {
            Options { without_idle: true, .. } => "imap_capability = IMAP4rev1 UIDPLUS\n",
            Options { without_sasl_ir: true, .. } => "imap_capability = IMAP4rev1 UIDPLUS IDLE\n",
            _ => "",
        };
        let by_token = self.by_token();
        // Who is refused on purpose need not be made to wait for it.
        let hurry = if self.options.tokens.is_some() { "auth_failure_delay = 0\n" } else { "" };
        let penalty = if self.options.tokens.is_some() {
            " unix_listener anvil-auth-penalty {\n mode = 0\n }\n"
        } else {
            ""
        };
        let mechanisms = match self.options.tokens {
            None => "",
            Some(_) => self.options.mechanisms.unwrap_or("xoauth2 oauthbearer"),
        };
        let (port, tls_port) = (self.port, self.tls_port);
        let configuration = format!(
            "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {path}/run\nstate_dir = {path}/state\n\
             log_path = {path}/log\ndefault_login_user = nobody\ndefault_internal_user = nobody\n\
             default_internal_group = nogroup\ndisable_plaintext_auth = no\nauth_mechanisms = plain login {mechanisms}\n\
             mail_location = maildir:{path}/mail/%n\nmail_uid = nobody\nmail_gid = nogroup\nfirst_valid_uid = 0\n\
             first_valid_gid = 0\nmaildir_stat_dirs = yes\nmail_max_userip_connections = 50\n\
             imap_idle_notify_interval = 30 secs\nmailbox_list_index = no\n{capability}{tls}{hurry}\
             {by_token}passdb {{\n  driver = passwd-file\n  args = {path}/users\n}}\n\
             userdb {{\n  driver = static\n  args = uid=nobody gid=nogroup home={path}/mail/%n\n}}\n\
             namespace inbox {{\n  inbox = yes\n  separator = /\n  mailbox Sent {{\n    auto = create\n  }}\n\
             \x20 mailbox \"Post/Verzonden & geïnd\" {{\n    special_use = \\Sent\n  }}\n\
             \x20 mailbox \"[Gmail]/Verzonden berichten\" {{\n    special_use = \\Sent\n  }}\n}}\n\
             service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {port}\n  }}\n\
             \x20 inet_listener imaps {{\n    port = {tls_port}\n    ssl = yes\n  }}\n}}\n\
             service anvil {{\n  chroot =\n{penalty}}}\nservice stats {{\n  chroot =\n}}\n"
        );
        fs::write(self.path().join("dovecot.conf"), configuration).unwrap();
    }

    /// Asks the token server about each access token, as its user.
    fn by_token(&self) -> String {
        let Some(port) = self.options.tokens else { return String::new() };
        let file = self.path().join("oauth2.conf");
        let settings = format!(
            "introspection_mode = auth\nintrospection_url = http://127.0.0.1:{port}/introspect\n\
             username_attribute = user\nactive_attribute = active\nactive_value = true\n"
        );
        fs::write(&file, settings).unwrap();
        format!(
            "service auth {{\n  unix_listener {} {{\n    mode = 0666\n  }}\n}}\n\
             passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {}\n}}\n",
            self.who_may_send().display(),
            file.display()
        )
    }

    fn run(&mut self) {
        let log = File::create(self.path().join("start")).unwrap();
        let child = Command::new("dovecot")
            .args(["-F", "-c"])
            .arg(self.path().join("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn();
        let child =
            child.expect("these tests need Dovecot: install the package dovecot-imapd and run them as root");
        self.child = Some(child);
        eventually("Dovecot greets", LIMIT, || {
            if let Ok(Some(status)) = self.child.as_mut().unwrap().try_wait() {
                let start = fs::read_to_string(self.path().join("start")).unwrap_or_default();
                panic!(
                    "Dovecot ended with {status} (it has to be started as root):\n{start}\n{}",
                    self.log()
                );
            }
            Person::greets(self.port).then_some(())
        });
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Somebody else who uses the mailbox: plain IMAP, one command at a time.
#[derive(Debug)]
pub struct Person {
    tcp: BufReader<TcpStream>,
}

impl Person {
    /// Whether an IMAP server listens there.
    pub(super) fn greets(port: u16) -> bool {
        let greeted = TcpStream::connect(("127.0.0.1", port)).and_then(|mut tcp| {
            tcp.set_read_timeout(Some(Duration::from_secs(5)))?;
            let mut greeting = [0; 4];
            tcp.read_exact(&mut greeting).map(|()| &greeting == b"* OK")
        });
        greeted.unwrap_or(false)
    }

    pub(super) fn log_in(port: u16, user: &str) -> Self {
        let tcp = TcpStream::connect(("127.0.0.1", port)).unwrap();
        tcp.set_read_timeout(Some(LIMIT)).unwrap();
        let mut person = Self { tcp: BufReader::new(tcp) };
        person.line();
        person.run(&format!("LOGIN {user} {}", Dovecot::password(user)));
        person
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.tcp.read_line(&mut line).unwrap() > 0, "the server closed the connection");
        line
    }

    fn answers(&mut self) -> String {
        let mut all = String::new();
        loop {
            let line = self.line();
            all.push_str(&line);
            if line.starts_with("a ") {
                assert!(line.starts_with("a OK"), "{all}");
                return all;
            }
        }
    }

    /// Runs a command that must succeed; all lines of the answer. Not for answers with literals.
    pub fn run(&mut self, command: &str) -> String {
        write!(self.tcp.get_mut(), "a {command}\r\n").unwrap();
        self.answers()
    }

    /// `flags` such as `\\Seen`, `date` such as ` 2-Nov-2026 21:11:34 +0100`. The UID of the mail.
    pub fn append(&mut self, folder: &str, flags: &str, date: Option<&str>, mail: &[u8]) -> u32 {
        let date = date.map(|date| format!(" \"{date}\"")).unwrap_or_default();
        write!(self.tcp.get_mut(), "a APPEND {folder} ({flags}){date} {{{}}}\r\n", mail.len()).unwrap();
        let line = self.line();
        assert!(line.starts_with('+'), "{line}");
        self.tcp.get_mut().write_all(mail).unwrap();
        self.tcp.get_mut().write_all(b"\r\n").unwrap();
        let answer = self.answers();
        let uid = answer.split("[APPENDUID ").nth(1).and_then(|rest| rest.split([' ', ']']).nth(1));
        uid.and_then(|uid| uid.parse().ok()).unwrap_or_else(|| panic!("no UID in {answer}"))
    }

    /// The flags of every mail of a folder, as the server lists them.
    pub fn flags(&mut self, folder: &str) -> String {
        self.run(&format!("EXAMINE {folder}"));
        let all = self.run("UID FETCH 1:* (FLAGS)");
        all.lines().filter(|line| line.starts_with('*')).collect::<Vec<_>>().join("\n")
    }

    pub fn delete(&mut self, folder: &str, uid: u32) {
        self.run(&format!("SELECT {folder}"));
        self.run(&format!("UID STORE {uid} +FLAGS (\\Deleted)"));
        self.run(&format!("UID EXPUNGE {uid}"));
    }
}
