// A page that tells what is happening: asks every few seconds, and changes only when something has happened.
const EVERY = 5000;
const SLOWER = 15000;

export function followNews() {
  for (const box of document.querySelectorAll("[data-follow-url]")) wait(box, EVERY);
}

function wait(box, time) {
  setTimeout(ask, time, box);
}

async function ask(box) {
  if (document.visibilityState !== "visible") return wait(box, EVERY);
  try {
    const answer = await fetch(box.dataset.followUrl, { headers: { Accept: "application/json" } });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    const news = await answer.json();
    if (box.dataset.followMark && box.dataset.followMark !== news.mark) box.innerHTML = news.html;
    box.dataset.followMark = news.mark;
    const at = document.querySelector("[data-follow-at]");
    if (at) at.textContent = news.at;
    if (!news.settled) wait(box, EVERY);
  } catch {
    wait(box, SLOWER); // a weak signal is not the end
  }
}
