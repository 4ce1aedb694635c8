"""nginx and HAProxy in front of a recorder each, for comparison."""

import os
import shutil
import socket
import subprocess

from support.network import free_port, wait_until


def tool(name):
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
    assert found, f"there is no {name}; Scripts/setup.sh conformance installs it"
    return found


class Peer:
    def __init__(self, name, directory, upstream, certificate=None):
        """With a certificate, a PEM file with its key, the peer speaks TLS with HTTP/2."""
        self.certificate = certificate
        self.name, self.upstream = name, upstream
        self.port = free_port()
        command = {"nginx": self._nginx, "haproxy": self._haproxy}[name](directory)
        self._log = (directory / f"{name}.log").open("wb")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        wait_until(self._listens, f"{name} listens: {directory}/{name}.log")

    def _listens(self):
        assert self._process.poll() is None, f"{self.name} ended"
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def _nginx(self, directory):
        path = directory / "nginx.conf"
        temporary = "".join(f"{kind}_temp_path {directory}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        tls = f"ssl http2; ssl_certificate {self.certificate}; ssl_certificate_key {self.certificate}" if self.certificate else ""
        path.write_text(f"""
daemon off; worker_processes 1; pid {directory}/nginx.pid; {"user root;" if os.geteuid() == 0 else ""}
events {{ worker_connections 512; }}
http {{
  access_log off; {temporary}
  upstream recorder {{ server 127.0.0.1:{self.upstream.port}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{self.port} {tls};
    location / {{
      proxy_pass http://recorder; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_request_buffering off;
    }}
  }}
}}
""")
        return [tool("nginx"), "-p", directory, "-c", path, "-e", directory / "nginx.error.log"]

    def _haproxy(self, directory):
        path = directory / "haproxy.cfg"
        tls = f" ssl crt {self.certificate} alpn h2,http/1.1" if self.certificate else ""
        path.write_text(f"""
defaults
    mode http
    http-reuse always
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend front
    bind 127.0.0.1:{self.port}{tls}
    default_backend recorder
backend recorder
    server one 127.0.0.1:{self.upstream.port}
""")
        return [tool("haproxy"), "-db", "-f", path]

    @property
    def pid(self):
        return self._process.pid

    def close(self):
        self._process.terminate()
        self._process.wait(10)
        self._log.close()
