"use strict";

const byId = (id) => document.getElementById(id);

function element(name, text, attributes = {}) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function resolve(api, value) {
  if (!value || !value.$ref) return value;
  const parts = value.$ref.slice(2).split("/");
  return parts.reduce((at, part) => at[part], api);
}

function kind(schema) {
  if (!schema) return "";
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.items) return "list of " + kind(schema.items);
  return [schema.type, schema.format].filter(Boolean).join(", ");
}

/** A table of parameters, with an input field for each where they can be filled in. */
function table(rows, fields) {
  const body = element("tbody");
  for (const row of rows) {
    const line = element("tr");
    line.append(element("td", row.name + (row.required ? " *" : "")), element("td", kind(row.schema)));
    line.append(element("td", row.description || ""));
    if (fields) {
      const input = element("input", undefined, { "aria-label": row.name });
      fields.push({ row, input });
      const cell = element("td");
      cell.append(input);
      line.append(cell);
    }
    body.append(line);
  }
  const node = element("table");
  node.append(body);
  return node;
}

function members(schema) {
  const object = schema.items || schema;
  const required = object.required || [];
  return Object.entries(object.properties || {}).map(([name, member]) => (
    { name, schema: member, description: member.description, required: required.includes(name) }
  ));
}

function example(schema) {
  const required = schema.items ? schema.items.required : schema.required;
  const object = Object.fromEntries((required || []).map((name) => [name, ""]));
  return JSON.stringify(schema.items ? [object] : object, null, 2);
}

function request(path, method, fields, area) {
  const query = new URLSearchParams();
  const headers = new Headers();
  for (const { row, input } of fields) {
    if (input.value === "") continue;
    if (row.in === "path") path = path.replace("{" + row.name + "}", encodeURIComponent(input.value));
    else if (row.in === "header") headers.set(row.name, input.value);
    else if (kind(row.schema).startsWith("list")) input.value.split(",").forEach((item) => query.append(row.name, item.trim()));
    else query.append(row.name, input.value);
  }
  if (byId("token").value) headers.set("Authorization", "Bearer " + byId("token").value.trim());
  if (area) headers.set("Content-Type", "application/json");
  const text = query.toString();
  return [path + (text ? "?" + text : ""), { method, headers, body: area ? area.value : undefined, credentials: "omit" }];
}

async function call(path, method, fields, area, output) {
  output.textContent = "…";
  try {
    const answer = await fetch(...request(path, method, fields, area));
    const head = [...answer.headers].map(([name, value]) => name + ": " + value).join("\n");
    const text = await answer.text();
    let shown = text;
    if ((answer.headers.get("content-type") || "").includes("json")) {
      // Pretty-print only where parsing loses no digits.
      const layout = JSON.stringify(JSON.parse(text), null, 2);
      if (JSON.stringify(JSON.parse(text)) === text) shown = layout;
    }
    output.textContent = answer.status + " " + answer.statusText + "\n" + head + "\n\n" + shown;
  } catch (error) {
    output.textContent = String(error);
  }
}

function operation(api, path, method, item) {
  const details = element("details");
  const summary = element("summary");
  summary.append(element("b", method.toUpperCase()), element("code", path), " " + item.summary);
  const content = element("div");
  for (const paragraph of (item.description || "").split("\n\n")) content.append(element("p", paragraph));
  const fields = [];
  const parameters = (item.parameters || []).map((parameter) => resolve(api, parameter));
  if (parameters.length) content.append(element("h3", "Parameters"), table(parameters, fields));
  let area;
  if (item.requestBody) {
    const schema = item.requestBody.content["application/json"].schema;
    area = element("textarea", undefined, { rows: 8, "aria-label": "Body" });
    area.value = example(schema);
    content.append(element("h3", "Body"), table(members(schema)), area);
  }
  const button = element("button", "Call");
  const output = element("pre", "");
  const changes = item["x-scope"] === "trade";
  button.addEventListener("click", () => {
    if (!changes || confirm(method.toUpperCase() + " " + path + " changes the account. Go on?")) {
      call(path, method.toUpperCase(), fields, area, output);
    }
  });
  // A stream has no end to wait for.
  const streams = item.responses["200"]?.content?.["text/event-stream"];
  if (!streams) content.append(element("p"), button, output);
  details.append(summary, content);
  return details;
}

function problems(rows) {
  for (const row of rows) {
    const line = element("tr", undefined, { id: row.slug });
    line.append(element("td", "/docs#" + row.slug), element("td", row.status || "the exchange's"));
    line.append(element("td", row.code), element("td", row.title));
    byId("problems").append(line);
  }
  const target = location.hash && byId(location.hash.slice(1));
  if (target) target.scrollIntoView();
}

async function load() {
  const main = byId("operations");
  try {
    const api = await (await fetch("/openapi.json", { credentials: "omit" })).json();
    byId("title").textContent = api.info.title;
    byId("about").textContent = api.info.description;
    main.replaceChildren();
    for (const tag of api.tags) {
      main.append(element("h2", tag.name), element("p", tag.description));
      for (const [path, methods] of Object.entries(api.paths)) {
        for (const [method, item] of Object.entries(methods)) {
          if (item.tags[0] === tag.name) main.append(operation(api, path, method, item));
        }
      }
    }
    problems(api["x-problems"]);
  } catch (error) {
    main.replaceChildren(element("p", "The document could not be loaded: " + error));
  }
}

load();
