//! Makes decoded text safe to store, to match and to show on a terminal: no control characters,
//! no invisible ones, one kind of blank and of line end.

/// Text of a body: LF line ends, no control characters but LF and TAB.
///
/// Terminal escape sequences go whole; left as `[2J` they would end up in a name.
pub fn text(raw: &str, limit: usize) -> String {
    text_within(raw, limit).0
}

/// The same, and whether more than blanks was left out.
pub fn text_within(raw: &str, limit: usize) -> (String, bool) {
    let mut out = String::with_capacity(raw.len().min(limit));
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        if out.len() >= limit {
            break;
        }
        match c {
            '\r' => {
                // A lone CR ends a line too; of CRLF the LF does.
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\n' | '\t' => out.push(c),
            '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{c}' => out.push('\n'),
            '\u{b}' => out.push(' '),
            '\u{1b}' => skip_escape(&mut chars),
            _ if c.is_control() || is_invisible(c) => {}
            _ if is_blank(c) => out.push(' '),
            _ => out.push(c),
        }
    }
    let left_out = chars.any(|c| !c.is_whitespace());
    (out, left_out)
}

/// Ends a text that was cut where a line ends, else where a word does: half an invoice number is another
/// number.
pub fn to_whole_lines(text: &mut String) {
    /// A line is not given up for its last word.
    const LONGEST: usize = 16 * 1024;
    let near = text.floor_char_boundary(text.len().saturating_sub(LONGEST));
    let tail = text.get(near..).unwrap_or_default();
    let end = tail.rfind('\n').or_else(|| tail.rfind(char::is_whitespace));
    text.truncate(near + end.unwrap_or(tail.len()));
}

/// A header value: one line, blanks folded, at most `limit` characters.
pub fn line(raw: &str, limit: usize) -> String {
    let mut out = String::with_capacity(raw.len().min(limit * 4));
    let mut count = 0;
    let mut chars = raw.chars().peekable();
    let mut blank = true;
    while let Some(c) = chars.next() {
        if count >= limit {
            break;
        }
        let c = match c {
            '\u{1b}' => {
                skip_escape(&mut chars);
                continue;
            }
            '\r' | '\n' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            _ if c.is_control() || is_invisible(c) => continue,
            _ if is_blank(c) => ' ',
            _ => c,
        };
        if c == ' ' && blank {
            continue;
        }
        blank = c == ' ';
        out.push(c);
        count += 1;
    }
    out.truncate(out.trim_end().len());
    out
}

/// Behind ESC: a control sequence (ECMA-48 §5.4) or an operating system command (`ESC ]` … BEL or ST).
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while let Some(c) = chars.next_if(|c| matches!(c, ' '..='~')) {
                if matches!(c, '@'..='~') {
                    break;
                }
            }
        }
        Some(']') => {
            chars.next();
            // Unterminated, it must not swallow the mail: it ends with its line.
            while let Some(c) = chars.next_if(|c| !matches!(c, '\n' | '\r')) {
                if matches!(c, '\u{7}' | '\u{1b}' | '\u{9c}') {
                    chars.next_if_eq(&'\\');
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Takes no room on the screen, or turns the reading direction round.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Blanks other than U+0020, such as `&nbsp;`.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}' || c == '\u{3164}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_nul_and_direction_overrides_vanish() {
        assert_eq!(line("\u{202e}I\u{200b}ris Vlam\u{2069}\u{1b}[2J", 100), "Iris Vlam");
        assert_eq!(text("Hallo,\u{1b}[31m\u{1b}]0;gehackt\u{7} x\u{0}y", 100), "Hallo, xy");
    }

    #[test]
    fn a_line_break_in_a_header_becomes_a_blank() {
        assert_eq!(line("Vraag\r\nBcc: x@example.org", 100), "Vraag Bcc: x@example.org");
    }

    #[test]
    fn every_line_end_becomes_lf() {
        assert_eq!(text("a\r\nb\rc\nd\u{2028}e", 100), "a\nb\nc\nd\ne");
    }

    #[test]
    fn an_unterminated_escape_ends_with_its_line() {
        assert_eq!(text("a\u{1b}]0;b\nc", 100), "a\nc");
    }
}
