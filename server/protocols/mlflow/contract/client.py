"""What a user of the unmodified mlflow package does, asked of a running Touchstone.

Only MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN are set for the client. Every function named check_*, and with --large also large_*, is one
check; they run in the order of the file and each prints one line of JSON: {"name", "ok", "error", "ms"}. What a later check needs of an earlier one
stands in `made`.
"""

import json
import math
import os
import sys
import tempfile
import time
import traceback
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("MPLBACKEND", "Agg")
# A refusal must fail at once here: the client would repeat what it takes for an outage for minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")

import matplotlib.pyplot as plt  # noqa: E402
import mlflow  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import pandas as pd  # noqa: E402
import requests  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException, RestException  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

made = {}
client = MlflowClient()
random = np.random.default_rng(7)
X = random.random((120, 3))
y = (X[:, 0] + X[:, 1] > 1).astype(int)


def refused(call, code, *words):
    """The exception that a refused call raises; its code and words are as a client sees them."""
    try:
        call()
    except (MlflowException, RestException) as e:
        assert e.error_code == code, f"{e.error_code} instead of {code}: {e}"
        for word in words:
            assert word in str(e), f"{word!r} is not said in: {e}"
        return e
    raise AssertionError(f"{code} was expected, but the call succeeded")


def server(act):
    """Asks the test's server what the API does not tell."""
    headers = {"Authorization": f"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}"}
    return requests.get(f"{os.environ['MLFLOW_TRACKING_URI']}/__/{act}", headers=headers, timeout=60).json()


def check_set_experiment():
    default = mlflow.get_experiment("0")
    assert default.name == "Default" and default.artifact_location == "mlflow-artifacts:/0"
    made["experiment"] = mlflow.set_experiment("contract").experiment_id
    assert mlflow.set_experiment("contract").experiment_id == made["experiment"]
    assert mlflow.get_experiment_by_name("never made") is None
    refused(lambda: mlflow.create_experiment("contract"), "RESOURCE_ALREADY_EXISTS", "already exists")
    refused(lambda: mlflow.create_experiment("far", artifact_location="s3://bucket/x"), "INVALID_PARAMETER_VALUE", "artifact_location")
    client.set_experiment_tag(made["experiment"], "team", "x")
    assert client.get_experiment(made["experiment"]).tags["team"] == "x"
    names = [e.name for e in mlflow.search_experiments(filter_string="name LIKE 'con%'")]
    assert names == ["contract"], names


def check_start_run_and_log():
    with mlflow.start_run(run_name="r1") as run:
        made["run"] = run.info.run_id
        mlflow.log_param("lr", 0.1)
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"a": 1, "b": "x"})
        for step in range(3):
            mlflow.log_metrics({"loss": 1 / (step + 1), "acc": step / 3}, step=step)
        mlflow.log_metric("loss", float("nan"), step=3)
        mlflow.log_metric("inf", float("inf"), step=3)
        mlflow.log_metric("neg", float("-inf"))
        mlflow.set_tag("team", "x")
        mlflow.set_tags({"mlflow.note.content": "# Notes", "n": 1})
    run = client.get_run(made["run"])
    assert run.info.status == "FINISHED" and run.info.end_time >= run.info.start_time
    assert run.data.params == {"lr": "0.1", "a": "1", "b": "x"}
    assert math.isnan(run.data.metrics["loss"]) and run.data.metrics["acc"] == 2 / 3
    assert run.data.metrics["inf"] == sys.float_info.max and run.data.metrics["neg"] == -sys.float_info.max
    assert run.data.tags["team"] == "x" and run.data.tags["mlflow.runName"] == "r1"
    assert run.info.artifact_uri == f"mlflow-artifacts:/{made['experiment']}/{made['run']}/artifacts"


def check_metric_history():
    history = client.get_metric_history(made["run"], "loss")
    assert [m.step for m in history] == [0, 1, 2, 3], history
    assert [m.value for m in history][:3] == [1.0, 0.5, 1 / 3] and math.isnan(history[3].value)
    assert client.get_metric_history(made["run"], "never") == []


def check_log_after_the_end():
    client.log_metric(made["run"], "late", 1.5)
    client.set_tag(made["run"], "reviewed", "yes")
    run = client.get_run(made["run"])
    assert run.data.metrics["late"] == 1.5 and run.info.status == "FINISHED"
    client.delete_tag(made["run"], "reviewed")
    assert "reviewed" not in client.get_run(made["run"]).data.tags
    refused(lambda: client.delete_tag(made["run"], "reviewed"), "RESOURCE_DOES_NOT_EXIST", "No tag with name: reviewed")


