"""A Tryton database filled: a company, its goods, its centers, what is on shelves."""

from collections.abc import Mapping
from typing import Any

from connectors.tryton.rpc import Rpc
from domain.quantities import FcId, SkuId

USER = "admin"
CUSTOMER = "LANEWISE"
# Tryton writes one clause into the other for records made in one call.
AT_ONCE = 50

Units = Mapping[SkuId, int]


async def context_of(rpc: Rpc) -> dict[str, Any]:
    """Return the context that every call of the company's needs."""
    preferences = await rpc.ask("model.res.user.get_preferences", True)
    return {"company": preferences["company"]}


async def shelves_of(rpc: Rpc, fc: FcId, context: dict[str, Any]) -> int:
    """Return where a center's shelves are."""
    found = await rpc.ask(
        "model.stock.location.search_read",
        [["type", "=", "warehouse"], ["code", "=", fc]],
        0,
        1,
        None,
        ["storage_location"],
        context=context,
    )
    return int(found[0]["storage_location"])


async def found_company(rpc: Rpc) -> int:
    """Found the company that owns the stock, and its nameless customer."""
    one = {"__class__": "Decimal", "decimal": "1"}
    cent = {"__class__": "Decimal", "decimal": "0.01"}
    since = {"__class__": "date", "year": 2020, "month": 1, "day": 1}
    rate = {"rate": one, "date": since}
    dollar = {
        **{"name": "US Dollar", "symbol": "$", "code": "USD", "digits": 2},
        **{"rounding": cent, "rates": [["create", [rate]]]},
    }
    currency = await rpc.act("model.currency.currency.create", [dollar])
    parties = [
        {"name": "Owner of the stock"},
        {
            **{"name": "Orders of Lanewise", "code": CUSTOMER},
            "addresses": [["create", [{"street": "as on the label"}]]],
        },
    ]
    owner, _ = await rpc.act("model.party.party.create", parties)
    company = await rpc.act(
        "model.company.company.create", [{"party": owner, "currency": currency[0]}]
    )
    users = await rpc.ask("model.res.user.search", [["login", "=", USER]], 0, 1, None)
    works_for = {"companies": [["add", company]], "company": company[0]}
    await rpc.act("model.res.user.write", users, works_for)
    return int(company[0])


async def make_products(
    rpc: Rpc, skus: list[SkuId], context: dict[str, Any]
) -> dict[SkuId, int]:
    """Make the goods that are not known yet; return all by code."""
    unit = await rpc.ask(
        "model.product.uom.search", [["symbol", "=", "u"]], 0, 1, None, context=context
    )
    known = await _by_code(rpc, skus, context)
    new = [
        {
            **{"name": sku, "code": sku, "type": "goods", "default_uom": unit[0]},
            "products": [["create", [{}]]],
        }
        for sku in skus
        if sku not in known
    ]
    for first in range(0, len(new), AT_ONCE):
        some = new[first : first + AT_ONCE]
        await rpc.act("model.product.template.create", some, context=context)
    return await _by_code(rpc, skus, context)


async def _by_code(
    rpc: Rpc, skus: list[SkuId], context: dict[str, Any]
) -> dict[SkuId, int]:
    found = await rpc.ask(
        "model.product.product.search_read",
        [["code", "in", skus]],
        0,
        None,
        None,
        ["code"],
        context=context,
    )
    return {SkuId(one["code"]): int(one["id"]) for one in found}


async def build_center(rpc: Rpc, fc: FcId, context: dict[str, Any]) -> int:
    """Build a warehouse; return where its shelves are."""
    zones = await rpc.act(
        "model.stock.location.create",
        [
            {"name": f"{fc} {zone}", "type": "storage"}
            for zone in ("input", "output", "shelves")
        ],
        context=context,
    )
    lost = await rpc.ask(
        "model.stock.location.search", [["type", "=", "lost_found"]], 0, 1, None
    )
    warehouse = {
        **{"name": fc, "code": fc, "type": "warehouse"},
        **{"input_location": zones[0], "output_location": zones[1]},
        **{"storage_location": zones[2], "lost_found_location": lost[0]},
    }
    await rpc.act("model.stock.location.create", [warehouse], context=context)
    return int(zones[2])


async def count_goods(
    rpc: Rpc,
    storage: int,
    units: Units,
    products: Mapping[SkuId, int],
    context: dict[str, Any],
) -> None:
    lines = [{"product": products[sku], "quantity": n} for sku, n in units.items()]
    inventories = [
        {
            **{"location": storage, "company": context["company"]},
            "lines": [["create", lines[first : first + AT_ONCE]]],
        }
        for first in range(0, len(lines), AT_ONCE)
    ]
    made = await rpc.act("model.stock.inventory.create", inventories, context=context)
    await rpc.act("model.stock.inventory.confirm", made, context=context)


async def units_at(
    rpc: Rpc, places: list[int], skus: list[SkuId], context: dict[str, Any]
) -> dict[SkuId, int]:
    """Return the units that are at some places, as Tryton counts."""
    found = await rpc.ask(
        "model.product.product.search_read",
        [["code", "in", skus]],
        0,
        None,
        None,
        ["code", "quantity"],
        context={**context, "locations": places, "with_childs": True},
    )
    return {SkuId(one["code"]): int(one["quantity"] or 0) for one in found}
