// The question box: it sends without leaving the page, so that nothing typed elsewhere on it is lost. What is typed in
// it survives a reload in this tab until it has arrived.
"use strict";

(() => {
  const STORE = "winnow-question";
  const store = {
    read() {
      try {
        return sessionStorage.getItem(STORE) || "";
      } catch {
        return ""; // storage can be forbidden
      }
    },
    write(text) {
      try {
        if (text) sessionStorage.setItem(STORE, text);
        else sessionStorage.removeItem(STORE);
      } catch {
        // the page itself remains
      }
    },
  };

  document.querySelectorAll("form[data-forget]").forEach((form) => form.addEventListener("submit", () => store.write("")));

  const box = document.querySelector("[data-ask]");
  const text = box && box.querySelector("textarea");
  if (!text) return;
  const key = box.querySelector("[name=question_key]");
  const button = box.querySelector("[data-ask-send]");
  const says = box.querySelector("[data-ask-says]");
  const token = text.form.elements.csrf_token;

  if (!text.value && store.read()) {
    text.value = store.read();
    box.open = true;
  }
  text.addEventListener("input", () => store.write(text.value));

  const post = () =>
    fetch(box.dataset.ask, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token.value },
      body: JSON.stringify({ question: text.value, question_key: key.value }),
    });

  const sent = (answer) => {
    text.value = "";
    store.write("");
    if ("askReload" in box.dataset) {
      location.reload();
      return;
    }
    key.value = answer.key;
    says.textContent = answer.said;
    text.removeAttribute("aria-invalid");
  };

  const refused = (answer) => {
    says.textContent = answer.error || box.dataset.saysTrouble;
    text.setAttribute("aria-invalid", "true");
    text.focus();
  };

  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    says.textContent = box.dataset.saysSending;
    try {
      const response = await post();
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      const answer = isJson ? await response.json() : {};
      if (response.ok && answer.said) sent(answer);
      else refused(answer);
    } catch {
      says.textContent = navigator.onLine ? box.dataset.saysTrouble : box.dataset.saysOffline;
    }
    button.removeAttribute("aria-busy");
  });
})();