def check_refusals():
    refused(lambda: client.log_param(made["run"], "lr", 0.2), "INVALID_PARAMETER_VALUE", "Changing param values is not allowed", "The cause of this error")
    refused(lambda: client.get_run("0" * 32), "RESOURCE_DOES_NOT_EXIST", "not found")
    refused(lambda: client.get_experiment("999"), "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=999 exists")
    refused(lambda: mlflow.search_runs([made["experiment"]], "metrics.loss < 1 OR metrics.acc > 2"), "INVALID_PARAMETER_VALUE", "Invalid clause(s) in filter string: 'OR'")
    refused(lambda: mlflow.search_runs([made["experiment"]], "params.a = 1"), "INVALID_PARAMETER_VALUE", "Expected a quoted string value")
    from mlflow.store.tracking.rest_store import RestStore

    store: RestStore = client._tracking_client.store
    refused(lambda: store.log_batch(made["run"], [], [mlflow.entities.Param("d", "1"), mlflow.entities.Param("d", "2")], []), "INVALID_PARAMETER_VALUE", "Duplicate parameter keys")


def check_log_batch_whole_or_not_at_all():
    from mlflow.entities import Metric, Param, RunTag

    now = int(time.time() * 1000)
    store = client._tracking_client.store
    refused(
        lambda: store.log_batch(made["run"], [Metric("half", 1, now, 0)], [Param("lr", "other")], [RunTag("half", "1")]),
        "INVALID_PARAMETER_VALUE",
    )
    run = client.get_run(made["run"])
    assert "half" not in run.data.metrics and "half" not in run.data.tags
    metrics = [Metric(f"k{i % 10}", i, now + i, i) for i in range(1000)]
    store.log_batch(made["run"], metrics, [], [])
    store.log_batch(made["run"], metrics, [], [])
    assert len(client.get_metric_history(made["run"], "k3")) == 100
    client.log_batch(made["run"], metrics=[Metric(f"m{i}", i, now, 0) for i in range(2500)])
    assert client.get_run(made["run"]).data.metrics["m2499"] == 2499


def check_log_input():
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
    dataset = mlflow.data.from_pandas(frame, source="x.csv", name="d")
    with mlflow.start_run(run_id=made["run"]):
        mlflow.log_input(dataset, context="training")
        mlflow.log_input(dataset, context="training")
    [entry] = client.get_run(made["run"]).inputs.dataset_inputs
    assert entry.dataset.name == "d" and entry.dataset.digest == dataset.digest
    assert [(t.key, t.value) for t in entry.tags] == [("mlflow.data.context", "training")]
    found = mlflow.search_runs([made["experiment"]], "datasets.name = 'd' and datasets.context = 'training'")
    assert list(found.run_id) == [made["run"]]


def check_artifacts():
    with mlflow.start_run(run_id=made["run"]):
        mlflow.log_text("hello\n", "a/b.txt")
        mlflow.log_dict({"x": [1, 2]}, "a/c.json")
        mlflow.log_text("", "empty.txt")
        mlflow.log_text("ü", "ä ö/ü+%20.txt")
        figure, axes = plt.subplots()
        axes.plot([1, 2])
        mlflow.log_figure(figure, "f.png")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "big.bin")
            with open(path, "wb") as f:
                f.write(os.urandom(30_000_000))
            mlflow.log_artifact(path, "large")
            back = client.download_artifacts(made["run"], "large/big.bin")
            assert open(back, "rb").read() == open(path, "rb").read()
    listed = {f.path: (f.is_dir, f.file_size) for f in client.list_artifacts(made["run"])}
    assert listed["a"] == (True, None) and listed["empty.txt"] == (False, 0) and "f.png" in listed, listed
    assert [f.path for f in client.list_artifacts(made["run"], "a")] == ["a/b.txt", "a/c.json"]
    assert mlflow.artifacts.load_text(f"runs:/{made['run']}/a/b.txt") == "hello\n"
    assert mlflow.artifacts.load_dict(f"runs:/{made['run']}/a/c.json") == {"x": [1, 2]}
    assert mlflow.artifacts.load_text(f"runs:/{made['run']}/ä ö/ü+%20.txt") == "ü"
    assert mlflow.artifacts.load_image(f"runs:/{made['run']}/f.png").size[0] > 100
    folder = mlflow.artifacts.download_artifacts(run_id=made["run"], artifact_path="a")
    assert sorted(os.listdir(folder)) == ["b.txt", "c.json"]
    table = pd.DataFrame({"q": ["a", "b"], "r": [1, 2]})
    mlflow.log_table(table, "t.json", run_id=made["run"])
    assert len(mlflow.load_table("t.json", [made["run"]])) == 2
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    get_artifact_repository(client.get_run(made["run"]).info.artifact_uri).delete_artifacts("large")
    assert client.list_artifacts(made["run"], "large") == []
    refused(lambda: mlflow.artifacts.load_text(f"runs:/{made['run']}/never.txt"), "RESOURCE_DOES_NOT_EXIST")


