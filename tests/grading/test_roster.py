"""Who is in the class: every list is read or named with what to do, and folders lead to people."""

import pytest

from rnncourse.commands import main
from rnncourse.grading.classroom import policy, roster

LIST = (
    "student,name,email,id,username,language\n"
    "ada,Ada Lovelace,ada@uni.example,1234,al42,en\n"
    "lei,李 雷,lei@uni.example,99,ll7,zh_CN\n"
    'gb,"Byron, George Gordon",gb@uni.example,1235,gb1,\n'
    "m1,Max Muster,m1@uni.example,501,mm1,\n"
    "m2,Max Muster,m2@uni.example,502,mm2,\n"
)


def people(tmp_path, text=LIST, encoding="utf-8"):
    path = tmp_path / "students.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return roster.read(path)


WHO = {
    "ada": "ada",
    "al42": "ada",
    "ADA@UNI.example": "ada",
    "Ada Lovelace": "ada",
    "Lovelace, Ada": "ada",
    "Ada Lovelace_4711_assignsubmission_file_": "ada",
    "Ada Lovelace_98_assignsubmission_file": "ada",
    "Lovelace Ada_98_assignsubmission_onlinetext_": "ada",
    "李 雷_12_assignsubmission_file_": "lei",
    "lovelaceada_1234_567891_03_algorithm": "ada",
    "lovelaceada_LATE_1234_567891_03_algorithm-1": "ada",
    "byrongeorgegordon_LATE_7_8_x": "gb",
    "mustermax_501_8_x": "m1",
    "mustermax_502_9_x": "m2",
    "Max Muster_7_assignsubmission_file_": None,  # two have that name
    "Eve_7_assignsubmission_file_": None,
    "nobody": None,
    "": None,
    "_1_2_x": None,
    "m": None,
}


@pytest.mark.parametrize("found", WHO)
def test_a_folders_name_leads_to_one_person_or_stays_as_it_is(tmp_path, found):
    assert people(tmp_path).who(found) == (WHO[found] or found)


@pytest.mark.parametrize(
    "text",
    [
        "Student,ID,SIS User ID,SIS Login ID,Section,ch03\n"  # as Canvas exports it
        '    Points Possible,,,,,16\n"Lovelace, Ada",1234,77,al42,A,3\n',
        "First name,Last name,ID number,Email address\nAda,Lovelace,1234,a@uni.example\n",  # Moodle
        "name;id\nAda Lovelace;1234\n",  # Excel in much of Europe
        "姓名\tid\nAda Lovelace\t1234\n",
    ],
)
def test_lists_as_other_systems_write_them(tmp_path, text):
    found = people(tmp_path, text)
    assert len(found.listed) == 1
    (student,) = found.listed
    for name in ("Ada Lovelace_4711_assignsubmission_file_", "lovelaceada_1234_5_x"):
        assert found.who(name) == student


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are_are_read(tmp_path, encoding):
    assert people(tmp_path, LIST, encoding).listed["lei"]["name"] == "李 雷"


WRONG = {
    "mark,language\nada,en\n": "has the columns mark, language. Expected: a column student",
    "": "has the columns –",
    "student,language\nada,fr\n": "line 2: 'fr' is none of en, zh",
    "student,language\nada,en\nada,zh\n": "line 3: ada has two languages",
    "student,name\nada,A\nada,B\n": "line 3: ada is listed twice",
    "student\n" + "x" * 200_000 + "\n": "line 2, is not CSV",
    'student\n"' + "x\n" * 100_000: "is not CSV",
    b"student,name\nada,Ada\nmu,M\xfcller\n": r"not text in UTF-8 (line 3). Save it again as UTF-8",
    b"\xff\xfes": "not text in UTF-8",
    "student\0,x\nada\0,1\n": None,
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_a_list_that_cannot_be_read_is_named_with_what_to_do(tmp_path, capsys, text):
    if WRONG[text] is None:
        people(tmp_path, text)  # whatever it holds, no traceback
        return
    with pytest.raises(policy.WrongPolicy, match=r"^The roster .*students\.csv") as wrong:
        people(tmp_path, text)
    assert WRONG[text] in str(wrong.value)
    rules = tmp_path / "rules.toml"
    rules.write_text('roster = "students.csv"')
    words = ["class", "export", "--out", str(tmp_path / "out"), "--policy", str(rules)]
    assert main.main([*words, "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("名单 ")
    assert "计分规则" not in said


def test_a_list_that_is_not_there_is_named(tmp_path):
    with pytest.raises(policy.WrongPolicy, match=r"The roster .*none\.csv cannot be read: No such"):
        roster.read(tmp_path / "none.csv")


def test_a_wrong_name_in_the_rules_is_held_against_the_list(tmp_path):
    people(tmp_path)
    path = tmp_path / "rules.toml"
    path.write_text('roster = "students.csv"\n[excused]\nadaa = ["ch03"]\n')
    with pytest.raises(policy.WrongPolicy, match=r"adaa is not on the roster\. Did you mean: ada"):
        policy.read(path)
