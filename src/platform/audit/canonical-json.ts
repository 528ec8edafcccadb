/**
 * RFC 8785 canonical JSON, for values that came out of JSON: keys sorted by UTF-16 code units, numbers and strings
 * as ECMAScript writes them (which is what the RFC prescribes). Packages for it need a newer Node than ours.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`
}

/**
 * The same text, piece by piece: what is as large as a run is never one string.
 * @param depth how many levels of lists and objects are taken apart.
 */
export function* canonicalPieces(value: unknown, depth: number): Generator<string> {
  if (depth === 0 || value === null || typeof value !== 'object') {
    yield canonicalJson(value)
    return
  }
  const isList = Array.isArray(value)
  const names = isList ? value.keys() : namesOf(value)
  let before = isList ? '[' : '{'
  for (const name of names) {
    yield isList ? before : `${before}${JSON.stringify(name)}:`
    yield* canonicalPieces((value as Record<string | number, unknown>)[name], depth - 1)
    before = ','
  }
  yield before === ',' ? (isList ? ']' : '}') : isList ? '[]' : '{}'
}

function namesOf(value: object): string[] {
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name]) => name)
    .sort()
}
