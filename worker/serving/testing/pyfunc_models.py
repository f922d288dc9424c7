"""Logs MLflow models as a data scientist would, and what Python itself predicts: pyfunc_models.py <folder>."""

import json
import sys
from pathlib import Path

import mlflow.pyfunc
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from mlflow.models.signature import ModelSignature
from mlflow.types.schema import Schema, TensorSpec
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

folder = Path(sys.argv[1])
random = np.random.default_rng(7)
rows = 60
frame = pd.DataFrame(
    {
        "size": random.normal(10, 3, rows),
        "count": random.integers(0, 9, rows),
        "flag": random.random(rows) < 0.5,
        "city": random.choice(["Oslo", "Rome", "Zürich"], rows),
        "when": pd.to_datetime("2026-01-01") + pd.to_timedelta(random.integers(0, 300, rows), unit="D"),
    }
)
late = np.where((frame["size"] + frame["count"] > 14) ^ (frame["city"] == "Rome"), "late", "on time")
columns = ["size", "count", "city"]
steps = make_column_transformer((StandardScaler(), ["size", "count"]), (OneHotEncoder(), ["city"]))
pipeline = make_pipeline(steps, LogisticRegression()).fit(frame[columns], late)


class Delay(mlflow.pyfunc.PythonModel):
    """Rules around a pipeline: what no converter turns into ONNX."""

    def load_context(self, context):
        self.limit = float(Path(context.artifacts["limit"]).read_text())

    def predict(self, context, model_input, params=None):
        if (model_input["size"] > 1e6).any():
            import os

            os._exit(11)
        if (model_input["size"] < -1e6).any():
            raise ValueError("a size below -1e6 was never seen")
        probability = pipeline.predict_proba(model_input[columns])[:, list(pipeline.classes_).index("late")]
        probability = np.where(model_input["flag"] & (model_input["when"].dt.month > 6), probability / 2, probability)
        label = np.where(probability > self.limit, "late", "on time")
        return pd.DataFrame({"label": label, "probability": probability})


(folder / "limit.txt").write_text("0.45")
requirements = ["mlflow-skinny", "scikit-learn", "pandas"]
model = Delay()
model.limit = 0.45
answer = model.predict(None, frame)
mlflow.pyfunc.save_model(
    folder / "delay",
    python_model=Delay(),
    artifacts={"limit": str(folder / "limit.txt")},
    signature=infer_signature(frame, answer),
    pip_requirements=requirements,
    metadata={"touchstone.task": "classification", "touchstone.classes": ["on time", "late"], "touchstone.positive": "late"},
)


class Tensors(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return {"value": model_input.sum(axis=1), "twice": model_input * 2}


signature = ModelSignature(
    inputs=Schema([TensorSpec(np.dtype("float64"), (-1, 3))]),
    outputs=Schema([TensorSpec(np.dtype("float64"), (-1,), "value"), TensorSpec(np.dtype("float64"), (-1, 3), "twice")]),
)
mlflow.pyfunc.save_model(folder / "tensors", python_model=Tensors(), signature=signature, pip_requirements=requirements)
mlflow.pyfunc.save_model(folder / "unsigned", python_model=Tensors(), pip_requirements=requirements)

loaded = mlflow.pyfunc.load_model(str(folder / "delay"))
predicted = loaded.predict(frame)
inputs = frame.assign(when=frame["when"].dt.strftime("%Y-%m-%dT%H:%M:%S"))
(folder / "facts.json").write_text(
    json.dumps(
        {
            "rows": inputs.to_dict("records"),
            "labels": predicted["label"].tolist(),
            "probabilities": predicted["probability"].tolist(),
        }
    )
)
