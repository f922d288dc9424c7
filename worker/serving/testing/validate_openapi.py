"""Validates OpenAPI 3.1 documents: validate_openapi.py <base url> <token>. Prints what is wrong in the documents, and in examples beside their schemas."""
import json
import sys
import urllib.request

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

BASE, TOKEN = sys.argv[1:]
wrong = []
examples = 0
answers = 0


def ask(path, body=None, kind="application/json"):
    data = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
    request = urllib.request.Request(BASE + path, data=data, headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": kind})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


for name in ("columns", "price", "everything"):
    document = ask(f"/v2/models/{name}/openapi.json")
    wrong += [f"{name}: {error.message}" for error in OpenAPIV31SpecValidator(document).iter_errors()]
    components = {"components": document["components"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answer_schema = {**operation["responses"]["200"]["content"]["application/json"]["schema"], **components}
            content = operation.get("requestBody", {}).get("content", {})
            for kind, media in content.items():
                for example in media.get("examples", {}).values():
                    schema = {**media["schema"], **components}
                    found = list(Draft202012Validator(schema).iter_errors(example["value"]))
                    wrong += [f"{name} {path} {kind}: {error.message}" for error in found]
                    examples += 1
                    if path.endswith("/outcomes"):
                        continue
                    answer = ask(path, example["value"], kind)
                    wrong += [f"{name} {path} answer: {e.message}" for e in Draft202012Validator(answer_schema).iter_errors(answer)]
                    answers += 1
            if method == "get":
                answer = ask(path)
                wrong += [f"{name} {path} answer: {e.message}" for e in Draft202012Validator(answer_schema).iter_errors(answer)]
                answers += 1
print(json.dumps({"wrong": wrong, "examples": examples, "answers": answers}))
