//! How a name is noted, however it was written.

use super::vocabulary::People;
use super::words::fold;

impl People {
    /// One blank between words; all capitals or none become what a name has.
    pub fn spelled(&self, text: &str) -> String {
        self.spelled_like(text, text)
    }

    pub(super) fn spelled_like(&self, text: &str, whole: &str) -> String {
        let letters = whole.chars().filter(|c| c.is_alphabetic()).count();
        let upper = whole.chars().filter(|c| c.is_uppercase()).count();
        let screams = upper == letters && letters > 3;
        let mumbles = upper == 0;
        let mut out = String::with_capacity(text.len());
        for (index, word) in text.split_whitespace().enumerate() {
            if index > 0 {
                out.push(' ');
            }
            if !(screams || mumbles) {
                out.push_str(word);
            } else if self.particles.has(&fold(word)) && !(screams && self.capital_particles.has(&fold(word)))
            {
                out.push_str(&word.to_lowercase());
            } else {
                out.push_str(&title_case(word));
            }
        }
        out
    }
}

/// "VERHOEF" and "verhoef" become "Verhoef", "brouwer-smit" becomes "Brouwer-Smit".
fn title_case(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut starts = true;
    for c in word.chars() {
        if starts {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        starts = matches!(c, '-' | '.');
    }
    out
}
