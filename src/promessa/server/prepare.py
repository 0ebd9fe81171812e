"""`python -m promessa.server.prepare`: creates the data set and installs the library, once, before anything else runs."""

from __future__ import annotations

import asyncio
import sys

from redis.exceptions import RedisError

from promessa.domain.errors import PromessaError
from promessa.server.logs import configure_logging
from promessa.server.settings import read_resolved
from promessa.server.store_connection import prepare
from promessa.store.fitness import StoreUnfit


def main() -> int:
    settings = read_resolved()
    configure_logging(settings.log_level)
    try:
        asyncio.run(prepare(settings))
    except (PromessaError, StoreUnfit) as error:
        print(error, file=sys.stderr)
        return 1
    except (RedisError, OSError) as error:
        print(f"The store cannot be reached: {error}. Start it, or correct PROMESSA_REDIS_URL.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