def check_nested_runs():
    with mlflow.start_run(run_name="parent") as parent:
        for i in range(2):
            with mlflow.start_run(run_name=f"child {i}", nested=True):
                mlflow.log_metric("rank", i)
    found = mlflow.search_runs([made["experiment"]], f"tags.mlflow.parentRunId = '{parent.info.run_id}'", order_by=["metrics.rank DESC"])
    assert list(found["tags.mlflow.runName"]) == ["child 1", "child 0"]


def check_failed_run():
    try:
        with mlflow.start_run(run_name="broken") as run:
            raise ValueError("the script fails")
    except ValueError:
        pass
    assert client.get_run(run.info.run_id).info.status == "FAILED"
    with mlflow.start_run(run_id=run.info.run_id):
        assert client.get_run(run.info.run_id).info.status == "RUNNING"


def check_search_runs():
    ids = [made["experiment"]]
    found = mlflow.search_runs(ids, "metrics.acc > 0.5 and params.lr = '0.1'", order_by=["metrics.acc DESC"])
    assert list(found.run_id) == [made["run"]] and found["params.lr"][0] == "0.1"
    assert len(mlflow.search_runs(ids, "attributes.status = 'FAILED'")) == 0
    assert mlflow.search_runs(experiment_names=["contract"], filter_string="tags.team = 'x'").run_id[0] == made["run"]
    first = client.search_runs(ids, max_results=2)
    assert len(first) == 2 and first.token
    rest = client.search_runs(ids, max_results=100, page_token=first.token)
    assert len(rest) > 0 and not {r.info.run_id for r in first} & {r.info.run_id for r in rest}


def check_delete_and_restore_run():
    client.delete_run(made["run"])
    assert client.get_run(made["run"]).info.lifecycle_stage == "deleted"
    assert made["run"] not in list(mlflow.search_runs([made["experiment"]]).run_id)
    refused(lambda: client.log_metric(made["run"], "x", 1), "INVALID_PARAMETER_VALUE", "must be in the 'active' state")
    deleted = client.search_runs([made["experiment"]], run_view_type=mlflow.entities.ViewType.DELETED_ONLY)
    assert [r.info.run_id for r in deleted] == [made["run"]]
    client.restore_run(made["run"])
    assert client.get_run(made["run"]).info.lifecycle_stage == "active"


def check_delete_and_restore_experiment():
    number = mlflow.create_experiment("short-lived", tags={"a": "b"})
    client.rename_experiment(number, "renamed")
    client.delete_experiment(number)
    refused(lambda: mlflow.set_experiment("renamed"), "INVALID_PARAMETER_VALUE", "deleted")
    client.restore_experiment(number)
    assert client.get_experiment(number).name == "renamed"
    client.delete_experiment(number)


