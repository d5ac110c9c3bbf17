// Stands before the script of each component; see component() in apps/components/__init__.py.

function element(name, className = "", text = "") {
  const made = document.createElement(name)
  if (className) made.className = className
  made.textContent = text
  if (name === "button") made.type = "button"
  return made
}

