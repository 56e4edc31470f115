//! One typing error: a letter too many, too few, another one, or two that changed places.

/// Are these words exactly one typing error apart? Linear; looks at characters.
#[must_use]
pub fn one_apart(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return apart(a.as_bytes(), b.as_bytes());
    }
    let chars = |word: &str| word.chars().collect::<Vec<_>>();
    apart(&chars(a), &chars(b))
}

fn apart<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let before = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let room = short.len() - before;
    let behind = short.iter().rev().zip(long.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let left = |word: usize| before..word - behind;
    match (short.get(left(short.len())), long.get(left(long.len()))) {
        (Some([] | [_]), Some([_])) => true,
        (Some([a, b]), Some([c, d])) => a == d && b == c,
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
