//! What is masked, what is not, and that nothing hostile gets the better of it.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;

use super::{MASKED, SecretMembers, SecretRules, mask};

/// Rules like those of an API's audit log, with an id that looks like a key.
fn rules() -> SecretRules {
    SecretRules {
        keys: vec!["identityToken", "hush"],
        public_keys: vec!["accessKeyId", "sessionToken"],
        objects: vec![SecretMembers {
            kind: ("kind", &["Secret", "SecretList"]),
            record: ("objectRef", "resource", "secrets"),
            members: &["data", "stringData"],
            field_parts: &["Object.data.", "Object.stringData."],
        }],
    }
}

fn mask_field<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    super::mask_field(name, value, &rules())
}

fn mask_json(raw: &str) -> Cow<'_, str> {
    super::mask_json(raw, &rules())
}

fn mask_raw(raw: &str) -> Cow<'_, str> {
    super::mask_raw(raw, &rules())
}

const JWT: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6YTpiIn0.c2lnbmF0dXJl-_x";

#[track_caller]
fn hides(text: &str, secret: &str, shown: &str) {
    let masked = mask(text);
    assert!(!masked.contains(secret), "{masked}");
    assert_eq!(masked, shown);
    assert_eq!(mask(&masked), masked, "masking twice changes nothing more");
}

#[test]
fn secrets_on_command_lines_are_hidden() {
    hides("curl -H 'Authorization: Bearer s3cr3t-x'", "s3cr3t", "curl -H 'Authorization: Bearer …masked'");
    hides("curl -H Bearer Bearer s3cr3t-x", "s3cr3t", "curl -H Bearer Bearer …masked");
    hides("--token a\u{1d}Bearer Bearer s3cr3t-x", "s3cr3t", "--token …masked Bearer …masked");
    hides("curl -H Authorization: Basic dXNlcjpwdw==", "dXNl", "curl -H Authorization: Basic …masked");
    hides("curl -H \"X-Vault-Token: hunter2\" https://v", "hunter2", "curl -H \"X-Vault-Token: …masked\" https://v");
    hides("kubectl --token=hunter2 get pods", "hunter2", "kubectl --token=…masked get pods");
    hides("kubectl --token hunter2 get pods", "hunter2", "kubectl --token …masked get pods");
    hides("x --password \"two words\" y", "words", "x --password \"…masked\" y");
    hides("docker login -u me -p hunter2 reg.example.com", "hunter2", "docker login -u me -p …masked reg.example.com");
    hides("docker --debug login -phunter2 reg", "hunter2", "docker --debug login -p…masked reg");
    hides("sh -c PGPASSWORD=hunter2 psql -h db", "hunter2", "sh -c PGPASSWORD=…masked psql -h db");
    hides("env DB_PASS=hunter2 MYSQL_PWD=abc x", "hunter2", "env DB_PASS=…masked MYSQL_PWD=…masked x");
    hides("mysql -uroot -phunter2 db", "hunter2", "mysql -uroot -p…masked db");
    hides("curl -u admin:hunter2 http://a", "hunter2", "curl -u admin:…masked http://a");
    hides(
        "git clone https://me:hunter2@git.example.com/a",
        "hunter2",
        "git clone https://me:…masked@git.example.com/a",
    );
    hides("git clone https://ghp_abcdefghijklmnopqrst@git/a", "abcdef", "git clone https://…masked@git/a");
    hides(
        "kubectl create secret generic a --from-literal=user=bob",
        "bob",
        "kubectl create secret generic a --from-literal=user=…masked",
    );
    hides("curl 'https://a/b?access_token=hunter2'", "hunter2", "curl 'https://a/b?access_token=…masked'");
    hides("aws_access_key_id AKIAIOSFODNN7EXAMPLE", "IOSFODNN7", "aws_access_key_id AKIA…masked");
    hides(
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "wJalr",
        "aws_secret_access_key = …masked",
    );
    hides(
        "{\"auth\": 1, \"password\": \"a\\\"b\", \"x\": 2}",
        "a\\\"b",
        "{\"auth\": 1, \"password\": \"…masked\", \"x\": 2}",
    );
    hides("curl -d {\\\"password\\\":\\\"hunter2\\\"}", "hunter2", "curl -d {\\\"password\\\":\\\"…masked\\\"}");
    hides("PGPASSWORD=$ecr3t psql", "ecr3t", "PGPASSWORD=…masked psql");
    hides("kubectl --token={s3cretvalue99} get", "s3cret", "kubectl --token=…masked get");
    hides("kubectl --token=`s3cret get", "s3cret", "kubectl --token=…masked get");
    hides("x --password=ab\\cd y", "cd", "x --password=…masked y");
    hides("secret=hunter2 api_key=abc passwd=x1", "hunter2", "secret=…masked api_key=…masked passwd=…masked");
}

