#!/usr/bin/env bash
# Generates the Python code of the contract from protos/ into src/. With --check it only says whether that is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

generate() { # generate FOLDER
  (cd protos && ../.venv/bin/python -m grpc_tools.protoc -I. \
    --python_out="$1" --pyi_out="$1" --grpc_python_out="$1" promessa/v1/*.proto buf/validate/validate.proto)
  # protoc writes a file of stubs for every proto, also where there is no service.
  grep -L Servicer "$1"/promessa/v1/*_pb2_grpc.py "$1"/buf/validate/*_pb2_grpc.py | xargs -r rm
}

if [ "${1:-}" = --check ]; then
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  generate "$fresh"
  for folder in promessa/v1 buf/validate; do
    diff -r --exclude=__pycache__ "$fresh/$folder" "src/$folder" ||
      { echo "The generated code is older than the contract: run tools/generate.sh and commit what it writes." >&2; exit 1; }
  done
else
  generate "$PWD/src"
fi
