// allauth's script tells of what failed by an event; here it becomes a sentence on the page.
document.addEventListener("allauth.error", (event) => {
  document.getElementById("key-problem").hidden = false;
  event.preventDefault();
});
