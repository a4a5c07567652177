// The page: a file is dropped or chosen, and the report shown.

const TERMS = { [PASSED]: "通过", [FAILED]: "未通过", [ABSENT]: "未附" };
const valueOf = (id) => document.getElementById(id).value;

function heading(text, good) {
  const shown = document.createElement("p");
  shown.className = `verdict ${good ? "good" : "bad"}`;
  shown.textContent = text;
  return shown;
}

function tableOf(checks) {
  const table = document.createElement("table");
  for (const check of checks) {
    const row = table.insertRow();
    row.className = check.status;
    for (const text of [check.label, TERMS[check.status], check.detail]) row.insertCell().textContent = text;
  }
  return table;
}

async function checkOnPage(file) {
  const out = document.getElementById("report");
  out.textContent = "正在核验……";
  try {
    const trust = await readTrust(valueOf("roots"), valueOf("trust"), valueOf("policies"));
    const report = await verifyFile(new Uint8Array(await file.arrayBuffer()), trust, Date.now());
    const verdict = report.valid ? "核验通过" : "核验未通过";
    out.replaceChildren(heading(`${verdict}：${file.name}`, report.valid), tableOf(report.checks));
  } catch (error) {
    out.replaceChildren(heading(error instanceof Problem ? error.message : "文件或信任名单无法读取", false));
  }
}

function listen(drop, input) {
  input.addEventListener("change", async () => {
    if (input.files[0]) await checkOnPage(input.files[0]);
    input.value = ""; // so that the same file can be chosen again after a change
  });
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files[0]) checkOnPage(event.dataTransfer.files[0]);
  });
}

listen(document.getElementById("drop"), document.getElementById("file"));
