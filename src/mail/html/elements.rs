//! What a tag means for the layout.

/// Effects that may be open at once.
pub const DEPTH: usize = 64;

/// A start tag with the attributes that matter.
#[derive(Debug, Default)]
pub struct Tag {
    pub name: Vec<u8>,
    pub style: String,
    pub class: String,
    pub id: String,
    pub hidden: bool,
    attribute: Vec<u8>,
}

/// Longest attribute value that is looked at.
const LONGEST: usize = 2000;

impl Tag {
    pub fn open(&mut self, name: &[u8]) {
        self.name.clear();
        self.name.extend_from_slice(name);
        self.style.clear();
        self.class.clear();
        self.id.clear();
        self.hidden = false;
    }

    pub fn attribute(&mut self, name: &[u8]) {
        self.attribute.clear();
        self.attribute.extend_from_slice(name);
        self.hidden |= name == b"hidden";
    }

    pub fn value(&mut self, value: &[u8]) {
        let target = match self.attribute.as_slice() {
            b"style" => &mut self.style,
            b"class" => &mut self.class,
            b"id" => &mut self.id,
            _ => return,
        };
        let value = value.get(..LONGEST).unwrap_or(value);
        target.clear();
        target.extend(String::from_utf8_lossy(value).chars().filter(|c| !c.is_whitespace()));
        target.make_ascii_lowercase();
    }

    /// Not shown: preview texts of newsletters, Outlook's leftovers.
    pub fn is_hidden(&self) -> bool {
        let has = |what: &str| self.style.contains(what);
        let zero = |what: &str| {
            self.style.match_indices(what).any(|(at, found)| {
                let rest = self.style.get(at + found.len()..).unwrap_or_default();
                let rest = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
                rest.is_empty() || rest.starts_with([';', '!'])
            })
        };
        self.hidden
            || has("display:none")
            || has("visibility:hidden")
            || has("mso-hide:all")
            || zero("font-size:0")
    }

    /// Outlook draws a line above the mail that it quotes.
    pub fn is_reply_divider(&self) -> bool {
        matches!(self.id.as_str(), "divrplyfwdmsg" | "x_divrplyfwdmsg" | "appendonsend")
            || self.style.starts_with("border:none;border-top:solid") && self.style.contains("padding:3")
    }

    pub fn is_preformatted(&self) -> bool {
        self.name == b"pre" || self.style.contains("white-space:pre")
    }

    /// Set apart by an empty line, as browsers do by default.
    pub fn has_margin(&self) -> bool {
        match self.name.as_slice() {
            b"p" => {
                !self.class.contains("msonormal")
                    && !self.style.contains("margin:0")
                    && !self.style.contains("margin-top:0")
            }
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl" | b"blockquote"
            | b"pre" => !self.style.contains("margin:0"),
            _ => false,
        }
    }
}

/// Starts on a line of its own.
pub fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"p" | b"div"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"ul"
            | b"ol"
            | b"li"
            | b"dl"
            | b"dt"
            | b"dd"
            | b"table"
            | b"tr"
            | b"tbody"
            | b"thead"
            | b"tfoot"
            | b"caption"
            | b"blockquote"
            | b"pre"
            | b"hr"
            | b"form"
            | b"fieldset"
            | b"section"
            | b"article"
            | b"aside"
            | b"header"
            | b"footer"
            | b"main"
            | b"nav"
            | b"address"
            | b"center"
            | b"body"
            | b"html"
            | b"figure"
            | b"figcaption"
    )
}

/// Never shown as text.
pub fn is_unseen(name: &[u8]) -> bool {
    matches!(
        name,
        b"head"
            | b"script"
            | b"style"
            | b"title"
            | b"template"
            | b"noscript"
            | b"select"
            | b"svg"
            | b"math"
            | b"object"
            | b"iframe"
            | b"xml"
            | b"textarea"
    )
}

/// Has no end tag.
pub fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"source"
            | b"track"
            | b"wbr"
    )
}
