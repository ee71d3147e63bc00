// The documentation of the API, made from its own OpenAPI document; nothing is loaded from elsewhere.

import { t } from "/web/i18n.js";
import "/web/nav.js";
import { add } from "/web/parts/dom.js";

const main = document.getElementById("docs");

function typeName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeName).join(` ${t("docs.or")} `);
  if (schema.type === "array") return t("docs.list_of", { type: typeName(schema.items) });
  if (schema.additionalProperties) return t("docs.map_of", { type: typeName(schema.additionalProperties) });
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
    table(section, [t("docs.parameter"), t("docs.type"), t("docs.default")], described.parameters.map((p) => [p.name, typeName(p.schema), String(p.schema.default ?? "")]));
  }
  for (const [status, answer] of Object.entries(described.responses)) {
    const [media, body] = Object.entries(answer.content ?? {})[0] ?? ["", {}];
    add(section, "p", `${status}: ${typeName(body.schema)} ${media}`);
  }
  if (method === "get") {
    const button = add(section, "button", t("docs.try"));
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
  table(section, [t("docs.field"), t("docs.type")], Object.entries(described.properties ?? {}).map(([field, of]) => [field, typeName(of)]));
}

const document_ = await (await fetch("/openapi.json")).json();
main.replaceChildren();
add(main, "p", document_.info.description);
for (const [path, methods] of Object.entries(document_.paths)) {
  for (const [method, described] of Object.entries(methods)) operation(path, method, described);
}
const live = add(main, "section");
add(add(live, "h2"), "code", "WebSocket /api/v1/live");
add(live, "p", t("docs.stream"));
add(live, "p", t("docs.stream_frame"));
add(live, "p", t("docs.stream_status"));
add(main, "h1", t("docs.schemas"));
for (const [name, described] of Object.entries(document_.components?.schemas ?? {})) schema(name, described);
