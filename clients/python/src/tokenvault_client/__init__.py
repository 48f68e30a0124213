"""A client of tokenvault: values in, tokens out, and back for those who may.

with Client.from_env() as vault:
    [made] = vault.tokenize([TokenizeItem("card_number", "4111 1111 1111 1111")])
"""

from tokenvault_client.approvals import Actor, Approval, Approvals, ExportTerms
from tokenvault_client.capturing import CaptureSession
from tokenvault_client.client import Client
from tokenvault_client.errors import (
    ConfigurationError,
    Conflict,
    FieldError,
    InvalidRequest,
    NotFound,
    NotPermitted,
    Problem,
    ProblemError,
    Refused,
    Throttled,
    TokenvaultError,
    Unauthenticated,
    Unavailable,
    VerificationError,
)
from tokenvault_client.exports import BegunExport, ExportPage, Exports
from tokenvault_client.results import (
    CardFacts,
    DetokenizeResult,
    FailedToken,
    Field,
    ImportItem,
    InfoType,
    ItemError,
    Receipt,
    Remains,
    Reveal,
    Revealed,
    SearchItem,
    SignedReceipt,
    SubjectTokens,
    TokenFacts,
    TokenizeItem,
    TokenizeResult,
)
from tokenvault_client.retries import Retries
from tokenvault_client.sensitive import Sensitive
from tokenvault_client.settings import Endpoint, Settings
from tokenvault_client.version import VERSION as __version__

__all__ = [
    "Actor",
    "Approval",
    "Approvals",
    "BegunExport",
    "CaptureSession",
    "CardFacts",
    "Client",
    "ConfigurationError",
    "Conflict",
    "DetokenizeResult",
    "Endpoint",
    "ExportPage",
    "ExportTerms",
    "Exports",
    "FailedToken",
    "Field",
    "FieldError",
    "ImportItem",
    "InfoType",
    "InvalidRequest",
    "ItemError",
    "NotFound",
    "NotPermitted",
    "Problem",
    "ProblemError",
    "Receipt",
    "Refused",
    "Remains",
    "Retries",
    "Reveal",
    "Revealed",
    "SearchItem",
    "Sensitive",
    "Settings",
    "SignedReceipt",
    "SubjectTokens",
    "Throttled",
    "TokenFacts",
    "TokenizeItem",
    "TokenizeResult",
    "TokenvaultError",
    "Unauthenticated",
    "Unavailable",
    "VerificationError",
    "__version__",
]
