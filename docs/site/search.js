// Searches the headings and texts of all pages and the names of the reference (index.js), as one types.
"use strict";

const query = document.getElementById("query");
const results = document.getElementById("results");
const most = 20;

// How well an entry fits the words: 0 where a word is missing, more for the title than for the text.
function score([title, place, , text], words) {
  const lowTitle = title.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const at = lowTitle.indexOf(word);
    if (lowTitle === word) sum += 100;
    else if (at === 0) sum += 40;
    else if (at > 0) sum += lowTitle[at - 1].match(/\w/) ? 10 : 30;
    else if ((place + " " + text).toLowerCase().includes(word)) sum += 1;
    else return 0;
  }
  return sum - Math.min(title.length, 50) / 100;
}

function search() {
  const words = query.value.toLowerCase().split(/\s+/).filter((word) => word);
  const found = words.length === 0 ? [] : entries
    .map((entry) => [score(entry, words), entry])
    .filter(([points]) => points > 0)
    .sort((a, b) => b[0] - a[0])
    .slice(0, most);
  results.replaceChildren(...found.map(([, [title, place, address]]) => {
    const link = document.createElement("a");
    link.href = prefix + address;
    const small = document.createElement("small");
    small.textContent = place;
    link.append(title, small);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
  if (words.length > 0 && found.length === 0) results.textContent = "Nothing found";
  results.hidden = words.length === 0;
}

query.addEventListener("input", search);
document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  results.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.matches("input, textarea")) {
    event.preventDefault();
    query.focus();
  } else if (event.key === "Escape") {
    query.value = "";
    search();
    query.blur();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const links = [...results.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (links.length === 0 || (at < 0 && document.activeElement !== query)) return;
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (links[next] ?? query).focus();
  }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#search")) results.hidden = true;
});

// On a narrow screen the pages are behind a button.
const menu = document.getElementById("menu");
menu.addEventListener("toggle", () => document.body.classList.toggle("menu-open", menu.open));
