// A sum of concepts, or the two ends of an axis, as the paper draws it: exemplars over the picture of their mean.
//
// data: {label, joint: "sum" | "turn", hint, terms: [{place, letter, sign, name, isActive, empty, note,
//        slots: [{number, src, alt}], mean: {src, alt} | null}],
//        result: {title, note, middle, cells: [{src, alt}]} | null, stamp}
// state "events": {events: [{kind: "fill" | "remove" | "flip" | "name", place, value, stamp}]}: what was done since the
// server last answered to all, so that none is lost where it hears of several at once. A stamp grows from event to
// event: the server does each once, and says in its answer what the last one was. An answer to earlier ones, that was on
// its way while a person went on, is not drawn.

const places = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const place = mounted(parentElement)
  place.tell = setStateValue
  if (data.stamp < place.stamp) return
  place.stamp = data.stamp
  place.events = []
  const before = held(place.root)
  place.root.setAttribute("aria-label", data.label)
  const line = element("div", `line ${data.joint}`)
  data.terms.forEach((term, k) => line.append(joint(place, data, term, k), card(place, data, term)))
  if (data.result) line.append(element("div", "joint equals", "="), result(data.result))
  place.isDrawing = true // an element that goes loses the focus, and that is nothing a person did
  place.root.replaceChildren(line)
  place.isDrawing = false
  if (before) hold(place.root, before)
}

function mounted(parent) {
  if (places.has(parent)) return places.get(parent)
  const place = { root: element("div", "equation"), stamp: 0, events: [], isDrawing: false }
  place.root.setAttribute("role", "group")
  place.send = (kind, at, value = "") => {
    place.stamp = Math.max(Date.now(), place.stamp + 1)
    place.events.push({ kind, place: at, value, stamp: place.stamp })
    place.tell("events", { events: [...place.events] })
  }
  parent.append(place.root)
  places.set(parent, place)
  return place
}

// What the keyboard is at, and what was typed there and not sent yet.
function held(root) {
  const focused = root.getRootNode().activeElement
  if (!focused?.dataset?.hold || !root.contains(focused)) return null
  const { value, defaultValue, selectionStart, selectionEnd } = focused
  return {
    name: focused.dataset.hold, typed: value === defaultValue ? null : value, selection: [selectionStart, selectionEnd],
  }
}

function hold(root, { name, typed, selection }) {
  const [kind, at, k] = name.split("-")
  const last = Array.from(root.querySelectorAll(`[data-hold^="${kind}-${at}-"]`)).at(-1)
  const focused = root.querySelector(`[data-hold="${name}"]`) ?? (k === undefined ? null : last)
  focused?.focus({ preventScroll: true })
  if (focused?.tagName !== "INPUT") return
  if (typed !== null) focused.value = typed
  focused.setSelectionRange(...selection)
}

function picture({ src, alt }, className = "") {
  const image = element("img", className)
  image.decoding = "sync"
  image.src = src
  image.alt = alt
  return image
}

function joint(place, data, term, k) {
  if (data.joint === "turn") return element("div", k ? "joint" : "joint none", k ? "\u2192" : "")
  const words = term.sign === "+" ? ["+", "added"] : ["\u2212", "subtracted"]
  const sign = element("button", "joint sign", words[0])
  sign.setAttribute("aria-label", `${term.name} is ${words[1]}; change the sign`)
  sign.title = "Change the sign"
  sign.dataset.hold = `sign-${term.place}`
  sign.addEventListener("click", () => place.send("flip", term.place))
  return sign
}

function card(place, data, term) {
  const whole = element("section", term.isActive ? "card active" : "card")
  whole.setAttribute("aria-label", term.name)
  const head = element("div", "head")
  const letter = element("button", "letter", term.letter)
  letter.setAttribute("aria-pressed", String(term.isActive))
  letter.setAttribute("aria-label", `Fill ${term.letter}, ${term.name}`)
  letter.title = "Clicks on the sheet fill this one"
  letter.dataset.hold = `fill-${term.place}`
  letter.addEventListener("click", () => place.send("fill", term.place))
  const name = element("input", "name")
  name.defaultValue = term.name
  name.maxLength = 60
  name.setAttribute("aria-label", `Name of concept ${term.letter}`)
  name.dataset.hold = `name-${term.place}`
  const rename = () => {
    if (place.isDrawing || name.value === name.defaultValue) return
    name.defaultValue = name.value
    place.send("name", term.place, name.value.trim())
  }
  name.addEventListener("blur", rename) // no "change": of what was carried over from an input before none is told
  name.addEventListener("keydown", (event) => { if (event.key === "Enter") rename() })
  head.append(letter, name)
  whole.append(head, slots(place, term), mean(data, term))
  whole.addEventListener("click", (event) => { // anywhere on the card where nothing else is
    if (!term.isActive && !event.target.closest("button, input")) place.send("fill", term.place)
  })
  return whole
}

function slots(place, term) {
  const row = element("div", "slots")
  row.style.setProperty("--slots", Math.min(4, term.slots.length + term.empty))
  term.slots.forEach((slot, k) => {
    const filled = element("button", "slot")
    filled.setAttribute("aria-label", `${slot.alt}; take it out of ${term.name}`)
    filled.title = `No. ${slot.number}: click to take it out`
    filled.append(picture({ src: slot.src, alt: "" }), element("span", "number", String(slot.number)))
    filled.dataset.hold = `slot-${term.place}-${k}`
    filled.addEventListener("click", () => place.send("remove", term.place, String(slot.number)))
    row.append(filled)
  })
  for (let k = 0; k < term.empty; k += 1) {
    const open = element("button", "slot open", term.isActive && k === 0 ? "+" : "")
    open.setAttribute("aria-label", `Empty slot of ${term.name}; fill it from the sheet`)
    open.dataset.hold = `slot-${term.place}-${term.slots.length + k}`
    open.addEventListener("click", () => place.send("fill", term.place))
    row.append(open)
  }
  return row
}

function mean(data, term) {
  const box = element("figure", "mean")
  if (term.mean) box.append(picture(term.mean))
  else box.append(element("div", "nothing", term.isActive ? data.hint : ""))
  box.append(element("figcaption", "", term.note))
  return box
}

function result({ title, note, middle, cells }) {
  const box = element("section", "result")
  box.setAttribute("aria-label", title)
  const grid = element("div", "grid")
  grid.style.setProperty("--columns", Math.ceil(Math.sqrt(Math.max(1, cells.length))))
  cells.forEach((cell, k) => {
    const isSum = k === middle
    grid.append(cell ? picture(cell, isSum ? "sum" : "") : element("div", isSum ? "blank sum" : "blank"))
  })
  const head = element("div", "head")
  head.append(element("span", "title", title))
  box.append(head, grid, element("p", "note", note))
  return box
}
