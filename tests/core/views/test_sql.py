"""The 23 plain questions that people ask of a fleet, each in SQL on 10,000 models.

The answer is computed a second time, in plain Python over the rows that were registered.
"""

import time
from datetime import UTC, datetime

import polars as pl
import pytest

import argosy

MODELS = 10_000
TEAMS = ("risk", "web", "grid", "growth", "ops")


def rows():
    return [
        {
            "model": f"{'abc'[number % 3]}-{number:05}",
            "version": "1",
            "team": TEAMS[number % 5],
            "owner": None if number % 10 == 0 else f"owner-{number % 7}",
            "purpose": "forecast the load" if number % 4 else "score applicants",
            "tags": {"auc": f"{(number % 100) / 100:.2f}"},
            "params": {"auc": f"{(number % 50) / 50:.2f}"},
            "metrics": {"auc": (number % 40) / 40},
            "code_revision": f"rev-{number % 20}",
            "format": "external",
            "artifact": None,
            "digest": None,
        }
        for number in range(MODELS)
    ]


ARTIFACTS = [
    {
        "model": f"s3-{number}",
        "version": "1",
        "format": "skops",
        "artifact": f"s3://bucket/{number}.skops" if number % 2 else f"/models/{number}.skops",
        "digest": "sha256:" + "0" * 64,
    }
    for number in range(10)
]
SECOND = [{"model": row["model"], "version": "2"} for row in rows()[:100]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """The fleet, and the moment between its first and its second registration."""
    folder = tmp_path_factory.mktemp("questions")
    fleet = argosy.open(str(folder / "fleet"), create=True, actor="alice")
    fleet.register(pl.DataFrame(rows(), infer_schema_length=None))
    fleet.set_alias(pl.DataFrame(rows()).select("model", "version"), "champion")
    time.sleep(0.01)
    moment = datetime.now(UTC)
    time.sleep(0.01)
    later = argosy.open(fleet.url, actor="bob")
    later.register(SECOND)
    later.add_root("s3://bucket", "/models")
    later.register(pl.DataFrame(ARTIFACTS))
    later.set_alias(SECOND, "production")
    later.set_alias(SECOND[:50], "champion")
    later.tag([{"model": row["model"], "tags": {"late": "yes"}} for row in rows()[:7]])
    log = pl.DataFrame(
        {
            "client": [row["model"] for row in rows()[:40] for _ in range(4)],
            "was": [0, 0, 1, 1] * 40,
            "score": [
                value
                for number in range(40)
                for value in ((0.1, 0.2, 0.8, 0.9) if number % 2 else (0.9, 0.8, 0.1, 0.2))
            ],
        }
    )
    log.write_parquet(folder / "log.parquet")
    later.bind(
        [
            {
                "role": "holdout",
                "url": str(folder / "log.parquet"),
                "key": "client",
                "truth": "was",
                "score": "score",
            }
        ]
    )
    names = ", ".join(f"'{row['model']}'" for row in rows()[:40])
    later.evaluate(f"model IN ({names})", metrics=["auc"])
    return fleet, moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def where(condition):
    return [row["model"] for row in rows() if condition(row)]


QUESTIONS = {
    "models named like a%": (
        "SELECT model FROM models WHERE model LIKE 'a%'",
        lambda: where(lambda row: row["model"].startswith("a")),
    ),
    "models of a team": (
        "SELECT model FROM models WHERE team = 'risk'",
        lambda: where(lambda row: row["team"] == "risk"),
    ),
    "models of one of two teams": (
        "SELECT model FROM models WHERE team IN ('risk', 'web')",
        lambda: where(lambda row: row["team"] in {"risk", "web"}),
    ),
    "models of a team or another": (
        "SELECT model FROM models WHERE team = 'risk' OR team = 'grid'",
        lambda: where(lambda row: row["team"] in {"risk", "grid"}),
    ),
    "models whose tag is above a number": (
        "SELECT model FROM models WHERE CAST(tags.auc AS DOUBLE) > 0.7",
        lambda: where(lambda row: float(row["tags"]["auc"]) > 0.7),
    ),
    "models created after a date": (
        "SELECT model FROM models WHERE created > '{moment}'",
        lambda: [row["model"] for row in ARTIFACTS],
    ),
    "models updated before a date": (
        "SELECT model FROM models WHERE updated < '{moment}'",
        lambda: [row["model"] for row in rows()[7:]],
    ),
    "models whose champion is version 1": (
        "SELECT model FROM fleet WHERE aliases.champion = '1'",
        lambda: [row["model"] for row in rows()[50:]],
    ),
    "models whose description has a word": (
        "SELECT model FROM models WHERE purpose LIKE '%applicants%'",
        lambda: where(lambda row: "applicants" in row["purpose"]),
    ),
    "models without an owner": (
        "SELECT model FROM models WHERE owner IS NULL",
        lambda: where(lambda row: row["owner"] is None) + [row["model"] for row in ARTIFACTS],
    ),
    "models not of a team": (
        "SELECT model FROM models WHERE NOT team = 'risk'",
        lambda: where(lambda row: row["team"] != "risk"),
    ),
    "versions of one model": (
        "SELECT model FROM versions WHERE model = 'a-00000'",
        lambda: ["a-00000", "a-00000"],
    ),
    "versions of one of two revisions": (
        "SELECT model FROM versions WHERE code_revision IN ('rev-1', 'rev-2')",
        lambda: where(lambda row: row["code_revision"] in {"rev-1", "rev-2"}),
    ),
    "versions above a number": (
        "SELECT model FROM versions WHERE version_number > 1",
        lambda: [row["model"] for row in SECOND],
    ),
    "versions created after a date": (
        "SELECT model FROM versions WHERE registered > '{moment}'",
        lambda: [row["model"] for row in SECOND + ARTIFACTS],
    ),
    "versions in production": (
        "SELECT v.model FROM versions v JOIN aliases a ON v.model = a.model"
        " AND v.version = a.version WHERE a.alias = 'production'",
        lambda: [row["model"] for row in SECOND],
    ),
    "versions that are ready": (
        "SELECT v.model FROM versions v JOIN models m ON v.model = m.model"
        " WHERE m.retired IS NULL OR NOT m.retired",
        lambda: [row["model"] for row in rows() + SECOND + ARTIFACTS],
    ),
    "versions registered by somebody": (
        "SELECT model FROM versions WHERE registered_by = 'bob'",
        lambda: [row["model"] for row in SECOND + ARTIFACTS],
    ),
    "versions that are champion": (
        "SELECT v.model FROM versions v JOIN aliases a ON v.model = a.model"
        " AND v.version = a.version WHERE a.alias = 'champion' AND v.version = '2'",
        lambda: [row["model"] for row in SECOND[:50]],
    ),
    "versions whose parameter is above a number": (
        "SELECT model FROM versions WHERE CAST(params.auc AS DOUBLE) > 0.7",
        lambda: where(lambda row: float(row["params"]["auc"]) > 0.7),
    ),
    "versions whose parameter is a number": (
        "SELECT model FROM versions WHERE CAST(params.auc AS DOUBLE) = 0.7",
        lambda: where(lambda row: float(row["params"]["auc"]) == 0.7),
    ),
    "versions evaluated above a number": (
        "SELECT v.model FROM versions v JOIN evaluations e ON v.model = e.model"
        " AND v.version = e.version WHERE e.metric = 'auc' AND e.value > 0.7",
        lambda: [row["model"] for row in rows()[1:40:2]],
    ),
    "versions whose artifact is on S3": (
        "SELECT model FROM versions WHERE artifact LIKE 's3%'",
        lambda: [row["model"] for row in ARTIFACTS if row["artifact"].startswith("s3")],
    ),
}


def test_there_are_23():
    assert len(QUESTIONS) == 23


@pytest.mark.parametrize(("question", "expected"), QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_is_answered(asked, question, expected):
    fleet, moment = asked
    answer = argosy.open(fleet.url).sql(question.replace("{moment}", moment))

    found = sorted(answer.to_series())
    assert found
    assert found == sorted(expected())


def test_questions_group_and_order(asked):
    answer = asked[0].sql(
        "SELECT team, COUNT(*) AS models, AVG(CAST(tags.auc AS DOUBLE)) AS auc FROM models"
        " WHERE team IS NOT NULL GROUP BY team ORDER BY models DESC, team LIMIT 2"
    )

    assert answer.select("team", "models").rows() == [("grid", 2000), ("growth", 2000)]
