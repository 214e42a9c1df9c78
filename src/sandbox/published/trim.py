#!/usr/bin/env python3
"""Makes operations.json: what Stripe publishes about the requests that the sandbox understands.

    python3 trim.py SUBSET.json > operations.json

SUBSET.json is a part of Stripe's public OpenAPI description (github.com/stripe/openapi, MIT), with the request
parameters of one API version under the key `x-request-params-<version>`: "METHOD /path" -> JSON Schema.
Those schemas say `number` for integers and decimals alike; the `paths` of the same file know the difference.

The output is small enough to read, and is read by `published/mod.rs`:

    notice, version
    operations  method, path, id (operationId), params (a schema)
    shared      schemas that occur more than once; {"ref": n} points into this list

A schema is "string", "integer", "decimal", "boolean", {"enum": [..]}, {"list": schema}, {"map": schema},
{"any": [..]}, {"object": {"fields": {..}, "required": [..]}} or {"ref": n}.
"""

import collections
import json
import sys

# Payment methods that the sandbox knows; the parameters of the others would be most of the file.
PAYMENT_METHODS = {"card", "boleto", "pix"}
METHOD_FAMILIES = ("payment_method_data", "payment_method_options", "payment_settings")

CREATED = {"any": ["integer", {"object": {"fields": {w: "integer" for w in ("gt", "gte", "lt", "lte")}, "required": []}}]}
TAX_RATE = {
    "active": "boolean", "country": "string", "description": "string", "display_name": "string",
    "expand": {"list": "string"}, "jurisdiction": "string",
    "metadata": {"any": [{"enum": [""]}, {"map": {"any": ["string", "integer"]}}]}, "state": "string",
    "tax_type": {"enum": ["amusement_tax", "communications_tax", "gst", "hst", "igst", "jct", "lease_tax", "mass_transit_parking_tax",
                          "parking_tax", "pst", "qst", "retail_delivery_fee", "rst", "sales_tax", "service_tax", "vat"]},
}

# Published, but not in the subset: method, path, name, parameters and, where there are any, those that are needed.
BY_HAND = [
    ("GET", "/v1/charges", "GetCharges", {
        "customer": "string", "payment_intent": "string", "transfer_group": "string",
        "created": CREATED,
        "ending_before": "string", "expand": {"list": "string"}, "limit": "integer", "starting_after": "string",
    }),
    ("GET", "/v1/tax_rates", "GetTaxRates", {
        "active": "boolean", "inclusive": "boolean", "created": CREATED,
        "ending_before": "string", "expand": {"list": "string"}, "limit": "integer", "starting_after": "string",
    }),
    ("POST", "/v1/tax_rates", "PostTaxRates", {
        **TAX_RATE, "inclusive": "boolean", "percentage": "decimal",
    }, ["display_name", "inclusive", "percentage"]),
    ("GET", "/v1/tax_rates/{tax_rate}", "GetTaxRatesTaxRate", {"expand": {"list": "string"}}),
    ("POST", "/v1/tax_rates/{tax_rate}", "PostTaxRatesTaxRate", TAX_RATE),
]
IDS_BY_HAND = {"POST /v1/subscriptions/{subscription}/pause": "PostSubscriptionsSubscriptionPause"}


def decimals(node, found):
    """Names of properties that are `number`, not `integer`, in the description's own request schemas."""
    if isinstance(node, dict):
        for name, schema in (node.get("properties") or {}).items():
            branches = schema.get("anyOf", [schema])
            if any(branch.get("type") == "number" for branch in branches):
                found.add(name)
        for value in node.values():
            decimals(value, found)
    elif isinstance(node, list):
        for value in node:
            decimals(value, found)
    return found


def method_names(node, found):
    """Keys of every `*_options`-like object that are payment methods: those are dropped unless known."""
    if isinstance(node, dict):
        if "enum" in node and "card" in node["enum"] and "boleto" in node["enum"]:
            found.update(node["enum"])
        for value in node.values():
            method_names(value, found)
    elif isinstance(node, list):
        for value in node:
            method_names(value, found)
    return found


