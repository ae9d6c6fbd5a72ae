"""The manifest of a job for KubeRay has the fields that it knows."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed: the extra `ray` brings it")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
README = Path(__file__).parents[2] / "plugins/argosy_ray/README.md"


@pytest.fixture
def manifest():
    yaml = pytest.importorskip("yaml")
    [text] = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    return yaml.safe_load(text)


def test_the_manifest_has_the_fields_of_a_rayjob_and_asks_for_a_token(manifest):
    """By the reference of KubeRay's ray.io/v1."""
    spec = manifest["spec"]
    cluster = spec["rayClusterSpec"]

    assert (manifest["apiVersion"], manifest["kind"]) == ("ray.io/v1", "RayJob")
    assert set(spec) == {
        "entrypoint",
        "backoffLimit",
        "shutdownAfterJobFinishes",
        "ttlSecondsAfterFinished",
        "rayClusterSpec",
    }
    assert cluster["authOptions"] == {"mode": "token"}
    assert cluster["headGroupSpec"]["rayStartParams"] == {"num-cpus": "0"}
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        assert group["template"]["spec"]["containers"][0]["image"]


JOB = {
    "entrypoint": str,
    "backoffLimit": int,
    "activeDeadlineSeconds": int,
    "shutdownAfterJobFinishes": bool,
    "ttlSecondsAfterFinished": int,
    "submissionMode": str,
    "suspend": bool,
    "rayClusterSpec": dict,
}
CLUSTER = {
    "rayVersion": str,
    "authOptions": dict,
    "enableInTreeAutoscaling": bool,
    "autoscalerOptions": dict,
    "headGroupSpec": dict,
    "workerGroupSpecs": list,
}
HEAD = {"rayStartParams": dict, "template": dict, "serviceType": str, "enableIngress": bool}
WORKERS = {
    "groupName": str,
    "replicas": int,
    "minReplicas": int,
    "maxReplicas": int,
    "numOfHosts": int,
    "rayStartParams": dict,
    "template": dict,
}
"""Fields of KubeRay's ray.io/v1 and their types, as its API reference lists them; what the
operator does not know it refuses, or drops without a word."""


def odd(given, known):
    """Return the fields that are not known, or of another type."""
    return {name: value for name, value in given.items() if type(value) is not known.get(name)}


def test_every_field_of_the_manifest_is_known_and_of_its_type(manifest):
    spec = manifest["spec"]
    cluster = spec["rayClusterSpec"]
    head, workers = cluster["headGroupSpec"], cluster["workerGroupSpecs"]

    assert odd({**spec, "backofLimit": 3, "suspend": "no"}, JOB) == {
        "backofLimit": 3,
        "suspend": "no",
    }
    assert odd(spec, JOB) == odd(cluster, CLUSTER) == odd(head, HEAD) == {}
    assert [odd(group, WORKERS) for group in workers] == [{}]
    assert all(
        group["minReplicas"] <= group["replicas"] <= group["maxReplicas"] for group in workers
    )
    for group in (head, *workers):
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        [container] = group["template"]["spec"]["containers"]
        assert set(container) == {"name", "image", "env", "resources"}
        assert all(set(one) == {"name", "value"} for one in container["env"])
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}


@pytest.mark.parametrize(
    ("waiting", "asked"),
    [([], "drift --executor ray"), ([{"run_id": "abc"}], "resume abc --executor ray")],
)
def test_the_manifests_job_carries_on_what_it_finds(manifest, tmp_path, waiting, asked):
    argosy = tmp_path / "argosy"
    argosy.write_text(
        f'#!/bin/sh\n[ "$*" = "resume --json" ] && echo \'{json.dumps(waiting)}\' || echo "$*"\n'
    )
    argosy.chmod(0o755)
    python = Path(sys.executable).parent
    line = shlex.split(manifest["spec"]["entrypoint"])
    path = f"{tmp_path}:{python}:/usr/bin:/bin"
    done = subprocess.run(line, env={"PATH": path}, capture_output=True, text=True, check=True)

    assert done.stdout == f"{asked}\n"
