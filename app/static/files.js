// Files of an answer go at once, so that they are kept with the draft; without this script they go with the form.
"use strict";

(() => {
  document.querySelectorAll("[data-file]").forEach((box) => {
    const form = box.closest("form");
    const input = box.querySelector('input[type="file"]');
    const code = box.querySelector("[data-answer]");
    const kept = box.querySelector("[data-file-kept]");
    const name = box.querySelector("[data-file-name]");
    const said = box.querySelector("[data-file-said]");
    const drop = box.querySelector("[data-file-drop]");
    const says = (what) => box.dataset[`says${what}`];
    box.querySelector("[data-file-plain]").hidden = true;
    drop.hidden = false;

    const show = (text) => {
      kept.hidden = !code.value;
      name.textContent = text;
    };
    const put = (value, text) => {
      code.value = value;
      show(text);
      code.dispatchEvent(new Event("input", { bubbles: true }));
    };

    async function send(file) {
      said.textContent = says("Sending");
      const body = new FormData();
      body.append("file", file);
      let response;
      let answer = {};
      try {
        response = await fetch(box.dataset.upload, {
          method: "POST",
          headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
          body,
        });
        answer = await response.json();
      } catch {
        said.textContent = says("Trouble"); // what was chosen stays chosen, and goes with the form
        return;
      }
      input.value = "";
      if (!response.ok) {
        said.textContent = answer.error || says("Trouble");
        return;
      }
      put(answer.code, answer.name);
      said.textContent = says("Kept");
    }

    input.addEventListener("change", () => {
      const [file] = input.files;
      if (!file) return;
      if (file.size > Number(box.dataset.most)) {
        input.value = "";
        said.textContent = says("Large");
      } else send(file);
    });
    drop.addEventListener("click", () => {
      put("", "");
      said.textContent = says("Gone");
      input.focus();
    });
    // Put back, or taken from another window: only its code is known here.
    code.addEventListener("answers:set", () => show(says("Earlier")));
  });
})();
