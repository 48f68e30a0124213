"""boto3 that looks at nothing of this machine's."""

import os
from typing import Any

import boto3
import botocore.session


def session() -> boto3.Session:
    """A boto3 session that looks at neither profiles nor files, whatever this process was started with."""
    nowhere: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
        "ca_bundle": (None, None, None, None),
    }
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=nowhere))
