"""The columns of the dataset `flights` and how they are read. Every step takes its column names from here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DATE = "date"
LABEL = "late"
CATEGORIES = ["carrier", "origin", "dest", "weekday"]
NUMBERS = [
    "dep_hour",
    "dep_minute",
    "distance",
    "sched_duration",
    "temp",
    "humid",
    "wind_speed",
    "precip",
    "pressure",
    "visib",
]
FEATURES = CATEGORIES + NUMBERS
CLASSES = [0, 1]


def read_table(path: Path) -> pd.DataFrame:
    """Read a Parquet or CSV file; `date` becomes a timestamp at midnight.

    Raises ValueError when the file is of another kind or lacks a column the project needs.
    """
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
    elif path.suffix == ".csv":
        table = pd.read_csv(path, keep_default_na=True)
    else:
        raise ValueError(f"{path.name}: expected a .parquet or .csv file")
    missing = [name for name in [DATE, *FEATURES, LABEL] if name not in table.columns]
    if missing:
        raise ValueError(f"{path.name} lacks the column(s) {', '.join(missing)}")
    table[DATE] = pd.to_datetime(table[DATE])
    return table


def model_inputs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the feature columns as a model sees them: numbers as float32, categories as Python strings."""
    types: dict[str, object] = dict.fromkeys(CATEGORIES, object) | dict.fromkeys(NUMBERS, np.float32)
    return table[FEATURES].astype(types)


def onnx_inputs(features: pd.DataFrame) -> dict[str, np.ndarray]:
    """Turn the result of model_inputs into the feed of an ONNX session: one array of shape [rows, 1] per column."""
    return {name: features[name].to_numpy().reshape(-1, 1) for name in FEATURES}
