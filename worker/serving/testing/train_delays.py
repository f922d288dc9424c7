"""A training step with plain MLflow: rules around a pipeline, which no converter turns into ONNX.

Arguments: the table, the limit above which a flight is called late, the folder of the step's output, and the name to register as, or "-".
"""

import json
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

data, limit, out, name = sys.argv[1:5]
COLUMNS = ["size", "count", "flag", "city"]
frame = pd.read_csv(data)
steps = make_column_transformer((StandardScaler(), ["size", "count"]), (OneHotEncoder(), ["city"]))
pipeline = make_pipeline(steps, LogisticRegression()).fit(frame[COLUMNS], frame["outcome"])


class Delay(mlflow.pyfunc.PythonModel):
    def __init__(self, limit):
        self.limit = limit

    def predict(self, context, model_input, params=None):
        late = list(pipeline.classes_).index("late")
        probability = pipeline.predict_proba(model_input[COLUMNS])[:, late]
        probability = np.where(model_input["flag"], probability / 2, probability)
        label = np.where(probability > self.limit, "late", "on time")
        return pd.DataFrame({"label": label, "probability": probability})


model = Delay(float(limit))
rows = frame[COLUMNS].head(8)
answers = model.predict(None, rows)
with mlflow.start_run() as run:
    mlflow.log_dict(
        {"inputs": rows.to_dict("list"), "outputs": answers.to_dict("list"), "framework": "scikit-learn"},
        "touchstone/golden.json",
    )
    logged = mlflow.pyfunc.log_model(
        name="model",
        python_model=model,
        signature=infer_signature(rows, answers),
        pip_requirements=["mlflow-skinny", "scikit-learn", "pandas"],
        metadata={
            "touchstone.task": "classification",
            "touchstone.classes": ["on time", "late"],
            "touchstone.positive": "late",
        },
        registered_model_name=None if name == "-" else name,
    )
Path(out).mkdir(parents=True)
card = {"run_id": run.info.run_id, "logged_model_id": logged.model_id, "metrics": {"limit": float(limit)}}
(Path(out) / "touchstone.json").write_text(json.dumps(card))
(Path(out) / "answers.json").write_text(json.dumps(answers.to_dict("list")))
