"""What a policy says of a client that does not go together."""

from collections.abc import Iterator

from chalicelib.auth.assertions import assertion_problems
from chalicelib.auth.documents import ClientDocument


def client_problems(client: ClientDocument) -> Iterator[str]:
    """What is wrong with a client by itself, whatever types and other clients there are."""
    keys = [identity.api_key_id for identity in client.identities]
    if client.kind == "service" and not all(keys):
        yield "has a secret and no API key, and an access token alone must open nothing"
    if client.kind == "browser" and any(key is not None for key in keys):
        yield "is for people and has an API key, which everybody could read in a browser"
    if client.kind == "browser" and client.on_behalf_of:
        yield "is for people, who sign in, and may name somebody else (on_behalf_of)"
    if client.on_behalf_of and not {"detokenize", "detokenize.masked"} & set(client.actions):
        yield "may name whom it reveals for (on_behalf_of), and may not reveal"
    if client.assertions and not {"detokenize", "detokenize.masked"} & set(client.actions):
        yield "may pass on whom it reveals for (assertions), and may not reveal"
    if client.assertions and client.assertions.required and "export" in client.actions:
        yield "reveals nothing without an assertion (required) and may export, which takes none"
    if client.fields is not None and "export" in client.actions:
        yield "is held to fields that it may reveal in full and may export, which gives whole values"
    if client.kind == "browser" and client.assertions:
        yield "is for people, who sign in, and may pass on somebody else (assertions)"
    if client.kind == "browser" and "capture" in client.actions:
        yield "is for people, and only a service begins capture sessions (capture)"
    yield from assertion_problems(client.assertions)
    if client.fields is not None and "detokenize" not in client.actions:
        yield "is held to fields that it may reveal in full, and may reveal nothing in full"
    if client.fields is not None and not client.fields:
        yield "may reveal in full but has no field to do it for; leave fields out for no limit, or the action"
