"""How good probabilities are, given what really happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score


def scores(outcome: pd.Series | np.ndarray, late: np.ndarray) -> dict[str, float]:
    """Return auc, accuracy at the threshold 0.5, log_loss and brier for outcomes 0/1 and probabilities of 1."""
    return {
        "auc": float(roc_auc_score(outcome, late)),
        "accuracy": float(accuracy_score(outcome, late > 0.5)),
        "log_loss": float(log_loss(outcome, late, labels=[0, 1])),
        "brier": float(brier_score_loss(outcome, late)),
    }
