#!/usr/bin/env python3
"""The PostgreSQL server of the tests answers, and Tenon says plainly that it does not speak to it yet."""
import os
import subprocess

import tenon_test


class Postgres(tenon_test.TenonTest):
    def test_the_server_answers(self):
        url = os.environ.get("TENON_TEST_POSTGRES")
        self.assertTrue(url, "TENON_TEST_POSTGRES names no server: run tools/test")
        run = subprocess.run(["psql", "-X", "-At", "-d", url, "-c", "SELECT 1"], capture_output=True, text=True)
        self.assertEqual(run.stdout.strip(), "1", run.stderr)

    def test_the_command_says_what_it_cannot_do_yet(self):
        error = self.tenon("inspect", "--url", "postgresql://ann:secret@localhost/app", expect=1).stderr
        self.assertIn("PostgreSQL", error)
        self.assertNotIn("secret", error)


if __name__ == "__main__":
    tenon_test.main()
