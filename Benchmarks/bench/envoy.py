"""Envoy as a peer: plain, or with ext_authz to the trivial decision server over HTTP or gRPC."""

import json

from .environment import PROXY_CORE, tool
from .processes import Pinned

_TYPE = "type.googleapis.com/envoy.extensions."


def _cluster(name, port, http2=False):
    cluster = {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}],
        },
        "circuit_breakers": {"thresholds": [{"max_connections": 100000, "max_pending_requests": 100000, "max_requests": 100000}]},
    }
    if http2:
        cluster["typed_extension_protocol_options"] = {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": _TYPE + "upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        }
    return cluster


def _address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _authorization(kind, port):
    if kind == "http":
        service = {
            "http_service": {"server_uri": {"uri": f"http://127.0.0.1:{port}", "cluster": "decisions", "timeout": "5s"}},
        }
    else:
        service = {"grpc_service": {"envoy_grpc": {"cluster_name": "decisions"}, "timeout": "5s"}}
    return {
        "name": "envoy.filters.http.ext_authz",
        "typed_config": {"@type": _TYPE + "filters.http.ext_authz.v3.ExtAuthz", "transport_api_version": "V3", **service},
    }


def _listener(name, port, filters, materials, tls):
    manager = {
        "@type": _TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "codec_type": "AUTO",
        "use_remote_address": True,
        "route_config": {
            "name": "all",
            "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "application"}}]}],
        },
        "http_filters": [
            *filters,
            {"name": "envoy.filters.http.router", "typed_config": {"@type": _TYPE + "filters.http.router.v3.Router"}},
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    if tls:
        pair = {"certificate_chain": {"filename": str(materials.certificate)}, "private_key": {"filename": str(materials.key)}}
        chain["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": _TYPE + "transport_sockets.tls.v3.DownstreamTlsContext",
                "common_tls_context": {"alpn_protocols": ["h2", "http/1.1"], "tls_certificates": [pair]},
            },
        }
    return {"name": name, "address": _address(port), "filter_chains": [chain]}


def proxy(name, plain_port, tls_port, upstream_port, materials, authorization=None, decision_port=None):
    """`authorization` is None, "http" or "grpc"."""
    clusters, filters = [_cluster("application", upstream_port)], []
    if authorization:
        clusters.append(_cluster("decisions", decision_port, http2=authorization == "grpc"))
        filters.append(_authorization(authorization, decision_port))
    bootstrap = {
        "static_resources": {
            "listeners": [
                _listener("plain", plain_port, filters, materials, tls=False),
                _listener("tls", tls_port, filters, materials, tls=True),
            ],
            "clusters": clusters,
        }
    }
    path = materials.directory / f"{name}.json"
    path.write_text(json.dumps(bootstrap, indent=1))
    command = [tool("envoy"), "-c", path, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"]
    return Pinned(name, PROXY_CORE, command, materials.directory)
