"""The appliance over HTTP: jobs, events, files, refusals."""

import http.client
import socket
import time
import unittest

import media
import program
from daemon import Daemon, Follower, adaptive
from program import wait_until


class Serve(program.SystemTest):
    """One server without tokens, and one finished job that the tests look at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clips = cls.folder / "clips"
        cls.clips.mkdir()
        cls.clip = media.make_clip(cls.clips / "clip.mp4", 10, "640x360", "30000/1001")
        cls.long = media.make_clip(cls.clips / "long.mp4", 600, "640x360", "25", sound=False)
        cls.server = Daemon(cls.folder / "data", cls.clips)
        cls.addClassCleanup(cls.server.close)
        spec = adaptive(cls.clip)
        spec["outputs"].append({"name": "web", "type": "file", "video": {"preset": "ultrafast"}})
        cls.id = cls.server.submit(spec)
        cls.events = list(cls.server.events(cls.id))  # from the first; ends with the job
        cls.job = cls.server.job(cls.id)
        assert cls.job["state"] == "completed", cls.job
        cls.files = f"/v1/jobs/{cls.id}/files"

    @classmethod
    def tearDownClass(cls):
        # Whatever was asked, no answer told where the server keeps its data.
        for body in cls.server.bodies:
            assert str(cls.folder / "data").encode() not in body, body[:500]
        code = cls.server.stop()
        assert code == 0, (code, cls.server.logged())

    def refused(self, status, method, path, body=None, headers=None):
        answer = self.server.request(method, path, body, headers)
        self.assertEqual(status, answer.status, answer)
        self.assertIn("application/problem+json", answer.headers["Content-Type"])
        self.assertEqual(status, answer.document["status"])
        self.assertTrue(answer.document["title"])
        return answer.document

    # ---- the job ----

    def test_events_tell_the_whole_story_in_order(self):
        numbers = [number for number, _, _ in self.events]
        self.assertEqual(sorted(set(numbers)), numbers)
        kinds = [kind for _, kind, _ in self.events if kind != "progress"]
        self.assertEqual("queued", kinds[0])
        self.assertEqual("completed", kinds[-1])
        self.assertLess(kinds.index("started"), kinds.index("segment"))
        booked = [data["file"] for _, kind, data in self.events if kind == "segment"]
        self.assertEqual(len(booked), len(set(booked)))
        self.assertEqual(7, len(booked))  # 3 of the one rendition, 3 of the sound, the file

    def test_events_can_be_taken_up_again(self):
        middle = len(self.events) // 2
        self.assertEqual(self.events[middle:], list(self.server.events(self.id, after=self.events[middle - 1][0])))
        self.assertEqual([], list(self.server.events(self.id, after=self.events[-1][0])))

    # ---- the machine ----

    @unittest.skipIf(program.SANITIZED, "a sanitized program measures the sanitizer")
    def test_measures_the_machine_when_idle_and_tells_its_capacity(self):
        calibration = lambda: self.server.get("/v1/capacity").document["calibration"]
        self.assertIsNone(calibration()["measured"])
        wait_until(lambda: calibration()["learned_runs"] >= 1, "the job that the tests look at to be learned from")
        server = Daemon(self.folder / "measured", self.clips, "--calibrate-after", "0")
        self.addCleanup(server.close)
        asked = "/v1/capacity?profile=480p-h264-veryfast"
        wait_until(lambda: server.get(asked).document["calibration"]["measured"], "the machine to be measured", 180)
        report = server.get(asked).document
        self.assertEqual(["480p-h264-veryfast"], [each["profile"] for each in report["profiles"]])
        profile = report["profiles"][0]
        self.assertGreater(profile["demand"]["millicores"], 0)
        self.assertEqual(profile["slots"], profile["free_slots"])
        self.assertIn("encode h264 medium", report["calibration"]["factors"])
        wait_until(lambda: not (self.folder / "measured/calibration").exists(), "the film to be gone")
        self.assertEqual(0, server.stop())
        self.refused(400, "GET", "/v1/capacity?profile=cinema")

    def test_finished_job_has_plan_receipt_and_usage(self):
        self.assertEqual("completed", self.job["state"])
        self.assertEqual(1, self.job["progress"]["done"])
        self.assertEqual(["abr/360p"], [rendition["folder"] for rendition in self.job["plan"]["renditions"]])
        self.assertTrue(self.job["receipt"])
        self.assertEqual(1, len(self.job["attempts"]))
        self.assertIsNone(self.job["error"])

    def test_files_play(self):
        base = f"http://127.0.0.1:{self.server.port}{self.files}"
        frames = media.count_frames(self.clip)
        for name in ("abr/master.m3u8", "abr/manifest.mpd", "web.mp4"):
            self.assertEqual("", media.complaints(f"{base}/{name}"), name)
            self.assertEqual(frames, media.count_frames(f"{base}/{name}"), name)

    # ---- files ----

    def test_ranges_in_pieces_are_the_whole(self):
        path = f"{self.files}/web.mp4"
        whole = self.server.get(path)
        self.assertEqual(200, whole.status)
        self.assertEqual("bytes", whole.headers["Accept-Ranges"])
        size, pieces = len(whole.body), b""
        for start in range(0, size, 40_001):
            piece = self.server.get(path, Range=f"bytes={start}-{min(start + 40_000, size - 1)}")
            self.assertEqual(206, piece.status)
            self.assertEqual(f"bytes {start}-{start + len(piece.body) - 1}/{size}", piece.headers["Content-Range"])
            pieces += piece.body
        self.assertEqual(whole.body, pieces)
        self.assertEqual(whole.body[-100:], self.server.get(path, Range="bytes=-100").body)
        self.assertEqual(whole.body[size - 7:], self.server.get(path, Range=f"bytes={size - 7}-").body)
        past = self.server.get(path, Range=f"bytes={size}-")
        self.assertEqual((416, f"bytes */{size}"), (past.status, past.headers["Content-Range"]))

    def test_unchanged_files_are_not_sent_again(self):
        path = f"{self.files}/abr/360p/00001.m4s"
        tag = self.server.get(path).headers["ETag"]
        again = self.server.get(path, If_None_Match=tag)
        self.assertEqual((304, b""), (again.status, again.body))
        self.assertEqual(200, self.server.get(path, If_None_Match='"other"').status)
        self.assertEqual(206, self.server.get(path, Range="bytes=0-9", If_Range=tag).status)
        self.assertEqual(200, self.server.get(path, Range="bytes=0-9", If_Range='"other"').status)

    def test_heads_are_those_of_the_whole(self):
        path = f"{self.files}/abr/master.m3u8"
        whole, head = self.server.get(path), self.server.request("HEAD", path)
        self.assertEqual(b"", head.body)
        for name in ("Content-Length", "Content-Type", "ETag"):
            self.assertEqual(whole.headers[name], head.headers[name])

    def test_nothing_outside_the_job_is_a_file(self):
        for path in ("/nothing", "/../../store/CURRENT", "/%2e%2e/%2e%2e/store/CURRENT", "/abr/..%2f..%2f..%2fstore",
                     "/abr", "/", "//etc/passwd", "/abr/%00"):
            answer = self.server.get(self.files + path)
            self.assertIn(answer.status, (400, 404), f"{path}: {answer}")

    # ---- submitting ----

    def test_same_key_gives_the_same_job(self):
        spec = adaptive(self.clip)
        first = self.server.request("POST", "/v1/jobs", spec, {"Idempotency-Key": "one"})
        again = self.server.request("POST", "/v1/jobs", spec, {"Idempotency-Key": "one"})
        self.assertEqual(201, first.status, first)
        self.assertIn(again.status, (200, 201))
        self.assertEqual(first.document["id"], again.document["id"])
        self.assertEqual(f"/v1/jobs/{first.document['id']}", first.headers["Location"])
        self.refused(409, "POST", "/v1/jobs", adaptive(self.clip, segment_seconds=2), {"Idempotency-Key": "one"})
        self.server.wait_for(first.document["id"], "completed")

    def test_dry_run_gives_the_plan_and_makes_no_job(self):
        before = self.server.get("/v1/jobs").document["jobs"]
        answer = self.server.request("POST", "/v1/jobs?dry_run=true", adaptive(self.long, ladder=[240, 360]))
        self.assertEqual(200, answer.status, answer)
        self.assertEqual(["360p", "240p"], [rendition["name"] for rendition in answer.document["renditions"]])
        self.assertEqual([job["id"] for job in before], [job["id"] for job in self.server.get("/v1/jobs").document["jobs"]])

    def test_refusals_name_the_field(self):
        good = adaptive(self.clip)
        for change, field in (({"outputs": []}, "outputs"), ({"wishes": 1}, "wishes"), ({"priority": 101}, "priority"),
                              ({"outputs": [{**good["outputs"][0], "laddder": 1}]}, "laddder"),
                              ({"outputs": [{**good["outputs"][0], "segment_seconds": -1}]}, "segment_seconds"),
                              ({"input": {"url": "file:///etc/passwd"}}, "input")):
            problem = self.refused(422, "POST", "/v1/jobs", {**good, **change})
            self.assertIn(field, problem["detail"] + problem.get("field", ""))

    def test_bodies_that_are_no_spec(self):
        for body in ("", "{", "nonsense", "\xff", "[]", "7", "[" * 10_000):
            answer = self.server.request("POST", "/v1/jobs", body)
            self.assertIn(answer.status, (400, 422), f"{body[:20]!r}: {answer}")
            self.assertIn("application/problem+json", answer.headers["Content-Type"])

    def test_source_that_is_refused_fails_the_job_with_a_sentence(self):
        (self.clips / "text.mp4").write_text("no picture")
        answer = self.server.request("POST", "/v1/jobs", adaptive(self.clips / "text.mp4"))
        if answer.status == 201:  # else the sentence came at once
            job = self.server.wait_for(answer.document["id"], "failed")
            self.assertIn("text.mp4", job["error"]["message"])
        else:
            self.assertEqual(422, answer.status, answer)
        self.refused(422, "POST", "/v1/inspect", {"url": f"file://{self.clips}/nothing.mp4"})

    def test_inspect_tells_what_a_source_is(self):
        answer = self.server.request("POST", "/v1/inspect", {"url": f"file://{self.clip}"})
        self.assertEqual(200, answer.status, answer)
        self.assertEqual(640, answer.document["video"][0]["width"])

    def test_command_line_client(self):
        server = ("--server", f"http://127.0.0.1:{self.server.port}")
        ran = program.millrace("jobs", "submit", self.clip, "--preset", "ultrafast", "--watch", "--json", *server)
        self.assertEqual(0, ran.code, ran)
        self.assertEqual("completed", ran.document["state"])
        id = ran.document["id"]
        self.assertEqual(id, program.millrace("jobs", "show", id, "--json", *server).document["id"])
        self.assertIn(id, program.millrace("jobs", "list", *server).out)
        refused = program.millrace("jobs", "cancel", id, *server)
        self.assertEqual(2, refused.code, refused)
        self.assert_one_sentence(refused.err)
        plan = program.millrace("jobs", "submit", self.clip, "--dry-run", "--json", *server)
        self.assertTrue(plan.document["renditions"])
        outside = program.millrace("jobs", "submit", "/etc/passwd", *server)
        self.assertEqual(3, outside.code, outside)
        self.assert_one_sentence(outside.err)

    # ---- changing jobs ----

    def test_cancel_is_done_within_a_second(self):
        took = []
        while not took or (took[-1] > program.PATIENCE and len(took) < 3):  # a disk that stalls once is no slow cancel
            id = self.server.submit(adaptive(self.long, preset="slower"))
            follower = Follower(self.server, id)
            wait_until(lambda: "segment" in follower.kinds(), "the first segment")
            asked = time.monotonic()
            answer = self.server.request("POST", f"/v1/jobs/{id}/cancel")
            self.assertEqual(200, answer.status, answer)
            self.server.wait_for(id, "cancelled", within=10)
            took.append(time.monotonic() - asked)
            problem = self.refused(409, "POST", f"/v1/jobs/{id}/cancel")
            self.assertIn("cancelled", problem["detail"])
            self.assertEqual(204, self.server.request("DELETE", f"/v1/jobs/{id}").status)
        self.assertLess(took[-1], 1.0 * program.PATIENCE, took)

    def test_pause_and_resume_keep_what_is_done(self):
        id = self.server.submit(adaptive(self.long, ladder=[360]))
        follower = Follower(self.server, id)
        wait_until(lambda: len(follower.booked_files()) >= 3, "three segments")
        self.assertEqual(200, self.server.request("POST", f"/v1/jobs/{id}/pause").status)
        self.server.wait_for(id, "paused")
        self.assertEqual(200, self.server.request("POST", f"/v1/jobs/{id}/resume").status)
        self.server.wait_for(id, "completed")
        wait_until(lambda: "completed" in follower.kinds(), "the last event")
        booked = follower.booked_files()
        self.assertEqual(len(booked), len(set(booked)), "a segment was made twice")
        self.server.request("DELETE", f"/v1/jobs/{id}")

    def test_deleted_job_is_gone_with_its_files(self):
        id = self.server.submit(adaptive(self.clip))
        self.server.wait_for(id, "completed")
        self.assertEqual(204, self.server.request("DELETE", f"/v1/jobs/{id}").status)
        for path in (f"/v1/jobs/{id}", f"/v1/jobs/{id}/files/abr/master.m3u8", f"/v1/jobs/{id}/events"):
            self.refused(404, "GET", path)
        self.assertFalse(list((self.folder / "data").rglob(f"*{id}*")))

    def test_retry_of_a_cancelled_job_runs_it_again(self):
        id = self.server.submit(adaptive(self.long, preset="slower"))
        self.server.wait_for(id, "running")
        self.server.request("POST", f"/v1/jobs/{id}/cancel")
        self.server.wait_for(id, "cancelled")
        self.assertEqual(200, self.server.request("POST", f"/v1/jobs/{id}/retry").status)
        self.server.wait_for(id, "running", "completed")
        self.server.request("POST", f"/v1/jobs/{id}/cancel")
        self.server.wait_for(id, "cancelled", "completed")

    # ---- lists and unknown things ----

    def test_list_is_paged_newest_first(self):
        ids = [self.server.submit({**adaptive(self.clip), "tags": {"page": "yes"}}) for _ in range(5)]
        found, cursor = [], ""
        while True:
            page = self.server.get(f"/v1/jobs?tag=page%3Dyes&limit=2{cursor}").document
            self.assertLessEqual(len(page["jobs"]), 2)
            found += [job["id"] for job in page["jobs"]]
            if not page["next"]:
                break
            cursor = f"&cursor={page['next']}"
        self.assertEqual(ids[::-1], found)
        for id in ids:
            self.server.wait_for(id, "completed")

    def test_unknown_things_are_told_as_problems(self):
        self.refused(404, "GET", "/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV")
        self.refused(404, "GET", "/v1/nothing")
        self.refused(405, "PUT", "/v1/jobs")
        self.refused(400, "GET", "/v1/jobs?limit=0")
        self.refused(400, "GET", "/v1/jobs?state=asleep")

    def test_machine_and_health_answer(self):
        self.assertEqual(200, self.server.get("/healthz").status)
        self.assertEqual(200, self.server.get("/readyz").status)
        self.assertGreaterEqual(self.server.get("/v1/hardware").document["cpu"]["usable_cores"], 1)
        self.assertIn("openapi", self.server.get("/v1/openapi.json").document)

    # ---- clients that misbehave ----

    def test_slow_readers_do_not_hold_up_others(self):
        slow = []
        for _ in range(16):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.connect(("127.0.0.1", self.server.port))
            sock.sendall(f"GET {self.files}/web.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            slow.append(sock)  # and reads nothing
        for _ in range(4):
            sock = socket.create_connection(("127.0.0.1", self.server.port))
            sock.sendall(b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Le")  # and never goes on
            slow.append(sock)
        for _ in range(20):
            self.assertEqual(200, self.server.get(f"/v1/jobs/{self.id}").status)
            self.assertEqual(200, self.server.get(f"{self.files}/abr/master.m3u8").status)
        for sock in slow:
            sock.close()

    def test_requests_that_could_be_read_in_two_ways_are_refused(self):
        for head in ("Content-Length: 3\r\nContent-Length: 4", "Transfer-Encoding: chunked\r\nContent-Length: 3",
                     "Content-Length: -1", "Content-Length : 3"):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as sock:
                sock.sendall(f"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\nabc".encode())
                reply = http.client.HTTPResponse(sock)
                reply.begin()
                self.assertEqual(400, reply.status, head)


class Tokens(program.SystemTest):
    def test_tokens_are_asked_for_by_default(self):
        server = Daemon(self.folder / "data", self.folder, auth=True)
        try:
            self.assertTrue(server.token)
            self.assertEqual(200, server.get("/v1/jobs").status)
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {server.token}"}):
                answer = server.request("GET", "/v1/jobs", headers=headers, bare=True)
                self.assertEqual(401, answer.status, answer)
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
                self.assertIn("application/problem+json", answer.headers["Content-Type"])
            self.assertEqual(200, server.request("GET", "/healthz", bare=True).status)
            token = server.token
            server.stop()
            # Only its digest is kept.
            data = b"".join(path.read_bytes() for path in (self.folder / "data").rglob("*") if path.is_file())
            self.assertNotIn(token.encode(), data)
        finally:
            server.close()

    def test_flags_come_from_a_file_too(self):
        config = self.folder / "serve.conf"
        config.write_text("# ours\nno-auth = true\nmax-running-jobs = 1\n")
        server = Daemon(self.folder / "configured", self.folder, "--config", config, auth=None)
        try:
            self.assertEqual(200, server.get("/v1/jobs").status)
        finally:
            server.close()
        config.write_text("no-outh = true\n")
        ran = program.millrace("serve", "--config", config, "--data", self.folder / "configured")
        self.assertEqual(2, ran.code, ran)
        self.assertIn("no-outh", ran.err)

    def test_no_auth_is_for_loopback_only(self):
        ran = program.millrace("serve", "--listen", "0.0.0.0:0", "--data", self.folder / "open", "--no-auth")
        self.assertEqual(2, ran.code, ran)
        self.assertIn("--no-auth", ran.err)

    def test_second_daemon_on_the_same_data_is_refused(self):
        server = Daemon(self.folder / "one", self.folder)
        try:
            ran = program.millrace("serve", "--listen", "127.0.0.1:0", "--data", self.folder / "one", "--no-auth")
            self.assertNotEqual(0, ran.code)
            self.assertEqual(1, len([line for line in ran.err.splitlines() if line.startswith("millrace")]), ran)
        finally:
            server.close()


if __name__ == "__main__":
    program.main()
