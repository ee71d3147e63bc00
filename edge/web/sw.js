// The service worker: stores the shell of the pages, which holds nothing about a patient, and serves it only while the appliance is away.
// The appliance writes SHELL before this text: its version, the addresses that are stored, and the folder of the words.

const CACHE = `shell-${SHELL.version}`;
const PATIENCE_MS = 4000;
const language = new URL(location).searchParams.get("language");
const WORDS = language === "en" ? ["en"] : [language, `stated/${language}`];
const FILES = [...SHELL.files, ...WORDS.map((file) => `${SHELL.words}${file}.json`)];

async function store() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
  await self.skipWaiting();
}

async function forgetOthers() {
  const others = (await caches.keys()).filter((name) => name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// The network first: what is stored is never shown in place of what the appliance has now.
async function answerTo(request, pathname) {
  const late = new Promise((_, reject) => { setTimeout(reject, PATIENCE_MS); });
  try {
    return await Promise.race([fetch(request), late]);
  } catch {
    return await caches.match(pathname, { cacheName: CACHE }) ?? Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(store()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === location.origin && FILES.includes(pathname)) event.respondWith(answerTo(event.request, pathname));
});
