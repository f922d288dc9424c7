"""Score every candidate on the hold-out and keep the best by AUC.

The candidates run as ONNX, exactly as they would be served. The scores are added to each candidate's MLflow run and
logged model as holdout_*. The folder --best holds model.onnx and touchstone.json; --metrics is the file the gate reads.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
import numpy as np
import onnxruntime
import pandas as pd

from columns import FEATURES, LABEL, model_inputs, onnx_inputs
from scores import scores


def score(folder: Path, holdout: pd.DataFrame) -> dict[str, Any]:
    """Return what train.py wrote about a candidate together with its scores on the hold-out."""
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    (probabilities,) = session.run(["probabilities"], onnx_inputs(model_inputs(holdout)))
    about = json.loads((folder / "touchstone.json").read_text())
    log_predictions(about["run_id"], holdout, probabilities[:, 1])
    return {**about, "metrics": scores(holdout[LABEL], probabilities[:, 1])}


def log_predictions(run_id: str, holdout: pd.DataFrame, probability: np.ndarray) -> None:
    """Add the hold-out's predictions to the candidate's run; Touchstone computes scores, curves and segments of them."""
    table = pd.DataFrame(
        {
            "label": holdout[LABEL].astype(int),
            "prediction": (probability >= 0.5).astype(int),
            "probability": probability.astype(float),
            "carrier": holdout["carrier"].astype(str),
            "origin": holdout["origin"].astype(str),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "predictions.parquet"
        table.to_parquet(file, index=False)
        mlflow.MlflowClient().log_artifact(run_id, str(file), "touchstone")


def log_scores(candidate: dict[str, Any], digest: str) -> None:
    """Add the hold-out scores to the candidate's run and logged model."""
    client = mlflow.MlflowClient()
    for name, value in candidate["metrics"].items():
        client.log_metric(
            candidate["run_id"],
            f"holdout_{name}",
            value,
            dataset_name="flights-holdout",
            dataset_digest=digest,
            model_id=candidate["logged_model_id"],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", type=Path, required=True, help="folder written by ingest.py")
    parser.add_argument("--models", type=Path, nargs="+", required=True, help="folders written by train.py")
    parser.add_argument("--best", type=Path, required=True, help="folder to write")
    parser.add_argument("--metrics", type=Path, required=True, help="JSON file to write")
    arguments = parser.parse_args()

    split = json.loads((arguments.split / "split.json").read_text())
    holdout = pd.read_parquet(arguments.split / "holdout.parquet").dropna(subset=[*FEATURES, LABEL])
    candidates = {folder: score(folder, holdout) for folder in arguments.models}
    for candidate in candidates.values():
        log_scores(candidate, split["source_sha256"][:32])
        shown = ", ".join(f"{name} {value:.4f}" for name, value in candidate["metrics"].items())
        print(f"{candidate['algo']:<8} {shown}")

    folder, best = max(candidates.items(), key=lambda entry: entry[1]["metrics"]["auc"])
    print(f"best: {best['algo']} on {len(holdout):,} flights, {holdout[LABEL].mean():.1%} of them late")

    arguments.best.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "model.onnx", arguments.best / "model.onnx")
    about = {**best, "task": "binary_classification", "features": FEATURES}
    (arguments.best / "touchstone.json").write_text(json.dumps(about, indent=2) + "\n")
    report = {
        **best["metrics"],
        "algo": best["algo"],
        "rows": len(holdout),
        "late_rate": float(holdout[LABEL].mean()),
        "candidates": list(candidates.values()),
    }
    arguments.metrics.parent.mkdir(parents=True, exist_ok=True)
    arguments.metrics.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
