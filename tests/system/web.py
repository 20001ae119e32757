"""A web server on a loopback address that gives the files of a folder, whole or in ranges, and can be made to fail."""

import http.server
import threading
import urllib.parse


class Web:
    """Give it up with close(). `cut`: every answer breaks off after so many bytes of its body."""

    def __init__(self, folder, address="127.0.0.1", ranges=True, cut=None):
        self.folder, self.ranges, self.cut = folder, ranges, cut
        self.asked = []
        self.redirects = {}
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                web.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, name):
        host, port = self.server.server_address
        return f"http://{host}:{port}/{name}"

    def answer(self, request):
        name = urllib.parse.unquote(request.path.split("?")[0].lstrip("/"))
        self.asked.append(name)
        if name in self.redirects:
            request.send_response(302)
            request.send_header("Location", self.redirects[name])
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        path = self.folder / name
        if not path.is_file():
            request.send_error(404)
            return
        content = path.read_bytes()
        first = 0
        if self.ranges and (asked := request.headers.get("Range")):
            first = int(asked.removeprefix("bytes=").split("-")[0])
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        else:
            request.send_response(200)
        request.send_header("Content-Length", str(len(content) - first))
        request.end_headers()
        body = content[first:] if self.cut is None else content[first:first + self.cut]
        try:
            request.wfile.write(body)
        except OSError:
            pass  # the client has what it wanted

    def close(self):
        self.server.shutdown()
        self.server.server_close()
