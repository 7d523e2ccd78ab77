//! The names around a Kubernetes audit event: its fields, the other names that searches use for them, and the names
//! that Splunk's add-ons and collectors give to its sourcetype and index.

use crate::json::events::Alias;

/// Other names for a field, and where its value stands in the event. They apply where the event has no value of its
/// own under that name (an event with a top-level `"user": "x"` keeps it). The first of the addresses is the client's, before
/// the proxies that it came through.
///
/// `resource`, `namespace`, `name`, `subresource` are how hand-written searches shorten `objectRef`; the others are
/// the names of Splunk's Common Information Model (data models Authentication, Change and Web).
pub(super) const ALIASES: &[Alias] = &[
    Alias::of("resource", &["objectRef.resource"]),
    Alias::of("namespace", &["objectRef.namespace"]),
    Alias::of("name", &["objectRef.name"]),
    Alias::of("subresource", &["objectRef.subresource"]),
    Alias::of("user", &["user.username"]),
    Alias::of("src_ip", &["sourceIPs{}"]),
    Alias::of("src", &["sourceIPs{}"]),
    Alias::of("http_user_agent", &["userAgent"]),
    Alias::of("user_agent", &["userAgent"]),
];

/// Other sourcetypes under which these events are searched.
///
/// `kube:apiserver:audit` and `kube:apiserver-audit`: Splunk's distribution of the OpenTelemetry collector.
/// `kube:container:kube-apiserver`: Splunk Connect for Kubernetes, where the API server logs to its output.
/// `aws:cloudwatchlogs`, `aws:cloudwatchlogs:eks`: the Splunk Add-on for AWS, and the macro `aws_cloudwatchlogs_eks`
/// of Splunk's security content. `mscs:storage:blob:json`, `mscs:azure:eventhub`: the Splunk Add-on for Microsoft
/// Cloud Services, and the macro `kubernetes_azure`. The rest are names that published searches use.
pub(super) const SOURCETYPES: &[&str] = &[
    "aws:cloudwatchlogs",
    "aws:cloudwatchlogs:eks",
    "k8s:audit",
    "kube-audit",
    "kube:apiserver-audit",
    "kube:apiserver:audit",
    "kube:container:kube-apiserver",
    "kube_audit",
    "kubernetes",
    "kubernetes:api:audit",
    "kubernetes:audit",
    "kubernetes_audit",
    "mscs:azure:eventhub",
    "mscs:storage:blob:json",
];

/// Other indexes in which these events are searched.
pub(super) const INDEXES: &[&str] = &["aws", "azure", "k8s", "k8s_audit", "kube", "kube_audit", "kubernetes_audit"];

/// What an audit event has, as `audit.k8s.io/v1` declares it, and the aliases.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("auditID", "the request's id, the same in all of its stages; also event_id"),
    ("level", "how much was logged: Metadata, Request or RequestResponse"),
    ("stage", "RequestReceived, ResponseStarted, ResponseComplete or Panic"),
    ("requestURI", "path and query as the client sent them"),
    ("verb", "get, list, watch, create, update, patch, delete, deletecollection; other requests: the HTTP method"),
    ("user.username", "who asked"),
    ("user.uid", "who asked, by id"),
    ("user.groups{}", "the groups of who asked"),
    ("impersonatedUser.username", "whom the request was made as"),
    ("impersonatedUser.groups{}", "the groups of whom the request was made as"),
    ("sourceIPs{}", "the client's address, then the proxies'"),
    ("userAgent", "the client's program, by its own account"),
    ("objectRef.resource", "the kind of object: secrets, pods"),
    ("objectRef.subresource", "the part of it: exec, token, status"),
    ("objectRef.namespace", "the object's namespace"),
    ("objectRef.name", "the object's name; none for lists"),
    ("objectRef.apiGroup", "the API group; none for the core group"),
    ("objectRef.apiVersion", "the API version"),
    ("responseStatus.code", "the HTTP status"),
    ("responseStatus.reason", "why a request failed: Forbidden"),
    ("responseStatus.message", "why a request failed, in words"),
    ("requestReceivedTimestamp", "when the request arrived; also _time"),
    ("stageTimestamp", "when the stage was reached"),
    ("annotations.authorization.k8s.io/decision", "allow or forbid"),
    ("annotations.authorization.k8s.io/reason", "the rule that decided"),
    ("resource", "objectRef.resource"),
    ("subresource", "objectRef.subresource"),
    ("namespace", "objectRef.namespace"),
    ("name", "objectRef.name"),
    ("user", "user.username"),
    ("src", "the first of sourceIPs{}"),
    ("src_ip", "the first of sourceIPs{}"),
    ("http_user_agent", "userAgent"),
    ("user_agent", "userAgent"),
];
