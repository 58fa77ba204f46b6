"""S3's storage classes, and the usage types under which bytes stored in each are billed.

Source: S3 user guide, "Understanding your AWS billing and usage reports for Amazon S3".
"""

from __future__ import annotations

TIMED_STORAGE = {
    "TimedStorage-ByteHrs": "STANDARD",
    "TimedStorage-SIA-ByteHrs": "STANDARD_IA",
    "TimedStorage-ZIA-ByteHrs": "ONEZONE_IA",
    "TimedStorage-GIR-ByteHrs": "GLACIER_IR",
    "TimedStorage-GlacierByteHrs": "GLACIER",
    "TimedStorage-GDA-ByteHrs": "DEEP_ARCHIVE",
    "TimedStorage-INT-FA-ByteHrs": "INTELLIGENT_TIERING_FA",
    "TimedStorage-INT-IA-ByteHrs": "INTELLIGENT_TIERING_IA",
    "TimedStorage-INT-AIA-ByteHrs": "INTELLIGENT_TIERING_AIA",
    "TimedStorage-INT-AA-ByteHrs": "INTELLIGENT_TIERING_AA",
    "TimedStorage-INT-DAA-ByteHrs": "INTELLIGENT_TIERING_DAA",
    "TimedStorage-XZ-ByteHrs": "EXPRESS_ONEZONE",
    "TimedStorage-RRS-ByteHrs": "REDUCED_REDUNDANCY",
}
STORAGE_CLASSES = tuple(TIMED_STORAGE.values())
