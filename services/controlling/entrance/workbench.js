// What every page of the workbench has beside its forms and links; all of it can be done without.
"use strict";

(() => {
  // Who leaves a page with words of their own on it is asked first. A review keeps them by itself.

  const typed = () =>
    [...document.querySelectorAll("form[method=post] :is(textarea, input:not([type=hidden]))")].some(
      (field) => !field.closest("[data-answer]") && field.value !== field.defaultValue,
    );
  let sends = false;
  document.addEventListener("submit", () => {
    sends = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed() && !sends) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    sends = false;
  });

  // Single keys, as the event "single-key". They are set off by chance where somebody speaks to
  // their computer: they can be switched off (WCAG 2.1.4), for this browser.

  const OFF = "review-keys-off";
  const toggle = document.querySelector("[data-keys=switch]");
  if (!toggle) return;
  const areOff = () => localStorage.getItem(OFF) !== null;
  const tell = () => {
    toggle.querySelector(".kern-label").textContent = areOff() ? toggle.dataset.on : toggle.dataset.off;
  };
  tell();
  toggle.addEventListener("click", () => {
    if (areOff()) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
    tell();
  });

  const TYPED_INTO = "textarea, select, input:not([type=radio], [type=checkbox])";
  document.addEventListener("keydown", (event) => {
    if (areOff() || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches(TYPED_INTO)) return;
    const press = new CustomEvent("single-key", { detail: event.key, cancelable: true });
    if (!document.dispatchEvent(press)) event.preventDefault();
  });

  // j and k go through a list.

  const rows = [...document.querySelectorAll("main tbody tr")]
    .map((row) => row.querySelector("a"))
    .filter(Boolean);
  const STEP = { j: 1, k: -1 };
  const hint = document.getElementById("list-keys");
  if (!hint || rows.length === 0) return;
  hint.hidden = false;
  document.addEventListener("single-key", (press) => {
    const step = STEP[press.detail];
    if (!step) return;
    const here = rows.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1);
    rows[next].focus();
    press.preventDefault();
  });
})();
