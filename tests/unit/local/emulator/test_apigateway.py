import copy
import json

import pytest

POOL = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:tokenize:live"
URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}],
}

# A document as Chalice writes it, with what the merge adds.
BODY = {
    "swagger": "2.0",
    "info": {"title": "tokenvault", "version": "1.0"},
    "securityDefinitions": {
        "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
        "pool": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [POOL]},
        },
    },
    "definitions": {"Tokenize": {"type": "object", "required": ["items"]}},
    "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": True}},
    "x-amazon-apigateway-gateway-responses": {
        "UNAUTHORIZED": {"statusCode": 401, "responseTemplates": {"application/json": "{}"}}
    },
    "x-amazon-apigateway-policy": POLICY,
    "paths": {
        "/v1/tokenize": {
            "post": {
                "security": [{"api_key": []}, {"pool": ["vault/tokenize"]}],
                "parameters": [{"in": "body", "name": "body", "schema": {"$ref": "#/definitions/Tokenize"}}],
                "responses": {"200": {"description": "ok"}},
                "x-amazon-apigateway-request-validator": "body",
                "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": URI},
            }
        },
        "/v1/health": {
            "parameters": [{"in": "header", "name": "accept", "type": "string"}],
            "get": {
                "responses": {"200": {"description": "ok"}},
                "x-amazon-apigateway-integration": {
                    "type": "mock",
                    "requestTemplates": {"application/json": '{"statusCode": 200}'},
                    "responses": {"default": {"statusCode": "200"}},
                },
            },
        },
    },
}


@pytest.fixture
def apigateway(clients):
    return clients("apigateway")


def _put(apigateway, api, body=BODY):
    return apigateway.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(body).encode())


@pytest.fixture
def api(apigateway):
    """The id of a REST API made from the body."""
    identifier = apigateway.create_rest_api(name="tokenvault")["id"]
    _put(apigateway, identifier)
    return identifier


def _method(apigateway, api, path, method):
    (resource,) = [r for r in apigateway.get_resources(restApiId=api)["items"] if r["path"] == path]
    return apigateway.get_method(restApiId=api, resourceId=resource["id"], httpMethod=method)


