// Shows new content where old content was, and leaves in place what is the same: the focus, the scroll position and a touch go on.

// A node stays if its tag and its data-key are the same. So what a button does must follow from its data-key.
const same = (old, now) => old.nodeName === now.nodeName && old.dataset?.key === now.dataset?.key;

function update(old, now) {
  if (old.isEqualNode(now)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = now.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !now.hasAttribute(name)) old.removeAttribute(name); // "open": a person opened it
  }
  for (const { name, value } of now.attributes) old.setAttribute(name, value);
  patch(old, [...now.childNodes]);
}

export function patch(parent, nodes) {
  const before = [...parent.childNodes];
  const shown = nodes.map((now) => {
    const at = before.findIndex((old) => same(old, now));
    if (at < 0) return now;
    const [old] = before.splice(at, 1);
    update(old, now);
    return old;
  });
  for (const gone of before) gone.remove(); // first, so that what stays does not move
  shown.forEach((node, at) => {
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
  });
}
