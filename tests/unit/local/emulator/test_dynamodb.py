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


class TestScans:
    """Long ones, page by page, over the segments of a table."""

    @staticmethod
    def scanned(client, table, *, limit, segments=4):
        found = []
        for segment in range(segments):
            behind = {}
            while True:
                page = client.scan(
                    TableName=table, Segment=segment, TotalSegments=segments, Limit=limit, **behind
                )
                found += page["Items"]
                if "LastEvaluatedKey" not in page:
                    break
                behind = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return found

    @pytest.mark.parametrize("limit", [1, 3, 100])
    def test_each_item_comes_once(self, dynamodb, table, limit):
        """Whatever the pages are, also of several items under one key."""
        written = [
            {"pk": {"S": f"shop#{pk}"}, "sk": {"S": sk}} for pk in "zafq" for sk in ("record", "a", "é", "~")
        ]
        for item in written:
            dynamodb.put_item(TableName=table, Item=item)
        found = self.scanned(dynamodb, table, limit=limit)
        assert sorted(found, key=str) == sorted(written, key=str)

    def test_a_page_goes_on_behind_an_item_that_is_gone(self, dynamodb, table):
        """Deleted between two pages, it leaves the others where they are."""
        for name in "abcd":
            dynamodb.put_item(TableName=table, Item=_key(name))
        first = dynamodb.scan(TableName=table, Limit=2)
        dynamodb.delete_item(TableName=table, Key=first["LastEvaluatedKey"])
        rest = dynamodb.scan(TableName=table, ExclusiveStartKey=first["LastEvaluatedKey"])
        assert [item["pk"]["S"] for item in rest["Items"]] == ["c", "d"]

    def test_what_is_written_between_two_pages_is_found(self, dynamodb, west, table):
        """By whatever call, and in the other Region: nothing of an earlier page is taken for the table."""
        dynamodb.update_table(
            TableName=table, ReplicaUpdates=[{"Create": {"RegionName": "us-west-2", "KMSMasterKeyId": "k"}}]
        )
        dynamodb.put_item(TableName=table, Item=_key("a"))
        assert _names(dynamodb, table) == {"a"}
        west.put_item(TableName=table, Item=_key("b"))
        assert _names(dynamodb, table) == {"a", "b"}
        dynamodb.transact_write_items(TransactItems=[_put(table, "c"), _put(table, "d")])
        assert _names(dynamodb, table) == {"a", "b", "c", "d"}
        dynamodb.update_item(
            TableName=table,
            Key=_key("e"),
            UpdateExpression="SET v = :v",
            ExpressionAttributeValues={":v": {"S": "x"}},
        )
        west.delete_item(TableName=table, Key=_key("a"))
        assert _names(dynamodb, table) == {"b", "c", "d", "e"}
        assert _names(west, table) == {"b", "c", "d", "e"}

    def test_keys_that_are_numbers_are_in_the_order_of_numbers(self, dynamodb):
        """As moto has them; only texts are sorted as texts."""
        key = {"AttributeName": "n", "KeyType": "HASH"}, {"AttributeName": "m", "KeyType": "RANGE"}
        types = [{"AttributeName": name, "AttributeType": "N"} for name in "nm"]
        dynamodb.create_table(
            TableName="n", KeySchema=key, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST"
        )
        for number in (10, 9, 100):
            dynamodb.put_item(TableName="n", Item={"n": {"N": str(number)}, "m": {"N": "1"}})
        found = self.scanned(dynamodb, "n", limit=1, segments=1)
        assert [item["n"]["N"] for item in found] == ["9", "10", "100"]
