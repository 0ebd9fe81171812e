"""Makes the extracts in src/promessa/demo/data from the original files: `python tools/build_demo_data.py FOLDER`.

FOLDER holds online_retail_orders.csv.gz, online_retail_skus.csv, municipios.csv, cities_population.csv and cep5.csv.
The NOTICE.md beside the extracts names their sources and licences, and the columns of each file.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

OUT = Path(__file__).parent.parent / "src" / "promessa" / "demo" / "data"
CITIES = 400
ORDERS = 5_200


def main(folder: Path) -> None:
    write("cities.csv.gz", ["ibge", "name", "uf", "latitude", "longitude", "time_zone", "population"], cities(folder))
    write("postal_prefixes.csv.gz", ["prefix", "uf", "city", "ceps", "latitude", "longitude"], prefixes(folder))
    write("skus.csv.gz", ["sku", "description"], rows(folder / "online_retail_skus.csv"))
    write("order_lines.csv.gz", ["order_id", "placed_at", "sku", "quantity"], order_lines(folder))


def cities(folder: Path) -> Iterator[list[object]]:
    """The most populous municipalities: a GeoNames place of the same name no further than 0.4 degrees."""
    places = defaultdict(list)
    for _, name, _, latitude, longitude, population in rows(folder / "cities_population.csv"):
        places[plain(name)].append((float(latitude), float(longitude), int(population)))
    found = []
    for ibge, name, uf, latitude, longitude, _, zone in rows(folder / "municipios.csv"):
        near = [
            place[2]
            for place in places[plain(name)]
            if abs(place[0] - float(latitude)) < 0.4 and abs(place[1] - float(longitude)) < 0.4
        ]
        if near:
            found.append([ibge, name, uf, latitude, longitude, zone, max(near)])
    yield from sorted(found, key=lambda row: -int(row[6]))[:CITIES]


def prefixes(folder: Path) -> Iterator[list[object]]:
    """The prefixes with coordinates, those of their municipality to three decimals."""
    for prefix, uf, city, ceps, _, latitude, longitude in rows(folder / "cep5.csv"):
        if latitude and longitude:
            yield [prefix, uf, city, ceps, f"{float(latitude):.3f}", f"{float(longitude):.3f}"]


def order_lines(folder: Path) -> Iterator[list[str]]:
    """The lines of the first orders, without prices."""
    seen: set[str] = set()
    for order_id, placed_at, sku, quantity, _ in rows(folder / "online_retail_orders.csv.gz"):
        seen.add(order_id)
        if len(seen) > ORDERS:
            return
        yield [order_id, placed_at, sku, quantity]


def plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()


def rows(path: Path) -> Iterator[list[str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""))
    next(reader)
    yield from reader


def write(name: str, header: list[str], lines: Iterable[Iterable[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    # mtime 0: the same input gives the same bytes.
    (OUT / name).write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/build_demo_data.py FOLDER, the folder of the five original files")
    main(Path(sys.argv[1]))
