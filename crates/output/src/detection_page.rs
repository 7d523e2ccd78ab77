//! The command that prints a detection's page for responders.

use dogwatch_content::{Detection, detection_page};

/// The command that prints the page on a detection; `None` if there is no page.
pub fn page_command(detection: &Detection) -> Option<String> {
    detection_page(detection).map(|_| format!("dogwatch detections {}", detection.snake_name()))
}

#[cfg(test)]
mod tests {
    use dogwatch_content::Content;

    use super::*;
    use crate::finding_testing::finding;

    #[test]
    fn a_page_is_named_where_there_is_one() {
        let content = Content::bundled();
        let bundled = content.detection("Linux Auditd Docker API Over TCP").expect("it is bundled");
        assert_eq!(page_command(bundled).as_deref(), Some("dogwatch detections linux_auditd_docker_api_over_tcp"));
        assert_eq!(page_command(&finding(80).detection), None);
    }
}
