//! AWS CloudTrail: who called which API of an AWS account.
//!
//! Read: the files that a trail delivers (`{"Records":[…]}`), single events, and events in the envelopes of EventBridge
//! (`detail`), CloudWatch Logs and Splunk's collectors. Not events: a trail's digests, S3's own notifications.
//!
//! Fields have the names that the Splunk Add-on for AWS gives to the sourcetype `aws:cloudtrail`: an event's own, and those of the
//! Common Information Model (CIM manual, *Change Field Mapping* and *Authentication Field Mapping*; the add-on's manual,
//! *Source types*). The add-on's lookups, which name changes (`created`, `deleted`) and find what they change, are not applied.

use crate::format::{About, TelemetryField};
use crate::json::early_fields::TopStrings;
use crate::json::envelope;
use crate::json::events::{Alias, Envelope, Events, Object};
use crate::json::log::{JsonLog, RowKind};
use crate::secrets::Secrets;

/// The CloudTrail format.
pub(crate) static FORMAT: JsonLog = JsonLog {
    about: About {
        name: "cloudtrail",
        sourcetype: "aws:cloudtrail",
        index: "aws",
        sourcetype_aliases: &["aws:cloudtrail:lake", "aws_cloudtrail", "cloudtrail"],
        index_aliases: &["aws_cloudtrail", "cloudtrail"],
        fields: FIELDS,
        // A trail can leave out data events, and events that only read.
        telemetry: &[TelemetryField::of_all_rows("eventCategory"), TelemetryField::of_all_rows("readOnly")],
        origin: "a trail of AWS CloudTrail, delivered to S3",
        // CloudTrail masks most secrets itself; session tokens and what a service forgot stand in it. An access key's id is none.
        secrets: Secrets {
            keys: &["SecretBinary", "SecretString", "keyMaterial", "secretBinary", "secretString", "userData"],
            public_keys: &["accessKeyId", "user_access_key"],
            objects: &[],
        },
        ..About::BASE
    },
    early_fields: Some(&EARLY_FIELDS),
    rows: RowKind::Events(&Events {
        is_event,
        // They stand before what can be long, and also in strings with JSON in them, where quotation marks are escaped.
        marks: &[&["eventVersion", "userIdentity", "eventSource", "awsRegion"]],
        claims_minority: false,
        envelopes: ENVELOPES,
        id: "eventID",
        times: &["eventTime"],
        aliases: ALIASES,
        is_other_text: |_| false,
    }),
};

static EARLY_FIELDS: TopStrings = TopStrings::new(&["eventName", "eventSource"], is_event);

/// An event has an id, a time, and what was called where; one of CloudTrail Insights has `insightDetails` for that. S3's
/// notifications look alike and have no id.
fn is_event(object: &Object<'_>) -> bool {
    let call = object.has_string("eventSource") && object.has_string("eventName");
    object.has_string("eventID") && object.has_string("eventTime") && (call || object.value("insightDetails").is_some())
}

const ENVELOPES: &[Envelope] = {
    let [log_events, events, message, at_message] = envelope::CLOUDWATCH;
    let [event, result, raw] = envelope::SPLUNK;
    &[Envelope::of("Records"), Envelope::of("detail"), log_events, events, event, message, at_message, result, raw]
};

/// What came of a call. A refused sign-in to the console has no error code.
const ACTION: &[&str] = &["errorCode", "responseElements.ConsoleLogin"];

fn action(outcome: &str) -> &str {
    if outcome == "Success" { "success" } else { "failure" }
}

/// Who called: the name of a user, else of the role, else the service; `Root` is the account's own.
const USER: &[&str] = &[
    "userIdentity.userName",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "userIdentity.invokedBy",
    "userIdentity.type",
];

