"""Makes the reference values that the tests of server/kernel/statistics compare with.

Every number comes from another implementation than the one under test: scipy, scikit-learn, statsmodels, Evidently's own functions, exact integer
arithmetic, or a brute-force form of the same definition. Run it after a change of the cases, and read the difference before committing it:

    python3 -m venv /tmp/reference
    /tmp/reference/bin/pip install "numpy==2.4.6" "scipy==1.17.1" "scikit-learn==1.9.1" "statsmodels==0.15.0" "pandas==2.3.3" "evidently==0.7.23"
    /tmp/reference/bin/python server/kernel/statistics/reference/make_reference.py
    npx biome format --write server/kernel/statistics/reference
"""

import json
import math
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, special, stats
from scipy.spatial.distance import jensenshannon
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from evidently.legacy.calculations.stattests.chisquare_stattest import _chi_stat_test
from evidently.legacy.calculations.stattests.jensenshannon import _jensenshannon
from evidently.legacy.calculations.stattests.ks_stattest import _ks_stat_test
from evidently.legacy.calculations.stattests.psi import _psi
from evidently.legacy.calculations.stattests.wasserstein_distance_norm import _wasserstein_distance_norm
from evidently.legacy.core import ColumnType

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
NUM, CAT = ColumnType.Numerical, ColumnType.Categorical


