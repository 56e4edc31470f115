//! A file that an admin wrote: read within bounds, parsed as TOML, checked against the shape that
//! the program expects, every fault with file, line and column. Knows nothing of mailboxes or
//! rules; refuses to guess: a value comes out whole or not at all.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

mod brackets;
mod faults;
mod shape;
mod syntax;

pub use faults::{Faults, LocatedFault, Severity};
pub use shape::nearest;

use crate::triage::fault::{Fault, Place, Step};

/// No file that a person writes by hand is larger.
pub const LARGEST_FILE: u64 = 1024 * 1024;

/// Deeper nesting than any rule has; the parser of TOML has a bound of its own above it.
const DEEPEST: usize = 32;

const SAVE_AS_UTF_8: &str = "save the file as UTF-8 (in the editor: \"Save with encoding\")";

/// A text file with its name, the way it is called in faults.
#[derive(Debug, Clone)]
pub struct Document {
    /// As it is shown.
    pub file: PathBuf,
    /// Without byte order mark, LF line ends.
    pub text: String,
}

/// A byte span in [`Document::text`].
pub type Span = std::ops::Range<usize>;

impl Document {
    #[must_use]
    pub fn new(file: &Path, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // A carriage return alone ended a line on old systems, and some editors still write it.
        Self { file: file.to_path_buf(), text: text.replace("\r\n", "\n").replace('\r', "\n") }
    }

    /// Reads a text file of at most [`LARGEST_FILE`] bytes.
    ///
    /// # Errors
    /// One fault that says why it cannot be used.
    pub fn read(file: &Path) -> Result<Self, Box<LocatedFault>> {
        Self::from_bytes(file, &read_bounded(file)?)
    }

    /// # Errors
    /// Where the bytes are no text: a fault at the first byte that is none.
    pub fn from_bytes(file: &Path, bytes: &[u8]) -> Result<Self, Box<LocatedFault>> {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            let what = "this file is saved as UTF-16 (\"Unicode\")";
            return Err(Box::new(LocatedFault::of_file(file, what, SAVE_AS_UTF_8)));
        }
        if bytes.contains(&0) {
            return Err(Box::new(LocatedFault::of_file(
                file,
                "this is a binary file, not a text",
                "put a text file here, or move this one out of the folder",
            )));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(file, text)),
            Err(error) => {
                let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let good = String::from_utf8_lossy(good);
                let document = Self::new(file, &good);
                let end = document.text.len();
                Err(Box::new(document.fault_in(
                    end..end,
                    "a character that is not UTF-8".to_owned(),
                    SAVE_AS_UTF_8.to_owned(),
                )))
            }
        }
    }

    /// A fault at a stretch of the text.
    #[must_use]
    pub fn fault_in(&self, span: Span, what: String, remedy: String) -> LocatedFault {
        LocatedFault::in_text(&self.file, &self.text, span, what, remedy)
    }

    /// Parses the text and checks it against the schema of `T`. Every fault lands in `faults`;
    /// unknown keys do not hide what else may be wrong, so a value can come out beside them.
    pub fn parse<T: DeserializeOwned + JsonSchema>(&self, faults: &mut Faults) -> Option<Parsed<T>> {
        let (mut table, errors) = DeTable::parse_recoverable(&self.text);
        if !errors.is_empty() {
            faults.0.extend(syntax::faults(self));
            return None;
        }
        let map = Map::of(table.get_ref());
        let schema = schemars::schema_for!(T).to_value();
        let found = shape::check(&mut table, &schema);
        for fault in found.faults {
            faults.push(self.fault_in(fault.span, fault.what, fault.remedy));
        }
        if found.fatal {
            return None;
        }
        match T::deserialize(toml::de::Deserializer::from(table)) {
            Ok(value) => Some(Parsed { value, map }),
            Err(error) => {
                faults.push(self.fault_in(
                    error.span().unwrap_or(0..0),
                    error.message().replace('\n', ", "),
                    String::new(),
                ));
                None
            }
        }
    }

    /// A core fault with its place looked up.
    #[must_use]
    pub fn locate(&self, map: &Map, fault: &Fault) -> LocatedFault {
        self.fault_in(map.span(&fault.place), fault.what.clone(), fault.remedy.clone())
    }
}

/// A value and where each of its parts stands.
#[derive(Debug)]
pub struct Parsed<T> {
    pub value: T,
    pub map: Map,
}

/// Where each key and value of a TOML file stands.
#[derive(Debug, Default)]
pub struct Map {
    span: Span,
    inside: Inside,
}

#[derive(Debug, Default)]
enum Inside {
    #[default]
    Nothing,
    /// Name, place of the name, value.
    Table(Vec<(String, Span, Map)>),
    Array(Vec<Map>),
}

impl Map {
    fn of(table: &DeTable) -> Self {
        Self { span: 0..0, inside: Self::table(table, 0) }
    }

    fn table(table: &DeTable, depth: usize) -> Inside {
        let entries = table.iter().map(|(key, value)| {
            let inside = Self::value(value.get_ref(), value.span(), depth + 1);
            (key.get_ref().to_string(), key.span(), inside)
        });
        Inside::Table(entries.collect())
    }

    fn value(value: &DeValue, span: Span, depth: usize) -> Self {
        let inside = match value {
            _ if depth > DEEPEST => Inside::Nothing,
            DeValue::Table(table) => Self::table(table, depth),
            DeValue::Array(array) => {
                let items = array.iter().map(|item| Self::value(item.get_ref(), item.span(), depth + 1));
                Inside::Array(items.collect())
            }
            _ => Inside::Nothing,
        };
        Self { span, inside }
    }

    /// The value at `place`; of a table its name; where there is none, the nearest thing around it.
    #[must_use]
    pub fn span(&self, place: &Place) -> Span {
        let (mut here, mut best) = (self, self.span.clone());
        for step in &place.0 {
            let next = match (&here.inside, step) {
                (Inside::Table(entries), Step::Key(name)) => {
                    entries.iter().find(|(key, ..)| key == name).map(|(_, at, value)| (at.clone(), value))
                }
                (Inside::Array(items), Step::Index(index)) => {
                    items.get(*index).map(|value| (value.span.clone(), value))
                }
                _ => None,
            };
            let Some((at, value)) = next else { break };
            best = if matches!(value.inside, Inside::Table(_)) { at } else { value.span.clone() };
            here = value;
        }
        best
    }
}

fn read_bounded(file: &Path) -> Result<Vec<u8>, Box<LocatedFault>> {
    let fault = |what: String, remedy: &str| Box::new(LocatedFault::of_file(file, &what, remedy));
    let unreadable = |error: &std::io::Error| match error.kind() {
        ErrorKind::NotFound => fault("there is no such file".to_owned(), "write it, or name another"),
        ErrorKind::PermissionDenied => fault(
            "it may not be read by this user".to_owned(),
            "give the user of triaged the right to read it",
        ),
        _ => fault(format!("it cannot be read: {error}"), ""),
    };
    // A fifo or a device would wait for ever.
    let what = fs::metadata(file).map_err(|error| unreadable(&error))?;
    if what.is_dir() {
        return Err(fault(
            "this is a folder, not a file".to_owned(),
            "move it away, or give it another name",
        ));
    }
    if !what.is_file() {
        return Err(fault("this is not a regular file".to_owned(), "put a text file here"));
    }
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|open| open.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(fault(
            "it is larger than 1 MiB".to_owned(),
            "a rule file has a few kilobytes: is this the right one?",
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
