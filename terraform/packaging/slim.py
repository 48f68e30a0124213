"""Makes Chalice's zip small and quick to start: what is never read goes, what is run comes compiled.

Lambda unpacks the zip to a folder that cannot be written to, so without compiled files each cold start
compiles every module anew. `docs/adr/0006-speed.md` says what each step saves.
"""

import gzip
import importlib.util
import json
import marshal
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

SERVICES: Final = ("dynamodb", "kms", "s3")
"""The AWS services that the app has clients of; of all others botocore's descriptions stay out."""

DATES: Final = (1980, 1, 1, 0, 0, 0)
"""One time for every entry, so that the same sources give the same zip."""

UNREAD: Final = (
    "stdnum/oui.dat",
    "stdnum/gs1_ai.dat",
    "stdnum/isil.dat",
    "stdnum/eu/nace20.dat",
    "stdnum/eu/nace21.dat",
)
"""Half a megabyte of lists that no scheme of the format standard_number looks into: makers of network cards,
and what belongs to schemes that are refused."""

_ENDPOINTS: Final = "botocore/data/endpoints.json"
_PROSE: Final = ("documentation", "documentationUrl")
_WHOLE: Final = "clientContextParams"
"""What S3's clients can be told. botocore reads the prose of these at a client's first call."""


def slim(source: Path, target: Path) -> None:
    """Writes the slim form of a package to another file."""
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        entries = {name: given.read(name) for name in given.namelist() if _needed(PurePosixPath(name))}
        for name, content in sorted(_written(entries)):
            made.writestr(_entry(name), content, compresslevel=9)


def _needed(path: PurePosixPath) -> bool:
    parts = path.parts
    if parts[:2] == ("boto3", "data") or parts[:2] == ("boto3", "examples"):
        # What boto3's resources and documentation are made of; the app has low-level clients only.
        return False
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in SERVICES and not path.name.startswith("examples-")
    return path.suffix != ".pyi" and str(path) not in UNREAD


def _written(entries: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for name, content in entries.items():
        if name.endswith("service-2.json.gz"):
            # Read at each cold start: without its prose, and without having to be unpacked.
            yield name.removesuffix(".gz"), _compact(_without_prose(json.loads(gzip.decompress(content))))
        elif name == _ENDPOINTS:
            yield name, _compact(_of_services(json.loads(content)))
        else:
            yield name, content
            if name.endswith(".py"):
                yield importlib.util.cache_from_source(name), _compiled(name, content)


def _compiled(name: str, source: bytes) -> bytes:
    """A .pyc that is believed without a look at the source's time, which a zip does not keep (PEP 552)."""
    code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True, optimize=0)
    # Loaded once and dumped again: only then does the form not depend on what else this process holds.
    steady = marshal.dumps(marshal.loads(marshal.dumps(code)))  # made a line above
    unchecked = (1).to_bytes(4, "little")
    return importlib.util.MAGIC_NUMBER + unchecked + importlib.util.source_hash(source) + steady


def _without_prose(node: Any) -> Any:
    if isinstance(node, dict):
        # A member of a request may have such a name, too; then its value is not text.
        return {
            name: value if name == _WHOLE else _without_prose(value)
            for name, value in node.items()
            if not (name in _PROSE and isinstance(value, str))
        }
    return [_without_prose(one) for one in node] if isinstance(node, list) else node


def _of_services(endpoints: dict[str, Any]) -> dict[str, Any]:
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: facts for name, facts in partition["services"].items() if name in SERVICES
        }
    return endpoints


def _compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=False).encode()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, DATES)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
