"""Makes the files of predictions, and what scikit-learn says of them, that the tests of evaluations compare with.

    python3 -m venv /tmp/reference
    /tmp/reference/bin/pip install "numpy==2.4.6" "scikit-learn==1.9.1" "pandas==3.1.1"
    /tmp/reference/bin/python server/tracking/testing/make_evaluations.py

Every case holds the CSV itself, the choice of columns, and the figures of all rows and of each segment.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
AVERAGES = ("macro", "micro", "weighted")


def number(value):
    value = float(value)
    return None if math.isnan(value) else value


def averaged(actual, predicted):
    out = {"accuracy": metrics.accuracy_score(actual, predicted)}
    for average in AVERAGES:
        p, r, f, _ = metrics.precision_recall_fscore_support(actual, predicted, average=average, zero_division=0)
        out |= {f"precision_{average}": p, f"recall_{average}": r, f"f1_{average}": f}
    return out


def binary(frame, positive, classes, with_probability=True):
    actual, predicted = frame["label"], frame["predicted"]
    out = averaged(actual, predicted)
    p, r, f, _ = metrics.precision_recall_fscore_support(actual, predicted, average="binary", pos_label=positive, labels=classes, zero_division=0)
    out |= {"precision": p, "recall": r, "f1": f}
    if with_probability:
        outcome, chance = (actual == positive).astype(int), frame["chance"].to_numpy(float)
        out["auc"] = metrics.roc_auc_score(outcome, chance) if outcome.nunique() == 2 else math.nan
        out["log_loss"] = metrics.log_loss(outcome, chance, labels=[0, 1])
        out["brier"] = metrics.brier_score_loss(outcome, chance, labels=[0, 1], pos_label=1)
    return {name: number(value) for name, value in out.items()}


def many(frame, classes, proba):
    out = averaged(frame["label"], frame["predicted"])
    if proba is not None:
        all_there = set(frame["label"]) == set(classes)
        out["auc"] = metrics.roc_auc_score(frame["label"], proba, multi_class="ovr", average="macro", labels=classes) if all_there else math.nan
        out["log_loss"] = metrics.log_loss(frame["label"], proba, labels=classes)
        out["brier"] = metrics.brier_score_loss(frame["label"], proba, labels=classes)
    return {name: number(value) for name, value in out.items()}


def regression(frame):
    y, f = frame["label"], frame["predicted"]
    out = {
        "mae": metrics.mean_absolute_error(y, f), "mse": metrics.mean_squared_error(y, f),
        "rmse": metrics.root_mean_squared_error(y, f), "r2": metrics.r2_score(y, f) if len(y) > 1 else math.nan,
    }
    return {name: number(value) for name, value in out.items()}


def curves(frame, positive):
    outcome, chance = (frame["label"] == positive).astype(int), frame["chance"]
    out = {}
    if outcome.nunique() == 2:
        fpr, tpr, thresholds = metrics.roc_curve(outcome, chance, drop_intermediate=False)
        out["roc"] = [[number(x), number(y), None if math.isinf(t) else number(t)] for x, y, t in zip(fpr, tpr, thresholds)]
    if outcome.sum() > 0:
        precision, recall, thresholds = metrics.precision_recall_curve(outcome, chance)
        out["pr"] = [[number(r), number(p), number(t)] for p, r, t in zip(precision, recall, [*thresholds, math.nan])]
        out["averagePrecision"] = number(metrics.average_precision_score(outcome, chance))
    observed, predicted = calibration_curve(outcome, chance, n_bins=10)
    out["calibration"] = [[number(p), number(o)] for p, o in zip(predicted, observed)]
    return out


def segments(frame, columns, score):
    return [
        {"column": column, "value": value, "n": len(part), "metrics": score(part)}
        for column in columns
        for value, part in frame.groupby(column)
    ]


def case(name, frame, wish, score, columns=(), **more):
    return {
        "name": name, "csv": frame.drop(columns=more.pop("hidden", [])).to_csv(index=False, float_format="%.17g"), "wish": wish, "n": len(frame),
        "metrics": score(frame), "segments": segments(frame, columns, score), **more,
    }


def scored(rng, n, strength, digits):
    outcome = (rng.random(n) < 0.35).astype(int)
    chance = np.clip(rng.normal(0.35 + strength * outcome, 0.25), 0, 1)
    return outcome, np.round(chance, digits)


def main():
    rng = np.random.default_rng(20090413)
    cases = []

    # Two decimals make many ties; the clipping makes certain predictions, right and wrong.
    outcome, chance = scored(rng, 240, 0.3, 2)
    frame = pd.DataFrame({"label": outcome, "predicted": (chance >= 0.5).astype(int), "chance": chance, "site": rng.choice(["north", "south", "west"], 240), "night": rng.random(240) < 0.4})
    frame.loc[:4, "site"] = "one class"
    frame.loc[:4, "label"] = 0
    wish = {"label": "label", "prediction": "predicted", "probabilities": [{"column": "chance", "class": "1"}], "segments": ["site"]}
    cases.append(case("binary, ties and certain predictions", frame, wish, lambda part: binary(part, 1, [0, 1]), ["site"], task="classification",
                      confusion=metrics.confusion_matrix(frame["label"], frame["predicted"]).tolist(), classes=["0", "1"], **curves(frame, 1)))

    # Words as classes, the first of them positive, and nothing but a probability.
    outcome, chance = scored(rng, 150, 0.2, 6)
    frame = pd.DataFrame({"label": np.where(outcome == 1, "late", "on time"), "chance": chance})
    frame["predicted"] = np.where(chance >= 0.5, "late", "on time")
    wish = {"label": "label", "prediction": None, "probabilities": [{"column": "chance", "class": "late"}], "segments": []}
    cases.append(case("binary, words, no column of predictions", frame, wish, lambda part: binary(part, "late", ["on time", "late"]), task="classification", positive="late",
                      hidden=["predicted"], confusion=metrics.confusion_matrix(frame["label"], frame["predicted"]).tolist(), classes=["late", "on time"], **curves(frame, "late")))

    # Nobody was predicted positive: every share of nothing counts as 0.
    frame = pd.DataFrame({"label": [0, 1, 0, 1, 0], "predicted": [0, 0, 0, 0, 0], "chance": [0.1, 0.4, 0.4, 0.2, 0.0]})
    wish = {"label": "label", "prediction": "predicted", "probabilities": [{"column": "chance", "class": "1"}], "segments": []}
    cases.append(case("binary, nothing predicted as positive", frame, wish, lambda part: binary(part, 1, [0, 1]), task="classification",
                      confusion=metrics.confusion_matrix(frame["label"], frame["predicted"]).tolist(), classes=["0", "1"], **curves(frame, 1)))

    # One class alone: no AUC, and no curve of false alarms.
    frame = pd.DataFrame({"label": [1, 1, 1, 1], "predicted": [1, 0, 1, 1], "chance": [1.0, 0.0, 0.75, 0.5]})
    cases.append(case("binary, one class", frame, wish, lambda part: binary(part, 1, [0, 1]), task="classification",
                      confusion=metrics.confusion_matrix(frame["label"], frame["predicted"], labels=[0, 1]).tolist(), classes=["0", "1"], **curves(frame, 1)))

    # Several classes with probabilities and segments; in one segment a class is missing.
    names = np.array(["Adelie", "Chinstrap", "Gentoo"])
    codes = rng.integers(0, 3, 210)
    raw = rng.random((210, 3)) + 0.5 * np.eye(3)[codes]
    proba = raw / raw.sum(axis=1, keepdims=True)
    frame = pd.DataFrame({"label": names[codes], "predicted": names[proba.argmax(axis=1)], "island": rng.choice(["Biscoe", "Dream"], 210)})
    for k, one in enumerate(names):
        frame[f"probability_{one}"] = proba[:, k]
    wish = {"label": "label", "prediction": "predicted", "segments": ["island"], "probabilities": [{"column": f"probability_{one}", "class": one} for one in names]}
    cases.append(case("several classes", frame, wish, lambda part: many(part, list(names), part[[f"probability_{one}" for one in names]].to_numpy()), ["island"], task="classification",
                      confusion=metrics.confusion_matrix(frame["label"], frame["predicted"]).tolist(), classes=list(names)))

    # Classes that are numbers, 10 after 9; some never predicted, one never true.
    actual = rng.choice([1, 2, 9, 10], 120)
    predicted = np.where(rng.random(120) < 0.6, actual, rng.choice([1, 2, 11], 120))
    predicted[actual == 9] = 2
    frame = pd.DataFrame({"label": actual, "predicted": predicted})
    wish = {"label": "label", "prediction": "predicted", "probabilities": [], "segments": []}
    cases.append(case("several classes, numbers, no probabilities", frame, wish, lambda part: many(part, None, None), task="classification",
                      confusion=metrics.confusion_matrix(actual, predicted).tolist(), classes=["1", "2", "9", "10", "11"]))

    y = rng.normal(4200, 800, 180)
    frame = pd.DataFrame({"label": y, "predicted": y * 0.9 + rng.normal(300, 250, 180), "sex": rng.choice(["female", "male"], 180)})
    frame.loc[0, "sex"] = "alone"
    wish = {"label": "label", "prediction": "predicted", "probabilities": [], "segments": ["sex"]}
    cases.append(case("regression", frame, wish, regression, ["sex"], task="regression"))

    for name, predicted in [("constant outcomes, wrong", [2.0, 3.0, 4.0]), ("constant outcomes, right", [3.0, 3.0, 3.0])]:
        frame = pd.DataFrame({"label": [3.0, 3.0, 3.0], "predicted": predicted})
        cases.append(case(name, frame, {**wish, "segments": []}, regression, task="regression"))

    path = HERE / "evaluations.json"
    path.write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes, {len(cases)} cases")


main()
