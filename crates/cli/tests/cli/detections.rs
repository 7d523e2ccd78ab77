//! `dogwatch detections`.

use crate::tool::{detection, root, run};

#[test]
fn a_bundled_detection_has_its_page_in_the_tool() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["kubernetes_secret_probing", "Kubernetes Secret Probing"] {
        let shown = run(folder.path(), &["detections", name]).expect(0, &[]).stdout;
        let page = root().join("docs/detections/kubernetes_secret_probing.md");
        assert_eq!(shown, std::fs::read_to_string(page).expect("a page"));
    }
    let listed = run(folder.path(), &["detections"]).expect(0, &[]).stdout;
    assert_eq!(listed, run(folder.path(), &["check", "--list"]).expect(0, &[]).stdout);
    run(folder.path(), &["detections", "kubernetes_secret_probin"]).expect(2, &["did you mean"]);
}

#[test]
fn what_the_file_says_stands_in_for_a_page() {
    let content = detection("Secrets Listed", "verb=list");
    let shown = run(content.path(), &["detections", "--content", ".", "Secrets Listed"]).expect(0, &[]).stdout;
    assert!(shown.starts_with("# Secrets Listed\n"), "{shown}");
}
