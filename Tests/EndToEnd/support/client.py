"""Clients that are no browser: curl, an HTTP client with cookies, and bytes over TLS."""

import base64
import html.parser
import json
import re
import socket
import ssl
import subprocess
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests

NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Site": "none",
}


@dataclass
class Response:
    status: int
    headers: list
    body: bytes
    exit_code: int = 0

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        return next(iter(self.all(name)), None)

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


def curl(server, url, *arguments, headers=(), timeout=30, check=True):
    """One request by curl, redirects not followed, with the server's local authority as the only trusted one."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", str(timeout), "--cacert", str(server.ca)]
    for header in headers:
        command += ["--header", header]
    done = subprocess.run([*command, *arguments, url], capture_output=True, timeout=timeout + 10)
    assert not check or done.returncode == 0, f"curl: {done.returncode} {done.stderr.decode()}"
    return _parse(done.stdout, done.returncode)


def _parse(output, exit_code=0):
    while True:
        head, _, body = output.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        match = re.match(r"HTTP/[\d.]+ (\d{3})", lines[0])
        if not match:
            return Response(0, [], output, exit_code)
        status = int(match.group(1))
        if status == 100:
            output = body
            continue
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line]
        return Response(status, headers, body, exit_code)


class Form(html.parser.HTMLParser):
    """The first form of a page: its action and its fields."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self.links = None, {}, []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and self.action is None:
            self.action, self._inside = attributes.get("action") or "", True
        elif tag == "input" and self._inside and "name" in attributes:
            self.fields[attributes["name"]] = attributes.get("value") or ""
        elif tag == "a":
            self.links.append(attributes.get("href"))

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False


class WebClient:
    """A browser without a screen: cookies (unless it keeps none), redirects on demand, forms."""

    def __init__(self, server, keeps_cookies=True):
        self.server = server
        self.keeps_cookies = keeps_cookies
        #: Sent with every request, over what a browser would send.
        self.headers = {}
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(server.ca)

    def get(self, url, follow=True, headers=None):
        return self._send("GET", url, follow, headers or {})

    def submit(self, page, follow=True, **fields):
        """Submits the first form of a page as a browser does."""
        form = Form(page.text)
        assert form.action is not None, f"no form on {page.url}: {page.status_code}\n{page.text[:2000]}"
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        headers = {"Origin": origin, "Referer": page.url, "Sec-Fetch-Site": "same-origin"}
        return self._send("POST", urljoin(page.url, form.action), follow, headers, form.fields | fields)

    def sign_in(self, url, person, follow=True):
        """Opens `url`, signs in with the embedded provider, and returns the answer after the form."""
        return self.submit(self.get(url), follow, email=person.email, password=person.password)

    def hops(self, response):
        """Follows redirects one at a time and yields each answer, the given one first."""
        for _ in range(20):
            yield response
            if response.status_code not in (301, 302, 303, 307, 308):
                return
            response = self.get(urljoin(response.url, response.headers["Location"]), follow=False)
        raise AssertionError("more than 20 redirects")

    def _send(self, method, url, follow, headers, data=None):
        if not self.keeps_cookies:
            self.session.cookies.clear()
        headers = NAVIGATION | headers | self.headers
        response = self.session.request(method, url, data=data, headers=headers, allow_redirects=False, timeout=30)
        return list(self.hops(response))[-1] if follow else response

    def cookie_header(self, host):
        """The Cookie header that this client would send to a host."""
        request = requests.Request("GET", f"https://{host}.localhost:{self.server.port}/")
        return self.session.prepare_request(request).headers.get("Cookie", "")


def is_sign_in(response):
    """Whether an answer asks for sign-in: the form itself or a redirect on the way to it."""
    if response.status_code in (302, 303):
        return "authenticate.localhost" in response.headers["Location"]
    return response.status_code == 200 and 'type="password"' in response.text


class RawConnection:
    """Bytes over TLS 1.2+ with ALPN http/1.1, for what no client would send."""

    def __init__(self, server, host="public", timeout=10):
        context = ssl.create_default_context(cafile=str(server.ca))
        context.set_alpn_protocols(["http/1.1"])
        self.name = f"{host}.localhost"
        self.authority = f"{self.name}:{server.port}"
        plain = socket.create_connection(("127.0.0.1", server.port), timeout)
        self.socket = context.wrap_socket(plain, server_hostname=self.name)
        self._buffer = b""

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def request(self, target="/", method="GET", headers=(), body=b""):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.authority}", *headers]
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def response(self, method="GET"):
        """The next response, read by its own framing so that the connection can be used again; status 0 at the end of the stream."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return Response(0, [], b"")
        if head.startswith(b"HTTP/1.1 100 "):
            return self.response(method)
        parsed = _parse(head)
        if method == "HEAD" or parsed.status in (204, 304):
            return parsed
        if "chunked" in (parsed.header("Transfer-Encoding") or "").lower():
            while size := int(self._until(b"\r\n").split(b";")[0], 16):
                parsed.body += self._exactly(size)
                self._until(b"\r\n")
            self._until(b"\r\n")
        elif (length := parsed.header("Content-Length")) is not None:
            parsed.body = self._exactly(int(length))
        else:
            parsed.body = self.rest()
        return parsed

    def rest(self):
        """Everything until the peer closes."""
        data = self._buffer
        self._buffer = b""
        try:
            while block := self.socket.recv(65536):
                data += block
        except (ConnectionError, ssl.SSLError):
            pass
        return data

    def rest_until(self, mark):
        """Everything up to and including `mark`, or to the end of the stream."""
        data = self._until(mark)
        return self.rest() if data is None else data

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _until(self, mark):
        while mark not in self._buffer:
            if not self._receive():
                return None
        found, _, self._buffer = self._buffer.partition(mark)
        return found + mark

    def _exactly(self, count):
        while len(self._buffer) < count:
            assert self._receive(), f"the stream ended {count - len(self._buffer)} bytes early"
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _receive(self):
        try:
            block = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError):
            return False
        self._buffer += block
        return bool(block)


def decode_part(part):
    """One part of a JWT as JSON."""
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
