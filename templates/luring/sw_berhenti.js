/* Offline pages are switched off: remove what was kept, then this worker. What waits to be sent is not touched. */
addEventListener("install", () => skipWaiting());
addEventListener("activate", event => event.waitUntil(caches.keys()
  .then(names => Promise.all(names.map(name => caches.delete(name))))
  .then(() => registration.unregister())));
