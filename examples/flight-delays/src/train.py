"""Train one candidate on the training part, track it with MLflow and log it as ONNX.

The most recent days of the training part choose the model's size (number of trees, or strength of the penalty); the
chosen model is then fitted again on all of it. The hold-out is not touched here: evaluate.py alone reads it.

Where MLflow writes is said by MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN alone. The folder written holds model.onnx,
byte for byte the one that was logged, and touchstone.json, which names the run and the logged model.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
import mlflow.onnx
import numpy as np
import onnx
import onnxruntime
import pandas as pd
from mlflow.entities import Metric
from mlflow.models import infer_signature

from candidates import CHOICES, Candidate
from columns import CATEGORIES, DATE, FEATURES, LABEL, NUMBERS, model_inputs, onnx_inputs
from convert import to_onnx
from figures import calibration_figure, roc_figure
from scores import scores

VALIDATION_DAYS = 21
CONVERSION_ROWS = 10_000
CONVERSION_TOLERANCE = 1e-5
GOLDEN_ROWS = 30
METRICS_PER_REQUEST = 1000  # MLflow's own limit


def conversion_difference(candidate: Candidate, onnx_bytes: bytes, rows: pd.DataFrame) -> float:
    """Return the largest difference between the probabilities of scikit-learn and of ONNX Runtime on the same rows."""
    features = model_inputs(rows)
    session = onnxruntime.InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])
    (converted,) = session.run(["probabilities"], onnx_inputs(features))
    return float(np.abs(converted - candidate.pipeline.predict_proba(features)).max())


def golden_rows(candidate: Candidate, rows: pd.DataFrame) -> dict[str, object]:
    """Return rows with the pipeline's own answers, by which Touchstone proves the ONNX file wherever it is loaded.

    Ordinary rows, those with the least and the greatest value of each number, and one of an airline that nobody knows.
    """
    extremes = [place for name in NUMBERS for place in (rows[name].idxmin(), rows[name].idxmax())]
    chosen = pd.concat([rows.sample(GOLDEN_ROWS, random_state=0), rows.loc[extremes], rows.tail(1)]).drop_duplicates()
    features = model_inputs(chosen).reset_index(drop=True)
    features.loc[len(features) - 1, "carrier"] = "??"
    return {
        "framework": f"scikit-learn {version('scikit-learn')}",
        "inputs": {name: features[name].tolist() for name in FEATURES},
        "outputs": {
            "label": candidate.pipeline.predict(features).tolist(),
            "probabilities": candidate.pipeline.predict_proba(features).tolist(),
        },
        "tolerance": {"absolute": CONVERSION_TOLERANCE, "relative": 1e-5},
    }


def log_curve(run_id: str, curve: list[dict[str, float]]) -> None:
    """Log the validation scores of every size tried, one step each, in as few requests as the protocol allows."""
    now = int(time.time() * 1000)
    metrics = [
        Metric(f"tuning_{name}", value, now, step) for step, entry in enumerate(curve) for name, value in entry.items()
    ]
    client = mlflow.MlflowClient()
    for start in range(0, len(metrics), METRICS_PER_REQUEST):
        client.log_batch(run_id, metrics=metrics[start : start + METRICS_PER_REQUEST])


def log_model(model: onnx.ModelProto, example: pd.DataFrame) -> str:
    """Log the ONNX model with its signature and an example, and return the logged model's id."""
    inputs = onnx_inputs(model_inputs(example))
    feed = {name: values.astype(str) if name in CATEGORIES else values for name, values in inputs.items()}
    answer = {"label": np.zeros(len(example), np.int64), "probabilities": np.zeros((len(example), 2), np.float32)}
    info = mlflow.onnx.log_model(
        model,
        name="model",
        signature=infer_signature(feed, answer),
        input_example=feed,
        pip_requirements=[f"{package}=={version(package)}" for package in ("onnx", "onnxruntime", "numpy")],
        onnx_execution_providers=["CPUExecutionProvider"],
        save_as_external_data=False,  # one file, so that its SHA-256 stands for the whole model
    )
    return info.model_id


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", type=Path, required=True, help="folder written by ingest.py")
    parser.add_argument("--algo", choices=sorted(CHOICES), required=True)
    parser.add_argument("--seed", type=int, default=2013)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    arguments = parser.parse_args()
    algo: str = arguments.algo
    # The dataset's schema is logged for the record; whole numbers in it are meant to be whole.
    warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer column")

    split = json.loads((arguments.split / "split.json").read_text())
    rows = pd.read_parquet(arguments.split / "train.parquet").dropna(subset=[*FEATURES, LABEL])
    cut = rows[DATE].max() - pd.Timedelta(days=VALIDATION_DAYS)
    fit, check = rows[rows[DATE] <= cut], rows[rows[DATE] > cut]
    print(f"{len(fit):,} rows to fit, {len(check):,} rows after {cut.date()} to choose by", flush=True)

    with mlflow.start_run(run_name=algo) as run:
        run_id = run.info.run_id
        mlflow.log_params(
            {"algo": algo, "seed": arguments.seed, "rows": len(rows), "holdout_days": split["holdout_days"]}
        )
        digest = split["source_sha256"][:32]
        dataset = mlflow.data.from_pandas(rows[[*FEATURES, LABEL]], targets=LABEL, name="flights", digest=digest)
        mlflow.log_input(dataset, context="training")

        started = time.perf_counter()
        candidate = CHOICES[algo](fit, check, arguments.seed)
        mlflow.log_metric("fit_seconds", time.perf_counter() - started)
        mlflow.log_params(candidate.parameters)
        chosen = {f"validation_{name}": value for name, value in scores(check[LABEL], candidate.validation).items()}
        mlflow.log_metrics(chosen)
        title = f"{algo}, {cut.date() + pd.Timedelta(days=1)} to {rows[DATE].max().date()}"
        mlflow.log_figure(roc_figure(check[LABEL], candidate.validation, title), "roc.png")
        mlflow.log_figure(calibration_figure(check[LABEL], candidate.validation, title), "calibration.png")
        print(f"chosen: {candidate.parameters}, {chosen}", flush=True)

        model = to_onnx(candidate.pipeline)
        onnx_bytes = model.SerializeToString()
        difference = conversion_difference(candidate, onnx_bytes, rows.tail(CONVERSION_ROWS))
        mlflow.log_metric("conversion_difference", difference)
        print(f"ONNX: {len(onnx_bytes):,} bytes, differs from scikit-learn by at most {difference:.1e}", flush=True)
        if difference > CONVERSION_TOLERANCE:
            raise SystemExit(f"the ONNX model differs from scikit-learn by {difference:.1e}")
        mlflow.log_dict(golden_rows(candidate, rows), "touchstone/golden.json")
        logged_model_id = log_model(model, rows.head(3))
        # After the model: MLflow makes metrics logged before it metrics of the model, and a curve is none.
        log_curve(run_id, candidate.curve)

    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "model.onnx").write_bytes(onnx_bytes)
    about = {"run_id": run_id, "logged_model_id": logged_model_id, "algo": algo}
    (arguments.out / "touchstone.json").write_text(json.dumps(about, indent=2) + "\n")
    print(json.dumps(about))


if __name__ == "__main__":
    main()
