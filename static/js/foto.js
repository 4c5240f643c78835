/* Photos one by one: shrunk in this browser, so that little is sent and nothing hidden in them, then sent with progress.
   What could not be sent stays on the page and can be tried again. Without this the plain form does the same. */
(function () {
  var form = document.querySelector("form[data-foto]");
  if (!form || !window.FormData) return;
  var SIDE = 1280, MOST = 400 * 1024, SILENCE = 60000;
  var words = form.dataset, input = form.querySelector("input[type=file]"), list = document.querySelector("[data-foto-daftar]");
  var queue = form.querySelector("[data-foto-antre]"), said = form.querySelector("[data-foto-kabar]");
  var items = [], waiting = [], busy = false, warned = false;

  input.multiple = true;
  form.querySelector("[data-foto-polos]").remove();

  input.addEventListener("change", function () {
    Array.from(input.files).forEach(add);
    input.value = "";
  });

  function add(file) {
    var row = form.querySelector("[data-foto-baris]").content.firstElementChild.cloneNode(true);
    var item = { file: file, row: row, again: row.querySelector("[data-ulang]") };
    row.querySelector(".app-file__name").textContent = file.name;
    row.querySelector("progress").setAttribute("aria-label", file.name);
    item.again.addEventListener("click", function () { retry(item); });
    row.querySelector("[data-buang]").addEventListener("click", function () { drop(item); input.focus(); });
    queue.appendChild(row);
    queue.hidden = false;
    items.push(item);
    retry(item);
  }

  function retry(item) {
    item.failed = false;
    item.row.classList.remove("app-file--failed");
    item.again.remove();
    state(item, words.antre);
    waiting.push(item);
    next();
  }

  function drop(item) {
    item.gone = true;
    if (item.xhr) item.xhr.abort();
    waiting = waiting.filter(function (each) { return each !== item; });
    item.row.remove();
    queue.hidden = !queue.children.length;
  }

  async function next() {
    var item = !busy && waiting.shift();
    if (!item) return;
    busy = true;
    state(item, words.perkecil);
    if (!item.small) item.small = await shrunk(item.file);
    if (!item.gone && item.small.size <= words.batas) return send(item);
    if (!item.gone) fail(item, words.besar);
    done();
  }

  function done() {
    busy = false;
    next();
  }

  function send(item) {
    var body = new FormData(), xhr = item.xhr = new XMLHttpRequest(), silence;
    function alive() {
      clearTimeout(silence);
      silence = setTimeout(function () { xhr.abort(); }, SILENCE);
    }
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("file", item.small, "berkas");
    xhr.open("POST", form.action);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.upload.onprogress = function (event) {
      alive();
      item.row.querySelector("progress").value = 100 * event.loaded / event.total;
    };
    xhr.onloadend = function () {
      var answer = null;
      clearTimeout(silence);
      try { answer = JSON.parse(xhr.responseText); } catch (unreadable) { /* no answer of ours */ }
      if (item.gone) { /* removed meanwhile: the list tells whether it had arrived */ }
      else if (xhr.status === 413) fail(item, words.besar);
      else if (!answer) fail(item, words.putus, true);
      else if (xhr.status !== 200) fail(item, answer.kalimat);
      else {
        drop(item);
        tell(words.selesai);
      }
      if (answer && answer.daftar !== undefined) list.innerHTML = answer.daftar;
      done();
    };
    state(item, words.kirim);
    alive();
    xhr.send(body);
  }

  function fail(item, sentence, again) {
    item.failed = again;
    item.row.classList.add("app-file--failed");
    item.row.querySelector("progress").value = 0;
    if (again) item.row.querySelector(".app-file__acts").prepend(item.again);
    state(item, sentence);
    tell(item.file.name + ": " + sentence, true);
  }

  /* What a row of its own shows already is said here only to who listens. */
  function tell(sentence, shown) {
    said.textContent = sentence;
    said.classList.toggle("govuk-visually-hidden", !!shown);
  }

  function state(item, sentence) {
    item.row.querySelector(".app-file__state").textContent = sentence;
  }

  async function shrunk(file) {
    var picture, quality = 0.75, side = SIDE, blob = null;
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || !window.createImageBitmap) return file;
    try { picture = await createImageBitmap(file); } catch (unreadable) { return file; }
    do {
      var scale = Math.min(1, side / Math.max(picture.width, picture.height));
      var canvas = document.createElement("canvas"), pen;
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      blob = await new Promise(function (made) { canvas.toBlob(made, "image/jpeg", quality); });
      if (quality > 0.5) quality -= 0.12;
      else side *= 0.8;
    } while (blob && blob.size > MOST && side > 300);
    picture.close();
    return blob || file;
  }

  /* Taking one back: without leaving the page, where others may still be on their way. */
  list.addEventListener("submit", function (event) {
    var xhr = new XMLHttpRequest();
    event.preventDefault();
    event.stopPropagation();
    xhr.open("POST", event.target.action);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.onloadend = function () {
      try {
        var answer = JSON.parse(xhr.responseText);
        list.innerHTML = answer.daftar;
        tell(answer.kalimat || words.terhapus);
      } catch (unreadable) { tell(words.putus); }
      input.focus();
    };
    xhr.send(new FormData(event.target));
  });

  /* Going on while something is on its way: said once, then as the reader wishes. */
  form.addEventListener("submit", function (event) {
    if (warned || !queue.children.length) return;
    warned = true;
    event.preventDefault();
    event.stopPropagation();
    tell(words.tunggu);
  });

  window.addEventListener("online", function () {
    items.forEach(function (item) { if (item.failed && !item.gone) retry(item); });
  });
})();
