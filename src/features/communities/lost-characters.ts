/** Names that a file stored in a character set too small for them: each lost character stands as `?`. Pure. */

/** Whether two names are the same but for characters that one of them lost. */
export function sameName(left: string, right: string): boolean {
  const a = [...left]
  const b = [...right]
  return a.length === b.length && a.every((character, index) => agree(character, b[index]!))
}

function agree(left: string, right: string): boolean {
  return left === right || left === '?' || right === '?'
}

/** The name that lost nothing, if there is one among the spellings of it. */
export function clearestName(names: readonly [string, ...string[]]): string {
  return names.find((name) => !name.includes('?')) ?? names[0]
}

/** Takes the entry of this key out of the map, or else the first whose key differs in lost characters only. */
export function takeByName<T>(byName: Map<string, T>, name: string): T | null {
  const key = byName.has(name) ? name : [...byName.keys()].find((other) => sameName(name, other))
  if (key === undefined) return null
  const found = byName.get(key)!
  byName.delete(key)
  return found
}
