"""nginx in its three parts: upstream, peer, and the trivial decision server of others."""

import os

from .environment import LOAD_CORE, PROXY_CORE, tool
from .processes import Pinned

_FRAME = """
daemon off;
{user}
worker_processes 1;
worker_rlimit_nofile {files};
pid {directory}/{name}.pid;
error_log {directory}/{name}.error.log warn;
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path {directory}/{name}-body;
    proxy_temp_path {directory}/{name}-proxy;
    fastcgi_temp_path {directory}/{name}-fastcgi;
    uwsgi_temp_path {directory}/{name}-uwsgi;
    scgi_temp_path {directory}/{name}-scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 3600;
    ssl_protocols TLSv1.2 TLSv1.3;
{body}
}}
"""


def _start(name, core, body, directory, files):
    path = directory / f"{name}.conf"
    # Started by root, the workers would change to a user that cannot read this run's directory.
    user = "user root;" if os.geteuid() == 0 else ""
    path.write_text(_FRAME.format(user=user, name=name, directory=directory, files=files, connections=files - 100, body=body))
    return Pinned(name, core, [tool("nginx"), "-p", directory, "-c", path, "-e", directory / f"{name}.error.log"], directory)


def upstream(port, materials, files):
    """Answers of 1 KiB and of 16 MiB, keep-alive, from the page cache."""
    body = f"""
    sendfile on;
    open_file_cache max=100;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root {materials.upstream_files};
    }}"""
    return _start("upstream", LOAD_CORE, body, materials.directory, files)


def decisions(port, grpc_port, materials, files):
    """Says yes to everybody: 200 over HTTP/1.1, and a fixed CheckResponse over gRPC. The least that a decision server can cost."""
    body = f"""
    open_file_cache max=100;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ return 200; }}
    }}
    server {{
        listen 127.0.0.1:{grpc_port} http2 backlog=1024;
        root {materials.decision_files};
        location / {{
            default_type application/grpc;
            error_page 405 =200 /check;
            rewrite ^ /check break;
            add_trailer grpc-status 0 always;
        }}
    }}"""
    return _start("decisions", PROXY_CORE, body, materials.directory, files)


def proxy(name, plain_port, tls_port, upstream_port, materials, files, decision_port=None):
    """The peer; with a decision port by auth_request."""
    ask = decide = ""
    if decision_port:
        ask = "auth_request /_decide;"
        decide = """
        location = /_decide {
            internal;
            proxy_pass http://decisions;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }"""
    body = f"""
    upstream application {{ server 127.0.0.1:{upstream_port}; keepalive 128; keepalive_requests 1000000000; }}
    upstream decisions {{ server 127.0.0.1:{decision_port or 9}; keepalive 128; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{plain_port} backlog=1024;
        listen 127.0.0.1:{tls_port} ssl http2 backlog=1024;
        ssl_certificate {materials.certificate};
        ssl_certificate_key {materials.key};
        location / {{
            {ask}
            proxy_pass http://application;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_max_temp_file_size 0;
        }}{decide}
    }}"""
    return _start(name, PROXY_CORE, body, materials.directory, files)
