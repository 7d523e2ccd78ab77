//! The shapes that secrets have in text.
//!
//! Each shape is a pattern whose first group is what stands before the secret, and the second the secret. The patterns
//! are run one after the other; what one has masked the next leaves alone.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::{MASKED, hidden};

/// Names that hold a secret, at their end: `DB_PASSWORD`, `access_token`, `apiKey`. `pwd` and `pass` count only behind
/// a separator, since `PWD` is a folder.
const NAMES: &str = concat!(
    r"(?:[A-Za-z0-9_.\-]*(?:password|passwd|passphrase|secret|token|api[_\-]?key|access[_\-]?key|secret[_\-]?key|",
    r"private[_\-]?key|auth[_\-]?key)|[A-Za-z0-9_.\-]*[_\-](?:pwd|pass|auth)|pass)",
);

/// Options that take a secret. `--secret` takes the name of one.
const OPTIONS: &str = concat!(
    r#"(?:^|[\s"'])--?[A-Za-z0-9\-]*(?:password|passwd|passphrase|token|api-?key|access-?key|secret-?key|"#,
    "client-secret|private-?key)",
);

/// A value without quotes: up to white space or a quote that is not escaped.
const BARE: &str = r#"[^\s"'\\](?:[^\s"'\\]|\\[^"'])*"#;

/// The same behind white space, where what starts with a dash is the next option.
const APART: &str = r#"[^\s"'\\\-](?:[^\s"'\\]|\\[^"'])*"#;

/// Words that stand where a token could: behind `Bearer` in prose, and the schemes of HTTP's header.
const NO_TOKENS: &[&str] = &["auth", "authentication", "authorization", "basic", "bearer", "token", "tokens"];

/// The patterns, in the order in which they run.
fn patterns() -> Vec<String> {
    let mut all = in_headers();
    all.extend(by_name());
    all.extend(by_program());
    all.extend(by_themselves());
    all
}

/// A private key, up to its end or, where that is cut off, the text's; and the headers of HTTP.
fn in_headers() -> Vec<String> {
    vec![
        r"(?s)(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)(.*?)(-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)".to_owned(),
        format!(
            r#"(?i)({header}(?:(?:bearer|basic|token|negotiate|digest)\s+)?)({BARE})"#,
            header = r#"authorization\\?["']?\s*[:=]\s*\\?["']?"#,
        ),
        format!(
            r#"(?i)((?:x-(?:vault-token|registry-auth|auth-token|api-key)|private-token){behind})({BARE})"#,
            behind = r#"\\?["']?\s*[:=]\s*\\?["']?"#,
        ),
        r#"(?i)(\bbearer(?:\s+|%20))([A-Za-z0-9._~+/=%\-]+)"#.to_owned(),
    ]
}

