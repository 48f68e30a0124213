import threading

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def dynamodb(clients):
    return clients("dynamodb")


@pytest.fixture
def west(clients):
    return clients("dynamodb", "us-west-2")


@pytest.fixture
def table(dynamodb):
    """The name of a table of the vault's shape."""
    dynamodb.create_table(
        TableName="vault",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return "vault"


def _key(name):
    return {"pk": {"S": name}, "sk": {"S": "record"}}


def _put(table, name, **more):
    return {"Put": {"TableName": table, "Item": {**_key(name), "v": {"S": "new"}}, **more}}


def _names(client, table):
    return {item["pk"]["S"] for item in client.scan(TableName=table)["Items"]}


NOT_THERE = {"ConditionExpression": "attribute_not_exists(pk)"}


class TestGlobalTables:
    @pytest.fixture
    def replica(self, dynamodb, table):
        dynamodb.update_table(
            TableName=table, ReplicaUpdates=[{"Create": {"RegionName": "us-west-2", "KMSMasterKeyId": "k"}}]
        )
        return table

    def test_both_sides_name_each_other(self, dynamodb, west, replica):
        """A replica is listed with its key, from either Region."""
        here = dynamodb.describe_table(TableName=replica)["Table"]["Replicas"]
        there = west.describe_table(TableName=replica)["Table"]["Replicas"]
        assert [(r["RegionName"], r["KMSMasterKeyId"]) for r in here] == [("us-west-2", "k")]
        assert [r["RegionName"] for r in there] == ["us-east-1"]

    def test_a_write_is_read_in_the_other_region(self, dynamodb, west, replica):
        """Replicas share their items, both ways."""
        dynamodb.put_item(TableName=replica, Item=_key("a"))
        west.put_item(TableName=replica, Item=_key("b"))
        assert _names(dynamodb, replica) == _names(west, replica) == {"a", "b"}

    def test_a_failed_transaction_leaves_them_together(self, dynamodb, west, replica):
        """Undoing a transaction does not part a table from its replica."""
        dynamodb.put_item(TableName=replica, Item=_key("a"))
        with pytest.raises(ClientError, match="TransactionCanceled"):
            dynamodb.transact_write_items(TransactItems=[_put(replica, "a", **NOT_THERE)])
        west.put_item(TableName=replica, Item=_key("b"))
        assert _names(dynamodb, replica) == {"a", "b"}

    def test_a_replica_goes(self, dynamodb, west, replica):
        """A deleted replica is gone there and stays here."""
        dynamodb.update_table(TableName=replica, ReplicaUpdates=[{"Delete": {"RegionName": "us-west-2"}}])
        assert west.list_tables()["TableNames"] == []
        assert "Replicas" not in dynamodb.describe_table(TableName=replica)["Table"]

    def test_point_in_time_recovery_is_each_regions_own(self, dynamodb, west, replica):
        """Turning recovery on for the replica leaves the table as it was."""
        on = {"PointInTimeRecoveryEnabled": True}
        west.update_continuous_backups(TableName=replica, PointInTimeRecoverySpecification=on)
        description = dynamodb.describe_continuous_backups(TableName=replica)["ContinuousBackupsDescription"]
        assert description["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


class TestTransactions:
    def test_all_or_nothing(self, dynamodb, table):
        """One condition that does not hold leaves every item as it was, and says which one it was."""
        dynamodb.put_item(TableName=table, Item={**_key("taken"), "v": {"S": "old"}})
        with pytest.raises(ClientError) as refused:
            dynamodb.transact_write_items(
                TransactItems=[_put(table, "free"), _put(table, "taken", **NOT_THERE)]
            )
        codes = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
        assert codes == ["None", "ConditionalCheckFailed"]
        assert _names(dynamodb, table) == {"taken"}

    def test_a_write_that_fails_later_is_undone(self, dynamodb, table):
        """An update that cannot be carried out takes the writes before it back."""
        bad = {
            "Update": {
                "TableName": table,
                "Key": _key("b"),
                "UpdateExpression": "SET n = m + :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}},
            }
        }
        with pytest.raises(ClientError):
            dynamodb.transact_write_items(TransactItems=[_put(table, "a"), bad])
        assert _names(dynamodb, table) == set()

    def test_every_kind_of_operation(self, dynamodb, table):
        """Put, update, delete and check work in one transaction."""
        for name in ("changed", "gone", "seen"):
            dynamodb.put_item(TableName=table, Item=_key(name))
        place = {"TableName": table}
        dynamodb.transact_write_items(
            TransactItems=[
                _put(table, "new", **NOT_THERE),
                {
                    "Update": {
                        **place,
                        "Key": _key("changed"),
                        "UpdateExpression": "SET v = :v",
                        "ExpressionAttributeValues": {":v": {"S": "x"}},
                    }
                },
                {"Delete": {**place, "Key": _key("gone")}},
                {
                    "ConditionCheck": {
                        **place,
                        "Key": _key("seen"),
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        )
        assert _names(dynamodb, table) == {"new", "changed", "seen"}
        assert dynamodb.get_item(TableName=table, Key=_key("changed"))["Item"]["v"] == {"S": "x"}

    def test_a_repeated_token_does_nothing_again(self, dynamodb, table):
        """A transaction that is sent again under its token succeeds without another write."""
        items = [_put(table, "a", **NOT_THERE)]
        for _ in range(2):
            dynamodb.transact_write_items(TransactItems=items, ClientRequestToken="once")
        with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
            dynamodb.transact_write_items(TransactItems=[_put(table, "b")], ClientRequestToken="once")

    def test_one_operation_an_item(self, dynamodb, table):
        """A transaction names no item twice."""
        with pytest.raises(ClientError, match="multiple operations on one item"):
            dynamodb.transact_write_items(TransactItems=[_put(table, "a"), _put(table, "a")])


def test_one_conditional_write_wins(dynamodb, table):
    """Of many writers that want a free place at the same moment, exactly one gets it."""
    won = []

    def write(name):
        try:
            dynamodb.put_item(TableName=table, Item={**_key("place"), "by": {"S": name}}, **NOT_THERE)
            won.append(name)
        except dynamodb.exceptions.ConditionalCheckFailedException:
            pass

    writers = [threading.Thread(target=write, args=(str(number),)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(won) == 1


def test_class_and_throughput_limits_are_kept(dynamodb, table):
    """A table says its class, and the most it may cost on demand."""
    limits = {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 5}
    assert dynamodb.describe_table(TableName=table)["Table"]["TableClassSummary"]["TableClass"] == "STANDARD"
    dynamodb.update_table(TableName=table, TableClass="STANDARD_INFREQUENT_ACCESS", OnDemandThroughput=limits)
    described = dynamodb.describe_table(TableName=table)["Table"]
    assert described["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert described["OnDemandThroughput"] == limits


def test_contributor_insights_go_on_and_off(dynamodb, table):
    """Insights are a switch for each table and index."""

    def status(**index):
        return dynamodb.describe_contributor_insights(TableName=table, **index)["ContributorInsightsStatus"]

    dynamodb.update_contributor_insights(TableName=table, ContributorInsightsAction="ENABLE")
    assert (status(), status(IndexName="by_who")) == ("ENABLED", "DISABLED")
    dynamodb.update_contributor_insights(TableName=table, ContributorInsightsAction="DISABLE")
    assert status() == "DISABLED"
