"""`python -m promessa.server.prepare`: creates the data set and installs the library, once, before anything else runs."""

from __future__ import annotations

import asyncio
import sys

from promessa.domain.errors import PromessaError
from promessa.server.settings import read_resolved
from promessa.server.store_connection import prepare


def main() -> int:
    try:
        asyncio.run(prepare(read_resolved()))
    except PromessaError as error:
        print(error.message, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The store cannot be reached: {error}. Start it, or correct PROMESSA_REDIS_URL.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
