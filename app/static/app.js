// Winnow in the browser: small comforts on pages that work without them. No inline script, no style attribute.
"use strict";

(() => {
  const root = document.documentElement;

  // ---- Theme: as the system says, unless this browser remembers a choice. Runs before the first paint.
  const THEME = "winnow-theme";
  const remembered = () => {
    try {
      return localStorage.getItem(THEME);
    } catch {
      return null; // storage can be forbidden; the system's choice then stands
    }
  };
  const applyTheme = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    document.querySelectorAll("[data-theme-choice]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (choice || "system")));
    });
  };
  applyTheme(remembered());

  const chooseTheme = (choice) => {
    try {
      if (choice === "system") localStorage.removeItem(THEME);
      else localStorage.setItem(THEME, choice);
    } catch {
      // the choice then lasts for this page
    }
    applyTheme(choice);
  };

  // ---- Time zone: preselect the browser's, only where nothing was chosen yet. Old names may be listed as
  // data-aliases="Asia/Calcutta …" on an option.
  const suggestZone = (scope) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone) return;
    scope.querySelectorAll("select[data-suggest-zone]").forEach((select) => {
      if (select.value) return;
      const option = [...select.options].find(
        (each) => each.value === zone || (each.dataset.aliases || "").split(" ").includes(zone),
      );
      if (option) {
        select.value = option.value;
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  };

  // ---- Relative times: the same words as the server's, whole units rounded down.
  const unit = (count, name) =>
    new Intl.NumberFormat(root.lang || "en", { style: "unit", unit: name, unitDisplay: "long" }).format(count);
  const span = (seconds) => {
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    const parts = [];
    if (days) parts.push(unit(days, "day"));
    if (hours) parts.push(unit(hours, "hour"));
    if (minutes && !days) parts.push(unit(minutes, "minute"));
    return parts.join(" ");
  };
  const freshen = (scope) => {
    scope.querySelectorAll("time[data-relative]").forEach((time) => {
      const seconds = Math.trunc((Date.parse(time.dateTime) - Date.now()) / 1000);
      if (Number.isNaN(seconds)) return;
      const words = span(Math.abs(seconds));
      const frame = seconds > 0 ? time.dataset.future : time.dataset.past;
      const text = words ? (frame || "{span}").replace("{span}", words) : time.dataset.now || "";
      if (time.textContent !== text) time.textContent = text;
    });
  };

  // ---- Forms that ask once: <form data-confirm="What will happen?" data-confirm-yes="Withdraw">
  const confirmed = new WeakSet();
  const askOnce = (event) => {
    const form = event.target;
    const dialog = document.getElementById("confirm");
    if (!(form instanceof HTMLFormElement) || !form.dataset.confirm || !dialog || !dialog.showModal) return;
    if (confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const yes = dialog.querySelector("[data-confirm-yes]");
    yes.dataset.words = yes.dataset.words || yes.textContent;
    yes.textContent = form.dataset.confirmYes || yes.dataset.words;
    dialog.querySelector("#confirm-text").textContent = form.dataset.confirm;
    yes.onclick = () => {
      dialog.close();
      confirmed.add(form);
      if (form.requestSubmit) form.requestSubmit(event.submitter);
      else form.submit();
    };
    dialog.showModal();
    dialog.querySelector("[data-close-dialog]").focus(); // Enter by habit changes nothing
  };

  // ---- Clicks: theme, toasts, dialogs (a link to a dialog's id opens it; without JavaScript :target does).
  const clicked = (event) => {
    const at = (selector) => event.target.closest(selector);
    const theme = at("[data-theme-choice]");
    if (theme) chooseTheme(theme.dataset.themeChoice);
    const dismiss = at("[data-dismiss]");
    if (dismiss) dismiss.closest(".toast").remove();
    const close = at("[data-close-dialog]");
    if (close) {
      event.preventDefault();
      const dialog = close.closest("dialog");
      if (dialog.open) dialog.close();
      else location.hash = "#";
    } else if (event.target instanceof HTMLDialogElement && event.target.open) {
      event.target.close(); // a click on the veil
    }
    const opener = at('a[href^="#"]');
    const target = opener && opener.hash.length > 1 && document.getElementById(opener.hash.slice(1));
    if (target instanceof HTMLDialogElement && !event.defaultPrevented) {
      event.preventDefault();
      target.showModal();
    }
  };

  // What a page, or a part that htmx brought, needs once.
  const prepare = (scope) => {
    scope.querySelectorAll("[data-theme-switch], [data-dismiss]").forEach((each) => {
      each.hidden = false;
    });
    suggestZone(scope);
    freshen(scope);
  };

  document.addEventListener("submit", askOnce, true);
  document.addEventListener("click", clicked);
  document.addEventListener("htmx:after:swap", () => prepare(document));
  document.addEventListener("visibilitychange", () => freshen(document));
  document.addEventListener("DOMContentLoaded", () => {
    applyTheme(remembered());
    prepare(document);
    const summary = document.querySelector(".notice[role=alert][tabindex]");
    if (summary) summary.focus();
    setInterval(() => freshen(document), 15000);
  });
})();
