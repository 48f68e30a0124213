"""Files of any length through the service: they come out with tokens in the columns that a map names."""

from tokenvault_client.bulk.errors import NotImportable, NotWritten, TooManyErrors
from tokenvault_client.bulk.journal import Commit, Journal
from tokenvault_client.bulk.journal import opened as open_journal
from tokenvault_client.bulk.keeping import Keeping
from tokenvault_client.bulk.mapping import ImportMap, read_map
from tokenvault_client.bulk.opening import open_source
from tokenvault_client.bulk.output import Places
from tokenvault_client.bulk.pace import Pace
from tokenvault_client.bulk.policy import refuse_unknown
from tokenvault_client.bulk.progress import Progress, Reached
from tokenvault_client.bulk.rows import Bad, Source
from tokenvault_client.bulk.runner import Import, Limits

__all__ = [
    "Bad",
    "Commit",
    "Import",
    "ImportMap",
    "Journal",
    "Keeping",
    "Limits",
    "NotImportable",
    "NotWritten",
    "Pace",
    "Places",
    "Progress",
    "Reached",
    "Source",
    "TooManyErrors",
    "open_journal",
    "open_source",
    "read_map",
    "refuse_unknown",
]
