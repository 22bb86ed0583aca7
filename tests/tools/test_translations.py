"""What `python -m tools.translations` finds, and that nothing in this clone must be mended."""

import pytest

from tools import translations

ENGLISH = {"rest": ["Take {n} of them."], "code": ["gamma = 1 - size**2."], "stop": ["Stopped."]}
ENGLISH["prefix"] = ["`{task}` is "]
CHINESE = {"rest": ["取其中 {n} 个。"], "code": ["gamma = 1 - size**2。"], "stop": ["已中断。"]}
CHINESE["prefix"] = ["`{task}` "]


def what(**changed):
    """[what is wrong] with the Chinese above, some codes changed or, with None, left out."""
    table = {code: texts for code, texts in (CHINESE | changed).items() if texts}
    return [said for _, said in translations.compare(ENGLISH, table)]


def test_every_chinese_sentence_here_fits_its_english_one():
    wrong = [fault for fault in translations.faults() if fault[2] != translations.MISSING]
    assert wrong == []


def test_a_faithful_translation_has_no_fault():
    assert what() == []
    assert what(rest=["取 (样本数, 特征) 里的 {n} 个，(单元,) 除外。"]) == []  # commas of shapes


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"stop": None}, translations.MISSING),
        ({"more": ["更多。"]}, "is not in the English file"),
        ({"rest": ["取其中 {m} 个。"]}, "has other placeholders"),
        ({"rest": ["取其中 {n} 个。", "再取。"]}, "another number of hints"),
        ({"stop": ["x"]}, "has no Chinese: x"),
        ({"stop": ["Stopped."]}, "has no Chinese: Stopped."),
        ({"stop": ["已中断,请重来。"]}, "needs full-width punctuation: 断,"),
        ({"stop": ["`x`:已中断。"]}, "needs full-width punctuation: :已"),
        ({"stop": ["已中断."]}, "needs full-width punctuation: 断."),
    ],
)
def test_each_fault_is_named(changed, said):
    (found,) = what(**changed)
    assert said in found


@pytest.mark.parametrize("strict", [False, True])
def test_only_a_release_insists_on_every_translation(monkeypatch, capsys, tmp_path, strict):
    monkeypatch.setattr(translations, "PACKAGE", tmp_path / "rnncourse")
    (tmp_path / "rnncourse").mkdir()
    (tmp_path / "rnncourse" / "new.en.toml").write_text('[deep]\none = "One."\n', "utf-8")
    assert translations.main(["--strict"] if strict else []) == strict
    assert capsys.readouterr().out == "rnncourse/new.zh.toml: deep.one is not translated\n"


def test_a_placeholder_that_differs_fails_every_run(monkeypatch, tmp_path):
    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    (tmp_path / "new.en.toml").write_text('one = "One {n}."\n', "utf-8")
    (tmp_path / "new.zh.toml").write_text('one = "一。"\n', "utf-8")
    assert translations.main([]) == 1
