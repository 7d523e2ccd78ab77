# What one does every day. `just --list` shows it.

# Formats everything.
fmt:
    cargo fmt --all

# What reviewers need not say.
lint:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings

# All tests, or those of one crate: `just test dogwatch-syntax`.
test crate="":
    cargo test --release {{ if crate == "" { "--workspace" } else { "-p " + crate } }}

# The style and structure tests alone, in seconds and without DataFusion.
tidy:
    cargo test -p dogwatch-tidy

# Runs the tool: `just run search 'verb=get | stats count by user' corpus/`.
run *arguments:
    cargo run --release -- {{ arguments }}

# Rewrites the results in the specification's pages, or in those with this in their path, from what the tool says now. Read the
# difference before you commit it.
bless page="":
    SPEC={{ page }} DOGWATCH_BLESS=1 cargo test --release --workspace --test spec -- pages

# Rewrites what the pages' console blocks show from what the tool prints now. Read the difference before you commit it.
bless-docs:
    DOGWATCH_BLESS=1 cargo test --release -p dogwatch-cli --test consoles

# Fuzzes one target for some seconds. Needs a nightly toolchain and `cargo install cargo-fuzz`.
fuzz target="parse_spl" seconds="60":
    cargo +nightly fuzz run {{ target }} -- -max_total_time={{ seconds }} -rss_limit_mb=2048

# How fast the auditd format reads a log, alone, without the scan and DataFusion around it.
bench log="corpus/auditd/b1_benign_operations.log":
    cargo run --release -p dogwatch-formats --example auditd_speed -- {{ log }}

# Dependencies: licences, advisories, sources. Needs `cargo install cargo-deny`.
deny:
    cargo deny check

# What CI runs.
ci:
    .ci/run
