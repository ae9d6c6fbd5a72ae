"""The same work in MLflow, one call per model, as its API has it; run by its own interpreter.

SQLite, no server, 1,000 models. It prints one JSON document.
"""

import json
import logging
import statistics
import sys
import tempfile
import time
from importlib.metadata import version

from mlflow import MlflowClient

MODELS = 1_000
RUNS = 5
ON_MODELS = (
    ("name like", "name LIKE 'a%'"),
    ("one team", "tags.team = 'team-03'"),
    ("team in a list", "tags.team IN ('team-03', 'team-07')"),
    ("either team", "tags.team = 'team-03' OR tags.team = 'team-07'"),
    ("tag as a number", "tags.auc > 0.7"),
    ("created after", "creation_timestamp > 0"),
    ("updated before", "last_updated_timestamp < 4102444800000"),
    ("champion is version 1", "aliases.champion = '1'"),
    ("description contains", "description LIKE '%fraud%'"),
    ("owner missing", "tags.owner IS NULL"),
    ("not this team", "tags.team != 'team-03'"),
)
ON_VERSIONS = (
    ("of one model", "name = 'a-model-10'"),
    ("of two runs", "run_id IN ('{0}', '{1}')"),
    ("version number above", "version_number > 0"),
    ("registered after", "creation_timestamp > 0"),
    ("stage", "current_stage = 'production'"),
    ("status ready", "status = 'READY'"),
    ("registered by", "user_id = 'bench'"),
    ("holds champion", "aliases.champion = '1'"),
    ("parameter as a number", "tags.auc > 0.7"),
    ("parameter equals", "tags.auc = '0.7'"),
    ("evaluated metric", "metrics.auc > 0.7"),
    ("artifact starts with", "source_path LIKE 's3%'"),
)


def main() -> None:
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/mlflow.db"
        client = MlflowClient(tracking_uri=store, registry_uri=store)
        runs = _runs(client)
        names = [f"{'abcdefghij'[number % 10]}-model-{number}" for number in range(MODELS)]
        client.create_registered_model("the first call builds what the store needs")

        register = _each(lambda name: _register(client, name, runs), names)
        moved = sorted(_times(lambda name: _alias(client, name), names))
        measured = {
            "version": version("mlflow"),
            "models": MODELS,
            "register": register,
            "alias": sum(moved),
            "alias_p50": statistics.median(moved),
            "alias_p99": moved[int(0.99 * MODELS)],
            "get": statistics.median(_times(lambda name: _get(client, name), names)),
        }
        measured["answered"] = _answers(client, runs)
    json.dump(measured, sys.stdout)


def _runs(client: MlflowClient) -> list[str]:
    experiment = client.create_experiment("benchmark")
    return [client.create_run(experiment).info.run_id for _ in range(RUNS)]


def _register(client: MlflowClient, name: str, runs: list[str]) -> None:
    number = int(name.rsplit("-", 1)[1])
    tags = {"team": f"team-{number % 20:02d}", "tier": str(1 + number % 4), "region": "eu"}
    tags |= {"owner": f"person-{number % 300:03d}"} if number % 10 else {}
    auc = {"auc": f"{0.5 + number % 50 / 100:.2f}"}
    client.create_registered_model(name, {**tags, **auc}, f"fraud of segment {number}")
    client.create_model_version(
        name, f"s3://models/{name}/1.skops", runs[number % RUNS], tags={**auc, "depth": "6"}
    )


def _alias(client: MlflowClient, name: str) -> None:
    client.set_registered_model_alias(name, "champion", "1")


def _get(client: MlflowClient, name: str) -> None:
    client.get_model_version_by_alias(name, "champion")


def _answers(client: MlflowClient, runs: list[str]) -> dict[str, float]:
    """Return the seconds of each question that the search language can express."""
    answered: dict[str, float] = {}
    for search, questions in (
        (client.search_registered_models, ON_MODELS),
        (client.search_model_versions, ON_VERSIONS),
    ):
        for name, text in questions:
            started = time.perf_counter()
            try:
                _all_pages(search, text.format(*runs))
            except Exception:  # noqa: S112  (a refusal comes as any of several exceptions)
                continue
            answered[name] = time.perf_counter() - started
    return answered


def _all_pages(search, text: str) -> int:  # noqa: ANN001
    found, token = 0, None
    while True:
        page = search(filter_string=text, max_results=1_000, page_token=token)
        found += len(page)
        token = page.token
        if not token:
            return found


def _each(call, names: list[str]) -> float:  # noqa: ANN001
    return sum(_times(call, names))


def _times(call, names: list[str]) -> list[float]:  # noqa: ANN001
    spent = []
    for name in names:
        started = time.perf_counter()
        call(name)
        spent.append(time.perf_counter() - started)
    return spent


if __name__ == "__main__":
    main()
