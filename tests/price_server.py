"""A local stand-in for AWS's price sources: bulk offer files, GetProducts, Savings Plan rates. In AWS's own forms."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PUBLISHED = "2026-11-20T17:23:11Z"
Json = dict[str, Any]


def product(sku: str, usage_type: str, region: str, family: str = "ML Instance", **attributes: str) -> Json:
    """A product as the offer files list it; instanceType is as unreliable as AWS's."""
    given = {
        "servicecode": "AmazonSageMaker",
        "regionCode": region,
        "usagetype": usage_type,
        "instanceType": "NA",
    }
    return {"sku": sku, "productFamily": family, "attributes": given | attributes}


def term(sku: str, steps: list[tuple[str, str, str]], unit: str, since: str = "2026-11-01T00:00:00Z") -> Json:
    """An on-demand term with (begin, end, USD) steps."""
    code = f"{sku}.JRTCKXETXF"
    dimensions = {
        f"{code}.{n}": {
            "rateCode": f"{code}.{n}", "description": "a price", "unit": unit, "beginRange": begin,
            "endRange": end, "pricePerUnit": {"USD": usd}, "appliesTo": [],
        }
        for n, (begin, end, usd) in enumerate(steps)
    }  # fmt: skip
    made = {"offerTermCode": "JRTCKXETXF", "sku": sku, "effectiveDate": since, "priceDimensions": dimensions}
    return {code: made | {"termAttributes": {}}}


def hourly(
    sku: str, usage_type: str, region: str, usd: str, since: str = "2026-11-01T00:00:00Z"
) -> tuple[Json, Json]:
    """A product and its term, by the hour."""
    return product(sku, usage_type, region), term(sku, [("0", "Inf", usd)], "Hrs", since)


def offer(code: str, *pairs: tuple[Json, Json], published: str = PUBLISHED) -> Json:
    """An offer file."""
    return {
        "formatVersion": "v1.0", "disclaimer": "…", "offerCode": code, "version": "20261120172311",
        "publicationDate": published, "products": {p["sku"]: p for p, _ in pairs},
        "terms": {"OnDemand": {p["sku"]: t for p, t in pairs}},
        "attributesList": {},
    }  # fmt: skip


def index(code: str, *regions: str) -> Json:
    """A region index."""
    path = "/offers/v1.0/aws/{}/20261120172311/{}/index.json"
    listed = {r: {"regionCode": r, "currentVersionUrl": path.format(code, r)} for r in regions}
    return {"formatVersion": "v1.0", "publicationDate": PUBLISHED, "regions": listed}


class PriceServer:
    """Serves `files` (path → JSON, or raw bytes) and `calls` (operation → answers, page by page)."""

    def __init__(self) -> None:
        self.files: dict[str, Any] = {}
        self.calls: dict[str, list[Json]] = {}
        self.cut_short: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def publish(self, code: str, region: str, data: Any) -> None:
        """Put an offer file of one region, and list the region in the index."""
        at = f"/offers/v1.0/aws/{code}/current/region_index.json"
        listed = index(code, region)
        listed["regions"] |= self.files.get(at, {}).get("regions", {})
        self.files[at] = listed
        self.files[listed["regions"][region]["currentVersionUrl"]] = data

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = server.files.get(self.path)
                self._send(404 if data is None else 200, data if data is not None else {"Message": "no"})

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                target = self.headers.get("X-Amz-Target", self.path)
                name = next(n for n in server.calls if n in target)
                self._send(200, server.calls[name].pop(0))

            def _send(self, status: int, data: Any) -> None:
                body = data if isinstance(data, bytes) else json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if self.path in server.cut_short else body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
