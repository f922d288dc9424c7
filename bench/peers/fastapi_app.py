"""What a team writes by hand: FastAPI with the Open Inference request as pydantic models and ONNX Runtime on one thread. fastapi_app.py <onnx> <port>."""

import sys

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
output = session.get_outputs()[0].name


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Request(BaseModel):
    inputs: list[Tensor]


app = FastAPI()


@app.get("/ready")
async def ready():
    return {"ready": True}


@app.post("/v2/models/model/infer")
async def infer(request: Request):
    tensor = request.inputs[0]
    values = np.array(tensor.data, dtype=np.float32).reshape(tensor.shape)
    (result,) = session.run([output], {tensor.name: values})
    data = {"name": output, "shape": list(result.shape), "datatype": "FP32", "data": result.ravel().tolist()}
    return JSONResponse({"model_name": "model", "outputs": [data]})


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="warning")
