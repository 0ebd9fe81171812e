"""Synthetic weights: what the words of a description suggest, times the pieces of a set, give or take a third.

The real catalogue has no weights. The last word that the table knows names the thing (a GLASS BEAD NECKLACE is a
necklace), up to a WITH, FOR or IN; words count whole (KEY is not in MONKEY), in singular or plural.
"""

from __future__ import annotations

import re
from random import Random

GRAMS_MIN, GRAMS_MAX = 5, 12_000
GRAMS_OTHERWISE = 240
"""Where the table knows no word: mostly some small decoration."""

_RULES: tuple[tuple[str, int], ...] = (
    # words, grams of one piece
    ("SIDEBOARD WARDROBE", 9_500),
    ("CABINET TABLE CHAIR STOOL TRUNK CHEST BENCH HAMMOCK", 4_200),
    ("DOORMAT SHELF SHELVES RACK MIRROR LADDER UMBRELLA", 1_600),
    ("LANTERN CLOCK LAMP CANDELABRA CHANDELIER TRELLIS DOORSTOP", 850),
    ("TEAPOT JUG CAKESTAND PLATTER CASSEROLE SAUCEPAN KETTLE BASKET CRATE BIN", 800),
    ("QUILT BLANKET THROW CUSHION PILLOW", 550),
    ("FRAME TRAY STAND DRAWER STORAGE ORGANISER HOLDER PARASOL BOARD BLACKBOARD", 480),
    ("SIGN ZINC ENAMEL STONE", 420),
    ("MUG CUP SAUCER PLATE BOWL JAR GLASS DISH TANKARD VASE POT BOTTLE", 360),
    ("TIN BOX WOOD WOODEN GARDEN METAL CERAMIC", 300),
    ("NOTEBOOK BOOK JOURNAL DIARY ALBUM CALENDAR GAME PUZZLE JIGSAW KIT DOLL TOY", 280),
    ("CANDLE INCENSE SOAP CUTLERY TEASPOON", 170),
    ("TOWEL APRON BAG HANDBAG SHOPPER RUCKSACK SLIPPER SCARF TABLECLOTH", 160),
    ("GARLAND BUNTING DECORATION WREATH FELT PARTY STRING LIGHT LETTER TILE", 150),
    ("GLOVE MITTEN SOCK PURSE WALLET COVER CASE STRAW", 90),
    ("CARD WRAP TISSUE NAPKIN RIBBON TAPE PAPER DOILY TAG ENVELOPE", 60),
    ("EARRING NECKLACE BRACELET RING BROOCH CHARM BEAD HAIR KEYRING KEY HOOK KNOB MAGNET", 45),
    ("PENCIL PEN RUBBER ERASER SHARPENER RULER STICKER TATTOO BALLOON", 30),
)
_GRAMS = {word: grams for words, grams in _RULES for word in words.split()}

_SIZES = {"JUMBO": 2.2, "LARGE": 1.6, "GIANT": 2.5, "SMALL": 0.65, "MINI": 0.4, "TRAVEL": 0.6, "MINIATURE": 0.3}

_THING = re.compile(r"^.*?(?=\s(?:WITH|W|FOR|IN)\b|$)")
_WORD = re.compile(r"[A-Z]+")
_PIECES = re.compile(r"\b(?:SET|PACK|BOX|PK|BAG)\s*(?:OF|/)?\s*(\d+)\b|\b(\d+)\s*(?:PIECE|PC|PCE)\b")
PIECES_MAX = 24
PIECES_POWER = 0.7
"""Pieces of a set are smaller than single ones."""


def weight_grams(sku: str, description: str) -> int:
    """The synthetic weight of one unit as it is sold: always the same for the same sku and description."""
    text = description.upper()
    thing = _THING.search(text)
    words = _WORD.findall(thing.group() if thing else text)
    grams = next((grams for word in reversed(words) if (grams := _grams_of(word))), GRAMS_OTHERWISE)
    scale: float = _pieces(text) ** PIECES_POWER * Random(f"weight of {sku}").uniform(0.75, 1.33)
    for word in words:
        scale *= _SIZES.get(word, 1.0)
    return round(min(GRAMS_MAX, max(GRAMS_MIN, grams * scale)))


def _grams_of(word: str) -> int | None:
    return _GRAMS.get(word) or _GRAMS.get(word.removesuffix("S")) or _GRAMS.get(word.removesuffix("ES"))


def _pieces(text: str) -> float:
    found = _PIECES.search(text)
    pieces = int(found.group(1) or found.group(2)) if found else 1
    return float(min(max(pieces, 1), PIECES_MAX))
