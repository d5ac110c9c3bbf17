// A sheet of numbered pictures; where it may be picked from, each is a button.
//
// It is mounted twice, because pictures are heavy and a choice changes often: once with what is on the sheet,
// data: {name, label, pickable, least, most, tiles: [{id, src, caption, alt}]}
// and once, showing nothing, with what is chosen on it,
// data: {of: name, slots: [{name, prefix, room, chosen: [id]}], active, stamp}, where active is the name of the slot
// that clicks fill; a full one takes none, and the click that fills it makes the next one with room the active one.
// Where there is only one thing to choose, it is the one slot.
// state "chosen": {clicked: [[id, is chosen, slot]], stamp}: what was clicked since the server last answered to all, so
// that two sheets may change one choice. Each click says itself which slot it was meant for, so that clicks faster than
// the server fill the same slots as slow ones. A stamp tells which of two choices is the later one: an answer of the
// server that was on its way while a person clicked on does not take the click back.

export default function ({ data, parentElement, setStateValue }) {
  if (data.of) return choose(data)
  const sheet = mounted(parentElement)
  sheet.send = setStateValue
  if (sheet.data?.pickable !== data.pickable || !sameTiles(sheet.data?.tiles, data.tiles)) draw(sheet, data)
  sheet.data = data
  sheet.list.setAttribute("aria-label", data.label)
  sheet.list.style.setProperty("--least", `${data.least}px`)
  byName.set(data.name, sheet)
  if (choices.has(data.name)) choose(choices.get(data.name))
  mark(sheet)
}

const sheets = new WeakMap()
const byName = new Map()
const choices = new Map()

function choose(choice) {
  choices.set(choice.of, choice)
  const sheet = byName.get(choice.of)
  if (!sheet || (choice.stamp ?? 0) < sheet.stamp) return
  sheet.slots = choice.slots.map((slot) => ({ ...slot, chosen: [...slot.chosen] }))
  sheet.active = choice.active
  sheet.clicked.clear()
  mark(sheet)
}

function mounted(parent) {
  if (!sheets.has(parent)) {
    const list = document.createElement("div")
    list.className = "sheet"
    list.setAttribute("role", "group")
    parent.appendChild(list)
    const sheet = { list, tiles: [], slots: [], active: "", clicked: new Map(), stamp: 0, data: null, at: 0 }
    list.addEventListener("click", (event) => {
      const at = sheet.tiles.indexOf(event.target.closest("button"))
      if (at >= 0) toggle(sheet, at)
    })
    list.addEventListener("keydown", (event) => move(sheet, event))
    list.addEventListener("focusin", (event) => {
      const at = sheet.tiles.indexOf(event.target.closest("button"))
      if (at >= 0) sheet.at = at
      roam(sheet)
    })
    sheets.set(parent, sheet)
  }
  return sheets.get(parent)
}

function sameTiles(a, b) {
  return a?.length === b.length && b.every((tile, k) => tile.id === a[k].id && tile.src === a[k].src
    && tile.caption.join() === a[k].caption.join() && tile.alt === a[k].alt)
}

function draw(sheet, data) {
  const focused = sheet.tiles.indexOf(sheet.list.getRootNode().activeElement)
  const same = data.tiles.findIndex(({ id }) => id === sheet.tiles[focused]?.dataset.id)
  sheet.at = same >= 0 ? same : Math.min(sheet.at, Math.max(0, data.tiles.length - 1))
  sheet.tiles = data.tiles.map((tile) => {
    const cell = document.createElement(data.pickable ? "button" : "div")
    if (data.pickable) cell.type = "button"
    cell.className = "tile"
    cell.dataset.id = tile.id
    const image = document.createElement("img")
    image.src = tile.src
    image.alt = tile.alt
    const caption = document.createElement("span")
    caption.className = "caption"
    caption.setAttribute("aria-hidden", "true") // the picture's own text says it, too
    for (const part of tile.caption) {
      const word = document.createElement("span")
      word.textContent = part
      caption.appendChild(word)
    }
    const badge = document.createElement("span")
    badge.className = "badge"
    badge.setAttribute("aria-hidden", "true")
    cell.append(image, badge, caption)
    return cell
  })
  sheet.list.replaceChildren(...sheet.tiles)
  roam(sheet)
  if (focused >= 0) sheet.tiles[sheet.at]?.focus({ preventScroll: true }) // that tile, or what took its place
}

// One stop of the Tab key for the whole sheet; the arrow keys go from picture to picture.
function roam(sheet) {
  sheet.tiles.forEach((tile, k) => { if (tile.tagName === "BUTTON") tile.tabIndex = k === sheet.at ? 0 : -1 })
}

function columns(sheet) {
  const top = sheet.tiles[0]?.offsetTop
  const next = sheet.tiles.findIndex((tile) => tile.offsetTop !== top)
  return next < 0 ? sheet.tiles.length : next
}

function move(sheet, event) {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(sheet), ArrowDown: columns(sheet) }
  const last = sheet.tiles.length - 1
  let to = event.key in steps ? sheet.at + steps[event.key] : null
  if (event.key === "Home") to = 0
  if (event.key === "End") to = last
  if (to === null) return
  event.preventDefault()
  if (to >= 0 && to <= last) sheet.tiles[to].focus()
}

function toggle(sheet, at) {
  const { id } = sheet.data.tiles[at]
  const slot = activeSlot(sheet)
  if (!slot) return
  const isOne = sheet.data.most === 1 // then a click chooses another, and never none
  const isIn = isOne || !slot.chosen.includes(id)
  if (isOne) {
    slot.chosen = []
    sheet.clicked.clear()
  }
  if (isIn && slot.chosen.length >= slot.room) return
  slot.chosen = isIn ? [...slot.chosen, id] : slot.chosen.filter((one) => one !== id)
  if (isIn && slot.chosen.length === slot.room) sheet.active = next(sheet.slots, slot)
  sheet.stamp = Math.max(Date.now(), sheet.stamp + 1)
  mark(sheet)
  const click = `${slot.name} ${id}`
  sheet.clicked.delete(click) // and to the end, in the order of picking
  sheet.clicked.set(click, [id, isIn, slot.name])
  sheet.send("chosen", { clicked: [...sheet.clicked.values()], stamp: sheet.stamp })
}

const activeSlot = (sheet) => sheet.slots.find(({ name }) => name === sheet.active)

// The next slot with room, or the same where there is none; as `Draft.next_place` has it.
function next(slots, slot) {
  const at = slots.indexOf(slot)
  const open = [...slots.slice(at), ...slots.slice(0, at)].find(({ room, chosen }) => chosen.length < room)
  return (open ?? slot).name
}

function mark(sheet) {
  const active = activeSlot(sheet)
  sheet.tiles.forEach((tile, k) => {
    const { id } = sheet.data.tiles[k]
    const place = active ? active.chosen.indexOf(id) : -1
    const others = sheet.slots.filter((slot) => slot !== active && slot.chosen.includes(id))
    const isMarked = place < 0 && others.length > 0
    tile.classList.toggle("chosen", place >= 0)
    tile.classList.toggle("marked", isMarked)
    if (tile.tagName === "BUTTON") tile.setAttribute("aria-pressed", String(place >= 0))
    const badge = place < 0 || sheet.data.most === 1 ? "" : active.prefix + (place + 1)
    tile.querySelector(".badge").textContent = isMarked ? others.map(({ prefix }) => prefix).join("") : badge
  })
}
