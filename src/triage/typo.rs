//! One typing error: a letter too many, too few, another one, or two that changed places.

/// Are these words exactly one typing error apart? Linear; looks at characters.
#[must_use]
pub fn one_apart(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    // A character has four bytes at most.
    if long.len() - short.len() > 4 {
        return false;
    }
    let same = |(a, b): &(char, char)| a == b;
    let before = short.chars().zip(long.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum::<usize>();
    let (short, long) = (short.get(before..).unwrap_or_default(), long.get(before..).unwrap_or_default());
    let behind = short
        .chars()
        .rev()
        .zip(long.chars().rev())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum::<usize>();
    let cut = |word: &str| word.get(..word.len() - behind).map(|part| part.chars().collect::<Vec<_>>());
    let (Some(short), Some(long)) = (cut(short), cut(long)) else { return false };
    match (short.as_slice(), long.as_slice()) {
        ([], [_]) | ([_], [] | [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_one_error_and_what_is_none_or_two() {
        for (a, b) in [
            ("januari", "janauri"),
            ("maart", "mart"),
            ("maart", "maaart"),
            ("mei", "mee"),
            ("a", ""),
            ("é", "e"),
        ] {
            assert!(one_apart(a, b) && one_apart(b, a), "{a} {b}");
        }
        for (a, b) in
            [("mei", "mei"), ("", ""), ("maart", "mrt"), ("abcd", "badc"), ("abc", "cab"), ("ab", "éé")]
        {
            assert!(!one_apart(a, b) && !one_apart(b, a), "{a} {b}");
        }
    }

    proptest! {
        /// A library that reckons whole distances says the same.
        #[test]
        fn it_is_a_distance_of_one(a in "[abé]{0,7}", b in "[abé]{0,7}") {
            prop_assert_eq!(one_apart(&a, &b), strsim::osa_distance(&a, &b) == 1);
        }
    }
}
