//! The certificate of the way out expires: nothing goes out unproved, the admins hear of it by the other
//! way, and once it is renewed everything goes, each letter once.

use std::fs;
use std::time::Duration;

use chrono::TimeDelta;
use triaged::clock::Clock;
use triaged::daemon::Daemon;
use triaged::desk::{Desk, Role};
use triaged::rules::live::Live;

use crate::house::{LIMIT, mail};
use crate::support::certificates::Flaw;
use crate::support::program::triaged;
use crate::support::sink::Privacy;
use crate::support::{Certificates, SmtpSink, eventually};

const ALARM: &str = "[alarm]\ncommand = [\"sh\", \"-c\", \"cat >> alarm.txt && echo == >> alarm.txt\"]\n";

fn laid_out(sink: &SmtpSink, certificates: &Certificates) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(dir.path().join("mail").join(folder)).unwrap();
    }
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let config = format!(
        "rules = {rules:?}\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\nhours = \"00:00-24:00\"\n{}\
         [smtp]\nhost = \"localhost\"\nport = {}\nsecurity = \"tls\"\nca_file = \"{}\"\n\
         [[mailbox]]\nname = \"info\"\naddress = \"info@ksyos.nl\"\ninquiry = \"account\"\n\
         coordinators = [\"team@ksyos.nl\"]\nstart = \"all\"\n[mailbox.maildir]\npath = \"mail\"\n",
        ALARM.replace("alarm.txt", dir.path().join("alarm.txt").to_str().unwrap()),
        sink.port,
        certificates.ca().display(),
    );
    fs::write(dir.path().join("triaged.toml"), config).unwrap();
    dir
}

/// The whole daemon, in this process: its clock can be moved, so that nobody waits for a quarter of an hour.
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_holds_the_letters_is_told_once_and_costs_none_when_it_is_renewed() {
    let certificates = Certificates::with(Some(Flaw::Expired));
    let sink = SmtpSink::private(&certificates, Privacy::Tls, None);
    let dir = laid_out(&sink, &certificates);
    for person in ["a", "b", "c"] {
        fs::write(dir.path().join("mail/new").join(person), mail(person)).unwrap();
    }
    let (config, rules) = triaged::rules::together::load(&dir.path().join("triaged.toml")).unwrap();
    let (live, clock) = (Live::new(rules, config), Clock::system());
    let desk = Desk::open(live.clone(), clock.clone(), Role::Daemon).unwrap();
    let (daemon, control) = Daemon::new(live, desk, clock.clone());
    let running = tokio::spawn(daemon.run());
    let outbox = || -> serde_json::Value {
        let status: serde_json::Value =
            serde_json::from_slice(&triaged(dir.path(), &["status", "--json"]).stdout).unwrap_or_default();
        if status["seen"] == 3 { status["outbox"].clone() } else { serde_json::Value::Null }
    };
    let alarms = || fs::read_to_string(dir.path().join("alarm.txt")).unwrap_or_default();
    let later = |minutes| {
        clock.jump(clock.now() + TimeDelta::minutes(minutes));
        control.clock_moved();
    };

    // A letter to each person and an alert about it, at least.
    let waiting = eventually("all of it waits", LIMIT, || outbox()["waiting"].as_u64().filter(|n| *n >= 3));
    later(14);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(alarms(), "", "a server may be away for a moment");
    later(2);
    let alarm =
        eventually("the admins hear of it", LIMIT, || Some(alarms()).filter(|text| text.contains("==")));
    assert!(alarm.starts_with("triaged: mail versturen lukt niet"), "{alarm}");
    assert!(sink.mails().is_empty(), "nothing goes to a server that cannot prove itself");
    let held = outbox();
    assert!(held["waiting"].as_u64() >= Some(waiting) && held["failed"] == 0, "{held}");

    certificates.issue(None);
    sink.renew(&certificates);
    // What waits longest between two tries.
    later(16);
    eventually("all of it is gone", LIMIT, || (outbox()["waiting"] == 0).then_some(()));
    for person in ["a", "b", "c"] {
        let to = format!("{person}@example.org");
        let letters = sink.mails().iter().filter(|mail| mail.to == to).count();
        assert_eq!(letters, 1, "letters to {person}");
    }
    let told = |mail: &&crate::support::sink::Taken| {
        String::from_utf8_lossy(&mail.bytes).contains("X-Triaged-Alert: outbox")
    };
    assert_eq!(sink.mails().iter().filter(told).count(), 1, "the admins have it in writing, too");
    assert!(sink.mails().iter().all(|mail| mail.private));
    assert_eq!(alarms().matches("==").count(), 1, "once");
    let end = outbox();
    assert_eq!((&end["failed"], &end["uncertain"]), (&0.into(), &0.into()), "{end}");
    control.stop();
    running.await.unwrap().unwrap();
}
