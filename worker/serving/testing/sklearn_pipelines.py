"""Train whole scikit-learn pipelines on raw columns, write each as one ONNX file, and say what scikit-learn answers.

Usage: python sklearn_pipelines.py FOLDER. Writes FOLDER/<name>.onnx and FOLDER/pipelines.json: for each pipeline the rows
by column (null is a missing number, "" a missing category), the classes, and predict_proba or predict of those rows.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

# Threads that wait for each other cost more than these small models: five times the processor time was measured.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
import onnx
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

NUMBERS = ["age", "income"]
WHOLE = ["visits"]
CATEGORIES = ["city", "colour"]
GRADE = ["grade"]
FEATURES = NUMBERS + WHOLE + CATEGORIES + GRADE
TYPES = {
    **dict.fromkeys(NUMBERS, FloatTensorType([None, 1])),
    **dict.fromkeys(WHOLE, Int64TensorType([None, 1])),
    **dict.fromkeys(CATEGORIES + GRADE, StringTensorType([None, 1])),
}
OPSETS = {"": 17, "ai.onnx.ml": 3}


def table(rows: int, seed: int) -> pd.DataFrame:
    """Make rows with missing numbers (NaN) and missing categories ("")."""
    random = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "age": random.normal(40, 15, rows).astype(np.float32),
            "income": random.lognormal(10, 1, rows).astype(np.float32),
            "visits": random.integers(0, 30, rows),
            "city": random.choice(["Oslo", "Bergen", "Tromsø", "", "São Paulo"], rows).astype(object),
            "colour": random.choice(["red", "green", "blue"], rows).astype(object),
            "grade": random.choice(["low", "middle", "high"], rows).astype(object),
        }
    )
    for name in NUMBERS:
        data.loc[random.random(rows) < 0.15, name] = np.nan
    return data


def edges() -> pd.DataFrame:
    """Make the rows that break conversions: everything missing, categories nobody knows, the largest and the smallest."""
    usual = {"age": 40.0, "income": 2e4, "visits": 3, "city": "Oslo", "colour": "red", "grade": "low"}
    odd = [
        {"age": np.nan, "income": np.nan, "city": ""},
        {"city": "Atlantis", "colour": "ultraviolet", "grade": "none"},
        {"city": "", "grade": "none"},
        {"city": "oslo"},
        {"city": "Oslo "},
        {"city": 'a "quoted", one\nwith a line'},
        {"age": -1e6, "income": 0.0, "visits": 0},
        {"age": 1e6, "income": 3e38, "visits": 2**40},
        {"visits": -5},
        {"age": 0.1, "income": 1e-30},
        {"age": -0.0},
        {"colour": "", "grade": ""},
    ]
    data = pd.DataFrame([usual | row for row in odd])
    return data.astype({"age": np.float32, "income": np.float32, "visits": np.int64})


def prepared(scaled: bool) -> ColumnTransformer:
    """Impute, encode and scale each kind of column in its own way."""
    fill_category = SimpleImputer(missing_values="", strategy="most_frequent")
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    scale = [StandardScaler()] if scaled else []
    numbers = make_pipeline(SimpleImputer(strategy="median"), *scale)
    order = OrdinalEncoder(
        categories=[["low", "middle", "high"]], handle_unknown="use_encoded_value", unknown_value=-1
    )
    return ColumnTransformer(
        [
            ("numbers", numbers, NUMBERS),
            ("whole", StandardScaler() if scaled else "passthrough", WHOLE),
            ("categories", make_pipeline(fill_category, one_hot), CATEGORIES),
            ("grade", order, GRADE),
        ]
    )


def native() -> ColumnTransformer:
    """Leave missing numbers to the trees, which know what to do with them."""
    order = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float32)
    return ColumnTransformer([("categories", order, CATEGORIES + GRADE), ("numbers", "passthrough", NUMBERS + WHOLE)])


def target(data: pd.DataFrame, kind: str) -> np.ndarray:
    """Make something that depends on every column."""
    signal = (
        np.nan_to_num(data["age"].to_numpy(), nan=30) / 20
        + np.log1p(np.nan_to_num(data["income"].to_numpy(), nan=1e4)) / 3
        + data["visits"].to_numpy() / 15
        + data["city"].map({"Oslo": 1.0, "Bergen": -1.0}).fillna(0).to_numpy()
        + data["colour"].map({"red": 0.5}).fillna(0).to_numpy()
        + data["grade"].map({"low": -1.0, "middle": 0.0, "high": 1.0}).to_numpy()
    )
    signal = signal + np.random.default_rng(7).normal(0, 1, len(data))
    if kind == "number":
        return signal
    if kind == "two":
        return (signal > np.median(signal)).astype(np.int64)
    return np.array(["bad", "fair", "good"], dtype=object)[np.digitize(signal, np.quantile(signal, [0.33, 0.67]))]


PIPELINES = {
    "boosted": ("two", lambda: Pipeline([("columns", prepared(False)), ("model", GradientBoostingClassifier(n_estimators=30, random_state=0))])),
    "linear": ("three", lambda: Pipeline([("columns", prepared(True)), ("model", LogisticRegression(max_iter=500))])),
    "native": ("three", lambda: Pipeline([("columns", native()), ("model", HistGradientBoostingClassifier(max_iter=20, random_state=0))])),
    "price": ("number", lambda: Pipeline([("columns", prepared(False)), ("model", GradientBoostingRegressor(n_estimators=30, random_state=0))])),
}


def to_onnx(name: str, pipeline: Pipeline, kind: str) -> onnx.ModelProto:
    """Convert the whole pipeline: one input per raw column, by its name."""
    options = {} if kind == "number" else {"options": {"zipmap": False}}
    model = convert_sklearn(
        pipeline, name=name, initial_types=[(c, TYPES[c]) for c in FEATURES], target_opset=OPSETS, **options
    )
    if kind != "number":
        classes = [str(c) for c in pipeline.classes_.tolist()]
        props = {"touchstone.task": "classification", "touchstone.classes": json.dumps(classes)}
        onnx.helper.set_model_props(model, props)
    return model


def main() -> None:
    folder = Path(sys.argv[1])
    training = table(600, 1)
    asked = pd.concat([table(300, 2), edges()], ignore_index=True)
    rows = {c: [None if v != v else v for v in asked[c].tolist()] for c in FEATURES}
    about: dict[str, object] = {}
    for name, (kind, make) in PIPELINES.items():
        pipeline = make().fit(training, target(training, kind))
        (folder / f"{name}.onnx").write_bytes(to_onnx(name, pipeline, kind).SerializeToString())
        answer = (
            {"value": pipeline.predict(asked).tolist()}
            if kind == "number"
            else {"label": pipeline.predict(asked).tolist(), "probabilities": pipeline.predict_proba(asked).tolist()}
        )
        about[name] = {"kind": kind, "outputs": answer}
    (folder / "pipelines.json").write_text(json.dumps({"rows": rows, "pipelines": about}))


if __name__ == "__main__":
    main()
