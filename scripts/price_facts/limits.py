"""Service limits and billing constants (RULES 3): name, value, unit, source, grade."""

from __future__ import annotations

from scripts.price_facts.instances import MULTI_MODEL_GPU

GUIDE, S3, MODEL, RULES = "aws-sagemaker-guide", "aws-s3-guide", "botocore", "domain"
LISTS = (
    ("multi_model_gpu_types", " ".join(sorted(MULTI_MODEL_GPU)), "list", GUIDE, "official"),
    (
        "graviton_hosting_families",
        "c6g c6gd c6gn c7g c8g m6g m6gd m8g r6g r6gd r7gd r8g",
        "list",
        MODEL,
        "api",
    ),
)
NUMBERS = (
    ("serverless_memory_min_mb", 1024, "mb", MODEL, "api"),
    ("serverless_memory_max_mb", 6144, "mb", MODEL, "api"),
    ("serverless_memory_step_mb", 1024, "mb", GUIDE, "official"),
    ("serverless_max_concurrency", 200, "requests", MODEL, "api"),
    ("serverless_image_max_gb", 10, "gb", GUIDE, "official"),
    ("serverless_disk_gb", 5, "gb", GUIDE, "official"),
    ("warm_pool_keep_alive_max_seconds", 21600, "seconds", MODEL, "api"),
    ("warm_pool_max_days", 7, "days", GUIDE, "official"),
    ("training_max_runtime_default_days", 1, "days", MODEL, "api"),
    ("training_max_runtime_max_days", 28, "days", MODEL, "api"),
    ("training_max_retries", 30, "retries", MODEL, "api"),
    ("spot_max_wait_without_checkpoint_seconds", 3600, "seconds", GUIDE, "official"),
    ("spot_saving_published_max_ratio", 0.9, "ratio", GUIDE, "official"),
    ("endpoint_autoscale_min_instances", 1, "instances", GUIDE, "official"),
    ("endpoint_scale_cooldown_seconds", 300, "seconds", GUIDE, "official"),
    ("async_payload_max_gb", 1, "gb", GUIDE, "official"),
    ("async_processing_max_seconds", 3600, "seconds", GUIDE, "official"),
    ("studio_idle_timeout_min_minutes", 60, "minutes", MODEL, "api"),
    ("studio_idle_timeout_max_minutes", 525600, "minutes", MODEL, "api"),
    ("bedrock_batch_price_ratio", 0.5, "ratio", "aws-bedrock-capacity-page", "official"),
    ("bedrock_batch_timeout_min_hours", 24, "hours", MODEL, "api"),
    ("bedrock_batch_timeout_max_hours", 168, "hours", MODEL, "api"),
    ("bedrock_cache_ttl_seconds", 300, "seconds", MODEL, "api"),
    ("bedrock_cache_ttl_long_seconds", 3600, "seconds", MODEL, "api"),
    ("bedrock_cache_write_default_ratio", 1.25, "ratio", "aws-agent-toolkit-2026-08", "official"),
    ("bedrock_cache_read_default_ratio", 0.1, "ratio", "aws-agent-toolkit-2026-08", "official"),
    ("bedrock_provisioned_default_quota_units", 0, "model_units", RULES, "official"),
    ("s3_small_object_bytes", 131072, "bytes", S3, "official"),
    ("s3_transition_min_age_ia_days", 30, "days", S3, "official"),
    ("s3_intelligent_tiering_ia_days", 30, "days", S3, "official"),
    ("s3_intelligent_tiering_aia_days", 90, "days", S3, "official"),
    ("s3_archive_overhead_class_bytes", 32768, "bytes", S3, "official"),
    ("s3_archive_overhead_standard_bytes", 8192, "bytes", S3, "official"),
    *((f"s3_min_days_{c}", d, "days", S3, "official") for c, d in (
        ("STANDARD", 0), ("STANDARD_IA", 30), ("ONEZONE_IA", 30), ("GLACIER_IR", 90), ("GLACIER", 90),
        ("DEEP_ARCHIVE", 180), ("INTELLIGENT_TIERING", 0),
    )),
    *((f"s3_min_billed_bytes_{c}", b, "bytes", S3, "official") for c, b in (
        ("STANDARD", 0), ("STANDARD_IA", 131072), ("ONEZONE_IA", 131072), ("GLACIER_IR", 131072),
        ("INTELLIGENT_TIERING", 0),
    )),
    ("cost_explorer_hourly_days", 14, "days", RULES, "official"),
    ("cloudwatch_free_dashboards", 3, "dashboards", "factualminds-2026-06", "secondary"),
    ("savings_plan_published_max_ratio", 0.64, "ratio", GUIDE, "official"),
)  # fmt: skip


def rows() -> list[dict[str, object]]:
    """limits.csv."""
    names = ("name", "value", "unit", "source", "grade")
    return [dict(zip(names, r, strict=True)) for r in (*NUMBERS, *LISTS)]
