"""Requests to this machine, which never go through a proxy, whatever `http_proxy` says."""

import urllib.request
from typing import Final

direct: Final = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
"""`urllib.request.urlopen` without proxies."""
