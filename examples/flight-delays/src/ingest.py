"""Cut a dataset version by time: the last days become the hold-out, everything before is for training.

Writes a folder with train.parquet, holdout.parquet and split.json, which says what was cut where and from which file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import pandas as pd

from columns import DATE, LABEL, read_table


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def describe(part: pd.DataFrame) -> dict[str, object]:
    """Say how many rows a part has, which days it spans and how often a flight was late."""
    return {
        "rows": len(part),
        "first_date": str(part[DATE].min().date()),
        "last_date": str(part[DATE].max().date()),
        "late_rate": round(float(part[LABEL].mean()), 6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the dataset version's file, .parquet or .csv")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--holdout-days", type=int, default=30)
    arguments = parser.parse_args()

    table = read_table(arguments.data)
    cut = table[DATE].max() - pd.Timedelta(days=arguments.holdout_days)
    train, holdout = table[table[DATE] <= cut], table[table[DATE] > cut]
    if train.empty or holdout.empty:
        raise SystemExit(f"{arguments.holdout_days} hold-out days leave {len(train)} rows to train on")

    arguments.out.mkdir(parents=True, exist_ok=True)
    train.to_parquet(arguments.out / "train.parquet", index=False, compression="zstd")
    holdout.to_parquet(arguments.out / "holdout.parquet", index=False, compression="zstd")
    split = {
        "source_sha256": sha256_of(arguments.data),
        "holdout_days": arguments.holdout_days,
        "train": describe(train),
        "holdout": describe(holdout),
    }
    (arguments.out / "split.json").write_text(json.dumps(split, indent=2) + "\n")
    print(json.dumps(split, indent=2))


if __name__ == "__main__":
    main()
