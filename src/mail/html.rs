//! HTML to text as a person sees it: linear in its size, table cells kept apart.
//!
//! No DOM: html5gum's tokens go straight into a [`layout::Layout`]. What has an effect beyond its
//! own tag (quotes, hidden parts, lists, tables) stands on a short stack; a page that nests these
//! more than [`elements::DEPTH`] deep is laid out flat from there.

mod elements;
mod layout;

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use self::elements::Tag;
use self::layout::Layout;

/// What a person sees of a page.
#[derive(Debug, Default)]
pub struct Page {
    /// Blocks become lines, cells are kept apart by a tab, a blockquote becomes `> `.
    pub text: String,
    /// It shows at least one image.
    pub images: bool,
    /// There was more of it.
    pub cut: bool,
}

/// Lays out at most `limit` bytes of text. Any string; never panics.
#[must_use]
pub fn lay_out(html: &str, limit: usize) -> Page {
    let shown = run(html, limit, true);
    // A hidden part that is never closed hides all the rest: better too much than nothing.
    if shown.text.trim().is_empty() { run(html, limit, false) } else { shown }
}

fn run(html: &str, limit: usize, may_hide: bool) -> Page {
    let mut layout = Layout::new(limit, may_hide);
    let mut tag = Tag::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| -> Option<()> {
        match event {
            CallbackEvent::OpenStartTag { name } => tag.open(name),
            CallbackEvent::AttributeName { name } => tag.attribute(name),
            CallbackEvent::AttributeValue { value } => tag.value(value),
            CallbackEvent::CloseStartTag { .. } => layout.start(&tag),
            CallbackEvent::EndTag { name } => layout.end(name),
            CallbackEvent::String { value } => layout.text(&String::from_utf8_lossy(value)),
            _ => {}
        }
        // An item makes the tokenizer stop and hand it over: that is how a full page ends early.
        layout.is_full().then_some(())
    });
    emitter.naively_switch_states(true);
    let cut = Tokenizer::new_with_emitter(html, emitter).next().is_some();
    Page { cut, ..layout.finish() }
}

#[cfg(test)]
mod tests;
