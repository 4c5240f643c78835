/* Keeps the pages that open without a signal. It answers no POST, and keeps no page that a session made. */
importScripts("{{ queue|escapejs }}");
const SHELL = {{ shell }};
const KEPT = "luring-{{ version }}";
const PATHS = SHELL.map(address => address.split("?")[0]);

addEventListener("install", event => {
  skipWaiting();
  event.waitUntil(caches.open(KEPT).then(kept => kept.addAll(
    SHELL.map(address => new Request(address, {cache: address.includes("?") ? "no-cache" : "default", credentials: "omit"})))));
});

addEventListener("activate", event => event.waitUntil(caches.keys()
  .then(names => Promise.all(names.filter(name => name !== KEPT).map(name => caches.delete(name))))
  .then(() => registration.navigationPreload && registration.navigationPreload.enable())
  .then(() => clients.claim())));

addEventListener("fetch", event => {
  const asked = event.request, address = new URL(asked.url);
  if (asked.method !== "GET" || address.origin !== location.origin) return;
  const kept = path => caches.match(path, {cacheName: KEPT, ignoreSearch: true});
  if (PATHS.includes(address.pathname)) {
    event.respondWith(kept(address.pathname).then(found => found || fetch(asked)));
  } else if (asked.mode === "navigate") {
    event.respondWith(Promise.resolve(event.preloadResponse).then(early => early || fetch(asked))
      .catch(() => kept("/luring/").then(found => found || Response.error())));
  }
});

addEventListener("sync", event => {
  if (event.tag === "kirim") event.waitUntil(Antre.send().then(how => { if (how === "nanti") throw how; }));
});
