"""Checks that a wheel has all that promessa needs to run: `python tools/check_wheel.py WHEEL`."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

WANTED = {
    "the store's functions": r"promessa/store/lua/reserve\.lua",
    "the kernel": r"promessa/kernel/_kernel\..*\.so",
    "the replica": r"promessa/replica/_replica\..*\.so",
    "the ledger": r"promessa/store/_ledger\..*\.so",
    "the operations": r"promessa/store/_operations\..*\.so",
    "the mailboxes": r"promessa/service/_mailbox\..*\.so",
    "the requests": r"promessa/server/_requests\..*\.so",
    "the answers": r"promessa/server/_answers\..*\.so",
    "the rows of decisions": r"promessa/service/_rows\..*\.so",
    "the contract": r"promessa/v1/.*_service_pb2_grpc\.py",
    "the rules of the contract": r"buf/validate/validate_pb2\.py",
    "the ready-made policies": r"promessa/policies/nearest-first\.yaml",
    "the schema of policies": r"promessa/policies/policy\.schema\.json",
    "the demo's data": r"promessa/demo/data/order_lines\.csv\.gz",
    "the notice of the demo's data": r"promessa/demo/data/NOTICE\.md",
    "the types": r"promessa/py\.typed",
    "the licence": r"promessa-.*\.dist-info/licenses/LICENSE",
}
UNWANTED = r"(tests|bench|loadtests|ext|tools)/.*"


def main(wheel: Path) -> int:
    names = zipfile.ZipFile(wheel).namelist()
    missing = [what for what, name in WANTED.items() if not any(re.fullmatch(name, each) for each in names)]
    foreign = [name for name in names if re.fullmatch(UNWANTED, name)]
    for what in missing:
        print(f"{wheel.name} lacks {what}: see package-data in pyproject.toml.", file=sys.stderr)
    for name in foreign:
        print(f"{wheel.name} has {name}, which does not belong there.", file=sys.stderr)
    return 1 if missing or foreign else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
