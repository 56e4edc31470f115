//! Any bytes as what a server says, through the real client and a real socket on loopback.

#![allow(dead_code, reason = "each fuzz target uses one of them")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use triaged::config::{ImapConfig, Login, Secret, Security, Server, SmtpConfig};
use triaged::mail::imap::{self, ImapSource};
use triaged::mail::send::{self, SmtpSender};
use triaged::mail::{Failure, Sender, Sent, Source};

/// The name of a fuzz target, and what it runs.
pub type Target = (&'static str, fn(&[u8]));

pub const ALL: [Target; 2] = [("imap", imap), ("smtp", smtp)];

const PASSWORD: &str = "zeer-geheim-4711";
const MAIL: &[u8] = b"Subject: antwoord\r\nMessage-ID: <1@ksyos.nl>\r\n\r\nTot ziens\r\n";
/// Of what a server says so much may end in an error.
const LONGEST_ERROR: usize = 2_000;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());

static SECRET: LazyLock<tempfile::NamedTempFile> = LazyLock::new(|| {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), PASSWORD).unwrap();
    file
});

fn server(port: u16) -> Server {
    Server { host: "127.0.0.1".to_owned(), port, security: Security::None, ca_file: None }
}

fn secret() -> &'static Path {
    SECRET.path()
}

/// Says its bytes to each who connects, whatever they say, and hangs up.
async fn parrot(listener: TcpListener, data: Vec<u8>) {
    loop {
        let Ok((mut tcp, _)) = listener.accept().await else { return };
        // A client that has had enough closes first.
        let _ = tcp.write_all(&data).await;
        let _ = tcp.shutdown().await;
        let mut heard = [0; 4096];
        while tcp.read(&mut heard).await.is_ok_and(|count| count > 0) {}
    }
}

fn beside<T>(data: &[u8], client: impl AsyncFnOnce(u16) -> T) -> T {
    RUNTIME.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::select! {
            () = parrot(listener, data.to_vec()) => unreachable!("it listens for ever"),
            made = client(port) => made,
        }
    })
}

fn told_well(what: &str) {
    assert!(!what.contains(PASSWORD), "the password in an error");
    assert!(!what.contains(char::is_control) && what.len() <= LONGEST_ERROR, "{what:?}");
}

/// The answers of an IMAP server: mails that were asked for, or a failure that can be shown.
pub fn imap(data: &[u8]) {
    let short = Duration::from_millis(500);
    let limits = imap::Limits { connect: short, read: short, done: short };
    beside(data, async |port| {
        let config = ImapConfig {
            server: server(port),
            user: "info".to_owned(),
            login: Login::Password(Secret::File(secret().to_owned())),
            folder: "INBOX".to_owned(),
            sent_folder: None,
            poll: Duration::from_millis(10),
        };
        let mut source = ImapSource::new(config, 1 << 20).with_limits(limits);
        let looked = async {
            source.open("INBOX").await?;
            let first = source.fetch(3, 5).await?;
            source.wait(Duration::from_millis(1)).await?;
            Ok::<_, Failure>(first)
        };
        match looked.await {
            Ok(mails) => {
                let bytes: usize = mails.iter().map(|mail| mail.bytes.len()).sum();
                assert!(bytes <= data.len() + 4096, "{bytes} bytes of mail out of {}", data.len());
                let mut last = 3;
                for mail in mails {
                    assert!(mail.uid > last, "UIDs that ascend");
                    last = mail.uid;
                }
            }
            Err(failure) => told_well(&failure.what),
        }
    });
}

/// The answers of an SMTP server: whatever it says, one of the five ends of an attempt.
pub fn smtp(data: &[u8]) {
    let short = Duration::from_millis(500);
    let limits = send::Limits {
        connect: short,
        command: short,
        content: short,
        altogether: short,
        brief: short,
        ..send::Limits::default()
    };
    beside(data, async |port| {
        let login = Some(("triage".to_owned(), Login::Password(Secret::File(secret().to_owned()))));
        let login = login.filter(|_| data.last().is_some_and(|byte| byte % 2 == 0));
        let config = SmtpConfig { server: server(port), login, connections: 1, per_minute: None };
        let mut sender = SmtpSender::new(config).with_limits(limits);
        match sender.send("klacht@ksyos.nl", "jan@example.org", MAIL).await {
            // Nobody has it unless the server said so after the end of the mail.
            Sent::Accepted => assert!(data.windows(3).any(|three| three == b"354"), "accepted without DATA"),
            Sent::Deferred { what }
            | Sent::Throttled { what, .. }
            | Sent::NotTried { what }
            | Sent::Refused { what, .. }
            | Sent::Uncertain { what } => {
                told_well(&what);
                assert!(!what.contains('@'), "an address in {what:?}");
            }
        }
        sender.rest().await;
    });
}
