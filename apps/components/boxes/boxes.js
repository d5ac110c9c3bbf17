// Boxes on a picture: drawn, moved and resized with mouse, finger or keyboard.
//
// data: {label, src, alt, width, height, boxes: [[x0, y0, x1, y1]], most, stamp}, boxes in whole pixels of the
// picture, end-exclusive. state "boxes": {boxes, stamp}; a stamp as in the sheet tells the later choice.

const LEAST = 2 // pixels of a side
const CORNERS = [["x0", "y0"], ["x1", "y0"], ["x0", "y1"], ["x1", "y1"]]
const pads = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const pad = mounted(parentElement)
  pad.send = setStateValue
  const isOther = pad.data?.src !== data.src
  pad.data = data
  pad.stage.setAttribute("aria-label", data.label)
  pad.image.src = data.src
  pad.image.alt = data.alt
  pad.stage.style.aspectRatio = `${data.width} / ${data.height}`
  if (isOther || (data.stamp ?? 0) >= pad.stamp) {
    if (isOther) pad.stamp = 0
    if (!pad.drag) pad.boxes = data.boxes.map(([x0, y0, x1, y1]) => ({ x0, y0, x1, y1 }))
  }
  draw(pad)
}

function mounted(parent) {
  if (pads.has(parent)) return pads.get(parent)
  const pad = {
    stage: element("div", "stage"), image: element("img", "picture"), layer: element("div", "layer"),
    list: element("ul", "list"), hint: element("p", "hint"), boxes: [], stamp: 0, drag: null, at: null,
  }
  pad.add = element("button", "add", "Add a box")
  pad.hint.textContent = "Drag on the picture, or add a box and move it with the arrow keys (Shift: its size)."
  pad.stage.setAttribute("role", "group")
  pad.stage.append(pad.image, pad.layer)
  const bar = element("div", "bar")
  bar.append(pad.add, pad.hint)
  parent.append(pad.stage, bar, pad.list)
  pad.add.addEventListener("click", () => add(pad))
  pad.stage.addEventListener("pointerdown", (event) => press(pad, event))
  pad.stage.addEventListener("pointermove", (event) => drag(pad, event))
  pad.stage.addEventListener("pointerup", (event) => release(pad, event, true))
  pad.stage.addEventListener("pointercancel", (event) => release(pad, event, false))
  pad.layer.addEventListener("keydown", (event) => key(pad, event))
  pad.layer.addEventListener("focusin", (event) => { pad.at = index(event.target); shade(pad) })
  pads.set(parent, pad)
  return pad
}

const index = (node) => Number(node.closest("[data-at]")?.dataset.at ?? NaN)
const clamp = (value, least, most) => Math.min(most, Math.max(least, value))

function words(pad, k) {
  const { x0, y0, x1, y1 } = pad.boxes[k]
  return `Box ${k + 1}: x ${x0} to ${x1}, y ${y0} to ${y1}`
}

function draw(pad) {
  const { width, height } = pad.data
  const focused = pad.layer.getRootNode().activeElement?.classList.contains("box") ? pad.at : null
  while (pad.layer.children.length > pad.boxes.length) pad.layer.lastChild.remove()
  while (pad.layer.children.length < pad.boxes.length) {
    const box = element("div", "box")
    box.tabIndex = 0
    box.setAttribute("role", "button")
    box.setAttribute("aria-roledescription", "box; arrow keys move it, Shift and arrows resize it, Delete removes it")
    box.append(element("span", "number"), ...CORNERS.map((_, k) => {
      const corner = element("i", "corner")
      corner.dataset.corner = k
      return corner
    }))
    pad.layer.append(box)
  }
  pad.boxes.forEach(({ x0, y0, x1, y1 }, k) => {
    const box = pad.layer.children[k]
    box.dataset.at = k
    box.setAttribute("aria-label", words(pad, k))
    box.firstChild.textContent = k + 1
    Object.assign(box.style, {
      left: `${100 * x0 / width}%`, top: `${100 * y0 / height}%`,
      width: `${100 * (x1 - x0) / width}%`, height: `${100 * (y1 - y0) / height}%`,
    })
  })
  if (focused !== null && pad.boxes[focused]) pad.layer.children[focused].focus()
  pad.list.replaceChildren(...pad.boxes.map((box, k) => {
    const entry = element("li", "", `${k + 1}: ${box.x0}, ${box.y0} – ${box.x1}, ${box.y1}`)
    const gone = element("button", "gone", "×")
    gone.setAttribute("aria-label", `Delete box ${k + 1}`)
    gone.addEventListener("click", () => remove(pad, k))
    entry.append(gone)
    return entry
  }))
  pad.add.disabled = pad.boxes.length >= pad.data.most
  shade(pad)
}

