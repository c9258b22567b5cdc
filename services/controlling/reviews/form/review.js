// Saves each answer as it is given and keeps what is typed until the server has it. Everything here
// also works without this script: each question is a form of its own.
"use strict";

(() => {
  const page = document.getElementById("review");
  if (!page) return;
  const words = page.dataset;
  const reviews = words.reviews.split(" ");
  const FIELDS = ["grade", "comment", "effect", "until", "remedy", "based_on"];
  const PREFIX = "review:";
  const PAUSE = 1000;
  const AGAIN = 5000;

  // What is typed into a form, and what of it this window keeps until it is saved.

  class Draft {
    constructor(form) {
      this.form = form;
    }

    get key() {
      return `${PREFIX}${this.form.dataset.review}:${this.form.dataset.answer}`;
    }

    typed() {
      const data = new FormData(this.form);
      return Object.fromEntries(FIELDS.map((name) => [name, data.get(name) ?? ""]));
    }

    kept() {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    }

    keep() {
      sessionStorage.setItem(this.key, JSON.stringify(this.typed()));
    }

    forget() {
      sessionStorage.removeItem(this.key);
    }

    isTyped(other) {
      const typed = this.typed();
      return FIELDS.every((name) => name === "based_on" || typed[name] === other[name]);
    }

    fill(kept) {
      for (const name of FIELDS) {
        const field = this.form.elements[name];
        if (field instanceof RadioNodeList) {
          for (const radio of field) radio.checked = radio.value === kept[name];
        } else if (field) {
          field.value = kept[name];
        }
      }
      this.form.closest("details")?.setAttribute("open", "");
    }
  }

  const linkTo = (address, text, target = "") => {
    const link = document.createElement("a");
    link.href = address;
    link.target = target;
    link.className = "kern-link";
    link.textContent = text;
    return link;
  };

  const waiting = () =>
    Object.keys(sessionStorage)
      .filter((key) => reviews.some((review) => key.startsWith(`${PREFIX}${review}:`)))
      .map((key) => [key, key.slice(key.lastIndexOf(":") + 1)]);

  const listDrafts = () => {
    const place = page.querySelector("[data-drafts].foot__drafts");
    const here = answers.map((one) => one.draft.key);
    const others = waiting().filter(([key]) => !here.includes(key));
    if (!place) return;
    place.hidden = others.length === 0;
    place.replaceChildren(words.drafts);
    for (const question of new Set(others.map(([, code]) => code))) {
      place.append(" ", linkTo(`?q=${encodeURIComponent(question)}#question`, question));
    }
  };

  // What the server gives back takes the place of what stands there.

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

  // Sending: a session that was renewed meanwhile has another token, and what was typed stays.

  const renewToken = async () => {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok || new URL(answer.url).pathname !== location.pathname) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = fresh.querySelector("input[name=csrf]")?.value;
    if (!token) return false;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = token;
    return true;
  };

  const send = async (form, mayRenew = true) => {
    const answer = await fetch(form.action, {
      method: "POST",
      keepalive: true, // who closes the window meanwhile has it saved, too
      headers: { "X-Requested-With": "fetch" },
      body: new URLSearchParams(new FormData(form)),
    });
    if ((answer.status === 401 || answer.status === 403) && mayRenew && (await renewToken())) {
      return send(form, false);
    }
    return answer;
  };

  // One answer: of each case that stands on the page there is one.

  class Answer {
    #timer = 0;
    #saving = null;
    #chooses = false; // somebody has saved another one meanwhile: which holds is to be chosen
    #failed = false;

    constructor(form) {
      this.form = form;
      this.here = form.dataset.here;
      this.draft = new Draft(form);
      form.addEventListener("input", (event) =>
        this.#changed(event.target instanceof HTMLTextAreaElement ? PAUSE : 0),
      );
      form.addEventListener("change", () => this.#later(0));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void this.#submitted();
      });
    }

    get isHereAlone() {
      return this.#failed && this.draft.kept() !== null;
    }

    get isOpen() {
      return !this.form.closest("details") && !this.form.querySelector("input[name=grade]:checked");
    }

    // What is said at the answer.
    #say(text, way) {
      const line = document.createElement("p");
      line.className = "saved saved--not";
      line.textContent = text;
      if (way) line.append(" ", way);
      document.getElementById(`status-${this.here}`).replaceChildren(line);
    }

    // One after the other: the second is based on what the first has saved.
    async save() {
      while (this.#saving) await this.#saving;
      if (!this.draft.kept() || this.#chooses) return !this.#chooses;
      this.#saving = this.#attempt();
      try {
        return await this.#saving;
      } finally {
        this.#saving = null;
      }
    }

    #later(pause) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.save(), pause);
    }

    async #attempt() {
      clearTimeout(this.#timer);
      const sent = this.draft.typed();
      try {
        this.#failed = !(await this.#take(await send(this.form), sent));
      } catch {
        this.#failed = true;
        this.#isOffline();
      }
      return !this.#failed;
    }

    async #take(answer, sent) {
      if (answer.status === 200) {
        this.#chooses = false;
        this.#isSaved(await answer.text(), sent);
        return true;
      }
      if (answer.status === 409 && answer.headers.get("content-type")?.includes("html")) {
        this.#chooses = true;
        swap(await answer.text());
      } else if (answer.status === 401) this.#say(words.over, linkTo("/sign-in", words.signIn, "_blank"));
      else if (answer.status < 500) this.#say(words.refused);
      else this.#isOffline();
      return false;
    }

    #isSaved(text, sent) {
      const typedMeanwhile = !this.draft.isTyped(sent);
      if (!typedMeanwhile) this.draft.forget();
      swap(text);
      if (!typedMeanwhile) return;
      this.draft.keep();
      this.#say(words.notSaved);
      this.#later(PAUSE);
    }

    #isOffline() {
      this.#say(words.offline);
      this.#later(AGAIN);
    }

    #changed(pause) {
      this.draft.keep();
      if (this.#chooses) return;
      this.#say(words.notSaved);
      this.#later(pause);
    }

    async #submitted() {
      this.draft.keep();
      if (!(await this.save())) return;
      if (document.getElementById(`based-on-${this.here}`).dataset.needsComment === "yes") {
        this.form.elements.comment.focus();
      } else {
        goOn(this);
      }
    }

    restore() {
      const kept = this.draft.kept();
      if (!kept) return;
      if (this.draft.isTyped(kept)) {
        this.draft.forget();
        return;
      }
      this.draft.fill(kept);
      this.#say(words.again);
      this.#later(0);
    }

    async takeMine(basedOn) {
      this.form.elements.based_on.value = basedOn;
      this.#chooses = false;
      this.draft.keep();
      if (await this.save()) this.form.querySelector("input:checked")?.focus();
    }

    async confirm(found) {
      for (const radio of this.form.querySelectorAll("input[name=grade]")) {
        radio.checked = radio.value === found.grade.value;
      }
      this.form.elements.comment.value ||= found.comment?.value ?? "";
      this.draft.keep();
      if (await this.save()) goOn(this);
    }

    grade(number) {
      const radio = this.form.querySelectorAll("input[name=grade]")[number - 1];
      if (!radio) return;
      this.form.closest("details")?.setAttribute("open", "");
      radio.focus();
      radio.click();
    }
  }

  const answers = [...document.querySelectorAll("form[data-answer]")].map((form) => new Answer(form));

  const answerAt = (here) => answers.find((one) => one.here === here);

  // Whoever signs has seen what: the signature itself is one key further.
  const goToSigning = () => document.getElementById("ready")?.focus();

  // The other case's answer first, then the next question, then what is to be signed.
  const goOn = (answer) => {
    const other = answers.find((one) => one !== answer && one.isOpen);
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
    answers.find((one) => one.isOpen) ??
    answers[0];

  const saveAll = () => answers.forEach((one) => void one.save());

  page.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-mine]")) {
      event.preventDefault();
      void answerAt(event.target.dataset.mine).takeMine(event.target.elements.based_on.value);
    } else if (event.target.matches("form[data-confirm]")) {
      event.preventDefault();
      void answerAt(event.target.dataset.confirm).confirm(event.target.elements);
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
    answerAt(link.dataset.keep).draft.forget();
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
    if (!answers.some((one) => one.draft.kept())) return;
    event.preventDefault();
    const late = new Promise((done) => setTimeout(done, PAUSE));
    await Promise.race([Promise.all(answers.map((one) => one.save())), late]);
    location.assign(link.href);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!goesOn && answers.some((one) => one.isHereAlone)) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => event.persisted && restoreAll());

  // The keyboard: 1 to 4 grade, b confirms what was found, c is the other case, n is the next question, s leads to what is to be signed, ? to the help.

  const press = {
    b: () => page.querySelector(`form[data-confirm="${current()?.here}"]`)?.requestSubmit(),
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
