import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.test import Client

from local.emulator import oauth
from local.emulator.origins import is_loopback
from local.emulator.server import READY_PATH, application, listen


@pytest.fixture(scope="module")
def web():
    """The emulator's WSGI application."""
    return Client(application())


@pytest.fixture(scope="module")
def server():
    """The address of a real server on a free port; it is told to stop afterwards and must obey."""
    command = [sys.executable, "-m", "local.emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        yield line.split()[-1]
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "")


def _client(server, service, region="us-east-1"):
    return boto3.client(
        service, region, endpoint_url=server, config=Config(retries={"total_max_attempts": 1})
    )


def test_ready_is_answered(web):
    """Whoever waits for the stack gets a 200 where LocalStack would answer one."""
    assert web.get(READY_PATH).status_code == 200


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("x", False),
    ],
)
def test_loopback_only(host, loopback):
    """Only addresses of this machine count as loopback."""
    assert is_loopback(host) is loopback


def test_nobody_else_is_served():
    """A server that others could reach is refused before it is bound."""
    with pytest.raises(ValueError, match="loopback only"):
        listen("0.0.0.0", 0)


def test_get_gives_no_token(web):
    """The token endpoint answers to POST only."""
    assert web.get(oauth.PATH).json == {"error": "invalid_request"}


def test_a_page_in_a_browser_reads_nothing(web):
    """No answer allows another origin to read it."""
    answer = web.get("/", headers={"Origin": "https://evil.example"})
    assert not any(name.lower().startswith("access-control-") for name, _ in answer.headers)


OTHER_PAGES = [
    {"Origin": "https://evil.example", "Content-Type": "text/plain"},
    {"Origin": "null"},
    {"Origin": "http://localhost:8080"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]
OTHER_NAMES = [{"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}, {"Host": "[::"}]


@pytest.mark.parametrize("headers", [*OTHER_PAGES, *OTHER_NAMES])
@pytest.mark.parametrize("path", ["/moto-api/reset", "/"])
def test_a_page_in_a_browser_changes_nothing(web, path, headers):
    """Another origin's request, or one that came under another name, is refused unread."""
    assert web.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", OTHER_NAMES)
@pytest.mark.parametrize("path", [oauth.PATH, oauth.REVOKE_PATH])
def test_where_pages_may_ask_they_come_under_no_other_name(web, path, headers):
    """Cognito answers pages of every origin there (`test_sign_in.py` has what they get)."""
    assert web.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", OTHER_PAGES)
def test_a_page_that_knows_no_secret_gets_no_token(web, headers):
    """What it asks for is refused as Cognito refuses it, by the form that it sent."""
    answer = web.post(oauth.PATH, headers=headers)
    assert (answer.status_code, answer.json) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "127.0.0.1:4566"},
        {"Host": "localhost"},
        {"Host": "[::1]:4566"},
        {"Host": "bucket.localhost:4566"},
        {"Host": "127.0.0.1:4566", "Origin": "http://127.0.0.1:4566", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_programs_and_the_emulators_own_page_are_served(web, headers):
    """An SDK sends no Origin, and moto's own page sends its own."""
    assert web.get(READY_PATH, headers=headers).status_code == 200


def test_two_regions_share_one_server(server):
    """A key that was made through one client decrypts in the other Region after it was replicated."""
    east, west = _client(server, "kms"), _client(server, "kms", "us-west-2")
    key = east.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    east.replicate_key(KeyId=key, ReplicaRegion="us-west-2")
    closed = east.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert west.decrypt(CiphertextBlob=closed)["Plaintext"] == b"x"


def test_a_client_gets_in_over_http(server):
    """Client credentials work against the served pool, Basic header included."""
    cognito = _client(server, "cognito-idp")
    pool = cognito.create_user_pool(PoolName="p")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain="d", UserPoolId=pool)
    scopes = [{"ScopeName": "read", "ScopeDescription": "read"}]
    cognito.create_resource_server(UserPoolId=pool, Identifier="vault", Name="v", Scopes=scopes)
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="c",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["vault/read"],
    )["UserPoolClient"]
    form = (
        f"grant_type=client_credentials&client_id={client['ClientId']}&client_secret={client['ClientSecret']}"
    )
    with urllib.request.urlopen(server + oauth.PATH, form.encode()) as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(server + oauth.PATH, (form + "x").encode())


def test_a_missing_action_is_refused_in_words(server):
    """An action that nobody has is one readable error, not a page and a minute of retries."""
    with pytest.raises(ClientError, match=r"NotImplementedByEmulator.*PutAccountPolicy"):
        _client(server, "logs").put_account_policy(
            policyName="p", policyDocument="{}", policyType="DATA_PROTECTION_POLICY"
        )


def test_a_missing_path_is_refused_in_words(server):
    """So is a path that no service of moto knows."""
    with pytest.raises(ClientError, match="NotImplementedByEmulator"):
        _client(server, "xray").create_group(GroupName="g")


def test_managed_policies_exist(server):
    """A policy of AWS's own can be attached, as in a real account."""
    arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    assert _client(server, "iam").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_it_ends_with_its_parent():
    """Started with a pipe for its standard input, the emulator stops when the pipe closes."""
    command = [sys.executable, "-m", "local.emulator", "--port", "0", "--while-open"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert "ready" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_told_to_stop_it_ends_in_order_while_its_parent_lives():
    """No thread of its own that waits for the parent makes the interpreter abort."""
    command = [sys.executable, "-m", "local.emulator", "--port", "0", "--while-open"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert "ready" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert (process.wait(timeout=30), process.stderr.read()) == (0, "")


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE"])
def test_settings_of_the_shell_do_not_reach_it(variable):
    """A profile or a file of settings that does not exist is nothing to an account that asks for none."""
    command = [sys.executable, "-m", "local.emulator", "--patches"]
    environment = {**os.environ, variable: "/nope"}
    subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)


def test_the_host_must_be_loopback():
    """The command refuses to serve other machines."""
    command = [sys.executable, "-m", "local.emulator", "--host", "0.0.0.0"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 2
    assert "loopback only" in refused.stderr


def test_patches_are_listed():
    """The command lists what is changed about moto, and why."""
    command = [sys.executable, "-m", "local.emulator", "--patches"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "moto.kms.models.KmsBackend.encrypt (moto " in listed
