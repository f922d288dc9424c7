"""Turn a fitted scikit-learn pipeline into ONNX as Touchstone serves it.

One input per feature column, named after it, shape [rows, 1]: float32 for numbers, string for categories.
Outputs: `label` (int64, [rows]) and `probabilities` (float32, [rows, 2]). What the classes mean is in the metadata.
"""

from __future__ import annotations

import json

import onnx
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.pipeline import Pipeline

from columns import CATEGORIES, CLASSES, FEATURES, LABEL

# Old enough for every ONNX Runtime of the last years, new enough for every operator used here.
OPSETS = {"": 17, "ai.onnx.ml": 3}


def to_onnx(pipeline: Pipeline) -> onnx.ModelProto:
    """Convert a fitted binary classification pipeline over the columns FEATURES."""
    inputs = [
        (name, StringTensorType([None, 1]) if name in CATEGORIES else FloatTensorType([None, 1])) for name in FEATURES
    ]
    outputs = [("label", Int64TensorType([None])), ("probabilities", FloatTensorType([None, len(CLASSES)]))]
    model = convert_sklearn(
        pipeline,
        name="flight-delays",
        initial_types=inputs,
        final_types=outputs,
        target_opset=OPSETS,
        options={"zipmap": False},
    )
    onnx.helper.set_model_props(
        model,
        {
            "touchstone.task": "binary_classification",
            "touchstone.classes": json.dumps([str(value) for value in CLASSES]),
            "touchstone.positive": "1",
            "touchstone.label_column": LABEL,
        },
    )
    onnx.checker.check_model(model)
    return model
