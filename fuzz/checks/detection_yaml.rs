//! A file of a detection, whatever is in it: it is read or refused, and each complaint and each place in its search leads into the
//! file.

use std::path::Path;

use dogwatch_content::Detection;

/// `input` is the file.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Detection::parse(Path::new("a_detection.yml"), text.into()) {
        Ok(detection) => {
            for offset in 0..=detection.search.text.len() {
                let place = detection.search.to_file(offset);
                assert!(place <= text.len(), "{place} of {}", text.len());
            }
        }
        Err(complaints) => {
            assert!(!complaints.is_empty());
            for complaint in complaints {
                assert!(text.get(complaint.span.range()).is_some(), "{complaint:?}");
            }
        }
    }
}
