import json

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

CONTEXT = {"vault": "v", "tenant": "shop", "purpose": "branch-key", "key": "k1"}


@pytest.fixture
def kms(clients):
    return clients("kms")


@pytest.fixture
def key(kms):
    """The ARN of a multi-Region key for encryption."""
    return kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]


def _pair(kms, key, context=CONTEXT):
    return kms.generate_data_key_pair_without_plaintext(
        KeyId=key, KeyPairSpec="ECC_NIST_P256", EncryptionContext=context
    )


def _refused(code):
    return pytest.raises(ClientError, match=code)


class TestKeyPairs:
    def test_the_private_half_opens_under_its_context(self, kms, key):
        """Decrypt with the same context gives the PKCS#8 P-256 key whose public half was answered as SPKI."""
        pair = _pair(kms, key)
        opened = kms.decrypt(
            CiphertextBlob=pair["PrivateKeyCiphertextBlob"], EncryptionContext=CONTEXT, KeyId=key
        )
        private = load_der_private_key(opened["Plaintext"], None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        assert private.curve.name == "secp256r1"
        spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert spki == pair["PublicKey"]

    def test_no_plaintext_is_answered(self, kms, key):
        """Without plaintext means that the private half stays inside."""
        assert "PrivateKeyPlaintext" not in _pair(kms, key)

    @pytest.mark.parametrize("context", [{}, {**CONTEXT, "tenant": "clinic"}, {**CONTEXT, "more": "x"}])
    def test_another_context_opens_nothing(self, kms, key, context):
        """A private half is bound to the whole of its encryption context."""
        pair = _pair(kms, key)
        with _refused("InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"], EncryptionContext=context)

    def test_names_and_values_of_a_context_do_not_run_together(self, kms, key):
        """What {"a": "bc"} closed does not open under {"ab": "c"}."""
        closed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "bc"})["CiphertextBlob"]
        with _refused("InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=closed, EncryptionContext={"ab": "c"})

    def test_each_pair_is_new(self, kms, key):
        """Two calls give two pairs."""
        assert _pair(kms, key)["PublicKey"] != _pair(kms, key)["PublicKey"]


class TestKeyState:
    def test_a_disabled_key_does_nothing(self, kms, key):
        """Encrypt, Decrypt and new pairs are refused while a key is disabled, and work again afterwards."""
        closed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        kms.disable_key(KeyId=key.rsplit("/", 1)[1])
        for call in (
            lambda: kms.encrypt(KeyId=key, Plaintext=b"x"),
            lambda: kms.decrypt(CiphertextBlob=closed),
            lambda: _pair(kms, key),
        ):
            with _refused("DisabledException"):
                call()
        kms.enable_key(KeyId=key.rsplit("/", 1)[1])
        assert kms.decrypt(CiphertextBlob=closed)["Plaintext"] == b"x"

    def test_a_key_that_waits_for_deletion_does_nothing(self, kms, key):
        """A key pending deletion is in the wrong state for everything."""
        kms.schedule_key_deletion(KeyId=key.rsplit("/", 1)[1], PendingWindowInDays=7)
        with _refused("KMSInvalidStateException"):
            kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_a_mac_key_encrypts_nothing(self, kms):
        """A key is used for what it was made for."""
        mac = kms.create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")["KeyMetadata"]["Arn"]
        with _refused("InvalidKeyUsageException"):
            kms.encrypt(KeyId=mac, Plaintext=b"x")

    def test_a_ciphertext_of_another_key_is_refused(self, kms, key):
        """A KeyId that is not the key of the ciphertext is an incorrect key."""
        closed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        other = kms.create_key()["KeyMetadata"]["Arn"]
        with _refused("IncorrectKeyException"):
            kms.decrypt(CiphertextBlob=closed, KeyId=other)

    def test_a_symmetric_key_has_no_public_half(self, kms, key):
        """GetPublicKey is for asymmetric keys only."""
        with _refused("UnsupportedOperationException"):
            kms.get_public_key(KeyId=key)


class TestKeyPolicy:
    @pytest.mark.parametrize(
        ("statement", "visible"),
        [
            ({"Principal": "*"}, False),
            ({"Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}}, True),
            ({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, True),
        ],
    )
    def test_only_a_deny_for_everybody_counts(self, kms, key, statement, visible):
        """A Deny that names somebody, or asks for a condition, does not hide the key from everybody else."""
        deny = {"Effect": "Deny", "Action": ["kms:*"], "Resource": "*", **statement}
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({"Statement": [deny]}))
        if visible:
            assert kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key
        else:
            with _refused("AccessDenied"):
                kms.describe_key(KeyId=key)


class TestRotation:
    def test_the_period_is_kept(self, kms, key):
        """The rotation period that was asked for is the one that is answered."""
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
        status = kms.get_key_rotation_status(KeyId=key)
        assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 180)

    def test_a_year_is_the_default(self, kms, key):
        """Rotation without a period is yearly."""
        kms.enable_key_rotation(KeyId=key)
        assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365


class TestReplicas:
    @pytest.fixture
    def west(self, clients):
        return clients("kms", "us-west-2")

    @pytest.fixture
    def replica(self, kms, key, west):
        """The ARN of a replica of the key in us-west-2."""
        tags = [{"TagKey": "a", "TagValue": "b"}]
        answer = kms.replicate_key(KeyId=key, ReplicaRegion="us-west-2", Description="west", Tags=tags)
        return answer["ReplicaKeyMetadata"]["Arn"]

    def test_a_replica_opens_what_the_primary_closed(self, kms, key, west, replica):
        """Primary and replica share their key material, both ways."""
        closed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
        opened = west.decrypt(CiphertextBlob=closed, EncryptionContext=CONTEXT, KeyId=replica)
        assert (opened["Plaintext"], opened["KeyId"]) == (b"x", replica)
        back = west.encrypt(KeyId=replica, Plaintext=b"y")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=back)["Plaintext"] == b"y"

    def test_a_replica_makes_the_same_mac(self, kms, west):
        """An HMAC key gives one answer in every Region."""
        mac = kms.create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256", MultiRegion=True)[
            "KeyMetadata"
        ]
        kms.replicate_key(KeyId=mac["Arn"], ReplicaRegion="us-west-2")
        here = kms.generate_mac(KeyId=mac["KeyId"], Message=b"m", MacAlgorithm="HMAC_SHA_256")
        there = west.generate_mac(KeyId=mac["KeyId"], Message=b"m", MacAlgorithm="HMAC_SHA_256")
        assert here["Mac"] == there["Mac"]
        assert (here["KeyId"], there["KeyId"]) == (mac["Arn"], mac["Arn"].replace("us-east-1", "us-west-2"))

    def test_each_side_knows_what_it_is(self, kms, key, west, replica):
        """The primary stays the primary when it is replicated."""
        kinds = [
            client.describe_key(KeyId=arn)["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"]
            for client, arn in ((kms, key), (west, replica))
        ]
        assert kinds == ["PRIMARY", "REPLICA"]

    def test_a_replica_has_a_description_tags_and_a_state_of_its_own(self, kms, key, west, replica):
        """What is not key material belongs to each Region alone."""
        assert west.describe_key(KeyId=replica)["KeyMetadata"]["Description"] == "west"
        assert west.list_resource_tags(KeyId=replica)["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
        kms.disable_key(KeyId=key.rsplit("/", 1)[1])
        assert west.encrypt(KeyId=replica, Plaintext=b"x")

    def test_the_arn_of_another_region_is_refused(self, west, key, replica):
        """KMS answers for the keys of its own Region only, as in a real account."""
        with _refused("NotFoundException"):
            west.describe_key(KeyId=key)

    def test_a_second_replica_in_a_region_is_refused(self, kms, key, replica):
        """A Region holds one key of an id."""
        with _refused("AlreadyExistsException"):
            kms.replicate_key(KeyId=key, ReplicaRegion="us-west-2")
