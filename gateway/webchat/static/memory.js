// Small things the browser keeps for this page. Private browsing may refuse: the page then forgets, and still works.

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch (error) {
    // Forgotten with the page.
  }
}

export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch (error) {
    return null;
  }
}

export function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch (error) {
    // Nothing was remembered.
  }
}