def check_sklearn_autolog():
    mlflow.sklearn.autolog(log_datasets=True)
    try:
        with mlflow.start_run() as run:
            LogisticRegression(C=0.5).fit(X, y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    logged = client.get_run(run.info.run_id)
    assert logged.data.params["C"] == "0.5" and logged.data.metrics["training_accuracy_score"] > 0.8
    assert [o.model_id for o in logged.outputs.model_outputs]
    model_id = logged.outputs.model_outputs[0].model_id
    model = mlflow.get_logged_model(model_id)
    assert model.status.value == "READY" and model.source_run_id == run.info.run_id
    assert any(m.key == "training_accuracy_score" and m.dataset_name for m in model.metrics), model.metrics
    assert any(f.path.endswith(".png") for f in client.list_artifacts(run.info.run_id))
    loaded = mlflow.sklearn.load_model(f"models:/{model_id}")
    assert (loaded.predict(X) == LogisticRegression(C=0.5).fit(X, y).predict(X)).all()


def check_sklearn_log_model():
    with mlflow.start_run() as run:
        mlflow.log_metric("auc", 0.9)
        info = mlflow.sklearn.log_model(
            LogisticRegression().fit(X, y), name="model", registered_model_name="reg", input_example=X[:2], serialization_format="cloudpickle"
        )
        mlflow.log_metric("auc2", 0.8, model_id=info.model_id)
    made["sk"] = (run.info.run_id, info.model_id)
    version = client.get_model_version("reg", 1)
    assert version.source == f"models:/{info.model_id}" and version.status == "READY"
    assert version.run_id == run.info.run_id
    noted = mlflow.get_logged_model(info.model_id).tags["mlflow.modelVersions"]
    assert "reg" in noted, noted
    metrics = {m.key: m.value for m in mlflow.get_logged_model(info.model_id).metrics}
    assert metrics == {"auc": 0.9, "auc2": 0.8}, metrics


def check_onnx_log_model():
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    with mlflow.start_run() as run:
        mlflow.log_metric("auc", 0.7)
        info = mlflow.onnx.log_model(model, name="onnxmodel", registered_model_name="regonnx", pip_requirements=["onnx", "onnxruntime"])
    made["onnx"] = (run.info.run_id, info.model_id)
    version = client.get_model_version("regonnx", "1")
    assert version.source == f"models:/{info.model_id}"
    assert {m.key: m.value for m in mlflow.get_logged_model(info.model_id).metrics} == {"auc": 0.7}
    back = mlflow.onnx.load_model("models:/regonnx/1")
    assert back.graph.input[0].name == "x"
    onnx.checker.check_model(back)
    predicted = mlflow.pyfunc.load_model("models:/regonnx/1").predict(np.array([[-1, 0, 2]], dtype=np.float32))
    assert predicted["y"].tolist() == [[0.0, 0.0, 2.0]]


def check_load_model():
    run_id, model_id = made["sk"]
    for uri in ["models:/reg/1", f"models:/{model_id}", f"runs:/{run_id}/model", "models:/reg/latest"]:
        loaded = mlflow.sklearn.load_model(uri)
        assert loaded.predict(X[:5]).shape == (5,), uri


def check_search_logged_models():
    found = mlflow.search_logged_models([made["experiment"]], output_format="list")
    assert {m.name for m in found} >= {"model", "onnxmodel"}
    best = mlflow.search_logged_models(
        [made["experiment"]], "metrics.auc > 0.8 AND name = 'model'", order_by=[{"field_name": "metrics.auc", "ascending": False}], output_format="list"
    )
    assert [m.model_id for m in best] == [made["sk"][1]]
    model = mlflow.initialize_logged_model(name="external", params={"a": "1"})
    mlflow.finalize_logged_model(model.model_id, "READY")
    mlflow.set_logged_model_tags(model.model_id, {"k": "v"})
    mlflow.log_model_params({"b": "2"}, model.model_id)
    mlflow.delete_logged_model_tag(model.model_id, "k")
    read = mlflow.get_logged_model(model.model_id)
    assert read.params == {"a": "1", "b": "2"} and "k" not in read.tags
    client.delete_logged_model(model.model_id)
    refused(lambda: mlflow.get_logged_model(model.model_id), "RESOURCE_DOES_NOT_EXIST")


def check_registry():
    refused(lambda: client.create_registered_model("reg"), "RESOURCE_ALREADY_EXISTS")
    client.create_registered_model("second", tags={"t": "1"}, description="about")
    client.update_registered_model("second", "better")
    client.set_registered_model_tag("second", "u", "2")
    client.delete_registered_model_tag("second", "t")
    model = client.get_registered_model("second")
    assert model.description == "better" and model.tags == {"u": "2"}, model
    names = [m.name for m in client.search_registered_models("name LIKE 're%'", order_by=["name DESC"])]
    assert names == ["regonnx", "reg"], names
    assert [m.name for m in client.search_registered_models("tags.u = '2'")] == ["second"]
    versions = client.search_model_versions("name = 'reg'")
    assert [v.version for v in versions] in (["1"], [1]), versions
    assert len(client.search_model_versions(f"run_id = '{made['onnx'][0]}'")) == 1
    client.update_model_version("reg", "1", "first")
    client.set_model_version_tag("reg", "1", "validated", "yes")
    version = client.get_model_version("reg", "1")
    assert version.description == "first" and version.tags["validated"] == "yes"
    client.delete_model_version_tag("reg", "1", "validated")
    second = client.create_model_version("reg", f"runs:/{made['sk'][0]}/model", run_id=made["sk"][0])
    assert int(second.version) == 2
    client.delete_model_version("reg", "2")
    refused(lambda: client.get_model_version("reg", "2"), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: client.get_registered_model("none"), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: client.create_model_version("reg", "models:/m-" + "0" * 32, model_id="m-" + "0" * 32), "RESOURCE_DOES_NOT_EXIST")


def check_aliases():
    client.set_registered_model_alias("reg", "shadow-test", "1")
    assert client.get_model_version_by_alias("reg", "shadow-test").version in ("1", 1)
    assert client.get_registered_model("reg").aliases["shadow-test"] in ("1", 1)
    assert mlflow.sklearn.load_model("models:/reg@shadow-test").predict(X[:1]).shape == (1,)
    client.delete_registered_model_alias("reg", "shadow-test")
    refused(lambda: client.get_model_version_by_alias("reg", "shadow-test"), "INVALID_PARAMETER_VALUE", "Registered model alias shadow-test not found.")
    for alias in ["champion", "challenger"]:
        e = refused(lambda: client.set_registered_model_alias("reg", alias, "1"), "PERMISSION_DENIED", "approved promotion", "/models/reg/1")
        print(f"  {alias}: {e}", file=sys.stderr)
    refused(lambda: client.delete_registered_model_alias("reg", "champion"), "PERMISSION_DENIED")


def check_stages():
    warnings.filterwarnings("ignore")
    assert client.get_latest_versions("reg")[0].version in ("1", 1)
    assert client.transition_model_version_stage("reg", "1", "None").current_stage == "None"
    refused(lambda: client.transition_model_version_stage("reg", "1", "Production"), "PERMISSION_DENIED", "promotion")
    refused(lambda: client.transition_model_version_stage("reg", "1", "Nowhere"), "INVALID_PARAMETER_VALUE", "Nowhere")
    assert client.transition_model_version_stage("reg", "1", "Staging").current_stage == "Staging"
    assert client.get_latest_versions("reg", ["Staging"])[0].version in ("1", 1)
    assert mlflow.sklearn.load_model("models:/reg/Staging").predict(X[:1]).shape == (1,)
    assert client.transition_model_version_stage("reg", "1", "Archived").current_stage == "Archived"
    assert client.get_latest_versions("reg", ["Staging"]) == []
    assert client.transition_model_version_stage("reg", "1", "None").current_stage == "None"


def check_rename_and_delete_model():
    client.create_registered_model("passing", description="d")
    client.create_model_version("passing", "x")
    client.rename_registered_model("passing", "renamed")
    assert client.get_registered_model("renamed").description == "d"
    refused(lambda: client.get_registered_model("passing"), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: client.rename_registered_model("renamed", "reg"), "RESOURCE_ALREADY_EXISTS")
    client.delete_registered_model("renamed")
    refused(lambda: client.get_registered_model("renamed"), "RESOURCE_DOES_NOT_EXIST")
    assert [m.name for m in client.search_registered_models("name ILIKE '%renamed%'")] == []


def check_champion():
    server("crown/reg/1")
    assert mlflow.sklearn.load_model("models:/reg@champion").predict(X[:5]).shape == (5,)
    assert client.get_model_version_by_alias("reg", "champion").version in ("1", 1)
    assert mlflow.sklearn.load_model("models:/reg/Production").predict(X[:5]).shape == (5,)
    refused(lambda: client.set_registered_model_alias("reg", "champion", "1"), "PERMISSION_DENIED", "approved promotion")
    refused(lambda: client.delete_registered_model("reg"), "PERMISSION_DENIED", "is its champion")
    refused(lambda: client.delete_model_version("reg", "1"), "PERMISSION_DENIED", "Promote another version")
    refused(lambda: client.rename_registered_model("reg", "other"), "PERMISSION_DENIED", "is its champion")


class Doubler(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["factor"]) as f:
            self.factor = float(f.read())

    def predict(self, context, model_input, params=None):
        return model_input * self.factor


def check_pyfunc_custom_class():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "factor.txt")
        with open(path, "w") as f:
            f.write("2")
        with mlflow.start_run():
            info = mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), artifacts={"factor": path}, registered_model_name="doubler", pip_requirements=["mlflow"])
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    for uri in [info.model_uri, "models:/doubler/1"]:
        assert mlflow.pyfunc.load_model(uri).predict(frame)["a"].tolist() == [2.0, 4.0], uri


