"""The 23 plain questions about a fleet that the benchmark asks, each as a user would write it.

They are those on which MLflow's search language was tried. Where MLflow knows no such thing, the
question is put to what plays its part here: a stage is an alias, a version that is ready is one
whose model is not retired, a user is the actor of the change.
"""

ON_MODELS = (
    ("name like", "SELECT * FROM models WHERE model LIKE 'a%'"),
    ("one team", "SELECT * FROM models WHERE team = 'team-03'"),
    ("team in a list", "SELECT * FROM models WHERE team IN ('team-03', 'team-07')"),
    ("either team", "SELECT * FROM models WHERE team = 'team-03' OR team = 'team-07'"),
    ("tag as a number", "SELECT * FROM models WHERE CAST(tags.auc AS DOUBLE) > 0.7"),
    ("created after", "SELECT * FROM models WHERE created > '2026-01-01'"),
    ("updated before", "SELECT * FROM models WHERE updated < '2100-01-01'"),
    ("champion is version 1", "SELECT * FROM fleet WHERE aliases.champion = '1'"),
    ("description contains", "SELECT * FROM models WHERE purpose LIKE '%fraud%'"),
    ("owner missing", "SELECT * FROM models WHERE owner IS NULL"),
    ("not this team", "SELECT * FROM models WHERE NOT team = 'team-03'"),
)
ON_VERSIONS = (
    ("of one model", "SELECT * FROM versions WHERE model = 'a-model-0000010'"),
    ("of two runs", "SELECT * FROM versions WHERE code_revision IN ('run-3', 'run-7')"),
    ("version number above", "SELECT * FROM versions WHERE version_number > 1"),
    ("registered after", "SELECT * FROM versions WHERE registered > '2026-01-01'"),
    (
        "stage",
        "SELECT * FROM versions JOIN aliases USING (model, version) WHERE alias = 'production'",
    ),
    (
        "status ready",
        "SELECT versions.* FROM versions JOIN models USING (model) WHERE NOT models.retired",
    ),
    ("registered by", "SELECT * FROM versions WHERE registered_by = 'bench'"),
    (
        "holds champion",
        "SELECT * FROM versions JOIN aliases USING (model, version) WHERE alias = 'champion'",
    ),
    ("parameter as a number", "SELECT * FROM versions WHERE CAST(params.auc AS DOUBLE) > 0.7"),
    ("parameter equals", "SELECT * FROM versions WHERE CAST(params.auc AS DOUBLE) = 0.7"),
    (
        "evaluated metric",
        "SELECT versions.*, evaluations.value FROM versions"
        " JOIN evaluations USING (model, version) WHERE metric = 'auc' AND value > 0.7",
    ),
    ("artifact starts with", "SELECT * FROM versions WHERE artifact LIKE 's3%'"),
)
QUESTIONS = (*ON_MODELS, *ON_VERSIONS)
