"""Values as callers see them in full."""

from chalicelib.errors import InvalidRequest, InvalidValue, RecordCorrupt
from chalicelib.formats.base import Field, HasFields, TokenFormat
from chalicelib.sensitive import Sensitive


def in_full(
    token_format: TokenFormat, canonical: str, fields: tuple[Field, ...] | None
) -> tuple[Sensitive[object], tuple[Field, ...] | None]:
    """The value, or the asked fields of it alone; and which fields are in it, if it has any.

    Raises `InvalidRequest` if fields are asked for of a value that has none, or `RecordCorrupt` if the value
    is none of its type.
    """
    try:
        if isinstance(token_format, HasFields):
            selected = token_format.select(canonical, token_format.fields if fields is None else fields)
            return Sensitive(selected), tuple(selected)
        if fields is not None:
            raise InvalidRequest("fields: values of this information type have no fields", "/fields")
        return Sensitive(token_format.present(canonical)), None
    except InvalidValue:
        raise RecordCorrupt(
            "a record's value is not one of its information type, as the policy has it"
        ) from None
