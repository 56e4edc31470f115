//! Tasks that die, in a daemon with real tasks beside them.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::desk::Role;

/// A daemon over an empty Maildir, its handles, and the folder of both.
pub(super) fn daemon() -> (Daemon, Control, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("triaged.toml");
    let rules = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(dir.path().join("mail").join(folder)).unwrap();
    }
    let text = format!(
        "rules = {rules:?}\n[[mailbox]]\nname = \"klacht\"\naddress = \"klacht@ksyos.example\"\n\
         inquiry = \"complaint\"\ncoordinators = [\"c@ksyos.example\"]\n[mailbox.maildir]\npath = \"mail\"\n\
         [outbox]\ndirectory = \"outbox\"\n"
    );
    std::fs::write(&file, text).unwrap();
    let (daemon, control) = daemon_in(dir.path());
    (daemon, control, dir)
}

/// Another one in the same folder.
pub(super) fn daemon_in(dir: &std::path::Path) -> (Daemon, Control) {
    let (config, rules) = crate::rules::together::load(&dir.join("triaged.toml")).unwrap();
    let (live, clock) = (Live::new(rules, config), Clock::system());
    let desk = Desk::open(live.clone(), clock.clone(), Role::Daemon).unwrap();
    Daemon::new(live, desk, clock)
}

#[tokio::test]
async fn a_task_that_dies_is_begun_once_more_and_then_ends_the_daemon_by_its_name() {
    let (Daemon { around, .. }, control, _dir) = daemon();
    for (deaths, end) in [(2, Some("odd".to_owned())), (1, None)] {
        let begun = Arc::new(AtomicUsize::new(0));
        let mut lasting = Tasks::new(&around, around.stop.clone());
        let counted = Arc::clone(&begun);
        lasting.add("odd", move |mut around| {
            let lasts = counted.fetch_add(1, Ordering::SeqCst) >= deaths;
            async move {
                if lasts {
                    around.stop.asked().await;
                }
            }
        });
        let stopping = async {
            while begun.load(Ordering::SeqCst) < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            if deaths == 1 {
                control.stop();
            }
        };
        let changed = Notify::new();
        let (died, ()) = tokio::join!(until_stopped(&around, &mut lasting, &changed), stopping);
        assert_eq!((died, begun.load(Ordering::SeqCst)), (end, 2));
    }
}

#[tokio::test]
async fn a_panic_is_a_death_like_any_other() {
    let (Daemon { around, .. }, _control, _dir) = daemon();
    let mut tasks = Tasks::new(&around, around.stop.clone());
    tasks.add("panics", |around| async move {
        assert!(around.stop.is_asked(), "never: it dies of this");
    });
    assert_eq!(tasks.died().await, "panics");
}
