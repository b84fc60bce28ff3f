"""Facts of what is asked for: the order's own words, and its goods."""

from domain.order import ServiceLevel
from domain.sku import TemperatureBand
from domain.subject import SubjectKind
from segmentation.declared.declaring import Declaring, words_of
from segmentation.schema import FactSource

_ORDER = Declaring(FactSource.ORDER)
_TOTAL = Declaring(FactSource.SKU)
_KIND = Declaring(FactSource.SKU, (SubjectKind.ORDER, SubjectKind.SKU))

REQUEST = (
    _ORDER.number("lines", "lines", "lines of the order"),
    _ORDER.number("units", "units", "units over all lines"),
    _ORDER.number(
        "max_line_units", "units on the largest line", "units of the line that has most"
    ),
    _ORDER.ranked(
        "requested_service",
        "requested service",
        "what the customer chose at checkout",
        words_of(ServiceLevel),
    ),
    _ORDER.text("channel", "channel", "where the order was placed"),
    _ORDER.yes_no("pickup", "pickup", "the customer collects the goods"),
    _ORDER.yes_no("gift", "gift", "sent as a gift"),
    _ORDER.yes_no("signature", "signature", "the customer asks for a signature"),
    _ORDER.yes_no("residential", "residential", "delivered to a home"),
)
GOODS = (
    _TOTAL.number("order_value_cents", "order value", "units × unit value", "cents"),
    _KIND.number(
        "max_unit_value_cents",
        "dearest unit's value",
        "value of the dearest unit",
        "cents",
    ),
    _TOTAL.number(
        "weight_g", "weight", "what the order states, else the units' net weight", "g"
    ),
    _TOTAL.number("volume_mm3", "volume", "net volume of all units", "mm3"),
    _TOTAL.number("density_g_per_l", "density", "weight over volume", "g/l"),
    _KIND.ranked(
        "temperature",
        "temperature",
        "the coldest band any unit needs",
        words_of(TemperatureBand),
    ),
    _KIND.yes_no("hazmat", "hazmat", "any unit has a hazard class"),
    _KIND.words("hazmat_classes", "hazard classes", "hazard classes present"),
    _KIND.yes_no("fragile", "fragile", "any unit is fragile"),
    _KIND.yes_no("ships_alone", "ships alone", "any unit must travel alone"),
    _KIND.words("skus", "SKUs", "ids of the SKUs ordered"),
    _KIND.words("categories", "categories", "the SKUs' categories"),
    _KIND.number("longest_mm", "longest side", "longest side of any unit", "mm"),
    _KIND.number("girth_mm", "girth", "largest length plus girth", "mm"),
    _KIND.number(
        "heaviest_unit_g", "heaviest unit", "weight of the heaviest unit", "g"
    ),
    _KIND.yes_no("spoils", "spoils", "any unit has a shelf life"),
    _KIND.number(
        "min_shelf_life_h",
        "shortest shelf life",
        "unknown where nothing spoils: ask `spoils` first",
        "h",
    ),
    _TOTAL.number(
        "pallet_units",
        "full pallets",
        "full pallets the units would make, summed over SKUs that palletize",
    ),
)
