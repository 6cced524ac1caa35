// Built from vscode-extension/view by npm run build; sources 1b7b7ec0eae36d7f857c4d9305c91abeb1599136b36b48e557dfaed0d1989bd2
"use strict";
(() => {
  // view/contract.ts
  function parseDashboard(value) {
    const raw = record(value);
    if (!raw || !record(raw["local"])) return void 0;
    return {
      local: local(object(raw["local"])),
      live: record(raw["live"]) ? live(object(raw["live"])) : null,
      liveProblem: text(raw["liveProblem"]),
      editor: record(raw["editor"]) ? editor(object(raw["editor"])) : null
    };
  }
  function parseSamples(value) {
    const raw = record(value);
    if (!raw || !Array.isArray(raw["samples"])) return void 0;
    return { adapter: text(raw["adapter"]), version: text(raw["version"]), samples: list(raw["samples"]).map(sample) };
  }
  function local(raw) {
    const consent = object(raw["consent"]), storage = object(raw["storage"]), rebuild = record(raw["rebuild"]);
    return {
      at: number(raw["at"]),
      developer: said(raw["developer"]),
      statistics: statistics(object(raw["statistics"])),
      runs: list(raw["runs"]).map(run),
      rebuild: rebuild ? { at: number(rebuild["at"]), reason: said(rebuild["reason"]) } : null,
      words: Object.fromEntries(Object.entries(object(consent["words"])).map(([level, words]) => [level, said(words)])),
      decisions: list(consent["workspaces"]).map(decision),
      signalLog: said(storage["signal_log"]),
      logExists: storage["exists"] === true,
      retentionDays: number(storage["retention_days"])
    };
  }
  function statistics(raw) {
    return {
      today: figures(object(raw["today"])),
      month: figures(object(raw["month"])),
      days: list(raw["days"]).map((day) => ({ ...figures(day), day: said(day["day"]) })),
      versions: list(raw["versions"]).map((each) => ({ ...figures(each), name: said(each["name"]) })),
      signals: number(raw["signals"]),
      problem: text(raw["problem"])
    };
  }
  function figures(raw) {
    return {
      shown: number(raw["shown"]),
      accepted: number(raw["accepted"]),
      rejected: number(raw["rejected"]),
      retainedChars: number(raw["retained_chars"]),
      keystrokesSaved: number(raw["keystrokes_saved"])
    };
  }
  function run(raw) {
    return {
      id: said(raw["id"]),
      status: said(raw["status"]),
      phase: said(raw["phase"]),
      started: number(raw["started"]),
      updated: number(raw["updated"]),
      version: said(raw["version"]),
      reasons: texts(raw["reasons"])
    };
  }
  function decision(raw) {
    return { workspace: said(raw["workspace"]), level: said(raw["level"]), at: number(raw["at"]), via: said(raw["via"]) };
  }
  function live(raw) {
    const engine = object(raw["engine"]), serving = object(raw["serving"]), training2 = record(raw["training"]);
    return {
      engine: { kind: said(engine["kind"]), state: said(engine["state"]), reason: text(engine["reason"]) },
      baseModel: said(raw["base_model"]),
      adapter: text(serving["adapter"]),
      version: text(serving["version"]),
      fallback: text(serving["fallback"]),
      training: training2 && said(training2["phase"]) ? { phase: said(training2["phase"]), progress: Math.min(1, number(training2["progress"])) } : null,
      adapters: list(raw["adapters"]).map(owner)
    };
  }
  function owner(raw) {
    return {
      owner: said(raw["owner"]),
      live: text(raw["live"]),
      since: number(raw["since"]),
      why: said(raw["why"]),
      refused: text(raw["refused"]),
      canRollBack: raw["can_roll_back"] === true,
      back: text(raw["back"]),
      versions: list(raw["versions"]).map(version)
    };
  }
  function version(raw) {
    const withdrawn = record(raw["withdrawn"]);
    return {
      version: said(raw["version"]),
      createdAt: number(raw["created_at"]),
      method: said(raw["method"]),
      parent: text(raw["parent"]),
      signals: number(raw["signals"]),
      trainedOn: number(object(raw["data"])["train"]),
      before: measured(raw["before"]),
      after: measured(raw["after"]),
      reasons: texts(raw["reasons"]),
      sentences: texts(raw["sentences"]),
      withdrawn: withdrawn ? { at: number(withdrawn["at"]), reason: said(withdrawn["reason"]) } : null
    };
  }
  function measured(value) {
    const raw = record(value);
    if (!raw) return null;
    return {
      n: number(raw["n"]),
      similarity: known(raw["similarity"]),
      retainedChars: known(raw["retained_chars"]),
      parses: known(raw["parses"]),
      perplexity: known(raw["perplexity"])
    };
  }
  function editor(raw) {
    return {
      workspace: said(raw["workspace"]),
      folder: said(raw["folder"]),
      trusted: raw["trusted"] !== false,
      consent: said(raw["consent"]) || "off",
      paused: raw["paused"] === true,
      lastError: text(raw["lastError"]),
      dropped: number(raw["dropped"])
    };
  }
  function sample(raw) {
    return { title: said(raw["title"]), prefix: said(raw["prefix"]), suffix: said(raw["suffix"]), before: said(raw["before"]), after: typeof raw["after"] === "string" ? raw["after"] : null };
  }
  function record(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : void 0;
  }
  var object = (value) => record(value) ?? {};
  var list = (value) => Array.isArray(value) ? value.map(object) : [];
  var texts = (value) => Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  var text = (value) => typeof value === "string" && value !== "" ? value : null;
  var said = (value) => text(value) ?? "";
  var known = (value) => typeof value === "number" && Number.isFinite(value) ? value : null;
  var number = (value) => Math.max(0, known(value) ?? 0);

  // view/dom.ts
  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    dress(element, attributes);
    append(element, children);
    return element;
  }
  function s(tag, attributes = {}, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    dress(element, attributes);
    append(element, children);
    return element;
  }
  function prose(text2) {
    return text2.split(/`([^`]+)`/).map((part, place) => place % 2 ? h("code", {}, part) : part);
  }
  function dress(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== null && value !== void 0 && value !== false) element.setAttribute(name, String(value));
    }
  }
  function append(element, children) {
    for (const child of children) if (child !== null && child !== void 0 && child !== false && child !== "") element.append(child);
  }
  function replace(holder, fresh) {
    const active = document.activeElement;
    const inside = active instanceof HTMLElement && holder.contains(active);
    const keys = inside ? [active.dataset["key"], active.dataset["back"]] : [];
    holder.replaceChildren();
    append(holder, fresh);
    if (!inside) return;
    const all = [...holder.querySelectorAll("[data-key]")];
    const kept2 = keys.map((key) => key && all.find((each) => each.dataset["key"] === key)).find(Boolean);
    const wanted = holder.querySelector("[data-focus]") ?? (kept2 || holder.querySelector("button, summary, input"));
    wanted?.focus({ preventScroll: true });
  }

  // view/words.ts
  var whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  var MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  var count = (value) => whole.format(value);
  function counted(value, one, many = `${one}s`) {
    return `${count(value)} ${value === 1 ? one : many}`;
  }
  function percent(share) {
    const value = share * 100;
    const nearEdge = value > 0 && value < 1 || value > 99 && value < 100;
    return `${nearEdge ? value.toFixed(1) : Math.round(value)} %`;
  }
  var shareOf = (part, all) => all > 0 ? percent(part / all) : "–";
  var oneDigit = (value) => value.toFixed(1);
  function shortDay(day) {
    const [, month, date] = day.split("-").map(Number);
    const name = month === void 0 ? void 0 : MONTHS[month - 1];
    return name && date ? `${date} ${name}` : day;
  }
  function moment(seconds) {
    if (!seconds) return "at an unknown time";
    const at = new Date(seconds * 1e3);
    const two = (value) => String(value).padStart(2, "0");
    return `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}, ${two(at.getHours())}:${two(at.getMinutes())}`;
  }
  function duration(seconds) {
    const minutes = Math.round(seconds / 60);
    if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
    if (minutes < 60) return `${minutes} min`;
    return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
  }
  var METHODS = { sft: "SFT", dpo: "DPO", kto: "KTO", grpo: "GRPO", ppo: "PPO" };
  function method(name) {
    return name.split("+").map((part) => METHODS[part] ?? part).join(", then ");
  }
  var PHASES = {
    waiting: "waiting",
    due: "waiting for an idle device",
    collect: "collecting signals",
    split: "setting signals aside for the test",
    train_sft: "training (SFT)",
    judge_pairs: "asking the judge",
    train_dpo: "training (DPO)",
    train_kto: "training (KTO)",
    train_reward: "training the reward model",
    train_grpo: "training (GRPO)",
    train_ppo: "training (PPO)",
    evaluate: "writing held-out places",
    gate: "deciding",
    publish: "publishing",
    done: "done"
  };
  var phase = (name) => PHASES[name] ?? (name || "starting");

  // view/model.ts
  var METRICS = [
    { metric: "suggestions", label: "Suggestions" },
    { metric: "kept", label: "Kept per suggestion" },
    { metric: "keystrokes", label: "Keystrokes saved" }
  ];
  var MOST_LINES = 8;
  function shortened(written) {
    const lines = written.trimEnd().split("\n");
    return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), "…"].join("\n") : lines.join("\n") || "(nothing)";
  }
  var CHARS = "characters";
  var nothingShown = "Nothing yet. Suggestions are counted where you have said that they may be recorded.";
  function headline({ live: live2, liveProblem, editor: editor2 }) {
    if (!live2) return { mood: "bad", words: "No gateway answers", detail: liveProblem ?? "Start it with `penchant up`." };
    if (live2.engine.state !== "ready") {
      return { mood: "quiet", words: `The engine is ${live2.engine.state}`, detail: live2.engine.reason ?? "Suggestions come as soon as it is ready." };
    }
    const paused = editor2?.paused ? "Suggestions are paused in this editor. " : "";
    const training2 = live2.training ? ` · a run is ${phase(live2.training.phase)}, ${percent(live2.training.progress)}` : "";
    const engine = `${live2.baseModel}, ${live2.engine.kind} engine${training2}`;
    if (!live2.adapter) return { mood: "quiet", words: "The base model answers", detail: `${paused}${engine}` };
    return { mood: "good", words: `${live2.adapter} ${live2.version} answers`, detail: `${paused}On ${engine}` };
  }
  function notices({ local: local2, live: live2, editor: editor2 }) {
    const bad = [editor2?.lastError, local2.statistics.problem, live2?.fallback, ...(live2?.adapters ?? []).map((each) => each.refused && `${each.owner} ${each.live ?? ""} does not serve: ${each.refused}`)];
    const quiet = [
      editor2 && !editor2.trusted ? "This folder is not trusted: nothing is recorded in it." : null,
      local2.rebuild ? `A rebuild without what was erased is due${local2.rebuild.reason ? ` (${local2.rebuild.reason})` : ""}: \`penchant up\` does it, or \`penchant train --once\`.` : null,
      editor2?.dropped ? `${counted(editor2.dropped, "signal was", "signals were")} not recorded in this session.` : null
    ];
    const said2 = (mood, words) => [...new Set(words.filter((each) => typeof each === "string" && each !== ""))].map((each) => ({ mood, words: String(each) }));
    return [...said2("bad", bad), ...said2("quiet", quiet)];
  }
  function figureRows({ local: local2 }) {
    const sides = [local2.statistics.today, local2.statistics.month];
    const row = (label, hint, words) => ({ label, hint, cells: sides.map(words) });
    return [
      row("Suggestions shown", "suggestions whose outcome is known", (each) => count(each.shown)),
      row("Accepted", "wholly or in part", (each) => count(each.accepted)),
      row("Accepted, of those shown", "the share", (each) => shareOf(each.accepted, each.shown)),
      row("Characters kept per suggestion", "of each suggestion shown, what was still there when it settled", (each) => each.shown ? oneDigit(kept(each)) : "–"),
      row("Keystrokes saved", "kept characters that you did not type, less one key for each acceptance", (each) => count(each.keystrokesSaved))
    ];
  }
  var kept = (each) => each.shown ? each.retainedChars / each.shown : 0;
  function chart({ local: local2 }, metric) {
    const { days, month } = local2.statistics;
    const drawn = {
      suggestions: {
        title: "Suggestions by day",
        unit: "suggestions",
        bar: (day) => ({ value: day.shown, strong: day.accepted, words: `${counted(day.shown, "suggestion")} shown, ${count(day.accepted)} accepted` }),
        summary: `${count(month.shown)} shown and ${count(month.accepted)} accepted in 30 days`
      },
      kept: {
        title: "Characters kept per suggestion, by day",
        unit: CHARS,
        bar: (day) => ({ value: kept(day), strong: kept(day), words: day.shown ? `${oneDigit(kept(day))} characters kept per suggestion` : "no suggestion" }),
        summary: `${oneDigit(kept(month))} characters per suggestion over 30 days`
      },
      keystrokes: {
        title: "Keystrokes saved by day",
        unit: "keystrokes",
        bar: (day) => ({ value: day.keystrokesSaved, strong: day.keystrokesSaved, words: `${counted(day.keystrokesSaved, "keystroke")} saved` }),
        summary: `${count(month.keystrokesSaved)} keystrokes saved in 30 days`
      }
    };
    const { title, unit, bar, summary } = drawn[metric];
    const bars = days.map((day) => ({ ...bar(day), label: shortDay(day.day) }));
    return { title, unit, summary, bars, most: niceMost(Math.max(0, ...bars.map((each) => each.value))) };
  }
  function niceMost(value) {
    if (!(value > 0)) return 1;
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 5, 10].map((step) => step * power).find((end) => end >= value) ?? 10 * power;
  }
  function versionBars({ local: local2, live: live2 }) {
    const answers = live2?.adapter ? `${live2.adapter}/${live2.version}` : "base";
    return local2.statistics.versions.map((each) => ({
      name: each.name === "base" ? "base model" : each.name.replace(/\/(?=v\d)/, " "),
      live: live2 !== null && each.name === answers,
      kept: kept(each),
      words: `${oneDigit(kept(each))} characters kept per suggestion; ${shareOf(each.accepted, each.shown)} of ${count(each.shown)} accepted`
    }));
  }
  function owners({ live: live2 }) {
    return (live2?.adapters ?? []).filter((each) => each.versions.length > 0 || each.owner.startsWith("dev/")).map((each) => ({ owner: each.owner, live: liveWords(each), versions: each.versions.map((version2) => versionView(each, version2)) }));
  }
  function liveWords(owner2) {
    if (!owner2.versions.length) return "";
    const since = owner2.since ? `since ${moment(owner2.since)}` : "";
    const why = owner2.why ? ` (${owner2.why})` : "";
    return owner2.live ? `${owner2.live} is live ${since}${why}` : `The base model is live ${since}${why}`.trim();
  }
  function versionView(owner2, version2) {
    const live2 = owner2.live === version2.version;
    return {
      key: `${owner2.owner}/${version2.version}`,
      version: version2.version,
      badge: version2.withdrawn ? "withdrawn" : live2 ? "live" : "",
      about: [method(version2.method), moment(version2.createdAt), version2.signals ? `from ${counted(version2.signals, "signal")}` : ""].filter(Boolean).join(" · "),
      comparison: comparison(version2.before, version2.after),
      comparedWith: version2.parent ?? "base model",
      learned: version2.sentences,
      reasons: version2.reasons,
      withdrawn: version2.withdrawn ? `Withdrawn ${moment(version2.withdrawn.at)}: ${version2.withdrawn.reason}` : "",
      presses: presses(owner2, version2, live2)
    };
  }
  function presses(owner2, { version: version2, withdrawn }, live2) {
    const about = { owner: owner2.owner, version: version2 };
    if (withdrawn) return [];
    if (!live2) return [{ ...about, kind: "promote", label: "Use this version", question: `Make ${version2} of ${owner2.owner} live?`, yes: `Use ${version2}` }];
    const back = owner2.back ?? "the base model";
    return owner2.canRollBack ? [{ ...about, kind: "rollback", label: `Go back to ${back}`, question: `Take ${version2} off and make ${back} live?`, yes: `Go back to ${back}` }] : [];
  }
  function comparison(before, after) {
    if (!after) return [];
    const row = (label, hint, pick, words) => {
      const values = [before && pick(before), pick(after)];
      return values[1] === null ? [] : [{ label, hint, cells: values.map((value) => value === null ? "–" : words(value)) }];
    };
    return [
      ...row("Like your text", "mean edit similarity to what you wrote, 100 % is equal", (each) => each.similarity, percent),
      ...row("Characters you would keep", "per suggestion", (each) => each.retainedChars, oneDigit),
      ...row("Parses", "share of completions that parse where they stand", (each) => each.parses, percent),
      ...row("Perplexity", "of neutral code: a rise is forgetting", (each) => each.perplexity, (value) => value.toFixed(2)),
      { label: "Held-out places", hint: "how many places were judged", cells: ["", count(after.n)] }
    ];
  }
  var RUN_WORDS = {
    published: { words: "published", mood: "good" },
    refused: { words: "refused by the gate", mood: "quiet" },
    failed: { words: "failed", mood: "bad" },
    abandoned: { words: "given up", mood: "quiet" },
    stopped: { words: "ended at a limit", mood: "bad" },
    running: { words: "not finished", mood: "quiet" }
  };
  function runs({ local: local2 }) {
    return local2.runs.map((run2) => {
      const { words, mood } = RUN_WORDS[run2.status] ?? { words: run2.status, mood: "quiet" };
      const took = run2.updated > run2.started ? `, ${duration(run2.updated - run2.started)}` : "";
      const where = run2.status === "running" ? ` after “${phase(run2.phase)}”` : "";
      return { key: run2.id, title: `${words}${run2.version ? ` as ${run2.version}` : ""}${where}`, mood, about: `${moment(run2.started)}${took}`, reasons: run2.reasons };
    });
  }
  function trainingSpoken(live2) {
    if (!live2?.training) return "";
    return `A run is ${phase(live2.training.phase)}, about ${Math.floor(live2.training.progress * 10) * 10} %`;
  }
  function nextStep({ local: local2, live: live2 }) {
    const none = !live2?.adapters.some((each) => each.versions.length);
    if (!none) return "";
    if (!local2.decisions.some((each) => each.level !== "off")) return "There is no version yet, because nothing is recorded. Choose what may be recorded first; or learn from your own commits: `penchant bootstrap .`";
    return `There is no version yet. ${counted(local2.statistics.signals, "signal is", "signals are")} recorded; \`penchant up\` trains by itself when there are enough, and \`penchant train --once\` says how many are missing.`;
  }

  // view/chartView.ts
  var HEIGHT = 150;
  var LEFT = 34;
  var TOP = 8;
  var BOTTOM = 20;
  var GAP = 0.25;
  function chartView(chart2, width, tableOpen, onTable) {
    return h(
      "figure",
      {},
      h("figcaption", {}, `${chart2.title}: ${chart2.summary}`),
      picture(chart2, width),
      h(
        "details",
        { open: tableOpen, ontoggle: (event) => onTable(event.currentTarget.open) },
        h("summary", { "data-key": "chart-table" }, "As a table"),
        table(chart2)
      )
    );
  }
  function picture({ bars, most, title, summary, unit }, whole2) {
    const height = HEIGHT - TOP - BOTTOM, step = (whole2 - LEFT) / Math.max(1, bars.length);
    const y = (value) => TOP + height * (1 - value / most);
    const lines = [0, most / 2, most].map(
      (value) => s(
        "g",
        { class: value ? "grid" : "grid zero" },
        s("line", { x1: LEFT, x2: whole2, y1: y(value), y2: y(value) }),
        s("text", { x: LEFT - 5, y: y(value) + 3.5, "text-anchor": "end" }, tick(value))
      )
    );
    const drawn = bars.map((bar, place) => {
      const x = LEFT + place * step + step * GAP / 2, width = step * (1 - GAP);
      const part = (value, kind) => value > 0 && s("rect", { class: kind, x: x.toFixed(2), width: width.toFixed(2), y: y(value).toFixed(2), height: (TOP + height - y(value)).toFixed(2), rx: 1 });
      return s(
        "g",
        { class: "bar" },
        s("title", {}, `${bar.label}: ${bar.words}`),
        s("rect", { class: "reach", x: LEFT + place * step, width: step, y: TOP, height }),
        part(bar.value, "all"),
        part(bar.strong, "strong")
      );
    });
    const named = [0, Math.floor(bars.length / 2), bars.length - 1].filter((place) => bars[place]);
    const days = named.map(
      (place, index) => s("text", { class: "day", x: index === 2 ? whole2 : LEFT + (place + 0.5) * step, y: HEIGHT - 4, "text-anchor": index === 2 ? "end" : index ? "middle" : "start" }, bars[place]?.label ?? "")
    );
    return s("svg", { viewBox: `0 0 ${whole2} ${HEIGHT}`, role: "img", "aria-label": `${title}. ${summary}. The axis ends at ${tick(most)} ${unit}.`, class: "chart" }, ...lines, ...drawn, ...days);
  }
  function tick(value) {
    if (value >= 1e4) return `${Math.round(value / 1e3)}k`;
    return Number.isInteger(value) ? String(value) : oneDigit(value);
  }
  function table({ bars, title }) {
    const rows = [...bars].reverse().map((bar) => h("tr", {}, h("th", { scope: "row" }, bar.label), h("td", {}, bar.words)));
    return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, h("table", {}, h("tbody", {}, ...rows)));
  }

  // view/sections.ts
  function top({ now, inEditor }, calls) {
    const { mood, words, detail } = headline(now);
    const paused = now.editor?.paused;
    return [
      h("p", { class: `headline ${mood}` }, h("span", { class: "dot", "aria-hidden": "true" }), h("strong", {}, words)),
      h("p", { class: "detail" }, ...prose(detail)),
      ...notices(now).map(({ mood: kind, words: said2 }) => h("p", { class: `notice ${kind}` }, ...prose(said2))),
      inEditor && h(
        "p",
        { class: "buttons" },
        button("pause", paused ? "Resume suggestions" : "Pause suggestions", () => calls.run("pause")),
        now.live && button("browser", "Open in browser", () => calls.run("browser"))
      )
    ];
  }
  function suggestions(use, calls) {
    const { now, metric } = use;
    const bars = versionBars(now);
    const empty = now.local.statistics.signals === 0 && !now.local.statistics.problem;
    return [
      h(
        "table",
        { class: "figures" },
        h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, "Today"), h("th", { scope: "col" }, "30 days"))),
        h("tbody", {}, ...figureRows(now).map(figureRow))
      ),
      empty ? h("p", { class: "empty" }, nothingShown) : h(
        "div",
        { class: "plots" },
        h(
          "div",
          {},
          h("fieldset", { class: "choice" }, h("legend", {}, "By day"), ...METRICS.map((each) => radio(each.metric, each.label, metric, calls))),
          chartView(chart(now, metric), use.width, use.open.get("chart-table") ?? false, (open) => calls.unfold("chart-table", open))
        ),
        bars.length > 0 && h("div", {}, h("h3", {}, "By version, of all that is stored"), versionList(bars))
      )
    ];
  }
  function figureRow({ label, hint, cells }) {
    return h("tr", {}, h("th", { scope: "row", title: hint }, label), ...cells.map((cell) => h("td", {}, cell)));
  }
  function radio(metric, label, chosen, calls) {
    const input = h("input", { type: "radio", name: "metric", value: metric, "data-key": `metric-${metric}`, onchange: () => calls.choose(metric) });
    input.checked = metric === chosen;
    return h("label", {}, input, h("span", {}, label));
  }
  function versionList(bars) {
    const most = Math.max(...bars.map((each) => each.kept), 1e-3);
    return h(
      "ul",
      { class: "bars" },
      ...bars.map(
        (each) => h(
          "li",
          {},
          h("span", { class: "name" }, each.name, each.live && h("span", { class: "badge live" }, "answers now")),
          s("svg", { class: "meter", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" }, s("rect", { class: "all", width: 100, height: 6 }), s("rect", { class: "strong", width: (100 * each.kept / most).toFixed(1), height: 6 })),
          h("span", { class: "detail" }, each.words)
        )
      )
    );
  }
  function versions(use, calls) {
    const { now } = use;
    if (!now.live) return [h("p", { class: "empty" }, ...prose("Versions are listed while the gateway runs: `penchant up`. Without it: `penchant adapters list`."))];
    const next = nextStep(now);
    return [
      next && h("p", { class: "empty" }, ...prose(next)),
      ...owners(now).filter((each) => each.versions.length).flatMap((owner2) => [h("h3", {}, owner2.owner), h("p", { class: "detail" }, owner2.live), ...owner2.versions.map((version2) => versionCard(version2, use, calls))])
    ];
  }
  function versionCard(version2, use, calls) {
    return fold(
      use,
      calls,
      version2.key,
      version2.badge === "live",
      [h("strong", {}, version2.version), version2.badge && h("span", { class: `badge ${version2.badge}` }, version2.badge), h("span", { class: "detail" }, version2.about)],
      version2.withdrawn && h("p", { class: "notice quiet" }, version2.withdrawn),
      version2.comparison.length > 0 && h(
        "table",
        { class: "figures small" },
        h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, version2.comparedWith), h("th", { scope: "col" }, version2.version))),
        h("tbody", {}, ...version2.comparison.map(figureRow))
      ),
      version2.learned.length > 0 && listed("What it learned", version2.learned),
      version2.reasons.length > 0 && listed("Why the gate let it pass", version2.reasons),
      ...version2.presses.map((press) => pressed(press, version2.key, use, calls))
    );
  }
  function pressed(press, key, use, calls) {
    const name = `${key}/${press.kind}`;
    if (use.asking !== name) return h("p", { class: "buttons" }, button(name, press.label, () => calls.ask(name), use.busy));
    return h(
      "p",
      { class: "buttons asking", role: "group", "aria-label": press.question },
      h("span", {}, press.question),
      h("button", { type: "button", class: "main", "data-key": `${name}/yes`, "data-back": name, "data-focus": true, disabled: use.busy, onclick: () => calls.act(press) }, press.yes),
      button(name, "Cancel", () => calls.ask(""), use.busy)
    );
  }
  function beforeAndAfter(use, calls) {
    const { samples, now } = use;
    if (!now.live?.adapter) return [];
    const about = h("p", { class: "detail" }, `At four places that are not yours, what the base model writes and what ${now.live.adapter} ${now.live.version} writes. What you see is written now and kept nowhere.`);
    if (!samples || samples === "loading") {
      return [about, h("p", { class: "buttons" }, button("write", samples ? "Writing…" : "Write them now", () => calls.write(), samples === "loading"))];
    }
    return [
      about,
      ...samples.samples.map(
        (each) => h(
          "section",
          { class: "sample", "aria-label": each.title },
          h("h3", {}, each.title),
          h("div", { class: "pair" }, code("base model", each.prefix, each.before, each.suffix), code(samples.version ?? "version", each.prefix, each.after ?? "(the version did not answer)", each.suffix))
        )
      ),
      h("p", { class: "buttons" }, button("write", "Write them again", () => calls.write()))
    ];
  }
  function code(name, prefix, written, suffix) {
    return h("figure", {}, h("figcaption", {}, name), h("pre", { tabindex: 0, "aria-label": name }, h("span", { class: "around" }, prefix), h("mark", {}, shortened(written)), h("span", { class: "around" }, suffix.replace(/\n+$/, ""))));
  }
  function training(use, calls) {
    const found = runs(use.now), going = use.now.live?.training;
    const progress = going && [
      h("p", {}, h("strong", {}, "A run goes on"), `: ${phase(going.phase)}`),
      h("div", { class: "row" }, h("progress", { max: 1, value: going.progress, "aria-label": "Training" }), h("span", {}, percent(going.progress)))
    ];
    if (!found.length && !progress) return [h("p", { class: "empty" }, ...prose("No training run yet. `penchant up` starts one when there are enough signals."))];
    const past = found.map(
      (run2) => fold(use, calls, `run/${run2.key}`, false, [h("span", { class: `dot ${run2.mood}`, "aria-hidden": "true" }), h("strong", {}, run2.title), h("span", { class: "detail" }, run2.about)], run2.reasons.length ? listed("Reasons", run2.reasons) : h("p", { class: "detail" }, "No reason was written down."))
    );
    return [...progress ?? [], ...past];
  }
  function privacy(use, calls) {
    const { local: local2, editor: editor2 } = use.now;
    const erase = editor2 ? "penchant signals erase --workspace ." : "penchant signals erase --all";
    return [
      editor2 && h(
        "div",
        {},
        h("p", {}, "In ", editor2.folder ? h("strong", {}, editor2.folder) : "this window", `: ${editor2.consent}. ${local2.words[editor2.consent] ?? ""}`),
        h("p", { class: "buttons" }, button("consent", "Choose what is recorded…", () => calls.run("consent")), button("erase", "Erase what was recorded here…", () => calls.run("erase")))
      ),
      h(
        "p",
        {},
        local2.logExists ? `${counted(local2.statistics.signals, "signal")} on this machine, kept for ${counted(local2.retentionDays, "day")}: code around the cursor, what was suggested, and what became of it.` : "Nothing is stored on this machine."
      ),
      local2.logExists && h("p", { class: "detail path" }, local2.signalLog),
      decisions(use, calls),
      h("dl", { class: "commands" }, ...commands(erase).flatMap(([what, line]) => [h("dt", {}, what), h("dd", {}, h("code", {}, line), copier(line, calls))]))
    ];
  }
  function commands(erase) {
    return [
      ["See what is stored", "penchant signals show --last 20"],
      ["Take it with you", "penchant signals export mine.jsonl"],
      ["Record nothing any more, in this folder", "penchant consent withdraw"],
      ["Erase it, and what was learned from it", erase],
      ["Check every part", "penchant doctor"]
    ];
  }
  function decisions(use, calls) {
    const { decisions: found, words } = use.now.local;
    if (!found.length) return h("p", { class: "detail" }, "No workspace was decided about yet; without a yes nothing is recorded.");
    const here = use.now.editor?.workspace;
    const rows = found.map(
      (each) => h("tr", {}, h("th", { scope: "row" }, h("code", {}, each.workspace.slice(0, 8)), here === each.workspace && " (here)"), h("td", { title: words[each.level] ?? "" }, each.level), h("td", {}, moment(each.at)))
    );
    return fold(use, calls, "decisions", false, [`Decisions for ${counted(found.length, "workspace")}`], h("p", { class: "detail" }, "A workspace is known by a hash of its path."), h("table", {}, h("tbody", {}, ...rows)));
  }
  function fold(use, calls, key, openAtFirst, summary, ...body) {
    const open = use.open.get(key) ?? openAtFirst;
    const toggled = ({ currentTarget }) => {
      const now = currentTarget.open;
      if (now !== open || use.open.has(key)) calls.unfold(key, now);
    };
    return h("details", { class: "card", open, ontoggle: toggled }, h("summary", { "data-key": `fold/${key}` }, ...summary), ...body);
  }
  function listed(title, texts2) {
    return h("div", {}, h("h4", {}, title), h("ul", {}, ...texts2.map((text2) => h("li", {}, text2))));
  }
  function button(key, label, press, disabled = false) {
    return h("button", { type: "button", "data-key": key, disabled, onclick: press }, label);
  }
  function copier(line, calls) {
    return h("button", { type: "button", class: "quiet", "data-key": `copy/${line}`, "aria-label": `Copy: ${line}`, onclick: () => calls.copy(line) }, "Copy");
  }

  // view/app.ts
  var POLL_MS = 5e3;
  var TRAINING_POLL_MS = 2e3;
  var SPOKEN_MS = 6e3;
  var PARTS = [
    { id: "top", title: "", draw: top },
    { id: "suggestions", title: "Suggestions", draw: suggestions },
    { id: "versions", title: "Versions", draw: versions },
    { id: "samples", title: "Before and after", draw: beforeAndAfter },
    { id: "training", title: "Training", draw: training },
    { id: "privacy", title: "Privacy", draw: privacy }
  ];
  function chartWidth(root2) {
    const whole2 = Math.min(1080, root2.clientWidth || 300);
    const column = whole2 >= 736 ? whole2 * 0.57 : whole2 - 30;
    return Math.max(220, Math.round(column / 20) * 20);
  }
  var App = class {
    constructor(host2, root2) {
      this.host = host2;
      this.use = { metric: "suggestions", open: /* @__PURE__ */ new Map(), asking: "", busy: false, samples: void 0, inEditor: host2.inEditor, width: chartWidth(root2) };
      const heading = host2.inEditor ? null : h("header", {}, h("h1", {}, "Penchant"));
      replace(root2, [heading, this.trouble, this.main, this.speech]);
      replace(this.main, [h("p", { class: "loading" }, "Looking…")]);
    }
    host;
    use;
    holders = /* @__PURE__ */ new Map();
    speech = h("p", { class: "speech", role: "status", "aria-live": "polite" });
    trouble = h("p", { class: "notice bad", role: "alert", hidden: true });
    main = h("main", { "aria-busy": "true" });
    spoken = "";
    complaint = "";
    timer = 0;
    silence = 0;
    start() {
      document.addEventListener("visibilitychange", () => this.refresh());
      window.addEventListener("resize", () => this.resize());
      document.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.use.asking) this.ask("");
      });
      void this.refresh();
    }
    async refresh() {
      window.clearTimeout(this.timer);
      if (document.visibilityState === "hidden") return;
      this.take(await this.host.load());
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.refresh(), this.use.now?.live?.training ? TRAINING_POLL_MS : POLL_MS);
    }
    take(answer) {
      const found = answer.ok ? parseDashboard(answer.value) : void 0;
      if (found) {
        if (this.use.samples !== "loading" && found.live?.version !== this.use.now?.live?.version) this.use.samples = void 0;
        this.use.now = found;
        this.complain("");
        this.main.removeAttribute("aria-busy");
      } else {
        this.complain(answer.ok ? "What came is no dashboard. Restart `penchant up`, and load this page again." : answer.why);
        if (!this.use.now) replace(this.main, []);
        this.main.removeAttribute("aria-busy");
      }
      this.draw();
      this.speakTraining();
    }
    /** What was last known stays in view, paler, while there is no answer. */
    complain(words) {
      this.main.classList.toggle("stale", words !== "");
      if (this.complaint === words) return;
      this.complaint = words;
      replace(this.trouble, prose(words));
      this.trouble.hidden = words === "";
    }
    draw() {
      this.each((place, fresh, written) => {
        if (written === place.drawn) return;
        place.drawn = written;
        replace(place.holder, fresh);
      });
    }
    /** Takes what somebody unfolded as drawn: it is in view already. */
    unfolded(key, open) {
      this.use.open.set(key, open);
      this.each((place, _, written) => place.drawn = written);
    }
    each(take) {
      const { now } = this.use;
      if (!now) return;
      if (!this.holders.size) this.lay();
      const use = { ...this.use, now };
      for (const { id, draw } of PARTS) {
        const place = this.holders.get(id);
        if (!place) continue;
        const fresh = draw(use, this.calls);
        take(place, fresh, fresh.map((each) => each instanceof Element ? each.outerHTML : String(each)).join(""));
      }
    }
    lay() {
      const parts = PARTS.map(({ id, title }) => {
        const holder = h("div", {});
        this.holders.set(id, { holder, drawn: "" });
        if (!title) return h("div", { id, class: "part" }, holder);
        return h("section", { id, class: "part", "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), holder);
      });
      replace(this.main, parts);
    }
    calls = {
      choose: (metric) => this.change({ metric }),
      unfold: (key, open) => this.unfolded(key, open),
      ask: (key) => this.ask(key),
      act: (press) => void this.act(press),
      write: () => void this.write(),
      run: (command) => {
        this.host.run(command);
        window.setTimeout(() => void this.refresh(), 500);
      },
      copy: (text2) => void this.copy(text2)
    };
    resize() {
      const width = chartWidth(this.main);
      if (width !== this.use.width) this.change({ width });
    }
    ask(key) {
      this.change({ asking: key });
    }
    change(news) {
      Object.assign(this.use, news);
      this.draw();
    }
    async act(press) {
      if (this.use.busy) return;
      this.change({ busy: true });
      this.say(press.kind === "promote" ? `Loading ${press.version}…` : "Going back…");
      const answer = await this.host.act({ kind: press.kind, owner: press.owner, version: press.version });
      this.change({ busy: false, asking: "" });
      this.say(answer.ok ? "Done." : `Nothing was changed: ${answer.why}`);
      if (answer.ok) await this.refresh();
      else this.complain(`Nothing was changed: ${answer.why}`);
    }
    async write() {
      this.change({ samples: "loading" });
      const answer = await this.host.samples();
      const found = answer.ok ? parseSamples(answer.value) : void 0;
      this.change({ samples: found });
      if (found) this.say("Written.");
      else this.complain(answer.ok ? "No samples came." : answer.why);
    }
    async copy(text2) {
      const done = await navigator.clipboard.writeText(text2).then(() => true, () => false);
      this.say(done ? "Copied." : "It could not be copied; select it and copy it yourself.");
    }
    speakTraining() {
      const words = trainingSpoken(this.use.now?.live ?? null);
      const over = this.spoken !== "" && words === "";
      if (words !== this.spoken) this.say(over ? "The training run is over." : words);
      this.spoken = words;
    }
    /** Says it to a screen reader, and shows it at the foot for who looks. */
    say(words) {
      this.speech.textContent = words.replaceAll("`", "");
      window.clearTimeout(this.silence);
      this.silence = window.setTimeout(() => this.speech.textContent = "", SPOKEN_MS);
    }
  };

  // view/host.ts
  function findHost() {
    return typeof acquireVsCodeApi === "function" ? editorHost(acquireVsCodeApi()) : webHost();
  }
  var TOKEN = "x-penchant-token";
  var DOWN = "The gateway does not answer. Start it with `penchant up`; this page goes on by itself.";
  function webHost() {
    let token = "";
    const ask = async (path, method2) => {
      try {
        const answer = await fetch(path, { method: method2, headers: method2 === "POST" ? { [TOKEN]: token } : {}, cache: "no-store", redirect: "error" });
        token = answer.headers.get(TOKEN) ?? token;
        const value = await answer.json().catch(() => void 0);
        return answer.ok ? { ok: true, value } : { ok: false, why: refusal(value) ?? `The gateway answered ${answer.status}.` };
      } catch {
        return { ok: false, why: DOWN };
      }
    };
    return {
      inEditor: false,
      load: () => ask("/v1/dashboard", "GET"),
      act: ({ kind, owner: owner2, version: version2 }) => ask(kind === "rollback" ? `/v1/adapters/${owner2}/rollback` : `/v1/adapters/${owner2}/${version2}/promote`, "POST"),
      samples: () => ask("/v1/dashboard/samples", "POST"),
      run: () => void 0
    };
  }
  function refusal(value) {
    const error = value?.error;
    return typeof error?.message === "string" ? error.message : void 0;
  }
  function editorHost(api) {
    let last = 0;
    const waiting = /* @__PURE__ */ new Map();
    window.addEventListener("message", ({ data }) => {
      if (typeof data?.id !== "number" || !data.answer) return;
      waiting.get(data.id)?.(data.answer);
      waiting.delete(data.id);
    });
    const ask = (request) => new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      api.postMessage({ ...request, id: last });
    });
    return {
      inEditor: true,
      load: () => ask({ kind: "load" }),
      act: (action) => ask({ kind: "act", action }),
      samples: () => ask({ kind: "samples" }),
      run: (command) => api.postMessage({ kind: "run", command })
    };
  }

  // view/main.ts
  var root = document.getElementById("app");
  var host = findHost();
  document.body.classList.add(host.inEditor ? "editor" : "web");
  if (root) new App(host, root).start();
})();
