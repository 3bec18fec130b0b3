// The review desk by keyboard. The page works without it; this adds keys and keeps the answer reserved.
"use strict";

(() => {
  const form = document.querySelector("form[data-desk]");
  if (!form) return;
  const KEYS = "winnow-desk-keys";
  const criteria = [...form.querySelectorAll("fieldset.levels")];
  const chosenOf = (fieldset) => fieldset.querySelector("input:checked");
  const undoable = [];
  let at = Math.max(0, criteria.findIndex((each) => !chosenOf(each)));

  // ---- The criterion whose level a key picks.
  const go = (index) => {
    at = Math.min(Math.max(index, 0), criteria.length - 1);
    criteria.forEach((each, place) => each.closest(".criterion").classList.toggle("criterion-current", place === at));
    const radio = chosenOf(criteria[at]) || criteria[at].querySelector("input");
    radio.focus({ preventScroll: true });
    criteria[at].closest(".criterion").scrollIntoView({ block: "nearest" });
  };
  const remember = (fieldset, before) => undoable.push({ fieldset, before });
  const put = (fieldset, value) => {
    fieldset.querySelectorAll("input").forEach((each) => {
      each.checked = each.value === value;
    });
    fieldset.dataset.last = value || "";
  };
  const pick = (key) => {
    const radio = criteria[at].querySelector(`input[data-key="${key}"]`);
    if (!radio) return;
    remember(criteria[at], criteria[at].dataset.last || null);
    put(criteria[at], radio.value);
    if (at + 1 < criteria.length) go(at + 1);
    else document.querySelector('button[form="ratings"]').focus();
  };
  const undo = () => {
    const last = undoable.pop();
    if (!last) return;
    put(last.fieldset, last.before);
    go(criteria.indexOf(last.fieldset));
  };
  criteria.forEach((each, place) => {
    const chosen = chosenOf(each);
    each.dataset.last = chosen ? chosen.value : "";
    each.addEventListener("change", (event) => {
      remember(each, each.dataset.last || null);
      each.dataset.last = event.target.value;
    });
    each.addEventListener("focusin", () => {
      at = place;
      criteria.forEach((one, index) => one.closest(".criterion").classList.toggle("criterion-current", index === at));
    });
  });

  // ---- Single keys can be turned off (WCAG 2.1.4); the browser remembers it.
  const box = document.querySelector("[data-keys-switch]");
  const stored = () => {
    try {
      return localStorage.getItem(KEYS);
    } catch {
      return null; // storage can be forbidden; keys are then on
    }
  };
  box.checked = stored() !== "off";
  document.querySelectorAll("[data-keys-part]").forEach((each) => {
    each.hidden = false;
  });
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEYS, box.checked ? "on" : "off");
    } catch {
      // the choice then lasts for this page
    }
  });

  const open = (id) => {
    const dialog = document.getElementById(id);
    if (dialog.open) return;
    dialog.showModal();
    const first = dialog.querySelector("input[type=radio]");
    if (first) first.focus();
  };
  const isText = (target) => target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !["radio", "checkbox", "button", "submit"].includes(target.type));

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || !box.checked || isText(event.target)) return;
    const key = event.key.toLowerCase();
    if (["0", "1", "2", "3", "c"].includes(key)) pick(key);
    else if (key === "u") undo();
    else if (key === "s") open("skip");
    else if (key === "?") open("keys");
    else return;
    event.preventDefault();
  });

  // One save, even when the keys are held down.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);

  // ---- While the page is used, the answer stays reserved. An unused page lets go of it.
  const EVERY = 4 * 60 * 1000;
  let used = false;
  ["keydown", "pointerdown", "scroll"].forEach((name) => {
    document.addEventListener(name, () => { used = true; }, { capture: true, passive: true });
  });
  const hold = async () => {
    if (!used || document.hidden) return;
    used = false;
    const token = form.querySelector("[name=csrf_token]");
    try {
      const answer = await fetch(form.dataset.hold, {
        method: "POST",
        headers: token ? { "X-CSRFToken": token.value } : {},
      });
      if (!answer.ok) return;
      const until = new Date((await answer.json()).until);
      const time = document.querySelector("[data-until]");
      if (!time) return;
      time.dateTime = until.toISOString();
      time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
        hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: time.dataset.zone,
      }).format(until);
    } catch {
      // offline: the next time will do, and saving works without a reservation
    }
  };
  setInterval(hold, EVERY);

  const asked = document.querySelector("form[data-open]");
  if (asked) open(asked.closest("dialog").id);
  else go(at);
})();
