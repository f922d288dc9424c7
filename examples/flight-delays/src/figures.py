"""The figures that are logged with a run."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score, roc_curve

matplotlib.use("Agg")  # draw to files; there is no screen in a pipeline step

import matplotlib.pyplot as plt
from matplotlib.figure import Figure


def roc_figure(outcome: pd.Series, late: np.ndarray, title: str) -> Figure:
    """Draw the share of late flights found against the share of punctual flights suspected."""
    false_positive, true_positive, _ = roc_curve(outcome, late)
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
    axes.plot(false_positive, true_positive, label=f"AUC {roc_auc_score(outcome, late):.3f}")
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey", label="chance")
    axes.set(xlabel="false positive rate", ylabel="true positive rate", title=title)
    axes.legend(loc="lower right")
    return figure


def calibration_figure(outcome: pd.Series, late: np.ndarray, title: str) -> Figure:
    """Draw how often flights were late against how probable that was said to be, in ten groups of equal size."""
    observed, predicted = calibration_curve(outcome, late, n_bins=10, strategy="quantile")
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
    axes.plot(predicted, observed, marker="o", label="observed")
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey", label="perfect")
    axes.set(xlabel="predicted probability", ylabel="share late", title=title)
    axes.legend(loc="upper left")
    return figure
