//! The shipped rule files and letters, spoilt in hundreds of ways as hands, editors, disks and tools
//! spoil them: a clear fault or a whole set, never a panic, never half a set. The ways are the same
//! at each run; the number of a failing one is in its message.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use triaged::document::{Document, LocatedFault, Severity};
use triaged::mail::parse::parse;
use triaged::rules::inspect;
use triaged::triage::reading::{Context, read};
use triaged::triage::ruleset::RuleSet;

/// At least 300, and each file several times.
const EACH: usize = 9;

/// Vocabularies that stay out of the way while another file is spoilt: reading them takes a while.
const HEAVY: [&str; 6] = ["machines", "text", "people", "dates", "description", "languages"];

const MAIL: &[u8] = b"From: Jan de Boer <jan@example.org>\r\nTo: klacht@ksyos.nl\r\nSubject: Klacht over factuur F-2026\r\n\r\n\
    Goedendag,\r\n\r\nOp 3 november ging het mis met mijn ECG. Naam: Jan de Boer, tel 06-12345678.\r\n\r\nGroet, Jan\r\n";

/// Numbers that only look as if they were drawn (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every rule file and every letter, as paths within the folder of rules.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (folder, ending) in [("", "toml"), ("letters", "txt")] {
        for entry in fs::read_dir(root().join("rules").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|found| found == ending) {
                files.push(Path::new(folder).join(path.file_name().unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// The shipped rules; of the heavy files only the one that is spoilt.
fn lay_out(dir: &Path, files: &[PathBuf], spoilt: &Path) {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir.join("letters")).unwrap();
    for file in files {
        let heavy = HEAVY.contains(&file.file_stem().unwrap().to_str().unwrap());
        if heavy && file != spoilt {
            fs::write(dir.join(file), "# nothing\n").unwrap();
        } else {
            fs::copy(root().join("rules").join(file), dir.join(file)).unwrap();
        }
    }
}

/// Spoils a file in one of the ways; says which.
#[expect(clippy::too_many_lines, reason = "a list of ways")]
fn spoil(path: &Path, way: usize, dice: &mut Dice) -> &'static str {
    let bytes = fs::read(path).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let at = dice.below(bytes.len());
    let edited = |edit: &mut dyn FnMut(&str) -> String, dice: &mut Dice| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let worth: Vec<usize> = (0..lines.len())
            .filter(|i| !lines[*i].trim().is_empty() && !lines[*i].starts_with('#'))
            .collect();
        let at = *dice.one(&worth);
        lines[at] = edit(&lines[at]);
        fs::write(path, lines.join("\n") + "\n").unwrap();
    };
    let marks = ["\"", "'", "[", "]", "{", "}", "=", ",", "{{", "%}", "(", "*", "\\", "#"];
    let (mark, other) = (*dice.one(&marks), *dice.one(&marks));
    match way % 24 {
        0 => edited(&mut |_| String::new(), dice),
        1 => edited(&mut |line| format!("{line}\n{line}"), dice),
        2 => edited(&mut |line| line.replacen(mark, "", 1), dice),
        3 => edited(&mut |line| line.replacen(mark, other, 1), dice),
        4 => edited(&mut |line| line.chars().take(line.chars().count() / 2).collect(), dice),
        5 => edited(&mut |line| line.replacen(['a', 'e', 'i', 'n'], "", 1), dice),
        6 => edited(&mut |line| line.replace('"', "\u{201d}"), dice),
        7 => edited(&mut |line| line.replacen('=', ":", 1), dice),
        8 => edited(&mut |line| line.split('=').next().unwrap().to_owned() + "= -99999999999999999999", dice),
        9 => edited(&mut |line| line.split('=').next().unwrap().to_owned() + "= 2026-02-30", dice),
        10 => edited(&mut |line| line.split('=').next().unwrap().to_owned() + "= [[[{}]]]", dice),
        11 => edited(&mut |line| format!("{line} \u{1b}[31m\u{202e}\u{a0}"), dice),
        12 => edited(&mut |line| line.repeat(500), dice),
        13 => edited(&mut |line| line.replacen('e', "(?:é{1000}){1000}", 1), dice),
        14 => {
            edited(&mut |line| format!("{line}{{% for a in missing %}}{{{{ a.b.c }}}}{{% endfor %}}"), dice);
        }
        15 => fs::write(path, &bytes[..at]).unwrap(),
        16 => fs::write(path, [&bytes[..at], &[0xff, 0xe9, 0x80], &bytes[at..]].concat()).unwrap(),
        17 => fs::write(path, [&bytes[..at], &[0], &bytes[at..]].concat()).unwrap(),
        18 => fs::write(path, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap(),
        19 => fs::write(path, format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap(),
        20 => fs::write(path, text.replace('\n', "\r")).unwrap(),
        21 => fs::remove_file(path).unwrap(),
        22 => {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }
        _ => {
            fs::remove_file(path).unwrap();
            std::os::unix::fs::symlink("/etc/passwd", path).unwrap();
        }
    }
    [
        "line gone",
        "line twice",
        "mark gone",
        "mark changed",
        "half a line",
        "letter gone",
        "curly quotes",
        "colon",
        "huge number",
        "a date",
        "nested",
        "invisible",
        "repeated",
        "pattern too large",
        "statement",
        "cut off",
        "not UTF-8",
        "binary",
        "UTF-16",
        "CRLF and BOM",
        "CR",
        "deleted",
        "a folder",
        "a link out",
    ][way % 24]
}

#[test]
fn three_hundred_ways_to_spoil_the_rules_end_in_a_fault_or_in_a_whole_set() {
    let files = files();
    let ways: Vec<(usize, &PathBuf)> = files.iter().cycle().take(files.len() * EACH).enumerate().collect();
    assert!(ways.len() >= 300, "{} files", files.len());
    let hands = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for some in ways.chunks(ways.len().div_ceil(hands)) {
            scope.spawn(|| some.iter().for_each(|(number, file)| one(*number, file, &files)));
        }
    });
}