def check_lightgbm_autolog():
    import lightgbm

    mlflow.lightgbm.autolog()
    try:
        with mlflow.start_run() as run:
            data = lightgbm.Dataset(X, label=y)
            booster = lightgbm.train({"objective": "binary", "metric": "binary_logloss", "verbose": -1, "num_threads": 1}, data, num_boost_round=5, valid_sets=[data])
    finally:
        mlflow.lightgbm.autolog(disable=True)
    logged = client.get_run(run.info.run_id)
    assert logged.data.params["objective"] == "binary"
    assert len(client.get_metric_history(run.info.run_id, "training-binary_logloss")) == 5, logged.data.metrics
    assert {f.path for f in client.list_artifacts(run.info.run_id)} >= {"feature_importance_gain.png", "feature_importance_gain.json"}
    loaded = mlflow.lightgbm.load_model(f"models:/{logged.outputs.model_outputs[0].model_id}")
    assert np.allclose(loaded.predict(X), booster.predict(X))


def check_parallel_child_runs():
    from concurrent.futures import ThreadPoolExecutor

    with mlflow.start_run(run_name="sweep") as parent:

        def child(i):
            with mlflow.start_run(run_name=f"trial {i}", nested=True, parent_run_id=parent.info.run_id) as run:
                mlflow.log_param("i", i)
                for step in range(10):
                    mlflow.log_metric("loss", i + 1 / (step + 1), step=step)
                return run.info.run_id

        with ThreadPoolExecutor(4) as pool:
            ids = list(pool.map(child, range(8)))
        # Several writers of one run at once, too.
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda i: client.log_batch(parent.info.run_id, metrics=[mlflow.entities.Metric("best", i, i, s) for s in range(50)]), range(8)))
    found = mlflow.search_runs([made["experiment"]], f"tags.mlflow.parentRunId = '{parent.info.run_id}'", order_by=["metrics.loss ASC"])
    assert list(found.run_id) == ids and set(found.status) == {"FINISHED"}
    assert all(abs(found["metrics.loss"][i] - (i + 0.1)) < 1e-9 for i in range(8))
    assert len(client.get_metric_history(parent.info.run_id, "best")) == 400
    assert client.get_run(parent.info.run_id).data.metrics["best"] == 7


