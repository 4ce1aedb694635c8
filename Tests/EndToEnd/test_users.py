"""The administrator starts the server, adds people, and takes access away."""

import re
import threading
import time

import pytest

from support import configuration
from support.client import RawConnection, WebClient, is_sign_in
from support.network import wait_until
from support.people import ANN, BOB, Person


def is_in(client, deployment, host="app"):
    return client.get(deployment.url(host), follow=False).status_code == 200


def test_the_first_start_prints_what_is_needed_to_sign_in(start_server, upstream):
    server = start_server(configuration.standard(upstream))
    email, password = server.first_user()
    assert f":{server.port}" in server.first_output
    assert str(server.ca) in server.first_output
    assert "BEGIN CERTIFICATE" in server.ca.read_text() and "PRIVATE" not in server.ca.read_text()
    client = WebClient(server)
    assert "echo" in client.sign_in(server.configuration.url("app"), Person(email, password)).text


def test_the_second_start_prints_no_password_and_keeps_the_authority(start_server, upstream):
    server = start_server(configuration.standard(upstream))
    first, ca = server.first_user(), server.ca.read_bytes()
    server.restart()
    assert not re.search(r"^\s*password:", server.output, re.MULTILINE | re.IGNORECASE)
    assert first[1] not in server.output
    assert server.ca.read_bytes() == ca
    assert "echo" in WebClient(server).sign_in(server.configuration.url("app"), Person(*first)).text


def test_secrets_are_readable_by_the_owner_alone(own):
    for path in own.server.data.rglob("*"):
        if path.is_file() and path != own.server.ca:
            assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_restart_keeps_sessions(own, kill):
    client = WebClient(own.server)
    client.sign_in(own.url("app"), ANN)
    own.server.restart(kill)
    assert is_in(client, own)


def test_a_removed_user_is_out_with_the_next_request(own):
    ann, bob = WebClient(own.server), WebClient(own.server)
    for client, person in ((ann, ANN), (bob, BOB)):
        client.sign_in(own.url("app"), person)
        assert is_in(client, own)
    done = own.server.users("remove", BOB.email)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: is_sign_in(bob.get(own.url("app"), follow=False)), "Bob is asked to sign in", 3)
    assert is_in(ann, own)
    answer = bob.sign_in(own.url("app"), BOB)
    assert 'type="password"' in answer.text


def test_a_removed_users_open_stream_ends(own):
    client = WebClient(own.server)
    client.sign_in(own.url("app"), BOB)
    ended = threading.Event()
    with RawConnection(own.server, "app", timeout=30) as connection:
        connection.request("/ticks?count=250", headers=[f"Cookie: {client.cookie_header('app')}"])
        assert b"200" in connection.socket.recv(4096)
        threading.Thread(target=lambda: (connection.rest(), ended.set()), daemon=True).start()
        time.sleep(0.5)
        assert not ended.is_set()
        own.server.users("remove", BOB.email)
        assert ended.wait(3), "the stream of a removed user goes on"


def test_signing_out_ends_the_session_and_not_just_the_cookie(own):
    client = WebClient(own.server)
    client.sign_in(own.url("app"), ANN)
    stolen = client.cookie_header("app")
    page = client.submit(client.get(own.url("app", "/.pomerium/")))
    if "Sign out?" in page.text:
        page = client.submit(page)
    thief = WebClient(own.server)
    answer = thief.get(own.url("app"), follow=False, headers={"Cookie": stolen})
    assert is_sign_in(answer)


def test_a_new_password_ends_sessions_and_replaces_the_old_one(own):
    client = WebClient(own.server)
    client.sign_in(own.url("app"), ANN)
    changed = Person(ANN.email, "another long password", ANN.groups)
    done = own.server.users("set-password", ANN.email, "--password-stdin", stdin=changed.password + "\n")
    assert done.returncode == 0, done.stderr
    wait_until(lambda: is_sign_in(client.get(own.url("app"), follow=False)), "the old session is over", 3)
    assert 'type="password"' in WebClient(own.server).sign_in(own.url("app"), ANN).text
    assert "echo" in WebClient(own.server).sign_in(own.url("app"), changed).text


def test_users_are_listed_with_their_groups_and_without_secrets(own):
    listed = own.server.users("list")
    assert listed.returncode == 0
    lines = [line for line in listed.stdout.splitlines() if ANN.email in line]
    assert len(lines) == 1 and all(group in lines[0] for group in ANN.groups)
    assert BOB.email in listed.stdout
    assert ANN.password not in listed.stdout and "$" not in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("add", "ann@example.com", "--password-stdin"), "again and again\n"),
        (("add", "not-an-address", "--password-stdin"), "long enough password\n"),
        (("add", "new@example.com", "--password-stdin"), "\n"),
        (("add", "new@example.com", "--password-stdin"), ""),
        (("remove", "nobody@example.com"), ""),
        (("set-password", "nobody@example.com", "--password-stdin"), "long enough password\n"),
    ],
)
def test_mistakes_at_the_command_line_are_told_and_change_nothing(own, arguments, stdin):
    before = own.server.users("list").stdout
    done = own.server.users(*arguments, stdin=stdin)
    assert done.returncode != 0
    assert done.stderr.strip()
    assert own.server.users("list").stdout == before


def test_wrong_passwords_are_throttled(own):
    client = WebClient(own.server)
    throttled = None
    for attempt in range(30):
        form = client.get(own.url("app"))
        answer = client.submit(form, email=ANN.email, password=f"wrong {attempt}")
        assert answer.status_code < 500
        if answer.status_code == 429 or "too many" in answer.text.lower():
            throttled = attempt
            break
    assert throttled is not None, "thirty wrong passwords were tried without a pause"
    # While attempts are refused the right password is no use either.
    answer = client.sign_in(own.url("app"), ANN)
    assert "echo" not in answer.text
    # Others are not locked out with her.
    assert "echo" in WebClient(own.server).sign_in(own.url("app"), BOB).text
