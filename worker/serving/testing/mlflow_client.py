"""Sends what MLflow's own serialiser writes to /invocations: mlflow_client.py <base url> <token>. Prints the answers as MLflow reads them."""
import json
import sys

import numpy as np
import pandas as pd
import requests
from mlflow.deployments import PredictionsResponse
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from mlflow.utils.proto_json_utils import dump_input_data

BASE, TOKEN = sys.argv[1:]
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
frame = pd.DataFrame({"city": ["Oslo", "Bergen"], "size": [0.5, -2.0], "count": [3, -1], "flag": [True, False]})


def post(body, kind="application/json"):
    return requests.post(f"{BASE}/columns/invocations", data=body, headers={**HEADERS, "Content-Type": kind}, timeout=10)


def read(response):
    response.raise_for_status()
    return PredictionsResponse.from_json(response.text).get_predictions("dataframe").iloc[:, 0].tolist()


records = json.dumps({"dataframe_records": frame.to_dict("records")})
columns = json.dumps({"inputs": frame.to_dict("list")})
wide = requests.post(
    f"{BASE}/price/invocations", data=dump_input_data(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])), headers={**HEADERS, "Content-Type": "application/json"}, timeout=10
)
session = requests.Session()
session.headers.update(HEADERS)
client = ScoringServerClient("unused", 0)
client.url_prefix = f"{BASE}/columns"
requests.get, requests.post = session.get, session.post
client.ping()
print(
    json.dumps(
        {
            "split": read(post(dump_input_data(frame))),
            "records": read(post(records)),
            "inputs": read(post(columns)),
            "csv": read(post(frame.to_csv(index=False), "text/csv")),
            "wide": np.array(json.loads(wide.text)["predictions"]).ravel().tolist(),
            "proba": json.loads(post(dump_input_data(frame, params={"predict_method": "predict_proba"})).text)["predictions"],
            "client": client.invoke(frame).get_predictions("ndarray").ravel().tolist(),
            "version": client.get_version(),
            "error": post(dump_input_data(frame.drop(columns=["size"]))).json(),
        }
    )
)