class TestBody:
    def test_a_method_asks_for_what_the_body_says(self, apigateway, api):
        """Authorizer, scopes, API key, validator and model of a method come from the document."""
        method = _method(apigateway, api, "/v1/tokenize", "POST")
        (authorizer,) = apigateway.get_authorizers(restApiId=api)["items"]
        assert (authorizer["type"], authorizer["providerARNs"]) == ("COGNITO_USER_POOLS", [POOL])
        assert method["authorizationType"] == "COGNITO_USER_POOLS"
        assert method["authorizerId"] == authorizer["id"]
        assert method["authorizationScopes"] == ["vault/tokenize"]
        assert method["apiKeyRequired"] is True
        assert method["requestModels"] == {"application/json": "Tokenize"}
        assert method["requestValidatorId"] in {
            v["id"] for v in apigateway.get_request_validators(restApiId=api)["items"]
        }

    def test_a_mock_integration_needs_no_target(self, apigateway, api):
        """A method that the gateway answers has neither a URI nor anything to show."""
        method = _method(apigateway, api, "/v1/health", "GET")
        assert method["methodIntegration"]["type"] == "MOCK"
        assert "uri" not in method["methodIntegration"]
        assert (method["authorizationType"], method["apiKeyRequired"]) == ("NONE", False)

    def test_types_of_integrations_are_in_capitals(self, apigateway, api):
        """API Gateway answers AWS_PROXY, however the body spells it."""
        integration = _method(apigateway, api, "/v1/tokenize", "POST")["methodIntegration"]
        assert (integration["type"], integration["uri"]) == ("AWS_PROXY", URI)

    def test_gateway_responses_are_kept(self, apigateway, api):
        """What the body says about gateway-made errors can be asked for."""
        answer = apigateway.get_gateway_response(restApiId=api, responseType="UNAUTHORIZED")
        assert (answer["statusCode"], answer["responseTemplates"]) == ("401", {"application/json": "{}"})

    def test_the_policy_comes_back_escaped(self, apigateway, api):
        """The resource policy is a JSON string without its outer quotes, as the provider expects it."""
        policy = apigateway.get_rest_api(restApiId=api)["policy"]
        assert json.loads(json.loads(f'"{policy}"')) == POLICY

    def test_overwriting_keeps_the_root_and_nothing_else(self, apigateway, api):
        """A second import takes away what it does not state, also what other calls made."""
        root = apigateway.get_rest_api(restApiId=api)["rootResourceId"]
        apigateway.put_gateway_response(restApiId=api, responseType="THROTTLED", statusCode="429")
        body = copy.deepcopy(BODY)
        del body["paths"]["/v1/health"]
        _put(apigateway, api, body)
        resources = apigateway.get_resources(restApiId=api)["items"]
        assert {r["path"] for r in resources} == {"/", "/v1", "/v1/tokenize"}
        assert [r["id"] for r in resources if r["path"] == "/"] == [root]
        assert len(apigateway.get_authorizers(restApiId=api)["items"]) == 1
        assert [r["responseType"] for r in apigateway.get_gateway_responses(restApiId=api)["items"]] == [
            "UNAUTHORIZED"
        ]

    def test_false_is_not_true(self, apigateway, api):
        """An endpoint that is turned off can be turned on again."""
        for value in ("true", "false"):
            patch = [{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": value}]
            apigateway.update_rest_api(restApiId=api, patchOperations=patch)
            assert apigateway.get_rest_api(restApiId=api)["disableExecuteApiEndpoint"] is (value == "true")


class TestStage:
    @pytest.fixture
    def stage(self, apigateway, api):
        deployment = apigateway.create_deployment(restApiId=api)["id"]
        apigateway.create_stage(restApiId=api, stageName="live", deploymentId=deployment)
        return {"restApiId": api, "stageName": "live"}

    def _patch(self, apigateway, stage, *operations):
        keys = ("op", "path", "value")
        patch = [dict(zip(keys, operation, strict=False)) for operation in operations]
        return apigateway.update_stage(**stage, patchOperations=patch)

    @pytest.mark.parametrize("path", ["/v1/health/GET", "/~1v1~1health/GET"])
    def test_settings_of_a_deep_resource_are_kept_and_removed(self, apigateway, stage, path):
        """A method of a nested resource has settings of its own, until they are removed."""
        self._patch(apigateway, stage, ("replace", f"{path}/throttling/burstLimit", "5"))
        settings = apigateway.get_stage(**stage)["methodSettings"]
        assert settings["v1/health/GET"]["throttlingBurstLimit"] == 5
        self._patch(apigateway, stage, ("remove", path))
        assert apigateway.get_stage(**stage)["methodSettings"] == {}

    def test_other_settings_pass(self, apigateway, stage):
        """What is not about a method reaches the stage as before."""
        self._patch(
            apigateway, stage,
            ("replace", "/variables/colour", "blue"),
            ("replace", "/*/*/metrics/enabled", "true"),
            ("replace", "/description", "the stage"),
        )  # fmt: skip
        found = apigateway.get_stage(**stage)
        assert (found["variables"], found["description"]) == ({"colour": "blue"}, "the stage")
        assert found["methodSettings"]["*/*"]["metricsEnabled"] is True

    def test_a_plan_loses_a_stage_with_throttles(self, apigateway, stage):
        """A usage plan gives up a stage whatever throttles hang on it."""
        place = {"apiId": stage["restApiId"], "stage": "live"}
        throttled = {**place, "throttle": {"/v1/tokenize/POST": {"rateLimit": 1.5, "burstLimit": 2}}}
        plan = apigateway.create_usage_plan(name="p", apiStages=[throttled])["id"]
        patch = [{"op": "remove", "path": "/apiStages", "value": f"{stage['restApiId']}:live"}]
        assert apigateway.update_usage_plan(usagePlanId=plan, patchOperations=patch)["apiStages"] == []

    def test_a_plan_changes_its_limits(self, apigateway, stage):
        """Rates may be fractions, quotas stay numbers, and a method's throttle is changed where it is."""
        place = f"{stage['restApiId']}:live"
        plan = apigateway.create_usage_plan(name="p", quota={"limit": 1, "period": "DAY"})["id"]
        operations = [
            {"op": "add", "path": "/apiStages", "value": place},
            {
                "op": "replace",
                "path": f"/apiStages/{place}/throttle//v1/tokenize/POST/rateLimit",
                "value": "2.5",
            },
            {"op": "replace", "path": "/throttle/rateLimit", "value": "0.5"},
            {"op": "replace", "path": "/quota/limit", "value": "20"},
        ]
        apigateway.update_usage_plan(usagePlanId=plan, patchOperations=operations)
        found = apigateway.get_usage_plan(usagePlanId=plan)
        assert found["apiStages"][0]["throttle"] == {"/v1/tokenize/POST": {"rateLimit": 2.5}}
        assert (found["throttle"], found["quota"]) == ({"rateLimit": 0.5}, {"limit": 20, "period": "DAY"})


def test_tags_of_api_keys_change(apigateway):
    """Everything that has an ARN can be tagged and untagged."""
    key = apigateway.create_api_key(name="k", tags={"a": "b", "c": "d"})["id"]
    arn = f"arn:aws:apigateway:us-east-1::/apikeys/{key}"
    apigateway.tag_resource(resourceArn=arn, tags={"a": "x"})
    apigateway.untag_resource(resourceArn=arn, tagKeys=["c"])
    assert apigateway.get_tags(resourceArn=arn)["tags"] == {"a": "x"}
    assert apigateway.get_api_key(apiKey=key)["tags"] == {"a": "x"}


def test_a_custom_domain_keeps_its_truststore(apigateway):
    """Mutual TLS of a custom domain is answered as it was asked for."""
    truststore = {"truststoreUri": "s3://bucket/truststore.pem"}
    apigateway.create_domain_name(domainName="vault.example.com", mutualTlsAuthentication=truststore)
    assert apigateway.get_domain_name(domainName="vault.example.com")["mutualTlsAuthentication"] == truststore


@pytest.mark.parametrize("value", [{}, {"value": ""}])
def test_an_account_can_do_without_a_log_role(apigateway, value):
    """Taken away as Terraform does it: a replacement with no value, or an empty one."""
    path = {"op": "replace", "path": "/cloudwatchRoleArn"}
    apigateway.update_account(patchOperations=[{**path, "value": "arn:aws:iam::123456789012:role/logs"}])
    apigateway.update_account(patchOperations=[{**path, **value}])
    assert not apigateway.get_account().get("cloudwatchRoleArn")