def check_search_runs_with_pandas():
    frame = mlflow.search_runs([made["experiment"]], order_by=["attributes.start_time DESC"])
    assert {"run_id", "status", "start_time", "params.lr", "metrics.loss", "tags.team"} <= set(frame.columns)
    assert str(frame.start_time.dtype).startswith("datetime64") and frame.start_time.is_monotonic_decreasing
    row = frame[frame.run_id == made["run"]].iloc[0]
    assert row["metrics.acc"] == 2 / 3 and row["params.b"] == "x" and math.isnan(row["metrics.loss"])


def check_images_and_tables():
    from PIL import Image

    with mlflow.start_run() as run:
        mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), "black.png")
        for step in range(3):
            mlflow.log_image(Image.new("RGB", (16, 16), (step * 80, 0, 0)), key="seen", step=step)
        mlflow.log_table({"q": ["a"], "r": [1]}, "t.json")
        mlflow.log_table({"q": ["b"], "r": [2]}, "t.json")
    assert mlflow.artifacts.load_image(f"runs:/{run.info.run_id}/black.png").size == (8, 8)
    assert len(client.list_artifacts(run.info.run_id, "images")) == 6
    assert mlflow.load_table("t.json", [run.info.run_id])["r"].tolist() == [1, 2]


def check_prompts():
    prompt = mlflow.genai.register_prompt(name="greeting", template="Hello {{name}}!", commit_message="first", tags={"team": "x"})
    assert prompt.version == 1
    mlflow.genai.register_prompt(name="greeting", template=[{"role": "user", "content": "Hi {{name}}"}])
    mlflow.genai.set_prompt_alias("greeting", alias="live", version=1)
    assert mlflow.genai.load_prompt("prompts:/greeting@live").format(name="Ada") == "Hello Ada!"
    assert mlflow.genai.load_prompt("prompts:/greeting/2").template[0]["content"] == "Hi {{name}}"
    assert mlflow.genai.load_prompt("greeting", version=1).commit_message == "first"
    mlflow.genai.set_prompt_tag("greeting", "owner", "me")
    mlflow.genai.set_prompt_version_tag("greeting", 1, "checked", "yes")
    assert mlflow.genai.load_prompt("greeting", version=1).tags["checked"] == "yes"
    assert [p.name for p in mlflow.genai.search_prompts()] == ["greeting"]
    assert "greeting" not in [m.name for m in client.search_registered_models()]
    assert mlflow.genai.load_prompt("prompts:/never/1", allow_missing=True) is None
    mlflow.genai.delete_prompt_alias("greeting", "live")


