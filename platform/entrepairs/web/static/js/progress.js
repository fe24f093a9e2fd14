// Follows long work: asks the address of data-progress-url every two seconds until it says finished.
const EVERY = 2000;
const SLOWER = 10000;

export function followProgress() {
  for (const box of document.querySelectorAll("[data-progress-url]")) ask(box);
}

async function ask(box) {
  let wait = EVERY;
  try {
    const answer = await fetch(box.dataset.progressUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const work = await answer.json();
    show(box, work);
    if (work.finished) {
      if (work.reload) window.location.reload();
      return;
    }
  } catch {
    wait = SLOWER; // a weak signal is not the end of the work
  }
  setTimeout(ask, wait, box);
}

function show(box, { done, total, text }) {
  const bar = box.querySelector("[role=progressbar]");
  const percent = total ? Math.floor((100 * done) / total) : 0;
  const before = Number(box.dataset.said ?? -10);
  box.querySelector("[data-progress-bar]").setAttribute("width", String(percent));
  bar.setAttribute("aria-valuenow", String(done));
  bar.setAttribute("aria-valuemax", String(total));
  if (text) bar.setAttribute("aria-valuetext", text);
  const line = box.querySelector("[data-progress-text]");
  // Read aloud each ten percent, written each time.
  line.setAttribute("aria-live", percent - before >= 10 || done === total ? "polite" : "off");
  if (percent - before >= 10) box.dataset.said = String(percent);
  if (text) line.textContent = text;
}
