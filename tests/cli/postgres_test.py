#!/usr/bin/env python3
"""The PostgreSQL server of the tests answers, and a server that does not is told plainly."""
import os
import subprocess
import urllib.parse

import tenon_test


class Postgres(tenon_test.TenonTest):
    def test_the_server_answers(self):
        url = os.environ.get("TENON_TEST_POSTGRES")
        self.assertTrue(url, "TENON_TEST_POSTGRES names no server: run tools/test")
        run = subprocess.run(["psql", "-X", "-At", "-d", url, "-c", "SELECT 1"], capture_output=True, text=True)
        self.assertEqual(run.stdout.strip(), "1", run.stderr)

    def test_a_password_is_never_echoed(self):
        server = urllib.parse.urlsplit(os.environ["TENON_TEST_POSTGRES"])
        url = server._replace(netloc="nobody_of_the_tests:secret@" + (server.netloc.rpartition("@")[2])).geturl()
        error = self.tenon("inspect", "--url", url, expect=1).stderr
        self.assertIn("nobody_of_the_tests", error)
        self.assertNotIn("secret", error)

    def test_no_server(self):
        error = self.tenon("inspect", "--url", "postgresql://ann@localhost:1/app", expect=1).stderr
        self.assertIn("check that the server runs", error)


if __name__ == "__main__":
    tenon_test.main()
