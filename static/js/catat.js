/* The form without a signal: what is typed is sealed at once, so that this telephone cannot read it back. */
(function () {
  "use strict";
  var form = document.querySelector("[data-catat]"), busy, stock;
  var bytes = text => new TextEncoder().encode(text);
  var joined = parts => new Response(new Blob(parts)).arrayBuffer();

  async function begin() {
    stock = await Antre.kept("bekal");
    document.querySelector(stock ? "[data-catat]" : "[data-tanpa-bekal]").hidden = false;
    if (stock) clear();
  }

  function clear() {
    var now = new Date(), parts = { day: now.getDate(), month: now.getMonth() + 1, year: now.getFullYear() };
    form.reset();
    for (var part in parts) form.elements["received_on_" + part].value = parts[part];
    offer("program", stock.program.map(one => [one.kode, one.nama]));
    lists();
  }

  function lists() {
    var chosen = stock.program.find(one => one.kode === form.elements.program.value) || {};
    offer("wilayah", chosen.tempat);
    offer("channel", chosen.media);
    offer("source", chosen.sumber);
    offer("category", chosen.kategori);
  }

  function offer(name, rows) {
    var select = form.elements[name];
    select.length = 1;
    (rows || []).forEach(row => select.add(new Option(row[1], row[0])));
    if (select.length === 2) select.selectedIndex = 1;
  }

  function missing() {
    var summary = document.querySelector("[data-salah]"), lines = summary.querySelector("ul");
    lines.textContent = "";
    form.querySelectorAll("[data-wajib]").forEach(field => {
      if (field.value.trim()) return field.removeAttribute("aria-invalid");
      var link = document.createElement("a");
      field.setAttribute("aria-invalid", "true");
      link.href = "#" + field.id;
      link.textContent = field.dataset.wajib;
      lines.appendChild(document.createElement("li")).appendChild(link);
    });
    summary.hidden = !lines.firstChild;
    if (lines.firstChild) summary.focus();
    return !!lines.firstChild;
  }

  /* Only the server opens it: see workflow/outbox.py. */
  async function sealed(content, id, key) {
    var subtle = crypto.subtle, curve = { name: "ECDH", namedCurve: "P-256" };
    var point = Uint8Array.from(atob(key.titik), letter => letter.charCodeAt(0));
    var theirs = await subtle.importKey("raw", point, curve, false, []);
    var mine = await subtle.generateKey(curve, false, ["deriveBits"]);
    var ours = await subtle.exportKey("raw", mine.publicKey);
    var shared = await subtle.deriveBits({ name: "ECDH", public: theirs }, mine.privateKey, 256);
    var grown = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
    var how = { name: "HKDF", hash: "SHA-256", salt: await joined([ours, point]), info: bytes("pengaduan/luring/1") };
    var secret = await subtle.deriveKey(how, grown, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    var nonce = crypto.getRandomValues(new Uint8Array(12));
    var bound = bytes(id + "|" + stock.by);
    var closed = await subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: bound }, secret, content);
    return joined([Uint8Array.of(1, key.id), ours, nonce, closed]);
  }

  /* A photo goes along at 1,280 px at most. */
  async function photo(file) {
    var picture = await createImageBitmap(file), scale = Math.min(1, 1280 / Math.max(picture.width, picture.height));
    var canvas = document.createElement("canvas");
    canvas.width = picture.width * scale;
    canvas.height = picture.height * scale;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise(done => canvas.toBlob(done, "image/jpeg", 0.7));
  }

  async function keep(event) {
    event.preventDefault();
    if (busy || missing()) return;
    busy = true;
    try {
      var typed = {}, file = form.elements.foto.files[0], id = crypto.randomUUID(), length = new DataView(new ArrayBuffer(4));
      new FormData(form).forEach((value, name) => { if (name !== "foto") typed[name] = value; });
      var text = bytes(JSON.stringify(typed));
      length.setUint32(0, text.length);
      var content = await joined([length, text, file ? await photo(file) : ""]);
      var entry = { id, n: 1, at: Date.now(), by: stock.by, how: "antre", photo: !!file };
      (await Antre.all()).forEach(one => { entry.n = Math.max(entry.n, one.n + 1); });
      entry.sealed = await sealed(content, id, await Antre.kept("kunci"));
      await Antre.put(entry);
      clear();
      Antre.after("tersimpan");
      if (navigator.serviceWorker) navigator.serviceWorker.ready.then(it => it.sync && it.sync.register("kirim")).catch(() => 0);
    } catch (wrong) {
      Antre.after("gagal");
    }
    busy = false;
  }

  form.addEventListener("submit", keep);
  form.elements.program.addEventListener("change", lists);
  if (Antre.after) begin();
})();