#[test]
fn keys_and_tokens_are_hidden_and_told_apart() {
    hides(&format!("curl -H Bearer {JWT}"), "c2lnbmF0", "curl -H Bearer eyJhbGci…masked");
    hides(&format!("echo {JWT} | x"), "c2lnbmF0", "echo eyJhbGci…masked | x");
    hides(&format!("kubectl --token={JWT}"), "c2lnbmF0", "kubectl --token=eyJhbGci…masked");
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\ndef\n-----END RSA PRIVATE KEY-----\nrest";
    hides(key, "MIIabc", "-----BEGIN RSA PRIVATE KEY-----…masked-----END RSA PRIVATE KEY-----\nrest");
    hides("-----BEGIN PRIVATE KEY-----\\nMIIabc", "MIIabc", "-----BEGIN PRIVATE KEY-----…masked");
    hides("x ghp_0123456789abcdef y glpat-0123456789abcdef", "0123456789", "x ghp_…masked y glpat-…masked");
}

#[test]
fn fields_that_are_named_like_secrets_are_hidden_whole() {
    for name in ["responseObject.data.password", "requestObject.stringData.a", "db_password", "user.token"] {
        assert_eq!(mask_field(name, "aHVudGVyMg=="), MASKED, "{name}");
    }
    for name in ["user", "object", "objectRef.name", "secret", "process"] {
        assert_eq!(mask_field(name, "aHVudGVyMg=="), "aHVudGVyMg==", "{name}");
    }
}

#[test]
fn names_and_behaviour_stay() {
    for text in [
        "kubectl get secret db-credentials -o yaml",
        "kubectl -n a get secrets,pods",
        "kubectl get secret/db-credentials",
        "kubectl create token builder -n ci",
        "cat /var/run/secrets/kubernetes.io/serviceaccount/token",
        "docker ps -p 80 --no-trunc",
        "docker run -p 8080:80 -e PWD=/srv nginx",
        "curl -H 'Authorization: Bearer $(cat /var/run/secrets/token)'",
        "curl --token $TOKEN --token-file /a/b",
        "PGPASSWORD=${DB_PASSWORD} psql",
        "kubectl get secret a -o go-template={{.data.token}}",
        "kubectl get secret a -o jsonpath={.data.password}",
        "get secrets payments/db-credentials (200)",
        "create serviceaccounts/token argocd/velero (201)",
        "bearer tokens on a command line",
        "docker login --password-stdin reg.example.com",
        "docker service create --secret db-password nginx",
        "/api/v1/namespaces/a/secrets?limit=500",
        "PWD=/root OLDPWD=/tmp compass=north",
        "https://user@example.com:6443/api",
        "type=SOCKADDR msg=audit(1795401382.124:2250): saddr=0200",
        "system:serviceaccount:kube-system:token-cleaner",
    ] {
        assert_eq!(mask(text), text);
    }
}

