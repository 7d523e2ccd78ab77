#!/usr/bin/env python3
"""Checks an audit policy of Kubernetes: python3 check_policy.py FILE...

First against the schema of audit.k8s.io/v1 Policy, with the same rules as the API server has for it
(https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/), and stricter: an unknown key is an error, since the
API server skips it. Then against what the detections need: for each kind of request, the level at which the policy
logs it, which is too low where a detection needs more, and too high where a secret would get into the log. Needs PyYAML.
Ends with 1 if anything is wrong.
"""

import re
import sys

import yaml

LEVELS = ["None", "Metadata", "Request", "RequestResponse"]
STAGES = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"]
VERBS = set("get list watch create update patch delete deletecollection proxy connect head post put options * "
            "approve bind escalate impersonate sign use".split())
TEXTS = [str]  # a list of texts
GROUP_RESOURCES = {"group": str, "resources": TEXTS, "resourceNames": TEXTS}
RULE = {
    "level": str, "users": TEXTS, "userGroups": TEXTS, "verbs": TEXTS, "resources": [GROUP_RESOURCES], "namespaces": TEXTS,
    "nonResourceURLs": TEXTS, "omitStages": TEXTS, "omitManagedFields": bool,
}
POLICY = {
    "apiVersion": str, "kind": str, "metadata": dict, "rules": [RULE], "omitStages": TEXTS, "omitManagedFields": bool,
}

# What is asked for: verb, API group, resource with subresource, or a path; the lowest and the highest level that is right;
# the stages that have to be there.
BODIES, NO_BODIES, DROPPED = ("Request", "RequestResponse"), ("Metadata", "Metadata"), ("None", "Metadata")
NO_ANSWER, ANY = ("Request", "Request"), ("Metadata", "RequestResponse")
LONG = ["ResponseStarted", "ResponseComplete"]
DONE = ["ResponseComplete"]
NEEDS = [
    *[(verb, "", "secrets", NO_BODIES, DONE) for verb in ("get", "list", "create", "update", "patch", "delete")],
    ("watch", "", "secrets", NO_BODIES, LONG),
    *[(verb, "", "configmaps", NO_BODIES, DONE) for verb in ("get", "list", "create", "patch")],
    ("create", "authentication.k8s.io", "tokenreviews", NO_BODIES, DONE),
    ("create", "", "serviceaccounts/token", NO_ANSWER, DONE),
    *[(verb, "", "serviceaccounts", ("Metadata", "Request"), DONE) for verb in ("get", "list", "create")],
    *[(verb, "", f"pods/{way}", ANY, LONG) for verb in ("get", "create") for way in ("exec", "attach", "portforward")],
    *[(verb, "", f"{what}/proxy", ANY, DONE) for verb in ("get", "create") for what in ("nodes", "pods", "services")],
    ("get", "", "pods/log", ANY, DONE),
    *[(verb, "", "pods/ephemeralcontainers", BODIES, DONE) for verb in ("patch", "update")],
    *[(verb, "", "pods", BODIES, DONE) for verb in ("create", "patch")],
    *[("create", "", what, BODIES, DONE) for what in ("replicationcontrollers", "podtemplates", "persistentvolumes")],
    *[(verb, "apps", what, BODIES, DONE) for verb in ("create", "update", "patch")
      for what in ("deployments", "daemonsets", "statefulsets", "replicasets")],
    *[(verb, "batch", what, BODIES, DONE) for verb in ("create", "patch") for what in ("jobs", "cronjobs")],
    *[("create", "authorization.k8s.io", what, ANY, DONE) for what in ("selfsubjectaccessreviews", "selfsubjectrulesreviews")],
    ("create", "authentication.k8s.io", "selfsubjectreviews", ANY, DONE),
    *[("create", "rbac.authorization.k8s.io", what, ANY, DONE) for what in ("rolebindings", "clusterrolebindings")],
    *[("list", "", what, ANY, DONE) for what in ("pods", "nodes", "namespaces")],
    *[("get", "", path, ANY, DONE) for path in ("/api", "/apis", "/version", "/metrics", "/logs", "/openapi/v2", "/")],
    *[("get", "", path, DROPPED, []) for path in ("/healthz", "/livez", "/readyz?verbose")],
    ("update", "coordination.k8s.io", "leases", DROPPED, []),
    *[("create", group, "events", DROPPED, []) for group in ("", "events.k8s.io")],
]
# Nobody may be left out of these by a rule about users: (user, groups).
IDENTITIES = [
    ("alice", ["system:authenticated"]),
    ("system:anonymous", ["system:unauthenticated"]),
    ("system:serviceaccount:payments:worker", ["system:serviceaccounts", "system:authenticated"]),
    ("system:serviceaccount:kube-system:replicaset-controller", ["system:serviceaccounts", "system:authenticated"]),
    ("system:node:worker-1", ["system:nodes", "system:authenticated"]),
    ("system:kube-controller-manager", ["system:authenticated"]),
    ("kubernetes-admin", ["system:masters", "system:authenticated"]),
]