fn one(number: usize, file: &Path, files: &[PathBuf]) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("rules");
    lay_out(&folder, files, file);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (number as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95));
    // Coprime steps: each file meets other ways.
    let way = spoil(&folder.join(file), number / files.len() + number * 5, &mut dice);
    let about = format!("{number}: {}, {way}", file.display());

    let (rules, faults) = inspect(&folder);
    assert_eq!(rules.is_none(), faults.fatal(), "{about}: a set exactly where nothing is an error\n{faults}");
    for fault in &faults.0 {
        told_well(fault, &folder, &about);
    }
    if let Some(rules) = rules {
        works(&rules, &about);
    }
}

/// A fault says what and what to do, and its place is where it says.
fn told_well(fault: &LocatedFault, folder: &Path, about: &str) {
    assert!(fault.file.starts_with(folder), "{about}: {fault}");
    assert!(!fault.what.is_empty() && !fault.remedy.is_empty(), "{about}: {fault}");
    let shown = fault.to_string();
    assert!(!shown.contains(['\u{1b}', '\0', '\r']), "{about}: nothing in it can steer a terminal");
    assert!(shown.len() < 4_000, "{about}: {} bytes", shown.len());
    if fault.line == 0 {
        return;
    }
    let Ok(document) = Document::read(&fault.file) else { return };
    let line = document.text.split('\n').nth(fault.line - 1);
    let line = line.unwrap_or_else(|| panic!("{about}: there is no line {}\n{fault}", fault.line));
    let from: String = line.chars().skip(fault.column - 1).collect();
    assert!(fault.column <= line.chars().count() + 1 && fault.end >= fault.column, "{about}: {fault}");
    assert!(from.starts_with(&fault.text), "{about}: {:?} does not stand there\n{fault}", fault.text);
    assert!(matches!(fault.severity, Severity::Error | Severity::Warning));
}

/// A set that is taken can read a mail.
fn works(rules: &RuleSet, about: &str) {
    assert_eq!(rules.digest.len(), 16, "{about}");
    assert!(!rules.inquiries.is_empty(), "{about}");
    let config = triaged::config::load(&root().join("fixtures/demo/triaged.toml")).unwrap();
    let surroundings = &config.surroundings;
    let message = parse(MAIL, MAIL.len() as u64);
    let mailbox = surroundings.mailbox("klacht").unwrap();
    let arrived = "2026-11-23T10:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let arrived = arrived.with_timezone(&surroundings.time_zone);
    let reading = read(&message, Context { rules, surroundings, mailbox, arrived, expecting: &[] });
    assert!(reading.fields.len() <= rules.fields.list.len(), "{about}");
}
