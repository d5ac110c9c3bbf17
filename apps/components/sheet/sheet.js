// A sheet of numbered pictures; where it may be picked from, each is a button.
//
// It is mounted twice, because pictures are heavy and a choice changes often: once with what is on the sheet,
// data: {name, label, pickable, least, most, tiles: [{id, src, caption, alt}]}
// and once, showing nothing, with what is chosen on it,
// data: {of: name, chosen: [id], stamp, slot, prefix, marks: {id: badge}}, where slot is what clicks fill.
// state "chosen": {clicked: [[id, is chosen]], stamp, slot}: what was clicked since the server last answered to all, so
// that two sheets may change one choice. A stamp tells which of two choices is the later one: an answer of the
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
  sheet.chosen = [...choice.chosen]
  sheet.slot = choice.slot ?? ""
  sheet.prefix = choice.prefix ?? ""
  sheet.marks = choice.marks ?? {}
  sheet.clicked.clear()
  mark(sheet)
}

function mounted(parent) {
  if (!sheets.has(parent)) {
    const list = document.createElement("div")
    list.className = "sheet"
    list.setAttribute("role", "group")
    parent.appendChild(list)
    const sheet = { list, tiles: [], chosen: [], clicked: new Map(), stamp: 0, data: null, at: 0,
      slot: "", prefix: "", marks: {} }
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
  sheet.at = Math.min(sheet.at, Math.max(0, data.tiles.length - 1))
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
  const id = sheet.data.tiles[at].id
  const isOne = sheet.data.most === 1 // then a click chooses another, and never none
  let chosen = sheet.chosen.includes(id) ? sheet.chosen.filter((one) => one !== id) : [...sheet.chosen, id]
  if (isOne) {
    chosen = [id]
    sheet.clicked.clear()
  }
  if (chosen.length > sheet.data.most) return
  sheet.chosen = chosen
  sheet.stamp = Date.now()
  mark(sheet)
  sheet.clicked.delete(id) // and to the end, in the order of picking
  sheet.clicked.set(id, chosen.includes(id))
  sheet.send("chosen", { clicked: [...sheet.clicked], stamp: sheet.stamp, slot: sheet.slot })
}

function mark(sheet) {
  sheet.tiles.forEach((tile, k) => {
    const { id } = sheet.data.tiles[k]
    const place = sheet.chosen.indexOf(id)
    const mark = place < 0 ? sheet.marks[id] ?? "" : ""
    tile.classList.toggle("chosen", place >= 0)
    tile.classList.toggle("marked", mark !== "")
    if (tile.tagName === "BUTTON") tile.setAttribute("aria-pressed", String(place >= 0))
    const badge = place < 0 ? mark : sheet.data.most === 1 ? "" : sheet.prefix + (place + 1)
    tile.querySelector(".badge").textContent = badge
  })
}
