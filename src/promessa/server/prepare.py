"""`python -m promessa.server.prepare`: creates the data set and installs the library, once, before anything else runs."""

from __future__ import annotations

import asyncio
import sys

from redis.exceptions import RedisError

from promessa.domain.errors import PromessaError
from promessa.server.settings import read_resolved
from promessa.server.store_connection import prepare
from promessa.store.fitness import StoreUnfit


def main() -> int:
    try:
        asyncio.run(prepare(read_resolved()))
    except (PromessaError, StoreUnfit) as error:
        print(error, file=sys.stderr)
        return 1
    except (RedisError, OSError) as error:
        print(f"The store cannot be reached: {error}. Start it, or correct PROMESSA_REDIS_URL.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
