// The rows of the bill. What a person moves is sent with a number; while the server has not answered that number,
// its older answer changes bars and dollars but never a control: a slider is never set back under a finger.
const boards = new WeakMap();
const REFRESH_MS = 250, LATER_MS = 1500;

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let board = boards.get(parentElement);
  if (!board) {
    board = { seq: data.ack, pending: {}, rows: new Map(), root: document.createElement("div"), timer: 0, asked: "" };
    board.root.className = "board";
    parentElement.appendChild(board.root);
    boards.set(parentElement, board);
  }
  // Until the server has answered a step to another page, whatever a component asks for is asked of the page before,
  // which would undo the step: so nothing is asked for any more.
  board.leave ||= (event) => {
    const link = event.target.closest?.("a[href]");
    if (link && !link.target && !event.ctrlKey && !event.metaKey && !event.shiftKey) clearTimeout(board.timer);
  };
  document.addEventListener("click", board.leave, true);
  Object.assign(board, { setStateValue, setTriggerValue });
  if (data.ack >= board.seq) { board.seq = data.ack; board.pending = {}; }
  board.data = data;
  draw(board, data);
  waits(board);
  clearTimeout(board.timer);
  const token = data.stale || data.later;
  if (token && !Object.keys(board.pending).length) {
    const ask = () => {
      if (board.held) board.timer = setTimeout(ask, REFRESH_MS);
      else board.setStateValue?.("refresh", token);
    };
    board.timer = setTimeout(ask, data.stale ? REFRESH_MS : LATER_MS);
  }
  return () => {
    clearTimeout(board.timer);
    document.removeEventListener("click", board.leave, true);
  };
}

function send(board, name, value) {
  clearTimeout(board.timer);
  board.pending[name] = value;
  board.seq += 1;
  waits(board);
  board.setStateValue("edits", { seq: board.seq, changes: { ...board.pending } });
}

// Whether something a person moved has no answer yet; for whoever drives the page from outside.
function waits(board) {
  board.root.toggleAttribute("data-waits", Object.keys(board.pending).length > 0);
}

function draw(board, data) {
  const lines = [data.head, data.today, ...(data.planned || []), ...data.rows, data.together, data.scenario, data.fold].filter(Boolean);
  const seen = new Set(lines.map((x) => x.id));
  for (const [id, row] of board.rows) if (!seen.has(id)) { row.root.remove(); board.rows.delete(id); }
  let before = null;
  for (const line of lines) {
    const shape = line.kind + (line.input ? line.input.kind : "");
    let row = board.rows.get(line.id);
    if (!row || row.shape !== shape) {
      row?.root.remove();
      row = make(board, line);
      row.shape = shape;
      board.rows.set(line.id, row);
    }
    const wanted = before ? before.nextSibling : board.root.firstChild;
    if (wanted !== row.root) board.root.insertBefore(row.root, wanted);
    before = row.root;
    fill(board, row, line, data);
  }
}

const el = (tag, cls, parent, more = {}) => {
  const made = Object.assign(document.createElement(tag), more);
  if (cls) made.className = cls;
  parent?.appendChild(made);
  return made;
};

function make(board, line) {
  if (line.kind === "fold") {
    const root = el("div", "fold"), text = el("span", "", root), button = el("button", "", root);
    button.onclick = () => board.setTriggerValue("fold", !row.open);
    const row = { root, text, button };
    return row;
  }
  const row = { root: el("div", "line"), id: line.id };
  if (line.kind === "lever") row.root.dataset.lever = line.id;
  const name = el(line.kind === "lever" ? "label" : "div", "name", row.root);
  if (line.kind === "lever") {
    row.on = el("input", "", name, { type: "checkbox" });
    row.on.setAttribute("role", "switch");
    row.on.onchange = () => send(board, `${row.id}.on`, row.on.checked);
  }
  row.title = el("span", "", name);
  if (line.input?.kind === "slider") slider(board, row, line);
  else if (line.input?.kind === "choice") {
    row.select = el("select", "wide slot", row.root);
    row.select.onchange = () => send(board, row.param, row.select.value);
  } else { el("span", "slot", row.root); el("span", "number", row.root); }
  row.lane = el("div", "lane", row.root);
  row.usd = el("span", "usd", row.root);
  for (const part of ["effort", "begin", "dots", "reach"]) row[part] = el("span", part, row.root);
  if (line.kind === "lever") {
    row.open = el("button", "open", row.root, { textContent: "›" });
    row.open.onclick = () => board.setTriggerValue("open", row.id);
    row.lane.onclick = row.open.onclick;
  } else el("span", "", row.root);
  return row;
}

function slider(board, row, line) {
  row.range = el("input", "slot", row.root, { type: "range" });
  const box = el("span", "number", row.root);
  row.number = el("input", "", box, { type: "number" });
  row.unit = el("span", "", box);
  const say = (value) => send(board, row.param, Number(value));
  row.range.onpointerdown = () => {
    board.held = row.param;
    if (!row.line.input.curve) board.setTriggerValue("grab", row.id);
  };
  row.range.oninput = () => { row.number.value = row.range.value; drag(board, row); };
  row.range.onchange = () => { letGo(board, row); say(row.range.value); };
  row.range.onpointerup = row.range.onpointercancel = () => setTimeout(() => letGo(board, row), 0);
  row.number.onchange = () => {
    const value = Math.min(Math.max(Number(row.number.value), Number(row.range.min)), Number(row.range.max));
    row.number.value = row.range.value = value;
    say(value);
  };
}

