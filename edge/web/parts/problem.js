// Where problems are stated, each with its cause: one that is over does not hide another one.

// Returns state(cause, text); an empty text ends the cause. Every node shows the same.
export function problemsAt(...nodes) {
  const texts = new Map();
  return (cause, text) => {
    texts.delete(cause);
    if (text) texts.set(cause, text);
    const all = [...texts.values()].join(" ");
    for (const node of nodes) {
      node.hidden = !all;
      if (node.textContent !== all) node.textContent = all;
    }
  };
}
