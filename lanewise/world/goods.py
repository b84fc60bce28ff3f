"""About five hundred SKUs with honest sizes, weights and needs."""

from dataclasses import dataclass
from random import Random
from typing import Any

from domain.quantities import Dimensions, SkuId
from domain.sku import Palletizing, Sku, TemperatureBand

PALLET_LENGTH_MM, PALLET_WIDTH_MM, PALLET_HEIGHT_MM = 1_219, 1_016, 1_500
PALLET_LOAD_G = 900_000

_CHILLED = {"temperature": TemperatureBand.CHILLED}
_FROZEN = {"temperature": TemperatureBand.FROZEN}


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of goods: how many SKUs, and the ranges they are drawn from.

    Sizes are in millimeters, longest first; ``g_per_l`` is density as packed
    for the shelf; ``cents`` is the value of a unit.
    """

    category: str
    code: str
    count: int
    nouns: tuple[str, ...]
    length: tuple[int, int]
    width: tuple[int, int]
    height: tuple[int, int]
    g_per_l: tuple[int, int]
    cents: tuple[int, int]
    traits: tuple[tuple[str, Any], ...]
    shelf_life_h: tuple[int, int] | None
    pallets: bool


def _kind(*row: Any, **rest: Any) -> Kind:
    """Build a kind; what is not a column is a trait of each SKU."""
    own: dict[str, Any] = {
        "shelf_life_h": rest.pop("shelf_life_h", None),
        "pallets": rest.pop("pallets", False),
    }
    return Kind(*row, **{"traits": tuple(sorted(rest.items())), **own})


_UP = {"this_side_up": True}
KINDS = (
    _kind(
        *("apparel", "APP", 50, ("tee", "hoodie", "jeans", "dress", "jacket", "socks")),
        *((240, 380), (180, 300), (20, 90), (180, 320), (900, 14_000)),
        flexible=True,
    ),
    _kind(
        *("footwear", "SHOE", 28, ("runner", "boot", "sandal", "loafer", "trail shoe")),
        *((290, 350), (180, 230), (105, 135), (90, 180), (3_500, 18_000)),
    ),
    _kind(
        *("grocery", "GRO", 36, ("pasta", "olive oil", "granola", "rice", "coffee")),
        *((120, 300), (80, 180), (50, 110), (450, 950), (350, 3_200)),
        pallets=True,
        shelf_life_h=(2_000, 8_000),
    ),
    _kind(
        *("grocery-chilled", "CHL", 40, ("brie", "yogurt", "salmon", "ham", "hummus")),
        *((100, 220), (80, 160), (30, 90), (600, 1_000), (400, 4_800)),
        shelf_life_h=(72, 240),
        **_CHILLED,
    ),
    _kind(
        *("frozen-food", "FRZ", 26, ("ice cream", "berries", "shrimp", "dumplings")),
        *((110, 240), (90, 180), (50, 100), (500, 950), (450, 5_200)),
        shelf_life_h=(400, 2_000),
        **_FROZEN,
    ),
    _kind(
        *("beverages", "BEV", 26, ("sparkling water", "cola", "juice", "cold brew")),
        *((260, 400), (200, 270), (120, 240), (750, 980), (900, 4_200)),
        pallets=True,
        **_UP,
    ),
    _kind(
        *("electronics", "ELE", 42, ("headphones", "router", "speaker", "keyboard")),
        *((140, 460), (100, 300), (50, 160), (180, 420), (2_900, 48_000)),
        fragile=True,
    ),
    _kind(
        *("computers", "CMP", 12, ("laptop", "tablet", "camera", "monitor")),
        *((320, 620), (230, 420), (60, 190), (200, 420), (62_000, 280_000)),
        fragile=True,
    ),
    _kind(
        *("jewelry", "JWL", 15, ("necklace", "watch", "ring", "bracelet")),
        *((90, 160), (80, 120), (40, 80), (150, 420), (58_000, 520_000)),
    ),
    _kind(
        *("cosmetics", "COS", 34, ("serum", "cream", "lipstick", "shampoo", "mask")),
        *((90, 220), (50, 90), (30, 70), (500, 950), (700, 9_800)),
    ),
    _kind(
        *("aerosols", "AER", 15, ("hair spray", "deodorant", "dry shampoo", "paint")),
        *((160, 260), (52, 68), (52, 66), (480, 720), (550, 2_400)),
        hazmat_class="2.1",
        this_side_up=True,
    ),
    _kind(
        *("batteries", "BAT", 10, ("power station", "drill battery", "scooter pack")),
        *((140, 380), (90, 240), (60, 180), (900, 1_500), (3_900, 62_000)),
        hazmat_class="9",
    ),
    _kind(
        *("homeware", "HOM", 32, ("vase", "wine glass", "teapot", "plate", "lamp")),
        *((140, 380), (120, 280), (80, 240), (250, 700), (1_200, 12_500)),
        fragile=True,
        this_side_up=True,
        max_load_g=4_000,
    ),
    _kind(
        *("furniture", "FUR", 22, ("bookcase", "desk", "armchair", "bench", "shelf")),
        *((900, 1_900), (400, 760), (140, 420), (90, 210), (8_900, 64_000)),
        ships_in_own_container=True,
        ships_alone=True,
    ),
    _kind(
        *("books", "BOK", 20, ("novel", "atlas", "cookbook", "biography")),
        *((190, 310), (130, 240), (14, 45), (600, 820), (900, 5_900)),
    ),
    _kind(
        *("toys", "TOY", 24, ("puzzle", "robot", "blocks", "doll", "train set")),
        *((200, 450), (150, 320), (50, 140), (120, 350), (900, 9_000)),
    ),
    _kind(
        *("pharmacy", "RX", 14, ("vitamins", "bandage", "thermometer", "test kit")),
        *((90, 180), (60, 120), (30, 80), (280, 620), (600, 8_000)),
        shelf_life_h=(4_000, 12_000),
    ),
    _kind(
        *("pharmacy-chilled", "RXC", 10, ("insulin", "eye drops", "vaccine kit")),
        *((90, 160), (60, 110), (40, 70), (350, 700), (2_500, 14_000)),
        shelf_life_h=(48, 120),
        fragile=True,
        **_CHILLED,
    ),
    _kind(
        *("sports", "SPO", 20, ("dumbbell", "yoga mat", "helmet", "racket", "tent")),
        *((250, 740), (140, 340), (80, 240), (150, 900), (1_900, 22_000)),
    ),
    _kind(
        *("office", "OFC", 20, ("copy paper", "toner", "binder", "chair mat")),
        *((300, 430), (220, 300), (150, 260), (500, 900), (1_400, 9_500)),
        pallets=True,
    ),
    _kind(
        *("pet-food", "PET", 14, ("kibble", "cat food", "litter", "treats")),
        *((380, 620), (280, 420), (90, 160), (420, 680), (1_900, 7_900)),
        pallets=True,
    ),
)
WORDS = ("Alder", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Harbor")


def skus(random: Random) -> dict[SkuId, Sku]:
    """Draw the catalog; SKU ids tell the kind and stay the same for every seed."""
    found = (_sku(random, kind, n) for kind in KINDS for n in range(1, kind.count + 1))
    return {sku.id: sku for sku in found}


def _sku(random: Random, kind: Kind, n: int) -> Sku:
    size = Dimensions(
        length_mm=random.randint(*kind.length),
        width_mm=random.randint(*kind.width),
        height_mm=random.randint(*kind.height),
    )
    # Grams per liter times cubic millimeters: a liter is a million of them.
    weight_g = max(20, size.volume_mm3 * random.randint(*kind.g_per_l) // 1_000_000)
    shelf_life_h = random.randint(*kind.shelf_life_h) if kind.shelf_life_h else None
    return Sku(
        id=SkuId(f"{kind.code}-{n:03d}"),
        title=f"{random.choice(WORDS)} {kind.nouns[n % len(kind.nouns)]}",
        category=kind.category,
        size=size,
        weight_g=weight_g,
        value_cents=_price(random, kind.cents),
        shelf_life_h=shelf_life_h,
        pallet=palletizing(size, weight_g) if kind.pallets else None,
        **dict(kind.traits),
    )


def _price(random: Random, cents: tuple[int, int]) -> int:
    """Draw a price that ends in 95 cents; low prices are the more frequent."""
    low, high = cents
    drawn = low + int((high - low) * random.random() ** 2)
    return max(low, drawn // 100 * 100 - 5)


def palletizing(size: Dimensions, weight_g: int) -> Palletizing:
    """Say how many such units stand on a pallet, in layers, upright."""
    long, short = max(size.length_mm, size.width_mm), min(size.length_mm, size.width_mm)
    per_layer = max(
        (PALLET_LENGTH_MM // long) * (PALLET_WIDTH_MM // short),
        (PALLET_LENGTH_MM // short) * (PALLET_WIDTH_MM // long),
    )
    layers = PALLET_HEIGHT_MM // size.height_mm
    by_weight = PALLET_LOAD_G // (weight_g * per_layer)
    return Palletizing(
        units_per_layer=per_layer,
        units_per_pallet=per_layer * max(1, min(layers, by_weight)),
    )
