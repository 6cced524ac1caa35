"""Makes one self-contained page of a report: no script, nothing fetched, light and dark.

Holds figures, names and commit ids; no code of the author. Takes the report as plain values.
"""

from html import escape
from typing import Any

from penchant_trainer.replay.charts import Bar, bars, differences
from penchant_trainer.replay.report import FIGURES, Figure
from penchant_trainer.replay.table import maybe, mean, spread, steps

DRAWN = ("exact", "similarity", "accepted", "retained")
SCALES = {"percent": (100, 1), "share": (1, 3), "number": (1, 1)}

_STYLE = """
:root{color-scheme:light dark;--back:#fbfbf9;--text:#22252a;--soft:#6a7079;--line:#d9dbd6;
--card:#fff;--own:#2f6fb0;--muted:#a9aeb5;--whisker:#22252a}
@media(prefers-color-scheme:dark){:root{--back:#15171a;--text:#e4e6e9;--soft:#9aa1ab;--line:#33383f;
--card:#1c1f24;--own:#6ba6e0;--muted:#565d67;--whisker:#e4e6e9}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:62rem;background:var(--back);
color:var(--text);font:15px/1.55 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}
h3{font-size:.95rem;margin:0 0 .4rem}
p,li{max-width:46rem}.soft{color:var(--soft)}
.wide{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px;
padding:.4rem .8rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(24rem,1fr));gap:1rem}
.plots>div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.85rem}
th,td{text-align:right;padding:.35rem .5rem;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left}tr:last-child td{border-bottom:0}
th{color:var(--soft);font-weight:600}
svg{width:100%;height:auto;display:block}svg text{fill:var(--text);font-size:13px}
svg .end{text-anchor:end}svg .value{fill:var(--soft)}
svg .own{fill:var(--own)}svg .muted{fill:var(--muted)}
svg .whisker{stroke:var(--whisker);fill:none;stroke-width:1.4}svg .zero{stroke:var(--line)}
"""


def page(report: dict[str, Any]) -> str:
    """Return the whole page as HTML."""
    way = report["journey"]
    title = f"Replay of {report['repository']}"
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">{escape(_subtitle(report))}</p>',
        f"<p>{escape(_told(way))}</p>",
        _warning(report),
        "<h2>What is written on the author’s future</h2>",
        _plots(report),
        '<p class="soft">Grey: controls, which should not win. Lines: 95 % intervals.</p>',
        "<h2>Differences in edit similarity</h2>",
        f'<div class="plots"><div>{_forest(report)}</div></div>',
        "<h2>In words</h2>",
        _list([*report["sentences"], *_left_out(report), _limit(report)]),
        "<h2>Every figure</h2>",
        _figures(report),
        "<h2>Differences, with 95 % intervals</h2>",
        _comparisons(report),
        "<h2>How it was measured</h2>",
        _list(_method(report)),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _subtitle(report: dict[str, Any]) -> str:
    return (
        f"{', '.join(report['authors'])} up to {report['head'][:12]} · {report['base_model']} "
        f"({report['base_fingerprint']}) · {report['device']} · effort "
        f"{report['recipe']['effort']} · seed {report['seed']} · penchant {report['penchant']}"
    )


def _told(way: dict[str, Any]) -> str:
    return (
        f"Learned from {way['past']} places of {way['from']} to {way['border']}; measured on "
        f"{way['future']} later places of {way['future_commits']} commits, up to {way['to']}. "
        f"{way['purged']} later places ({way['purge_rate']:.0%}) nearly repeated an earlier one "
        "and were left out."
    )


def _warning(report: dict[str, Any]) -> str:
    if report["enough_commits"]:
        return ""
    return (
        "<p><strong>Too few commits to measure on: the intervals are narrower than the truth."
        "</strong></p>"
    )


