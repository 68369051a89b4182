"""Drives the sandbox SAP Gateway with pyodata, an OData V2 client that knows nothing of this project.

    python sap_pyodata.py URL CLIENT USER PASSWORD PLANT

The server must hold stock of a batch in the plant, more entities than one page, and a released production order.
Ends with 1 when anything is not so.
"""
import datetime
import sys
from decimal import Decimal

import pyodata
import requests
from pyodata.exceptions import HttpError

url, client, user, password, plant = sys.argv[1:6]
posting_day = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc)
failures = 0


def check(what, holds, shown=None):
    global failures
    failures += not holds
    print(("ok   " if holds else "FAIL ") + what + ("" if holds else ": " + repr(shown)), flush=True)


def connect(service):
    session = requests.Session()
    session.auth = (user, password)
    session.headers["sap-client"] = client
    root = "%s/sap/opu/odata/sap/%s/" % (url, service)
    return session, root, pyodata.Client(root, session)


def with_token(session, root):
    answer = session.head(root, headers={"x-csrf-token": "Fetch"})
    session.headers["x-csrf-token"] = answer.headers["x-csrf-token"]
    return session.headers["x-csrf-token"]


def refusal(call):
    """Status of a call that the server is to refuse, and what it says; 0 when it did not."""
    try:
        call()
    except HttpError as error:
        return error.response.status_code, error.response.text
    return 0, ""


# --- $metadata ---------------------------------------------------------------------------------------------------------
expected = {
    "API_PRODUCT_SRV": ["A_Product", "A_ProductDescription", "A_ProductPlant", "A_ProductUnitsOfMeasure"],
    "API_BATCH_SRV": ["Batch"],
    "API_MATERIAL_STOCK_SRV": ["A_MatlStkInAcctMod"],
    "API_MATERIAL_DOCUMENT_SRV": ["A_MaterialDocumentHeader", "A_MaterialDocumentItem"],
    "API_PRODUCTION_ORDER_2_SRV": ["A_ProductionOrder_2", "A_ProductionOrderComponent_2", "A_ProductionOrderItem_2"],
}
connected = {service: connect(service) for service in expected}
for service, sets in expected.items():
    found = {one.name for one in connected[service][2].schema.entity_sets}
    check("%s: metadata parses" % service, found.issuperset(sets), found)
product_session, product_root, products = connected["API_PRODUCT_SRV"]
batch_session, batch_root, batches = connected["API_BATCH_SRV"]
_, _, stocks = connected["API_MATERIAL_STOCK_SRV"]
movement_session, movement_root, movements = connected["API_MATERIAL_DOCUMENT_SRV"]
_, _, orders = connected["API_PRODUCTION_ORDER_2_SRV"]

# --- reading -----------------------------------------------------------------------------------------------------------
total = products.entity_sets.A_Product.get_entities().count().execute()
page = products.entity_sets.A_Product.get_entities().order_by("Product asc").count(inline=True).execute()
check("the count stands beside the first page", page.total_count == total, (page.total_count, total))
read, pages = [one.Product for one in page], 1
while page.next_url is not None:
    page = products.entity_sets.A_Product.get_entities().next_url(page.next_url).execute()
    read += [one.Product for one in page]
    pages += 1
check("the pages hold every product once", len(read) == total == len(set(read)) and pages > 1, (len(read), total, pages))
two = products.entity_sets.A_Product.get_entities().order_by("Product asc").skip(1).top(2).select("Product").execute()
check("skip and top", [one.Product for one in two] == read[1:3], [one.Product for one in two])
one = products.entity_sets.A_Product.get_entity(read[0]).expand("to_Description,to_Plant").execute()
texts = {text.Language: text.ProductDescription for text in one.to_Description}
check("an entity with its texts and plants", {"EN", "ZH"} <= set(texts) and one.to_Plant[0].Product == read[0], texts)
request = products.entity_sets.A_Product.get_entities()
chosen = request.filter(request.ProductType == "FERT").execute()
check("a filter chooses", 0 < len(chosen) < total and all(it.ProductType == "FERT" for it in chosen), len(chosen))
since = "LastChangeDateTime ge datetimeoffset'2099-01-01T00:00:00Z'"
check("a filter by time", products.entity_sets.A_Product.get_entities().filter(since).execute() == [])
status, text = refusal(lambda: products.entity_sets.A_Product.get_entity("NOT-THERE").execute())
check("an unknown product is 404", status == 404, (status, text))
status, text = refusal(lambda: products.entity_sets.A_Product.get_entities().filter("Nothing eq '1'").execute())
check("an unknown property is 400", status == 400, (status, text))
released = orders.entity_sets.A_ProductionOrder_2.get_entities().filter("OrderIsReleased eq 'X'")
order = released.expand("to_ProductionOrderComponent").top(1).execute()[0]
check("an order with its components", len(order.to_ProductionOrderComponent) > 0, order.ManufacturingOrder)


