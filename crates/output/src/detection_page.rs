//! Where the page on a detection is that a responder follows.

use dogwatch_content::Detection;

/// The page on a detection, from the root of the repository.
pub fn detection_page(detection: &Detection) -> String {
    format!("docs/detections/{}.md", detection.snake_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding_testing::finding;

    #[test]
    fn a_page_is_named_for_its_detection() {
        assert_eq!(detection_page(&finding(80).detection), "docs/detections/kubectl_reads_secrets.md");
    }
}
