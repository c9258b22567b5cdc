// Saves each answer as it is given and keeps what is typed until the server has it. Everything here
// also works without this script: each question is a form of its own.
"use strict";

(() => {
  const page = document.getElementById("review");
  if (!page) return;
  const words = page.dataset;
  const FIELDS = ["grade", "comment", "effect", "until", "remedy", "based_on"];
  const PAUSE = 1000;
  const AGAIN = 5000;

  // What was typed and isn't saved, by review and question.

  const PREFIX = "review:";

  const keyOf = (form) => `${PREFIX}${form.dataset.review}:${form.dataset.answer}`;

  const waiting = () =>
    Object.keys(sessionStorage)
      .filter((key) => reviews.some((review) => key.startsWith(`${PREFIX}${review}:`)))
      .map((key) => [key, key.slice(key.lastIndexOf(":") + 1)]);

  const same = (one, other) =>
    FIELDS.every((name) => name === "based_on" || one[name] === other[name]);

  const listDrafts = () => {
    const place = page.querySelector("[data-drafts].foot__drafts");
    const here = answers.map((one) => keyOf(one.form));
    const others = waiting().filter(([key]) => !here.includes(key));
    if (!place) return;
    place.hidden = others.length === 0;
    place.replaceChildren(words.drafts);
    for (const question of new Set(others.map(([, code]) => code))) {
      const way = document.createElement("a");
      way.href = `?q=${encodeURIComponent(question)}#question`;
      way.className = "kern-link";
      way.textContent = question;
      place.append(" ", way);
    }
  };

  const swap = (text) => {
    const parts = new DOMParser().parseFromString(text, "text/html");
    for (const part of parts.querySelectorAll("[id]")) {
      const place = document.getElementById(part.id);
      if (!place) continue;
      if (place instanceof HTMLInputElement) {
        place.value = part.value;
        place.dataset.needsComment = part.dataset.needsComment ?? "";
      } else {
        exchange(place, part);
      }
    }
    listDrafts();
  };

  // Whoever is at a button of the foot while an answer is saved stays there.
  const exchange = (place, part) => {
    const at = place.contains(document.activeElement) ? document.activeElement : null;
    place.replaceChildren(...part.childNodes);
    if (!at) return;
    const alike = at.id
      ? document.getElementById(at.id)
      : [...place.querySelectorAll(at.localName)].find((one) => one.isEqualNode(at));
    alike?.focus({ preventScroll: true });
  };

  const renewToken = async () => {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok || new URL(answer.url).pathname !== location.pathname) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = fresh.querySelector("input[name=csrf]")?.value;
    if (!token) return false;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = token;
    return true;
  };

  // One answer: of each case that stands on the page there is one.

  const answering = (form) => {
    const { here } = form.dataset;
    const status = document.getElementById(`status-${here}`);
    let timer = 0;
    let saving = null;
    let chooses = false;
    let failed = false;

    const entered = () => {
      const data = new FormData(form);
      return Object.fromEntries(FIELDS.map((name) => [name, data.get(name) ?? ""]));
    };

    const draft = () => JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "null");

    const keep = () => sessionStorage.setItem(keyOf(form), JSON.stringify(entered()));

    const forget = () => sessionStorage.removeItem(keyOf(form));

    const fill = (kept) => {
      for (const name of FIELDS) {
        const field = form.elements[name];
        if (field instanceof RadioNodeList) {
          for (const radio of field) radio.checked = radio.value === kept[name];
        } else if (field) {
          field.value = kept[name];
        }
      }
      form.closest("details")?.setAttribute("open", "");
    };

    // What is said at the answer.

    const say = (text, link) => {
      const line = document.createElement("p");
      line.className = "saved saved--not";
      line.textContent = text;
      if (link) {
        const way = document.createElement("a");
        way.href = link;
        way.target = "_blank";
        way.className = "kern-link";
        way.textContent = words.signIn;
        line.append(" ", way);
      }
      status.replaceChildren(line);
    };

    // Saving.

    const later = (pause) => {
      clearTimeout(timer);
      timer = setTimeout(() => void save(), pause);
    };

    const send = async (mayRenew) => {
      const answer = await fetch(form.action, {
        method: "POST",
        keepalive: true, // who closes the window meanwhile has it saved, too
        headers: { "X-Requested-With": "fetch" },
        body: new URLSearchParams(new FormData(form)),
      });
      if ((answer.status === 401 || answer.status === 403) && mayRenew && (await renewToken())) {
        return send(false);
      }
      return answer;
    };

    const take = async (answer, sent) => {
      if (answer.status === 200) {
        chooses = false;
        const text = await answer.text();
        const typedMeanwhile = !same(entered(), sent);
        if (!typedMeanwhile) forget();
        swap(text);
        if (typedMeanwhile) {
          keep();
          say(words.notSaved);
          later(PAUSE);
        }
        return true;
      }
      if (answer.status === 409 && answer.headers.get("content-type")?.includes("html")) {
        chooses = true;
        swap(await answer.text());
        return false;
      }
      if (answer.status === 401) say(words.over, "/sign-in");
      else if (answer.status < 500) say(words.refused);
      else {
        say(words.offline);
        later(AGAIN);
      }
      return false;
    };

    const attempt = async () => {
      clearTimeout(timer);
      const sent = entered();
      try {
        failed = !(await take(await send(true), sent));
      } catch {
        failed = true;
        say(words.offline);
        later(AGAIN);
      }
      return !failed;
    };

    const isHereAlone = () => failed && draft() !== null;

    // One after the other: the second is based on what the first has saved.
    const save = async () => {
      while (saving) await saving;
      if (!draft() || chooses) return !chooses;
      saving = attempt();
      try {
        return await saving;
      } finally {
        saving = null;
      }
    };

    const changed = (pause) => {
      keep();
      if (chooses) return;
      say(words.notSaved);
      later(pause);
    };

    const restore = () => {
      const kept = draft();
      if (!kept) return;
      if (same(kept, entered())) {
        forget();
        return;
      }
      fill(kept);
      say(words.again);
      later(0);
    };

    const takeMine = async (based_on) => {
      form.elements.based_on.value = based_on;
      chooses = false;
      keep();
      if (await save()) form.querySelector("input:checked")?.focus();
    };

    const confirm = async (found) => {
      for (const radio of form.querySelectorAll("input[name=grade]")) {
        radio.checked = radio.value === found.grade.value;
      }
      form.elements.comment.value ||= found.comment?.value ?? "";
      keep();
      if (await save()) goOn(form);
    };

    const grade = (number) => {
      const radio = form.querySelectorAll("input[name=grade]")[number - 1];
      if (!radio) return;
      form.closest("details")?.setAttribute("open", "");
      radio.focus();
      radio.click();
    };

    form.addEventListener("input", (event) =>
      changed(event.target instanceof HTMLTextAreaElement ? PAUSE : 0),
    );
    form.addEventListener("change", () => later(0));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      keep();
      if (!(await save())) return;
      if (document.getElementById(`based-on-${here}`).dataset.needsComment === "yes") {
        form.elements.comment.focus();
        return;
      }
      goOn(form);
    });
    return { form, save, restore, forget, takeMine, confirm, grade, isHereAlone, draft };
  };

  const answers = [...document.querySelectorAll("form[data-answer]")].map(answering);
  const reviews = words.reviews.split(" ");

  const open = (form) => !form.closest("details") && !form.querySelector("input[name=grade]:checked");

  // Whoever signs has seen what: the signature itself is one key further.
  const goToSigning = () => document.getElementById("ready")?.focus();

  // The other case's answer first, then the next question, then what is to be signed.
  const goOn = (form) => {
    const other = answers.find((one) => one.form !== form && open(one.form));
    if (other) {
      other.form.querySelector("input[name=grade]").focus();
      return;
    }
    const next = document.querySelector("a[data-next]");
    if (next) next.click();
    else goToSigning();
  };

  // Where the keyboard is; else the first case that lacks its answer.
  const current = () =>
    answers.find((one) => one.form.parentElement.closest("section").contains(document.activeElement)) ??
    answers.find((one) => open(one.form)) ??
    answers[0];

  const saveAll = () => {
    for (const one of answers) void one.save();
  };

  page.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-mine]")) {
      event.preventDefault();
      const chosen = answers.find((one) => one.form.dataset.here === event.target.dataset.mine);
      void chosen.takeMine(event.target.elements.based_on.value);
    } else if (event.target.matches("form[data-confirm]")) {
      event.preventDefault();
      const here = answers.find((one) => one.form.dataset.here === event.target.dataset.confirm);
      void here.confirm(event.target.elements);
    } else if (event.target.matches("form[data-sign]") && waiting().length > 0) {
      event.preventDefault();
      listDrafts();
      page.querySelector(".foot__drafts a")?.focus();
      saveAll();
    }
  });
  page.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-keep]");
    if (!link) return;
    event.preventDefault();
    answers.find((one) => one.form.dataset.here === link.dataset.keep).forget();
    location.assign(link.href);
    if (link.hash === location.hash) location.reload();
  });

  const restoreAll = () => {
    for (const one of answers) one.restore();
    listDrafts();
  };

  window.addEventListener("online", saveAll);
  window.addEventListener("focus", saveAll);
  window.addEventListener("pagehide", saveAll);

  // What couldn't be saved is kept by this window: pages that it goes on to have it, no other has.

  let goesOn = false;

  // Whoever goes on while an answer is on its way hears first that it is saved, or soon goes without.
  page.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[href]:not([target])");
    goesOn = link !== null;
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey;
    if (!link || elsewhere || event.defaultPrevented) return;
    if (!answers.some((one) => one.draft())) return;
    event.preventDefault();
    const late = new Promise((done) => setTimeout(done, PAUSE));
    await Promise.race([Promise.all(answers.map((one) => one.save())), late]);
    location.assign(link.href);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!goesOn && answers.some((one) => one.isHereAlone())) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => event.persisted && restoreAll());

  // The keyboard: 1 to 4 grade, b confirms what was found, c is the other case, n is the next question, s leads to what is to be signed, ? to the help.

  const press = {
    b: () => {
      const { here } = current()?.form.dataset ?? {};
      page.querySelector(`form[data-confirm="${here}"]`)?.requestSubmit();
    },
    c: () => {
      const place = answers.indexOf(current());
      answers[(place + 1) % answers.length]?.form.querySelector("input[name=grade]").focus();
    },
    n: () => document.querySelector("a[data-next]")?.click(),
    s: goToSigning,
    "?": () => {
      const keys = document.getElementById("keys");
      keys.open = !keys.open;
      keys.querySelector("summary").focus();
    },
  };

  page.querySelector("[data-keys=switch]").parentElement.hidden = false;
  document.addEventListener("single-key", (event) => {
    if (/^[1-9]$/.test(event.detail)) current()?.grade(Number(event.detail));
    else if (press[event.detail]) press[event.detail]();
    else return;
    event.preventDefault();
  });

  restoreAll();
  if (location.hash === "#question") document.getElementById("question")?.focus();
})();