def check_shape(value, schema, place):
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            yield f"{place} has to be a mapping"
            return
        for key, inner in value.items():
            if key not in schema:
                yield f"{place}: there is no key {key}"
            else:
                yield from check_shape(inner, schema[key], f"{place}.{key}")
    elif isinstance(schema, list):
        if not isinstance(value, list):
            yield f"{place} has to be a list"
            return
        for number, inner in enumerate(value):
            yield from check_shape(inner, schema[0], f"{place}[{number}]")
    elif not isinstance(value, schema):
        yield f"{place} has to be of the type {schema.__name__}"


def check_stages(stages, place):
    for stage in stages:
        if stage not in STAGES:
            yield f"{place}: {stage} is none of {', '.join(STAGES)}"


def check_rule(rule, place):
    if rule.get("level") not in LEVELS:
        yield f"{place}.level: {rule.get('level')} is none of {', '.join(LEVELS)}"
    urls = rule.get("nonResourceURLs", [])
    if urls and (rule.get("resources") or rule.get("namespaces")):
        yield f"{place}: nonResourceURLs goes neither with resources nor with namespaces"
    for url in urls:
        if url != "*" and (not url.startswith("/") or "*" in url[:-1]):
            yield f"{place}.nonResourceURLs: {url} has to begin with / and may have * only at its end"
    for verb in rule.get("verbs", []):
        if verb not in VERBS:
            yield f"{place}.verbs: {verb} is no verb of the API"
    for entry in rule.get("resources", []):
        group = entry.get("group", "")
        if group not in ("", "*") and not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", group):
            yield f"{place}.resources: {group} is no name of an API group (without version)"
        if entry.get("resourceNames") and not entry.get("resources"):
            yield f"{place}.resources: resourceNames needs resources"
        for resource in entry.get("resources", []):
            if not re.fullmatch(r"\*|[a-z]+|[a-z]+/([a-z]+|\*)|\*/[a-z]+", resource):
                yield f"{place}.resources: {resource} is no resource (plural, lower case, subresource behind /)"
    yield from check_stages(rule.get("omitStages", []), f"{place}.omitStages")


def fits(rule, user, groups, verb, group, what):
    """Whether a rule is about a request, as the API server decides it."""
    if rule.get("users") and user not in rule["users"]:
        return False
    if rule.get("userGroups") and not set(groups) & set(rule["userGroups"]):
        return False
    if rule.get("verbs") and not {verb, "*"} & set(rule["verbs"]):
        return False
    urls, entries = rule.get("nonResourceURLs", []), rule.get("resources", [])
    if what.startswith("/"):
        path = what.split("?")[0]
        match = [url for url in urls if url in ("*", path) or (url.endswith("*") and path.startswith(url[:-1]))]
        return bool(match) if urls or entries or rule.get("namespaces") else True
    if urls:
        return False
    if not entries:
        return not rule.get("namespaces")
    resource, _, sub = what.partition("/")
    names = {what, "*"} | ({f"{resource}/*", f"*/{sub}"} if sub else set())
    for entry in entries:
        if entry.get("group", "") == group and (not entry.get("resources") or names & set(entry["resources"])):
            if not entry.get("resourceNames"):
                return True
    return False


def check_needs(policy):
    for verb, group, what, (low, high), stages in NEEDS:
        said = set()
        for user, groups in IDENTITIES:
            rule = next((r for r in policy["rules"] if fits(r, user, groups, verb, group, what)), {"level": "None"})
            level = rule["level"]
            dropped = set(policy.get("omitStages", [])) | set(rule.get("omitStages", []))
            asked = f"{verb} {what}" + (f" of {group}" if group else "")
            if LEVELS.index(level) < LEVELS.index(low):
                said.add(f"{asked} is logged at {level}, detections need {low} ({user})")
            if LEVELS.index(level) > LEVELS.index(high):
                said.add(f"{asked} is logged at {level}, more than {high} lets secrets or noise into the log ({user})")
            if level != "None" and dropped & set(stages):
                said.add(f"{asked} is logged without the stage {', '.join(sorted(dropped & set(stages)))} ({user})")
        yield from sorted(said)


def check_file(path):
    with open(path, encoding="utf-8") as file:
        policy = yaml.safe_load(file)
    complaints = list(check_shape(policy, POLICY, "policy"))
    if complaints:
        return complaints
    if policy.get("apiVersion") != "audit.k8s.io/v1" or policy.get("kind") != "Policy":
        complaints.append("apiVersion has to be audit.k8s.io/v1 and kind Policy")
    complaints += check_stages(policy.get("omitStages", []), "policy.omitStages")
    for number, rule in enumerate(policy.get("rules") or []):
        complaints += check_rule(rule, f"policy.rules[{number}]")
    if not policy.get("rules"):
        complaints.append("policy.rules: a policy needs a rule")
    return complaints or list(check_needs(policy))


def main(paths):
    wrong = 0
    for path in paths:
        complaints = check_file(path)
        for complaint in complaints:
            print(f"{path}: {complaint}")
        wrong += len(complaints)
        print(f"{path}: {len(NEEDS)} kinds of requests by {len(IDENTITIES)} identities, {len(complaints)} complaints")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
