// The name of the site on a page of figures: whose figures these are. A replay of recorded patients states here that it is one.

import { ask } from "/web/api.js";
import { el } from "/web/parts/dom.js";

export async function siteNameOf() {
  const { site } = await ask("GET", "settings");
  return site ? [el("p", { class: "sum", dir: "auto", text: site })] : [];
}
