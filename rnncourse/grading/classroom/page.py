"""The look of the report and of the feedback: one HTML file that needs nothing else."""

import html

from rnncourse import language

__all__ = ["page"]

STYLE = """
:root{color-scheme:light dark;--ink:#222;--paper:#fff;--faint:#595959;--line:#ddd;--link:#0b5394;
--pass:#00663d;--fail:#a03000;--todo:#595959;--note:#fff4d6;--track:#eee}
@media (prefers-color-scheme:dark){:root{--ink:#ddd;--paper:#181818;--faint:#aaa;--line:#444;
--link:#8ab8ff;--pass:#5fd3a0;--fail:#ff9d6b;--todo:#aaa;--note:#3a3115;--track:#2c2c2c}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;
color:var(--ink);background:var(--paper);overflow-wrap:anywhere}
a{color:var(--link)}h1,h2,h3{line-height:1.25}h2{margin-top:2.5rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}
nav a{display:inline-block;padding:.3rem 0}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
td,th{padding:.35rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);
font-weight:inherit;overflow-wrap:normal}thead th{font-weight:600}
.n{text-align:right;white-space:nowrap}
.pass td:first-child{color:var(--pass)}.fail td:first-child,p.fail{color:var(--fail)}
.todo td:first-child{color:var(--todo)}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.note{background:var(--note);padding:.6rem 1rem;border-left:4px solid var(--fail)}
figure{margin:.5rem 0 1rem}.bar{display:grid;grid-template-columns:11rem 1fr 5.5rem;gap:.75rem;
align-items:center;margin:.2rem 0}.bar>:first-child{text-align:right}
.track{background:var(--track);height:1rem}.track i{display:block;height:100%;min-width:2px;
background:var(--todo)}.track .pass{background:var(--pass)}.track .fail{background:var(--fail)}
.why{margin:0 0 .7rem 11.75rem;color:var(--faint)}
details{border-top:1px solid var(--line)}summary{cursor:pointer;padding:.5rem 0}
@media (max-width:40rem){.bar{grid-template-columns:1fr 5.5rem;gap:0 .75rem}
.bar>:first-child{grid-column:1/-1;text-align:left}.why{margin-left:0}
.fixed{table-layout:fixed}.fixed td,.fixed th{padding:.35rem .2rem;overflow-wrap:anywhere;
white-space:normal}.tasks th:nth-child(1){width:8%}.tasks th:nth-child(2){width:30%}
.tasks th:nth-child(3){width:17%}}
"""


def page(title, body, lang=None):
    """A whole HTML page in `lang`."""
    shown, lang = html.escape(title), {"zh": "zh-CN"}.get(lang or language.current(), "en")
    head = f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
    head += '<meta name="viewport" content="width=device-width,initial-scale=1">'
    head += '<link rel="icon" href="data:,">'  # or the browser asks for one that is not there
    head += f"<title>{shown}</title><style>{STYLE}</style></head>"
    return f"{head}<body><main><h1>{shown}</h1>\n{body}\n</main></body></html>\n"
