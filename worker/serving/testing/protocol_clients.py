"""Drives an endpoint with the clients that the authors of the protocol wrote: protocol_clients.py <host:port> <token>. Prints what they saw as JSON.

The server answers from the fixtures `columns` (four typed columns) and `everything` (a tensor of each datatype, given back).
"""
import asyncio
import json
import sys

import numpy as np
import tritonclient.http as triton
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from tritonclient.utils import InferenceServerException

ADDRESS, TOKEN = sys.argv[1:]
# Given as a copy each time: the client writes into what it is given.
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
ROWS = {
    "size": np.array([[0.5], [-2]], np.float32),
    "count": np.array([[3], [-1]], np.int64),
    "flag": np.array([[True], [False]]),
    "city": np.array([["Oslo"], ["Bergen"]], dtype=np.object_),
}
TYPES = {"size": "FP32", "count": "INT64", "flag": "BOOL", "city": "BYTES"}
EVERY = {
    "BOOL": np.array([[True, False]]),
    **{f"{sign}INT{bits}": np.array([[1, 2**7 - 1]], f"{'u' if sign else ''}int{bits}") for sign in ("", "U") for bits in (8, 16, 32, 64)},
    "FP16": np.array([[1.5, -65504]], np.float16),
    "FP32": np.array([[1.5, 0.1]], np.float32),
    "FP64": np.array([[0.1, 1e300]], np.float64),
    "BYTES": np.array([["é", ""]], dtype=np.object_),
}


def inputs(columns, types, binary):
    made = []
    for name, values in columns.items():
        tensor = triton.InferInput(name, list(values.shape), types[name])
        tensor.set_data_from_numpy(values, binary_data=binary)
        made.append(tensor)
    return made


def plain(array):
    return [v.decode() if isinstance(v, bytes) else v for v in array.ravel().tolist()]


def with_triton():
    client = triton.InferenceServerClient(ADDRESS, concurrency=4)
    seen = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": [client.is_model_ready("columns", v, headers=dict(HEADERS)) for v in ("", "3", "9")],
        "extensions": client.get_server_metadata()["extensions"],
        "metadata": client.get_model_metadata("columns", "3", headers=dict(HEADERS))["inputs"],
        "index": client.get_model_repository_index(headers=dict(HEADERS)),
        "answers": [],
        "everything": [],
    }
    for binary_in in (True, False):
        for outputs in (
            None,
            [triton.InferRequestedOutput(n, binary_data=True) for n in ("probabilities", "label")],
            [triton.InferRequestedOutput("label", binary_data=False), triton.InferRequestedOutput("probabilities", binary_data=True)],
        ):
            result = client.infer("columns", inputs(ROWS, TYPES, binary_in), outputs=outputs, headers=dict(HEADERS), request_id="mine")
            seen["answers"].append([result.get_response()["id"], plain(result.as_numpy("label")), plain(result.as_numpy("probabilities"))])
        names = {f"in_{t}": t for t in EVERY}
        columns = {f"in_{t}": v for t, v in EVERY.items()}
        # Its JSON form knows no 16-bit floats.
        if binary_in:
            result = client.infer("everything", inputs(columns, names, True), headers=dict(HEADERS))
            for datatype, values in EVERY.items():
                back = result.as_numpy(f"out_{datatype}")
                same = plain(back) == plain(values) and (datatype == "BYTES" or back.dtype == values.dtype)
                seen["everything"].append([datatype, same])
    waiting = [client.async_infer("columns", inputs(ROWS, TYPES, True), headers=dict(HEADERS), request_id=str(i)) for i in range(40)]
    seen["async"] = [w.get_result().get_response()["id"] for w in waiting]
    try:
        client.infer("columns", inputs(ROWS, TYPES, True), model_version="9", headers=dict(HEADERS))
    except InferenceServerException as error:
        seen["refused"] = error.message()
    statistics = client.get_inference_statistics("columns", headers=dict(HEADERS))["model_stats"][0]
    seen["statistics"] = {k: statistics[k] for k in ("name", "version", "inference_count")}
    seen["all_statistics"] = [s["name"] for s in client.get_inference_statistics(headers=dict(HEADERS))["model_stats"]]
    client.close()
    return seen


async def with_kserve():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    base = f"http://{ADDRESS}"

    async def infer(model, columns, types, binary):
        tensors = []
        for name, values in columns.items():
            tensor = InferInput(name, list(values.shape), types[name])
            tensor.set_data_from_numpy(values, binary_data=binary)
            tensors.append(tensor)
        request = InferRequest(model, tensors, request_id="mine")
        return await client.infer(base, request, model_name=model, headers=dict(HEADERS))

    answers, everything = [], []
    for binary in (True, False):
        answer = await infer("columns", ROWS, TYPES, binary)
        answers.append([answer.id] + [[o.name, plain(o.as_numpy())] for o in answer.outputs])
        # As JSON it sends no 16-bit floats, and nor to a model that would give them back so.
        if not binary:
            continue
        names = {f"in_{t}": t for t in EVERY}
        back = await infer("everything", {f"in_{t}": v for t, v in EVERY.items()}, names, binary)
        given = {o.name: o.as_numpy() for o in back.outputs}
        everything += [[t, plain(given[f"out_{t}"]) == plain(v)] for t, v in EVERY.items()]
    return {
        "ready": await client.is_model_ready(base, "columns", headers=dict(HEADERS)),
        "answers": answers,
        "everything": everything,
    }


print(json.dumps({"triton": with_triton(), "kserve": asyncio.run(with_kserve())}))