#[test]
fn arguments_of_a_record_are_read_together() {
    let record =
        "type=EXECVE msg=audit(1795401382.124:2250): argc=4 a0=\"kubectl\" a1=\"--token\" a2=\"hunter2\" a3=\"get\"\n";
    assert_eq!(
        mask(record),
        "type=EXECVE msg=audit(1795401382.124:2250): argc=4 command=\"kubectl --token …masked get\"\n"
    );
    let hex: String = "Authorization: Bearer hunter2".bytes().map(|byte| format!("{byte:02X}")).collect();
    let record = format!("type=EXECVE msg=audit(1:2): argc=3 a0=\"curl\" a1=\"-H\" a2={hex}");
    assert!(mask(&record).ends_with("command=\"curl -H Authorization: Bearer …masked\""), "{}", mask(&record));
    let title: String = "docker\0login\0-p\0hunter2".bytes().map(|byte| format!("{byte:02x}")).collect();
    let masked = mask(&format!("type=PROCTITLE msg=audit(1:2): proctitle={title}")).into_owned();
    assert!(masked.ends_with("command=\"docker login -p …masked\""), "{masked}");
    let spaced: String = "correct horse battery".bytes().map(|byte| format!("{byte:02X}")).collect();
    let execve = "type=EXECVE msg=audit(1:2):";
    for record in [
        format!("{execve} argc=4 a0=\"kubectl\" a1=\"--password\" a2={spaced} a3=\"get\"\n"),
        // The kernel cuts long commands anywhere.
        format!("{execve} argc=4 a0=\"kubectl\" a1=\"--password\"\n{execve} a2={spaced}\n{execve} a3=\"get\"\n"),
    ] {
        let masked = mask(&record).into_owned();
        assert!(
            masked.starts_with(&format!("{execve} argc=4 command=\"kubectl --password …masked get\"\n")),
            "{masked}"
        );
        assert!(!masked.contains(&spaced) && !masked.contains("horse"), "{masked}");
        assert_eq!(mask(&masked), masked);
    }
    let line: String = "kubectl --token hunter2 get".bytes().map(|byte| format!("{byte:02X}")).collect();
    for (record, behind) in [
        (
            format!("type=USER_CMD msg=audit(1:2): pid=1 msg='cwd=\"/root\" cmd={line} terminal=pts/0 res=success'"),
            " terminal",
        ),
        (format!("type=TTY msg=audit(1:2): tty pid=1 data={line}"), ""),
        (format!("type=USER_TTY msg=audit(1:2): pid=1 data={line}"), ""),
    ] {
        let masked = mask(&record).into_owned();
        assert!(masked.contains(&format!("command=\"kubectl --token …masked get\"{behind}")), "{masked}");
    }
    let quiet = "type=EXECVE msg=audit(1:2): argc=2 a0=\"ls\" a1=2D6C61612061";
    assert_eq!(mask(quiet), quiet);
}

