"""Configurations as YAML text, with one route per behaviour of the upstream application."""

import json

from .network import free_port


class Configuration:
    """`authenticate.localhost` and any number of routes on one loopback port."""

    def __init__(self, **settings):
        self.port = free_port()
        self.health_port = free_port()
        self.settings = settings
        self.routes = []

    def url(self, host, path="/"):
        return f"https://{host}.localhost:{self.port}{path}"

    def route(self, host, to, **options):
        """Adds a route `https://HOST.localhost:PORT`; open to everybody who is signed in unless the options say who else."""
        access = ("policy", "allow_public_unauthenticated_access", "allow_any_authenticated_user")
        if not any(name in options for name in access):
            options["allow_any_authenticated_user"] = True
        self.routes.append({"from": self.url(host, ""), "to": to, **options})
        return self

    def tunnel(self, host, port, to, **options):
        """Adds a `tcp+https` route for `CONNECT HOST.localhost:PORT`."""
        self.routes.append({"from": f"tcp+https://{host}.localhost:{port}", "to": to, **options})
        return self

    def text(self):
        settings = {
            "address": f"127.0.0.1:{self.port}",
            "health_check_addr": f"127.0.0.1:{self.health_port}",
            "authenticate_service_url": self.url("authenticate", ""),
            **self.settings,
            "routes": self.routes,
        }
        # JSON is YAML, and every key on a line of its own keeps positions readable.
        return "\n".join(f"{key}: {json.dumps(value)}" for key, value in settings.items()) + "\n"


def standard(upstream, **settings):
    """The routes that most tests use."""
    return (
        Configuration(jwt_claims_headers=["email"], **settings)
        .route("app", upstream.url, pass_identity_headers=True)
        .route("other", upstream.url, pass_identity_headers=True)
        .route("plain", upstream.url)
        .route("admins", upstream.url, pass_identity_headers=True, policy=[{"allow": {"or": [{"groups": {"has": "admins"}}]}}])
        .route("ann", upstream.url, policy=[{"allow": {"or": [{"email": {"is": "ann@example.com"}}]}}])
        .route("public", upstream.url, allow_public_unauthenticated_access=True, pass_identity_headers=True)
        .route("paths", upstream.url, prefix="/only/", allow_public_unauthenticated_access=True)
    )