def check_webhooks():
    from mlflow.entities.webhook import WebhookStatus

    address = os.environ["MLFLOW_TRACKING_URI"] + "/__/hook"
    hook = client.create_webhook("ci", address, ["model_version.created", "model_version_alias.created"], description="d", secret="shh")
    assert hook.status == WebhookStatus.ACTIVE and [str(e) for e in hook.events] == ["model_version.created", "model_version_alias.created"], hook
    assert hook.secret is None and client.get_webhook(hook.webhook_id).name == "ci"
    result = client.test_webhook(hook.webhook_id)
    assert result.success and result.response_status == 200 and "example_model" in result.response_body, result
    result = client.test_webhook(hook.webhook_id, "model_version_alias.created")
    assert "example_alias" in result.response_body
    changed = client.update_webhook(hook.webhook_id, status="DISABLED", events=["prompt.created"], description="other")
    assert changed.status == WebhookStatus.DISABLED and changed.description == "other" and len(changed.events) == 1
    client.create_webhook("second", address, ["registered_model.created"])
    first = client.list_webhooks(max_results=1)
    assert [w.name for w in first] == ["second"] and first.token
    assert [w.name for w in client.list_webhooks(max_results=1, page_token=first.token)] == ["ci"]
    client.delete_webhook(hook.webhook_id)
    refused(lambda: client.get_webhook(hook.webhook_id), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: client.create_webhook("ftp", "ftp://example.com", ["prompt.created"]), "INVALID_PARAMETER_VALUE", "scheme")
    refused(lambda: client.create_webhook("Bad Name", address, ["prompt.created"]), "INVALID_PARAMETER_VALUE", "name")


def check_transfers_in_parts():
    settings = {
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
        "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "true",
        "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "1000000",
        "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(3 * 1024 * 1024),
        "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": str(4 * 1024 * 1024),
    }
    os.environ.update(settings)
    try:
        content = os.urandom(10_000_001)
        with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
            path = os.path.join(folder, "in parts.bin")
            with open(path, "wb") as f:
                f.write(content)
            mlflow.log_artifact(path, "deep/er")
            mlflow.log_text("small", "small.txt")
            back = client.download_artifacts(run.info.run_id, "deep/er/in parts.bin")
            with open(back, "rb") as f:
                assert f.read() == content
        assert [(f.path, f.file_size) for f in client.list_artifacts(run.info.run_id, "deep/er")] == [("deep/er/in parts.bin", len(content))]
        assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/small.txt") == "small"
    finally:
        for name in settings:
            os.environ.pop(name)


def check_token_of_all_projects():
    uri, token = os.environ["MLFLOW_TRACKING_URI"], os.environ["MLFLOW_TRACKING_TOKEN"]
    own, mine, theirs = (os.environ[f"TOUCHSTONE_{name}"] for name in ("OWN_TOKEN", "PROJECT", "OTHER"))
    try:
        os.environ["MLFLOW_TRACKING_TOKEN"] = own
        mlflow.set_tracking_uri(f"{uri}/p/{mine}")
        assert mlflow.get_experiment_by_name("contract").experiment_id == made["experiment"]
        with mlflow.start_run(experiment_id=made["experiment"]) as run:
            mlflow.log_text("by path", "where.txt")
            mlflow.sklearn.log_model(LogisticRegression().fit(X, y), name="by-path", registered_model_name="by-path", pip_requirements=["scikit-learn"], serialization_format="cloudpickle")
        assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/where.txt") == "by path"
        assert mlflow.sklearn.load_model("models:/by-path/1").predict(X[:2]).shape == (2,)
        os.environ["MLFLOW_TRACKING_TOKEN"] = token
        assert mlflow.get_run(run.info.run_id).info.run_id == run.info.run_id
        mlflow.set_tracking_uri(f"{uri}/p/{theirs}")
        for secret in (token, own):
            os.environ["MLFLOW_TRACKING_TOKEN"] = secret
            refused(lambda: mlflow.get_run(run.info.run_id), "RESOURCE_DOES_NOT_EXIST", theirs)
        os.environ["MLFLOW_TRACKING_TOKEN"] = own
        mlflow.set_tracking_uri(uri)
        refused(lambda: mlflow.get_run(run.info.run_id), "INVALID_PARAMETER_VALUE", "/p/<project>")
    finally:
        os.environ["MLFLOW_TRACKING_TOKEN"] = token
        mlflow.set_tracking_uri(uri)


