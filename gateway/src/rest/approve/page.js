"use strict";

// Texts of others become text nodes only. Nothing moves the focus but the person, and nothing that is shown moves: new
// calls come last, and what is over stays where it is until the person removes it.

const KEY = "approve.token";
const LOOK_EVERY_MS = 1000;
/** A button that has just appeared under a finger does nothing yet. */
const ASLEEP_MS = 800;

const byId = (id) => document.getElementById(id);
/** The calls that are shown, by their ids. */
const shown = new Map();
let looking;

function element(name, text, attributes = {}) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function request(path, options = {}) {
  const headers = { Authorization: "Bearer " + sessionStorage.getItem(KEY), "Content-Type": "application/json" };
  return fetch(path, { headers, credentials: "omit", cache: "no-store", redirect: "error", ...options });
}

/** One row for each `name: value`; what stands alone in its line heads the rows that follow. */
function row(line) {
  const [, indent, name, value] = /^( *)(.*?):(?: (.*))?$/s.exec(line) || [null, "", line, undefined];
  const kind = value === undefined ? "group" : name === "comes to" ? "worth" : indent ? "part" : "whole";
  const node = element("tr", undefined, { class: kind });
  node.append(element("th", name, { scope: "row" }), element("td", value));
  return node;
}

function table(call) {
  const node = element("table");
  const [terms, about] = [element("tbody"), element("tbody")];
  const [, ...lines] = call.summary.split("\n").filter((line) => line !== "");
  terms.append(...lines.map(row));
  const [policy, waits] = [row("policy: " + call.policy), row("waits: ")];
  about.append(policy, row("asked by: " + call.client + ", as " + call.caller), waits);
  node.append(terms, about);
  return [node, policy.lastChild, waits.lastChild];
}

function card(call) {
  const node = element("li", undefined, { "aria-labelledby": "title-" + call.id });
  const [terms, policy, waits] = table(call);
  const buttons = element("div", undefined, { class: "buttons" });
  const verdict = element("p", "", { class: "verdict", role: "status" });
  const entry = { call, node, policy, waits, verdict, isOver: false, born: performance.now(), buttons: [] };
  for (const [decision, label] of [["decline", "Decline"], ["approve", "Approve"]]) {
    const attributes = { type: "button", class: decision, "aria-describedby": "title-" + call.id };
    const button = element("button", label, attributes);
    button.addEventListener("click", () => {
      const isAwake = performance.now() - entry.born > ASLEEP_MS;
      if (isAwake && !entry.isOver) decide(entry, decision);
    });
    // A key that is held down decides nothing.
    button.addEventListener("keydown", (event) => { if (event.repeat) event.preventDefault(); });
    entry.buttons.push(button);
    buttons.append(button);
  }
  node.append(element("h2", call.summary.split("\n")[0], { id: "title-" + call.id }), terms, buttons, verdict);
  byId("calls").append(node);
  return entry;
}

function end(entry, verdict) {
  entry.isOver = true;
  entry.verdict.textContent = verdict;
  entry.waits.textContent = "no longer";
  for (const button of entry.buttons) button.setAttribute("aria-disabled", "true");
}

async function decide(entry, decision) {
  end(entry, "…");
  try {
    const body = JSON.stringify({ id: entry.call.id, decision });
    const answer = await request("/approve/waiting", { method: "POST", body });
    const { outlook, detail } = await answer.json();
    if (answer.ok) end(entry, outlook[0].toUpperCase() + outlook.slice(1) + ".");
    else end(entry, "Not decided here: " + detail);
  } catch {
    end(entry, "The gateway did not respond: it is not known whether this was decided.");
  }
}

const seconds = (ms) => Math.max(0, Math.ceil(ms / 1000)) + " s";

function refresh(calls, nowMs) {
  const fresh = calls.filter((call) => !shown.has(call.id));
  for (const call of fresh) shown.set(call.id, card(call));
  const ids = new Map(calls.map((call) => [call.id, call]));
  for (const [id, entry] of shown) {
    if (entry.isOver) continue;
    const call = ids.get(id);
    if (call && entry.policy.textContent !== call.policy) entry.policy.textContent = call.policy;
    if (!call) end(entry, "Over: it was withdrawn, took too long, or was decided elsewhere.");
    else if (call.summary !== entry.call.summary) end(entry, "It has changed; reload the page.");
    else if (nowMs < call.waitsUntilMs) entry.waits.textContent = seconds(call.waitsUntilMs - nowMs) + " more";
    else entry.waits.textContent = "no longer: approved within " + seconds(call.expiresMs - nowMs) + ", it goes through when it is made again";
  }
  const open = [...shown.values()].filter((entry) => !entry.isOver).length;
  byId("empty").hidden = shown.size > 0;
  document.title = (open ? "(" + open + ") " : "") + "Calls that wait";
  if (fresh.length) byId("news").textContent = "New: " + fresh.map((call) => call.summary.split("\n")[0]).join(", ");
  return open;
}

async function look() {
  try {
    const answer = await request("/approve/waiting");
    if (answer.status === 401 || answer.status === 403) return lock((await answer.json()).detail);
    if (!answer.ok) throw new Error((await answer.json()).detail);
    const { waiting, nowMs } = await answer.json();
    const open = refresh(waiting, nowMs);
    say("Live: " + (open === 1 ? "1 call waits" : open + " calls wait"));
  } catch (error) {
    say("No connection: what is shown may be over. " + error.message);
  }
  looking = setTimeout(look, LOOK_EVERY_MS);
}

function say(text) {
  if (byId("status").textContent !== text) byId("status").textContent = text;
}

function lock(why) {
  clearTimeout(looking);
  sessionStorage.removeItem(KEY);
  shown.clear();
  byId("calls").replaceChildren();
  byId("desk").hidden = true;
  byId("opening").hidden = false;
  say(why);
}

function open() {
  byId("opening").hidden = true;
  byId("desk").hidden = false;
  look();
}

byId("opening").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, byId("token").value.trim());
  byId("token").value = "";
  open();
});
byId("clear").addEventListener("click", () => {
  for (const [id, entry] of shown) {
    if (!entry.isOver) continue;
    entry.node.remove();
    shown.delete(id);
  }
  byId("empty").hidden = shown.size > 0;
});
byId("lock").addEventListener("click", () => lock("The token is forgotten."));

if (sessionStorage.getItem(KEY)) open();
else lock("");
