"""The two candidates. Each chooses its own size on the validation rows, then is fitted again on all training rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from columns import CATEGORIES, LABEL, NUMBERS, model_inputs
from scores import scores

MAX_TREES = 250
TREE_SETTINGS = {"learning_rate": 0.1, "max_leaf_nodes": 15, "min_samples_leaf": 100, "l2_regularization": 1.0}
PENALTIES = [0.001, 0.01, 0.1, 1.0]  # scikit-learn's C: smaller is stronger


@dataclass(frozen=True)
class Candidate:
    """A fitted pipeline and how it was chosen.

    `curve` holds the validation scores of every size tried, in order; `validation` the probabilities of being late
    that the chosen size gave the validation rows before it had seen them.
    """

    pipeline: Pipeline
    parameters: dict[str, float]
    curve: list[dict[str, float]]
    validation: np.ndarray


def gbm(trees: int, seed: int) -> Pipeline:
    """Gradient-boosted trees on plain numbers and on categories by their place in the alphabet.

    Trees split such places as well as they split one-hot columns, ten times faster. A category never seen becomes -1.
    """
    places = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float32)
    columns = ColumnTransformer([("category", places, CATEGORIES), ("number", "passthrough", NUMBERS)])
    model = HistGradientBoostingClassifier(max_iter=trees, early_stopping=False, random_state=seed, **TREE_SETTINGS)
    return Pipeline([("columns", columns), ("model", model)])


def logreg(penalty: float, seed: int) -> Pipeline:
    """Logistic regression on one-hot categories and scaled numbers. A category never seen becomes all zeros."""
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    columns = ColumnTransformer([("category", one_hot, CATEGORIES), ("number", StandardScaler(), NUMBERS)])
    model = LogisticRegression(C=penalty, max_iter=500, random_state=seed)
    return Pipeline([("columns", columns), ("model", model)])


def best_of(curve: list[dict[str, float]]) -> int:
    """Return the place of the lowest log-loss."""
    return int(np.argmin([entry["log_loss"] for entry in curve]))


def choose_gbm(fit: pd.DataFrame, check: pd.DataFrame, seed: int) -> Candidate:
    """Choose the number of trees."""
    trial = gbm(MAX_TREES, seed).fit(model_inputs(fit), fit[LABEL])
    prepared = trial["columns"].transform(model_inputs(check))
    answers = [answer[:, 1] for answer in trial["model"].staged_predict_proba(prepared)]
    curve = [scores(check[LABEL], answer) for answer in answers]
    best = best_of(curve)
    rows = pd.concat([fit, check])
    pipeline = gbm(best + 1, seed).fit(model_inputs(rows), rows[LABEL])
    return Candidate(pipeline, {"trees": best + 1, **TREE_SETTINGS}, curve, answers[best])


def choose_logreg(fit: pd.DataFrame, check: pd.DataFrame, seed: int) -> Candidate:
    """Choose the strength of the penalty."""
    answers = [
        logreg(penalty, seed).fit(model_inputs(fit), fit[LABEL]).predict_proba(model_inputs(check))[:, 1]
        for penalty in PENALTIES
    ]
    curve = [scores(check[LABEL], answer) for answer in answers]
    best = best_of(curve)
    rows = pd.concat([fit, check])
    pipeline = logreg(PENALTIES[best], seed).fit(model_inputs(rows), rows[LABEL])
    return Candidate(pipeline, {"C": PENALTIES[best]}, curve, answers[best])


CHOICES = {"gbm": choose_gbm, "logreg": choose_logreg}
