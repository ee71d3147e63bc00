// Makes elements: el("button", { type: "button", text: "Back", onclick: close }, child, child).

export function el(tag, { text, ...properties } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") node.toggleAttribute(name, value);
    else node.setAttribute(name, value);
  }
  if (text !== undefined) node.textContent = text;
  node.append(...children.filter(Boolean));
  return node;
}

// The same as the last child of a node.
export function add(parent, tag, text = "") {
  const node = el(tag, { text });
  parent.append(node);
  return node;
}
