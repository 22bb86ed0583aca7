"""Similar submissions: rings of any size are found, and nobody in an honest class is listed."""

from rnncourse.grading import similar


def test_similar_code_is_found_across_names_and_comments():
    own = (
        "def f(x):\n    total = 0\n    for i in range(len(x)):\n"
        "        if x[i] > 3 and not i % 2:\n"
        "            total += x[i] ** 2 - 4 * x[i - 1]\n    return total / (len(x) + 1)\n"
    )
    copied = (
        own.replace("total", "s").replace("x", "values").replace("return", "# mine\n    return")
    )
    other = "def f(x):\n    return sum(v * v for v in x[::2] if v > 3) / len(x)\n" * 3
    prints = {
        name: similar.fingerprint([source])
        for name, source in {"a": own, "b": copied, "c": other, "d": "1 +"}.items()
    }
    assert [(one, two) for _, one, two in similar.pairs(prints)] == [("a", "b")]