def clean(value):
    """JSON without NaN and infinities: null and the string "Infinity"."""
    if isinstance(value, dict):
        return {key: clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [clean(inner) for inner in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        value = float(value)
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value


def write(name, value):
    path = HERE / f"{name}.json"
    path.write_text(json.dumps(clean(value), ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def uniforms(seed, count):
    """The generator of reference/uniforms.ts (Park & Miller's MINSTD), so that long inputs need not be stored."""
    state, out = seed, np.empty(count)
    for i in range(count):
        state = state * 16807 % 2147483647
        out[i] = state / 2147483647
    return out


def shaped(seed, count, shift=0.0, scale=1.0):
    """Bell-shaped values by sums alone, which round alike in both languages: (u1 + u2 + u3 + u4 − 2)·scale + shift."""
    u = uniforms(seed, 4 * count).reshape(count, 4)
    return (u[:, 0] + u[:, 1] + u[:, 2] + u[:, 3] - 2) * scale + shift


# ---------------------------------------------------------------- distributions


def exact_binomial_tail(k, n, p):
    """P(X ≥ k) and its logarithm in exact rational arithmetic."""
    p = Fraction(p).limit_denominator(1000)
    a, b = p.numerator, p.denominator - p.numerator
    term = math.comb(n, k) * a**k * b ** (n - k)
    total = 0
    for i in range(k, n + 1):
        total += term
        if i < n:
            term = term * (n - i) * a // ((i + 1) * b)
    scale = p.denominator**n
    log = math.log(total) - math.log(scale) if total else -math.inf
    return float(Fraction(total, scale)), log


def distributions():
    zs = [-38, -8, -3.5, -1.96, -0.3, 0, 1e-8, 0.5, 1.6448536269514722, 3, 6, 12, 30]
    ps = [1e-300, 1e-20, 1e-9, 0.001, 0.025, 0.05, 0.2, 0.4999, 0.5, 0.6, 0.8, 0.95, 0.975, 0.9999999]
    chi = [[x, k] for k in (1, 2, 5, 9, 40, 300) for x in (0, 0.01, 1, 3.84, 20, 150, 700)]
    ts = [[t, d] for d in (1, 2, 7, 30, 999, 1e6) for t in (-4, -0.5, 0, 0.1, 1.7, 3, 12)]
    tq = [[p, d] for d in (1, 2, 7, 30, 999, 1e6) for p in (0.001, 0.05, 0.5, 0.55, 0.9, 0.95, 0.9995)]
    tails = [[0, 10, 0.5], [3, 10, 0.5], [10, 10, 0.5], [60, 100, 0.5], [40, 100, 0.5], [51, 100, 0.5], [900, 1000, 0.5], [2600, 5000, 0.5],
             [4000, 5000, 0.5], [10100, 20000, 0.5], [15000, 20000, 0.5], [3, 20, 0.1], [70, 500, 0.1], [495, 500, 0.9], [1, 3, 0.3]]
    return {
        "normal": [[z, stats.norm.cdf(z), stats.norm.sf(z)] for z in zs],
        "normalQuantile": [[p, stats.norm.ppf(p)] for p in ps],
        "chiSquareSf": [[x, k, stats.chi2.sf(x, k)] for x, k in chi],
        "studentSf": [[t, d, stats.t.sf(t, d)] for t, d in ts],
        "studentQuantile": [[p, d, stats.t.ppf(p, d)] for p, d in tq],
        "binomialTail": [[k, n, p, *exact_binomial_tail(k, n, p)] for k, n, p in tails],
        "fisherGreater": [[a, n, b, m, stats.fisher_exact([[a, n - a], [b, m - b]], alternative="greater").pvalue] for a, n, b, m in
                          [(0, 10, 0, 10), (1, 1, 0, 1), (3, 10, 1, 15), (10, 10, 0, 30), (5, 200, 3, 3800), (2, 200, 40, 3800), (12, 200, 20, 3800),
                           (200, 200, 1, 3800), (30, 1000, 20, 1000), (19, 1000, 20, 1000), (900, 1000, 500, 1000), (500, 100000, 4000, 900000),
                           (11, 13, 9, 9), (13, 13, 2, 40)]],
        "binomialTailLarge": [[k, n, stats.binom.sf(k - 1, n, 0.5)] for k, n in
                              [(500500, 10**6), (503000, 10**6), (499000, 10**6), (5 * 10**8 + 30000, 10**9)]],
    }


def kolmogorov():
    finite = []
    for n in (1, 2, 5, 10, 50, 139, 140, 141, 500, 5000, 50000, 100001, 2000000):
        for z in (0.05, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.45, 1.5, 1.9, 2.3, 3, 5, 12):
            d = float(f"{z / math.sqrt(n):.6g}")
            if d <= 1:
                finite.append([d, n, stats.kstwo.sf(d, n)])
    for n in (3, 10, 50, 140):
        for d in (0.6 / n, 1 / n, 0.5, 0.75, 0.99, 1 - 0.5 / n):
            finite.append([d, n, stats.kstwo.sf(d, n)])
    return {
        "limiting": [[x, stats.kstwobign.sf(x)] for x in (0, 0.03, 0.1, 0.3, 0.5, 0.8, 0.82, 1, 1.36, 2, 3, 5, 10)],
        "finite": finite,
        "smirnov": [[n, d, special.smirnov(n, d)] for n, d in
                    [(1, 0.3), (5, 0.2), (5, 0.6), (50, 0.1), (1000, 0.03), (1000, 0.2), (50000, 0.01), (900000, 0.002)]],
    }


# ---------------------------------------------------------------- two samples


def ks_cases():
    stored = [
        ([1.0], [1.0]), ([1.0], [2.0]), ([1.0, 2, 3], [1.5, 2.5]), ([1.0, 1, 2, 2, 3], [2.0, 2, 2, 5]),
        ([5.0] * 10, [5.0] * 12), ([0.0] * 5, [1.0] * 7), (list(map(float, range(40))), [x + 7.5 for x in range(40)]),
        ([0.0, 0, 1, 1, 0, 1, 1, 1], [0.0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
    ]
    generated = [(11, 300, 12, 500, 0.0), (11, 300, 12, 500, 0.2), (3, 1000, 4, 1000, 0.05), (5, 9999, 6, 10000, 0.01), (5, 10000, 6, 10000, 0.03),
                 (7, 10001, 8, 9000, 0.0), (7, 20000, 8, 15000, 0.02), (9, 20000, 10, 50, 0.1), (9, 20000, 10, 50, 0.4), (1, 40000, 2, 30000, 0.5),
                 (1, 8000, 2, 6000, 0.6), (1, 12001, 2, 1, 0.0)]
    out = {"stored": [], "generated": []}
    for a, b in stored:
        result = stats.ks_2samp(a, b)
        out["stored"].append({"a": a, "b": b, "d": result.statistic, "p": result.pvalue, "w": stats.wasserstein_distance(a, b)})
    for s1, n1, s2, n2, shift in generated:
        a, b = shaped(s1, n1), shaped(s2, n2, shift)
        result = stats.ks_2samp(a, b)
        out["generated"].append({"a": [s1, n1], "b": [s2, n2, shift], "d": result.statistic, "p": result.pvalue, "w": stats.wasserstein_distance(a, b)})
    return out


def evidently_figures(reference, current, kind):
    r, c = pd.Series(reference), pd.Series(current)
    figures = {"psi": _psi(r, c, kind, 0.1)[0], "js": _jensenshannon(r, c, kind, 0.1)[0]}
    if kind is NUM:
        figures["wasserstein"] = _wasserstein_distance_norm(r, c, kind, 0.1)[0]
        figures["ks"] = _ks_stat_test(r, c, kind, 0.05)[0]
    else:
        figures["chisquare"] = _chi_stat_test(r, c, kind, 0.05)[0]
    return figures


def drift():
    numeric = []
    for name, a, b in [
        ("same distribution", [21, 400, 0.0, 1.0], [22, 300, 0.0, 1.0]),
        ("shifted", [21, 400, 0.0, 1.0], [22, 300, 0.4, 1.0]),
        ("scaled", [21, 2000, 0.0, 1.0], [23, 1500, 0.0, 1.6]),
        ("far away", [21, 400, 0.0, 1.0], [22, 300, 90.0, 1.0]),
        ("large", [31, 60000, 5.0, 1.0], [32, 40000, 5.05, 1.0]),
        ("wide range", [21, 25000, 0.0, 1.0], [22, 300, 0.0, 1e6]),
    ]:
        numeric.append({"name": name, "a": a, "b": b, **evidently_figures(shaped(*a), shaped(*b), NUM)})
    few = []
    for name, a, b in [
        ("binary", [0.0, 1] * 30 + [1.0] * 12, [0.0] * 40 + [1.0] * 20),
        ("new value", [1.0, 2, 2, 3] * 10, [1.0, 2, 4, 4] * 9),
        ("constant and same", [7.0] * 35, [7.0] * 40),
        ("constant and other", [7.0] * 35, [8.0] * 40),
        ("few against many", [1.0, 2, 3] * 12, list(np.arange(60) / 8)),
        ("exactly twenty", list(np.arange(20.0)) * 3, list(np.arange(22.0)) * 2),
        ("exactly twenty-one", list(np.arange(21.0)) * 3, list(np.arange(22.0)) * 2),
    ]:
        few.append({"name": name, "a": a, "b": b, **evidently_figures(a, b, NUM)})
    categorical = []
    for name, a, b in [
        ("same shares", {"a": 50, "b": 30, "c": 20}, {"a": 100, "b": 60, "c": 40}),
        ("moved", {"a": 500, "b": 300, "c": 200}, {"a": 350, "b": 350, "c": 300}),
        ("new category", {"a": 60, "b": 40}, {"a": 50, "b": 40, "z": 10}),
        ("lost category", {"a": 60, "b": 40, "c": 5}, {"a": 50, "b": 55}),
        ("all new", {"a": 60, "b": 40}, {"x": 50, "y": 70}),
        ("two categories", {"yes": 60, "no": 40}, {"yes": 45, "no": 70}),
        ("one category", {"a": 60}, {"a": 45}),
        ("rare in a large set", {"a": 70000, "b": 29995, "c": 5}, {"a": 35100, "b": 14900, "d": 3}),
    ]:
        keys = list(dict.fromkeys([*a, *b]))
        r, c = [a.get(k, 0) for k in keys], [b.get(k, 0) for k in keys]
        figures = evidently_figures(np.repeat(keys, r), np.repeat(keys, c), CAT)
        case = {"name": name, "a": a, "b": b, **figures, "js2": jensenshannon(r, c, 2)}
        for label, yates in (("contingency", False), ("contingencyYates", True)):
            result = stats.chi2_contingency([r, c], correction=yates)
            case[label] = [result.statistic, result.pvalue, result.dof]
        categorical.append(case)
    ps = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.001, 0.001, 0.9, 1, 0], [0.2, 0.011, 0.02, 0.02, 0.4, 0.049, 0.003]]
    return {
        "numeric": numeric,
        "fewValues": few,
        "categorical": categorical,
        "multiplicity": [{"p": p, "holm": multipletests(p, method="holm")[1], "bh": multipletests(p, method="fdr_bh")[1]} for p in ps],
    }


def descriptive():
    values = shaped(41, 57)
    qs = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.999, 1]
    histograms = []
    for data in (values, shaped(42, 1000, 3), np.array([2.5]), np.array([2.5] * 4), np.array([1.0, 2, 2, 3, 9]), shaped(43, 4096)):
        counts, edges = np.histogram(data, bins="sturges")
        histograms.append({"counts": counts, "edges": edges})
    return {
        "values": [41, 57],
        "quantiles": [[q, np.quantile(values, q)] for q in qs],
        "pair": [[q, np.quantile([1.5, -2.0], q)] for q in qs],
        "histograms": histograms,
        "std": np.std(values),
        "stdOffset": float(np.std(values.astype(np.longdouble) + np.longdouble(1e9))),
    }


# ---------------------------------------------------------------- champion and challenger


def tango_by_likelihood(b, c, n, level):
    """Tango's interval with the nuisance probability found by maximising the trinomial likelihood numerically."""
    z = stats.norm.isf((1 - level) / 2)

    def score(delta):
        def slope(q):  # derivative of b·ln(q+δ) + c·ln q + (n−b−c)·ln(1−2q−δ)
            return (b / (q + delta) if b else 0) + (c / q if c else 0) - (2 * (n - b - c) / (1 - 2 * q - delta) if n > b + c else 0)

        low, high = max(0.0, -delta), (1 - delta) / 2
        edge = 1e-15 * max(1.0, high)
        at_low, at_high = slope(low + edge), slope(high - edge)
        q = low if at_low <= 0 else high if at_high >= 0 else optimize.brentq(slope, low + edge, high - edge, xtol=1e-16, rtol=1e-15)
        variance = n * (2 * q + delta - delta * delta)
        gap = b - c - n * delta
        return 0.0 if gap == 0 else gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)

    estimate = (b - c) / n
    low = -1.0 if estimate == -1 else optimize.brentq(lambda d: min(1e6, score(d)) - z, -1 + 1e-12, estimate, xtol=1e-14)
    high = 1.0 if estimate == 1 else optimize.brentq(lambda d: max(-1e6, score(d)) + z, estimate, 1 - 1e-12, xtol=1e-14)
    return [low, high], score


def newcombe(a, b, c, d, level):
    """Method 10 of Newcombe (1998) with statsmodels' Wilson limits."""
    n = a + b + c + d
    p1, p2 = (a + b) / n, (a + c) / n
    l1, u1 = proportion_confint(a + b, n, 1 - level, "wilson")
    l2, u2 = proportion_confint(a + c, n, 1 - level, "wilson")
    product = (a + b) * (c + d) * (a + c) * (b + d)
    cross = a * d - b * c
    phi = 0.0 if product == 0 else (cross - n / 2 if cross > n / 2 else 0 if cross >= 0 else cross) / math.sqrt(product)
    low = p1 - p2 - math.sqrt((p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2)
    high = p1 - p2 + math.sqrt((u1 - p1) ** 2 - 2 * phi * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2)
    return [low, high]


def paired_accuracy():
    tables = [(59, 6, 16, 80), (1, 1, 7, 12), (14, 5, 0, 22), (700, 90, 60, 150), (50, 0, 0, 10), (0, 12, 0, 0), (0, 0, 5, 20), (3, 1, 0, 1),
              (7600, 480, 404, 516), (80000, 5200, 5000, 9800), (0, 30, 25, 0)]
    out = []
    for a, b, c, d in tables:
        n = a + b + c + d
        interval, score = tango_by_likelihood(b, c, n, 0.95)
        out.append({
            "table": [a, b, c, d],
            "greater": stats.binomtest(b, b + c, 0.5, alternative="greater").pvalue if b + c else 1.0,
            "twoSided": mcnemar([[a, b], [c, d]], exact=True).pvalue if b + c else 1.0,
            "mid": stats.binom.sf(b, b + c, 0.5) + stats.binom.pmf(b, b + c, 0.5) / 2,
            "tango": interval,
            "tango90": tango_by_likelihood(b, c, n, 0.9)[0],
            "newcombe": newcombe(a, b, c, d, 0.95),
            "pNonInferior": stats.norm.sf(score(-0.02)),
        })
    return out


def exact_power(n, psi, delta, alpha):
    """Power of the McNemar z test by summing over every number of discordant rows that has weight."""
    z = stats.norm.isf(alpha)
    discordant = np.arange(stats.binom.ppf(1e-12, n, psi), stats.binom.isf(1e-12, n, psi) + 1)
    needed = np.floor((discordant + z * np.sqrt(discordant)) / 2)
    return float(np.sum(stats.binom.pmf(discordant, n, psi) * stats.binom.sf(needed, discordant, (psi + delta) / (2 * psi))))


def delong_by_pairs(actual, scores_a, scores_b):
    """DeLong (1988) by the definition: every positive against every negative row."""
    def parts(scores):
        kernel = (scores[actual == 1][:, None] > scores[actual == 0][None, :]) + 0.5 * (scores[actual == 1][:, None] == scores[actual == 0][None, :])
        return kernel.mean(), kernel.mean(axis=1), kernel.mean(axis=0)

    auc_a, pos_a, neg_a = parts(scores_a)
    auc_b, pos_b, neg_b = parts(scores_b)
    s = np.cov(pos_a, pos_b) / len(pos_a) + np.cov(neg_a, neg_b) / len(neg_a)
    error = math.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    z = (auc_b - auc_a) / error
    half = stats.norm.isf(0.05) * error
    return {"aucs": [auc_a, auc_b], "s": [s[0, 0], s[1, 1], s[0, 1]], "z": z, "p": stats.norm.sf(z), "interval": [auc_b - auc_a - half, auc_b - auc_a + half]}


def ranked(seed, n, strength, grid=None):
    """Outcomes with two scores; `grid` rounds the scores, which makes ties."""
    u = uniforms(seed, 4 * n).reshape(n, 4)
    actual = (u[:, 0] > 0.6).astype(int)
    a, b = u[:, 1] + 0.3 * actual, 0.7 * u[:, 1] + 0.5 * u[:, 2] + strength * actual
    if grid:
        a, b = np.floor(a * grid) / grid, np.floor(b * grid) / grid
    return actual, a, b


def auc_cases():
    out = []
    for seed, n, strength, grid in [(51, 200, 0.5, None), (52, 200, 0.3, None), (53, 1500, 0.35, None), (54, 300, 0.4, 8), (55, 60, 0.2, 2)]:
        actual, a, b = ranked(seed, n, strength, grid)
        out.append({"case": [seed, n, strength, grid or 0], "sklearn": [metrics.roc_auc_score(actual, a), metrics.roc_auc_score(actual, b)], **delong_by_pairs(actual, a, b)})
    return out


def paired_losses():
    out = []
    for seed, n, shift in [(61, 2, 0.1), (62, 40, 0.0), (63, 40, 0.25), (64, 900, -0.02)]:
        a, b = shaped(seed, n, 2 + shift) ** 2, shaped(seed + 10, n, 2) ** 2
        result = stats.ttest_rel(a, b, alternative="greater")
        interval = stats.ttest_rel(a, b).confidence_interval(0.9)
        out.append({"case": [seed, n, shift], "t": result.statistic, "p": result.pvalue, "interval": [interval.low, interval.high]})
    return out


# ---------------------------------------------------------------- quality of a model


def labelled(seed, n, classes):
    u = uniforms(seed, n * (classes + 2)).reshape(n, classes + 2)
    actual = np.floor(u[:, 0] * classes).astype(int)
    raw = u[:, 1 : classes + 1] + 0.4 * (np.arange(classes)[None, :] == actual[:, None])
    total = raw[:, 0].copy()
    for k in range(1, classes):
        total = total + raw[:, k]
    return actual, raw / total[:, None]


def quality():
    out = {"classes": [], "edge": []}
    for seed, n, classes in [(71, 150, 2), (72, 300, 3), (73, 90, 5)]:
        actual, proba = labelled(seed, n, classes)
        predicted = proba.argmax(axis=1)
        scores = {avg: metrics.precision_recall_fscore_support(actual, predicted, average=avg, zero_division=0)[:3] for avg in ("macro", "weighted")}
        per_class = metrics.precision_recall_fscore_support(actual, predicted, average=None, zero_division=0)
        case = {
            "case": [seed, n, classes], "confusion": metrics.confusion_matrix(actual, predicted), "accuracy": metrics.accuracy_score(actual, predicted),
            "perClass": np.column_stack(per_class), **scores, "logLoss": metrics.log_loss(actual, proba),
        }
        if classes == 2:
            p = proba[:, 1]
            uniform, quantile = calibration_curve(actual, p, n_bins=8), calibration_curve(actual, p, n_bins=8, strategy="quantile")
            case |= {"auc": metrics.roc_auc_score(actual, p), "brier": metrics.brier_score_loss(actual, p), "uniform": uniform, "quantile": quantile}
        else:
            case |= {"auc": metrics.roc_auc_score(actual, proba, multi_class="ovr", average="macro"), "brier": metrics.brier_score_loss(actual, proba)}
        out["classes"].append(case)
    for actual, predicted in [([0, 0, 1, 1], [0, 0, 0, 0]), ([1], [1]), ([0, 1, 2, 2], [2, 2, 2, 2]), ([0, 0, 0], [1, 1, 1])]:
        labels = sorted({*actual, *predicted})
        macro = metrics.precision_recall_fscore_support(actual, predicted, average="macro", zero_division=0)[:3]
        weighted = metrics.precision_recall_fscore_support(actual, predicted, average="weighted", zero_division=0)[:3]
        out["edge"].append({"actual": actual, "predicted": predicted, "labels": labels, "macro": macro, "weighted": weighted})
    certain, certain_p = [1, 0, 1, 0], [1.0, 0.0, 0.0, 1.0]
    out["certainLogLoss"] = metrics.log_loss(certain, np.array(certain_p))
    out["certainLogLossFloat"] = metrics.log_loss(certain, np.array(certain_p, dtype=np.float32))
    out["wilson"] = [[k, n, level, *proportion_confint(k, n, 1 - level, "wilson")] for k, n, level in
                     [(0, 1, 0.95), (1, 1, 0.95), (0, 30, 0.9), (7, 30, 0.95), (30, 30, 0.99), (8412, 10000, 0.95), (3, 10**7, 0.999)]]
    out["regression"] = []
    for seed, n in [(81, 2), (82, 50), (83, 5000)]:
        y = shaped(seed, n, 10)
        f = y + shaped(seed + 10, n, 0.2, 0.5)
        out["regression"].append({"case": [seed, n], "mae": metrics.mean_absolute_error(y, f), "mse": metrics.mean_squared_error(y, f),
                                  "rmse": metrics.root_mean_squared_error(y, f), "r2": metrics.r2_score(y, f)})
    return out


def comparison():
    designs = [(0.1, 0.01, 0.05, 0.8), (0.05, 0.01, 0.05, 0.9), (0.2, 0.03, 0.025, 0.8)]
    power = []
    for psi, delta, alpha, wanted in designs:
        n = round(((stats.norm.isf(alpha) * math.sqrt(psi) + stats.norm.ppf(wanted) * math.sqrt(psi - delta**2)) / delta) ** 2)
        power.append({"design": [psi, delta, alpha, wanted], "n": n, "exactPower": exact_power(n, psi, delta, alpha)})
    return {"accuracy": paired_accuracy(), "auc": auc_cases(), "losses": paired_losses(), "power": power}


def independent():
    out = {"ratio": [], "newcombe": []}
    for observed, shares in [([950, 1050], [0.5, 0.5]), ([9460, 540], [0.95, 0.05]), ([821588, 815482], [0.5, 0.5]),
                             ([300, 310, 390], [0.3, 0.3, 0.4]), ([9000, 1000], [0.9, 0.1])]:
        test = stats.chisquare(observed, np.array(shares) * sum(observed))
        out["ratio"].append({"observed": observed, "shares": shares, "statistic": test.statistic, "p": test.pvalue})
    rng = np.random.default_rng(7)
    a, b = np.round(rng.gamma(2, 1, 40), 6), np.round(rng.gamma(2.3, 1, 55), 6)
    interval = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    out["welch"] = {"a": a, "b": b, "low": interval.low, "high": interval.high, "errorA": stats.sem(a)}
    for x1, n1, x2, n2 in [(56, 70, 48, 80), (9, 10, 3, 10), (10, 10, 0, 20), (480, 1000, 500, 1000), (20, 20, 30, 30)]:
        low, high = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff", correction=False)
        out["newcombe"].append({"x1": x1, "n1": n1, "x2": x2, "n2": n2, "low": low, "high": high})
    groups, y = [], []
    for group in range(25):
        rows, centre = rng.integers(1, 6), rng.normal(1, 0.5)
        for _ in range(rows):
            groups.append(group)
            y.append(round(float(centre + rng.normal(0, 0.3)), 6))
    fit = OLS(y, np.ones(len(y))).fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    out["clusters"] = {"groups": groups, "y": y, "mean": fit.params[0], "error": fit.bse[0] * math.sqrt(25 / 24)}
    return out


write("independent", independent())
write("distributions", distributions())
write("kolmogorov", kolmogorov())
write("two-samples", ks_cases())
write("drift", drift())
write("descriptive", descriptive())
write("comparison", comparison())
write("quality", quality())