function fill(board, row, line, data) {
  if (line.kind === "fold") {
    row.open = line.open;
    text(row.text, line.text);
    text(row.button, line.button);
    row.root.style.display = line.text ? "" : "none";
    return;
  }
  row.root.className = `line ${line.kind} ${line.on === false ? "off" : ""} ${line.assumption ? "assumption" : ""}`;
  text(row.title, line.title);
  row.title.title = line.title;
  if (row.on) {
    row.on.setAttribute("aria-label", line.title);
    if (!(`${line.id}.on` in board.pending)) row.on.checked = line.on;
    row.open.setAttribute("aria-label", `Details of ${line.title}`);
  }
  row.line = line;
  if (line.input) input(board, row, line.input);
  if (line.input && board.held === row.param && drag(board, row)) return;
  if (line.legend) legend(row.lane, line.legend); else bars(row.lane, line, data.axis_usd);
  text(row.usd, line.usd);
  row.usd.classList.toggle("stale", Boolean(line.stale));
  row.usd.title = line.help || "";
  for (const part of ["effort", "begin", "reach", "dots"]) text(row[part], line[part] || "");
  row.dots.title = line.confidence ? `Confidence: ${line.confidence}` : "";
  row.dots.toggleAttribute("aria-hidden", false);
  row.reach.title = line.reach_help || "";
}

function input(board, row, wanted) {
  row.param = wanted.param;
  const ours = wanted.param in board.pending || board.held === wanted.param;
  if (wanted.kind === "choice") {
    row.select.setAttribute("aria-label", wanted.label);
    const made = wanted.options.map(([value, words]) => `<${value}|${words}>`).join();
    if (row.made !== made) {
      row.made = made;
      row.select.replaceChildren(...wanted.options.map(([value, words]) => new Option(words, value)));
    }
    if (!ours) row.select.value = String(wanted.value);
    return;
  }
  for (const control of [row.range, row.number])
    for (const name of ["min", "max", "step"]) if (control[name] !== String(wanted[name])) control[name] = wanted[name];
  row.range.setAttribute("aria-label", wanted.label);
  row.range.title = row.number.title = wanted.label;
  row.number.setAttribute("aria-label", `${wanted.label}, number`);
  text(row.unit, wanted.unit);
  if (ours) return;
  row.range.value = wanted.value;
  row.number.value = wanted.value;
  row.range.setAttribute("aria-valuetext", wanted.text);
}

function legend(lane, kinds) {
  if (lane.firstChild) return;
  for (const [cls, words] of kinds) {
    const part = el("span", "", lane);
    el("i", cls, part);
    part.append(words);
  }
}

function bars(lane, line, axis) {
  const share = (usd) => `${Math.max(0, (100 * usd) / axis)}%`;
  while (lane.children.length > line.bars.length) lane.lastChild.remove();
  line.bars.forEach((bar, at) => {
    const mark = lane.children[at] || el("i", "", lane);
    mark.className = bar.cls;
    mark.style.left = share(bar.from);
    mark.style.width = `max(1px, ${share(bar.to - bar.from)})`;
    mark.title = bar.title || "";
  });
}

// While a slider is dragged: the bill from the curve the server sent, between its points in a straight line.
function drag(board, row) {
  const curve = row.line.input.curve, value = Number(row.range.value), { totals } = board.data;
  if (!curve || board.held !== row.param) return false;
  const at = Math.max(curve.findIndex(([x]) => x >= value), 1);
  const [[x0, y0], [x1, y1]] = [curve[at - 1], curve[at]];
  const bill = y0 + (y1 - y0) * Math.min(Math.max((value - x0) / (x1 - x0 || 1), 0), 1);
  const saves = row.line.without_usd - bill, top = row.line.level_usd;
  const cls = saves < 0 ? "bar costs" : row.line.assumption ? "bar assumed" : "bar";
  bars(row.lane, { bars: [{ cls, from: Math.min(top - saves, top), to: Math.max(top - saves, top) }] }, board.data.axis_usd);
  text(row.usd, signed(saves));
  headline(totals, bill + totals.gap);
  return true;
}

function headline(totals, bill) {
  const head = document.querySelector(".headline");
  if (!head) return;
  const [, scenario, saving] = head.querySelectorAll(".value"), track = head.querySelector("i.scenario");
  const less = totals.today - bill, share = ((100 * Math.abs(less)) / totals.today).toFixed(1);
  text(scenario, whole(bill));
  text(saving, `${whole(Math.abs(less))} (${share}% of the bill)`);
  saving.className = `value ${less < 0 ? "costs" : "saves"}`;
  text(saving.previousSibling, less < 0 ? "Extra cost per month" : "Saving per month");
  const from = parseFloat(track.style.left);
  track.style.width = `${Math.min((100 * bill) / Math.max(totals.today, bill), 100) - from}%`;
}

function letGo(board, row) {
  if (board.held !== row.param) return;
  board.held = "";
  if (Number(row.range.value) !== row.line.input.value) return;  // the server's figure is on its way
  draw(board, board.data);
  headline(board.data.totals, board.data.totals.scenario);
}

const whole = (usd) => `$${Math.round(usd).toLocaleString("en-US")}`;
const signed = (usd) => (usd >= 0 ? `−${whole(usd)}` : `+${whole(-usd)}`);

function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
}
