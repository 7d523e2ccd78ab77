//! How the parts of a finding that are no plain data stand in JSON: its times, its detection, the fields of its row.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A time as RFC 3339.
pub(crate) mod time {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use crate::time_text::{micros, rfc3339};

    pub(crate) fn serialize<S: Serializer>(time: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(rfc3339).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let read = |text: String| micros(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no time")));
        text.map(read).transpose()
    }
}

/// A detection by what names and classifies it. One that is read back has this and nothing else: its search and its texts
/// are in the content, under its id.
pub(crate) mod detection {
    use std::borrow::Cow;
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::detection::{Detection, DetectionKind, Status, Tags};

    #[derive(Serialize, Deserialize)]
    struct Named<'a> {
        name: Cow<'a, str>,
        id: Cow<'a, str>,
        version: u64,
        #[serde(rename = "type")]
        kind: Cow<'a, str>,
        status: Cow<'a, str>,
        mitre_attack_id: Cow<'a, [String]>,
        analytic_story: Cow<'a, [String]>,
    }

    pub(crate) fn serialize<S: Serializer>(detection: &Detection, serializer: S) -> Result<S::Ok, S::Error> {
        let named = Named {
            name: detection.name.as_str().into(),
            id: detection.id.as_str().into(),
            version: detection.version,
            kind: detection.kind.as_str().into(),
            status: detection.status.as_str().into(),
            mitre_attack_id: detection.tags.mitre_attack_id.as_slice().into(),
            analytic_story: detection.tags.analytic_story.as_slice().into(),
        };
        named.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Detection>, D::Error> {
        let named = Named::deserialize(deserializer)?;
        Ok(Arc::new(Detection {
            name: named.name.into_owned(),
            id: named.id.into_owned(),
            version: named.version,
            kind: DetectionKind::read(&named.kind),
            status: Status::read(&named.status),
            tags: Tags {
                mitre_attack_id: named.mitre_attack_id.into_owned(),
                analytic_story: named.analytic_story.into_owned(),
                ..Tags::default()
            },
            ..Detection::default()
        }))
    }
}

/// The fields of a row as an object, in their order: one value is a text, several are a list.
#[derive(Clone, Copy, Debug)]
pub struct RowObject<'a>(pub &'a [(String, Vec<String>)]);

impl Serialize for RowObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, values) in self.0 {
            match values.as_slice() {
                [] => {}
                [one] => map.serialize_entry(name, one)?,
                several => map.serialize_entry(name, several)?,
            }
        }
        map.end()
    }
}

/// The fields of a finding, as [`RowObject`] writes them.
pub(crate) mod fields {
    use std::fmt;

    use serde::de::{MapAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::RowObject;

    type Fields = Vec<(String, Vec<String>)>;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Values {
        One(String),
        Several(Vec<String>),
    }

    pub(crate) fn serialize<S: Serializer>(fields: &Fields, serializer: S) -> Result<S::Ok, S::Error> {
        RowObject(fields).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, values)) = map.next_entry::<String, Values>()? {
                    let values = match values {
                        Values::One(value) => vec![value],
                        Values::Several(values) => values,
                    };
                    fields.push((name, values));
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
