// What the scripts for Node share; what each part means stands in harness.py, which does the same.

import { createRequire } from "node:module";

const { BPX_BASE_URL, BPX_CONTROL_URL, BPX_API_KEY, BPX_API_SECRET, BPX_NODE_MODULES } = process.env;
export const BASE_URL = BPX_BASE_URL;
export const API_KEY = BPX_API_KEY;
export const API_SECRET = BPX_API_SECRET;
export const OTHER_SECRET = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

// The client is installed elsewhere than the scripts are.
export const load = createRequire(BPX_NODE_MODULES + "/");

export function versionOf(name) {
  return load(`${name}/package.json`).version;
}

export const steps = [];
export const startedMs = Date.now();
const responses = [];
let currentStage = "starts";

export function stage(name) {
  currentStage = name;
}

export async function step(call, get, want, note = "") {
  report(call, note, "ok", await run(get, want));
}

export async function theirFault(call, get, want, reason, note = "") {
  const problem = await run(get, want);
  report(call, note, "their fault", problem && `${problem}; if the client is right now, make this a step`, reason);
}

export async function notOffered(call, get, want = undefined, reason = "", note = "") {
  let problem = await run(get, want ?? (() => true));
  if (want === undefined && !responses.some(isUnknownPath)) {
    problem ??= `the exchange offers it, so it needs a check of values; it answered ${JSON.stringify(responses)}`;
  }
  report(call, note, "not offered", problem, reason);
}

export function exercised(names) {
  const called = new Set(steps.map((row) => row.call));
  for (const name of names) if (!called.has(name)) report(name, "", "ok", "no step exercises it");
}

async function run(get, want) {
  responses.length = 0;
  let got;
  try {
    got = await get();
  } catch (error) {
    got = error;
  }
  let isWanted;
  try {
    isWanted = matches(got, want);
  } catch {
    isWanted = false;
  }
  if (isWanted) return null;
  const wanted = typeof want === "function" ? (want.wanted ?? want.toString()) : JSON.stringify(want);
  return `${got instanceof Error ? got : JSON.stringify(got)}`.slice(0, 600) + `, not ${wanted}`;
}

function report(call, note, verdict, problem, reason = "") {
  const name = note ? `${call} (${note})` : call;
  console.log((problem ? "FAILED" : verdict).padEnd(12), name + (problem ? `: ${problem}` : ""));
  steps.push({ stage: currentStage, call, note, verdict, reason, problem });
}

export function matches(got, want) {
  if (typeof want === "function") return Boolean(want(got));
  if (Array.isArray(want)) {
    return Array.isArray(got) && got.length === want.length && want.every((value, index) => matches(got[index], value));
  }
  if (want !== null && typeof want === "object") {
    return (
      got !== null &&
      typeof got === "object" &&
      Object.entries(want).every(([key, value]) => key in got && matches(got[key], value))
    );
  }
  return got === want;
}

export function raises(kind, text = "") {
  const isRefusal = (got) => got instanceof kind && String(got).includes(text);
  isRefusal.wanted = `${kind.name} with \`${text}\``;
  return isRefusal;
}

export function includes(...wanted) {
  return (got) => wanted.every((want) => got.some((item) => matches(item, want)));
}

export function by(key, ...wanted) {
  const hasThese = (got) =>
    matches(
      got.map((item) => item[key]),
      wanted,
    );
  hasThese.wanted = `\`${key}\` being ${wanted}`;
  return hasThese;
}

export function nowMs(got) {
  return startedMs <= Number(got) && Number(got) <= Date.now();
}

export function nowUs(got) {
  return nowMs(Math.floor(got / 1000));
}

export function nowText(got) {
  return nowMs(Date.parse(got + "Z"));
}

export async function control(method, path, body) {
  const sent = { method, body: body && JSON.stringify(body), headers: { "content-type": "application/json" } };
  const text = await (await plainFetch(BPX_CONTROL_URL + path, sent)).text();
  return text ? JSON.parse(text) : null;
}

export function state() {
  return control("GET", "/state?rows=1000");
}

function isUnknownPath({ status, text }) {
  return (status === 404 && text === "not found") || (status === 405 && text === "method not allowed");
}

const plainFetch = globalThis.fetch;

// Remembers what the exchange answers to whatever is sent through `fetch`.
globalThis.fetch = async (...sent) => {
  const response = await plainFetch(...sent);
  responses.push({ status: response.status, text: await response.clone().text() });
  return response;
};

export function finish(version) {
  console.log(JSON.stringify({ version, steps }));
  process.exit(steps.some((row) => row.problem) ? 1 : 0);
}
