// The documentation of the API, made from its own OpenAPI document; nothing is loaded from elsewhere.

import { add } from "/web/parts/dom.js";

const main = document.getElementById("docs");

function typeName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" or ");
  if (schema.type === "array") return `list of ${typeName(schema.items)}`;
  if (schema.additionalProperties) return `map of ${typeName(schema.additionalProperties)}`;
  return schema.enum ? schema.enum.join(" | ") : schema.type ?? "";
}

function table(parent, names, lines) {
  const node = add(parent, "table");
  const head = add(node, "tr");
  names.forEach((name) => add(head, "th", name));
  for (const line of lines) {
    const row = add(node, "tr");
    line.forEach((cell) => add(row, "td", cell));
  }
}

function operation(path, method, described) {
  const section = add(main, "section");
  const title = add(section, "h2");
  add(title, "code", `${method.toUpperCase()} ${path}`);
  add(section, "p", described.summary ?? "");
  if (described.parameters?.length) {
    table(section, ["parameter", "type", "default"], described.parameters.map((p) => [p.name, typeName(p.schema), String(p.schema.default ?? "")]));
  }
  for (const [status, answer] of Object.entries(described.responses)) {
    const [media, body] = Object.entries(answer.content ?? {})[0] ?? ["", {}];
    add(section, "p", `${status}: ${typeName(body.schema)} ${media}`);
  }
  if (method === "get") {
    const button = add(section, "button", "Try");
    const output = add(section, "pre");
    button.addEventListener("click", async () => {
      const response = await fetch(path);
      output.textContent = `${response.status}\n${JSON.stringify(await response.json(), null, 2)}`;
    });
  }
}

function schema(name, described) {
  const section = add(main, "section");
  add(section, "h2", name);
  add(section, "p", described.description ?? "");
  table(section, ["field", "type"], Object.entries(described.properties ?? {}).map(([field, of]) => [field, typeName(of)]));
}

const document_ = await (await fetch("/openapi.json")).json();
main.replaceChildren();
add(main, "p", document_.info.description);
for (const [path, methods] of Object.entries(document_.paths)) {
  for (const [method, described] of Object.entries(methods)) operation(path, method, described);
}
const live = add(main, "section");
add(add(live, "h2"), "code", "WebSocket /api/v1/live");
add(live, "p", "Binary messages: the length of the JSON (u32, little-endian), the JSON, then a JPEG or nothing. The field kind names the message; ignore unknown kinds.");
add(live, "p", "frame: the reading, class map and scale of one frame, the answers on the last seconds, then the JPEG of the frame. The same bytes for every watcher.");
add(live, "p", "status: source, counts, recording, exam, model and stream; no JPEG. It is sent after every change, and at least once per second.");
add(main, "h1", "Schemas");
for (const [name, described] of Object.entries(document_.components?.schemas ?? {})) schema(name, described);
