"""KMS multi-Region keys: a replica shares the key material and the id, and nothing else that can be changed.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html#mrk-sync-properties
"""

import copy
import json
from typing import Any, Final

from moto.kms.exceptions import AlreadyExistsException, ValidationException
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse

from local.emulator.patching import wrap

_SHARED_WHY: Final = (
    "moto shares one multi-Region configuration between primary and replica and marks it REPLICA, "
    "so the provider waits for ever for the primary"
)


@wrap(KmsBackend, "describe_key", why=_SHARED_WHY, seen_on="5.2.5")
def _describe_key(original: Any, self: KmsBackend, key_id: str) -> Key:
    return self.keys[self.any_id_to_key_id(key_id)]


@wrap(Key, "to_dict", why=_SHARED_WHY, seen_on="5.2.5")
def _to_dict(original: Any, self: Key) -> dict[str, Any]:
    described: dict[str, Any] = original(self)
    if self.multi_region:
        shared = self.multi_region_configuration
        kind = "PRIMARY" if self.arn == shared["PrimaryKey"]["Arn"] else "REPLICA"
        described["KeyMetadata"]["MultiRegionConfiguration"] = {**shared, "MultiRegionKeyType": kind}
    return described


@wrap(
    KmsBackend,
    "replicate_key",
    why="moto's replica shares grants, aliases and rotations with its primary, and a key ARN is a KeyError",
    seen_on="5.2.5",
)
def _replicate_key(original: Any, self: KmsBackend, key_id: str, replica_region: str) -> Key:
    source = self.keys[self.any_id_to_key_id(key_id)]
    if not source.multi_region:
        raise ValidationException(f"{source.arn} is not a multi-Region key.")
    if source.id in kms_backends[self.account_id][replica_region].keys:
        raise AlreadyExistsException(f"{source.id} already exists in {replica_region}.")
    replica: Key = original(self, source.id, replica_region)
    replica.grants, replica.aliases, replica.rotations = {}, {}, copy.copy(source.rotations)
    return replica


@wrap(
    KmsResponse,
    "replicate_key",
    why="moto ignores the description, policy and tags of the request, and answers with the default policy",
    seen_on="5.2.5",
)
def _answer_replicate_key(original: Any, self: KmsResponse) -> str:
    self._validate_key_id(self._get_param("KeyId"))
    region = self._get_param("ReplicaRegion")
    replica = self.kms_backend.replicate_key(self._get_param("KeyId"), region)
    replica.description = self._get_param("Description") or ""
    replica.policy = self._get_param("Policy") or replica.generate_default_policy()
    tags = self._get_param("Tags") or []
    kms_backends[self.current_account][region].tag_resource(
        replica.id, {tag["TagKey"]: tag["TagValue"] for tag in tags}
    )
    metadata = replica.to_dict()["KeyMetadata"]
    return json.dumps({"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy, "ReplicaTags": tags})
