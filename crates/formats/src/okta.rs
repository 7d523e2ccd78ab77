//! Okta's System Log: what users and administrators did in an Okta organisation.
//!
//! Read: events as the System Log API gives them, one a line or in arrays, and in the envelopes of event hooks (`data.events[]`),
//! EventBridge (`detail`) and Splunk's collectors.
//!
//! Fields have the names that an event has, and those that the Splunk Add-on for Okta Identity Cloud gives to the sourcetype
//! `OktaIM2:log`: the names of the Common Information Model (data models Authentication and Change). The add-on's lookups, which
//! name changes (`created`, `deleted`), are not applied.

use crate::format::About;
use crate::json::early_fields::TopStrings;
use crate::json::envelope;
use crate::json::events::{Alias, Envelope, Events, Object};
use crate::json::log::{JsonLog, RowKind};
use crate::secrets::Secrets;

/// The Okta format. Okta records everything, so that no field says what a log lacks.
pub(crate) static FORMAT: JsonLog = JsonLog {
    about: About {
        name: "okta",
        sourcetype: "OktaIM2:log",
        index: "okta",
        sourcetype_aliases: &["okta", "okta:im2", "okta:log", "okta_log"],
        index_aliases: &["oktaim2"],
        fields: FIELDS,
        origin: "Okta's System Log, by its API or an event hook",
        // What debugData has of tokens is called so. The session is named in every event and opens nothing.
        secrets: Secrets {
            keys: &["otp", "passCode", "recoveryCode", "userCode"],
            public_keys: &["externalSessionId"],
            objects: &[],
        },
        ..About::BASE
    },
    early_fields: Some(&EARLY_FIELDS),
    rows: RowKind::Events(&Events {
        is_event,
        marks: &[&["uuid", "published", "eventType", "actor"]],
        claims_minority: false,
        envelopes: ENVELOPES,
        id: "uuid",
        times: &["published"],
        aliases: ALIASES,
        is_other_text: |_| false,
    }),
};

static EARLY_FIELDS: TopStrings = TopStrings::new(&["eventType", "legacyEventType"], is_event);

/// An event has an id, a time, a type, and who did it. An event hook's envelope has a type and no id.
fn is_event(object: &Object<'_>) -> bool {
    let named = ["uuid", "published", "eventType"].iter().all(|key| object.has_string(key));
    named && (object.value("actor").is_some() || object.value("outcome").is_some())
}

const ENVELOPES: &[Envelope] = {
    let [event, result, raw] = envelope::SPLUNK;
    let [_, events, message, _] = envelope::CLOUDWATCH;
    &[Envelope::of("data"), Envelope::of("detail"), events, event, message, result, raw]
};

const ALIASES: &[Alias] = &[
    Alias { value: Some(action), absent: Some("unknown"), ..Alias::of("action", &["outcome.result"]) },
    Alias::of("authentication_method", &["authenticationContext.credentialType"]),
    Alias::of("command", &["eventType"]),
    Alias::of("http_user_agent", &["client.userAgent.rawUserAgent"]),
    Alias::of("reason", &["outcome.reason"]),
    Alias::of("result", &["outcome.result"]),
    Alias::of("signature", &["eventType"]),
    Alias::of("src", &["client.ipAddress"]),
    Alias::of("src_ip", &["client.ipAddress"]),
    Alias::of("src_user", &["actor.alternateId"]),
    Alias::of("src_user_id", &["actor.id"]),
    Alias::of("user", &["actor.alternateId"]),
    Alias::of("user_agent", &["client.userAgent.rawUserAgent"]),
    Alias::of("user_id", &["actor.id"]),
    Alias::of("user_name", &["actor.displayName"]),
    Alias::of("user_type", &["actor.type"]),
];

/// The outcome in the words of the data models.
fn action(result: &str) -> &str {
    match result {
        "SUCCESS" | "ALLOW" => "success",
        "FAILURE" | "DENY" => "failure",
        _ => "unknown",
    }
}

/// What an event has, as Okta's *System Log API* declares it, and the aliases.
const FIELDS: &[(&str, &str)] = &[
    ("action", "success or failure, by outcome.result; unknown where it is neither"),
    ("actor.alternateId", "who did it, by login name"),
    ("actor.displayName", "who did it, by name"),
    ("actor.id", "who did it, by id"),
    ("actor.type", "User, SystemPrincipal, PublicClientApp, …"),
    ("authenticationContext.credentialType", "PASSWORD, OTP, ASSERTION, …"),
    ("authenticationContext.externalSessionId", "the session, the same in all its events"),
    ("authentication_method", "authenticationContext.credentialType"),
    ("client.geographicalContext.country", "where the client is, by its address"),
    ("client.ipAddress", "the client's address"),
    ("client.userAgent.rawUserAgent", "the client's program, by its own account"),
    ("command", "eventType"),
    ("debugContext.debugData.requestUri", "what was asked"),
    ("displayMessage", "what happened, in words"),
    ("eventType", "what happened: user.session.start, system.api_token.create"),
    ("http_user_agent", "client.userAgent.rawUserAgent"),
    ("legacyEventType", "the name of the Events API before it"),
    ("outcome.reason", "why it ended so: INVALID_CREDENTIALS"),
    ("outcome.result", "SUCCESS, FAILURE, SKIPPED, ALLOW, DENY, CHALLENGE, UNKNOWN"),
    ("published", "when it happened; also _time"),
    ("reason", "outcome.reason"),
    ("result", "outcome.result"),
    ("securityContext.isProxy", "whether the address is a known proxy's"),
    ("severity", "DEBUG, INFO, WARN or ERROR"),
    ("signature", "eventType"),
    ("src", "client.ipAddress"),
    ("src_ip", "client.ipAddress"),
    ("src_user", "actor.alternateId"),
    ("src_user_id", "actor.id"),
    ("target{}.alternateId", "what it was done to, by login or other name"),
    ("target{}.displayName", "what it was done to, by name"),
    ("target{}.id", "what it was done to, by id"),
    ("target{}.type", "User, AppInstance, UserGroup, Token, PolicyEntity, …"),
    ("transaction.id", "the request, the same in all its events"),
    ("user", "actor.alternateId"),
    ("user_agent", "client.userAgent.rawUserAgent"),
    ("user_id", "actor.id"),
    ("user_name", "actor.displayName"),
    ("user_type", "actor.type"),
    ("uuid", "the event's own id; also event_id"),
];
