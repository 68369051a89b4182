"""Drives the sandbox K3Cloud with the vendor's own SDK, kingdee-cdp-webapi-sdk 8.2.0.

    python kingdee_sdk.py URL ACCT_ID USER APP_ID APP_SECRET ORG MATERIAL

The material is lot-managed, in kg, and the organisation has the stock CK01. Ends with 1 at the first thing that is not so.
"""
import json
import sys

from k3cloud_webapi_sdk.main import K3CloudApiSdk

url, acct, user, app_id, app_secret, org, material = sys.argv[1:8]
sdk = K3CloudApiSdk(url)
sdk.InitConfig(acct, user, app_id, app_secret, url, 2052, int(org))


def check(what, holds, shown=None):
    print(("ok   " if holds else "FAIL ") + what + ("" if holds else ": " + repr(shown)), flush=True)
    if not holds:
        sys.exit(1)


def status(text):
    return json.loads(text)["Result"]["ResponseStatus"]


query = {"FormId": "BD_MATERIAL", "FieldKeys": "FNumber,FUseOrgId.FNumber", "FilterString": "FNumber='%s' and FUseOrgId.FNumber='%s'" % (material, org)}
rows = json.loads(sdk.ExecuteBillQuery(query))
check("ExecuteBillQuery", rows == [[material, org]], rows)
rows = json.loads(sdk.BillQuery(query))
check("BillQuery", rows == [{"FNumber": material, "FUseOrgId.FNumber": org}], rows)
info = json.loads(sdk.QueryBusinessInfo({"FormId": "STK_Inventory"}))
check("QueryBusinessInfo", len(info["Result"]["NeedReturnData"]["Entrys"]) > 0, info)
view = json.loads(sdk.View("BD_MATERIAL", {"CreateOrgId": 0, "Number": material, "Id": "", "IsSortBySeq": "false"}))
check("View", view["Result"]["Result"]["Number"] == material, view)

form = "STK_MISCELLANEOUS"
model = {
    "FID": 0,
    "FBillNo": "SDK-000001",
    "FStockOrgId": {"FNumber": org},
    "FDate": "2026-11-22",
    "FEntity": [
        {
            "FMATERIALID": {"FNumber": material},
            "FUnitID": {"FNumber": "kg"},
            "FSTOCKID": {"FNumber": "CK01"},
            "FLOT": {"FNumber": "SDK-LOT-1"},
            "FQty": 10.125,
        }
    ],
}
saved = sdk.Save(form, {"Model": model})
check("Save", status(saved)["IsSuccess"], saved)
number = {"Numbers": ["SDK-000001"], "Ids": ""}
for name, step in (("Submit", sdk.Submit), ("Audit", sdk.Audit)):
    answer = step(form, number)
    check(name, status(answer)["IsSuccess"], answer)
stock = sdk.ExecuteBillQuery({"FormId": "STK_Inventory", "FieldKeys": "FBaseQty", "FilterString": "FLot.FNumber='SDK-LOT-1'"})
check("the audited bill moved stock", json.loads(stock) == [[10.125]], stock)
again = sdk.Save(form, {"Model": model})
check("a bill number is unique", not status(again)["IsSuccess"], again)
for name, step in (("UnAudit", sdk.UnAudit), ("Delete", sdk.Delete)):
    answer = step(form, number)
    check(name, status(answer)["IsSuccess"], answer)
refused = json.loads(sdk.ExecuteBillQuery({"FormId": "BD_MATERIAL", "FieldKeys": "FNothing"}))
check("a refusal has MsgCode 9", refused[0][0]["Result"]["ResponseStatus"]["MsgCode"] == 9, refused)

wrong = K3CloudApiSdk(url)
wrong.InitConfig(acct, user, app_id, "f" * len(app_secret), url, 2052, int(org))
answer = json.loads(wrong.ExecuteBillQuery(query))
check("a wrong secret is told as a lost session", answer[0][0]["Result"]["ResponseStatus"]["MsgCode"] == 1, answer)