function shade(pad) {
  Array.from(pad.layer.children).forEach((box, k) => box.classList.toggle("active", k === pad.at))
}

function send(pad) {
  pad.stamp = Date.now()
  pad.send("boxes", { boxes: pad.boxes.map(({ x0, y0, x1, y1 }) => [x0, y0, x1, y1]), stamp: pad.stamp })
}

function place(pad, event) {
  const frame = pad.stage.getBoundingClientRect()
  const { width, height } = pad.data
  return {
    x: clamp(Math.round((event.clientX - frame.left) / frame.width * width), 0, width),
    y: clamp(Math.round((event.clientY - frame.top) / frame.height * height), 0, height),
  }
}

function press(pad, event) {
  if (event.button > 0 || pad.drag) return
  const start = place(pad, event)
  const at = index(event.target)
  const before = pad.boxes.map((box) => ({ ...box }))
  if (event.target.classList.contains("corner")) {
    const corner = CORNERS[Number(event.target.dataset.corner)]
    pad.drag = { kind: "size", at, corner, start, before }
  } else if (at >= 0) {
    pad.drag = { kind: "move", at, start, before }
  } else {
    if (pad.boxes.length >= pad.data.most) return
    pad.boxes.push({ x0: start.x, y0: start.y, x1: start.x, y1: start.y })
    pad.drag = { kind: "draw", at: pad.boxes.length - 1, start, before }
  }
  pad.drag.pointer = event.pointerId // a second finger has no part in it
  pad.at = pad.drag.at
  event.preventDefault()
  pad.stage.setPointerCapture(event.pointerId)
  draw(pad)
}

function drag(pad, event) {
  if (pad.drag?.pointer !== event.pointerId) return
  const { kind, at, start, before, corner } = pad.drag
  const { x, y } = place(pad, event)
  const box = pad.boxes[at]
  if (kind === "move") shift(pad, box, before[at], x - start.x, y - start.y)
  else if (kind === "size") {
    const old = before[at]
    const fixed = { x: corner[0] === "x0" ? old.x1 : old.x0, y: corner[1] === "y0" ? old.y1 : old.y0 }
    span(box, fixed, { x, y })
  } else span(box, start, { x, y })
  draw(pad)
}

function span(box, a, b) {
  Object.assign(box, { x0: Math.min(a.x, b.x), x1: Math.max(a.x, b.x), y0: Math.min(a.y, b.y), y1: Math.max(a.y, b.y) })
}

function shift(pad, box, from, dx, dy) {
  dx = clamp(dx, -from.x0, pad.data.width - from.x1)
  dy = clamp(dy, -from.y0, pad.data.height - from.y1)
  Object.assign(box, { x0: from.x0 + dx, x1: from.x1 + dx, y0: from.y0 + dy, y1: from.y1 + dy })
}

function release(pad, event, isKept) {
  if (pad.drag?.pointer !== event.pointerId) return
  const { at, before } = pad.drag
  const box = pad.boxes[at]
  pad.drag = null
  const isTooSmall = box.x1 - box.x0 < LEAST || box.y1 - box.y0 < LEAST // a click draws nothing
  if (!isKept || isTooSmall) pad.boxes = before
  else if (JSON.stringify(pad.boxes) !== JSON.stringify(before)) send(pad)
  draw(pad)
  pad.layer.children[at]?.focus()
}

function key(pad, event) {
  const at = index(event.target)
  if (!(at >= 0)) return
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
  const { width, height } = pad.data
  const box = pad.boxes[at]
  if (event.key in steps) {
    const [dx, dy] = steps[event.key]
    if (event.shiftKey) {
      box.x1 = clamp(box.x1 + dx, box.x0 + LEAST, width)
      box.y1 = clamp(box.y1 + dy, box.y0 + LEAST, height)
    } else shift(pad, box, { ...box }, dx, dy)
    event.preventDefault()
    draw(pad)
    clearTimeout(pad.later) // a key that is held down is one change
    pad.later = setTimeout(() => send(pad), 250)
    pad.stamp = Date.now()
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault()
    remove(pad, at)
    const next = pad.layer.children[Math.min(at, pad.boxes.length - 1)]
    if (next) next.focus()
    else pad.add.focus()
  }
}

function add(pad) {
  const { width, height, most } = pad.data
  if (pad.boxes.length >= most) return
  const [w, h] = [Math.max(LEAST, Math.round(width / 4)), Math.max(LEAST, Math.round(height / 4))]
  const [x0, y0] = [Math.round((width - w) / 2), Math.round((height - h) / 2)]
  pad.boxes.push({ x0, y0, x1: x0 + w, y1: y0 + h })
  send(pad)
  draw(pad)
  pad.layer.lastChild.focus()
}

function remove(pad, at) {
  pad.boxes.splice(at, 1)
  pad.at = null
  send(pad)
  draw(pad)
}
