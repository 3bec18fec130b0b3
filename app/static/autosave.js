// The candidate's draft: kept in this browser until the server has said "saved", saved two seconds after the last key.
// Nothing is ever overwritten unseen: a conflict shows both texts and waits for a choice.
"use strict";

(() => {
  const IDLE = 2000;
  const RETRY = 10000;
  const PREFIX = "winnow-draft:";

  // ---- This browser's own copy. Storage can be forbidden or full; the page then works without it.
  const store = {
    read(key) {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // the server's copy remains
      }
    },
    drop(key) {
      try {
        localStorage.removeItem(key);
      } catch {
        // nothing to drop
      }
    },
    dropAll() {
      try {
        Object.keys(localStorage)
          .filter((key) => key.startsWith(PREFIX))
          .forEach((key) => localStorage.removeItem(key));
      } catch {
        // nothing to drop
      }
    },
  };

  // "Forget me in this browser" forgets the copies, too.
  document.querySelectorAll("form[data-forget]").forEach((form) => form.addEventListener("submit", store.dropAll));

  // A receipt: what was sent has arrived. Words typed since then are not touched.
  document.querySelectorAll("[data-arrived]").forEach((receipt) => {
    const copy = store.read(receipt.dataset.arrived);
    if (copy && copy.isSent) store.drop(receipt.dataset.arrived);
  });

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const key = form.dataset.store;
  const says = (name, values) =>
    Object.entries(values || {}).reduce((text, [word, value]) => text.replace(`{${word}}`, value), form.dataset[`says${name}`]);
  const fields = window.winnowAnswers(form);
  const revision = form.elements.revision;
  const token = form.elements.csrf_token;
  const state = form.querySelector("[data-save-state]");
  const conflict = form.querySelector("[data-conflict]");

  const answers = () => Object.fromEntries(fields.map((field) => [field.name, field.get()]));
  const same = (one, other) => fields.every(({ name }) => (one[name] || "") === (other[name] || ""));
  const say = (text) => {
    if (state.textContent !== text) state.textContent = text;
  };

  // ---- Saving
  let timer = 0;
  let flight = null; // the request under way
  let isWaiting = false; // for the person's choice between two texts
  let isLeaving = false;
  let savedHere = answers();

  const later = (after) => {
    clearTimeout(timer);
    timer = setTimeout(save, after);
  };

  const typed = () => {
    store.write(key, { answers: answers(), revision: Number(revision.value) });
    if (isWaiting) return;
    say(navigator.onLine ? says("Unsaved") : says("Offline"));
    later(IDLE);
  };

  async function post(sent) {
    return fetch(form.dataset.autosave, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token.value },
      body: JSON.stringify({
        answers: sent,
        revision: Number(revision.value),
        hand_in_draft: form.elements.hand_in_draft.checked,
      }),
    });
  }

  async function attempt(sent) {
    let response;
    let answer = {};
    try {
      response = await post(sent);
      if ((response.headers.get("Content-Type") || "").includes("json")) answer = await response.json();
    } catch {
      say(navigator.onLine ? says("Trouble") : says("Offline"));
      later(RETRY);
      return;
    }
    if (response.ok && answer.revision !== undefined) saved(sent, answer);
    else if (response.status === 409 && answer.theirs) differ(answer);
    else if (response.status >= 500) {
      say(says("Trouble"));
      later(RETRY);
    } else {
      const reasons = Object.values(answer.errors || {}).flat();
      say([reasons[0] || answer.error, says("Refused")].filter(Boolean).join(" "));
    }
  }

  function saved(sent, answer) {
    revision.value = answer.revision;
    follow(answer);
    savedHere = sent;
    if (same(sent, answers())) {
      store.drop(key);
      say(says("Saved", { time: answer.saved_at }));
      form.dispatchEvent(new Event("answers:saved"));
    } else {
      store.write(key, { answers: answers(), revision: answer.revision });
      later(IDLE);
    }
  }

  async function save() {
    clearTimeout(timer);
    if (isWaiting) return;
    if (flight) {
      await flight;
      if (isWaiting || same(savedHere, answers())) return;
    }
    flight = attempt(answers());
    await flight;
    flight = null;
  }

  // ---- Two texts
  let theirs = null;

  function differ(answer) {
    isWaiting = true;
    theirs = answer;
    fields.forEach((field) => {
      const box = form.querySelector(`[data-other-for="${CSS.escape(field.name)}"]`);
      const text = answer.theirs[field.name] || "";
      box.hidden = text === field.get();
      box.querySelector("[data-other-text]").textContent = field.inWords(text);
    });
    conflict.hidden = false;
    conflict.scrollIntoView({ block: "nearest" });
  }

  conflict.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep]");
    if (!button) return;
    if (button.dataset.keep === "theirs") {
      fields.forEach((field) => {
        field.set(theirs.theirs[field.name] || "");
      });
      fields.forEach(count);
    }
    revision.value = theirs.revision;
    isWaiting = false;
    conflict.hidden = true;
    form.querySelectorAll("[data-other-for]").forEach((box) => {
      box.hidden = true;
    });
    (fields[0].element.matches("fieldset") ? fields[0].element.querySelector("button, select") : fields[0].element).focus();
    save();
  });

  // ---- How much is written
  function count(field) {
    const line = form.querySelector(`[data-count-for="${CSS.escape(field.name)}"]`);
    if (!line) return;
    // As the server counts: whole characters, not halves of an emoji.
    const length = [...field.get()].length;
    const limit = Number(field.element.dataset.limit);
    line.textContent = line.dataset.words.replace("{count}", length).replace("{limit}", limit);
    line.classList.toggle("count-over", length > limit);
  }

  // ---- Words that the server never got, from before a crash or a lost connection
  const kept = store.read(key);
  const restore = () => {
    if (!kept || !kept.answers || same(kept.answers, answers())) {
      store.drop(key);
      return;
    }
    const server = answers();
    fields.forEach((field) => {
      field.set(kept.answers[field.name] || "");
    });
    if (kept.revision === Number(revision.value)) {
      say(says("Restored"));
      later(IDLE);
    } else {
      differ({ theirs: server, revision: Number(revision.value) });
    }
  };

  // ---- The time that is left, by the server's clock
  const countdown = document.querySelector("[data-countdown]");
  const said = form.querySelector("[data-time-said]");
  const ending = document.querySelector("[data-time-ends]");
  const MOMENTS = [3600, 1800, 600, 300, 60]; // seconds before the end at which a screen reader is told
  let endsAt = Date.now() + Number(form.dataset.seconds) * 1000;
  let lastLeft = Number(form.dataset.seconds);

  const unit = (number, name) =>
    new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: name, unitDisplay: "long" }).format(number);
  const clockText = (left) => `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;

  const ticked = () => {
    const left = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
    countdown.hidden = left > 3600;
    const text = left ? says("Left", { time: clockText(left) }) : says("Over");
    if (!countdown.hidden && countdown.textContent !== text) countdown.textContent = text;
    const passed = MOMENTS.find((moment) => left <= moment && lastLeft > moment);
    if (passed) said.textContent = says("Left", { time: unit(passed / 60, "minute") });
    if (!left && lastLeft > 0) {
      said.textContent = says("Over");
      resync(); // somebody may have granted more, or we were away and give it back
      if (!same(savedHere, answers())) save(); // the server still takes it for two minutes
    }
    lastLeft = left;
  };

  // The server's word, which may be later than what this page said: never computed from this machine's clock.
  const follow = ({ seconds_left: left, ends }) => {
    if (left === undefined) return;
    const gained = left * 1000 - (endsAt - Date.now());
    endsAt = Date.now() + left * 1000;
    if (gained > 30000 && ends) {
      ending.textContent = ends;
      said.textContent = says("Moved", { time: ends });
    }
    ticked();
  };

  const resync = async () => {
    if (document.visibilityState === "hidden") return;
    try {
      const response = await fetch(form.dataset.clock, { headers: { Accept: "application/json" } });
      if (!response.ok) return;
      follow(await response.json());
    } catch {
      // offline: our own count goes on
    }
  };

  // ---- Wiring
  fields.forEach((field) => {
    field.element.addEventListener("input", (event) => {
      // A reason inside an ordering is a field of its own, which has told already.
      if (event.target.closest("[data-answer]") !== field.element) return;
      count(field);
      typed();
    });
    count(field);
  });
  form.elements.hand_in_draft.addEventListener("change", typed);
  form.addEventListener("answers:save", save);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (flight && !isLeaving) {
      // Let the save end first, else its newer draft would look like another window's.
      event.preventDefault();
      const { submitter } = event;
      flight.then(() => {
        clearTimeout(timer);
        if (isWaiting) return;
        isLeaving = true;
        form.requestSubmit(submitter);
      });
      return;
    }
    // Kept until the receipt says that it has arrived.
    store.write(key, { answers: answers(), revision: Number(revision.value), isSent: true });
  });
  window.addEventListener("offline", () => say(says("Offline")));
  window.addEventListener("online", () => {
    if (!same(savedHere, answers())) save();
    resync();
  });
  window.addEventListener("focus", resync);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !same(savedHere, answers())) save();
    else resync();
  });
  restore();
  ticked();
  setInterval(ticked, 1000);
})();