def _climbed(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [rung for rung in report["rungs"] if "figures" in rung]


def _plots(report: dict[str, Any]) -> str:
    known = {figure.key: figure for figure in FIGURES}
    drawn = []
    for key in DRAWN:
        figure = known[key]
        rows = [
            _bar(
                rung["name"],
                rung["figures"][key],
                mean(rung, key, figure.style),
                muted=rung["control"],
            )
            for rung in _climbed(report)
        ]
        drawn.append(f"<div><h3>{escape(figure.title)}</h3>{bars(figure.title, rows)}</div>")
    return f'<div class="plots">{"".join(drawn)}</div>'


def _forest(report: dict[str, Any]) -> str:
    rows = [
        _bar(
            f"{each['rung']} – {each['against']}",
            each["differences"]["similarity"],
            spread(each["differences"]["similarity"], 1, 3),
            muted=each["why"] == "control",
        )
        for each in report["comparisons"]
    ]
    return differences("Differences in edit similarity with 95 % intervals", rows)


def _bar(name: str, interval: dict[str, float], written: str, *, muted: bool) -> Bar:
    return Bar(name, interval["mean"], interval["low"], interval["high"], written, muted)


def _figures(report: dict[str, Any]) -> str:
    rungs = _climbed(report)
    rows = [["", *(rung["name"] + ("*" if rung["control"] else "") for rung in rungs)]]
    for figure in FIGURES:
        cells = (mean(rung, figure.key, figure.style) for rung in rungs)
        rows.append([figure.title, *cells])
    rows.append(["length ratio", *(f"{r['figures']['length']['mean']:.2f}" for r in rungs)])
    rows += [
        [f"distinct-{n}", *(f"{r['distinct'][n]:.2f}" for r in rungs)] for n in ("1", "2", "3")
    ]
    rows.append(["pairs ranked rightly", *(_pairs(rung) for rung in rungs)])
    rows.append(["chosen, nats per token", *(maybe(r["chosen_logp"]) for r in rungs)])
    rows.append(["KL from base, nats per token", *(maybe(r["kl"]) for r in rungs)])
    rows.append(["neutral perplexity", *(f"{r['perplexity']:.2f}" for r in rungs)])
    rows.append(["steps", *(steps(rung) for rung in rungs)])
    return _table(rows) + '<p class="soft">* a control, which should not win</p>'


def _comparisons(report: dict[str, Any]) -> str:
    rows = [["", "gained / lost", "odds ratio", "p", "p, Holm", *(f.title for f in FIGURES)]]
    for each in report["comparisons"]:
        test = each["mcnemar"]
        rows.append(
            [
                f"{each['rung']} – {each['against']}",
                f"{test['gained']} / {test['lost']}",
                "∞" if test["odds"] is None else f"{test['odds']:.2f}",
                f"{test['p']:.3g}",
                f"{each['p_holm']:.3g}",
                *(_difference(each, figure) for figure in FIGURES),
            ]
        )
    return _table(rows)


def _difference(each: dict[str, Any], figure: Figure) -> str:
    known = each["judged"].get(figure.key, 1)
    return spread(each["differences"][figure.key], *SCALES[figure.style]) if known else "–"


def _method(report: dict[str, Any]) -> list[str]:
    policy = report["policy"]
    return [
        "No prompt holds a line that was written later than its moment.",
        "Quality is compared over as many lines as the author wrote; acceptance, retained "
        "characters and keystrokes are judged on the suggestion as it is shown.",
        f"The author accepts what is right as far as it goes (from {policy['accept_chars']} "
        f"characters), mends what is at least {policy['edit_similarity']:.0%} alike, and types "
        f"over the rest; accepting costs {policy['accept_keys']} key.",
        "Exact matches are compared by McNemar’s exact test, corrected after Holm; intervals are "
        "paired bootstraps by commit, file and place.",
        "Statements that read as harmless were tried in a sandbox, where the author’s own run."
        if report["executed"]
        else "Nothing of the code was run.",
    ]


def _left_out(report: dict[str, Any]) -> list[str]:
    skipped = [rung for rung in report["rungs"] if "skipped" in rung]
    return [f"{rung['name']} was left out: {rung['skipped']}" for rung in skipped]


def _limit(report: dict[str, Any]) -> str:
    limit = report["detectable"]
    return (
        f"{limit['places']} places can show a gain of about {100 * limit['gain']:.1f} points of "
        "exact matches (80 % power); what is smaller stays unseen"
    )


def _pairs(rung: dict[str, Any]) -> str:
    found = rung["pair_accuracy"]
    return f"{100 * found['mean']:.0f} % of {rung['pairs']}" if found else "–"


def _list(lines: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}.</li>' for line in lines)}</ul>".replace("..<", ".<")


def _table(rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:]
    )
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'
