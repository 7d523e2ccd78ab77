#!/bin/bash
"$DOGWATCH" "$@" 2>"$RUNS.stderr"
code=$?
{ printf '%s\n' "$code"; printf '%s ' "$@"; printf '\n'; cat "$RUNS.stderr"; printf '\0'; } >>"$RUNS"
cat "$RUNS.stderr" >&2
exit $code
