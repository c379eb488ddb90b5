#!/usr/bin/env bash
# Runs the commands of docs/operating.md as they stand there, in their order.
# Usage: tests/operating/run.sh (from the repository's root, after cargo build --release)
set -euo pipefail
cd "$(dirname "$0")/../.."
script=$(mktemp)
trap 'rm -f "$script"; kill $(jobs -p) 2>/dev/null || true' EXIT
printf 'set -euxo pipefail\ntrap '\''kill $(jobs -p) 2>/dev/null || true'\'' EXIT\n' >"$script"
awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' docs/operating.md >>"$script"
bash "$script"
