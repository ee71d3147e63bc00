// Sets the theme before anything is drawn. Ultrasound is read in a dim room, so dark is the first choice.
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? (matchMedia("(prefers-contrast: more)").matches ? "sunlight" : "dark");
