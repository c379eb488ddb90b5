#!/usr/bin/env bash
# Drives a running node with a client that is not ours: Python's unmodified grpcio over mutual TLS.
# Usage: tests/interop/run.sh [path of the huxin binary]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
huxin=$(realpath "${1:-$root/target/release/huxin}")

[ -x "$here/.venv/bin/python" ] || python3 -m venv "$here/.venv"
"$here/.venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"

work=$(mktemp -d)
trap 'kill "${demo:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
"$here/.venv/bin/python" -m grpc_tools.protoc -I "$root/proto" --python_out="$work" --grpc_python_out="$work" \
  "$root"/proto/huxin/v1/*.proto

"$huxin" demo --keep --dir "$work/demo" --format json >"$work/demo.json" 2>"$work/demo.log" &
demo=$!
for _ in $(seq 100); do
  [ -s "$work/demo.json" ] && break
  kill -0 "$demo" 2>/dev/null || { cat "$work/demo.log"; exit 1; }
  sleep 0.1
done
PYTHONPATH="$work" "$here/.venv/bin/python" "$here/client.py" "$work/demo.json"
