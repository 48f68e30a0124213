"""Makes a package small and quick to start: what is never read goes, what is run comes compiled.

Lambda unpacks the zip to a folder that cannot be written to, so without compiled files each cold start
compiles every module anew. `docs/adr/0006-speed.md` says what each step saves.
"""

import gzip
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from fixed import environment, run

SERVICES: Final = ("dynamodb", "kms", "s3")
"""The AWS services that the app has clients of; of all others botocore's descriptions stay out."""

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


def slim(files: Mapping[str, bytes], services: Collection[str] = SERVICES) -> dict[str, bytes]:
    """The files that are needed by a package with clients of these services, as they are read quickest."""
    needed = {name: content for name, content in files.items() if _needed(PurePosixPath(name), services)}
    return dict(_written(needed, services))


def compiled(files: Mapping[str, bytes], python: str, scratch: Path) -> dict[str, bytes]:
    """A .pyc for each module, made by the Python at that path. Raises `CalledProcessError`."""
    sources, target = scratch / "sources.zip", scratch / "compiled.zip"
    with zipfile.ZipFile(sources, "w") as given:
        for name in sorted(files):
            if name.endswith(".py"):
                # With a time of its own: Python 3.14 takes SOURCE_DATE_EPOCH for that of a bare name, which
                # may be none that a zip can hold. https://docs.python.org/3.14/library/zipfile.html
                given.writestr(zipfile.ZipInfo(name), files[name])
    script = Path(__file__).with_name("compiled.py")
    run([python, "-P", "-S", "-s", "-B", script, sources, target], cwd=scratch, environment=environment())
    with zipfile.ZipFile(target) as made:
        return {name: made.read(name) for name in made.namelist()}


def _needed(path: PurePosixPath, services: Collection[str]) -> bool:
    parts = path.parts
    if parts[:2] == ("boto3", "data") or parts[:2] == ("boto3", "examples"):
        # What boto3's resources and documentation are made of; the app has low-level clients only.
        return False
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in services and not path.name.startswith("examples-")
    return path.suffix != ".pyi" and str(path) not in UNREAD


def _written(files: dict[str, bytes], services: Collection[str]) -> Iterator[tuple[str, bytes]]:
    for name, content in files.items():
        if name.endswith("service-2.json.gz"):
            # Read at each cold start: without its prose, and without having to be unpacked.
            yield name.removesuffix(".gz"), _compact(_without_prose(json.loads(gzip.decompress(content))))
        elif name == _ENDPOINTS:
            yield name, _compact(_of_services(json.loads(content), services))
        else:
            yield name, content


def _without_prose(node: Any) -> Any:
    if isinstance(node, dict):
        # A member of a request may have such a name, too; then its value is not text.
        return {
            name: value if name == _WHOLE else _without_prose(value)
            for name, value in node.items()
            if not (name in _PROSE and isinstance(value, str))
        }
    return [_without_prose(item) for item in node] if isinstance(node, list) else node


def _of_services(endpoints: dict[str, Any], services: Collection[str]) -> dict[str, Any]:
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: facts for name, facts in partition["services"].items() if name in services
        }
    return endpoints


def _compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=False).encode()
