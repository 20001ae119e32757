"""A running `millrace serve`, and a client that keeps every body it was sent."""

import http.client
import json
import queue
import re
import signal
import subprocess
import threading

import program
from program import start_millrace, wait_until

FINAL = ("completed", "failed", "cancelled")


class Answer:
    def __init__(self, reply, body):
        self.status = reply.status
        self.headers = reply.headers
        self.body = body

    @property
    def document(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.body[:2000]!r}"


class Daemon:
    """Starts at once; stop() or kill() ends it; start() after that gives the next life of the same data."""

    def __init__(self, data, media_root, *flags, auth=False):
        self.data, self.media_root, self.flags, self.auth = data, media_root, flags, auth
        self.token = None
        self.bodies = []
        self.log = open(data.parent / f"{data.name}.log", "ab")
        self.start()

    def start(self):
        arguments = ["serve", "--listen", "127.0.0.1:0", "--data", self.data, "--media-root", self.media_root, *self.flags]
        if self.auth is False:  # None: the flags say it
            arguments.append("--no-auth")
        self.process = start_millrace(*arguments, stdout=subprocess.PIPE, stderr=self.log)
        lines = queue.Queue()
        threading.Thread(target=self._read, args=(self.process.stdout, lines), daemon=True).start()
        said = []
        self.port = None
        while self.port is None or (self.auth and self.token is None):
            try:
                line = lines.get(timeout=60 * program.PATIENCE)
            except queue.Empty:
                raise AssertionError(f"serve says nothing more after: {said}\n{self.logged()}") from None
            if line is None:
                raise AssertionError(f"serve ended: {said}\n{self.logged()}")
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
            if found := re.search(r"token: (\S+)", line):
                self.token = found[1]
        wait_until(lambda: self.get("/readyz").status == 200, "the server to be ready")

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.put(line)
        lines.put(None)

    def logged(self):
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")[-4000:]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self._wait()

    def kill(self):
        self.process.kill()
        return self._wait()

    def _wait(self):
        code = self.process.wait(timeout=60 * program.PATIENCE)
        self.process.stdout.close()
        return code

    def close(self):
        if self.process.poll() is None:
            self.kill()
        self.log.close()

    # ---- requests ----

    def connection(self, within=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=within * program.PATIENCE)

    def headers(self, more=None):
        return {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **(more or {})}

    def request(self, method, path, body=None, headers=None, bare=False):
        """`bare`: without the token."""
        connection = self.connection()
        try:
            text = json.dumps(body) if isinstance(body, (dict, list)) else body
            sent = dict(headers or {}) if bare else self.headers(headers)
            if text is not None:
                sent.setdefault("Content-Type", "application/json")
            connection.request(method, path, text, sent)
            reply = connection.getresponse()
            answer = Answer(reply, reply.read())
        finally:
            connection.close()
        self.bodies.append(answer.body)
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def submit(self, spec, **headers):
        answer = self.request("POST", "/v1/jobs", spec, {name.replace("_", "-"): value for name, value in headers.items()})
        if answer.status != 201:
            raise AssertionError(f"submit: {answer}")
        return answer.document["id"]

    def job(self, id):
        answer = self.get(f"/v1/jobs/{id}")
        if answer.status != 200:
            raise AssertionError(f"job {id}: {answer}")
        return answer.document

    def jobs(self):
        """Every job there is, newest first."""
        found, cursor = [], ""
        while cursor is not None:
            page = self.get(f"/v1/jobs?limit=500{cursor}").document
            found += page["jobs"]
            cursor = f"&cursor={page['next']}" if page["next"] else None
        return found

    def wait_for(self, id, *states, within=300):
        """The job once it is in one of the states, or final in another: then that is a failure."""
        def look():
            job = self.job(id)
            if job["state"] not in states and job["state"] in FINAL:
                raise AssertionError(f"job {id} is {job['state']}: {job['error']}\n{self.logged()}")
            return job if job["state"] in states else None
        return wait_until(look, f"job {id} to be {' or '.join(states)}", within)

    def events(self, id=None, after=None):
        """The stream's events as (number, type, data), until it ends."""
        connection = self.connection()
        path = f"/v1/jobs/{id}/events" if id else "/v1/events"
        try:
            connection.request("GET", path, headers=self.headers({} if after is None else {"Last-Event-ID": str(after)}))
            reply = connection.getresponse()
            if reply.status == 204:
                return
            if reply.status != 200 or "text/event-stream" not in reply.headers["Content-Type"]:
                raise AssertionError(f"{path}: {reply.status} {reply.read()!r}")
            event = {}
            for raw in reply:
                line = raw.decode().rstrip("\r\n")
                if line.startswith(":"):
                    continue
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = event[name] + "\n" + value if name in event else value
                elif "event" in event:
                    yield int(event["id"]), event["event"], json.loads(event["data"])
                    event = {}
                else:
                    event = {}
        finally:
            connection.close()


class Follower:
    """Follows a job's events on a thread of its own, over as many connections as it is told to make."""

    def __init__(self, daemon, id):
        self.daemon, self.id = daemon, id
        self.events = []
        self.follow()

    def follow(self):
        """Goes on after the last event that was seen."""
        after = self.events[-1][0] if self.events else 0
        self.thread = threading.Thread(target=self._read, args=(after,), daemon=True)
        self.thread.start()

    def _read(self, after):
        try:
            for event in self.daemon.events(self.id, after):
                self.events.append(event)
        except (OSError, http.client.HTTPException):
            pass  # the server went away, as it is meant to here

    def kinds(self):
        return [kind for _, kind, _ in self.events]

    def booked_files(self):
        """Segments that were booked, by their names below the job's folder."""
        return [data["file"] for _, kind, data in list(self.events) if kind == "segment"]


def adaptive(source, ladder="auto", **more):
    """The spec of one adaptive output."""
    rungs = ladder if ladder == "auto" else [{"height": height} for height in ladder]
    output = {"name": "abr", "type": "adaptive", "ladder": rungs, "preset": "ultrafast", **more}
    return {"input": {"url": f"file://{source}"}, "outputs": [output]}
