//! The allow-list that a run uses: rows that silence nothing any more, or cannot, are told.

use dogwatch_content::{ALLOW_LIST, AllowList, Content, RowState};
use dogwatch_engine::Session;

/// The allow-list of a run.
#[derive(Debug, Default)]
pub struct Lists {
    name: String,
    list: AllowList,
}

/// The allow-list that the detections of a session see.
pub fn active(session: &Session, content: &Content) -> Lists {
    let Some((path, bytes)) = session.lookup_bytes(ALLOW_LIST) else { return Lists::default() };
    let path = path.or_else(|| content.lookup(ALLOW_LIST)?.file.clone());
    Lists {
        name: path.map_or_else(|| ALLOW_LIST.to_owned(), |path| path.display().to_string()),
        list: AllowList::parse(&bytes, today()),
    }
}

/// The day, UTC.
pub fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date()
}

impl Lists {
    /// Whether there are rows.
    pub fn any(&self) -> bool {
        !self.list.rows.is_empty()
    }

    /// Rows that do not do what they were written for, a line each.
    pub fn warnings(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.list.fault.iter().map(|fault| format!("{}: {fault}", self.name)).collect();
        for row in &self.list.rows {
            let place = format!("{}:{}", self.name, row.line);
            match &row.state {
                RowState::Active => {}
                RowState::Expired => lines.push(format!(
                    "{place}: this row of the allow-list expired on {} and silences nothing any more ({}; owner {})",
                    row.expires, row.reason, row.owner
                )),
                RowState::Faulty(why) => lines.push(format!("{place}: {why}")),
            }
        }
        lines
    }
}
