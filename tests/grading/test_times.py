"""When a notebook was handed in: every time is understood, or asked about."""

import pytest

from rnncourse.grading.classroom import times
from tests.grading.calls import LINUX, run, sheet
from tests.grading.classes import IMPORT, STEP, write

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")


NOON = "2026-10-12T10:00:00+00:00"
STAMPS = {
    "2026-10-12 12:00:00 CEST": NOON,
    "2026-10-12 06:00:00 EDT": NOON,
    "2026-10-12 12:00:00.123456 Europe/Berlin": NOON,
    "2026-10-12 12:00:00 +0200": NOON,
    "2026-10-12 12:00:00+02:00": NOON,
    "2026-10-12 10:00:00 utc": NOON,
    "Mon, 12 Oct 2026 12:00:00 +0200": NOON,
    "\ufeff2026-10-12T10:00": NOON,
    "2026-10-12 18:00:00 CST": "2026-10-12T18:00:00 CST",
    "2026-10-12 18:00:00 XYZT": "2026-10-12T18:00:00 XYZT",
    "0001-01-01 00:00:00+23:59": "0001-01-01T00:00:00+00:00",
    "9999-12-31 23:59:00-12:00": "9999-12-31T23:59:59+00:00",
    "yesterday": None,
    "": None,
    "2026-13-12 18:00:00": None,
    "2026-10-12 18:00:00 \x1b[31m": None,
}


@pytest.mark.parametrize("text", STAMPS, ids=range(len(STAMPS)))
def test_a_time_with_a_zones_name_is_understood_or_kept_never_dropped(tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text, "utf-8")
    assert times.stamp(tmp_path / "03.ipynb") == STAMPS[text]


@LINUX
def test_a_zone_that_means_several_is_asked_about_and_answered_by_the_rules(tmp_path, capsys):
    subs, out, rules = tmp_path / "subs", tmp_path / "out", tmp_path / "rules.toml"
    rules.write_text("late_per_day = 0.5\n[due]\nch03 = 2026-10-12T12:00:00Z\n")
    write(subs / "ada" / "rnn" / "03.ipynb", IMPORT, STEP)
    (subs / "ada" / "rnn" / "timestamp.txt").write_text("2026-10-12 13:00:00 CST")
    words = ["--out", out, "--policy", rules]
    for _ in range(2):
        assert run("grade", subs, *words) == 1
        said = capsys.readouterr().err
        assert "CST" in said
        assert "ada/rnn/03.ipynb" in said
        assert "[zones]" in said
    for zone, points in (("Asia/Shanghai", "2"), ("America/Chicago", "1")):
        rules.write_text(rules.read_text().split("[zones]")[0] + f'[zones]\nCST = "{zone}"\n')
        assert run("grade", subs, *words) == 0
        assert sheet(capsys, *words)[1] == ["ada", "ch03", points, "16"]
