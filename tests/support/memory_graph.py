"""Everything that a running function could get at, starting from one of its objects."""

import gc


def reachable(root: object) -> list[object]:
    """Everything that can be reached from an object without leaving its data for modules and types."""
    seen: dict[int, object] = {}
    left = [root]
    while left:
        thing = left.pop()
        if id(thing) in seen or isinstance(thing, type) or type(thing).__name__ in ("module", "frame"):
            continue
        seen[id(thing)] = thing
        left += _referents(thing)
    return list(seen.values())


def _referents(thing: object) -> list[object]:
    """What an object refers to; of a function its closure and defaults, not its module's globals."""
    if type(thing).__name__ == "function":
        cells = getattr(thing, "__closure__", None) or ()
        return [cell.cell_contents for cell in cells] + list(getattr(thing, "__defaults__", None) or ())
    if type(thing).__module__.split(".")[0] in ("botocore", "boto3", "urllib3", "moto"):
        return []
    return gc.get_referents(thing)
