"""Who did something, as far as an access token proves it."""

from dataclasses import dataclass, field

from chalicelib.caller import Caller


@dataclass(frozen=True)
class Actor:
    """Who asked or decided: the verified user of a client, or the client itself where nobody signed in."""

    client: str
    sub: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, caller: Caller) -> "Actor":
        """By what the access token proves; whom a client only says that it asks for does not count."""
        if caller.user is None:
            return cls(caller.client)
        return cls(caller.client, caller.user.sub, caller.user.username)

    def is_the_same_as(self, other: "Actor") -> bool:
        """Whether both came by the same client and are the same user of it, or nobody."""
        return (self.client, self.sub) == (other.client, other.sub)

    def is_second_to(self, other: "Actor") -> bool:
        """Whether both are surely two. A user is one person through whatever client; a client that acts for
        nobody is not told apart from a user of its own.

        The pools of two Regions give one person two subs, so usernames have to differ too, in whatever case;
        one that is not told differs from none.
        """
        if self.sub is None or other.sub is None:
            return self.client != other.client
        if self.username is None or other.username is None:
            return False
        return self.sub != other.sub and self.username.casefold() != other.username.casefold()
