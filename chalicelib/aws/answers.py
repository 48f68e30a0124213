"""DynamoDB's answers: JSON in which the bytes of binary attributes stand in base64. Pure.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

import json
from binascii import a2b_base64
from typing import Any


def parse_dynamodb(body: bytes) -> dict[str, Any]:
    """What botocore's parser makes of the body of a plain answer, except for metadata of the response.

    That one looks each name of each object up in the description of the service, and takes a null for
    nothing. Raises `ValueError` for what is no JSON, no object, or no base64.
    """
    answer = json.loads(body, object_hook=_attribute)
    if not isinstance(answer, dict):
        raise ValueError("the answer is no object")  # noqa: TRY004  # as for all else that is no answer
    return {name: part for name, part in answer.items() if part is not None}


def _attribute(found: dict[str, Any]) -> dict[str, Any]:
    """An object of an answer, its bytes as bytes.

    Only binary attributes have a text or texts under these names: where an attribute or a table is called so,
    an object or a list of objects stands there.
    """
    text, texts = found.get("B"), found.get("BS")
    if isinstance(text, str):
        found["B"] = a2b_base64(text)
    if isinstance(texts, list) and all(isinstance(each, str) for each in texts):
        found["BS"] = [a2b_base64(each) for each in texts]
    return found
