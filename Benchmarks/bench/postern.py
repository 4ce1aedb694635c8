"""Postern doing all of its work: session, policy, identity headers with assertion, access log and decision log."""

import json
import os
import shutil

import requests

from .environment import BINARY, PROXY_CORE
from .materials import HOST
from .processes import Pinned

# isort: split
from support import network
from support.client import WebClient
from support.configuration import Configuration
from support.people import ANN
from support.server import PosternServer

#: A small policy that looks at the identity, with an operator inside an operator.
POLICY = [{"allow": {"and": [{"domain": {"is": "example.com"}}, {"groups": {"has": "eng"}}]}, "deny": {"or": [{"email": {"is": "mallory@example.com"}}]}}]


class SignedIn:
    """A data directory with a session in it, and the cookie that carries it."""

    def __init__(self, directory, upstream_port):
        network.resolve_localhost_names()
        self.directory = directory
        self.upstream_port = upstream_port
        # The real ceremony with the embedded provider, as a person would go through it.
        config = self._configuration()
        server = PosternServer(directory / "sign-in", config).start()
        try:
            done = server.users("add", ANN.email, "--password-stdin", "--groups", ",".join(ANN.groups), stdin=ANN.password + "\n")
            assert done.returncode == 0, done.stderr
            client = WebClient(server)
            url = f"https://{HOST}:{config.port}/1k"
            page = client.sign_in(url, ANN)
            assert page.status_code == 200 and len(page.content) == 1024, f"sign-in ended with {page.status_code} at {page.url}"
            prepared = client.session.prepare_request(requests.Request("GET", url))
            self.cookie = prepared.headers["Cookie"]
            self.port = config.port
            refused = requests.get(url, verify=str(server.ca), allow_redirects=False, headers={"Cookie": "none=1"})
            assert refused.status_code != 200, "the route lets in everybody"
        finally:
            server.stop()
        self.data = server.data

    def _configuration(self):
        config = Configuration(jwt_claims_headers=["email", "groups"], pass_identity_headers=True)
        config.routes.append({"from": f"https://{HOST}:{config.port}", "to": f"http://127.0.0.1:{self.upstream_port}", "policy": POLICY})
        return config

    @property
    def authority(self):
        """The Host that the session belongs to."""
        return f"{HOST}:{self.port}"

    def start(self, name, port, materials, tls, environment=None):
        """Starts Postern on this session's data, or rather on a copy: one process serves one data directory."""
        data = self.directory / f"{name}-data"
        shutil.copytree(self.data, data, dirs_exist_ok=True)
        config = self._configuration()
        config.routes[0]["from"] = f"https://{self.authority}"
        settings = {
            "address": f"127.0.0.1:{port}",
            "health_check_addr": f"127.0.0.1:{config.health_port}",
            "authenticate_service_url": f"https://authenticate.localhost:{self.port}",
            "timeout_idle": "1h",
            # All load comes from one address.
            "max_client_connections_per_address": 0,
            **config.settings,
            **({"certificate_file": str(materials.certificate), "certificate_key_file": str(materials.key)} if tls else {"insecure_server": True}),
            "routes": config.routes,
        }
        path = self.directory / f"{name}.json"
        path.write_text(json.dumps(settings, indent=1))
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LD_LIBRARY_PATH") if key in os.environ}
        # The log goes to a file, as it would with a service manager; every request has its two lines there.
        return Pinned(name, PROXY_CORE, [BINARY, "run", "--config", path, "--data-dir", data], materials.directory, kept | (environment or {}))
