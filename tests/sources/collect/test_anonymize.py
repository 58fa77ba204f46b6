"""Names and account ids become hashes: the same name the same hash, figures unchanged."""

import json
import re
from dataclasses import replace

from simulator.snapshot.snapshot import Snapshot, load_snapshot, save_snapshot
from simulator.sources.collect import Collected, anonymize

SECRETS = (
    "busy", "idle", "plain-bucket", "cold-bucket", "never-started", "broken", "hunt", "search", "vision", "daily",
    "prepare", "djl-model", "sp-1", "123456789012", "part-a", "line one",
)  # fmt: skip
KEY = b"a key of sixteen bytes or more"


def text_of(snapshot: Snapshot, folder) -> str:
    save_snapshot(snapshot, folder / "anonymous")
    return "\n".join(p.read_text() for p in (folder / "anonymous").iterdir())


def test_no_name_or_account_id_is_left_anywhere(rich: Collected, tmp_path) -> None:
    manifest = replace(
        rich.snapshot.manifest,
        assumptions=(*rich.snapshot.manifest.assumptions, "bucket plain-bucket is big."),
    )
    text = text_of(anonymize(replace(rich.snapshot, manifest=manifest)), tmp_path)
    assert [s for s in SECRETS if re.search(rf"(?<![\w]){s}(?![\w])", text)] == []


def test_figures_types_and_statuses_are_unchanged(rich: Collected) -> None:
    hidden = anonymize(rich.snapshot)
    for name, table in rich.snapshot.tables.items():
        numbers = table.select_dtypes(exclude=["object", "str"])
        assert numbers.equals(hidden.tables[name][numbers.columns])
    endpoints = hidden.tables["endpoints"]
    assert endpoints["instance_type"].tolist() == rich.snapshot.tables["endpoints"]["instance_type"].tolist()


def test_traffic_still_belongs_to_its_endpoint(rich: Collected, tmp_path) -> None:
    hidden = anonymize(rich.snapshot)
    save_snapshot(hidden, tmp_path / "a.zip")
    loaded = load_snapshot(tmp_path / "a.zip")
    assert set(loaded.tables["endpoint_traffic"]["endpoint_name"]) <= set(
        loaded.tables["endpoints"]["endpoint_name"]
    )
    assert len(loaded.tables["endpoints"]) == len(rich.snapshot.tables["endpoints"])


def test_one_key_gives_one_hash_and_no_key_a_new_one(rich: Collected) -> None:
    def names(key: bytes | None) -> list[str]:
        return anonymize(rich.snapshot, key).tables["endpoints"]["endpoint_name"].tolist()

    assert names(KEY) == names(KEY)
    assert names(None) != names(None)
    assert names(KEY) != names(b"another key of sixteen bytes")


def test_class_of_a_failure_is_kept_and_its_text_is_not(rich: Collected) -> None:
    reasons = set(anonymize(rich.snapshot).tables["training_jobs"]["failure_reason"])
    assert reasons == {"", "AlgorithmError", "CapacityError"}


def test_public_model_ids_stay(rich: Collected) -> None:
    hidden = anonymize(rich.snapshot).tables["bedrock"]["model_id"].tolist()
    assert hidden == rich.snapshot.tables["bedrock"]["model_id"].tolist()


def test_a_name_that_is_a_common_word_does_not_spoil_the_sentences(rich: Collected) -> None:
    hidden = anonymize(rich.snapshot)
    assert json.dumps([s.name for s in hidden.manifest.sources]).count("sagemaker:") == 11
