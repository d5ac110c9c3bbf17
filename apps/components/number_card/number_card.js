// A card of numbers. data: {title, scale, end, bars, tiles, headers, roles, rows, note}

export default function ({ data, parentElement }) {
  let card = parentElement.querySelector(".card")
  if (!card) {
    card = element("section", "card")
    parentElement.append(card)
  }
  const isOpen = card.querySelector("details")?.open ?? false
  card.setAttribute("aria-label", data.title)
  card.replaceChildren(...[bars(data), tiles(data), table(data, isOpen)].filter(Boolean))
  if (data.note) card.append(element("p", "note", data.note))
}

function coloured(node, role) {
  if (role) node.style.setProperty("--role", `var(--${role})`)
  return node
}

function bars({ bars, end, scale }) {
  if (!bars.length) return null
  const list = element("div", "bars")
  list.append(element("div", "scale", scale))
  const share = (value) => `${100 * Math.max(0, value) / end}%`
  for (const { label, value, text, low, high, role } of bars) {
    const bar = element("div", "bar")
    const track = element("div", "track")
    track.style.setProperty("--one", share(1))
    const fill = coloured(element("div", "fill"), role)
    fill.style.width = share(value)
    track.append(fill)
    if (low !== null) {
      const whisker = element("div", "whisker")
      whisker.style.left = share(low)
      whisker.style.width = share(Math.max(0, high) - Math.max(0, low))
      track.append(whisker)
    }
    const written = element("div", "value", text)
    written.style.left = share(Math.max(value, high ?? 0))
    track.append(written)
    bar.append(element("div", "name", label), track)
    list.append(bar)
  }
  return list
}

function tiles({ tiles }) {
  const list = element("dl", "tiles")
  for (const { value, label, detail, role } of tiles) {
    const tile = coloured(element("div", "tile"), role)
    tile.append(element("dd", "large", value), element("dt", "", label))
    if (detail) tile.append(element("dd", "detail", detail))
    list.append(tile)
  }
  return list
}

function table({ headers, roles, rows }, isOpen) {
  if (!rows.length) return null
  const more = element("details", "")
  more.open = isOpen
  const whole = element("table", "")
  const head = element("tr", "")
  head.append(element("th", ""), ...headers.map((text, k) => coloured(element("th", "", text), roles[k])))
  const above = element("thead", "")
  above.append(head)
  const body = element("tbody", "")
  for (const [name, ...cells] of rows) {
    const row = element("tr", "")
    const first = element("th", "", name)
    first.scope = "row"
    row.append(first, ...cells.map((text) => element("td", "", text)))
    body.append(row)
  }
  whole.append(above, body)
  const scroll = element("div", "scroll")
  scroll.append(whole)
  more.append(element("summary", "", "All numbers"), scroll)
  return more
}
