"""Storage options in fsspec's words, as users have them, and in the table engine's.

fsspec carries artifacts and data, the table engine (object_store, below deltalake and polars)
the tables. Without options both find the surroundings' credentials by themselves.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from argosy.errors import BadInput
from argosy.plugins.secrets import is_reference, looked_up

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS = {
    "s3": {
        "key": "aws_access_key_id",
        "secret": "aws_secret_access_key",
        "token": "aws_session_token",
        "endpoint_url": "aws_endpoint_url",
        "region": "aws_region",
        "region_name": "aws_region",
        "anon": "aws_skip_signature",
    },
    "gs": {
        "token": "google_service_account",
        "endpoint_url": "google_base_url",
        "anon": "google_skip_signature",
    },
    "az": {
        "account_name": "azure_storage_account_name",
        "account_key": "azure_storage_account_key",
        "sas_token": "azure_storage_sas_token",
        "tenant_id": "azure_storage_tenant_id",
        "client_id": "azure_storage_client_id",
        "client_secret": "azure_storage_client_secret",
        "anon": "azure_skip_signature",
    },
}
_FAMILIES = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gs",
    "gcs": "gs",
    "az": "az",
    "abfs": "az",
    "abfss": "az",
}
_IGNORED = {"client_kwargs", "config_kwargs", "use_ssl", "project", "asynchronous", "cache_regions"}
_SURROUNDINGS = {"google_default", "cloud", "cache", "browser"}
_PLAIN = frozenset(
    {"endpoint_url", "region", "region_name", "anon", "project", "account_name", "tenant_id"}
    | {"client_id", "use_ssl", "asynchronous", "cache_regions", "config_kwargs", "endpoint", "host"}
    | {"aws_endpoint_url", "aws_region", "google_base_url", "azure_storage_account_name"}
)
"""Options that may be seen; whatever else is a text may be a secret."""
_UNSAFE = "allow_unsafe_rename"


def with_secrets(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return storage options with what their references mean: `{"secret": {"env": "NAME"}}`.

    Raises:
        BadInput: naming the option, and the variable or the file that is not there.

    >>> with_secrets({"key": "k", "client_kwargs": {"region_name": "eu"}})
    {'key': 'k', 'client_kwargs': {'region_name': 'eu'}}
    """
    found: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, dict) and not is_reference(value):
            found[name] = with_secrets(value)
        elif name in _PLAIN and not is_reference(value):
            found[name] = value
        else:
            found[name] = looked_up(value, f"the storage option {name}")
    return found


def for_tables(url: str, options: Mapping[str, Any]) -> dict[str, str]:
    """Translate fsspec's options for the store at a URL into the table engine's.

    Options that are the table engine's already are passed on, and so are those of stores that it
    does not know. A commit to S3 is always made by
    conditional put: what would let two writers overwrite each other is refused.

    Raises:
        BadInput: for an option that has no translation, or would make commits unsafe.

    >>> for_tables("s3://bucket/fleet", {"key": "k", "secret": "s", "endpoint_url": "http://h:1"})
    {'aws_access_key_id': 'k', 'aws_secret_access_key': 's', 'aws_endpoint_url': 'http://h:1', \
'aws_allow_http': 'true', 'aws_conditional_put': 'etag'}
    """
    family = _FAMILIES.get(url.split("://", 1)[0].lower()) if "://" in url else None
    if family is None:
        return dict(options) if "://" in url else {}
    flat = dict(options)
    flat |= {
        name: value
        for name, value in dict(flat.get("client_kwargs") or {}).items()
        if name in _WORDS[family]
    }
    told: dict[str, str] = {}
    for name, value in flat.items():
        if _UNSAFE in name.lower():
            raise BadInput(
                f"the storage option {name!r} lets writers overwrite each other; leave it out"
            )
        word = _WORDS[family].get(name, name.lower() if _is_engines(name, family) else None)
        if word is None and name not in _IGNORED:
            known = ", ".join(sorted(_WORDS[family]))
            raise BadInput(f"the storage option {name!r} is not known for {family}; known: {known}")
        if word is not None and value is not None and value is not False:
            told[word] = _text(value)
    if family == "s3":
        if told.get("aws_endpoint_url", "").startswith("http://"):
            told["aws_allow_http"] = "true"
        told["aws_conditional_put"] = "etag"
    if family == "gs":
        _translate_token(flat.get("token"), told)
    return told


def _translate_token(credentials: Any, told: dict[str, str]) -> None:  # noqa: ANN401
    """Tell gcsfs's tokens apart: a key, a key's file, nobody, or the surroundings' credentials."""
    if isinstance(credentials, dict):
        told["google_service_account_key"] = json.dumps(credentials)
    elif credentials == "anon":
        told["google_skip_signature"] = "true"
    elif credentials not in _SURROUNDINGS:
        return
    told.pop("google_service_account", None)


def _is_engines(name: str, family: str) -> bool:
    prefix = {"s3": "aws_", "gs": "google_", "az": "azure_"}[family]
    return name.lower().startswith(prefix)


def _text(value: Any) -> str:  # noqa: ANN401
    return str(value).lower() if isinstance(value, bool) else str(value)
