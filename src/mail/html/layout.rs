//! Lines out of blocks, cells and quotes.

use super::Page;
use super::elements::{DEPTH, Tag, is_block, is_unseen, is_void};

/// The line that stands for a horizontal rule, as Outlook writes it in plain text.
const RULE: &str = "________________________________";

/// Quote marks on one line; deeper quotes look like this deep.
const QUOTES: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Hidden,
    Quote,
    Preformatted,
    Bullets,
    Numbers(u32),
    Row { cells: u32 },
}

/// An element with an effect and how many of its own name are open inside it.
#[derive(Debug)]
struct Open {
    name: Vec<u8>,
    effect: Effect,
    same: u32,
}

/// The page as laid out so far.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about the line and the page, not a state"
)]
pub struct Layout {
    out: String,
    limit: usize,
    may_hide: bool,
    images: bool,
    open: Vec<Open>,
    hidden: usize,
    quotes: usize,
    preformatted: usize,
    /// Line ends owed before the next word; two make an empty line.
    owed: usize,
    /// Tabs owed before the next word of this row.
    tabs: usize,
    space: bool,
    /// What is bold at the start of a line or of a column is the label of what comes behind a blank.
    labelled: bool,
    /// What is bold now began there.
    leads: bool,
    /// The current line has something on it.
    begun: bool,
    /// Empty lines in a row.
    empty: usize,
    /// The page's style sheet takes the margins off its paragraphs.
    tight: bool,
    /// The last paragraph has margins.
    loose: bool,
    in_style: bool,
}

impl Layout {
    pub fn new(limit: usize, may_hide: bool) -> Self {
        Self {
            out: String::new(),
            limit,
            may_hide,
            images: false,
            open: Vec::new(),
            hidden: 0,
            quotes: 0,
            preformatted: 0,
            owed: 0,
            tabs: 0,
            space: false,
            labelled: false,
            leads: false,
            begun: false,
            empty: 0,
            tight: false,
            loose: false,
            in_style: false,
        }
    }

    pub fn is_full(&self) -> bool {
        self.out.len() >= self.limit
    }

    pub fn finish(mut self) -> Page {
        let end = self.out.trim_end_matches([' ', '\n']).len();
        self.out.truncate(end);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        Page { text: self.out, images: self.images, cut: false }
    }

    pub fn start(&mut self, tag: &Tag) {
        let name = tag.name.as_slice();
        self.in_style = name == b"style";
        self.images |= name == b"img" && self.hidden == 0;
        match name {
            // Both end with the next of their kind, with or without an end tag.
            b"p" | b"li" => self.close_implied(name),
            b"body" => self.end(b"head"),
            _ => {}
        }
        let before = self.open.len();
        let hides = is_unseen(name) || self.may_hide && tag.is_hidden();
        if hides && !is_void(name) {
            self.push(name, Effect::Hidden);
        }
        if self.hidden == 0 {
            self.start_shown(tag);
        }
        // One without an effect of its own must not end the one around it of the same name.
        if self.open.len() == before
            && let Some(outer) = self.open.iter_mut().rev().find(|open| open.name == name)
        {
            outer.same += 1;
        }
    }

    fn start_shown(&mut self, tag: &Tag) {
        let name = tag.name.as_slice();
        match name {
            b"br" => return self.break_line(),
            b"td" | b"th" => return self.start_cell(),
            b"b" | b"strong" => {
                self.leads = !self.begun || self.owed > 0 || self.tabs > 0 || self.out.ends_with('|');
            }
            _ => {}
        }
        if is_block(name) {
            let margin = tag.has_margin() && !(self.tight && name == b"p");
            if name == b"p" {
                self.loose = margin;
            }
            self.owe(if margin { 2 } else { 1 });
        }
        if name == b"hr" || tag.is_reply_divider() {
            self.rule();
        }
        if tag.is_preformatted() {
            self.push(name, Effect::Preformatted);
        }
        match name {
            b"blockquote" => self.push(name, Effect::Quote),
            b"ul" => self.push(name, Effect::Bullets),
            b"ol" => self.push(name, Effect::Numbers(0)),
            b"tr" => self.push(name, Effect::Row { cells: 0 }),
            b"li" => self.start_item(),
            _ => {}
        }
    }

    pub fn end(&mut self, name: &[u8]) {
        self.in_style = false;
        let at = self.open.iter().rposition(|open| open.name == name);
        if let Some(at) = at.filter(|at| self.open.len() - at <= DEPTH) {
            let closes = self.open.get_mut(at).is_some_and(|open| {
                open.same = open.same.saturating_sub(1);
                open.same == 0
            });
            if closes {
                self.flush_row(at);
                while self.open.len() > at {
                    self.pop();
                }
            }
        }
        if self.hidden == 0 && is_block(name) {
            let margin =
                matches!(name, b"p" if self.loose) || matches!(name, b"h1" | b"h2" | b"h3" | b"ul" | b"ol");
            self.owe(if margin { 2 } else { 1 });
        }
        if matches!(name, b"td" | b"th" | b"tr" | b"li") {
            self.owed = self.owed.min(1);
        }
        if matches!(name, b"b" | b"strong") && self.hidden == 0 {
            self.labelled = std::mem::take(&mut self.leads) && self.is_label();
        }
    }

