//! A regular expression as Splunk writes them, whatever it is: it is refused or works on any text within its limits.

use dogwatch_functions::regex::compile;

/// The longest pattern that is tried: compiling is not linear in its length, and limits of its own bound it.
const LONGEST: usize = 512;

/// The first line of `input` is the pattern, the rest the text that it is tried on.
pub fn check(input: &[u8]) {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let (pattern, text) = input.split_once('\n').unwrap_or((input, "kubectl get secrets --token=abc"));
    if pattern.len() > LONGEST {
        return;
    }
    let Ok(regex) = compile(pattern) else { return };
    let text = text.get(..4096).unwrap_or(text);
    let found = regex.captures(text);
    if let (Ok(is_match), Ok(captures)) = (regex.is_match(text), &found) {
        assert_eq!(is_match, captures.is_some(), "{pattern:?} on {text:?}");
    }
    assert_eq!(regex.captures_iter(text).take(64).filter(Result::is_ok).count() > 0, matches!(found, Ok(Some(_))));
    assert!(regex.capture_names().count() > 0, "the whole match is one");
    drop(regex.replace(text, "<$0>", 16));
}
