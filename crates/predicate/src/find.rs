//! Bytes in bytes, on request without regard to the case of ASCII letters. What is looked for is lower case then.

/// Bytes that are looked at together for the first byte of what is looked for, so that the compiler can use vectors.
const BLOCK: usize = 32;

fn equal(text: &[u8], wanted: &[u8], any_case: bool) -> bool {
    if any_case { text.eq_ignore_ascii_case(wanted) } else { text == wanted }
}

pub(crate) fn starts_with(text: &[u8], wanted: &[u8], any_case: bool) -> bool {
    text.get(..wanted.len()).is_some_and(|start| equal(start, wanted, any_case))
}

pub(crate) fn ends_with(text: &[u8], wanted: &[u8], any_case: bool) -> bool {
    let start = text.len().checked_sub(wanted.len());
    start.is_some_and(|start| equal(&text[start..], wanted, any_case))
}

/// Where `wanted` comes first.
pub(crate) fn find(text: &[u8], wanted: &[u8], any_case: bool) -> Option<usize> {
    let Some(first) = wanted.first() else { return Some(0) };
    let other = if any_case { first.to_ascii_uppercase() } else { *first };
    let starts = text.len().checked_sub(wanted.len())? + 1;
    let mut at = 0;
    while at < starts {
        let block = &text[at..starts.min(at + BLOCK)];
        if !block.iter().fold(false, |any, byte| any | (byte == first) | (*byte == other)) {
            at += block.len();
            continue;
        }
        for (within, byte) in block.iter().enumerate() {
            let start = at + within;
            if (byte == first || *byte == other) && equal(&text[start..start + wanted.len()], wanted, any_case) {
                return Some(start);
            }
        }
        at += block.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_place_in_and_between_blocks() {
        let text = [vec![b'x'; 30], b"KubeCTL".to_vec(), vec![b'k'; 70], b"kubectl".to_vec()].concat();
        assert_eq!(find(&text, b"kubectl", true), Some(30));
        assert_eq!(find(&text, b"kubectl", false), Some(107));
        assert_eq!(find(&text, b"kubectlx", true), None);
        assert_eq!(find(b"", b"", true), Some(0));
        assert_eq!(find(b"", b"a", true), None);
        assert!(
            starts_with(b"ABc", b"ab", true) && !starts_with(b"ABc", b"ab", false) && !starts_with(b"a", b"ab", true)
        );
        assert!(ends_with(b"xAB", b"ab", true) && !ends_with(b"b", b"ab", true));
    }
}