/// What an option or a name in front calls a secret: `--token x`, `PGPASSWORD=x`, `"password": "x"`, `password: x`.
fn by_name() -> Vec<String> {
    vec![
        format!(r#"(?i)({OPTIONS}(?:=|\s+)\\?["'])([^"']+)"#),
        format!(r#"(?i)({OPTIONS}(?:=|\s+))({APART})"#),
        // A literal of a Kubernetes Secret is secret whatever its key is called.
        format!(r#"(?i)(--from-literal(?:=|\s+)["']?[A-Za-z0-9_.\-]+=)({BARE})"#),
        format!(r#"(?i)(\b{NAMES}\\?["']?\s*[:=]\s*\\")([^"\\]+)"#),
        format!(r#"(?i)(\b{NAMES}["']?\s*[:=]\s*")((?:[^"\\]|\\.)+)"#),
        format!(r#"(?i)(\b{NAMES}["']?\s*[:=]\s*')([^']+)"#),
        format!(r#"(?i)(\b{NAMES}=)({BARE})"#),
        format!(r#"(?i)(\b[A-Za-z0-9_.\-]*(?:password|passwd|passphrase|api[_\-]?key|access[_\-]?key):\s+)({BARE})"#),
        r#"(?i)(\baws_secret_access_key["']?\s*[:=\s]\s*["']?)([A-Za-z0-9/+=]{16,})"#.to_owned(),
    ]
}

/// Passwords behind an option that only some programs use for one.
fn by_program() -> Vec<String> {
    let logins = "docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|oc";
    // Further words of the same command.
    let words = r"\s(?:[^|;&\n]*?\s)?";
    vec![
        format!(r#"(?i)(\b(?:{logins}){words}login{words}-p(?:=|\s+)?["']?)({APART})"#),
        format!(r#"(\b(?:mysql|mysqldump|mysqladmin|mariadb){words}-p["']?)({APART})"#),
        format!(r#"(\bsshpass\s+-p\s*["']?)({APART})"#),
        format!(r#"(\bredis-cli{words}-a\s+["']?)({APART})"#),
        format!(r#"(\b(?:curl|wget){words}(?:-u|--user)(?:=|\s+)?["']?[^\s:"'/]+:)({BARE})"#),
    ]
}

/// The password in an address, a token that stands for name and password there, and tokens that are known by how they
/// begin.
fn by_themselves() -> Vec<String> {
    let known = r"ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|xox[abeprs]-|hvs\.|hvb\.|dckr_pat_|npm_|AIza|sk_live_";
    vec![
        r#"(?i)([a-z][a-z0-9+.\-]*://[^\s/:@"']*:)([^\s/@"']+)(@)"#.to_owned(),
        r#"(?i)([a-z][a-z0-9+.\-]*://)([^\s/:@"']{16,})(@)"#.to_owned(),
        r"(\b(?:AKIA|ASIA))([A-Z0-9]{12,})".to_owned(),
        format!(r"(\b(?:{known}))([A-Za-z0-9_.\-]{{10,}})"),
        r"(\b)(eyJ[A-Za-z0-9_\-+/]{13,}=*(?:\.[A-Za-z0-9_\-]*)*)".to_owned(),
    ]
}

/// All patterns at once, to tell texts without a secret, which are nearly all.
static ANY: LazyLock<RegexSet> = LazyLock::new(|| RegexSet::new(patterns()).expect("the tests compile every pattern"));

static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns().iter().map(|pattern| Regex::new(pattern).expect("the tests compile every pattern")).collect()
});

/// A name that ends as those of secrets do, for what stands apart from its value (an environment variable in JSON).
pub(super) fn is_secret_name(name: &str) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(r"(?i)\A(?:--?)?{NAMES}\z")).expect("the pattern is made of one that the tests compile")
    });
    NAME.is_match(name)
}

/// Masks all shapes in a text.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    if !has_letters(text) || !ANY.is_match(text) {
        return masked;
    }
    for pattern in PATTERNS.iter() {
        if let Some(changed) = replaced(pattern, &masked) {
            masked = Cow::Owned(changed);
        }
    }
    masked
}

/// Whether a text has what every pattern wants, and numbers, times and addresses have not.
fn has_letters(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
}

/// The text with all secrets of one shape masked; none if it has none.
fn replaced(pattern: &Regex, text: &str) -> Option<String> {
    let mut changed: Option<String> = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = pattern.captures_at(text, at) {
        let (Some(whole), Some(secret)) = (found.get(0), found.get(2)) else { break };
        let beyond = |end: usize| end.max(text.ceil_char_boundary(whole.start() + 1));
        at = beyond(whole.end());
        let shown = secret.as_str();
        // What an earlier pattern masked, as in `--token=eyJhbGci…masked`, has been dealt with.
        let is_masked = shown.ends_with(MASKED) || text[secret.end()..].starts_with(MASKED);
        let is_prose = NO_TOKENS.iter().any(|word| shown.eq_ignore_ascii_case(word));
        if is_prose {
            // The word can itself stand before a secret: `Bearer Bearer x`.
            at = beyond(secret.start());
        }
        if shown.is_empty() || is_masked || is_prose || is_looked_up(shown) {
            continue;
        }
        let changed = changed.get_or_insert_with(|| String::with_capacity(text.len()));
        changed.push_str(&text[copied..secret.start()]);
        changed.push_str(&hidden(shown));
        copied = secret.end();
    }
    changed.map(|mut changed| {
        changed.push_str(&text[copied..]);
        changed
    })
}

/// Whether a value is one that a shell looks up when the command runs, and tells where and not what: `$TOKEN`,
/// `$(cat …)`, or the path of a template: `{.data.password}`. A variable in lower case could as well be a password that
/// starts with `$`.
pub(super) fn is_looked_up(value: &str) -> bool {
    if ["{.", "{{", "$(", "${"].iter().any(|start| value.starts_with(start)) {
        return true;
    }
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    value.strip_prefix('$').is_some_and(|name| !name.is_empty() && name.chars().all(is_name))
}