    pub fn text(&mut self, text: &str) {
        if self.in_style && !self.tight {
            let bare: String = text.chars().take(4000).filter(|c| !c.is_whitespace()).collect();
            let bare = bare.to_ascii_lowercase();
            self.tight = bare.contains("p{margin-top:0") || bare.contains("p{margin:0");
        }
        if self.hidden > 0 {
            return;
        }
        for c in text.chars() {
            match c {
                '\n' if self.preformatted > 0 => self.break_line(),
                '\t' if self.preformatted > 0 => self.put('\t'),
                ' ' if self.preformatted > 0 => self.put(' '),
                ' ' | '\n' | '\t' | '\r' | '\u{c}' => self.space = true,
                _ => self.put(c),
            }
        }
    }

    /// Is what stands on the line, or behind the last `|`, a few words and nothing else?
    fn is_label(&self) -> bool {
        const LONGEST: usize = 30;
        let from = self.out.ceil_char_boundary(self.out.len().saturating_sub(LONGEST + 2));
        let end = self.out.get(from..).unwrap_or_default();
        let start = end.rfind(['\n', '|', '\t']);
        let words = end.get(start.map_or(0, |at| at + 1)..).unwrap_or_default().trim();
        (start.is_some() || from == 0)
            && words.ends_with(char::is_alphanumeric)
            && words.chars().all(|c| c.is_alphanumeric() || " -'’./".contains(c))
    }

    /// One visible character; what is owed before it comes first.
    fn put(&mut self, c: char) {
        if self.is_full() {
            return;
        }
        self.settle();
        if !self.begun {
            self.begin_line();
            self.space = false;
        }
        if self.tabs > 0 {
            self.out.extend(std::iter::repeat_n('\t', self.tabs.min(32)));
            (self.tabs, self.space) = (0, false);
        }
        let labelled = std::mem::take(&mut self.labelled);
        if std::mem::take(&mut self.space) {
            self.out.push_str(if labelled { "  " } else { " " });
        }
        self.out.push(c);
    }

    /// Pays the line ends that are owed.
    fn settle(&mut self) {
        let owed = std::mem::take(&mut self.owed);
        if owed > 0 && self.begun {
            self.new_line();
        }
        if owed > 1 && self.empty == 0 {
            self.new_line();
        }
    }

    fn begin_line(&mut self) {
        for _ in 0..self.quotes.min(QUOTES) {
            self.out.push_str("> ");
        }
        (self.begun, self.empty) = (true, 0);
    }

    fn new_line(&mut self) {
        if self.is_full() {
            return;
        }
        if !self.begun {
            if self.empty >= 2 || self.out.is_empty() {
                return;
            }
            for _ in 0..self.quotes.min(QUOTES) {
                self.out.push('>');
            }
            self.empty += 1;
        }
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        self.out.push('\n');
        (self.begun, self.space) = (false, false);
    }

    /// `<br>`: ends the line at once, so that two of them leave an empty one.
    fn break_line(&mut self) {
        self.settle();
        self.new_line();
    }

    fn owe(&mut self, lines: usize) {
        // A block at the start of a cell must not tear the row apart.
        if self.tabs == 0 {
            self.owed = self.owed.max(lines);
            self.space = false;
        }
    }

    fn start_cell(&mut self) {
        let row = self.open.iter_mut().rev().find_map(|open| match &mut open.effect {
            Effect::Row { cells } => Some(cells),
            _ => None,
        });
        let Some(cells) = row else { return self.owe(1) };
        *cells += 1;
        if *cells > 1 && (self.begun || self.tabs > 0) {
            self.owed = 0;
            self.tabs += 1;
        }
    }

    /// An empty last cell still shows that there was one.
    fn flush_row(&mut self, at: usize) {
        let is_row = self.open.get(at).is_some_and(|open| matches!(open.effect, Effect::Row { .. }));
        if is_row && self.tabs > 0 && self.begun && !self.is_full() {
            self.out.push('\t');
        }
        if is_row {
            self.tabs = 0;
        }
    }

    fn start_item(&mut self) {
        let list = self.open.iter_mut().rev().find_map(|open| match &mut open.effect {
            Effect::Numbers(count) => {
                *count += 1;
                Some(*count)
            }
            Effect::Bullets => Some(0),
            _ => None,
        });
        let mark = match list {
            Some(count @ 1..) => format!("{count}."),
            Some(_) => "-".to_owned(),
            None => return,
        };
        self.owe(1);
        mark.chars().for_each(|c| self.put(c));
        self.space = true;
    }

    fn rule(&mut self) {
        self.owe(1);
        RULE.chars().for_each(|c| self.put(c));
        self.owe(1);
    }

    fn close_implied(&mut self, name: &[u8]) {
        if self.open.last().is_some_and(|top| top.name == name && top.effect == Effect::Hidden) {
            self.pop();
        }
    }

    fn push(&mut self, name: &[u8], effect: Effect) {
        if self.open.len() >= DEPTH {
            return;
        }
        match effect {
            Effect::Hidden => self.hidden += 1,
            Effect::Quote => {
                self.settle();
                self.quotes += 1;
            }
            Effect::Preformatted => self.preformatted += 1,
            _ => {}
        }
        self.open.push(Open { name: name.to_vec(), effect, same: 1 });
    }

    fn pop(&mut self) {
        let Some(open) = self.open.pop() else { return };
        match open.effect {
            Effect::Hidden => self.hidden = self.hidden.saturating_sub(1),
            Effect::Quote => {
                if self.begun {
                    self.new_line();
                }
                self.owed = 0;
                self.quotes = self.quotes.saturating_sub(1);
            }
            Effect::Preformatted => self.preformatted = self.preformatted.saturating_sub(1),
            _ => {}
        }
    }
}
