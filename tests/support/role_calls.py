"""The AWS calls of each function: what its role allows, and what its code makes."""

CALLS = {
    # Recorded in tests/functional/test_calls.py, which fails where a function makes another call.
    "tokenize": {
        "dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:BatchGetItem", "dynamodb:Query",
        "dynamodb:GetItem", "dynamodb:UpdateItem", "kms:Decrypt", "kms:GenerateMac", "kms:GenerateDataKey",
    },
    "reveal": {
        "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem",
        "dynamodb:UpdateItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "kms:Decrypt", "kms:Sign",
        "kms:Verify", "kms:GenerateDataKey",
    },
    "maintain": {
        "dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem", "dynamodb:Scan", "kms:GenerateDataKeyPairWithoutPlaintext", "kms:Encrypt",
        "kms:GenerateDataKey",
    },
    "archive": {"s3:PutObject"},
}  # fmt: skip

RETOKENIZING = {"kms:GenerateMac"}
"""What the revealing function calls besides, where a type has another PRF key than the first. It asks for the
newest keys by a query, as it asks other tables, and unwraps PRF keys as it does bundles."""

EXPORTING = {"dynamodb:Scan"}
"""What the revealing function calls besides, where a client may export. It asks for the newest key by a
query, as it asks other tables."""
