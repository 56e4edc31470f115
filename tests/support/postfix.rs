//! A private Postfix that takes mail from whoever a private Dovecot lets in, and puts it into a Maildir.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::{Dovecot, end_group, eventually, free_port};

const LIMIT: Duration = Duration::from_secs(20);

/// What its master starts: the least that takes a mail and delivers it.
const SERVICES: &str = "pickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\n\
    qmgr unix n - n 300 1 qmgr\nrewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\n\
    defer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\nproxymap unix - - n - - proxymap\n\
    anvil unix - - n - 1 anvil\nvirtual unix - n n - - virtual\nerror unix - - n - - error\n\
    retry unix - - n - - error\npostlog unix-dgram n - n - 1 postlogd\n";

/// Runs until it is dropped.
#[derive(Debug)]
pub struct Postfix {
    folder: TempDir,
    pub port: u16,
    child: Child,
}

impl Postfix {
    /// Asks this Dovecot who may send.
    pub fn start(dovecot: &Dovecot) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Its processes run as other users and pass through here.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = free_port();
        configure(folder.path(), port, &dovecot.who_may_send());
        let child = Command::new("/usr/lib/postfix/sbin/master")
            .arg("-c")
            .arg(folder.path())
            .arg("-d")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let child = child.expect("this test needs Postfix: install the package postfix and run it as root");
        let postfix = Self { folder, port, child };
        eventually("Postfix greets", LIMIT, || {
            let mut tcp = TcpStream::connect(("127.0.0.1", port)).ok()?;
            tcp.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
            let mut greeting = [0; 4];
            tcp.read_exact(&mut greeting).ok().filter(|()| &greeting == b"220 ")?;
            tcp.write_all(b"QUIT\r\n").ok()
        });
        postfix
    }

    /// The mails of an address at `example.org`, as they were delivered.
    pub fn mails(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path().join("mail/all/new")).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        end_group(&mut self.child);
    }
}

fn configure(folder: &Path, port: u16, who_may_send: &Path) {
    let queues =
        "active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace pid";
    for queue in queues.split(' ') {
        fs::create_dir_all(folder.join("queue").join(queue)).unwrap();
    }
    for name in ["data", "mail"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    let own = |owner: &str, names: &[&str]| {
        let mut command = Command::new("chown");
        command.arg(owner).args(names).current_dir(folder);
        assert!(command.status().unwrap().success(), "this test has to run as root, with Postfix installed");
    };
    own("postfix", &["data"]);
    for queue in queues.split(' ').filter(|queue| *queue != "pid") {
        own("postfix", &[&format!("queue/{queue}")]);
    }
    own("postfix:postdrop", &["queue/public", "queue/maildrop"]);
    own("nobody:nogroup", &["mail"]);
    for (queue, mode) in [("public", 0o710), ("maildrop", 0o730), ("private", 0o700)] {
        fs::set_permissions(folder.join("queue").join(queue), fs::Permissions::from_mode(mode)).unwrap();
    }
    let (here, sasl) = (folder.display(), who_may_send.display());
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {here}/queue\ndata_directory = {here}/data\n\
         daemon_directory = /usr/lib/postfix/sbin\ncommand_directory = /usr/sbin\ninet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\nmyhostname = mail.test\nmydestination =\nmynetworks = 127.0.0.2/32\n\
         maillog_file = {here}/log\nmaillog_file_prefixes = {here}\nalias_maps =\n\
         smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {sasl}\n\
         smtpd_sasl_security_options = noanonymous\nsmtpd_sasl_authenticated_header = yes\n\
         smtpd_relay_restrictions = permit_sasl_authenticated, reject\n\
         smtpd_recipient_restrictions = permit_sasl_authenticated, reject\n\
         virtual_mailbox_domains = example.org\nvirtual_mailbox_base = {here}/mail\n\
         virtual_mailbox_maps = static:all/\nvirtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\n"
    );
    fs::write(folder.join("main.cf"), main).unwrap();
    fs::write(folder.join("master.cf"), format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}"))
        .unwrap();
}