def large_file_with_flat_memory():
    size = 500 * 1024 * 1024
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
        path = os.path.join(folder, "large.bin")
        with open(path, "wb") as f:
            f.truncate(size)
            f.seek(size - 8)
            f.write(b"the end.")
        before = server("memory")["rss"]
        mlflow.log_artifact(path)
        after = server("memory")["peak"]
        assert after - before < 100e6, f"the upload grew the server by {(after - before) / 1e6:.0f} MB"
        os.remove(path)
        before = server("memory")["rss"]
        back = client.download_artifacts(run.info.run_id, "large.bin", folder)
        after = server("memory")["peak"]
        assert after - before < 100e6, f"the download grew the server by {(after - before) / 1e6:.0f} MB"
        with open(back, "rb") as f:
            f.seek(size - 8)
            assert os.path.getsize(back) == size and f.read() == b"the end."


def large_number_of_files():
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
        for i in range(1000):
            os.makedirs(os.path.join(folder, str(i % 10)), exist_ok=True)
            with open(os.path.join(folder, str(i % 10), f"{i}.txt"), "w") as f:
                f.write(str(i))
        mlflow.log_artifacts(folder, "many")
        back = client.download_artifacts(run.info.run_id, "many")
        files = [os.path.join(root, name) for root, _, names in os.walk(back) for name in names]
        assert len(files) == 1000
        for path in files:
            with open(path) as f:
                assert f.read() == os.path.basename(path)[: -len(".txt")]


def check_not_served():
    refused(lambda: client.search_traces(locations=[made["experiment"]]), "NOT_IMPLEMENTED")


def check_models_evaluate():
    run_id, _ = made["sk"]
    frame = pd.DataFrame(X)
    frame["label"] = y
    with mlflow.start_run() as run:
        result = mlflow.models.evaluate("models:/reg/1", frame, targets="label", model_type="classifier", evaluator_config={"log_explainer": False})
    assert result.metrics["accuracy_score"] > 0.8
    logged = client.get_run(run.info.run_id)
    assert logged.data.metrics["accuracy_score"] == result.metrics["accuracy_score"]
    assert any(f.path.endswith(".png") for f in client.list_artifacts(run.info.run_id))


def check_wrong_token():
    import mlflow.tracking.fluent  # noqa: F401

    token = os.environ["MLFLOW_TRACKING_TOKEN"]
    os.environ["MLFLOW_TRACKING_TOKEN"] = "tst_wrong"
    try:
        refused(lambda: client.get_run(made["run"]), "UNAUTHENTICATED", "unknown, expired or revoked")
    finally:
        os.environ["MLFLOW_TRACKING_TOKEN"] = token
    os.environ.pop("MLFLOW_TRACKING_TOKEN")
    os.environ.update(MLFLOW_TRACKING_USERNAME="token", MLFLOW_TRACKING_PASSWORD=token)
    try:
        assert client.get_run(made["run"]).info.run_id == made["run"]
    finally:
        os.environ.pop("MLFLOW_TRACKING_USERNAME")
        os.environ.pop("MLFLOW_TRACKING_PASSWORD")
        os.environ["MLFLOW_TRACKING_TOKEN"] = token


if __name__ == "__main__":
    print(json.dumps({"mlflow": mlflow.__version__}), flush=True)
    chosen = [name for name in sys.argv[1:] if name != "--large"]
    wanted = ("check_", "large_") if "--large" in sys.argv else "check_"
    for name, check in list(globals().items()):
        if not name.startswith(wanted) or (chosen and name not in chosen):
            continue
        started = time.time()
        error = None
        try:
            check()
        except BaseException:
            error = traceback.format_exc(limit=-4)
        while mlflow.active_run():
            mlflow.end_run()
        line = {"name": name, "ok": error is None, "error": error, "ms": round((time.time() - started) * 1000)}
        print(json.dumps(line), flush=True)