const ALIASES: &[Alias] = &[
    Alias { value: Some(action), absent: Some("success"), ..Alias::of("action", ACTION) },
    Alias::of("app", &["eventSource"]),
    Alias::of("aws_account_id", &["recipientAccountId", "userIdentity.accountId"]),
    Alias::of("command", &["eventName"]),
    Alias::of("dest", &["eventSource"]),
    Alias { absent: Some("success"), ..Alias::of("errorCode", &["errorCode"]) },
    Alias::of("http_user_agent", &["userAgent"]),
    Alias::of("reason", &["errorMessage"]),
    Alias::of("region", &["awsRegion"]),
    Alias::of("signature", &["eventName"]),
    Alias::of("src", &["sourceIPAddress"]),
    Alias::of("src_ip", &["sourceIPAddress"]),
    Alias::of("user", USER),
    Alias::of("user_access_key", &["userIdentity.accessKeyId"]),
    Alias::of("user_agent", &["userAgent"]),
    Alias::of("user_arn", &["userIdentity.arn"]),
    Alias::of("user_id", &["userIdentity.principalId"]),
    Alias::of("user_name", USER),
    Alias::of("user_type", &["userIdentity.type"]),
    Alias::of("vendor_account", &["recipientAccountId", "userIdentity.accountId"]),
    Alias::of("vendor_region", &["awsRegion"]),
];

/// What most events have, as the CloudTrail user guide (*CloudTrail record contents*) lists it, and the aliases.
const FIELDS: &[(&str, &str)] = &[
    ("action", "success, or failure where there is an error code or a sign-in was refused"),
    ("awsRegion", "the region that was asked"),
    ("app", "eventSource"),
    ("aws_account_id", "the account whose trail this is"),
    ("command", "eventName"),
    ("dest", "eventSource"),
    ("errorCode", "why a call failed: AccessDenied; success where it did not"),
    ("errorMessage", "why a call failed, in words"),
    ("eventCategory", "Management, Data, NetworkActivity or Insight"),
    ("eventID", "the event's own id; also event_id"),
    ("eventName", "the call: GetSecretValue, AssumeRole, ConsoleLogin"),
    ("eventSource", "the service that was called: secretsmanager.amazonaws.com"),
    ("eventTime", "when it was called; also _time"),
    ("eventType", "AwsApiCall, AwsServiceEvent, AwsConsoleAction, AwsConsoleSignIn"),
    ("http_user_agent", "userAgent"),
    ("readOnly", "whether the call changes nothing: true or false"),
    ("reason", "errorMessage"),
    ("recipientAccountId", "the account whose trail this is"),
    ("region", "awsRegion"),
    ("signature", "eventName"),
    ("sourceIPAddress", "the caller's address, or the service that called"),
    ("src", "sourceIPAddress"),
    ("src_ip", "sourceIPAddress"),
    ("user", "who called: the user, else the role, else the service"),
    ("userAgent", "the caller's program, by its own account"),
    ("userIdentity.accessKeyId", "the access key that signed the call"),
    ("userIdentity.accountId", "the caller's account"),
    ("userIdentity.arn", "who called, by ARN"),
    ("userIdentity.principalId", "who called, by id"),
    ("userIdentity.sessionContext.attributes.mfaAuthenticated", "whether the session began with a second factor"),
    ("userIdentity.sessionContext.sessionIssuer.arn", "the role that was taken"),
    ("userIdentity.sessionContext.sessionIssuer.userName", "the role that was taken, by name"),
    ("userIdentity.type", "Root, IAMUser, AssumedRole, FederatedUser, AWSAccount, AWSService"),
    ("userIdentity.userName", "the user's name; none for roles"),
    ("user_access_key", "userIdentity.accessKeyId"),
    ("user_agent", "userAgent"),
    ("user_arn", "userIdentity.arn"),
    ("user_id", "userIdentity.principalId"),
    ("user_name", "the same as user"),
    ("user_type", "userIdentity.type"),
    ("vendor_account", "the account whose trail this is"),
    ("vendor_region", "awsRegion"),
];
