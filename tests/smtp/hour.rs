//! The real outbox over the wire to a server that takes nothing for an hour of a clock that tests move.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use triaged::clock::Clock;
use triaged::desk::{Desk, Role, send_each};
use triaged::mail::Arrival;
use triaged::mail::send::SmtpSender;
use triaged::rules::live::{Guidance, Live};
use triaged::triage::decide::Folder;

use super::support::SmtpSink;
use super::support::sink::{Act, Taken};
use super::{config, hasty};

const PEOPLE: usize = 20;

fn desk(folder: &std::path::Path, port: u16, clock: &Clock) -> Desk {
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules");
    let text = format!(
        "rules = \"{}\"\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[smtp]\nhost = \"localhost\"\nport = {port}\n\
         security = \"none\"\nper_minute = 30\n[[mailbox]]\nname = \"klacht\"\naddress = \"klacht@ksyos.nl\"\n\
         inquiry = \"complaint\"\ncoordinators = [\"noor@ksyos.nl\"]\n[mailbox.maildir]\npath = \"m\"\n",
        rules.display()
    );
    let file = folder.join("triaged.toml");
    std::fs::write(&file, text).unwrap();
    let guidance = Guidance {
        rules: Arc::new(triaged::rules::load(&rules).unwrap()),
        config: Arc::new(triaged::config::load(&file).unwrap()),
    };
    Desk::open(Live::of(guidance), clock.clone(), Role::Daemon).unwrap()
}

/// Each of these people complains about two things, so that two letters wait for each.
async fn people_write(desk: &Desk, clock: &Clock) {
    for number in 0..2 * PEOPLE {
        let (person, about) = (number % PEOPLE, number / PEOPLE);
        let bytes = format!(
            "Return-Path: <p{person}@example.org>\r\nFrom: Persoon {person} <p{person}@example.org>\r\n\
             Subject: klacht {about}\r\nMessage-ID: <p{person}.{about}@example.org>\r\n\r\n\
             Goedendag,\r\n\r\nIk heb een klacht over mijn holteronderzoek.\r\n"
        );
        let arrival = Arrival {
            validity: 1,
            uid: u32::try_from(number).unwrap() + 1,
            arrived: clock.now(),
            size: bytes.len() as u64,
            bytes: bytes.into_bytes(),
        };
        desk.receive("klacht", Folder::Inbox, "INBOX", vec![arrival]).await.unwrap();
    }
}

#[tokio::test]
async fn after_an_hour_of_4xx_all_goes_out_in_order_within_the_limit_and_alerts_have_their_share() {
    let (refusing, tries) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let sink = SmtpSink::scripted({
        let (refusing, tries) = (Arc::clone(&refusing), Arc::clone(&tries));
        move |_, word, _| {
            let here = word == "RCPT" && refusing.load(Ordering::SeqCst);
            tries.fetch_add(usize::from(here), Ordering::SeqCst);
            here.then(|| Act::Say("451 4.3.0 mail system trouble".to_owned()))
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::standing("2026-11-23T09:00:00Z".parse().unwrap());
    let desk = desk(folder.path(), sink.port, &clock);
    people_write(&desk, &clock).await;
    let mut sender = SmtpSender::new(config(sink.port)).with_limits(hasty());
    let (begun, mut delivered): (DateTime<Utc>, Vec<(DateTime<Utc>, Taken)>) = (clock.now(), Vec::new());
    let mut longest = TimeDelta::zero();
    while let Some(next) = desk.next_send().await.unwrap() {
        longest = longest.max(next - clock.now());
        clock.jump(next.max(clock.now()));
        refusing.store(clock.now() - begun < TimeDelta::hours(1), Ordering::SeqCst);
        let rows = desk.take(16).await.unwrap();
        let ends = send_each(&mut sender, rows, || true).await;
        desk.settle(ends).await.unwrap();
        let fresh = sink.mails().split_off(delivered.len());
        delivered.extend(fresh.into_iter().map(|mail| (clock.now(), mail)));
        assert!(clock.now() - begun < TimeDelta::hours(2), "it does not drain");
    }
    assert!(longest <= TimeDelta::seconds(120), "a try at least every two minutes: {longest}");
    assert!(tries.load(Ordering::SeqCst) > 30, "it was tried all the hour");
    drained(&delivered, begun);
}

fn drained(delivered: &[(DateTime<Utc>, Taken)], begun: DateTime<Utc>) {
    let word = |mail: &Taken, name: &str| {
        let text = String::from_utf8_lossy(&mail.bytes).into_owned();
        text.lines().find_map(|line| line.strip_prefix(name).map(|rest| rest.trim().to_owned()))
    };
    // In the order in which they were decided: case numbers ascend.
    let mut letters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (at, mail) in delivered {
        assert!(*at - begun >= TimeDelta::hours(1));
        if mail.to.ends_with("@example.org") {
            letters.entry(mail.to.clone()).or_default().push(word(mail, "X-Triaged-Case:").unwrap());
        }
    }
    assert_eq!(letters.len(), PEOPLE);
    for (person, cases) in &letters {
        assert!(cases.len() == 2 && cases.is_sorted(), "{person}: {cases:?}");
    }
    // The coordinator hears of the cases from the first minute on, not behind all letters.
    let alert = |mail: &Taken| word(mail, "X-Triaged-Alert:").is_some();
    let alerts = delivered.iter().filter(|(_, mail)| alert(mail)).count();
    assert!(alerts >= 2 * PEOPLE, "{alerts} alerts");
    let (first, _) = delivered[0];
    let early: Vec<_> = delivered.iter().filter(|(at, _)| *at - first < TimeDelta::minutes(1)).collect();
    let among = early.iter().filter(|(_, mail)| alert(mail)).count();
    assert!(among > 0 && among < early.len(), "{among} alerts among the first {}", early.len());
    for (at, _) in delivered {
        let minute =
            delivered.iter().filter(|(other, _)| *other >= *at && *other - *at < TimeDelta::minutes(1));
        assert!(minute.count() <= 30, "more than 30 in the minute from {at}");
    }
}
