//! Which bracket of a text that is no TOML has no other half? Knows texts between quotes and notes,
//! and nothing else of TOML.

/// The bracket that opens the innermost list or table that is still open at `at`.
pub(super) fn open_at(text: &str, at: usize) -> Option<(usize, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut chars = text.char_indices().take_while(|(i, _)| *i < at).peekable();
    let mut line_begins = true;
    while let Some((i, c)) = chars.next() {
        match c {
            '\n' => line_begins = true,
            ' ' | '\t' => {}
            // The name of a table is told by itself.
            '[' if line_begins && open.is_empty() => skip_line(&mut chars),
            '#' => skip_line(&mut chars),
            '"' | '\'' => {
                let rest = text.get(i..at).unwrap_or_default();
                let end = i + quoted(rest, c);
                while chars.next_if(|(i, _)| *i < end).is_some() {}
                line_begins = false;
            }
            '[' | '{' => open.push((i, c)),
            ']' | '}' => drop(open.pop()),
            _ => line_begins = false,
        }
    }
    open.pop()
}

fn skip_line(chars: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>) {
    while chars.next_if(|(_, c)| *c != '\n').is_some() {}
}

/// Length of the text between quotes that begins here; one that is not closed ends with its line.
fn quoted(text: &str, quote: char) -> usize {
    let triple = [quote; 3].iter().collect::<String>();
    if let Some(rest) = text.strip_prefix(&triple) {
        return rest.find(&triple).map_or(text.len(), |end| end + 6);
    }
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return i,
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return i + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::open_at;

    #[test]
    fn the_innermost_open_bracket_is_found() {
        for (text, open) in [
            ("[title]\nnl = 'x'\n", None),
            ("a = [\"x\", 'y'\n", Some((4, '['))),
            ("a = { nl = \"]}\", en = 'x' # }\n", Some((4, '{'))),
            ("a = { b = [1, 2 }", Some((4, '{'))),
            ("a = [\"x\\\"]\", \"y\n[b]", Some((4, '['))),
            ("a = \"\"\"[\n[\"\"\"\nb = [1]\n", None),
            ("a = \"\"\"[\n[", None),
        ] {
            assert_eq!(open_at(text, text.len()), open, "{text}");
        }
    }
}
