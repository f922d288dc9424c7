"""Check the data against expectations.yaml before anything is trained on it.

The report is a JSON object: `passed`, `rows`, `null_rate` (share of empty cells among features and label) and `rules`,
one entry per rule with what was observed. Exits with 1 when a rule is broken; the report is written all the same.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from columns import FEATURES, LABEL

Rule = dict[str, Any]


def inside(values: pd.Series, rule: Rule) -> pd.Series:
    """Say of every value whether it lies between the rule's `min` and `max`, both included; either may be absent."""
    return values.between(rule.get("min", -math.inf), rule.get("max", math.inf))


def share_rule(good: pd.Series, rule: Rule) -> tuple[bool, str]:
    """Judge a rule about single values: at least the share `mostly` (default: all) of them must be good."""
    failed = int((~good).sum())
    share = 1 - failed / max(len(good), 1)
    return share >= rule.get("mostly", 1.0), f"{failed:,} of {len(good):,} rows break it"


def not_null(values: pd.Series, rule: Rule) -> tuple[bool, str]:
    """No value is empty."""
    return share_rule(values.notna(), rule)


def unique(values: pd.Series, _rule: Rule) -> tuple[bool, str]:
    """No value occurs twice."""
    repeated = int(values.dropna().duplicated().sum())
    return repeated == 0, f"{repeated:,} repeated values"


def between(values: pd.Series, rule: Rule) -> tuple[bool, str]:
    """Every value present lies between `min` and `max`."""
    present = values.dropna()
    passed, text = share_rule(inside(present, rule), rule)
    return passed, f"{text}; observed {present.min():g} to {present.max():g}"


def in_set(values: pd.Series, rule: Rule) -> tuple[bool, str]:
    """Every value present is one of `values`."""
    present = values.dropna()
    strange = sorted(map(str, set(present.unique()) - set(rule["values"])))
    passed, text = share_rule(present.isin(rule["values"]), rule)
    return passed, text + (f"; not in the set: {', '.join(strange[:10])}" if strange else "")


def matches(values: pd.Series, rule: Rule) -> tuple[bool, str]:
    """Every value present matches the regular expression `pattern` from its first to its last character."""
    pattern = re.compile(rule["pattern"])
    present = values.dropna()
    good = {value: pattern.fullmatch(str(value)) is not None for value in present.unique()}
    return share_rule(present.map(good).astype(bool), rule)


def mean_between(values: pd.Series, rule: Rule) -> tuple[bool, str]:
    """The mean of the values present lies between `min` and `max`."""
    mean = values.mean()
    return bool(inside(pd.Series([mean]), rule).all()), f"the mean is {mean:.4g}"


COLUMN_RULES: dict[str, Callable[[pd.Series, Rule], tuple[bool, str]]] = {
    "not_null": not_null,
    "unique": unique,
    "between": between,
    "in_set": in_set,
    "matches": matches,
    "mean_between": mean_between,
}


def judge(table: pd.DataFrame, rule: Rule) -> dict[str, Any]:
    """Apply one rule and return it with `passed` and `observed`."""
    if rule["rule"] == "row_count_min":
        passed, observed = len(table) >= rule["min"], f"{len(table):,} rows"
    elif rule["rule"] not in COLUMN_RULES:
        passed, observed = False, f"there is no rule named {rule['rule']}"
    elif rule["column"] not in table.columns:
        passed, observed = False, "the column does not exist"
    else:
        passed, observed = COLUMN_RULES[rule["rule"]](table[rule["column"]], rule)
    return {**rule, "passed": bool(passed), "observed": observed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", type=Path, required=True, help="folder written by ingest.py")
    parser.add_argument("--rules", type=Path, required=True, help="expectations.yaml")
    parser.add_argument("--report", type=Path, required=True, help="JSON file to write")
    arguments = parser.parse_args()

    parts = [pd.read_parquet(arguments.split / f"{part}.parquet") for part in ("train", "holdout")]
    table = pd.concat(parts, ignore_index=True)
    expectations = yaml.safe_load(arguments.rules.read_text())
    rules = [judge(table, rule) for rule in expectations["rules"]]
    broken = [rule for rule in rules if not rule["passed"]]
    report = {
        "passed": not broken,
        "rows": len(table),
        "null_rate": float(table[[*FEATURES, LABEL]].isna().to_numpy().mean()),
        "rules": rules,
    }
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    arguments.report.write_text(json.dumps(report, indent=2, default=str) + "\n")

    for rule in rules:
        state = "ok    " if rule["passed"] else "BROKEN"
        print(f"{state} {rule['rule']:<14} {rule.get('column', ''):<15} {rule['observed']}")
    if broken:
        raise SystemExit(f"{len(broken)} of {len(rules)} rules are broken")
    print(f"all {len(rules)} rules hold; null rate {report['null_rate']:.4f}")


if __name__ == "__main__":
    main()
