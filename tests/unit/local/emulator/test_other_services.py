import json

import pytest
from botocore.exceptions import ClientError


def test_access_analyzers_come_and_go(clients):
    """An analyzer is active, has tags, and is not found after it was deleted."""
    analyzers = clients("accessanalyzer")
    arn = analyzers.create_analyzer(analyzerName="a", type="ACCOUNT", tags={"x": "y"})["arn"]
    assert analyzers.get_analyzer(analyzerName="a")["analyzer"]["status"] == "ACTIVE"
    analyzers.tag_resource(resourceArn=arn, tags={"z": "1"})
    analyzers.untag_resource(resourceArn=arn, tagKeys=["x"])
    assert analyzers.list_tags_for_resource(resourceArn=arn)["tags"] == {"z": "1"}
    analyzers.delete_analyzer(analyzerName="a")
    assert analyzers.list_analyzers()["analyzers"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        analyzers.get_analyzer(analyzerName="a")


def test_scalable_targets_have_tags(clients):
    """Tags given at registration and afterwards are listed."""
    scaling = clients("application-autoscaling")
    arn = scaling.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId="table/vault",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"a": "b", "c": "d"},
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"e": "f"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"c": "d", "e": "f"}


def test_backup_selections_come_and_go(clients):
    """A selection belongs to its plan, and is not found after it was deleted."""
    backup = clients("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})["BackupPlanId"]
    asked = {"SelectionName": "tables", "IamRoleArn": "arn:aws:iam::123456789012:role/r", "Resources": ["*"]}
    made = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=asked)["SelectionId"]
    place = {"BackupPlanId": plan, "SelectionId": made}
    assert backup.get_backup_selection(**place)["BackupSelection"] == asked
    assert len(backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]) == 1
    backup.delete_backup_selection(**place)
    with pytest.raises(ClientError, match="Cannot find Backup plan"):
        backup.get_backup_selection(**place)


def test_backup_vaults_have_a_policy(clients):
    """The access policy of a vault is kept until it is deleted."""
    backup, policy = clients("backup"), json.dumps({"Statement": []})
    backup.create_backup_vault(BackupVaultName="vault")
    backup.put_backup_vault_access_policy(BackupVaultName="vault", Policy=policy)
    assert backup.get_backup_vault_access_policy(BackupVaultName="vault")["Policy"] == policy
    backup.delete_backup_vault_access_policy(BackupVaultName="vault")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backup.get_backup_vault_access_policy(BackupVaultName="vault")


def test_a_backup_vault_holds_no_recovery_point(clients):
    """Terraform asks for them before it deletes a vault by force."""
    backup = clients("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"] == []
    backup.delete_backup_vault(BackupVaultName="vault")
    with pytest.raises(ClientError):
        backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")


def test_composite_alarms_keep_their_rule(clients):
    """An alarm of alarms is described with its rule."""
    alarms = clients("cloudwatch")
    alarms.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(a) OR ALARM(b)")
    (found,) = alarms.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert found["AlarmRule"] == "ALARM(a) OR ALARM(b)"


def test_alarms_tell_their_topics_when_their_state_changes(clients):
    """Each action stands in the history, also one that failed; the same state again is no change."""
    alarms, topic = clients("cloudwatch"), clients("sns").create_topic(Name="told")["TopicArn"]
    rule = {"AlarmRule": "ALARM(a)", "AlarmActions": [topic], "OKActions": [f"{topic}-gone"]}
    alarms.put_composite_alarm(AlarmName="any", ActionsEnabled=True, **rule)
    for state in ("ALARM", "ALARM", "OK"):
        alarms.set_alarm_state(AlarmName="any", StateValue=state, StateReason="a test")
    items = alarms.describe_alarm_history(AlarmName="any", AlarmTypes=["CompositeAlarm"])["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in items] == [
        f"Failed to execute action {topic}-gone",
        f"Successfully executed action {topic}",
    ]
    assert alarms.describe_alarm_history(AlarmName="any")["AlarmHistoryItems"] == []


def test_saved_queries_come_and_go(clients):
    """A query definition is found by the start of its name."""
    logs = clients("logs")
    made = logs.put_query_definition(name="tv/reveals", queryString="fields @message")["queryDefinitionId"]
    found = logs.describe_query_definitions(queryDefinitionNamePrefix="tv/")["queryDefinitions"]
    assert [q["queryDefinitionId"] for q in found] == [made]
    logs.delete_query_definition(queryDefinitionId=made)
    assert logs.describe_query_definitions()["queryDefinitions"] == []


