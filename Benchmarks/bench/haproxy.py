"""HAProxy as a peer that only proxies."""

from .environment import PROXY_CORE, tool
from .processes import Pinned


def proxy(plain_port, tls_port, upstream_port, materials, files):
    path = materials.directory / "haproxy.cfg"
    path.write_text(f"""
global
    nbthread 1
    maxconn {files // 2 - 200}
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    option http-keep-alive
    option forwardfor
    http-reuse always
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    timeout http-keep-alive 1h
    timeout http-request 1h
frontend front
    bind 127.0.0.1:{plain_port} backlog 1024
    bind 127.0.0.1:{tls_port} ssl crt {materials.both} alpn h2,http/1.1 backlog 1024
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    default_backend application
backend application
    server one 127.0.0.1:{upstream_port} pool-max-conn 128
""")
    return Pinned("haproxy", PROXY_CORE, [tool("haproxy"), "-db", "-f", path], materials.directory)
