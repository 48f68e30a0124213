"""Somebody to sign in as: a user in each group, made once, in the pool of a stack on this machine."""

from collections.abc import Iterable

from local.account import Account


def make_users(account: Account, pool_id: str, groups: Iterable[str]) -> None:
    """A user for each group that has none yet, named after it: `shop-support` in `shop/support`.

    Others are made, and put into groups, as in AWS: `admin-create-user`, `admin-add-user-to-group`.
    """
    cognito = account.client("cognito-idp")
    for group in groups:
        if cognito.list_users_in_group(UserPoolId=pool_id, GroupName=group)["Users"]:
            continue
        name = group.replace("/", "-")
        cognito.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=group)
