"""What users of other stacks, clients and tools reported, and the tests here that hold it right.

The sources are public: a repository's issue, or a page of AWS's. A test checks that each test is there.
"""

from dataclasses import dataclass
from typing import Final

LAUNCHER: Final = "tests/unit/local/test_launcher.py"
COMMANDS: Final = "tests/unit/local/test_launcher_commands.py"
SERVER: Final = "tests/unit/local/test_http_server.py"
STREAMS: Final = "tests/client/test_tool_streams.py"
ENCODINGS: Final = "tests/client/test_tool_encodings.py"


@dataclass(frozen=True)
class Reported:
    """A kind of failure: an id, what users met, where, and the tests that hold the right behaviour.

    A test is named as pytest names it, or for Terraform's own tests by its file and its `run`.
    """

    id: str
    what: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]


CASES: Final = (
    Reported(
        "B01",
        "bytes that are no UTF-8 arrive as U+FFFD, and data is spoilt without an error",
        ("anomalyco/sst#6275", "localstack/localstack#3767"),
        (
            "tests/unit/api/test_content_type.py::test_other_charsets_are_refused",
            "tests/functional/test_bad_input.py::test_a_body_that_is_not_a_request_is_refused_whole",
        ),
    ),
    Reported(
        "B04",
        "a chunked body is read as empty and the rest as the next request; broken lengths; a body cut short",
        ("Cyrax321/SNAGLINE#434", "http.zig#170", "meinheld#94"),
        (
            f"{SERVER}::test_a_chunked_body_is_one_body",
            f"{SERVER}::test_a_length_that_is_none_is_400",
            f"{SERVER}::test_a_broken_chunk_is_400",
            f"{SERVER}::test_a_body_cut_short_is_not_carried_out",
            "tests/integration/test_http.py::test_a_chunked_request_is_carried_out",
            "tests/integration/test_http.py::test_a_broken_length_is_a_problem_document",
        ),
    ),
    Reported(
        "B05",
        "connections are reset with a handful of callers",
        ("sqliteai/warp#73", "ovirt-imageio#50", "celluloid/reel#11"),
        (f"{SERVER}::test_every_one_of_many_callers_is_answered",),
    ),
    Reported(
        "B06",
        "a browser's preflight meets the authorizer, and the page sees a CORS error",
        ("aws/chalice#1290", "aws/chalice#1609", "open-constructs/cdk-serverless#372"),
        (
            "tests/unit/local/test_cors.py::test_a_preflight_allows_what_the_route_takes",
            "tests/infrastructure/test_merge.py::test_a_preflight_is_answered_by_api_gateway_itself",
            "tests/integration/test_pages.py::test_a_page_is_allowed_to_ask_and_reads_the_token",
        ),
    ),
    Reported(
        "B07",
        "the answer to HEAD carries a body",
        ("dherault/serverless-offline#704", "aws/chalice#750"),
        (f"{SERVER}::test_the_answer_to_head_has_no_body",),
    ),
    Reported(
        "B10",
        "a client made before fork shares its sockets, and its TLS keys, with its children",
        ("pr-agent#2735", "foghttp#97", "recurly-client#378", "benoitc/gunicorn#1953"),
        (
            "tests/client/test_forks.py::test_each_process_gets_its_own_answers",
            "tests/client/test_forks.py::test_no_tls_session_is_continued_by_two_processes",
        ),
    ),
    Reported(
        "B11",
        "HTTPS_PROXY is ignored",
        ("apache/libcloud#7", "Cognitive-LUIS-Python#9", "E2B#1270"),
        (
            "tests/client/test_proxies.py::test_the_tool_goes_through_the_proxy",
            "tests/client/test_proxies.py::test_this_machine_is_reached_without_it",
        ),
    ),
    Reported(
        "B12",
        "a byte order mark becomes part of the first value; UTF-16 is not named",
        ("Eppie-CLI#622", "botbuilder-tools#1046", "john#2802"),
        (
            f"{ENCODINGS}::test_a_byte_order_mark_is_no_part_of_a_value",
            f"{ENCODINGS}::test_a_byte_order_mark_is_no_part_of_a_token",
            f"{ENCODINGS}::test_input_in_another_encoding_is_named",
        ),
    ),
    Reported(
        "B17",
        "each process asks for an access token anew",
        ("tmaiaroto/aegis#36", "boto/boto3#2517"),
        (
            "tests/client/test_token_cache.py::test_five_runs_of_the_tool_ask_once",
            "tests/client/test_access_tokens.py::test_a_client_of_one_side_asks_once",
        ),
    ),
    Reported(
        "B18",
        "a README says to install a name that nobody holds",
        ("Panniantong/Agent-Reach#547", "athenaeum#44", "conversational-insights-devkit#8"),
        ("tests/client/test_names_nobody_holds.py::test_nothing_tells_to_install_a_name_that_is_not_held",),
    ),
    Reported(
        "B21",
        "the same commit gives another package on another machine or day",
        (
            "terraform-aws-modules/terraform-aws-lambda#672",
            "terraform-aws-modules/terraform-aws-lambda#515",
            "terraform-aws-lambda-python-archive#6",
        ),
        (
            "tests/infrastructure/test_reproducible.py::test_the_same_commit_is_the_same_bytes",
            "tests/infrastructure/test_reproducible.py::test_another_python_is_refused_for_aws",
            "tests/infrastructure/test_reproducible.py::test_every_module_comes_compiled_for_the_runtime",
            "tests/infrastructure/test_lock.py::test_every_package_in_the_zip_is_in_the_lock",
        ),
    ),
    Reported(
        "B23",
        "a profile is set that is not on this machine",
        ("getmoto/moto#5469", "aws/chalice#931", "boto/botocore#1004"),
        (
            "tests/unit/local/test_proxies.py::test_the_launcher_starts_under_a_profile_that_does_not_exist",
            "tests/unit/local/test_proxies.py::test_a_profile_that_does_not_exist_stops_no_session",
            "tests/infrastructure/test_reproducible.py::test_nothing_of_an_account_or_a_locale_reaches_a_step",
        ),
    ),
    Reported(
        "B30",
        "SnapStart restores the random generator's state",
        ("smithy-lang/smithy-kotlin#1656", "awslabs/aws-lambda-web-adapter#790"),
        ("tests/infrastructure/test_package.py::test_no_function_is_restored_from_a_snapshot",),
    ),
    Reported(
        "B31",
        "the API's own address stays open until something is deployed anew",
        (
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html",
            "api-gateway-developer-guide#159",
            "aws/aws-cdk#15760",
        ),
        ("terraform/tests/regional.tftest.hcl::a_domain_closes_the_other_address_at_once",),
    ),
    Reported(
        "B34",
        "reserved concurrency is impossible in a new account",
        ("terraform-aws-next-js#251", "fhir-works#691", "alarm-context-tool#2"),
        (
            "terraform/tests/lambda.tftest.hcl::refuses_to_reserve_more_than_the_account_has",
            "terraform/tests/lambda.tftest.hcl::warns_of_a_new_account",
        ),
    ),
    Reported(
        "B38",
        "behind a proxy Terraform's registry cannot be reached",
        ("hashicorp/terraform#24569", "docker-hub-images#89"),
        (
            "tests/unit/local/test_proxies.py::test_the_registry_is_asked_through_the_proxy",
            "tests/unit/local/test_proxies.py::test_init_asks_through_the_proxy_only_when_nothing_is_nearer",
        ),
    ),
    Reported(
        "B41",
        "a proxy catches calls to this machine",
        ("localstack/localstack#239", "localstack/localstack#8066", "boto/boto3#3179"),
        (
            "tests/unit/local/test_proxies.py::test_this_machine_is_never_asked_through_a_proxy",
            "tests/integration/test_dev.py::test_it_needs_no_terraform_and_prints_what_clients_need",
        ),
    ),
    Reported(
        "B42",
        "a moved or copied checkout, or an upgraded Python, leaves an environment that claims to be fine",
        ("pypa/pipx#146", "pypa/hatch#90", "python/cpython#143768", "pypa/virtualenv#994"),
        (
            "tests/unit/local/test_make_environment.py::test_another_place_gets_its_own",
            "tests/unit/local/test_make_environment.py::test_an_interpreter_that_is_gone_is_replaced",
        ),
    ),
    Reported(
        "B44",
        "no ps in slim images, another one in Alpine",
        ("sarugaku/shellingham#3", "docker-pm2#73", "docker-nginx#179"),
        (
            f"{LAUNCHER}::test_no_other_program_is_needed",
            f"{LAUNCHER}::test_a_process_id_that_is_used_again_is_nobodys",
        ),
    ),
    Reported(
        "B45",
        "a closed terminal or pipe leaves servers behind",
        ("obelisk#893", "stud#13", "opencode#14548"),
        (
            f"{LAUNCHER}::test_a_terminal_that_closes_takes_everything_down",
            f"{LAUNCHER}::test_a_closed_pipe_takes_everything_down",
            f"{LAUNCHER}::test_a_reader_that_goes_later_takes_everything_down",
        ),
    ),
    Reported(
        "B46",
        "one special character stops a tool in another locale",
        ("django-chroniker#240", "docker/compose#231"),
        (f"{COMMANDS}::test_other_encodings_stop_nothing",),
    ),
    Reported(
        "B49",
        "any web page may change what listens on loopback",
        ("getmoto/moto#9941", "cezar#426"),
        (
            "tests/unit/local/emulator/test_server.py::test_a_page_in_a_browser_changes_nothing",
            "tests/nightly/browser.py",
        ),
    ),
    Reported(
        "ports",
        "a second stack says it is up where it is not; ports out of range, alike or taken end in tracebacks",
        (),
        (
            f"{COMMANDS}::test_a_second_one_says_where_the_first_is",
            f"{COMMANDS}::test_a_port_is_a_port",
            f"{COMMANDS}::test_two_ports_are_two",
            f"{COMMANDS}::test_a_taken_port_is_named_with_a_free_one",
        ),
    ),
    Reported(
        "killed",
        "a killed launcher leaves its secrets, and what it said of itself is believed",
        (),
        (f"{LAUNCHER}::test_a_killed_launcher_leaves_no_process_and_down_clears_its_files",),
    ),
    Reported(
        "full disk",
        "tokens that were made are lost with a full disk, and closed streams end in tracebacks",
        (),
        (
            f"{STREAMS}::test_a_full_disk_ends_in_a_sentence",
            f"{STREAMS}::test_a_stream_that_is_closed_is_named",
        ),
    ),
    Reported(
        "stale login",
        "a missing profile or a login that is over is an exception's name without a hint",
        (),
        ("tests/client/test_audit_command.py::test_missing_credentials_come_with_a_hint",),
    ),
    Reported(
        "bearer",
        "the scheme of Authorization in lower case is refused, though RFC 9110 takes any case",
        (),
        ("tests/unit/local/test_access_tokens.py::test_the_scheme_is_taken_in_any_case",),
    ),
)
