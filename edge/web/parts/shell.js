// The shell, which are the files of the pages, and the appliance are of one release. After an update of the appliance, a page that was open
// loads again, or states that it is old while a form is open or an exam runs. The service worker stores the shell where a browser admits one.

import { language, shell, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";

const QUIET_MS = 3000; // after the page has loaded: what is stored comes after the image
const LOOK_MS = 2000;
const TRIED = "shell tried"; // in the storage of the tab: one try for each release

const line = el("p", { class: "banner degraded", role: "status", hidden: true });
let waiting = null;

const idle = (busy) => !busy() && !document.querySelector("dialog[open]");

function reload(version) {
  sessionStorage.setItem(TRIED, version);
  location.reload();
}

// `busy()`: an exam runs. Call it after each connection.
export async function compareShell(busy) {
  const answer = await fetch("/api/v1/version").then((each) => each.json(), () => null);
  if (!answer || answer.shell === shell) return;
  if (sessionStorage.getItem(TRIED) !== `${answer.shell}` && idle(busy)) reload(answer.shell);
  document.getElementById("bars").append(line);
  line.textContent = t("shell.old");
  line.hidden = false;
  clearInterval(waiting);
  waiting = setInterval(() => { if (sessionStorage.getItem(TRIED) !== `${answer.shell}` && idle(busy)) reload(answer.shell); }, LOOK_MS);
}

// Only over https and on the appliance itself do browsers have one.
setTimeout(() => navigator.serviceWorker?.register(`/sw.js?language=${language}`).catch(() => {}), QUIET_MS);