#[test]
fn keys_are_secret_or_public_as_the_rules_say() {
    let id = "AKIAIOSFODNN7EXAMPLE";
    let raw = format!(r#"{{"a":[{{"hush":"x1","accessKeyId":"{id}","id":"{id}","sessionToken":"t"}}],"key":"x1"}}"#);
    let (masked, read) = masked_json(&raw);
    assert_eq!(read["a"][0]["hush"], MASKED, "{masked}");
    assert_eq!((&read["a"][0]["accessKeyId"], &read["a"][0]["sessionToken"]), (&id.into(), &"t".into()));
    assert_eq!((&read["a"][0]["id"], &read["key"]), (&"AKIA…masked".into(), &"x1".into()));
    assert_eq!(mask_field("userIdentity.accessKeyId", id), id);
    assert_eq!(mask_field("accessKeyId.value", id), "AKIA…masked");
    assert_eq!((mask_field("a.hush", "x1"), mask_field("a.sessionToken", "t")), (MASKED.into(), "t".into()));
    assert_ne!(super::mask_json(&raw, &SecretRules::default()), masked, "without rules others are masked");
}

#[test]
fn lists_under_a_secret_name_are_hidden_and_what_says_where_a_secret_is_stays() {
    let raw = r#"{"password":["x1","x2"],"hush":{"a":["x3"]},"token":{"lasts":3600},"tokens":[{"name":"n"}]}"#;
    let (masked, read) = masked_json(raw);
    assert!(!["x1", "x2", "x3"].iter().any(|secret| masked.contains(secret)), "{masked}");
    assert_eq!((&read["token"]["lasts"], &read["tokens"][0]["name"]), (&3600.into(), &"n".into()));
    assert_eq!((mask_field("a.password{}", "x1"), mask_field("a.names{}", "n")), (MASKED.into(), "n".into()));
}

#[test]
fn a_field_that_holds_json_is_masked_as_json() {
    let patch = r#"{"kind":"Secret","data":{"a":"aHVudGVyMg=="},"metadata":{"name":"db"}}"#;
    let masked = mask_field("requestObject.last", patch);
    assert!(!masked.contains("aHVu") && masked.contains("\"db\""), "{masked}");
}

fn event(body: &str) -> String {
    format!(
        r#"{{"kind":"Event", "objectRef":{{"resource":"secrets","name":"db"}},"verb":"get","n":1.50,"responseObject":{body}}}"#
    )
}

#[track_caller]
fn masked_json(raw: &str) -> (String, Value) {
    let masked = mask_json(raw).into_owned();
    let read = serde_json::from_str(&masked).unwrap_or_else(|error| panic!("{error}: {masked}"));
    assert_eq!(mask_json(&masked), masked, "masking twice changes nothing more");
    (masked, read)
}

#[test]
fn values_of_secrets_are_hidden_wherever_they_come() {
    let secret = r#"{"kind":"Secret","metadata":{"name":"db","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\",\"stringData\":{\"password\":\"hunter2\"},\"kind\":\"Secret\"}\n"}},"data":{"password":"aHVudGVyMg==","n":1},"type":"Opaque"}"#;
    for body in [
        secret.to_owned(),
        format!(r#"{{"kind":"SecretList","items":[{}]}}"#, secret.replace(r#""kind":"Secret","#, "")),
        format!(r#"{{"kind":"Table","rows":[{{"cells":["db","Opaque",2],"object":{secret}}}]}}"#),
        format!(r#"{{"kind":"List","items":[{secret}]}}"#),
        r#"{"data":{"password":"aHVudGVyMg=="}}"#.to_owned(),
        r#"[{"op":"replace","path":"/data/password","value":"aHVudGVyMg=="},{"op":"add","path":"/stringData","value":{"a":"hunter2"}}]"#.to_owned(),
    ] {
        for raw in [event(&body), event(&body).replace("\"resource\":\"secrets\"", "\"resource\":\"x\"")] {
            let tells_itself = body.contains("Secret") || raw.contains("secrets");
            let (masked, _) = masked_json(&raw);
            if tells_itself {
                assert!(!masked.contains("hunter2") && !masked.contains("aHVudGVyMg"), "{masked}");
            }
            assert!(masked.starts_with(r#"{"kind":"Event", "objectRef":"#) && masked.contains("\"n\":1.50"), "{masked}");
        }
    }
    let (_, read) = masked_json(&event(secret));
    assert_eq!(read["responseObject"]["data"]["password"], MASKED);
    assert_eq!(read["responseObject"]["metadata"]["name"], "db");
}

#[test]
fn names_written_with_escapes_are_the_same_names() {
    let secret = r#"{"kind":"S\u0065cret","d\u0061ta":{"a":"aHVudGVyMg=="}}"#;
    let nested = r#"[{"n\u0061me":"DB_PASSW\u004fRD","value":"hunter2"},"--t\u006fken","hunter2"]"#;
    for body in [secret, nested] {
        let (masked, _) = masked_json(&event(body).replace("secrets", "pods"));
        assert!(!masked.contains("hunter2") && !masked.contains("aHVudGVyMg"), "{masked}");
    }
}

#[test]
fn tokens_and_arguments_in_events_are_hidden() {
    let raw = format!(
        r#"{{"objectRef":{{"resource":"serviceaccounts","subresource":"token"}},"responseObject":{{"kind":"TokenRequest","status":{{"token":"{JWT}"}}}},"requestObject":{{"spec":{{"containers":[{{"env":[{{"name":"DB_PASSWORD","value":"hunter2"}},{{"name":"HOME","value":"/a"}}],"args":["--token","hunter2","--name","db"],"command":["sh","-c","psql --password=hunter2"]}}],"volumes":[{{"secret":{{"secretName":"db"}}}}]}}}}}}"#
    );
    let (masked, read) = masked_json(&raw);
    assert!(!masked.contains("hunter2") && !masked.contains("c2lnbmF0"), "{masked}");
    assert_eq!(read["responseObject"]["status"]["token"], "eyJhbGci…masked");
    assert_eq!(read["objectRef"]["subresource"], "token");
    let pod = &read["requestObject"]["spec"];
    assert_eq!(pod["volumes"][0]["secret"]["secretName"], "db");
    assert_eq!(pod["containers"][0]["env"][1]["value"], "/a");
    assert_eq!(pod["containers"][0]["args"], serde_json::json!(["--token", MASKED, "--name", "db"]));
}

#[test]
fn what_cannot_be_read_is_not_shown_where_it_may_hold_a_secret() {
    assert!(!mask_json(r#"{"kind":"Secret","data":{"password":"aHVudGVyMg"#).contains("aHVudGVyMg"));
    assert_eq!(mask_json("not json --token=x1"), "not json --token=…masked");
    let deep = format!("{}\"data\"", "[".repeat(100_000));
    assert!(mask_json(&deep).contains("masked"));
    assert_eq!(mask_raw("plain"), "plain");
}

#[test]
fn time_grows_with_the_text_and_no_faster() {
    for part in [
        "docker login ",
        "\"data\":{",
        "a1=\"--token\" ",
        "https://",
        "password=",
        "-----BEGIN PRIVATE KEY-----",
        "[",
        "\\\"",
    ] {
        let text = format!("type=EXECVE {}", part.repeat(200_000 / part.len()));
        let started = Instant::now();
        let _ = mask(&text);
        let _ = mask_json(&text[12..]);
        assert!(started.elapsed() < Duration::from_secs(20), "{part}: {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "(?s).{0,200}") {
        let _ = mask(&text);
        let _ = mask_raw(&text);
    }

    #[test]
    fn hostile_text_is_masked_once_and_for_all(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("--token "), Just("password="), Just("Bearer "), Just("eyJhbGciOiJSUzI1NiJ9aaaa"), Just("https://a:"),
                Just("@"), Just("\""), Just("'"), Just("\\"), Just("type=EXECVE "), Just("a0="), Just("\"docker\" "),
                Just("login -p "), Just("hunter2 "), Just("ä\u{1d}"), Just("\n"), Just("Authorization: "), Just("=: "),
            ],
            0..12,
        ),
    ) {
        let text = parts.concat();
        let once = mask(&text).into_owned();
        prop_assert_eq!(mask(&once), once.as_str());
    }

    #[test]
    fn json_stays_json(
        text in "[a-z {}\\[\\]\"\\\\:,=\u{e4}]{0,40}", key in "(data|token|value|name|x|password)", kind in "(Secret|Pod)",
    ) {
        let value = serde_json::json!({ "kind": kind, key.as_str(): [text.as_str(), { "data": text.as_str() }], "t": text.as_str() });
        let masked = mask_json(&value.to_string()).into_owned();
        prop_assert!(serde_json::from_str::<Value>(&masked).is_ok(), "{}", masked);
    }
}
