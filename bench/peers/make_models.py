"""Trains the models of the comparison with scikit-learn and writes each as ONNX and as an MLflow model: make_models.py <folder>."""

import shutil
import sys
from pathlib import Path

import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from onnxruntime import InferenceSession
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestRegressor
from sklearn.neural_network import MLPRegressor

FEATURES = 30
ROWS = 4000

random = np.random.default_rng(30)
x = random.normal(size=(ROWS, FEATURES)).astype(np.float32)
y = np.tanh(x[:, :10].sum(axis=1) / 3) + x[:, 10] * x[:, 11] + random.normal(scale=0.1, size=ROWS)
frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(FEATURES)])

models = {
    "mlp": MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=30, random_state=0),
    "trees": RandomForestRegressor(n_estimators=100, max_depth=6, random_state=0),
}
folder = Path(sys.argv[1])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
for name, model in models.items():
    model.fit(frame, y)
    onnx = to_onnx(model, initial_types=[("x", FloatTensorType([None, FEATURES]))], target_opset={"": 17, "ai.onnx.ml": 3})
    file = folder / f"{name}.onnx"
    file.write_bytes(onnx.SerializeToString())
    answers = InferenceSession(file, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0].ravel()
    worst = np.abs(answers - model.predict(frame)).max()
    assert worst < 1e-3, f"{name}: ONNX and scikit-learn differ by {worst}"
    signature = infer_signature(frame, model.predict(frame))
    mlflow.sklearn.save_model(model, folder / f"{name}-mlflow", signature=signature, serialization_format="cloudpickle")
    print(name, file.stat().st_size, worst)
(folder / "done").touch()