def compact(schema, name, family, context):
    """One JSON Schema in the short notation of the module's header."""
    if "anyOf" in schema:
        return {"any": [compact(branch, name, family, context) for branch in schema["anyOf"]]}
    kind = schema["type"]
    if "enum" in schema:
        return {"enum": schema["enum"]}
    if kind == "number":
        return "decimal" if name in context["decimals"] else "integer"
    if kind == "array":
        return {"list": compact(schema["items"], name, family, context)}
    if kind == "object":
        fields = schema.get("properties")
        if not fields:
            more = schema.get("additionalProperties")
            if isinstance(more, dict):
                return {"map": compact(more, name, family, context)}
            return {"object": {"fields": {}, "required": []}}
        kept = {}
        for field, inner in sorted(fields.items()):
            if family and field in context["methods"] and field not in PAYMENT_METHODS:
                continue
            kept[field] = compact(inner, field, family or field in METHOD_FAMILIES, context)
        return {"object": {"fields": kept, "required": sorted(schema.get("required", []))}}
    return kind


def share(operations):
    """Moves every schema that occurs more than once into one list, innermost first."""
    counts = collections.Counter()

    def text(schema):
        return json.dumps(schema, sort_keys=True, separators=(",", ":"))

    def children(schema):
        if not isinstance(schema, dict):
            return []
        if "object" in schema:
            return list(schema["object"]["fields"].values())
        if "any" in schema:
            return schema["any"]
        return [schema[word] for word in ("list", "map") if word in schema]

    def count(schema):
        written = text(schema)
        counts[written] += 1
        if counts[written] == 1:
            for child in children(schema):
                count(child)

    shared, places = [], {}

    def replace(schema):
        written = text(schema)
        if written in places:
            return {"ref": places[written]}
        if not isinstance(schema, dict):
            return schema
        if "object" in schema:
            inner = schema["object"]
            result = {"object": {"fields": {name: replace(field) for name, field in inner["fields"].items()},
                                 "required": inner["required"]}}
        elif "any" in schema:
            result = {"any": [replace(branch) for branch in schema["any"]]}
        elif "enum" in schema:
            result = schema
        else:
            word = "list" if "list" in schema else "map"
            result = {word: replace(schema[word])}
        if counts[written] > 1 and len(written) > 40:
            places[written] = len(shared)
            shared.append(result)
            return {"ref": places[written]}
        return result

    for operation in operations:
        count(operation["params"])
    for operation in operations:
        operation["params"] = replace(operation["params"])
    return shared


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        source = json.load(file)
    overlay = next(key for key in source if key.startswith("x-request-params-"))
    context = {
        "decimals": decimals([operation.get("requestBody") for path in source["paths"].values()
                              for operation in path.values() if isinstance(operation, dict)], set()),
        "methods": method_names(source[overlay], set()),
    }
    operations = []
    for key, schema in source[overlay].items():
        method, path = key.split(" ")
        known = source["paths"].get(path, {}).get(method.lower(), {})
        operations.append({"method": method, "path": path, "id": known.get("operationId") or IDS_BY_HAND[key],
                           "params": compact(schema, "", False, context)})
    for method, path, name, fields, *needed in BY_HAND:
        operations.append({"method": method, "path": path, "id": name,
                           "params": {"object": {"fields": fields, "required": needed[0] if needed else []}}})
    operations.sort(key=lambda operation: (operation["path"], operation["method"]))
    shared = share(operations)
    license_ = source["info"]["license"]

    def line(value):
        return json.dumps(value, sort_keys=True, separators=(",", ":"))

    print("{")
    print('"notice":' + line("Made by trim.py from Stripe's OpenAPI description, MIT License, "
                             + license_["x-copyright"] + ". See LICENSE beside this file.") + ",")
    print('"version":' + line(overlay.removeprefix("x-request-params-")) + ",")
    print('"operations":[\n' + ",\n".join(line(operation) for operation in operations) + "\n],")
    print('"shared":[\n' + ",\n".join(line(schema) for schema in shared) + "\n]")
    print("}")


if __name__ == "__main__":
    main()