# --- a goods movement: deep insert behind CSRF, then the function import Cancel -----------------------------------------
def held(material, location, batch):
    rows = stocks.entity_sets.A_MatlStkInAcctMod.get_entities().filter(
        "Material eq '%s' and Plant eq '%s' and StorageLocation eq '%s' and Batch eq '%s' and InventoryStockType eq '01'"
        % (material, plant, location, batch)
    ).execute()
    return sum((Decimal(row.MatlWrhsStkQtyInMatlBaseUnit) for row in rows), Decimal(0))


stock = stocks.entity_sets.A_MatlStkInAcctMod.get_entities().filter(
    "Plant eq '%s' and StorageLocation eq '0101' and Batch ne '' and InventoryStockType eq '01'"
    " and MaterialBaseUnit eq 'KG' and MatlWrhsStkQtyInMatlBaseUnit ge 2m" % plant
).top(1).execute()[0]
material, lot = stock.Material, stock.Batch
before = held(material, "0101", lot), held(material, "0150", lot)
item = {
    "Material": material,
    "Plant": plant,
    "StorageLocation": "0101",
    "Batch": lot,
    "GoodsMovementType": "311",
    "QuantityInEntryUnit": "1.125",
    "EntryUnit": "KG",
    "IssuingOrReceivingPlant": plant,
    "IssuingOrReceivingStorageLoc": "0150",
    "IssgOrRcvgBatch": lot,
}


def post(quantity):
    return movements.entity_sets.A_MaterialDocumentHeader.create_entity().set(
        GoodsMovementCode="04",
        PostingDate=posting_day,
        DocumentDate=posting_day,
        ReferenceDocument="PYODATA-1",
        to_MaterialDocumentItem=[{**item, "QuantityInEntryUnit": quantity}],
    ).execute()


status, text = refusal(lambda: post("1.125"))
check("a write without a token is refused", status == 403 and "CSRF" in text, (status, text))
check("a token is had by asking", len(with_token(movement_session, movement_root)) > 0)
document = post("1.125")
check("a movement and its items in one request", len(document.to_MaterialDocumentItem) == 1, document.MaterialDocument)
after = held(material, "0101", lot), held(material, "0150", lot)
moved = Decimal("1.125")
check("it moved stock", after == (before[0] - moved, before[1] + moved), (before, after))
found = movements.entity_sets.A_MaterialDocumentHeader.get_entities().filter("ReferenceDocument eq 'PYODATA-1'").execute()
check("it is found by its reference", [it.MaterialDocument for it in found] == [document.MaterialDocument], len(found))
check("its posting date is the day that was sent", found[0].PostingDate.date() == posting_day.date(), found[0].PostingDate)
status, text = refusal(lambda: post("999999999.000"))
check("more than there is, is refused", status == 400 and "M7/021" in text, (status, text))


def cancel():
    return (
        movements.functions.Cancel.parameter("MaterialDocumentYear", document.MaterialDocumentYear)
        .parameter("MaterialDocument", document.MaterialDocument)
        .parameter("PostingDate", posting_day)
        .execute()
    )


counter = cancel()
check("Cancel answers the counter document", counter.MaterialDocument != document.MaterialDocument, counter.MaterialDocument)
check("Cancel brings the stock back", (held(material, "0101", lot), held(material, "0150", lot)) == before)
status, text = refusal(cancel)
check("a document is cancelled once", status == 400, (status, text))

# --- a batch: created, read, changed under its ETag ---------------------------------------------------------------------
with_token(batch_session, batch_root)
key = {"Material": material, "BatchIdentifyingPlant": plant, "Batch": "PYODATA1"}


def create():
    return batches.entity_sets.Batch.create_entity().set(**key, BatchBySupplier="供应商0012", ManufactureDate=posting_day).execute()


check("a batch is created", create().Batch == "PYODATA1")
status, text = refusal(create)
check("a batch is created once", status == 400, (status, text))
fresh = batches.entity_sets.Batch.get_entity(**key).execute()
check("its supplier's lot survives", fresh.BatchBySupplier == "供应商0012", fresh.BatchBySupplier)
etag = fresh.etag


def change(restricted, condition):
    request = batches.entity_sets.Batch.update_entity(method="PATCH", **key).set(MatlBatchIsInRstrcdUseStock=restricted)
    if condition is not None:
        request.add_headers({"If-Match": condition})
    request.execute()


status, text = refusal(lambda: change(True, None))
check("a change without If-Match is refused", status == 428, (status, text))
change(True, etag)
changed = batches.entity_sets.Batch.get_entity(**key).execute()
check("a change under the ETag holds", changed.MatlBatchIsInRstrcdUseStock is True, changed.MatlBatchIsInRstrcdUseStock)
status, text = refusal(lambda: change(False, etag))
check("a change under an old ETag is refused", status == 412, (status, text))

# --- logon --------------------------------------------------------------------------------------------------------------
wrong = requests.get(product_root, auth=(user, password + "x"), headers={"sap-client": client})
check("a wrong password is 401", wrong.status_code == 401, wrong.status_code)
other = requests.get(product_root, auth=(user, password), headers={"sap-client": "999"})
check("another client is 401", other.status_code == 401, other.status_code)

sys.exit(1 if failures else 0)
