//! That rows of the allow-list hold by the time of the session, not by the clock.

use std::path::Path;

use dogwatch_content::Content;
use dogwatch_engine::{Evidence, FindingFilter, Session, SessionOptions, tables_of};

const DAY: i64 = 86_400_000_000;
/// 2026-11-24T12:00:00Z.
const LAST_DAY: i64 = 1_795_521_600_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_holds_on_its_last_day_by_the_time_of_the_session() {
    let lookups = tempfile::tempdir().expect("a temporary folder can be made");
    let table = "detection,user,dest,user_agent,namespace,command,src,reason,owner,expires\n\
                 Kubernetes Anonymous Request Allowed,system:anonymous,*,*,*,*,*,a test,us,2026-11-24\n";
    std::fs::write(lookups.path().join("container_api_allowlist.csv"), table).expect("a file can be written");
    let content = Content::bundled();
    let detection = content.detection("Kubernetes Anonymous Request Allowed").expect("it is bundled").clone();
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/kube_audit/a4_anonymous.jsonl");
    let paths = [log.display().to_string()];
    for (now, silenced) in [(LAST_DAY, true), (LAST_DAY + DAY, false)] {
        let options = SessionOptions {
            lookups: vec![lookups.path().to_owned()],
            tables: tables_of(&content),
            now: Some(now),
            ..SessionOptions::default()
        };
        let session = Session::new(options).expect("a session can be made");
        let chosen = std::slice::from_ref(&detection);
        let mut run = session.detections(&content, chosen, &paths).await.expect("it is planned");
        let found = run.findings(Evidence::Ids, FindingFilter::default()).await.expect("it runs");
        assert!(run.take_failed().is_empty());
        assert_eq!((found.found() == 0, found.suppressed() > 0), (silenced, silenced), "{now}");
        assert_eq!(session.allow_list(&content).warnings().is_empty(), silenced, "{now}");
    }
}
