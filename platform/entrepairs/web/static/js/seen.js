// « Seen » is posted by the page one really looks at, never by a mail scanner that opens its address.
const AFTER = 1500;

export function tellSeen() {
  const mark = document.querySelector("[data-seen-url]");
  if (!mark) return;
  let timer;
  const watch = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") timer = setTimeout(tell, AFTER, mark);
  };
  document.addEventListener("visibilitychange", watch);
  watch();
}

async function tell(mark) {
  if (mark.dataset.seenSent) return;
  mark.dataset.seenSent = "yes";
  const body = new URLSearchParams({ csrf_token: mark.dataset.csrf ?? "" });
  try {
    await fetch(mark.dataset.seenUrl, { method: "POST", body, keepalive: true });
  } catch {
    delete mark.dataset.seenSent;
  }
}
