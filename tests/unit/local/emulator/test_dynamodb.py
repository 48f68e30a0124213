import threading

import pytest


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
