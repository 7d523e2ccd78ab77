//! The pages on the bundled detections, for those who respond to a finding: `docs/detections/`, put into the library by the build.

use crate::detection::Detection;

/// The names of the pages, sorted, and their texts.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page on a detection, in Markdown; none for a detection that is not bundled.
pub fn detection_page(detection: &Detection) -> Option<&'static str> {
    let name = detection.snake_name();
    PAGES.binary_search_by(|(page, _)| (*page).cmp(&name)).ok().map(|at| PAGES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;

    #[test]
    fn every_bundled_detection_has_its_page() {
        let content = Content::bundled();
        for detection in &content.detections {
            let page = detection_page(detection);
            assert!(
                page.is_some_and(|page| page.starts_with(&format!("# {}\n", detection.name))),
                "{}",
                detection.name
            );
        }
        assert_eq!(PAGES.len(), content.detections.len(), "a page without a detection");
    }
}