def test_log_groups_have_a_data_protection_policy(clients):
    """The policy that masks data in a log group is kept until it is deleted."""
    logs, group, policy = clients("logs"), "/tv/access", json.dumps({"Name": "mask"})
    logs.create_log_group(logGroupName=group)
    logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=policy)
    assert logs.get_data_protection_policy(logGroupIdentifier=group)["policyDocument"] == policy
    logs.delete_data_protection_policy(logGroupIdentifier=group)
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier=group)


def test_a_queue_keeps_its_policies(clients):
    """Setting one attribute of a queue leaves the others, and policies are written compactly."""
    sqs = clients("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    work = sqs.create_queue(QueueName="work")["QueueUrl"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sqs:*"}]})
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3}, separators=(",", ":"))
    allow = json.dumps({"redrivePermission": "denyAll"})
    for attributes in ({"Policy": policy}, {"RedrivePolicy": redrive}, {"RedriveAllowPolicy": allow}):
        sqs.set_queue_attributes(QueueUrl=work, Attributes=attributes)
    found = sqs.get_queue_attributes(QueueUrl=work, AttributeNames=["All"])["Attributes"]
    assert (found["Policy"], found["RedrivePolicy"], found["RedriveAllowPolicy"]) == (policy, redrive, allow)
    assert (
        "RedriveAllowPolicy"
        not in sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"]
    )


def test_a_web_acl_keeps_its_data_protection(clients):
    """What is kept out of a web ACL's logs is answered, also after a change."""
    waf = clients("wafv2")
    protection = {"DataProtections": [{"Field": {"FieldType": "BODY"}, "Action": "SUBSTITUTION"}]}
    common = {
        "Name": "acl",
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": True,
            "MetricName": "acl",
        },
    }
    made = waf.create_web_acl(**common, DataProtectionConfig=protection)["Summary"]
    place = {"Name": "acl", "Scope": "REGIONAL", "Id": made["Id"]}
    found = waf.get_web_acl(**place)
    assert found["WebACL"]["DataProtectionConfig"] == protection
    waf.update_web_acl(**common, Id=made["Id"], LockToken=found["LockToken"])
    assert "DataProtectionConfig" not in waf.get_web_acl(**place)["WebACL"]


def test_rules_of_security_groups_keep_their_descriptions(clients):
    """Also where a rule names a group or a prefix list instead of an address range."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    listed = ec2.describe_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    peers = [
        {"UserIdGroupPairs": [{"GroupId": group, "Description": "to a group"}]},
        {"PrefixListIds": [{"PrefixListId": listed, "Description": "to a list"}]},
    ]
    for peer in peers:
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule | peer])
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    assert {r.get("Description") for r in found["SecurityGroupRules"]} >= {"to a group", "to a list"}


def test_sampling_rules_come_and_go(clients):
    """A rule is listed as it was made or changed, with its tags, until it is deleted."""
    xray = clients("xray")
    rule = {
        "RuleName": "api", "ResourceARN": "*", "Priority": 1, "FixedRate": 0.5, "ReservoirSize": 1,
        "ServiceName": "api/live", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*",
        "Version": 1,
    }  # fmt: skip
    made = xray.create_sampling_rule(SamplingRule=rule, Tags=[{"Key": "a", "Value": "b"}])
    arn = made["SamplingRuleRecord"]["SamplingRule"]["RuleARN"]
    assert xray.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    xray.update_sampling_rule(SamplingRuleUpdate={"RuleARN": arn, "FixedRate": 0.1})
    [listed] = xray.get_sampling_rules()["SamplingRuleRecords"]
    assert listed["SamplingRule"] == {**rule, "RuleARN": arn, "FixedRate": 0.1, "Attributes": {}}
    xray.delete_sampling_rule(RuleARN=arn)
    assert xray.get_sampling_rules()["SamplingRuleRecords"] == []
    with pytest.raises(ClientError, match="InvalidRequestException"):
        xray.delete_sampling_rule(RuleARN=arn)


def test_a_bucket_policy_denies_what_it_denies_to_all(clients):
    """A denial under a condition waits for roles, which the emulator does not know; one without holds."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="archive")
    denial = {"Effect": "Deny", "Principal": "*", "Resource": "arn:aws:s3:::archive/*"}
    but_one = {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/archive"}}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {**denial, "Action": "s3:PutObject", "Condition": but_one},
            {**denial, "Action": "s3:DeleteObject"},
        ],
    }
    s3.put_bucket_policy(Bucket="archive", Policy=json.dumps(policy))
    s3.put_object(Bucket="archive", Key="a", Body=b"kept")
    with pytest.raises(ClientError, match=r"403|AccessDenied"):
        s3.delete_object(Bucket="archive", Key="a")
    assert s3.get_object(Bucket="archive", Key="a")["Body"].read() == b"kept"
